//! A folder in the making: `<dir>.partial`, swapped in when whole, removed when given up.
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::FolderError;
use super::checkpoint::Checkpoint;
use super::manifest::{FileRecord, Manifest, NAME};
use super::state::STATE;

/// Where sweeps and stresses of a run stand inside its folder.
pub const STUDIES: &str = "studies";

/// A folder that nobody reads yet.
#[derive(Debug)]
pub(super) struct Staging {
    dir: PathBuf,
    partial: PathBuf,
    old: PathBuf,
    files: Vec<FileRecord>,
    /// The checkpoint's, which stays when the folder is given up.
    lock: Option<File>,
    finished: bool,
}

/// Whether a run can be written to `dir`, asked before the work: nothing foreign stands there.
///
/// Puts back a finished run that a crash left under the name `<dir>.old`.
///
/// # Errors
///
/// Where `dir` holds files that are no finished run, or cannot be read.
pub fn preflight(dir: &Path) -> Result<(), FolderError> {
    let dir = normal(dir)?;
    recover(&dir)?;
    match fs::read_dir(&dir) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        Err(source) => Err(FolderError::Io { action: "read", path: dir, source }),
        Ok(mut entries) => {
            if entries.next().is_none() || dir.join(NAME).is_file() {
                Ok(())
            } else {
                Err(FolderError::NotARun { path: dir })
            }
        }
    }
}

/// Between the two renames of a swap neither name is the folder's: the old one is whole, so it comes back.
pub(super) fn recover(dir: &Path) -> Result<(), FolderError> {
    let old = beside(dir, ".old");
    if !exists(dir) && old.join(NAME).is_file() {
        fs::rename(&old, dir).map_err(failed("restore", dir))?;
    }
    Ok(())
}

impl Staging {
    /// An empty folder beside `dir`; what an interrupted run left there is removed.
    pub(super) fn begin(dir: &Path) -> Result<Self, FolderError> {
        preflight(dir)?;
        let dir = normal(dir)?;
        let (partial, old) = (beside(&dir, ".partial"), beside(&dir, ".old"));
        remove(&partial)?;
        fs::create_dir_all(&partial).map_err(failed("create", &partial))?;
        Ok(Self { dir, partial, old, files: Vec::new(), lock: None, finished: false })
    }

    /// A folder that holds no more than the state of its run.
    pub(super) fn over(checkpoint: Checkpoint) -> Result<Self, FolderError> {
        let (dir, partial, lock) = checkpoint.into_parts();
        let old = beside(&dir, ".old");
        clear(&partial)?;
        Ok(Self { dir, partial, old, files: Vec::new(), lock: Some(lock), finished: false })
    }

    /// Where its files are until it is finished.
    pub(super) fn place(&self) -> &Path {
        &self.partial
    }

    /// Where its state is, if it has one.
    pub(super) fn state(&self) -> PathBuf {
        self.partial.join(STATE)
    }

    /// Keeps a file that is there already; its record is [`state_record`]'s.
    pub(super) fn adopt(&mut self, record: Option<FileRecord>) {
        self.files.extend(record);
    }

