//! The program as a user calls it.
use std::path::Path;
use std::process::{Command, Stdio};

/// The program with these words in a folder: nothing on stdin, both outputs held.
pub(crate) fn driftband(dir: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftband"));
    command.args(words).current_dir(dir).env_remove("NO_COLOR").stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}
