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

/// Digits of a point that are the sequence's own; those below them are chance alone.
const DIGITS: usize = 32;
/// Points of a replicate, at most.
pub const MOST_POINTS: u64 = 1 << DIGITS;

/// Thirty-two independently scrambled replicates of the Sobol sequence.
///
/// Point `i` of dimension `d` is `⊕ v_{d,k}` over the set bits `k` of `i` (I. Sobol, 1967, USSR Computational Mathematics
/// and Mathematical Physics 7(4); direction numbers of S. Joe and F. Kuo, 2008). Every replicate scrambles the digits of
/// every dimension anew: each is flipped or not by a function of those before it (A. Owen, 1995, "Randomly permuted
/// (t,m,s)-nets and (t,s)-sequences"), here the hash of S. Laine and T. Karras (2011, Computer Graphics Forum 30(4)) as B.
/// Burley puts it (2020, "Practical hash-based Owen scrambling", Journal of Computer Graphics Techniques 9(4)) with the
/// constants of N. Vegdahl (2021, "Building a better LK hash"), and a random shift of all digits after it. The shift makes
/// each point uniform, the scramble keeps each replicate the (t, m, s)-net that the sequence is and makes its errors those
/// of many independent cells, for which a central limit theorem holds (W.-L. Loh, 2003, Annals of Statistics 31(4)); the
/// replicates are independent, so that the spread of their figures is an honest error.
#[derive(Debug, Clone)]
pub struct Sobol {
    n_bits: usize,
    /// By dimension, by bit of the index, the first digit in the lowest bit.
    directions: Vec<u32>,
    /// Of the scrambles, by dimension, by replicate.
    seeds: Vec<[u32; N_REPLICATES]>,
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
    /// With more than [`MOST_DIMENSIONS`] dimensions or [`MOST_POINTS`] points.
    pub fn new(seed: u64, n_dimensions: usize, n_points: u64) -> Self {
        assert!(n_dimensions <= MOST_DIMENSIONS, "{n_dimensions} dimensions of {MOST_DIMENSIONS}");
        assert!(n_points <= MOST_POINTS, "{n_points} points of {MOST_POINTS}");
        let n_bits = (u64::BITS - n_points.saturating_sub(1).leading_zeros()) as usize;
        let n_bits = n_bits.clamp(LOW_BITS, DIGITS);
        let directions = (0..n_dimensions).flat_map(|dimension| plain_directions(dimension, n_bits));
        let draws = |dimension: usize| {
            let stream = Stream::new(Purpose::Scramble, dimension as u32);
            std::array::from_fn(|replicate| draw(seed, stream, replicate as u64, 0))
        };
        let draws: Vec<[(u64, u64); N_REPLICATES]> = (0..n_dimensions).map(draws).collect();
        Self {
            n_bits,
            directions: directions.map(u32::reverse_bits).collect(),
            seeds: draws.iter().map(|draws| draws.map(|(first, _)| first as u32)).collect(),
            shifts: draws.iter().map(|draws| draws.map(|(_, second)| second)).collect(),
        }
    }

    /// The points of one dimension as bits, for the [`B`] paths from `first_path` on, a multiple of `B`.
    #[inline(always)]
    pub fn bits(&self, dimension: usize, first_path: u64, bits: &mut [u64; B]) {
        let first_point = first_path / N_REPLICATES as u64;
        let own = &self.directions[dimension * self.n_bits..(dimension + 1) * self.n_bits];
        let (seeds, shifts) = (&self.seeds[dimension], &self.shifts[dimension]);
        let mut base = 0;
        for (bit, direction) in own.iter().enumerate() {
            let mask = 0_u32.wrapping_sub((first_point >> bit) as u32 & 1);
            base ^= direction & mask;
        }
        for point in 0..POINTS {
            let mut here = base;
            for (bit, direction) in own.iter().enumerate().take(LOW_BITS) {
                let mask = 0_u32.wrapping_sub((point >> bit) as u32 & 1);
                here ^= direction & mask;
            }
            for replicate in 0..N_REPLICATES {
                let high = scrambled(here, seeds[replicate]).reverse_bits();
                let both = (u64::from(high) << 32) | u64::from(below(high));
                bits[point * N_REPLICATES + replicate] = both ^ shifts[replicate];
            }
        }
    }
}

/// Owen's scramble of digits that stand with the first in the lowest bit: every step carries upwards only.
#[inline(always)]
fn scrambled(mut digits: u32, seed: u32) -> u32 {
    digits ^= digits.wrapping_mul(0x3d20_adea);
    digits = digits.wrapping_add(seed);
    digits = digits.wrapping_mul((seed >> 16) | 1);
    digits ^= digits.wrapping_mul(0x0552_6c56);
    digits ^ digits.wrapping_mul(0x53a2_2864)
}

/// Digits below those of the net: a hash of them (C. Wellons, 2018, `lowbias32`).
#[inline(always)]
fn below(mut digits: u32) -> u32 {
    digits ^= digits >> 16;
    digits = digits.wrapping_mul(0x7feb_352d);
    digits ^= digits >> 15;
    digits = digits.wrapping_mul(0x846c_a68b);
    digits ^ (digits >> 16)
}

/// `v_1 … v_n` of a dimension, the first digit in the highest bit.
///
/// `v_k = a_1 v_{k−1} ⊕ … ⊕ a_{s−1} v_{k−s+1} ⊕ v_{k−s} ⊕ (v_{k−s} >> s)` for `k > s`.
fn plain_directions(dimension: usize, n_bits: usize) -> Vec<u32> {
    let Some((a, m)) = dimension.checked_sub(1).map(|row| JOE_KUO[row]) else {
        return (0..n_bits).map(|k| 1 << (DIGITS - 1 - k)).collect();
    };
    let s = m.len();
    let mut v: Vec<u32> = Vec::with_capacity(n_bits);
    for k in 0..n_bits {
        let next = if k < s {
            m[k] << (DIGITS - 1 - k)
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
            f64::from(x) / 4_294_967_296.0
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
    fn points_are_uniform_over_the_scrambles_and_replicates_independent() {
        // one point under many seeds: the moments of a uniform, and nothing to do with another replicate
        let n = 4000_u64;
        let (mut sums, mut counts) = ([0.0; 4], 0.0);
        for seed in 0..n {
            let mut bits = [0; B];
            Sobol::new(seed, 3, 4).bits(2, 0, &mut bits);
            let u = |lane: usize| crate::rng::unit(bits[lane]) - 0.5;
            for (sum, x) in sums.iter_mut().zip([u(0), u(0) * u(0), u(0) * u(1), u(0).powi(4)]) {
                *sum += x;
            }
            counts += 1.0;
        }
        let [mean, square, other, fourth] = sums.map(|sum| sum / counts);
        assert!(mean.abs() < 4.0 * (1.0_f64 / 12.0 / counts).sqrt(), "{mean}");
        assert!((square - 1.0 / 12.0).abs() < 4.0 * (1.0_f64 / 180.0 / counts).sqrt(), "{square}");
        assert!((fourth - 1.0 / 80.0).abs() < 4.0 * (1.0_f64 / 3600.0 / counts).sqrt(), "{fourth}");
        assert!(other.abs() < 4.0 / 12.0 / f64::sqrt(counts), "{other}");
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
