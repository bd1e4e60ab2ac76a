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
/// Its `breaches` are the state the run exited with. `None` where no run stands there or another one does.
///
/// # Errors
///
/// Where the folder claims to be this run but is damaged: a file is missing, or the summary is not as written.
pub fn finished(dir: &Path, hash: &str, engine_version: &str) -> Result<Option<Summary>, FolderError> {
    staging::recover(dir)?;
    let Some(bytes) = read(&dir.join(NAME))? else { return Ok(None) };
    let manifest: Manifest = parse(&dir.join(NAME), &bytes)?;
    if manifest.hash != hash || manifest.engine_version != engine_version {
        return Ok(None);
    }
    for file in &manifest.files {
        let path = dir.join(&file.path);
        if path.metadata().map(|data| data.len()).ok() != Some(file.bytes) {
            return Err(damaged(&path, "it is missing or not as long as it was written"));
        }
    }
    let path = dir.join("summary.json");
    let recorded = manifest.files.iter().find(|file| file.path == "summary.json");
    let (Some(recorded), Some(bytes)) = (recorded, read(&path)?) else {
        return Err(damaged(&path, "it is missing"));
    };
    if recorded.sha256 != sha256(&bytes) {
        return Err(damaged(&path, "it has changed since it was written"));
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
