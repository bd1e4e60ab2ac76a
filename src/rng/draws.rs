//! A generator for samplers that consume a varying number of draws, opened afresh at every address.
use super::philox::philox;
use super::stream::Stream;
use rand::TryRng;
use std::convert::Infallible;

/// Where a sampler stands: everything its numbers depend on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Address {
    /// Seed of the run.
    pub seed: u64,
    /// Purpose and asset.
    pub stream: Stream,
    /// Path, counted over the whole run.
    pub path: u64,
    /// Step, or whatever the stream counts.
    pub step: u32,
    /// Which of several samplers, or tries, at the same step.
    pub attempt: u32,
}

impl Address {
    /// Key and upper counter of its numbers.
    #[inline(always)]
    fn key(self) -> (u64, u64) {
        let Address { seed, stream, path, step, attempt } = self;
        let stream = u64::from(stream.code() | 1 << 31);
        let (key, upper) = philox(path, u64::from(step) | (stream << 32), seed);
        (key, upper.wrapping_add(u64::from(attempt)))
    }

    /// Its first two numbers, without a generator: those that [`Draws`] would hand out first.
    #[inline(always)]
    pub fn first(self) -> (u64, u64) {
        let (key, upper) = self.key();
        philox(0, upper, key)
    }
}

/// The random numbers of one [`Address`], as a generator for the samplers of `rand_distr`.
///
/// A Poisson or gamma sampler takes as many numbers as it needs; here that moves no number of another
/// address. One encryption of the address makes a key and an upper counter, the draws then count upwards
/// below them:
///
/// ```text
/// (key, upper) = philox(path, step | (stream | 2³¹) << 32, seed)
/// block i      = philox(i, upper + attempt, key)             two 64-bit words each
/// ```
///
/// The bit 2³¹ keeps the key apart from the numbers that [`super::draw`] and the block functions hand out.
/// For rare draws: some 10 ns to open and as much for every two words.
#[derive(Clone, Debug)]
pub struct Draws {
    key: u64,
    upper: u64,
    block: u64,
    pending: Option<u64>,
}

impl Draws {
    /// Opens the generator of an address at its first number.
    pub fn open(address: Address) -> Draws {
        let (key, upper) = address.key();
        Draws { key, upper, block: 0, pending: None }
    }

    fn next(&mut self) -> u64 {
        if let Some(word) = self.pending.take() {
            return word;
        }
        let (first, second) = philox(self.block, self.upper, self.key);
        self.block += 1;
        self.pending = Some(second);
        first
    }
}

impl TryRng for Draws {
    type Error = Infallible;

    /// The upper half of the next word; the lower half is dropped.
    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok((self.next() >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        Ok(self.next())
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Infallible> {
        for chunk in bytes.chunks_mut(8) {
            chunk.copy_from_slice(&self.next().to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}
