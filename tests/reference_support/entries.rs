//! The files of reference entries: those in `tests/reference`, or all of `DRIFTBAND_REFERENCE_DIR`.
use std::fs;
use std::path::PathBuf;

use serde_json::Value;

/// The folder read, and whether it is the repository's own.
pub(crate) fn folder() -> (PathBuf, bool) {
    match std::env::var_os("DRIFTBAND_REFERENCE_DIR") {
        Some(folder) => (PathBuf::from(folder), false),
        None => (PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference"), true),
    }
}

/// Every entry of every JSON file whose name begins with `stem`, with its name, in order of file and place.
pub(crate) fn entries(stem: &str) -> Vec<(String, Value)> {
    let (folder, _) = folder();
    let listing = fs::read_dir(&folder).unwrap_or_else(|fault| panic!("{}: {fault}", folder.display()));
    let mut files: Vec<PathBuf> = listing.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let name = file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        if !(name.starts_with(stem) && file.extension().is_some_and(|kind| kind == "json")) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let value: Value = serde_json::from_str(&text).unwrap_or_else(|fault| panic!("{name}: {fault}"));
        let Value::Array(list) = value else { panic!("{name} is not a list of entries") };
        for entry in list {
            let own = entry.get("name").or_else(|| entry.pointer("/spec/name")).or_else(|| entry.get("id"));
            let own = own.and_then(Value::as_str).unwrap_or("without a name").to_owned();
            found.push((own, entry));
        }
    }
    found
}
