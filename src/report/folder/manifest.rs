//! `manifest.json`: who made the folder, when it is told apart from others, and what its files were.
use std::fmt::Write as _;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::super::summary::Summary;
use super::state::Header;
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
    /// Which shard of the run stands here, `2/7`; none for a whole run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<String>,
    /// The scenario file of a shard, beside which its data lies.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario_file: Option<String>,
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

    /// The record of a file that is read to its end, without holding it in memory.
    pub(super) fn read(path: &str, mut file: impl Read) -> io::Result<Self> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; 1 << 16];
        let mut bytes = 0;
        loop {
            match file.read(&mut buffer) {
                Ok(0) => return Ok(Self { path: path.into(), bytes, sha256: hex(&hasher.finalize()) }),
                Ok(n) => {
                    hasher.update(&buffer[..n]);
                    bytes += n as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
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
            shard: None,
            scenario_file: None,
            files,
        }
    }

    pub(super) fn of_shard(
        header: &Header,
        provenance: &Provenance,
        scenario_file: &Path,
        files: Vec<FileRecord>,
    ) -> Self {
        Self {
            engine_version: header.engine_version.clone(),
            stream_version: header.stream_version,
            hash: header.hash.clone(),
            git: provenance.git.clone(),
            seed: header.seed,
            paths_asked: provenance.paths_asked,
            paths_done: header.shard.n_paths(header.n_paths),
            wall_time_seconds: provenance.wall_seconds,
            threads: provenance.threads,
            shard: Some(header.shard.to_string()),
            scenario_file: Some(scenario_file.display().to_string()),
            files,
        }
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn sha256(contents: &[u8]) -> String {
    hex(&Sha256::digest(contents))
}

pub(super) fn hex(digest: &[u8]) -> String {
    digest.iter().fold(String::with_capacity(64), |mut text, byte| {
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
