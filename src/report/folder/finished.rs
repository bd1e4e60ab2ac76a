//! Recognises a finished run, so that it is not made again.
use std::fs;
use std::io;
use std::path::Path;

use serde::de::DeserializeOwned;

use super::super::summary::{SCHEMA, Summary};
use super::manifest::{Manifest, NAME, sha256};
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
    if manifest.hash != hash || manifest.engine_version != engine_version {
        return Ok(None);
    }
    let path = dir.join("summary.json");
    let recorded = manifest.files.iter().find(|file| file.path == "summary.json");
    let (Some(recorded), Some(bytes)) = (recorded, read(&path)?) else {
        return Err(damaged(&path, "it is missing"));
    };
    if recorded.sha256 != sha256(&bytes) {
        return Err(damaged(&path, "it has changed since it was written"));
    }
    // a picture that somebody removed is made again; one that somebody edited is theirs
    if manifest.files.iter().any(|file| !dir.join(&file.path).is_file()) {
        return Ok(None);
    }
    let summary: Summary = parse(&path, &bytes)?;
    Ok((summary.schema == SCHEMA).then_some(summary))
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
