//! The shape of a sample for tables: histogram of its body and quantiles with intervals.
use serde::Serialize;

use super::root::root;
use super::{Binned, Estimate, Units, quantile, quantile_estimate};

/// Levels of the quantile table.
pub const QUANTILE_LEVELS: [f64; 15] =
    [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 0.9, 0.95, 0.975, 0.99, 0.995, 0.999];

/// Histogram and quantile table of a sample.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Distribution {
    /// Number of values.
    pub n: usize,
    /// Absent where all values are equal, or there are none.
    pub histogram: Option<Histogram>,
    /// Rows of [`QUANTILE_LEVELS`] that the sample bounds on both sides with 95 %.
    pub quantiles: Vec<QuantileRow>,
}

/// One row of the quantile table.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct QuantileRow {
    /// Level of the quantile.
    pub p: f64,
    /// Type 7 quantile with its exact interval.
    pub estimate: Estimate,
}

/// Counts in equal bins over `[low, high]`, and what lies outside.
///
/// Bin `i` is `[edge(i), edge(i+1))`, the last one closed. Bin width `2·IQR·n^(−1/3)` (D. Freedman and P. Diaconis, 1981),
/// the number of bins held between 20 and 200.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Histogram {
    /// Lower end of the first bin.
    pub low: f64,
    /// Upper end of the last bin.
    pub high: f64,
    /// Values per bin.
    pub counts: Vec<u64>,
    /// Values below `low`.
    pub n_below: u64,
    /// Values above `high`.
    pub n_above: u64,
}

impl Distribution {
    /// The shape of ascending values.
    pub fn of(sorted: &[f64]) -> Self {
        Self::by(sorted, |p| quantile_estimate(sorted, p))
    }

    /// The shape of values by path whose independent units are these.
    pub fn over(units: Units, values: &[f64]) -> Self {
        let sorted = super::sorted(values);
        Self::by(&sorted, |p| units.quantile_estimate(&sorted, values, p))
    }

    fn by(sorted: &[f64], estimate: impl Fn(f64) -> Estimate) -> Self {
        let row = |p| QuantileRow { p, estimate: estimate(p) };
        let quantiles =
            QUANTILE_LEVELS.into_iter().map(row).filter(|row| row.estimate.ci.is_some()).collect();
        Self { n: sorted.len(), histogram: Histogram::of(sorted), quantiles }
    }
}

impl Distribution {
    /// The shape of values that are known to their bins: 200 bins over their 0.1–99.9 % range.
    pub fn of_binned(binned: &Binned) -> Self {
        const N_BINS: u64 = 200;
        let row = |p| QuantileRow { p, estimate: binned.quantile_estimate(p) };
        let quantiles =
            QUANTILE_LEVELS.into_iter().map(row).filter(|row| row.estimate.ci.is_some()).collect();
        let body = binned.quantile(0.001).zip(binned.quantile(0.999)).filter(|(low, high)| low < high);
        let histogram = body.map(|(low, high)| {
            let mut shape =
                Histogram { low, high, counts: Vec::new(), n_below: binned.n_under(low), n_above: 0 };
            shape.counts = vec![0; N_BINS as usize];
            let under: Vec<u64> = (0..=N_BINS as usize).map(|i| binned.n_under(shape.edge(i))).collect();
            shape.counts = under.windows(2).map(|pair| pair[1] - pair[0]).collect();
            shape.n_above = binned.n() - under[N_BINS as usize];
            shape
        });
        Self { n: binned.n() as usize, histogram, quantiles }
    }
}

impl Histogram {
    /// Histogram of ascending values over their 0.1–99.9 % range (everything up to 1001 values, or where that range
    /// is a single value); absent where all values are equal or one is not finite.
    pub fn of(sorted: &[f64]) -> Option<Self> {
        let (first, last) = (*sorted.first()?, *sorted.last()?);
        if !(first.is_finite() && last.is_finite()) {
            return None;
        }
        let n = sorted.len();
        let outside = (n - 1) / 1000;
        let body = (sorted[outside], sorted[n - 1 - outside]);
        let (low, high) = if body.0 < body.1 { body } else { (first, last) };
        if !(low < high && (high - low).is_finite()) {
            return None;
        }
        let n_bins = n_bins(sorted, high - low)?;
        let mut shape = Self { low, high, counts: vec![0; n_bins], n_below: 0, n_above: 0 };
        let n_up_to = |x: f64| sorted.partition_point(|value| *value <= x);
        let n_under = |x: f64| sorted.partition_point(|value| *value < x);
        shape.n_below = n_under(low) as u64;
        let mut before = shape.n_below;
        for i in 0..n_bins {
            let end = shape.edge(i + 1);
            let until = if i + 1 == n_bins { n_up_to(end) } else { n_under(end) } as u64;
            shape.counts[i] = until - before;
            before = until;
        }
        shape.n_above = n as u64 - before;
        Some(shape)
    }

    /// Lower end of bin `i`; `edge(counts.len())` is `high`.
    pub fn edge(&self, i: usize) -> f64 {
        let n_bins = self.counts.len();
        if i >= n_bins {
            return self.high;
        }
        (self.low + (self.high - self.low) * (i as f64 / n_bins as f64)).min(self.high)
    }

    /// Probability density of bin `i`: its share of all values over its width.
    pub fn density(&self, i: usize) -> f64 {
        let inside: u64 = self.counts.iter().sum();
        let n = (inside + self.n_below + self.n_above) as f64;
        let width = (self.high - self.low) / self.counts.len() as f64;
        self.counts.get(i).map_or(0.0, |count| *count as f64 / (n * width))
    }
}

fn n_bins(sorted: &[f64], range: f64) -> Option<usize> {
    let iqr = quantile(sorted, 0.75)? - quantile(sorted, 0.25)?;
    let width = 2.0 * iqr / root(sorted.len(), 3);
    // without a spread in the middle the width is zero and the quotient infinite: the most bins
    Some((range / width).ceil().clamp(20.0, 200.0) as usize)
}
