//! Folds blocks into chunks and chunks into figures, each in order, so that no thread count can change a bit.
use pulp::NullaryFnOnce;
use serde::{Deserialize, Serialize};

use crate::math::Lanes;
use crate::stats::{Least, LogHistogram, MeanTally, Moments, Units};

use super::block::Level;
use super::by_section::{AddSections, ByPath, PairedTally, Ratios};
use super::by_time::ByTime;
use super::columns::{BlockMeans, Column, Columns, N_COLUMNS};
use super::efficiency::joint_of_block;
use super::plan::Plan;
use super::state::BlockState;
use super::units::{ControlTally, UnitTally, control_of_block, merge_control};

/// What one block found for all policies.
#[derive(Debug)]
pub(super) struct BlockPart {
    pub(super) policies: Vec<PolicyPart>,
}

/// What one block found for one policy.
#[derive(Debug)]
pub(super) struct PolicyPart {
    first_path: u64,
    pub(super) deviations: Vec<f64>,
    means: BlockMeans,
    by_path: ByPath,
    units: Option<UnitTally>,
    control: ControlTally,
    joint: ControlTally,
    /// By time; of blocks that feed the timeline.
    timeline: Option<Vec<Lanes>>,
    /// By column, by path.
    pub(super) table: Option<Vec<Vec<f64>>>,
}

/// The paths of a block of which the end is read.
#[derive(Debug, Clone, Copy)]
pub(super) struct End<'a> {
    pub(super) plan: &'a Plan,
    pub(super) state: &'a BlockState,
    pub(super) first_path: u64,
    pub(super) n_lanes: usize,
}

/// One policy's columns and their tallies: work of its own that is compiled for every level.
struct ReadPolicy<'a> {
    end: End<'a>,
    policy: usize,
    columns: &'a mut Columns,
    means: &'a mut [MeanTally; N_COLUMNS],
}

impl NullaryFnOnce for ReadPolicy<'_> {
    /// How many columns have a tally of their own.
    type Output = usize;
    #[inline(always)]
    fn call(self) -> usize {
        let Self { end, policy, columns, means } = self;
        columns.read(end.plan, end.state, policy);
        columns.means(end.n_lanes, means)
    }
}

/// Reads the end of a block; `columns` is room for it, `timelines` are taken over.
pub(super) fn part(
    level: Level,
    end: End,
    timelines: Option<Vec<Vec<Lanes>>>,
    columns: &mut Columns,
    keep: bool,
) -> BlockPart {
    let End { plan, state, first_path, n_lanes } = end;
    let mut timelines = timelines.into_iter().flatten();
    let policies = (0..plan.policies.len()).map(|policy| {
        let mut means = [MeanTally::default(); N_COLUMNS];
        let n_own = level.run(ReadPolicy { end, policy, columns, means: &mut means });
        let values = |column: &Column| columns.of(*column)[..n_lanes].to_vec();
        PolicyPart {
            first_path,
            deviations: values(&Column::Deviation),
            means: columns.block_means(n_lanes, &means[..n_own]),
            by_path: ByPath::of_block(plan, columns, n_lanes),
            units: UnitTally::of_block(plan.units, columns, n_lanes),
            control: state.controls.get(policy).map_or_else(Vec::new, |control| {
                control_of_block(plan.units, &values(&Column::Deviation), &control[..n_lanes])
            }),
            joint: match plan.efficiency {
                Ok(_) if plan.path_metrics => joint_of_block(plan.units, columns, n_lanes),
                _ => Vec::new(),
            },
            timeline: timelines.next(),
            table: keep.then(|| Column::ALL.iter().map(values).collect()),
        }
    });
    BlockPart { policies: policies.collect() }
}

/// Everything found for one policy by the paths of a chunk, or by all chunks so far.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(super) struct PolicyTally {
    /// By path, where they are kept exactly.
    pub(super) deviations: Vec<f64>,
    /// Where they are not.
    pub(super) shape: Option<Shape>,
    /// Lowest deviations and their paths.
    pub(super) least: Least,
    pub(super) means: Vec<MeanTally>,
    pub(super) ratios: Ratios,
    pub(super) paired: PairedTally,
    /// Where single paths are not independent.
    pub(super) units: Option<UnitTally>,
    /// Empty without control variates.
    pub(super) control: ControlTally,
    /// Tracking error squared and traded weight; empty where the run has no efficiency constant.
    pub(super) joint: ControlTally,
    /// Of the first paths of the run.
    pub(super) timeline: ByTime,
    /// By column, by path.
    pub(super) table: Option<Vec<Vec<f64>>>,
}

/// How terminal deviations are kept; decided from the scenario alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Storage {
    Exact,
    Binned,
}

/// Deviations that are too many to keep one by one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Shape {
    pub(super) histogram: LogHistogram,
    pub(super) moments: Moments,
}

/// Lengths that a chunk of a scenario has.
#[derive(Debug, Clone, Copy)]
pub(super) struct Lengths {
    pub(super) n_paths: usize,
    pub(super) n_times: usize,
    /// Paths behind the timeline.
    pub(super) n_timeline: usize,
    pub(super) has_table: bool,
    pub(super) storage: Storage,
    pub(super) units: Units,
}

