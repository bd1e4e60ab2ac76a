//! Reads `state.bin`: what is damaged, cut short or of another make is said, never believed.
use std::fs::File;
use std::io::{self, BufReader, ErrorKind, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::engine::ChunkPart;

use super::super::FolderError;
use super::{FORMAT, FRAME, Header, MAGIC, MOST_HEADER, wrong};

/// A state whose header is sound, chunk by chunk.
#[derive(Debug)]
pub struct StateReader {
    path: PathBuf,
    header: Header,
    length: u64,
    at: u64,
    n_read: u64,
}

/// What stands where the next record should.
pub(in super::super) enum Next {
    /// A chunk.
    Part(ChunkPart),
    /// The end of the file.
    End,
    /// The last record, half written.
    Torn(&'static str),
}

/// Why a header cannot be read.
pub(in super::super) enum StateFault {
    /// The file ends before its header does.
    Torn,
    /// Anything else.
    Folder(FolderError),
}

impl StateReader {
    /// Reads the header.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read or is no state of this format.
    pub fn open(path: &Path) -> Result<Self, FolderError> {
        Self::begin(path).map_err(|fault| match fault {
            StateFault::Torn => wrong(path, "it ends inside its header"),
            StateFault::Folder(error) => error,
        })
    }

    pub(in super::super) fn begin(path: &Path) -> Result<Self, StateFault> {
        let folder = |error: io::Error| StateFault::Folder(failed(path, error));
        let mut file = File::open(path).map_err(folder)?;
        let length = file.metadata().map_err(folder)?.len();
        let mut start = Vec::new();
        let most = MAGIC.len() as u64 + 4;
        file.by_ref().take(most).read_to_end(&mut start).map_err(folder)?;
        let no = |what: &str| StateFault::Folder(wrong(path, what));
        if !start.starts_with(&MAGIC[..start.len().min(MAGIC.len())]) {
            return Err(no("it is no state of driftband"));
        }
        let Some(format) = start.get(MAGIC.len()..).and_then(|rest| rest.try_into().ok()) else {
            return Err(StateFault::Torn);
        };
        let format = u32::from_le_bytes(format);
        if format != FORMAT {
            return Err(no(&format!("its format is version {format}, this driftband reads {FORMAT}")));
        }
        let payload = match record(&mut file, most, length, MOST_HEADER) {
            Ok(Record::Whole(payload)) => payload,
            Ok(Record::Torn(_) | Record::End) => return Err(StateFault::Torn),
            Ok(Record::Wrong(what)) => return Err(no(&format!("header: {what}"))),
            Err(error) => return Err(folder(error)),
        };
        let header = match postcard::take_from_bytes::<Header>(&payload) {
            Ok((header, [])) => header,
            Ok(_) => return Err(no("header: bytes are left over")),
            Err(fault) => return Err(no(&format!("header: {fault}"))),
        };
        let at = most + FRAME + payload.len() as u64;
        Ok(Self { path: path.to_owned(), header, length, at, n_read: 0 })
    }

    /// Whose chunks these are.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Where it is read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The next chunk; none after the last.
    ///
    /// # Errors
    ///
    /// Names the file, the record, and what is wrong with it.
    pub fn next_part(&mut self) -> Result<Option<ChunkPart>, FolderError> {
        match self.advance()? {
            Next::Part(part) => Ok(Some(part)),
            Next::End => Ok(None),
            Next::Torn(what) => Err(self.wrong_record(what)),
        }
    }

    /// Offset behind the last record read.
    pub(in super::super) fn end(&self) -> u64 {
        self.at
    }

    /// The next chunk, its place in the order checked; a torn record is told from a damaged one.
    pub(in super::super) fn advance(&mut self) -> Result<Next, FolderError> {
        let failed = |error| failed(&self.path, error);
        let mut file = BufReader::new(File::open(&self.path).map_err(failed)?);
        file.seek(SeekFrom::Start(self.at)).map_err(failed)?;
        let payload = match record(&mut file, self.at, self.length, u64::MAX).map_err(failed)? {
            Record::Whole(payload) => payload,
            Record::End => return Ok(Next::End),
            Record::Torn(what) => return Ok(Next::Torn(what)),
            Record::Wrong(what) => return Err(self.wrong_record(&what)),
        };
        let part = ChunkPart::from_bytes(&payload).map_err(|fault| self.wrong_record(&fault.to_string()))?;
        let wanted = self.header.chunks().nth(usize::try_from(self.n_read).unwrap_or(usize::MAX));
        if wanted != Some(part.index()) {
            let of = self.header.shard;
            let what = match wanted {
                Some(wanted) => format!("it is chunk {}, where shard {of} has chunk {wanted}", part.index()),
                None => format!("it is chunk {}, behind the last of shard {of}", part.index()),
            };
            return Err(self.wrong_record(&what));
        }
        self.at += FRAME + payload.len() as u64;
        self.n_read += 1;
        Ok(Next::Part(part))
    }

    /// Whole records that are left, by their lengths alone.
    ///
    /// # Errors
    ///
    /// Where the file cannot be read.
    pub fn count(&self) -> Result<u64, FolderError> {
        let failed = |error| failed(&self.path, error);
        let mut file = File::open(&self.path).map_err(failed)?;
        let (mut at, mut count) = (self.at, 0);
        while self.length.saturating_sub(at) >= FRAME {
            file.seek(SeekFrom::Start(at)).map_err(failed)?;
            let mut bytes = [0; 8];
            file.read_exact(&mut bytes).map_err(failed)?;
            match at.checked_add(FRAME).and_then(|at| at.checked_add(u64::from_le_bytes(bytes))) {
                Some(end) if end <= self.length => at = end,
                _ => break,
            }
            count += 1;
        }
        Ok(count)
    }

    fn wrong_record(&self, what: &str) -> FolderError {
        wrong(&self.path, format!("record {}: {what}", self.n_read + 1))
    }
}

enum Record {
    Whole(Vec<u8>),
    End,
    /// It may have been cut short while it was written.
    Torn(&'static str),
    /// No interruption explains it.
    Wrong(String),
}

/// The record at `at`; what it says of its length is held against that of the file before anything is allocated.
fn record(file: &mut impl Read, at: u64, length: u64, most: u64) -> io::Result<Record> {
    const CUT: &str = "the file ends inside it";
    let left = length.saturating_sub(at);
    if left == 0 {
        return Ok(Record::End);
    }
    if left < FRAME {
        return Ok(Record::Torn(CUT));
    }
    let (mut size, mut sum) = ([0; 8], [0; 32]);
    file.read_exact(&mut size)?;
    file.read_exact(&mut sum)?;
    let size = u64::from_le_bytes(size);
    if size > left - FRAME {
        return Ok(Record::Torn(CUT));
    }
    if size > most {
        return Ok(Record::Wrong(format!("it is {size} bytes long, at most {most} make sense")));
    }
    let mut payload = Vec::new();
    file.take(size).read_to_end(&mut payload)?;
    if payload.len() as u64 != size {
        return Err(io::Error::from(ErrorKind::UnexpectedEof));
    }
    if Sha256::digest(&payload)[..] == sum {
        Ok(Record::Whole(payload))
    } else if size == left - FRAME {
        Ok(Record::Torn("its checksum is wrong"))
    } else {
        Ok(Record::Wrong("its checksum is wrong".into()))
    }
}

fn failed(path: &Path, source: io::Error) -> FolderError {
    FolderError::Io { action: "read", path: path.to_owned(), source }
}
