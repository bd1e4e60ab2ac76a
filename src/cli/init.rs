//! `init`: writes a commented starter scenario.
use std::fs::OpenOptions;
use std::io::Write as _;

use anyhow::Context as _;

use super::Exit;
use super::args::Init;
use super::terminal::Terminal;
use crate::scenario::starter;

/// Writes the starter; an existing file stays unless it may be replaced.
pub(super) fn init(options: &Init, terminal: &Terminal) -> anyhow::Result<Exit> {
    let file = &options.file;
    let mut how = OpenOptions::new();
    how.write(true);
    if options.force {
        how.create(true).truncate(true);
    } else {
        how.create_new(true);
    }
    let mut open = match how.open(file) {
        Ok(open) => open,
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            terminal.fault(&format!("`{}` exists: name another file, or overwrite it with --force", file.display()));
            return Ok(Exit::Usage);
        }
        Err(error) => return Err(error).with_context(|| format!("failed to write `{}`", file.display())),
    };
    open.write_all(starter().as_bytes()).with_context(|| format!("failed to write `{}`", file.display()))?;
    terminal.result(&format!("wrote {}\n", file.display()))?;
    terminal.say(&format!("next: driftband run {}", file.display()));
    Ok(Exit::Ok)
}
