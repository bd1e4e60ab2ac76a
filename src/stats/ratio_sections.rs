//! A mergeable tally for ratios of sums (root mean squares, averages over events) with errors by sections.
use serde::{Deserialize, Serialize};

use super::sections::{SECTION_UNDEFINED, rows, too_few};
use super::{Estimate, N_SECTIONS, Units};

/// Numerator and denominator sums per section, for `f(Σ numerator / Σ denominator)`.
///
/// Root mean square: numerator `x²`, denominator 1, read with [`RatioSections::root`]. Mean over events: the
/// events' sum and number, read with [`RatioSections::ratio`]. The error is the spread of the 50 sections' own
/// figures over √50 (see [`super::section_error`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Section>", into = "Vec<Section>")]
pub struct RatioSections {
    // side by side, so that neighbouring paths are added together
    n_paths: [u64; N_SECTIONS],
    numerators: [f64; N_SECTIONS],
    denominators: [f64; N_SECTIONS],
}

/// Sums of one section.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Section {
    n_paths: u64,
    numerator: f64,
    denominator: f64,
}

impl Default for RatioSections {
    fn default() -> Self {
        Self { n_paths: [0; N_SECTIONS], numerators: [0.0; N_SECTIONS], denominators: [0.0; N_SECTIONS] }
    }
}

impl RatioSections {
    /// Adds one path's part of both sums.
    pub fn add(&mut self, path: u64, numerator: f64, denominator: f64) {
        self.add_to((path % N_SECTIONS as u64) as usize, numerator, denominator);
    }

    /// Adds consecutive paths from `first_path` on: their parts of the numerator, and of the denominator where each is not 1.
    ///
    /// # Panics
    ///
    /// Where there are fewer denominators than numerators.
    #[inline(always)]
    pub fn add_block(&mut self, first_path: u64, numerators: &[f64], denominators: Option<&[f64]>) {
        for (first, row) in rows(first_path, numerators.len()) {
            let sections = first..first + row.len();
            let (sums, weights) =
                (&mut self.numerators[sections.clone()], &mut self.denominators[sections.clone()]);
            sums.iter_mut().zip(&numerators[row.clone()]).for_each(|(sum, part)| *sum += part);
            match denominators {
                Some(parts) => weights.iter_mut().zip(&parts[row]).for_each(|(sum, part)| *sum += part),
                None => weights.iter_mut().for_each(|sum| *sum += 1.0),
            }
            self.n_paths[sections].iter_mut().for_each(|n| *n += 1);
        }
    }

    /// The same for paths whose independent units are these.
    ///
    /// # Panics
    ///
    /// Where there are fewer denominators than numerators.
    pub fn add_block_over(
        &mut self,
        units: Units,
        first_path: u64,
        numerators: &[f64],
        denominators: Option<&[f64]>,
    ) {
        for (k, numerator) in numerators.iter().enumerate() {
            let denominator = denominators.map_or(1.0, |parts| parts[k]);
            self.add_to(units.section_of(first_path + k as u64), *numerator, denominator);
        }
    }

    fn add_to(&mut self, section: usize, numerator: f64, denominator: f64) {
        self.n_paths[section] += 1;
        self.numerators[section] += numerator;
        self.denominators[section] += denominator;
    }

    fn section(&self, k: usize) -> Section {
        Section { n_paths: self.n_paths[k], numerator: self.numerators[k], denominator: self.denominators[k] }
    }

    /// Sums of both samples; `self` comes first in the fixed order of folding.
    #[must_use]
    pub fn merge(&self, other: &Self) -> Self {
        let mut sum = self.clone();
        sum.absorb(other);
        sum
    }

    /// [`Self::merge`] in place.
    pub fn absorb(&mut self, other: &Self) {
        for k in 0..N_SECTIONS {
            self.n_paths[k] += other.n_paths[k];
            self.numerators[k] += other.numerators[k];
            self.denominators[k] += other.denominators[k];
        }
    }

    /// Number of paths added.
    pub fn n_paths(&self) -> u64 {
        self.total().n_paths
    }

    /// `Σ numerator / Σ denominator`.
    pub fn ratio(&self) -> Estimate {
        self.ratio_over(Units::Paths)
    }

    /// The same with its error over these units.
    pub fn ratio_over(&self, units: Units) -> Estimate {
        self.estimate(units, |ratio| ratio)
    }

    /// `√(Σ numerator / Σ denominator)`.
    pub fn root(&self) -> Estimate {
        self.root_over(Units::Paths)
    }

    /// The same with its error over these units.
    pub fn root_over(&self, units: Units) -> Estimate {
        self.estimate(units, f64::sqrt)
    }

    /// `figure(Σ numerator / Σ denominator)` with the error by sections of these units.
    pub fn estimate(&self, units: Units, figure: impl Fn(f64) -> f64) -> Estimate {
        let total = self.total();
        let of = |s: &Section| Some(figure(s.numerator / s.denominator)).filter(|x| x.is_finite());
        let Some(value) = of(&total) else {
            return Estimate::undefined(match total {
                Section { n_paths: 0, .. } => "there are no paths",
                Section { denominator: 0.0, .. } => "nothing to average over: the denominator is zero",
                _ => "the ratio is not finite",
            });
        };
        let n_sections = units.n_sections();
        let n_units = if units == Units::Pairs { total.n_paths / 2 } else { total.n_paths };
        if n_units < n_sections as u64 {
            return Estimate::without_interval(value, too_few(total.n_paths));
        }
        let of_sections: Option<Vec<f64>> = (0..n_sections).map(|k| of(&self.section(k))).collect();
        match of_sections.and_then(|values| units.law(&values)) {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, SECTION_UNDEFINED),
        }
    }

    fn total(&self) -> Section {
        let sum = |values: &[f64]| values.iter().fold(0.0, |sum, x| sum + x);
        Section {
            n_paths: self.n_paths.iter().sum(),
            numerator: sum(&self.numerators),
            denominator: sum(&self.denominators),
        }
    }
}

impl TryFrom<Vec<Section>> for RatioSections {
    type Error = String;

    fn try_from(sections: Vec<Section>) -> Result<Self, String> {
        let n = sections.len();
        if n != N_SECTIONS {
            return Err(format!("expected {N_SECTIONS} sections, not {n}"));
        }
        let mut tally = Self::default();
        for (k, section) in sections.iter().enumerate() {
            tally.n_paths[k] = section.n_paths;
            tally.numerators[k] = section.numerator;
            tally.denominators[k] = section.denominator;
        }
        Ok(tally)
    }
}

impl From<RatioSections> for Vec<Section> {
    fn from(tally: RatioSections) -> Self {
        (0..N_SECTIONS).map(|k| tally.section(k)).collect()
    }
}
