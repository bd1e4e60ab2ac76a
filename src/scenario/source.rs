//! Where scenarios and their data come from: the disk, or memory.
use std::collections::BTreeMap;
use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::walk::suggest;

/// Reads the data files that a scenario names.
pub trait Files {
    /// The bytes of a file, its path as written in the scenario.
    ///
    /// # Errors
    ///
    /// Says why there is none, in words that complete "`file`: …".
    fn read(&self, path: &str) -> Result<Vec<u8>, String>;
}

/// Largest data file.
const MOST_DATA: u64 = 512 << 20;

/// Files relative to a folder.
#[derive(Debug, Clone)]
pub struct Disk {
    folder: PathBuf,
}

impl Disk {
    /// Files relative to `folder`.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }
}

impl Files for Disk {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        read_at_most(&self.folder.join(path), MOST_DATA)
    }
}

/// Files held in memory, by path.
#[derive(Debug, Clone, Default)]
pub struct Memory(pub BTreeMap<String, Vec<u8>>);

impl Files for Memory {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| format!("there is no file `{path}`"))
    }
}

/// Reads a file of at most `limit` bytes, or says in words what it is instead.
pub(super) fn read_at_most(path: &Path, limit: u64) -> Result<Vec<u8>, String> {
    let shown = path.display();
    let about = match fs::metadata(path) {
        Ok(about) => about,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            return Err(format!("there is no file `{shown}`{}", near_names(path)));
        }
        Err(error) => return Err(format!("cannot read `{shown}`: {error}")),
    };
    if about.is_dir() {
        return Err(format!("`{shown}` is a folder, not a file"));
    }
    if !about.is_file() {
        return Err(format!("`{shown}` is not an ordinary file"));
    }
    let too_large = || format!("`{shown}` is larger than {}", in_words(limit));
    if about.len() > limit {
        return Err(format!("{} ({})", too_large(), in_words(about.len())));
    }
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| format!("cannot read `{shown}`: {error}"))?;
    file.take(limit + 1).read_to_end(&mut bytes).map_err(|error| format!("cannot read `{shown}`: {error}"))?;
    if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(bytes) }
}

fn near_names(path: &Path) -> String {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let wanted = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let Ok(entries) = fs::read_dir(folder) else {
        return format!(" (nor a folder `{}`)", folder.display());
    };
    let mut names: Vec<String> =
        entries.flatten().take(10_000).map(|entry| entry.file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    suggest(&wanted, names.iter().map(String::as_str))
        .map_or_else(String::new, |near| format!(": did you mean `{}`?", folder.join(near).display()))
}

fn in_words(bytes: u64) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}
