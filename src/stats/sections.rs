//! The error rule for figures without a formula: 50 sections of the paths, spread of their values.
use std::ops::Range;

use super::{Estimate, MeanTally, Moments, Units};

/// Number of sections; path `i` belongs to section `i mod N_SECTIONS`.
pub const N_SECTIONS: usize = 50;

/// Standard error from the values of equally large, independent sections: `std(values, ddof 1)/√(number of values)`.
///
/// Also the rule for Sobol replicates, where the replicates are the sections. Absent below two sections or where
/// a value is not finite. Source: the method of sectioning, S. Asmussen and P. Glynn (2007), "Stochastic
/// Simulation", chapter III.
pub fn section_error(values_of_sections: &[f64]) -> Option<f64> {
    MeanTally::from_slice(values_of_sections).mean_estimate().se
}

/// Runs of `n` consecutive paths that fall on neighbouring sections: the first of those, and the places in the row.
#[inline(always)]
pub(super) fn rows(first_path: u64, n: usize) -> impl Iterator<Item = (usize, Range<usize>)> {
    let (mut section, mut at) = ((first_path % N_SECTIONS as u64) as usize, 0);
    std::iter::from_fn(move || {
        let row = (section, at..n.min(at + N_SECTIONS - section));
        (section, at) = (0, row.1.end);
        (!row.1.is_empty()).then_some(row)
    })
}

/// Moments of a sample and of its sections, for every figure that is made of moments.
#[derive(Debug, Clone)]
pub struct SectionMoments {
    whole: Moments,
    /// None with fewer units than sections.
    sections: Vec<Moments>,
    units: Units,
}

impl SectionMoments {
    /// Of a sample in path order.
    pub fn of(values: &[f64]) -> Self {
        Self::over(Units::Paths, values)
    }

    /// Of a sample in path order whose independent units are these.
    pub fn over(units: Units, values: &[f64]) -> Self {
        let n_units = if units == Units::Pairs { values.len() / 2 } else { values.len() };
        let enough = n_units >= units.n_sections();
        let sections: Vec<Moments> = match units {
            _ if !enough => Vec::new(),
            Units::Paths => Moments::of_columns::<N_SECTIONS>(values).to_vec(),
            _ => {
                let mut sections = vec![Vec::new(); units.n_sections()];
                for (path, value) in (0..).zip(values) {
                    sections[units.section_of(path)].push(*value);
                }
                sections.iter().map(|section| Moments::from_slice(section)).collect()
            }
        };
        let whole = match sections.split_first() {
            Some((first, rest)) => rest.iter().fold(*first, |whole, section| whole.merge(section)),
            None => Moments::from_slice(values),
        };
        Self { whole, sections, units }
    }

    /// Those of the whole sample.
    pub fn whole(&self) -> &Moments {
        &self.whole
    }

    /// A figure of the whole sample with its error by sections, or the reason why there is none.
    pub fn estimate(&self, figure: impl Fn(&Moments) -> Option<f64>) -> Estimate {
        let n = self.whole.n();
        let Some(value) = figure(&self.whole) else {
            return Estimate::undefined(format!("the figure is undefined on these {n} paths"));
        };
        if self.sections.is_empty() {
            return Estimate::without_interval(value, too_few(n));
        }
        let of_sections: Option<Vec<f64>> = self.sections.iter().map(figure).collect();
        match of_sections.and_then(|values| self.units.law(&values)) {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, SECTION_UNDEFINED),
        }
    }
}

pub(super) fn too_few(n: u64) -> String {
    format!("an error by sections needs {N_SECTIONS} paths, not {n}")
}

pub(super) const SECTION_UNDEFINED: &str = "the figure is undefined in one of the 50 sections of the paths";
