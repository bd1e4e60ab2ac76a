//! Where words go: results to stdout, talk to stderr.
use std::io::{self, IsTerminal, Write};

use anyhow::Context as _;

use super::args::{Color, Format, Global};
use super::diagnostics::Ink;
use crate::report::folder::FolderError;

/// A fault of a folder as the command says it: one sentence, the system's words once.
#[expect(clippy::needless_pass_by_value, reason = "it ends a `map_err`")]
pub(super) fn failed(fault: FolderError) -> anyhow::Error {
    anyhow::anyhow!("failed to {fault}")
}

/// The two streams and how they are used.
#[derive(Debug)]
pub(super) struct Terminal {
    quiet: u8,
    /// Colours on stderr.
    pub(super) ink: Ink,
    /// Form of the results.
    pub(super) format: Format,
}

impl Terminal {
    pub(super) fn new(global: &Global) -> Self {
        let asked = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
        let color = match global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => asked && io::stderr().is_terminal(),
        };
        Self { quiet: global.quiet, ink: if color { Ink::Color } else { Ink::Plain }, format: global.format }
    }

    /// Prints a result; a closed stdout is not an error.
    #[expect(clippy::unused_self, reason = "all words go through the terminal")]
    pub(super) fn result(&self, text: &str) -> anyhow::Result<()> {
        let mut out = io::stdout().lock();
        match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(error).context("failed to write to stdout")
            }
            _ => Ok(()),
        }
    }

    /// Says something that is no result.
    pub(super) fn say(&self, text: &str) {
        if self.quiet < 2 {
            let _ = writeln!(io::stderr(), "{}", text.trim_end());
        }
    }

    /// Says which of several runs comes next; part of the progress.
    pub(super) fn step(&self, text: &str) {
        if self.shows_progress() {
            self.say(text);
        }
    }

    /// Says why the command failed.
    pub(super) fn fault(&self, text: &str) {
        let (start, end) = if self.ink == Ink::Color { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
        let _ = writeln!(io::stderr(), "{start}error{end}: {}", text.trim_end());
    }

    /// Prints faults that are already worded; never silenced.
    #[expect(clippy::unused_self, reason = "all words go through the terminal")]
    pub(super) fn explain(&self, text: &str) {
        let _ = writeln!(io::stderr(), "{}", text.trim_end());
    }

    /// Whether progress is shown.
    pub(super) fn shows_progress(&self) -> bool {
        self.quiet == 0
    }
}
