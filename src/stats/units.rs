//! What is independent of what: single paths, antithetic pairs, or replicates of a Sobol sequence.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rng::N_REPLICATES;

use super::{Estimate, MeanTally, N_SECTIONS, critical, quantile};

/// The independent units of a run, over which every standard error is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Every path is one.
    #[default]
    Paths,
    /// Paths `2k` and `2k + 1` together are one.
    Pairs,
    /// Paths with the same number modulo 32 are one; intervals take Student's quantile with 31 degrees of freedom.
    Replicates,
}

impl Units {
    /// Whether every path is one.
    pub fn are_paths(&self) -> bool {
        *self == Self::Paths
    }

    /// Sections of the paths for errors by sections; the replicates where there are some.
    pub fn n_sections(self) -> usize {
        if self == Self::Replicates { N_REPLICATES } else { N_SECTIONS }
    }

    /// Section of a path; a unit lies in one section.
    pub fn section_of(self, path: u64) -> usize {
        let unit = if self == Self::Pairs { path / 2 } else { path };
        (unit % self.n_sections() as u64) as usize
    }

    /// Degrees of freedom of an error over the units; absent where they are many.
    pub fn freedom(self) -> Option<f64> {
        (self == Self::Replicates).then_some(N_REPLICATES as f64 - 1.0)
    }

    /// Half-width of a 95 % interval in standard errors.
    pub fn z_95(self) -> f64 {
        critical(0.05, self.freedom())
    }

    /// A figure with its error over the units.
    pub fn estimate(self, value: f64, se: f64) -> Estimate {
        match self {
            Self::Replicates => {
                let half = self.z_95() * se;
                Estimate::with_interval(value, se, [value - half, value + half])
            }
            _ => Estimate::with_normal_interval(value, se),
        }
    }

    /// Mean of every unit of values by path; none where the last one would not be whole.
    pub fn means(self, values: &[f64]) -> Option<Vec<f64>> {
        match self {
            Self::Paths => Some(values.to_vec()),
            Self::Pairs => {
                let (pairs, rest) = values.as_chunks::<2>();
                rest.is_empty().then(|| pairs.iter().map(|[a, b]| 0.5 * (a + b)).collect())
            }
            Self::Replicates => {
                let (rows, rest) = values.as_chunks::<N_REPLICATES>();
                if rows.is_empty() || !rest.is_empty() {
                    return None;
                }
                let mut sums = [0.0; N_REPLICATES];
                for row in rows {
                    for (sum, value) in sums.iter_mut().zip(row) {
                        *sum += value;
                    }
                }
                Some(sums.map(|sum| sum / rows.len() as f64).to_vec())
            }
        }
    }

    /// Standard error of the mean of values by path: `std/√n` over the units' means.
    pub fn error(self, values: &[f64]) -> Option<f64> {
        MeanTally::from_slice(&self.means(values)?).mean_estimate().se
    }

    /// Type 7 quantile of `sorted` with its interval over the units; `values` are the same in path order. Of single paths the
    /// exact interval of the order statistics.
    ///
    /// The share of paths at or below it has an error `e` over the units; the interval goes from the quantile at `p − z·e` to
    /// that at `p + z·e`. Source: R. Woodruff (1952), Journal of the American Statistical Association 47(260).
    pub fn quantile_estimate(self, sorted: &[f64], values: &[f64], p: f64) -> Estimate {
        if self == Self::Paths {
            return super::quantile_estimate(sorted, p);
        }
        let n = sorted.len();
        let Some(value) = quantile(sorted, p) else {
            return super::quantile_estimate(sorted, p);
        };
        let below: Vec<f64> = values.iter().map(|x| f64::from(u8::from(*x <= value))).collect();
        let half = self.error(&below).map(|e| self.z_95() * e);
        let ends = half.and_then(|half| quantile(sorted, p - half).zip(quantile(sorted, p + half)));
        match ends {
            Some((low, high)) => {
                Estimate::with_interval(value, (high - low) / (2.0 * self.z_95()), [low, high])
            }
            None => {
                Estimate::without_interval(value, format!("{n} values do not bound this quantile with 95 %"))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_lies_in_one_section() {
        assert_eq!([0, 1, 49, 50].map(|path| Units::Paths.section_of(path)), [0, 1, 49, 0]);
        assert_eq!([0, 1, 2, 99, 100].map(|path| Units::Pairs.section_of(path)), [0, 0, 1, 49, 0]);
        assert_eq!([0, 31, 32].map(|path| Units::Replicates.section_of(path)), [0, 31, 0]);
    }

    #[test]
    fn what_cancels_within_a_unit_has_no_error() {
        let mirrored: Vec<f64> =
            (0..640).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 } * f64::from(i / 2)).collect();
        assert_eq!(Units::Pairs.error(&mirrored), Some(0.0));
        assert!(Units::Paths.error(&mirrored).is_some_and(|se| se > 1.0));
        // the same in every replicate
        let by_point: Vec<f64> = (0..640).map(|i| f64::from(i / 32)).collect();
        assert_eq!(Units::Replicates.error(&by_point), Some(0.0));
        assert_eq!(Units::Pairs.means(&[1.0, 2.0, 3.0]), None);
        assert_eq!(Units::Replicates.means(&[1.0; 33]), None);
    }

    #[test]
    fn pairs_that_are_equal_count_once() {
        // every value twice: half as many independent ones, errors √2 times as large; evenly spaced, so that an interval is
        // as long as its ranks are far apart
        let twice: Vec<f64> =
            (0..20_000_u32).map(|i| f64::from(i * 7919 % 20_000)).flat_map(|x| [x, x]).collect();
        let sorted = super::super::sorted(&twice);
        for p in [0.01, 0.05, 0.5] {
            let of = |units: Units| units.quantile_estimate(&sorted, &twice, p).se.expect("an interval");
            let ratio = of(Units::Pairs) / of(Units::Paths);
            assert!((ratio - 2.0_f64.sqrt()).abs() < 0.06, "{p}: {ratio}");
        }
    }
}
