//! What is independent of what: single paths, antithetic pairs, or replicates of a Sobol sequence.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::rng::N_REPLICATES;

use super::{ErrorLaw, Estimate, N_SECTIONS, quantile, section_error};

/// The independent units of a run, over which every standard error is taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Units {
    /// Every path is one.
    #[default]
    Paths,
    /// Paths `2k` and `2k + 1` together are one.
    Pairs,
    /// Paths with the same number modulo 32 are one; intervals take account of the skewness and the tails of the 32.
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

    /// How the error of a figure is distributed whose value on each unit, or on each section of the paths, is known.
    pub fn law(self, of_units: &[f64]) -> Option<ErrorLaw> {
        match self {
            Self::Replicates => ErrorLaw::of_units(of_units),
            _ => section_error(of_units).map(ErrorLaw::normal),
        }
    }

    /// The same of the mean of values by path.
    pub fn law_of_mean(self, values: &[f64]) -> Option<ErrorLaw> {
        self.law(&self.means(values)?)
    }

    /// The same of a share of the paths, from its value on each unit. A share has no tails to correct for, and its few
    /// values would be taken for some: of replicates, Student's law.
    pub fn law_of_share(self, of_units: &[f64]) -> Option<ErrorLaw> {
        let freedom = of_units.len() as f64 - 1.0;
        match self {
            Self::Replicates => section_error(of_units).map(|se| ErrorLaw::student(se, freedom)),
            _ => self.law(of_units),
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

    /// Type 7 quantile of `sorted` with its interval over the units; `values` are the same in path order. Of single paths the
    /// exact interval of the order statistics.
    ///
    /// The share of paths at or below it has an error `e` over the units, and `(share − p)/e` lies between two bounds; the
    /// interval goes from the quantile at the one, `p + low·e`, to that at the other. Source: R. Woodruff (1952), Journal of the American Statistical Association 47(260).
    pub fn quantile_estimate(self, sorted: &[f64], values: &[f64], p: f64) -> Estimate {
        if self == Self::Paths {
            return super::quantile_estimate(sorted, p);
        }
        let n = sorted.len();
        let Some(value) = quantile(sorted, p) else {
            return super::quantile_estimate(sorted, p);
        };
        let below: Vec<f64> = values.iter().map(|x| f64::from(u8::from(*x <= value))).collect();
        let law = self.means(&below).and_then(|shares| self.law_of_share(&shares));
        let ends = law.and_then(|law| {
            let bounds = law.bounds(0.05);
            let [low, high] = bounds.map(|bound| quantile(sorted, p + bound * law.se));
            Some((bounds, [low?, high?]))
        });
        match ends {
            Some((bounds, [low, high])) => {
                Estimate::with_interval(value, (high - low) / (bounds[1] - bounds[0]), [low, high])
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
        let error = |units: Units, values: &[f64]| units.law_of_mean(values).map(|law| law.se);
        let mirrored: Vec<f64> =
            (0..640).map(|i| if i % 2 == 0 { 1.0 } else { -1.0 } * f64::from(i / 2)).collect();
        assert_eq!(error(Units::Pairs, &mirrored), Some(0.0));
        assert!(error(Units::Paths, &mirrored).is_some_and(|se| se > 1.0));
        // the same in every replicate
        let by_point: Vec<f64> = (0..640).map(|i| f64::from(i / 32)).collect();
        assert_eq!(error(Units::Replicates, &by_point), Some(0.0));
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
