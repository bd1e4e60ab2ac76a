//! A chunk of paths: the unit of folding, of checkpoints and of shards.
use std::ops::Range;

use serde::{Deserialize, Serialize};

use super::tally::PolicyTally;

/// Paths of a chunk.
pub const CHUNK_PATHS: u64 = 1 << 16;
/// Paths behind the timeline: the first of the first chunk.
pub(super) const TIMELINE_PATHS: u64 = 1 << 12;

/// Chunks of a run; the last one may be short.
pub fn n_chunks(n_paths: u64) -> u64 {
    n_paths.div_ceil(CHUNK_PATHS)
}

/// Paths of one chunk of a run.
pub fn paths_of(chunk: u64, n_paths: u64) -> Range<u64> {
    let first = chunk.saturating_mul(CHUNK_PATHS).min(n_paths);
    first..first.saturating_add(CHUNK_PATHS).min(n_paths)
}

/// What one chunk found for all policies: its blocks folded in block order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ChunkPart {
    pub(super) index: u64,
    pub(super) policies: Vec<PolicyTally>,
}

/// Bytes that are no chunk.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotAChunk(String);

impl ChunkPart {
    /// Number of the chunk, from 0.
    pub fn index(&self) -> u64 {
        self.index
    }

    /// Paths it holds: all of the chunk's, but where a run is at work on it.
    pub fn n_paths(&self) -> u64 {
        self.policies.first().map_or(0, PolicyTally::n_paths)
    }

    /// The chunk as bytes: every double by its bits, little-endian; the same chunk is the same bytes.
    ///
    /// # Errors
    ///
    /// Where it does not fit in memory.
    pub fn to_bytes(&self) -> Result<Vec<u8>, NotAChunk> {
        postcard::to_allocvec(self).map_err(|fault| NotAChunk(fault.to_string()))
    }

    /// The chunk that [`Self::to_bytes`] made these bytes of, to the bit.
    ///
    /// # Errors
    ///
    /// Where they are no chunk; whether it belongs to a scenario is seen by the fold.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, NotAChunk> {
        match postcard::take_from_bytes(bytes) {
            Ok((part, [])) => Ok(part),
            Ok((_, rest)) => Err(NotAChunk(format!("{} bytes are left over", rest.len()))),
            Err(fault) => Err(NotAChunk(fault.to_string())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::Lanes;

    #[test]
    fn chunks_cover_the_paths_once() {
        for n_paths in [1, CHUNK_PATHS - 1, CHUNK_PATHS, CHUNK_PATHS + 1, 500_000] {
            let chunks: Vec<_> = (0..n_chunks(n_paths)).map(|chunk| paths_of(chunk, n_paths)).collect();
            assert!(chunks.iter().all(|paths| !paths.is_empty()), "{n_paths}");
            assert_eq!(chunks.iter().flat_map(Clone::clone).count() as u64, n_paths);
            assert_eq!(paths_of(n_chunks(n_paths), n_paths), n_paths..n_paths);
        }
    }

    #[test]
    fn bytes_hold_every_bit() {
        let odd = [f64::NAN, -0.0, f64::MIN_POSITIVE / 4.0, f64::NEG_INFINITY, 0.1];
        let mut tally =
            PolicyTally::new(0, 2, true, super::super::tally::Storage::Exact, 3, crate::stats::Units::Paths);
        tally.deviations = odd.to_vec();
        tally.timeline.add(vec![Lanes::splat(1.5); 2], 1);
        let part = ChunkPart { index: 7, policies: vec![tally] };
        let bytes = part.to_bytes().expect("a small chunk has bytes");
        let back = ChunkPart::from_bytes(&bytes).expect("they are a chunk");
        let bits =
            |part: &ChunkPart| part.policies[0].deviations.iter().map(|d| d.to_bits()).collect::<Vec<_>>();
        assert_eq!((back.index(), bits(&back)), (7, bits(&part)));
        assert_eq!(back.to_bytes(), part.to_bytes());
        for cut in 0..bytes.len() {
            assert!(ChunkPart::from_bytes(&bytes[..cut]).is_err(), "cut at {cut}");
        }
        assert!(ChunkPart::from_bytes(&[bytes, vec![0]].concat()).is_err());
        // a length that no memory holds is refused, not tried
        assert!(ChunkPart::from_bytes(&[0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]).is_err());
    }
}