impl PolicyTally {
    pub(super) fn new(
        n_paths: u64,
        n_times: usize,
        keep: bool,
        storage: Storage,
        n_worst: usize,
        units: Units,
    ) -> Self {
        let (n_exact, shape) = match storage {
            Storage::Exact => (n_paths as usize, None),
            Storage::Binned => (0, Some(Shape::default())),
        };
        Self {
            deviations: Vec::with_capacity(n_exact),
            shape,
            least: Least::new(n_worst),
            means: vec![MeanTally::default(); N_COLUMNS],
            ratios: Ratios::default(),
            paired: PairedTally::default(),
            units: (units != Units::Paths).then(UnitTally::default),
            control: Vec::new(),
            joint: Vec::new(),
            timeline: ByTime::new(n_times),
            table: keep.then(|| (0..N_COLUMNS).map(|_| Vec::with_capacity(n_paths as usize)).collect()),
        }
    }

    /// Adds the next block.
    pub(super) fn add(&mut self, level: Level, units: Units, part: PolicyPart) {
        let PolicyPart { first_path, deviations, by_path, .. } = &part;
        if let Some(shape) = &mut self.shape {
            for deviation in deviations {
                shape.histogram.add(*deviation);
            }
            shape.moments = shape.moments.merge(&Moments::from_slice(deviations));
        }
        self.least.add_row(*first_path, deviations);
        if let (Some(mine), Some(theirs)) = (&mut self.units, &part.units) {
            mine.merge(theirs);
        }
        merge_control(&mut self.control, &part.control);
        merge_control(&mut self.joint, &part.joint);
        let deviations_too = self.shape.is_some().then_some(deviations.as_slice());
        let (ratios, paired, first_path) = (&mut self.ratios, &mut self.paired, *first_path);
        level.run(AddSections { ratios, paired, units, first_path, by_path, deviations: deviations_too });
        part.means.add_to(&mut self.means);
        self.take(deviations, part.table.as_deref());
        let n_lanes = deviations.len();
        if let Some(timeline) = part.timeline {
            self.timeline.add(timeline, n_lanes);
        }
    }

    /// Makes room for so many paths in all, where they are kept one by one.
    pub(super) fn reserve(&mut self, n_paths: u64) {
        if self.shape.is_none() {
            self.deviations.reserve_exact((n_paths as usize).saturating_sub(self.deviations.len()));
        }
        for column in self.table.iter_mut().flatten() {
            column.reserve_exact((n_paths as usize).saturating_sub(column.len()));
        }
    }

    /// Paths so far.
    pub(super) fn n_paths(&self) -> u64 {
        self.means.iter().map(MeanTally::n).max().unwrap_or(0)
    }

    /// Adds the next chunk.
    pub(super) fn merge(&mut self, chunk: &Self) {
        if let (Some(shape), Some(other)) = (&mut self.shape, &chunk.shape) {
            shape.histogram.merge(&other.histogram);
            shape.moments = shape.moments.merge(&other.moments);
        }
        self.least.merge(&chunk.least);
        self.paired.merge(&chunk.paired);
        if let (Some(mine), Some(theirs)) = (&mut self.units, &chunk.units) {
            mine.merge(theirs);
        }
        merge_control(&mut self.control, &chunk.control);
        merge_control(&mut self.joint, &chunk.joint);
        for (mean, other) in self.means.iter_mut().zip(&chunk.means) {
            *mean = mean.merge(other);
        }
        self.ratios.merge(&chunk.ratios);
        self.timeline.merge(&chunk.timeline);
        self.take(&chunk.deviations, chunk.table.as_deref());
    }

    fn take(&mut self, deviations: &[f64], table: Option<&[Vec<f64>]>) {
        if self.shape.is_none() {
            self.deviations.extend_from_slice(deviations);
        }
        for (all, new) in self.table.iter_mut().flatten().zip(table.unwrap_or_default()) {
            all.extend_from_slice(new);
        }
    }

    /// What about a chunk's lengths is not as it must be.
    pub(super) fn misfit(&self, lengths: &Lengths) -> Option<String> {
        let differs = |what: &str, found: usize, wanted: usize| {
            (found != wanted).then(|| format!("{what}: {found}, not {wanted}"))
        };
        let all = |what: &str, rows: &[Vec<f64>], wanted: usize| {
            rows.iter().find_map(|row| differs(what, row.len(), wanted))
        };
        let table = self.table.as_deref().unwrap_or_default();
        let n_columns = if lengths.has_table { N_COLUMNS } else { 0 };
        let (n_exact, n_binned) = match lengths.storage {
            Storage::Exact => (lengths.n_paths, 0),
            Storage::Binned => (0, lengths.n_paths),
        };
        let binned = self.shape.as_ref().map_or(0, |shape| shape.histogram.n());
        differs("deviations", self.deviations.len(), n_exact)
            .or_else(|| differs("deviations in bins", binned as usize, n_binned))
            .or_else(|| differs("means", self.means.len(), N_COLUMNS))
            .or_else(|| {
                let wanted = usize::from(lengths.units != Units::Paths);
                let fits = |units: &UnitTally| !units.misfit(lengths.units, lengths.n_paths as u64);
                differs("tallies of units", usize::from(self.units.as_ref().is_some_and(fits)), wanted)
            })
            .or_else(|| differs("times", self.timeline.n_times(), lengths.n_times))
            .or_else(|| {
                let wanted = if lengths.n_times > 0 { lengths.n_timeline } else { 0 };
                differs("paths of the timeline", self.timeline.n_paths(), wanted)
            })
            .or_else(|| differs("columns by path", table.len(), n_columns))
            .or_else(|| all("paths of a column", table, lengths.n_paths))
    }
}