    /// Writes one file and waits until it is on the disk.
    pub(super) fn put(&mut self, name: &str, contents: &[u8]) -> Result<(), FolderError> {
        let path = self.partial.join(name);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(failed("create", parent))?;
        }
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(contents)?;
            file.sync_all()
        };
        write().map_err(failed("write", &path))?;
        self.files.push(FileRecord::of(name, contents));
        Ok(())
    }

    /// The files so far.
    pub(super) fn files(&self) -> &[FileRecord] {
        &self.files
    }

    /// Puts the folder in its place; the folder, and what could not be removed of the one before.
    pub(super) fn finish(mut self) -> Result<(PathBuf, Option<PathBuf>), FolderError> {
        sync(&self.partial)?;
        // an open file would hold the folder where it is on some systems
        let lock = self.lock.take();
        drop(lock);
        let replaced = exists(&self.dir);
        if replaced {
            remove(&self.old)?;
            fs::rename(&self.dir, &self.old).map_err(failed("move aside", &self.dir))?;
        }
        if let Err(source) = fs::rename(&self.partial, &self.dir) {
            if replaced {
                // the finished run comes back; should that fail too, `recover` does it at the next start
                let _ = fs::rename(&self.old, &self.dir);
            }
            return Err(FolderError::Io { action: "rename to", path: self.dir.clone(), source });
        }
        self.finished = true;
        if replaced {
            keep_studies(&self.old, &self.dir)?;
        }
        if let Some(parent) = self.dir.parent().filter(|parent| !parent.as_os_str().is_empty()) {
            sync(parent)?;
        }
        let leftover = (replaced && remove(&self.old).is_err()).then(|| self.old.clone());
        Ok((self.dir.clone(), leftover))
    }
}

/// Studies of the same scenario outlive its run: their cells are named by their own scenarios.
fn keep_studies(old: &Path, new: &Path) -> Result<(), FolderError> {
    let hash = |dir: &Path| {
        let bytes = fs::read(dir.join(NAME)).ok()?;
        serde_json::from_slice::<Manifest>(&bytes).ok().map(|manifest| manifest.hash)
    };
    let (from, to) = (old.join(STUDIES), new.join(STUDIES));
    if exists(&from) && hash(old).is_some_and(|old| hash(new) == Some(old)) {
        fs::rename(&from, &to).map_err(failed("move", &from))?;
    }
    Ok(())
}

impl Drop for Staging {
    fn drop(&mut self) {
        if !self.finished {
            // already failing: the first error is the one to report
            let _ =
                if self.partial.join(STATE).is_file() { clear(&self.partial) } else { remove(&self.partial) };
        }
    }
}

/// The record of a state as a file of its folder; one longer than `most` bytes is removed.
pub(super) fn state_record(path: &Path, most: u64) -> Result<Option<FileRecord>, FolderError> {
    if fs::metadata(path).map_err(failed("read", path))?.len() > most {
        return fs::remove_file(path).map(|()| None).map_err(failed("remove", path));
    }
    let file = File::open(path).map_err(failed("read", path))?;
    FileRecord::read(STATE, file).map(Some).map_err(failed("read", path))
}

/// Removes everything but the state.
fn clear(partial: &Path) -> Result<(), FolderError> {
    for entry in fs::read_dir(partial).map_err(failed("read", partial))? {
        let entry = entry.map_err(failed("read", partial))?;
        let path = entry.path();
        if entry.file_name() == STATE {
            continue;
        }
        let is_dir = entry.file_type().map_err(failed("read", &path))?.is_dir();
        let removed = if is_dir { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
        removed.map_err(failed("remove", &path))?;
    }
    Ok(())
}

/// Without a trailing slash or dots inside, so that a suffix makes a sibling.
pub(super) fn normal(dir: &Path) -> Result<PathBuf, FolderError> {
    let path: PathBuf = dir.components().collect();
    if path.file_name().is_none() {
        return Err(FolderError::NoName { path: dir.to_owned() });
    }
    Ok(path)
}

pub(super) fn beside(dir: &Path, suffix: &str) -> PathBuf {
    let mut name = dir.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn exists(path: &Path) -> bool {
    path.symlink_metadata().is_ok()
}

pub(super) fn remove(path: &Path) -> Result<(), FolderError> {
    match fs::remove_dir_all(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed("remove", path)(error)),
        _ => Ok(()),
    }
}

/// Waits until a folder's own entries are on the disk.
pub(super) fn sync(dir: &Path) -> Result<(), FolderError> {
    File::open(dir).and_then(|file| file.sync_all()).map_err(failed("write", dir))
}

pub(super) fn failed(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> FolderError {
    let path = path.to_owned();
    move |source| FolderError::Io { action, path, source }
}
