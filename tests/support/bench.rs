//! A folder with a scenario `s.toml`, in which the program is called; it goes away at the end.
use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

#[path = "program.rs"]
mod program;

pub(crate) struct Bench {
    dir: TempDir,
}

impl Bench {
    pub(crate) fn new(text: &str) -> Self {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("s.toml"), text).unwrap();
        Self { dir }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn command(&self, words: &[&str]) -> Command {
        program::driftband(self.dir.path(), words)
    }

    pub(crate) fn run(&self, words: &[&str]) -> Output {
        self.command(words).output().unwrap()
    }
}
