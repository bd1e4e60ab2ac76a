//! Mergeable moments up to the fourth: mean, standard deviation, skewness, kurtosis.
use serde::{Deserialize, Serialize};

use super::Estimate;
use super::lane_sums::lane_sums;
use super::mean_tally::{mean_with_error, not_negative};

/// Number, mean and sums of central powers `M_k = Σ (x − mean)^k`.
///
/// `from_slice` is two-pass (mean, then powers about it, corrected for the rounding of that mean); `merge` is
/// pairwise. With `m_k = M_k / n`: `std = √(M_2/(n−1))`, `skew = m_3/m_2^1.5`, `kurtosis_excess = m_4/m_2² − 3`.
///
/// Source: P. Pébay (2008), "Formulas for robust, one-pass parallel computation of covariances and arbitrary-order
/// statistical moments", SAND2008-6212.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    n: u64,
    mean: f64,
    m2: f64,
    m3: f64,
    m4: f64,
}

impl Moments {
    /// Moments of one block of values.
    pub fn from_slice(values: &[f64]) -> Self {
        let Some(&origin) = values.first() else { return Self::default() };
        let n = values.len() as f64;
        // measured from the first value, so that a constant sample has no spread at all
        let [shift] = lane_sums(values, |x| [x - origin]);
        let centre = origin + shift / n;
        let [s1, s2, s3, s4] = lane_sums(values, |x| {
            let d = x - centre;
            let d2 = d * d;
            [d, d2, d2 * d, d2 * d2]
        });
        Self::about(values.len() as u64, centre, [s1, s2, s3, s4])
    }

    /// From the number of values and the sums of the first four powers of their distances from `centre`, which lies within
    /// rounding of their mean.
    fn about(count: u64, centre: f64, [s1, s2, s3, s4]: [f64; 4]) -> Self {
        let n = count as f64;
        // what the rounding of `centre` left over
        let e = s1 / n;
        let e2 = e * e;
        Self {
            n: count,
            mean: centre + e,
            m2: not_negative(s2 - n * e2),
            m3: s3 - 3.0 * e * s2 + 2.0 * n * e2 * e,
            m4: not_negative(s4 - 4.0 * e * s3 + 6.0 * e2 * s2 - 3.0 * n * e2 * e2),
        }
    }

    /// Moments of every column of values that stand row by row, `K` columns wide; the last row may be short.
    ///
    /// Neighbouring columns are summed side by side, in one pass over the rows for the means and one for the powers.
    pub fn of_columns<const K: usize>(values: &[f64]) -> [Self; K] {
        let (n_rows, n_last) = (values.len() / K, values.len() % K);
        let count = |column: usize| (n_rows + usize::from(column < n_last)) as u64;
        let mut centres = [0.0; K];
        // measured from the first value, so that a constant sample has no spread at all
        let origin = values.first().copied().unwrap_or(0.0);
        for row in values.chunks(K) {
            centres.iter_mut().zip(row).for_each(|(sum, x)| *sum += x - origin);
        }
        for (column, centre) in centres.iter_mut().enumerate() {
            *centre = origin + *centre / count(column) as f64;
        }
        let mut sums = [[0.0; K]; 4];
        for row in values.chunks(K) {
            add_powers(&mut sums, &centres, row);
        }
        std::array::from_fn(|column| match count(column) {
            0 => Self::default(),
            n => Self::about(n, centres[column], sums.map(|power| power[column])),
        })
    }

    /// Moments of both samples together; `self` comes first in the fixed order of folding.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        if self.n == 0 {
            return *other;
        }
        if other.n == 0 {
            return *self;
        }
        let (a, b) = (self.n as f64, other.n as f64);
        let n = a + b;
        let step = (other.mean - self.mean) / n;
        let step2 = step * step;
        let ab = a * b;
        Self {
            n: self.n + other.n,
            mean: self.mean + step * b,
            m2: self.m2 + other.m2 + step2 * ab * n,
            m3: self.m3
                + other.m3
                + step2 * step * ab * n * (a - b)
                + 3.0 * step * (a * other.m2 - b * self.m2),
            m4: self.m4
                + other.m4
                + step2 * step2 * ab * n * (a * a - ab + b * b)
                + 6.0 * step2 * (a * a * other.m2 + b * b * self.m2)
                + 4.0 * step * (a * other.m3 - b * self.m3),
        }
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

    /// Root of the mean square `√(mean² + m_2)`; absent for an empty sample.
    pub fn root_mean_square(&self) -> Option<f64> {
        let root = self.mean.mul_add(self.mean, self.m2 / self.n as f64).sqrt();
        (self.n >= 1 && root.is_finite()).then_some(root)
    }

    /// Skewness `m_3/m_2^1.5`; absent where nothing varies.
    pub fn skew(&self) -> Option<f64> {
        let n = self.n as f64;
        let m2 = self.m2 / n;
        finite((self.m3 / n) / (m2 * m2.sqrt()))
    }

    /// Excess kurtosis `m_4/m_2² − 3`; absent where nothing varies.
    pub fn kurtosis_excess(&self) -> Option<f64> {
        let n = self.n as f64;
        let m2 = self.m2 / n;
        finite((self.m4 / n) / (m2 * m2) - 3.0)
    }

    /// Mean with `se = s/√N`.
    pub fn mean_estimate(&self) -> Estimate {
        mean_with_error(self.n, self.mean, self.m2)
    }

    /// Standard deviation with `se = s·√((kurtosis_excess + 2)/(4N))`.
    ///
    /// Below four values the kurtosis is a constant of N, not of the sample, and no error is given.
    /// Source: H. Cramér (1946), "Mathematical Methods of Statistics", chapter 27 (delta method, leading order in 1/N).
    pub fn std_estimate(&self) -> Estimate {
        if self.n < 2 {
            return Estimate::undefined(format!("a standard deviation needs two values, not {}", self.n));
        }
        let Some(std) = self.std() else { return Estimate::undefined("the spread is not finite") };
        if self.n < 4 {
            return Estimate::without_interval(std, "the error of a standard deviation needs four values");
        }
        if std == 0.0 {
            return Estimate::known(0.0);
        }
        match self.kurtosis_excess() {
            Some(k) => {
                let se = std * ((k + 2.0).max(0.0) / (4.0 * self.n as f64)).sqrt();
                Estimate::with_normal_interval(std, se)
            }
            None => Estimate::without_interval(std, "the kurtosis is not finite"),
        }
    }
}

/// Adds the first four powers of a row's distances from the centres.
fn add_powers<const K: usize>([s1, s2, s3, s4]: &mut [[f64; K]; 4], centres: &[f64; K], row: &[f64]) {
    let sums = s1.iter_mut().zip(s2).zip(s3).zip(s4);
    for ((((s1, s2), s3), s4), (x, centre)) in sums.zip(row.iter().zip(centres)) {
        let d = x - centre;
        let d2 = d * d;
        *s1 += d;
        *s2 += d2;
        *s3 += d2 * d;
        *s4 += d2 * d2;
    }
}

fn finite(value: f64) -> Option<f64> {
    value.is_finite().then_some(value)
}
