//! Paths of a run that are run once more, with someone looking on: what the run itself has no time to keep.
use std::collections::{BTreeMap, BTreeSet};

use crate::math::{B, Lanes};
use crate::scenario::Scenario;

use super::columns::Column;
use super::run::{Execution, RunError};
use super::simulation::Simulation;
use super::tally::BlockPart;
use super::watch::Watch;

/// A path that was run again.
#[derive(Debug, Clone, PartialEq)]
pub struct Seen {
    /// Its number in the run.
    pub path: u64,
    /// What the watch kept of it, by column.
    pub watched: Vec<f64>,
    /// By policy, by column of `paths.csv`.
    figures: Vec<Vec<f64>>,
}

impl Seen {
    /// A figure of one policy by the name of its column in `paths.csv`, to the bit of the run's own.
    pub fn figure(&self, policy: usize, name: &str) -> Option<f64> {
        let place = Column::ALL.iter().position(|column| column.name() == name)?;
        self.figures.get(policy)?.get(place).copied()
    }
}

/// Runs the blocks of these paths again, each with a watch of its own; ascending by path.
///
/// Nothing of it depends on threads or instruction set, nor on which other paths are asked for. It is not told to
/// `execution.progress`, and does not heed `execution.stop`.
///
/// # Errors
///
/// Those of [`super::run`], but none for memory: it needs less than the run did.
pub fn run_again(
    scenario: &Scenario,
    execution: &Execution,
    paths: &BTreeSet<u64>,
    watch: &(dyn Fn() -> Box<dyn Watch> + Sync),
) -> Result<Vec<Seen>, RunError> {
    let mut blocks: BTreeMap<u64, Vec<u64>> = BTreeMap::new();
    for path in paths.iter().filter(|path| **path < scenario.run.paths) {
        blocks.entry(path / B as u64 * B as u64).or_default().push(*path);
    }
    let first_paths: Vec<u64> = blocks.keys().copied().collect();
    let simulation = Simulation::of_blocks(scenario, execution)?;
    let read = |first_path: u64, part: BlockPart, looks: Box<dyn Watch>| -> Vec<Seen> {
        let kept = looks.columns();
        let wanted = blocks.get(&first_path).into_iter().flatten();
        wanted.map(|path| seen(*path, (*path - first_path) as usize, &part, &kept)).collect()
    };
    let found = simulation.blocks_of(&first_paths, watch, read)?;
    Ok(found.into_iter().flatten().collect())
}

fn seen(path: u64, lane: usize, part: &BlockPart, kept: &[Lanes]) -> Seen {
    let figures = part.policies.iter().map(|policy| {
        let table = policy.table.as_deref().unwrap_or_default();
        table.iter().map(|column| column[lane]).collect()
    });
    Seen { path, watched: kept.iter().map(|lanes| lanes[lane]).collect(), figures: figures.collect() }
}
