//! Folds blocks into figures: partials merge in block order, so that no thread count can change a bit.
use crate::stats::{MeanTally, RatioSections};

use super::columns::{Column, Columns, N_COLUMNS, columns};
use super::plan::Plan;
use super::state::BlockState;

/// What one block found for all policies.
#[derive(Debug)]
pub(super) struct BlockPart {
    pub(super) policies: Vec<PolicyPart>,
}

/// What one block found for one policy.
#[derive(Debug)]
pub(super) struct PolicyPart {
    pub(super) deviations: Vec<f64>,
    means: Vec<MeanTally>,
    ratios: Ratios,
    /// By time, by path.
    timeline: Option<Vec<Vec<f64>>>,
    /// By column, by path.
    table: Option<Vec<Vec<f64>>>,
}

/// Figures that are ratios of sums over paths, by section.
#[derive(Debug, Clone, Default)]
pub(super) struct Ratios {
    pub(super) te_square: RatioSections,
    pub(super) gap_square: RatioSections,
    pub(super) oracle_error: RatioSections,
    pub(super) oracle_age: RatioSections,
}

impl Ratios {
    fn merge(&mut self, other: &Self) {
        for (mine, theirs) in [
            (&mut self.te_square, &other.te_square),
            (&mut self.gap_square, &other.gap_square),
            (&mut self.oracle_error, &other.oracle_error),
            (&mut self.oracle_age, &other.oracle_age),
        ] {
            *mine = mine.merge(theirs);
        }
    }
}

/// Reads the end of a block: `n_lanes` paths from `first_path`.
pub(super) fn part(
    plan: &Plan,
    state: &BlockState,
    first_path: u64,
    n_lanes: usize,
    keep: bool,
) -> BlockPart {
    let policies = (0..plan.policies.len()).map(|policy| {
        let columns = columns(plan, state, policy);
        let of = |column: Column| &columns[column as usize][..n_lanes];
        let timeline = state
            .timeline
            .as_ref()
            .map(|all| all[policy].iter().map(|lanes| lanes[..n_lanes].to_vec()).collect());
        PolicyPart {
            deviations: of(Column::Deviation).to_vec(),
            means: columns.iter().map(|column| MeanTally::from_slice(&column[..n_lanes])).collect(),
            ratios: ratios(&columns, first_path, n_lanes),
            timeline,
            table: keep.then(|| columns.iter().map(|column| column[..n_lanes].to_vec()).collect()),
        }
    });
    BlockPart { policies: policies.collect() }
}

fn ratios(columns: &Columns, first_path: u64, n_lanes: usize) -> Ratios {
    let mut ratios = Ratios::default();
    for lane in 0..n_lanes {
        let path = first_path + lane as u64;
        let of = |column: Column| columns[column as usize][lane];
        let te = of(Column::TrackingError);
        ratios.te_square.add(path, te * te, 1.0);
        ratios.gap_square.add(path, of(Column::GapSquare), 1.0);
        ratios.oracle_error.add(path, of(Column::OracleErrorSquare), 1.0);
        ratios.oracle_age.add(path, of(Column::AgeSum), of(Column::Orders));
    }
    ratios
}

/// Everything found so far for one policy.
#[derive(Debug, Clone)]
pub(super) struct PolicyTally {
    pub(super) deviations: Vec<f64>,
    pub(super) means: Vec<MeanTally>,
    pub(super) ratios: Ratios,
    pub(super) timeline: Vec<Vec<f64>>,
    pub(super) table: Option<Vec<Vec<f64>>>,
}

impl PolicyTally {
    pub(super) fn new(n_paths: u64, n_times: usize, keep: bool) -> Self {
        Self {
            deviations: Vec::with_capacity(n_paths as usize),
            means: vec![MeanTally::default(); N_COLUMNS],
            ratios: Ratios::default(),
            timeline: vec![Vec::new(); n_times],
            table: keep.then(|| (0..N_COLUMNS).map(|_| Vec::with_capacity(n_paths as usize)).collect()),
        }
    }

    /// Adds the next block.
    pub(super) fn add(&mut self, part: &PolicyPart) {
        self.deviations.extend_from_slice(&part.deviations);
        for (mean, other) in self.means.iter_mut().zip(&part.means) {
            *mean = mean.merge(other);
        }
        self.ratios.merge(&part.ratios);
        for (all, new) in self.timeline.iter_mut().zip(part.timeline.iter().flatten()) {
            all.extend_from_slice(new);
        }
        for (all, new) in self.table.iter_mut().flatten().zip(part.table.iter().flatten()) {
            all.extend_from_slice(new);
        }
    }
}
