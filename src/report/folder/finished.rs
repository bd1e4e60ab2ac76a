//! Recognises a finished run, so that it is not made again.
use std::fs::{self, File};
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::super::summary::{SCHEMA, Summary};
use super::manifest::{FileRecord, Manifest, NAME, sha256};
use super::state::{Header, STATE, StateReader};
use super::{FolderError, staging};

/// The summary of the finished run in `dir`, where it has this hash and engine version.
///
/// Its `breaches` are the state the run exited with. `None` where no run stands there, another one does, or a file
/// of it is missing.
///
/// # Errors
///
/// Where the folder claims to be this run but its summary is not as it was written.
pub fn finished(dir: &Path, hash: &str, engine_version: &str) -> Result<Option<Summary>, FolderError> {
    staging::recover(dir)?;
    let Some(bytes) = read(&dir.join(NAME))? else { return Ok(None) };
    let manifest: Manifest = parse(&dir.join(NAME), &bytes)?;
    if manifest.hash != hash || manifest.engine_version != engine_version || manifest.shard.is_some() {
        return Ok(None);
    }
    let summary = summary_in(dir, &manifest)?;
    // a picture that somebody removed is made again; one that somebody edited is theirs; the state may go, to save room
    let needed = manifest.files.iter().filter(|file| file.path != STATE);
    if needed.into_iter().any(|file| !dir.join(&file.path).is_file()) {
        return Ok(None);
    }
    Ok((summary.schema == SCHEMA).then_some(summary))
}

/// The summary that the manifest of `dir` tells of, as it was written.
pub(super) fn summary_in(dir: &Path, manifest: &Manifest) -> Result<Summary, FolderError> {
    let path = dir.join("summary.json");
    let recorded = manifest.files.iter().find(|file| file.path == "summary.json");
    let (Some(recorded), Some(bytes)) = (recorded, read(&path)?) else {
        return Err(damaged(&path, "it is missing"));
    };
    if recorded.sha256 != sha256(&bytes) {
        return Err(damaged(&path, "it has changed since it was written"));
    }
    parse(&path, &bytes)
}

/// Whether the finished shard of this header stands in `dir`, its state as it was written.
///
/// # Errors
///
/// Where the folder claims to be this shard but its state is not as it was written.
pub fn finished_shard(dir: &Path, header: &Header) -> Result<bool, FolderError> {
    staging::recover(dir)?;
    let Some(bytes) = read(&dir.join(NAME))? else { return Ok(false) };
    let manifest: Manifest = parse(&dir.join(NAME), &bytes)?;
    let path = dir.join(STATE);
    if manifest.hash != header.hash || manifest.shard != Some(header.shard.to_string()) || !path.is_file() {
        return Ok(false);
    }
    let failed = |source| FolderError::Io { action: "read", path: path.clone(), source };
    let found = FileRecord::read(STATE, File::open(&path).map_err(failed)?).map_err(failed)?;
    if !manifest.files.contains(&found) {
        return Err(damaged(&path, "it has changed since it was written"));
    }
    Ok(StateReader::open(&path)?.header() == header)
}

/// What the manifest in `dir` says, where there is one.
///
/// # Errors
///
/// Where it cannot be read.
pub fn manifest_in(dir: &Path) -> Result<Option<Manifest>, FolderError> {
    match read(&dir.join(NAME))? {
        Some(bytes) => parse(&dir.join(NAME), &bytes).map(Some),
        None => Ok(None),
    }
}

fn read(path: &Path) -> Result<Option<Vec<u8>>, FolderError> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(None)
        }
        Err(source) => Err(FolderError::Io { action: "read", path: path.to_owned(), source }),
    }
}

fn parse<T: DeserializeOwned>(path: &Path, bytes: &[u8]) -> Result<T, FolderError> {
    serde_json::from_slice(bytes).map_err(|error| damaged(path, error.to_string()))
}

fn damaged(path: &Path, reason: impl Into<String>) -> FolderError {
    FolderError::Damaged { path: path.to_owned(), reason: reason.into() }
}
