//! Real prices: reading CSV files, cutting them into windows and blocks.
use std::collections::BTreeMap;

use sha2::{Digest, Sha256};

use super::source::Files;

mod blocks;
mod csv;
mod windows;

pub(super) use blocks::blocks;
pub(super) use csv::{CsvFault, Prices, read};
pub(crate) use windows::instant;
pub(super) use windows::{Window, windows};

/// The data files of one scenario, each read once.
pub(super) struct Data<'a> {
    files: &'a dyn Files,
    bytes: BTreeMap<String, Result<Vec<u8>, String>>,
    read: Vec<(String, String)>,
}

impl<'a> Data<'a> {
    pub(super) fn new(files: &'a dyn Files) -> Self {
        Self { files, bytes: BTreeMap::new(), read: Vec::new() }
    }

    /// The bytes of a file.
    pub(super) fn bytes(&mut self, path: &str) -> Result<&[u8], String> {
        if !self.bytes.contains_key(path) {
            let bytes = self.files.read(path);
            if let Ok(bytes) = &bytes {
                self.read.push((path.to_owned(), sha256(bytes)));
            }
            self.bytes.insert(path.to_owned(), bytes);
        }
        match self.bytes.get(path) {
            Some(Ok(bytes)) => Ok(bytes),
            Some(Err(why)) => Err(why.clone()),
            None => Err(format!("cannot read `{path}`")),
        }
    }

    /// Path and SHA-256 of every file read, in order of first use.
    pub(super) fn into_read(self) -> Vec<(String, String)> {
        self.read
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    Sha256::digest(bytes).iter().fold(String::with_capacity(64), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
