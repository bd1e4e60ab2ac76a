//! A mergeable tally for ratios of sums (root mean squares, averages over events) with errors by sections.
use serde::{Deserialize, Serialize};

use super::sections::{SECTION_UNDEFINED, too_few};
use super::{Estimate, N_SECTIONS, Units};

/// Numerator and denominator sums per section, for `f(Σ numerator / Σ denominator)`.
///
/// Root mean square: numerator `x²`, denominator 1, read with [`RatioSections::root`]. Mean over events: the
/// events' sum and number, read with [`RatioSections::ratio`]. The error is the spread of the 50 sections' own
/// figures over √50 (see [`super::section_error`]).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Section>", into = "Vec<Section>")]
pub struct RatioSections {
    sections: [Section; N_SECTIONS],
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
        Self { sections: [Section::default(); N_SECTIONS] }
    }
}

impl RatioSections {
    /// Adds one path's part of both sums.
    pub fn add(&mut self, path: u64, numerator: f64, denominator: f64) {
        let section = &mut self.sections[(path % N_SECTIONS as u64) as usize];
        section.n_paths += 1;
        section.numerator += numerator;
        section.denominator += denominator;
    }

    /// Adds consecutive paths from `first_path` on, each with its parts of both sums.
    pub fn add_block(&mut self, first_path: u64, parts: impl IntoIterator<Item = (f64, f64)>) {
        let mut index = (first_path % N_SECTIONS as u64) as usize;
        for (numerator, denominator) in parts {
            let section = &mut self.sections[index];
            section.n_paths += 1;
            section.numerator += numerator;
            section.denominator += denominator;
            index = if index + 1 == N_SECTIONS { 0 } else { index + 1 };
        }
    }

    /// The same for paths whose independent units are these.
    pub fn add_block_over(
        &mut self,
        units: Units,
        first_path: u64,
        parts: impl IntoIterator<Item = (f64, f64)>,
    ) {
        for (path, (numerator, denominator)) in (first_path..).zip(parts) {
            let section = &mut self.sections[units.section_of(path)];
            section.n_paths += 1;
            section.numerator += numerator;
            section.denominator += denominator;
        }
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
        for (a, b) in self.sections.iter_mut().zip(&other.sections) {
            *a = a.plus(b);
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
        let sections = &self.sections[..units.n_sections()];
        let n_units = if units == Units::Pairs { total.n_paths / 2 } else { total.n_paths };
        if n_units < sections.len() as u64 {
            return Estimate::without_interval(value, too_few(total.n_paths));
        }
        let of_sections: Option<Vec<f64>> = sections.iter().map(of).collect();
        match of_sections.and_then(|values| units.law(&values)) {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, SECTION_UNDEFINED),
        }
    }

    fn total(&self) -> Section {
        self.sections.iter().fold(Section::default(), |sum, s| sum.plus(s))
    }
}

impl Section {
    fn plus(&self, other: &Self) -> Self {
        Self {
            n_paths: self.n_paths + other.n_paths,
            numerator: self.numerator + other.numerator,
            denominator: self.denominator + other.denominator,
        }
    }
}

impl TryFrom<Vec<Section>> for RatioSections {
    type Error = String;

    fn try_from(sections: Vec<Section>) -> Result<Self, String> {
        let n = sections.len();
        let sections = sections.try_into().map_err(|_| format!("expected {N_SECTIONS} sections, not {n}"))?;
        Ok(Self { sections })
    }
}

impl From<RatioSections> for Vec<Section> {
    fn from(tally: RatioSections) -> Self {
        tally.sections.to_vec()
    }
}
