//! Mergeable moments of pairs of numbers: ratios, regressions, controls.
use serde::{Deserialize, Serialize};

/// Number, means, sums of squares and of products about the means.
///
/// Source: P. Pébay (2008), SAND2008-6212, §3.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct CoMoments {
    n: u64,
    mean: [f64; 2],
    square: [f64; 2],
    product: f64,
}

impl CoMoments {
    /// Of one block of pairs, two-pass.
    pub fn of(pairs: impl Iterator<Item = (f64, f64)> + Clone) -> Self {
        let (mut n, mut sums) = (0_u64, [0.0; 2]);
        for (x, y) in pairs.clone() {
            n += 1;
            sums[0] += x;
            sums[1] += y;
        }
        if n == 0 {
            return Self::default();
        }
        let mean = sums.map(|sum| sum / n as f64);
        let (mut square, mut product) = ([0.0; 2], 0.0);
        for (x, y) in pairs {
            let (dx, dy) = (x - mean[0], y - mean[1]);
            square[0] += dx * dx;
            square[1] += dy * dy;
            product += dx * dy;
        }
        Self { n, mean, square, product }
    }

    /// Of both samples together; `self` comes first in the fixed order of folding.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        if self.n == 0 {
            return *other;
        }
        if other.n == 0 {
            return *self;
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let step = [0, 1].map(|k| other.mean[k] - self.mean[k]);
        let weight = a * b / (a + b);
        Self {
            n: self.n + other.n,
            mean: [0, 1].map(|k| self.mean[k] + step[k] * (b / (a + b))),
            square: [0, 1].map(|k| self.square[k] + other.square[k] + step[k] * step[k] * weight),
            product: self.product + other.product + step[0] * step[1] * weight,
        }
    }

    /// Number of pairs.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Means.
    pub fn means(&self) -> [f64; 2] {
        self.mean
    }

    /// `Σ(x − x̄)(y − ȳ)/Σ(y − ȳ)²`: how far `x` moves with `y`; 0 where `y` does not vary.
    pub fn slope(&self) -> f64 {
        if self.square[1] > 0.0 { self.product / self.square[1] } else { 0.0 }
    }

    /// `Σ(x − x̄)²`.
    pub fn sum_of_squares(&self) -> f64 {
        self.square[0]
    }

    /// `Σ` of the squares of `x − x̄ − slope·(y − ȳ)`.
    pub fn residual(&self, slope: f64) -> f64 {
        let left = (slope * self.square[1] - 2.0 * self.product).mul_add(slope, self.square[0]);
        if left < 0.0 { 0.0 } else { left }
    }

    /// Standard error of `Σx/Σy` by the delta method over independent pairs: `std(x − R·y)/(|ȳ|·√n)`.
    pub fn ratio_error(&self) -> Option<f64> {
        let ratio = self.mean[0] / self.mean[1];
        let n = self.n as f64;
        let se = (self.residual(ratio) / (n - 1.0) / n).sqrt() / self.mean[1].abs();
        (self.n > 1 && se.is_finite()).then_some(se)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn merging_is_taking_all_at_once() {
        let pairs: Vec<(f64, f64)> =
            (0..500).map(|i| f64::from(i * i % 97)).map(|x| (3.0 * x + 1.0, x)).collect();
        let whole = CoMoments::of(pairs.iter().copied());
        let parts = pairs.chunks(77).map(|part| CoMoments::of(part.iter().copied()));
        let merged = parts.fold(CoMoments::default(), |sum, part| sum.merge(&part));
        assert_eq!(merged.n(), 500);
        assert!((merged.slope() - 3.0).abs() < 1e-12 && (whole.slope() - 3.0).abs() < 1e-12);
        assert!((merged.sum_of_squares() / whole.sum_of_squares() - 1.0).abs() < 1e-12);
        assert!(merged.residual(3.0) <= 1e-9 * merged.sum_of_squares());
        assert!((merged.means()[0] - 3.0 * merged.means()[1] - 1.0).abs() < 1e-12);
    }

    #[test]
    fn a_ratio_of_proportional_numbers_is_exact() {
        let pairs = (1..100).map(|i| (2.0 * f64::from(i), f64::from(i)));
        assert!(CoMoments::of(pairs).ratio_error().is_some_and(|se| se < 1e-9));
    }
}
