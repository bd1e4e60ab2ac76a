//! `<dir>.partial/state.bin`: a run that can be stopped at any moment and continued.
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use crate::engine::ChunkPart;

use super::FolderError;
use super::staging::{beside, failed, normal, preflight, remove, sync};
use super::state::{Header, Next, STATE, StateFault, StateReader, put_header, put_record};

/// What to do with the chunks of an earlier run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Start {
    /// Discard them.
    Anew,
    /// Keep them; chunks of another run are a fault.
    Resume,
    /// Keep them where they are of the same run, else discard them.
    Continue,
}

/// What an earlier run had left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Earlier {
    /// Nothing, or none of its chunks.
    Nothing,
    /// So many chunks of the same run, now discarded.
    Discarded(u64),
    /// Chunks of another run, or what is none, now discarded.
    Another,
    /// Chunks that [`Checkpoint::earlier`] reads.
    Kept,
}

/// The state of a run in work; nobody else writes to it.
#[derive(Debug)]
pub struct Checkpoint {
    dir: PathBuf,
    partial: PathBuf,
    header: Header,
    file: File,
    n_parts: u64,
}

impl Checkpoint {
    /// Opens the state of a run that is to be written to `dir`.
    ///
    /// # Errors
    ///
    /// Where `dir` is not ours to write, another process writes to it, or the chunks that are to be kept are of another
    /// run or damaged.
    pub fn open(dir: &Path, header: Header, start: Start) -> Result<(Self, Earlier), FolderError> {
        preflight(dir)?;
        let dir = normal(dir)?;
        let partial = beside(&dir, ".partial");
        fs::create_dir_all(&partial).map_err(failed("create", &partial))?;
        let path = partial.join(STATE);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let file = options.open(&path).map_err(failed("open", &path))?;
        // where the file system knows no locks, there is nothing to wait for
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            return Err(FolderError::Busy { path: dir });
        }
        let earlier = match StateReader::begin(&path) {
            Err(StateFault::Torn) => Earlier::Nothing,
            Err(StateFault::Folder(error)) if start == Start::Resume => return Err(error),
            Err(StateFault::Folder(_)) => Earlier::Another,
            Ok(found) => {
                let differs = different(found.header(), &header);
                match (start, differs) {
                    (Start::Resume | Start::Continue, None) => Earlier::Kept,
                    (Start::Resume, Some(what)) => return Err(FolderError::Resume { path: partial, what }),
                    (Start::Anew, None) => match found.count()? {
                        0 => Earlier::Nothing,
                        n_parts => Earlier::Discarded(n_parts),
                    },
                    (Start::Anew | Start::Continue, Some(_)) => Earlier::Another,
                }
            }
        };
        let mut checkpoint = Self { dir, partial, header, file, n_parts: 0 };
        if earlier != Earlier::Kept {
            checkpoint.begin().map_err(failed("write", &path))?;
            sync(&checkpoint.partial)?;
        }
        Ok((checkpoint, earlier))
    }

    fn begin(&mut self) -> std::io::Result<()> {
        self.file.set_len(0)?;
        self.file.seek(SeekFrom::Start(0))?;
        put_header(&mut self.file, &self.header)?;
        self.file.sync_all()
    }

    /// Reads the chunks of the earlier run and stands behind them; what a crash left half written is dropped.
    ///
    /// # Errors
    ///
    /// Where one is damaged, or `take` refuses it.
    pub fn earlier<E: std::fmt::Display>(
        &mut self,
        mut take: impl FnMut(ChunkPart) -> Result<(), E>,
    ) -> Result<(), FolderError> {
        let path = self.path();
        let mut reader = StateReader::open(&path)?;
        while let Next::Part(part) = reader.advance()? {
            take(part).map_err(|fault| FolderError::State { path: path.clone(), what: fault.to_string() })?;
            self.n_parts += 1;
        }
        let end = reader.end();
        let cut = |file: &mut File| file.set_len(end).and_then(|()| file.seek(SeekFrom::Start(end)));
        cut(&mut self.file).map(|_| ()).map_err(failed("write", &path))
    }

    /// Writes the next chunk and waits until it is on the disk.
    ///
    /// # Errors
    ///
    /// Where it cannot be written; the chunks before it are safe.
    pub fn append(&mut self, part: &ChunkPart) -> Result<(), FolderError> {
        let path = self.path();
        let bytes = part
            .to_bytes()
            .map_err(|fault| FolderError::Content { path: path.clone(), reason: fault.to_string() })?;
        put_record(&mut self.file, &bytes)
            .and_then(|()| self.file.flush())
            .and_then(|()| self.file.sync_data())
            .map_err(failed("write", &path))?;
        self.n_parts += 1;
        Ok(())
    }

    /// Chunks it holds.
    pub fn n_parts(&self) -> u64 {
        self.n_parts
    }

    /// Whose chunks they are.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where it is.
    pub fn path(&self) -> PathBuf {
        self.partial.join(STATE)
    }

    /// Removes it.
    ///
    /// # Errors
    ///
    /// Where the system refuses.
    pub fn discard(self) -> Result<(), FolderError> {
        let Self { partial, file, .. } = self;
        drop(file);
        remove(&partial)
    }

    /// The folder to come, the folder in work, and the lock.
    pub(super) fn into_parts(self) -> (PathBuf, PathBuf, File) {
        (self.dir, self.partial, self.file)
    }
}

/// How a state is not that of the run to continue.
fn different(found: &Header, wanted: &Header) -> Option<String> {
    let shard = || format!("it is shard {}, not {}", found.shard, wanted.shard);
    found.difference(wanted).or_else(|| (found.shard != wanted.shard).then(shard))
}
