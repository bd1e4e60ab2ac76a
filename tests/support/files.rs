//! The files of a folder.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// Manifests hold the time it took.
pub(crate) const MANIFEST: [&str; 1] = ["manifest.json"];

/// Every file below a folder by its path inside, but those of these names.
pub(crate) fn files(dir: &Path, but: &[&str]) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if !but.contains(&&*path.file_name().unwrap().to_string_lossy()) {
                found.insert(path.strip_prefix(dir).unwrap().display().to_string(), fs::read(&path).unwrap());
            }
        }
    }
    found
}
