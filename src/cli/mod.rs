//! The command line: arguments in, exit code out. Results go to stdout, talk goes to stderr.
use std::process::ExitCode;

use clap::Parser;

mod advice;
mod args;
mod attribution;
mod calibrate;
mod case;
mod check;
mod compare;
pub mod diagnostics;
mod init;
mod looks;
mod manual;
mod merge;
mod precise;
mod progress;
mod replay;
mod report;
mod run;
mod search;
mod simulate;
mod study;
mod terminal;
mod validate;

use args::{Args, Command, SchemaOf};
use terminal::Terminal;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Exit {
    /// All is well.
    Ok = 0,
    /// I/O, or a bug.
    Failure = 1,
    /// The command line or the scenario is wrong.
    Usage = 2,
    /// A threshold of `[limits]` is breached.
    Limit = 3,
    /// The errors of `run.precision` are not met.
    Precision = 4,
    /// Stopped by the user.
    Interrupted = 130,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

/// Runs the command line of this process.
pub fn main() -> ExitCode {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            let error = advice::advised(error);
            // help and version are results: a closed stdout is no error
            let _ = error.print();
            return if error.use_stderr() { Exit::Usage.into() } else { Exit::Ok.into() };
        }
    };
    let terminal = Terminal::new(&args.global);
    match obey(&args.command, &terminal) {
        Ok(exit) => exit.into(),
        Err(error) => {
            terminal.fault(&format!("{error:#}"));
            Exit::Failure.into()
        }
    }
}

fn obey(command: &Command, terminal: &Terminal) -> anyhow::Result<Exit> {
    match command {
        Command::Init(options) => init::init(options, terminal),
        Command::Check(options) => check::check(options, terminal),
        Command::Run(options) => run::run(options, terminal),
        Command::Merge(options) => merge::merge(options, terminal),
        Command::Replay(options) => replay::replay(options, terminal),
        Command::Sweep(options) => study::sweep(options, terminal),
        Command::Stress(options) => study::stress(options, terminal),
        Command::Tune(options) => search::tune(options, terminal),
        Command::Breakeven(options) => search::breakeven(options, terminal),
        Command::Report(options) => report::report(options, terminal),
        Command::Compare(options) => compare::compare(options, terminal),
        Command::Calibrate(options) => calibrate::calibrate(options, terminal),
        Command::Validate(options) => validate::validate(options, terminal),
        Command::Schema(options) => {
            let schema = match options.of {
                SchemaOf::Scenario => crate::scenario::schema(),
                SchemaOf::Summary => crate::report::summary::schema(),
            };
            terminal.result(&format!("{schema:#}\n")).map(|()| Exit::Ok)
        }
        Command::Completions(options) => {
            terminal.result(&manual::completions(options.shell)).map(|()| Exit::Ok)
        }
        Command::Man(options) => manual::man(options, terminal),
    }
}
