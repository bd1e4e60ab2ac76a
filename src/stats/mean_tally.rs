//! A light mergeable tally for path means (costs, counts): number, mean, spread.
use serde::{Deserialize, Serialize};

use super::Estimate;
use super::lane_sums::lane_sums;

/// Number, mean and `M_2 = Σ (x − mean)²` of a stream of values.
///
/// Source: B. Welford (1962), Technometrics 4(3), for `push`; T. Chan, G. Golub, R. LeVeque (1979), STAN-CS-79-773, for `merge`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct MeanTally {
    n: u64,
    mean: f64,
    m2: f64,
}

impl MeanTally {
    /// Tally of one block of values, two-pass.
    #[inline(always)]
    pub fn from_slice(values: &[f64]) -> Self {
        let Some(&origin) = values.first() else { return Self::default() };
        let n = values.len() as f64;
        let [shift] = lane_sums(values, |x| [x - origin]);
        let centre = origin + shift / n;
        let [s1, s2] = lane_sums(values, |x| [x - centre, (x - centre) * (x - centre)]);
        let e = s1 / n;
        Self { n: values.len() as u64, mean: centre + e, m2: not_negative(s2 - s1 * e) }
    }

    /// Tally of the same number `n` times.
    #[inline(always)]
    pub fn constant(n: u64, value: f64) -> Self {
        Self { n, mean: if n == 0 { 0.0 } else { value }, m2: 0.0 }
    }

    /// From number, mean and `M_2`.
    pub(super) fn of_parts(n: u64, mean: f64, m2: f64) -> Self {
        Self { n, mean, m2 }
    }

    /// Number, mean and `M_2`.
    pub(super) fn parts(&self) -> (u64, f64, f64) {
        (self.n, self.mean, self.m2)
    }

    /// Adds one value.
    pub fn push(&mut self, value: f64) {
        self.n += 1;
        let before = value - self.mean;
        self.mean += before / self.n as f64;
        self.m2 += before * (value - self.mean);
    }

    /// Tally of both samples together; `self` comes first in the fixed order of folding.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        if self.n == 0 {
            return *other;
        }
        if other.n == 0 {
            return *self;
        }
        if self.m2 == 0.0 && other.m2 == 0.0 && self.mean == other.mean {
            return Self { n: self.n + other.n, ..*self };
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let step = (other.mean - self.mean) / (a + b);
        Self {
            n: self.n + other.n,
            mean: self.mean + step * b,
            m2: self.m2 + other.m2 + step * step * a * b * (a + b),
        }
    }

    /// Tally of the same values times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { n: self.n, mean: factor * self.mean, m2: factor * factor * self.m2 }
    }

    /// Number of values.
    pub fn n(&self) -> u64 {
        self.n
    }

    /// Mean; absent for an empty sample.
    pub fn mean(&self) -> Option<f64> {
        (self.n >= 1 && self.mean.is_finite()).then_some(self.mean)
    }

    /// Standard deviation with N − 1; absent below two values.
    pub fn std(&self) -> Option<f64> {
        let std = (self.m2 / (self.n as f64 - 1.0)).sqrt();
        (self.n >= 2 && std.is_finite()).then_some(std)
    }

    /// Root mean square; absent for an empty sample.
    pub fn rms(&self) -> Option<f64> {
        let rms = (self.mean * self.mean + self.m2 / self.n as f64).sqrt();
        (self.n >= 1 && rms.is_finite()).then_some(rms)
    }

    /// Mean with `se = s/√N`.
    pub fn mean_estimate(&self) -> Estimate {
        mean_with_error(self.n, self.mean, self.m2)
    }
}

/// `mean ± s/√N` from number, mean and sum of squares about it.
pub(super) fn mean_with_error(n: u64, mean: f64, m2: f64) -> Estimate {
    match n {
        0 => Estimate::undefined("there are no values"),
        1 => Estimate::without_interval(mean, "the error of a mean needs two values"),
        _ => {
            let n = n as f64;
            Estimate::with_normal_interval(mean, (m2 / (n - 1.0) / n).sqrt())
        }
    }
}

/// Zero for what rounding left below zero; unlike `max`, it lets NaN through to be noticed.
#[inline(always)]
pub(super) fn not_negative(x: f64) -> f64 {
    if x < 0.0 { 0.0 } else { x }
}
