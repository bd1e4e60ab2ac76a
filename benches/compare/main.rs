//! The engine against other programs and against itself: medians and ratios as a table and as JSON.
//!
//! `cargo bench --bench compare -- --help`; how to read it: `docs/performance.md`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
use std::process::ExitCode;

#[path = "../clock/mod.rs"]
mod clock;
mod external;
#[path = "../jobs/mod.rs"]
mod jobs;
mod json;
mod machine;
mod naive;
mod options;
mod ratios;
mod rounds;
mod rows;
mod table;

fn main() -> ExitCode {
    if std::env::args().any(|argument| argument == "--help" || argument == "-h") {
        print!("{}", options::HELP);
        return ExitCode::SUCCESS;
    }
    match options::Options::read(std::env::args().skip(1)).and_then(|options| compare(&options)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(fault) => {
            eprintln!("{fault}");
            ExitCode::from(2)
        }
    }
}

fn compare(options: &options::Options) -> Result<(), String> {
    let mut machine = machine::Machine::look();
    let rows = rounds::measure(rows::programs(options), &machine, options);
    machine.load_after = machine::load();
    let ratios = ratios::ratios(&rows);

    let json = json::json(&machine, &rows, &ratios, options.rounds);
    match &options.json {
        Some(path) if path.as_os_str() == "-" => {
            println!("{json:#}");
            return Ok(());
        }
        Some(path) => {
            let text = format!("{json:#}\n");
            std::fs::write(path, text)
                .map_err(|fault| format!("failed to write {}: {fault}", path.display()))?;
        }
        None => {}
    }
    print!("{}", table::table(&machine, &rows, &ratios, options.rounds));
    Ok(())
}
