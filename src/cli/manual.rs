//! `completions` and `man`: what shells and manuals are told of the command line.
use std::fs;

use anyhow::Context as _;
use clap::CommandFactory as _;
use clap_complete::Shell;

use super::Exit;
use super::args::{Args, Man};
use super::terminal::Terminal;

/// The completion script of a shell.
pub(super) fn completions(shell: Shell) -> String {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Args::command(), "driftband", &mut script);
    String::from_utf8_lossy(&script).into_owned()
}

/// The manual: `driftband(1)` on stdout, or a page for every command in a folder.
pub(super) fn man(options: &Man, terminal: &Terminal) -> anyhow::Result<Exit> {
    let Some(dir) = &options.dir else {
        let mut page = Vec::new();
        clap_mangen::Man::new(Args::command()).render(&mut page).context("failed to write the manual")?;
        terminal.result(&String::from_utf8_lossy(&page))?;
        return Ok(Exit::Ok);
    };
    let failed = || format!("failed to write the manual to `{}`", dir.display());
    fs::create_dir_all(dir).with_context(failed)?;
    clap_mangen::generate_to(Args::command(), dir).with_context(failed)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}
