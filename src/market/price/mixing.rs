//! What turns a normal number into a Student-t one: a chi-square draw for each lane.
use rand::TryRng;

use crate::math::{B, Lanes, ln, norm_inv};
use crate::rng::{Address, Draws, Purpose, Stream, uniform_pair, unit};

/// `W = (ν − 2)/χ²_ν`: `√W Z` has a Student-t law with ν degrees of freedom and variance 1.
///
/// `χ²_ν` is twice a gamma variable of shape ν/2, by rejection; the first try of every lane is vectorised, the few lanes
/// it rejects draw on. Source: Marsaglia & Tsang, ACM Transactions on Mathematical Software 26 (2000) 363–372.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mixing {
    d: f64,
    c: f64,
    /// (ν − 2)/2.
    scale: f64,
    stream: Stream,
}

impl Mixing {
    pub(super) fn new(nu: f64, asset: usize) -> Self {
        let d = 0.5 * nu - 1.0 / 3.0;
        Self {
            d,
            c: 1.0 / (9.0 * d).sqrt(),
            scale: 0.5 * (nu - 2.0),
            stream: Stream::new(Purpose::Variance, asset as u32),
        }
    }

    /// One weight for every lane.
    #[inline(always)]
    pub(super) fn draw(&self, seed: u64, first_path: u64, period: u32, weights: &mut Lanes) {
        let mut uniforms = [Lanes::ZERO; 2];
        uniform_pair(seed, self.stream, first_path, period, &mut uniforms);
        let mut rejected = 0.0;
        for lane in 0..B {
            let (gamma, accepted) = self.gamma(uniforms[0][lane], uniforms[1][lane]);
            weights[lane] = if accepted { self.scale / gamma } else { -1.0 };
            rejected += if accepted { 0.0 } else { 1.0 };
        }
        if rejected > 0.0 {
            self.draw_on(seed, first_path, period, weights);
        }
    }

    /// A gamma variable of shape ν/2 from two uniforms, and whether it may be kept.
    #[inline(always)]
    fn gamma(&self, first: f64, second: f64) -> (f64, bool) {
        let z = norm_inv(first);
        let root = self.c.mul_add(z, 1.0);
        let v = root * root * root;
        let positive = if v > 0.0 { v } else { 1.0 };
        let bound = (0.5 * z).mul_add(z, self.d - self.d * v + self.d * ln(positive));
        // `&`, not `&&`: no branch on lane data
        let kept = (v > 0.0) & (ln(second) < bound);
        (self.d * positive, kept)
    }

    /// The rare case, out of line on purpose.
    #[inline(never)]
    fn draw_on(&self, seed: u64, first_path: u64, period: u32, weights: &mut Lanes) {
        for (lane, weight) in weights.iter_mut().enumerate().filter(|(_, weight)| **weight < 0.0) {
            let path = first_path.wrapping_add(lane as u64);
            let mut draws =
                Draws::open(Address { seed, stream: self.stream, path, step: period, attempt: 0 });
            let mut next = || draws.try_next_u64().map_or(0.5, unit);
            *weight = loop {
                let (gamma, kept) = self.gamma(next(), next());
                if kept {
                    break self.scale / gamma;
                }
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// E[W] = 1 and E[1/W] = ν/(ν − 2), whatever the number of rejected tries.
    #[test]
    fn weights_have_their_moments() {
        for nu in [2.5, 5.0, 40.0] {
            let mixing = Mixing::new(nu, 0);
            let (mut inverse, mut square, mut weights) = (0.0, 0.0, Lanes::ZERO);
            let blocks = 2000_u32;
            for block in 0..blocks {
                mixing.draw(3, u64::from(block) * B as u64, block, &mut weights);
                for weight in weights.iter() {
                    // χ²/ν has mean 1 and variance 2/ν
                    let chi = (nu - 2.0) / weight / nu;
                    inverse += chi;
                    square += chi * chi;
                }
            }
            let n = f64::from(blocks) * B as f64;
            let (mean, second) = (inverse / n, square / n);
            let error = (2.0 / nu / n).sqrt();
            assert!((mean - 1.0).abs() < 4.0 * error, "{nu}: {mean} ± {error}");
            assert!((second - 1.0 - 2.0 / nu).abs() < 0.03 * (1.0 + 2.0 / nu), "{nu}: {second}");
        }
    }
}
