//! A mergeable tally by sections of the paths: errors of differences where the paths themselves are not kept.
use serde::{Deserialize, Serialize};

use super::sections::{SECTION_UNDEFINED, too_few};
use super::{Difference, ErrorLaw, Estimate, MeanTally, N_SECTIONS, Units, section_error};

/// Number, mean and spread of each of the 50 sections of the paths (path `i` in section `i mod 50`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<MeanTally>", into = "Vec<MeanTally>")]
pub struct SectionTally {
    sections: [MeanTally; N_SECTIONS],
}

impl Default for SectionTally {
    fn default() -> Self {
        Self { sections: [MeanTally::default(); N_SECTIONS] }
    }
}

impl SectionTally {
    /// Adds consecutive paths from `first_path` on.
    pub fn add_block(&mut self, first_path: u64, values: &[f64]) {
        let mut index = (first_path % N_SECTIONS as u64) as usize;
        for value in values {
            self.sections[index].push(*value);
            index = if index + 1 == N_SECTIONS { 0 } else { index + 1 };
        }
    }

    /// The same for paths whose independent units are these.
    pub fn add_block_over(&mut self, units: Units, first_path: u64, values: &[f64]) {
        for (path, value) in (first_path..).zip(values) {
            self.sections[units.section_of(path)].push(*value);
        }
    }

    /// The mean or spread of all paths with its error from that of the sections.
    pub fn estimate(&self, units: Units, value: f64, figure: impl Fn(&MeanTally) -> Option<f64>) -> Estimate {
        let sections = &self.sections[..units.n_sections()];
        let of_sections: Option<Vec<f64>> = sections.iter().map(figure).collect();
        match of_sections.and_then(|values| units.law(&values)) {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, SECTION_UNDEFINED),
        }
    }

    /// Adds what the other counted; `self` comes first in the fixed order of folding.
    pub fn absorb(&mut self, other: &Self) {
        for (mine, theirs) in self.sections.iter_mut().zip(&other.sections) {
            *mine = mine.merge(theirs);
        }
    }

    /// The same paths with every value times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        Self { sections: self.sections.map(|section| section.scaled(factor)) }
    }

    /// Number of paths.
    pub fn n(&self) -> u64 {
        self.sections.iter().map(MeanTally::n).sum()
    }

    /// `value`, a difference of one figure of `b` and `a`, with its error from the spread of the sections' differences;
    /// the figure is `scales` times that of a section, `a`'s first.
    ///
    /// `se = std(θ_b,s − θ_a,s)/√50` over sections `s` of the same paths in both, so what the paths have in common
    /// cancels; the interval takes Student's quantile with 49 degrees of freedom, and of 32 replicates what
    /// [`ErrorLaw::of_units`] says. Source: the method of sectioning, S. Asmussen and P. Glynn (2007), "Stochastic Simulation", chapter III.
    pub fn difference(
        a: &Self,
        b: &Self,
        value: f64,
        scales: [f64; 2],
        figure: impl Fn(&MeanTally) -> Option<f64>,
    ) -> Difference {
        Self::difference_over(Units::Paths, [a, b], value, scales, figure)
    }

    /// The same for paths whose independent units are these.
    pub fn difference_over(
        units: Units,
        [a, b]: [&Self; 2],
        value: f64,
        scales: [f64; 2],
        figure: impl Fn(&MeanTally) -> Option<f64>,
    ) -> Difference {
        let (n_a, n_b) = (a.n(), b.n());
        if n_a != n_b {
            return Difference::without(Estimate::without_interval(
                value,
                format!("{n_a} and {n_b} paths are not pairs"),
            ));
        }
        let n_sections = units.n_sections();
        let n_units = if units == Units::Pairs { n_a / 2 } else { n_a };
        if n_units < n_sections as u64 {
            return Difference::without(Estimate::without_interval(value, too_few(n_a)));
        }
        let pair = |(a, b): (&MeanTally, &MeanTally)| Some(scales[1] * figure(b)? - scales[0] * figure(a)?);
        let of_sections: Option<Vec<f64>> =
            a.sections[..n_sections].iter().zip(&b.sections).map(pair).collect();
        let law = |values: Vec<f64>| match units {
            Units::Replicates => units.law(&values),
            _ => section_error(&values).map(|se| ErrorLaw::student(se, n_sections as f64 - 1.0)),
        };
        match of_sections.and_then(law) {
            Some(law) => Difference::with_error(value, law),
            None => Difference::without(Estimate::without_interval(value, SECTION_UNDEFINED)),
        }
    }
}

impl TryFrom<Vec<MeanTally>> for SectionTally {
    type Error = String;

    fn try_from(sections: Vec<MeanTally>) -> Result<Self, String> {
        let n = sections.len();
        let sections = sections.try_into().map_err(|_| format!("expected {N_SECTIONS} sections, not {n}"))?;
        Ok(Self { sections })
    }
}

impl From<SectionTally> for Vec<MeanTally> {
    fn from(tally: SectionTally) -> Self {
        tally.sections.to_vec()
    }
}
