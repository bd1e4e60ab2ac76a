//! A histogram with bins of constant relative width: quantiles of any number of values in bounded memory.
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::estimate::Z_95;
use super::{Estimate, binomial_interval};

/// Bits of a double below sign, exponent and eight bits of its fraction.
const BELOW: u32 = 52 - 8;
const SIGN: u64 = 1 << 63;

/// Largest relative error of a value read from a bin.
pub const BIN_ERROR: f64 = 1.0 / 256.0;

/// Counts of values by sign, exponent and the first eight bits of the fraction.
///
/// Counts are whole numbers: merging is exact in any order. A bin is less than 2⁻⁸ of its values wide.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct LogHistogram {
    counts: BTreeMap<u32, u64>,
}

/// Number of the bin of a value; bins ascend as their values do.
fn bin(value: f64) -> u32 {
    // adding zero turns −0 into 0
    let bits = (value + 0.0).to_bits();
    ((if bits & SIGN == 0 { bits | SIGN } else { !bits }) >> BELOW) as u32
}

/// A value of a bin, `inside` counted in bits from its lower end; what is too small to matter is zero.
fn value(bin: u32, inside: u64) -> f64 {
    let ordered = (u64::from(bin) << BELOW) | inside;
    let value = f64::from_bits(if ordered & SIGN == 0 { !ordered } else { ordered & !SIGN });
    if value.abs() < f64::MIN_POSITIVE { 0.0 } else { value }
}

impl LogHistogram {
    /// Counts one value.
    pub fn add(&mut self, value: f64) {
        *self.counts.entry(bin(value)).or_default() += 1;
    }

    /// Counts what the other counted.
    pub fn merge(&mut self, other: &Self) {
        for (bin, count) in &other.counts {
            let mine = self.counts.entry(*bin).or_default();
            *mine = mine.saturating_add(*count);
        }
    }

    /// Number of values.
    pub fn n(&self) -> u64 {
        self.counts.values().fold(0, |sum, count| sum.saturating_add(*count))
    }

    /// The values in ascending order, each known to its bin.
    pub fn ascending(&self) -> Binned {
        let mut n = 0_u64;
        let bins = self.counts.iter().map(|(bin, count)| {
            n = n.saturating_add(*count);
            let end = (1 << BELOW) - 1;
            Bin {
                low: value(*bin, 0),
                middle: value(*bin, 1 << (BELOW - 1)),
                high: value(*bin, end),
                until: n,
            }
        });
        Binned { bins: bins.collect() }
    }
}

/// Values in ascending order, each known to a relative error of [`BIN_ERROR`].
#[derive(Debug, Clone, PartialEq)]
pub struct Binned {
    bins: Vec<Bin>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Bin {
    low: f64,
    middle: f64,
    high: f64,
    /// Values up to the end of this bin.
    until: u64,
}

impl Binned {
    /// Number of values.
    pub fn n(&self) -> u64 {
        self.bins.last().map_or(0, |bin| bin.until)
    }

    fn bin(&self, rank: u64) -> Option<&Bin> {
        self.bins.get(self.bins.partition_point(|bin| bin.until <= rank))
    }

    /// The value of that rank, counted from 0.
    pub fn at(&self, rank: u64) -> Option<f64> {
        self.bin(rank).map(|bin| bin.middle)
    }

    /// Values below `x`, by the middles of their bins.
    pub fn n_under(&self, x: f64) -> u64 {
        let first = self.bins.partition_point(|bin| bin.middle < x);
        first.checked_sub(1).map_or(0, |last| self.bins[last].until)
    }

    /// At most `most` values that stand for all, ascending and equally far apart in rank.
    pub fn thinned(&self, most: u64) -> Vec<f64> {
        let (n, m) = (u128::from(self.n()), u128::from(self.n().min(most)));
        (0..m).filter_map(|i| self.at(((2 * i + 1) * n / (2 * m)) as u64)).collect()
    }

    /// Type 7 quantile.
    pub fn quantile(&self, p: f64) -> Option<f64> {
        let last = self.n().checked_sub(1).filter(|_| (0.0..=1.0).contains(&p))?;
        let h = last as f64 * p;
        let below = (h as u64).min(last);
        let (low, high) = (self.at(below)?, self.at((below + 1).min(last))?);
        Some(low + (h - below as f64) * (high - low))
    }

    /// Type 7 quantile with the interval of the order statistics that bound it, out to the ends of their bins.
    pub fn quantile_estimate(&self, p: f64) -> Estimate {
        let Some(value) = self.quantile(p) else { return Estimate::undefined("there are no values") };
        let bounds = match binomial_interval(self.n(), p) {
            (Some(l), Some(u)) => self.bin(l - 1).zip(self.bin(u - 1)),
            _ => None,
        };
        match bounds {
            Some((low, high)) => {
                Estimate::with_interval(value, (high.high - low.low) / (2.0 * Z_95), [low.low, high.high])
            }
            None => Estimate::without_interval(
                value,
                format!("{} values do not bound this quantile with 95 %", self.n()),
            ),
        }
    }

