//! What a page is made from: the files of a finished folder, and nothing else.
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::PageError;
use super::picture::Picture;

/// A CSV file, as text.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Table {
    /// Its name.
    pub(super) name: String,
    pub(super) head: Vec<String>,
    pub(super) rows: Vec<Vec<String>>,
}

impl Table {
    /// Place of a column.
    pub(super) fn column(&self, name: &str) -> Option<usize> {
        self.head.iter().position(|head| head == name)
    }
}

/// Charts and tables of one study.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct StudyFiles {
    /// Name of its folder.
    pub(super) kind: String,
    /// Which of several of its kind: the folder below.
    pub(super) part: Option<String>,
    /// What stands in `<kind>.json`.
    pub(super) json: serde_json::Value,
    pub(super) pictures: Vec<Picture>,
    pub(super) tables: Vec<Table>,
}

/// The text of a file; none where it is not there.
pub(super) fn text(dir: &Path, name: &str) -> Result<Option<String>, PageError> {
    let path = dir.join(name);
    match fs::read_to_string(&path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(source) => Err(PageError::Io { path, source }),
    }
}

/// A CSV file; none where it is not there.
pub(super) fn table(dir: &Path, name: &str) -> Result<Option<Table>, PageError> {
    let Some(text) = text(dir, name)? else { return Ok(None) };
    let failed = |error: csv::Error| PageError::Content { path: dir.join(name), reason: error.to_string() };
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let head = reader.headers().map_err(failed)?.iter().map(str::to_owned).collect();
    let mut rows = Vec::new();
    for record in reader.records() {
        rows.push(record.map_err(failed)?.iter().map(str::to_owned).collect());
    }
    let name = Path::new(name).file_name().map_or_else(String::new, |name| name.to_string_lossy().into());
    Ok(Some(Table { name, head, rows }))
}

/// The pictures of a folder of charts, by name.
pub(super) fn pictures(dir: &Path) -> Result<Vec<Picture>, PageError> {
    let mut found = Vec::new();
    for path in entries(dir)? {
        if path.extension().is_some_and(|ending| ending == "svg") {
            let svg =
                fs::read_to_string(&path).map_err(|source| PageError::Io { path: path.clone(), source })?;
            let name = path.file_stem().map_or_else(String::new, |stem| stem.to_string_lossy().into());
            found.push(Picture::of(&name, &svg));
        }
    }
    Ok(found)
}

/// Every study with its charts and tables; their cells are runs of their own.
pub(super) fn studies(dir: &Path) -> Result<Vec<StudyFiles>, PageError> {
    let mut found = Vec::new();
    for folder in entries(&dir.join("studies"))?.into_iter().filter(|path| path.is_dir()) {
        let kind = name(&folder);
        found.extend(study(&folder, &kind, None)?);
        // searches stand below, one for each key
        for below in entries(&folder)?.into_iter().filter(|path| path.is_dir()) {
            let part = name(&below);
            if part != "cells" && part != "charts" {
                found.extend(study(&below, &kind, Some(part))?);
            }
        }
    }
    Ok(found)
}

/// One study; none where its folder holds neither chart nor table.
fn study(folder: &Path, kind: &str, part: Option<String>) -> Result<Option<StudyFiles>, PageError> {
    let mut tables = Vec::new();
    let mut pictures = pictures(&folder.join("charts"))?;
    for path in entries(folder)? {
        if path.extension().is_some_and(|ending| ending == "csv") {
            tables.extend(table(folder, &name(&path))?);
        }
    }
    pictures.extend(self::pictures(folder)?);
    if tables.is_empty() && pictures.is_empty() {
        return Ok(None);
    }
    let file = format!("{kind}.json");
    let json = match text(folder, &file)? {
        None => serde_json::Value::Null,
        Some(text) => serde_json::from_str(&text)
            .map_err(|error| PageError::Content { path: folder.join(file), reason: error.to_string() })?,
    };
    Ok(Some(StudyFiles { kind: kind.to_owned(), part, json, pictures, tables }))
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(String::new, |name| name.to_string_lossy().into())
}

/// What lies in a folder, by name; nothing where there is none.
fn entries(dir: &Path) -> Result<Vec<PathBuf>, PageError> {
    let failed = |source| PageError::Io { path: dir.to_owned(), source };
    let entries = match fs::read_dir(dir) {
        Ok(entries) => entries,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        Err(source) => return Err(failed(source)),
    };
    let mut paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>().map_err(failed)?;
    paths.sort();
    Ok(paths)
}
