//! Scrambled Sobol points for a block of consecutive paths.
use super::joe_kuo::JOE_KUO;
use super::philox::draw;
use super::sampling::N_REPLICATES;
use super::stream::{Purpose, Stream};
use crate::math::B;

/// Dimensions that have direction numbers.
pub const MOST_DIMENSIONS: usize = JOE_KUO.len() + 1;
/// Points of a replicate in a block.
const POINTS: usize = B / N_REPLICATES;
/// Bits of an index that tell the points of a block apart.
const LOW_BITS: usize = POINTS.trailing_zeros() as usize;

/// Thirty-two independently scrambled replicates of the Sobol sequence.
///
/// Point `i` of dimension `d` is `⊕ v_{d,k}` over the set bits `k` of `i` (I. Sobol, 1967, USSR Computational Mathematics
/// and Mathematical Physics 7(4); direction numbers of S. Joe and F. Kuo, 2008). Every replicate has, for every
/// dimension, a random lower-triangular matrix `L` with ones on its diagonal and a random shift `s`, and shows
/// `L·x ⊕ s` (J. Matoušek, 1998, "On the L2-discrepancy for anchored boxes", Journal of Complexity 14(4), §"random linear
/// scrambling"): each point is uniform, each replicate a (t, m, s)-net as the sequence is, and the replicates are
/// independent, so that the spread of their figures is an honest error.
#[derive(Debug, Clone)]
pub struct Sobol {
    n_bits: usize,
    /// By dimension, by bit of the index, by replicate.
    directions: Vec<[u64; N_REPLICATES]>,
    /// By dimension, by replicate.
    shifts: Vec<[u64; N_REPLICATES]>,
}

impl Sobol {
    /// The first `n_dimensions` dimensions for as many as `n_points` points a replicate.
    ///
    /// The points of a longer sequence begin with those of a shorter one.
    ///
    /// # Panics
    ///
    /// With more than [`MOST_DIMENSIONS`] dimensions.
    pub fn new(seed: u64, n_dimensions: usize, n_points: u64) -> Self {
        assert!(n_dimensions <= MOST_DIMENSIONS, "{n_dimensions} dimensions of {MOST_DIMENSIONS}");
        let n_bits = (u64::BITS - n_points.saturating_sub(1).leading_zeros()) as usize;
        let n_bits = n_bits.clamp(LOW_BITS, 48);
        let mut directions = vec![[0; N_REPLICATES]; n_dimensions * n_bits];
        let mut shifts = vec![[0; N_REPLICATES]; n_dimensions];
        for dimension in 0..n_dimensions {
            let plain = plain_directions(dimension, n_bits);
            let stream = Stream::new(Purpose::Scramble, dimension as u32);
            for replicate in 0..N_REPLICATES {
                let random = |index: usize| draw(seed, stream, replicate as u64, index as u32).0;
                shifts[dimension][replicate] = random(SHIFT);
                // column `b` of L: a one at place `b` of the digits, chance below it
                let columns: Vec<u64> =
                    (0..n_bits).map(|b| (1 << (63 - b)) | (random(b) >> (b + 1))).collect();
                for (bit, direction) in plain.iter().enumerate() {
                    let set = columns.iter().enumerate().filter(|(b, _)| direction >> (63 - b) & 1 == 1);
                    directions[dimension * n_bits + bit][replicate] =
                        set.fold(0, |sum, (_, column)| sum ^ column);
                }
            }
        }
        Self { n_bits, directions, shifts }
    }

