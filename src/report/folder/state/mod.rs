//! `state.bin`: the chunks of a run or of a shard, exact to the bit, each under its own checksum.
//!
//! | bytes | what |
//! |---|---|
//! | 9 | `driftband` |
//! | 4 | version of this format, little-endian |
//! | one record | the [`Header`] |
//! | a record a chunk | in ascending order |
//!
//! A record is the length of its payload (8 bytes, little-endian), the SHA-256 of the payload, and the payload.
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::engine::Shard;
use crate::scenario::Scenario;

use super::super::summary::{ENGINE_VERSION, STREAM_VERSION};
use super::FolderError;

mod read;
mod write;

pub use read::StateReader;
pub(super) use read::{Next, StateFault};
pub(super) use write::{put_header, put_record};

/// Name of the file.
pub const STATE: &str = "state.bin";
/// Largest state that a finished folder keeps unasked.
pub const MOST_STATE: u64 = 256 << 20;

const MAGIC: &[u8; 9] = b"driftband";
/// Version of the format; a file of another one is refused.
const FORMAT: u32 = 6;
/// Bytes before the payload of a record: length and checksum.
const FRAME: u64 = 8 + 32;
/// Longest header.
const MOST_HEADER: u64 = 1 << 16;

/// Whose chunks a state holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Header {
    /// Version of the crate that ran.
    pub engine_version: String,
    /// Version of the random streams.
    pub stream_version: u32,
    /// SHA-256 of the checked scenario and its data, in hexadecimal.
    pub hash: String,
    /// Seed of every draw.
    pub seed: u64,
    /// Paths of the whole run.
    pub n_paths: u64,
    /// Which of its chunks belong here; 1/1 is all of them.
    pub shard: Shard,
    /// Whether figures by path are kept.
    pub by_path: bool,
}

impl Header {
    /// The header of a run of this engine.
    pub fn of(scenario: &Scenario, hash: &str, shard: Shard, by_path: bool) -> Self {
        Self {
            engine_version: ENGINE_VERSION.into(),
            stream_version: STREAM_VERSION,
            hash: hash.into(),
            seed: scenario.run.seed,
            n_paths: scenario.run.paths,
            shard,
            by_path,
        }
    }

    /// The chunks that a whole state holds, in order.
    pub fn chunks(&self) -> impl Iterator<Item = u64> + use<> {
        self.shard.chunks(self.n_paths)
    }

    /// Their number.
    pub fn n_chunks(&self) -> u64 {
        self.shard.n_chunks(self.n_paths)
    }

    /// How the run of this header is not that of `wanted`, the shard aside: "it is …".
    pub fn difference(&self, wanted: &Self) -> Option<String> {
        let short = |hash: &str| hash.chars().take(8).collect::<String>();
        let paths = |by_path: bool| if by_path { "with" } else { "without" };
        if self.engine_version != wanted.engine_version {
            Some(format!("it is of driftband {}, not {}", self.engine_version, wanted.engine_version))
        } else if self.stream_version != wanted.stream_version {
            Some(format!("its stream version is {}, not {}", self.stream_version, wanted.stream_version))
        } else if self.seed != wanted.seed {
            Some(format!("its seed is {}, not {}", self.seed, wanted.seed))
        } else if self.n_paths != wanted.n_paths {
            Some(format!("it is of {} paths, not {}", self.n_paths, wanted.n_paths))
        } else if self.hash != wanted.hash {
            let (own, other) = (short(&self.hash), short(&wanted.hash));
            Some(format!("it is of another scenario (hash {own}…, not {other}…)"))
        } else if self.by_path != wanted.by_path {
            let (own, other) = (paths(self.by_path), paths(wanted.by_path));
            Some(format!("it was run {own} --paths-out, not {other}"))
        } else {
            None
        }
    }
}

/// An error that names the file and what is wrong in it.
fn wrong(path: &Path, what: impl Into<String>) -> FolderError {
    FolderError::State { path: PathBuf::from(path), what: what.into() }
}
