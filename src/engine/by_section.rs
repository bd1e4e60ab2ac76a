//! What is tallied by section of the paths: ratios of sums, and what comparisons of two policies need.
use pulp::NullaryFnOnce;
use serde::{Deserialize, Serialize};

use crate::math::Lanes;
use crate::stats::{RatioSections, SectionTally, Units};

use super::columns::{Column, Columns};
use super::plan::Plan;

/// Figures that are ratios of sums over paths, by section; each only where a run can define it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Ratios {
    /// Where deviations are not kept by path.
    pub(super) deviation_square: Option<Box<RatioSections>>,
    pub(super) te_square: Option<Box<RatioSections>>,
    pub(super) gap_square: Option<Box<RatioSections>>,
    pub(super) oracle_error: Option<Box<RatioSections>>,
    pub(super) oracle_age: Option<Box<RatioSections>>,
}

/// What of a block is tallied by section, path by path; each only where a run can define it.
#[derive(Debug)]
pub(super) struct ByPath {
    cost: Vec<f64>,
    te: Option<Vec<f64>>,
    gap: Option<Vec<f64>>,
    /// Squared error of the oracle, age of what was seen, orders.
    oracle: Option<[Vec<f64>; 3]>,
}

impl ByPath {
    pub(super) fn of_block(plan: &Plan, columns: &Columns, n_lanes: usize) -> Self {
        let of = |column: Column| columns.of(column)[..n_lanes].to_vec();
        let (marked, seen) = (plan.path_metrics, plan.prices.any_oracle);
        Self {
            cost: of(Column::CostTotal),
            te: marked.then(|| of(Column::TrackingError)),
            gap: marked.then(|| of(Column::GapSquare)),
            oracle: seen.then(|| [Column::OracleErrorSquare, Column::AgeSum, Column::Orders].map(of)),
        }
    }
}

impl Ratios {
    /// Adds the next block; its deviations where they are not kept by path.
    #[inline(always)]
    fn add(&mut self, units: Units, first_path: u64, part: &ByPath, deviations: Option<&[f64]>) {
        let (n, te) = (part.cost.len(), part.te.as_deref().map(squares));
        let deviations = deviations.map(squares);
        let [error, age, orders] = part.oracle.as_ref().map_or([None; 3], |of| of.each_ref().map(Some));
        for (tally, numerators, denominators) in [
            (&mut self.deviation_square, deviations.as_ref().map(|all| &all[..n]), None),
            (&mut self.te_square, te.as_ref().map(|all| &all[..n]), None),
            (&mut self.gap_square, part.gap.as_deref(), None),
            (&mut self.oracle_error, error.map(Vec::as_slice), None),
            (&mut self.oracle_age, age.map(Vec::as_slice), orders.map(Vec::as_slice)),
        ] {
            let Some(numerators) = numerators else { continue };
            let tally = tally.get_or_insert_default();
            match units {
                Units::Paths => tally.add_block(first_path, numerators, denominators),
                _ => tally.add_block_over(units, first_path, numerators, denominators),
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.deviation_square, &other.deviation_square),
            (&mut self.te_square, &other.te_square),
            (&mut self.gap_square, &other.gap_square),
            (&mut self.oracle_error, &other.oracle_error),
            (&mut self.oracle_age, &other.oracle_age),
        ] {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.absorb(theirs),
                (None, Some(theirs)) => *mine = Some(theirs.clone()),
                (_, None) => {}
            }
        }
    }
}

/// What comparisons of two policies need by section: the columns whose paths are not kept.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct PairedTally {
    /// Where deviations are not kept by path.
    pub(super) deviation: Option<Box<SectionTally>>,
    pub(super) cost: Option<Box<SectionTally>>,
    pub(super) te: Option<Box<SectionTally>>,
}

impl PairedTally {
    /// Adds the next block; its deviations where they are not kept by path.
    #[inline(always)]
    fn add(&mut self, units: Units, first_path: u64, part: &ByPath, deviations: Option<&[f64]>) {
        for (tally, values) in [
            (&mut self.deviation, deviations),
            (&mut self.cost, Some(part.cost.as_slice())),
            (&mut self.te, part.te.as_deref()),
        ] {
            if let Some(values) = values {
                let tally = tally.get_or_insert_default();
                match units {
                    Units::Paths => tally.add_block(first_path, values),
                    _ => tally.add_block_over(units, first_path, values),
                }
            }
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.deviation, &other.deviation),
            (&mut self.cost, &other.cost),
            (&mut self.te, &other.te),
        ] {
            match (mine.as_mut(), theirs) {
                (Some(mine), Some(theirs)) => mine.absorb(theirs),
                (None, Some(theirs)) => *mine = Some(theirs.clone()),
                (_, None) => {}
            }
        }
    }
}

/// What is tallied by section: work compiled for every level, for the divisions of its running means.
pub(super) struct AddSections<'a> {
    pub(super) ratios: &'a mut Ratios,
    pub(super) paired: &'a mut PairedTally,
    pub(super) units: Units,
    pub(super) first_path: u64,
    pub(super) by_path: &'a ByPath,
    /// Where they are not kept by path.
    pub(super) deviations: Option<&'a [f64]>,
}

impl NullaryFnOnce for AddSections<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let Self { ratios, paired, units, first_path, by_path, deviations } = self;
        ratios.add(units, first_path, by_path, deviations);
        paired.add(units, first_path, by_path, deviations);
    }
}

/// The squares of a block's values.
#[inline(always)]
fn squares(values: &[f64]) -> Lanes {
    let mut squares = Lanes::ZERO;
    for (square, value) in squares.iter_mut().zip(values) {
        *square = value * value;
    }
    squares
}
