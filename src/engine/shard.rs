//! Which chunks of a run one machine does.
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::chunk::{CHUNK_PATHS, n_chunks, paths_of};

/// Shard `i` of `n`, `1 ≤ i ≤ n`: the chunks `c` with `c mod n = i − 1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "(u64, u64)", into = "(u64, u64)")]
pub struct Shard {
    index: u64,
    of: u64,
}

impl Shard {
    /// All chunks.
    pub const WHOLE: Self = Self { index: 1, of: 1 };

    /// Shard `index` of `of`, where there is one.
    pub fn new(index: u64, of: u64) -> Option<Self> {
        (1 <= index && index <= of).then_some(Self { index, of })
    }

    /// Its number, from 1.
    pub fn index(self) -> u64 {
        self.index
    }

    /// Shards of the run.
    pub fn of(self) -> u64 {
        self.of
    }

    /// Its chunks, ascending; none where the run has fewer chunks than shards.
    pub fn chunks(self, n_paths: u64) -> impl Iterator<Item = u64> {
        (self.index - 1..n_chunks(n_paths)).step_by(usize::try_from(self.of).unwrap_or(usize::MAX))
    }

    /// Number of its chunks.
    pub fn n_chunks(self, n_paths: u64) -> u64 {
        n_chunks(n_paths).saturating_sub(self.index - 1).div_ceil(self.of)
    }

    /// Number of its paths.
    pub fn n_paths(self, n_paths: u64) -> u64 {
        let (chunks, all) = (self.n_chunks(n_paths), n_chunks(n_paths));
        let has_last = all > 0 && (all - 1) % self.of == self.index - 1;
        let full = (chunks - u64::from(has_last)) * CHUNK_PATHS;
        let last = paths_of(all.saturating_sub(1), n_paths);
        if has_last { full + (last.end - last.start) } else { full }
    }
}

impl TryFrom<(u64, u64)> for Shard {
    type Error = NoShard;

    fn try_from((index, of): (u64, u64)) -> Result<Self, NoShard> {
        Self::new(index, of).ok_or(NoShard)
    }
}

impl From<Shard> for (u64, u64) {
    fn from(shard: Shard) -> Self {
        (shard.index, shard.of)
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.of)
    }
}

/// A text that names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("a shard is two numbers, `2/7` for the second of seven, the first from 1 to the second")]
pub struct NoShard;

impl FromStr for Shard {
    type Err = NoShard;

    fn from_str(text: &str) -> Result<Self, NoShard> {
        let (index, of) = text.split_once('/').ok_or(NoShard)?;
        let number = |text: &str| text.parse::<u32>().map(u64::from).map_err(|_| NoShard);
        Self::new(number(index)?, number(of)?).ok_or(NoShard)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shards_share_out_every_chunk_once() {
        for (n_chunks, of) in [(8, 7), (1, 3), (20, 4), (5, 1)] {
            let n_paths = n_chunks * CHUNK_PATHS - 17;
            let shards = (1..=of).map(|index| Shard::new(index, of).expect("1 ≤ index ≤ of"));
            let mut all = Vec::new();
            let mut paths = 0;
            for shard in shards {
                let own: Vec<u64> = shard.chunks(n_paths).collect();
                assert_eq!(own.len() as u64, shard.n_chunks(n_paths), "{shard}");
                paths += shard.n_paths(n_paths);
                all.extend(own);
            }
            all.sort_unstable();
            assert_eq!((all, paths), ((0..n_chunks).collect(), n_paths));
        }
    }

    #[test]
    fn only_shards_are_read() {
        assert_eq!("2/7".parse(), Ok(Shard { index: 2, of: 7 }));
        for text in ["0/7", "8/7", "2", "2/", "/7", "-1/7", "1/0", "2/7/1", "1/99999999999", "a/b"] {
            assert_eq!(text.parse::<Shard>(), Err(NoShard), "{text}");
        }
    }
}
