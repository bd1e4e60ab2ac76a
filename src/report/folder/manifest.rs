//! `manifest.json`: who made the folder, when it is told apart from others, and what its files were.
use std::fmt::Write as _;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::summary::Summary;
use super::{FolderError, Provenance};

/// Name of the file that is written last: a folder with it is whole.
pub(super) const NAME: &str = "manifest.json";

/// What stands in `manifest.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Manifest {
    /// Version of the crate that ran.
    pub engine_version: String,
    /// Version of the random streams.
    pub stream_version: u32,
    /// SHA-256 of the checked scenario and its data.
    pub hash: String,
    /// Revision of the source, where it is known.
    pub git: Option<String>,
    /// Seed of every draw.
    pub seed: u64,
    /// Paths the scenario asked for.
    pub paths_asked: u64,
    /// Paths simulated.
    pub paths_done: u64,
    /// Seconds from start to end.
    pub wall_time_seconds: f64,
    /// Worker threads.
    pub threads: usize,
    /// All other files.
    pub files: Vec<FileRecord>,
}

/// One file of the folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FileRecord {
    /// Path inside the folder, with `/`.
    pub path: String,
    /// Length in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl FileRecord {
    /// The record of a file with these contents.
    pub(super) fn of(path: &str, contents: &[u8]) -> Self {
        Self { path: path.into(), bytes: contents.len() as u64, sha256: sha256(contents) }
    }
}

impl Manifest {
    pub(super) fn of(summary: &Summary, provenance: &Provenance, files: Vec<FileRecord>) -> Self {
        Self {
            engine_version: summary.engine_version.clone(),
            stream_version: summary.stream_version,
            hash: summary.scenario.hash.clone(),
            git: provenance.git.clone(),
            seed: summary.scenario.seed,
            paths_asked: provenance.paths_asked,
            paths_done: summary.scenario.paths,
            wall_time_seconds: provenance.wall_seconds,
            threads: provenance.threads,
            files,
        }
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(contents: &[u8]) -> String {
    Sha256::digest(contents).iter().fold(String::with_capacity(64), |mut text, byte| {
        // writing to a string cannot fail
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Readable JSON with a final newline.
pub(super) fn json<T: Serialize>(name: &str, value: &T) -> Result<Vec<u8>, FolderError> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| FolderError::Content { path: PathBuf::from(name), reason: error.to_string() })?;
    bytes.push(b'\n');
    Ok(bytes)
}