    /// The points of one dimension as bits, for the [`B`] paths from `first_path` on, a multiple of `B`.
    #[inline(always)]
    pub fn bits(&self, dimension: usize, first_path: u64, bits: &mut [u64; B]) {
        let first_point = first_path / N_REPLICATES as u64;
        let own = &self.directions[dimension * self.n_bits..(dimension + 1) * self.n_bits];
        let mut base = self.shifts[dimension];
        for (bit, direction) in own.iter().enumerate() {
            if first_point >> bit & 1 == 1 {
                for replicate in 0..N_REPLICATES {
                    base[replicate] ^= direction[replicate];
                }
            }
        }
        for point in 0..POINTS {
            let mut here = base;
            for (bit, direction) in own.iter().enumerate().take(LOW_BITS) {
                let mask = 0_u64.wrapping_sub(point as u64 >> bit & 1);
                for replicate in 0..N_REPLICATES {
                    here[replicate] ^= direction[replicate] & mask;
                }
            }
            for replicate in 0..N_REPLICATES {
                bits[point * N_REPLICATES + replicate] = here[replicate];
            }
        }
    }
}

/// Where the random shift stands among the draws of a dimension.
const SHIFT: usize = 64;

/// `v_1 … v_n` of a dimension, the first digit in the highest bit.
///
/// `v_k = a_1 v_{k−1} ⊕ … ⊕ a_{s−1} v_{k−s+1} ⊕ v_{k−s} ⊕ (v_{k−s} >> s)` for `k > s`.
fn plain_directions(dimension: usize, n_bits: usize) -> Vec<u64> {
    let Some((a, m)) = dimension.checked_sub(1).map(|row| JOE_KUO[row]) else {
        return (0..n_bits).map(|k| 1 << (63 - k)).collect();
    };
    let s = m.len();
    let mut v: Vec<u64> = Vec::with_capacity(n_bits);
    for k in 0..n_bits {
        let next = if k < s {
            u64::from(m[k]) << (63 - k)
        } else {
            let inner = (1..s).filter(|i| a >> (s - 1 - i) & 1 == 1);
            inner.fold(v[k - s] ^ (v[k - s] >> s), |sum, i| sum ^ v[k - i])
        };
        v.push(next);
    }
    v
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unscrambled_points_are_those_of_the_literature() {
        // point 1 is ½ everywhere; dimensions 2 and 3 of points 2 and 3, from P. Bratley and B. Fox (1988)
        let point = |dimension: usize, i: usize| {
            let v = plain_directions(dimension, 8);
            let x = (0..8).filter(|bit| i >> bit & 1 == 1).fold(0, |sum, bit| sum ^ v[bit]);
            (x >> 32) as f64 / f64::from(u32::MAX).mul_add(1.0, 1.0)
        };
        for dimension in 0..MOST_DIMENSIONS {
            assert_eq!(point(dimension, 1), 0.5, "{dimension}");
        }
        assert_eq!([point(0, 2), point(1, 2), point(2, 2)], [0.25, 0.75, 0.75]);
        assert_eq!([point(0, 3), point(1, 3), point(2, 3)], [0.75, 0.25, 0.25]);
    }

    #[test]
    fn every_replicate_has_a_point_in_every_interval() {
        // each of the 2^m points lies alone in its interval of 2^-m: the (0, m, 1)-net of every single dimension
        let (m, n) = (7, 128_u64);
        let sobol = Sobol::new(42, MOST_DIMENSIONS, n);
        for dimension in [0, 1, 5, 100, MOST_DIMENSIONS - 1] {
            let mut seen = vec![[false; 128]; N_REPLICATES];
            for block in 0..n * N_REPLICATES as u64 / B as u64 {
                let mut bits = [0; B];
                sobol.bits(dimension, block * B as u64, &mut bits);
                for (lane, bits) in bits.iter().enumerate() {
                    let cell = &mut seen[lane % N_REPLICATES][(bits >> (64 - m)) as usize];
                    assert!(!*cell, "twice in one interval: dimension {dimension}, lane {lane}");
                    *cell = true;
                }
            }
        }
    }

    #[test]
    fn a_longer_sequence_begins_with_the_shorter_one() {
        let (short, long) = (Sobol::new(7, 3, 16), Sobol::new(7, 3, 1 << 20));
        for dimension in 0..3 {
            let (mut a, mut b) = ([0; B], [0; B]);
            short.bits(dimension, B as u64, &mut a);
            long.bits(dimension, B as u64, &mut b);
            assert_eq!(a, b);
        }
    }
}
