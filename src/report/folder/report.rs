//! The page of a finished folder, made anew from its files.
use std::path::{Path, PathBuf};

use super::super::page;
use super::manifest::{self, FileRecord, Manifest};
use super::{FolderError, manifest_in, put_study};

/// Writes `report.html` of the finished run in `dir`, with what `studies/` holds by now, and its record in the manifest.
///
/// `template` is a folder whose `page.html`, `page.css` or `page.js` take the place of our own.
///
/// # Errors
///
/// No finished run stands there, a file of it is damaged, or the template is wrong; the old page is then untouched.
pub fn rebuild(dir: &Path, template: Option<&Path>) -> Result<PathBuf, FolderError> {
    let path = dir.join(page::NAME);
    let damaged = |reason: &str| FolderError::Damaged { path: dir.to_owned(), reason: reason.into() };
    let Some(found) = manifest_in(dir)? else { return Err(damaged("it has no manifest.json")) };
    if let Some(shard) = &found.shard {
        return Err(damaged(&format!(
            "it is shard {shard}, which has no figures; `driftband merge` makes the run"
        )));
    }
    let html = page::render(dir, template)?.into_bytes();
    let record = FileRecord::of(page::NAME, &html);
    let mut files = found.files.clone();
    match files.iter_mut().find(|file| file.path == page::NAME) {
        Some(file) => *file = record,
        None => files.push(record),
    }
    let manifest = manifest::json(manifest::NAME, &Manifest { files, ..found })?;
    put_study(dir, &[(page::NAME.to_owned(), html), (manifest::NAME.to_owned(), manifest)])?;
    Ok(path)
}
