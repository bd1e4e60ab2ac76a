//! A mergeable tally by sections of the paths: errors of differences where the paths themselves are not kept.
use serde::{Deserialize, Serialize};

use super::sections::{SECTION_UNDEFINED, rows, too_few};
use super::{Difference, ErrorLaw, Estimate, MeanTally, N_SECTIONS, Units, section_error};

/// Number, mean and spread of each of the 50 sections of the paths (path `i` in section `i mod 50`).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<MeanTally>", into = "Vec<MeanTally>")]
pub struct SectionTally {
    // side by side, so that neighbouring paths are added together; numbers are floats for the same reason
    n: [f64; N_SECTIONS],
    mean: [f64; N_SECTIONS],
    m2: [f64; N_SECTIONS],
}

impl Default for SectionTally {
    fn default() -> Self {
        Self { n: [0.0; N_SECTIONS], mean: [0.0; N_SECTIONS], m2: [0.0; N_SECTIONS] }
    }
}

impl SectionTally {
    /// Adds consecutive paths from `first_path` on.
    #[inline(always)]
    pub fn add_block(&mut self, first_path: u64, values: &[f64]) {
        for (section, row) in rows(first_path, values.len()) {
            self.add_row(section, &values[row]);
        }
    }

    /// Adds a value to each of neighbouring sections, as [`MeanTally::push`] does.
    #[inline(always)]
    fn add_row(&mut self, first: usize, values: &[f64]) {
        let sections = first..first + values.len();
        let (n, mean) = (&mut self.n[sections.clone()], &mut self.mean[sections.clone()]);
        let tallies = n.iter_mut().zip(mean).zip(&mut self.m2[sections]);
        for (((n, mean), m2), value) in tallies.zip(values) {
            *n += 1.0;
            let before = value - *mean;
            *mean += before / *n;
            *m2 += before * (value - *mean);
        }
    }

    fn section(&self, k: usize) -> MeanTally {
        MeanTally::of_parts(self.n[k] as u64, self.mean[k], self.m2[k])
    }

    fn set(&mut self, k: usize, section: MeanTally) {
        let (n, mean, m2) = section.parts();
        (self.n[k], self.mean[k], self.m2[k]) = (n as f64, mean, m2);
    }

    /// The first `n` sections.
    fn sections(&self, n: usize) -> impl Iterator<Item = MeanTally> {
        (0..n).map(|k| self.section(k))
    }

    /// The same for paths whose independent units are these.
    pub fn add_block_over(&mut self, units: Units, first_path: u64, values: &[f64]) {
        for (path, value) in (first_path..).zip(values) {
            let k = units.section_of(path);
            let mut section = self.section(k);
            section.push(*value);
            self.set(k, section);
        }
    }

    /// The mean or spread of all paths with its error from that of the sections.
    pub fn estimate(&self, units: Units, value: f64, figure: impl Fn(&MeanTally) -> Option<f64>) -> Estimate {
        let of_sections: Option<Vec<f64>> =
            self.sections(units.n_sections()).map(|section| figure(&section)).collect();
        match of_sections.and_then(|values| units.law(&values)) {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, SECTION_UNDEFINED),
        }
    }

    /// Adds what the other counted; `self` comes first in the fixed order of folding.
    pub fn absorb(&mut self, other: &Self) {
        for k in 0..N_SECTIONS {
            self.set(k, self.section(k).merge(&other.section(k)));
        }
    }

    /// The same paths with every value times `factor`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let mut scaled = Self::default();
        for k in 0..N_SECTIONS {
            scaled.set(k, self.section(k).scaled(factor));
        }
        scaled
    }

    /// Number of paths.
    pub fn n(&self) -> u64 {
        self.n.iter().map(|n| *n as u64).sum()
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
        let pair = |(a, b): (MeanTally, MeanTally)| Some(scales[1] * figure(&b)? - scales[0] * figure(&a)?);
        let of_sections: Option<Vec<f64>> =
            a.sections(n_sections).zip(b.sections(n_sections)).map(pair).collect();
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
        if n != N_SECTIONS {
            return Err(format!("expected {N_SECTIONS} sections, not {n}"));
        }
        let mut tally = Self::default();
        sections.into_iter().enumerate().for_each(|(k, section)| tally.set(k, section));
        Ok(tally)
    }
}

impl From<SectionTally> for Vec<MeanTally> {
    fn from(tally: SectionTally) -> Self {
        tally.sections(N_SECTIONS).collect()
    }
}
