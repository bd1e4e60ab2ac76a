//! Writes `state.bin`, record by record.
use std::io::{self, Write};

use sha2::{Digest, Sha256};

use super::{FORMAT, Header, MAGIC};

/// Everything before the first chunk, in one write.
pub(in super::super) fn put_header(file: &mut impl Write, header: &Header) -> io::Result<()> {
    let payload = postcard::to_allocvec(header).map_err(io::Error::other)?;
    let mut start = MAGIC.to_vec();
    start.extend_from_slice(&FORMAT.to_le_bytes());
    put_record(&mut start, &payload)?;
    file.write_all(&start)
}

/// One record.
pub(in super::super) fn put_record(file: &mut impl Write, payload: &[u8]) -> io::Result<()> {
    file.write_all(&(payload.len() as u64).to_le_bytes())?;
    file.write_all(&Sha256::digest(payload))?;
    file.write_all(payload)
}