    /// `VaR_a = −q_{1−a}`.
    pub fn var_estimate(&self, a: f64) -> Estimate {
        self.quantile_estimate(1.0 - a).negated()
    }

    /// `CVaR_a`: mean of the worst `(1−a)N`, sign flipped; formula and error as for exact values, its interval
    /// widened by what the bins leave open.
    pub fn cvar_estimate(&self, a: f64) -> Estimate {
        let p = 1.0 - a;
        let k = p * self.n() as f64;
        let Some(q) = self.quantile(p).filter(|_| k > 0.0) else {
            return Estimate::undefined("the tail is empty");
        };
        let (mut before, mut left) = (0, k);
        let mut sums = [0.0; 4];
        for bin in &self.bins {
            let weight = left.min((bin.until - before) as f64);
            if weight <= 0.0 {
                break;
            }
            let terms = [bin.low, bin.middle, bin.high, (bin.middle - q) * (bin.middle - q)];
            for (sum, term) in sums.iter_mut().zip(terms) {
                *sum += weight * term;
            }
            left -= weight;
            before = bin.until;
        }
        let [low, mean, high, square] = sums.map(|sum| sum / k);
        if k < 2.0 {
            return Estimate::without_interval(0.0 - mean, "less than two values in the tail");
        }
        let excess = q - mean;
        let variance = (square - excess * excess).max(0.0);
        let sampling = ((variance + a * excess * excess) / k).sqrt();
        let open = 0.5 * (high - low);
        let half = Z_95 * sampling + open;
        Estimate::with_interval(0.0 - mean, sampling + open / Z_95, [0.0 - mean - half, 0.0 - mean + half])
    }
}

#[cfg(test)]
mod tests {
    use super::super::{cvar_estimate, quantile, sorted};
    use super::*;

    #[test]
    fn bins_ascend_and_hold_their_values() {
        let mut values =
            vec![0.0, -0.0, 1e-300, f64::MIN_POSITIVE, 1.0, 1.5, -1.0, -3.7e5, 2.9e12, 1e300, -1e300];
        values.extend((1..2000).map(|i| f64::from(i) * 0.37 - 300.0));
        values.sort_by(f64::total_cmp);
        assert!(values.windows(2).all(|pair| bin(pair[0]) <= bin(pair[1])));
        for x in values {
            let (low, high) = (value(bin(x), 0), value(bin(x), (1 << BELOW) - 1));
            assert!(low.min(high) <= x && x <= low.max(high), "{x}");
            assert!(low <= high, "{x}: {low} {high}");
            let middle = value(bin(x), 1 << (BELOW - 1));
            assert!((middle - x).abs() <= BIN_ERROR * x.abs(), "{x}: {middle}");
        }
    }

    #[test]
    fn figures_stay_within_the_stated_error_and_merge_in_any_order() {
        let values: Vec<f64> =
            (0..50_000_u64).map(|i| ((i * 7919 % 50_000) as f64 / 5e4 - 0.4).powi(3) * 1e4).collect();
        let mut parts = vec![LogHistogram::default(); 3];
        for (i, value) in values.iter().enumerate() {
            parts[i % 3].add(*value);
        }
        let merged = |order: [usize; 3]| {
            order.iter().fold(LogHistogram::default(), |mut sum, part| {
                sum.merge(&parts[*part]);
                sum
            })
        };
        assert_eq!(merged([0, 1, 2]), merged([2, 0, 1]));
        let (binned, exact) = (merged([1, 2, 0]).ascending(), sorted(&values));
        assert_eq!(binned.n(), 50_000);
        for p in [0.001, 0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99, 0.999] {
            let (found, wanted) = (binned.quantile(p).unwrap_or(0.0), quantile(&exact, p).unwrap_or(0.0));
            assert!((found - wanted).abs() <= BIN_ERROR * wanted.abs(), "{p}: {found} {wanted}");
            let ci = binned.quantile_estimate(p).ci.unwrap_or_default();
            assert!(ci[0] <= wanted && wanted <= ci[1], "{p}: {ci:?} {wanted}");
        }
        let (found, wanted) = (binned.cvar_estimate(0.95), cvar_estimate(&exact, 0.95));
        let (value, exact) = (found.value.unwrap_or(0.0), wanted.value.unwrap_or(0.0));
        assert!((value - exact).abs() <= BIN_ERROR * exact.abs(), "{found:?} {wanted:?}");
        assert!(found.se >= wanted.se, "{found:?} {wanted:?}");
        assert_eq!(binned.thinned(100).len(), 100);
    }
}
