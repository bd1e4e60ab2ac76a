//! From chunks to the outcome: a left fold in chunk order, wherever the chunks were made.
use rayon::prelude::*;

use crate::market::series::Feed;
use crate::scenario::Scenario;

use super::chunk::{ChunkPart, TIMELINE_PATHS, n_chunks, paths_of};
use super::memory;
use super::outcome::Outcome;
use super::plan::Plan;
use super::run::{Execution, RunError, pool};
use super::summary::{self, Windows};
use super::tally::{PolicyTally, Shape};

/// The chunks of a run so far.
pub struct Fold<'a> {
    plan: Plan,
    n_paths: u64,
    windows: Option<Windows>,
    execution: Execution<'a>,
    tallies: Vec<PolicyTally>,
    next: u64,
}

impl std::fmt::Debug for Fold<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Fold")
            .field("n_paths", &self.n_paths)
            .field("next", &self.next)
            .finish_non_exhaustive()
    }
}

impl<'a> Fold<'a> {
    /// No chunk yet.
    ///
    /// # Errors
    ///
    /// Where all of them would not fit in memory, or the scenario cannot be compiled.
    pub fn new(scenario: &Scenario, execution: &Execution<'a>) -> Result<Self, RunError> {
        let plan = Plan::new(scenario).map_err(RunError::Scenario)?;
        let windows = windows(scenario);
        let keep = keeps_table(scenario, execution);
        let n_paths = scenario.run.paths;
        memory::check(&plan, scenario, n_paths, keep, execution)?;
        let n_times = n_times(&plan);
        let tallies = plan.policies.iter().map(|_| PolicyTally::new(n_paths, n_times, keep)).collect();
        Ok(Self { plan, n_paths, windows, execution: *execution, tallies, next: 0 })
    }

    /// Adds the next chunk.
    ///
    /// # Errors
    ///
    /// Where it is another one, or one of another scenario.
    pub fn add(&mut self, part: &ChunkPart) -> Result<(), RunError> {
        let misfit = |what: String| RunError::Misfit { chunk: part.index, what };
        if part.index != self.next || part.index >= n_chunks(self.n_paths) {
            return Err(misfit(format!("chunk {} comes next", self.next)));
        }
        if part.policies.len() != self.tallies.len() {
            return Err(misfit(format!("{} policies, not {}", part.policies.len(), self.tallies.len())));
        }
        let paths = paths_of(part.index, self.n_paths);
        let shape = Shape {
            n_paths: (paths.end - paths.start) as usize,
            n_times: n_times(&self.plan),
            n_timeline: (paths.end.min(TIMELINE_PATHS).saturating_sub(paths.start)) as usize,
            has_table: self.tallies.iter().any(|tally| tally.table.is_some()),
        };
        if let Some(what) = part.policies.iter().find_map(|policy| policy.misfit(&shape)) {
            return Err(misfit(what));
        }
        for (tally, policy) in self.tallies.iter_mut().zip(&part.policies) {
            tally.merge(policy);
        }
        self.next += 1;
        Ok(())
    }

    /// What the chunks found together.
    ///
    /// # Errors
    ///
    /// Where a chunk is missing, or threads could not be started.
    pub fn finish(self) -> Result<Outcome, RunError> {
        if self.next != n_chunks(self.n_paths) {
            return Err(RunError::Misfit { chunk: self.next, what: "it is missing".into() });
        }
        let Self { plan, n_paths, windows, execution, tallies, .. } = self;
        // sorting is the long part here, and each policy's is its own
        let policies: Vec<_> = plan.policies.iter().zip(tallies).collect();
        let keep = execution.keep_paths;
        let summarise = || {
            policies
                .into_par_iter()
                .map(|(policy, tally)| summary::summarise(&plan, policy, tally, windows, keep))
                .collect()
        };
        let policies = match pool(execution.threads)? {
            Some(pool) => pool.install(summarise),
            None => summarise(),
        };
        Ok(Outcome {
            n_paths,
            constants: plan.constants.clone(),
            policies,
            overlap: windows.map(|windows| windows.overlap),
            notes: summary::notes(n_paths, windows),
        })
    }
}

/// The outcome of a run from all its chunks in order.
///
/// # Errors
///
/// Where it would not fit in memory, or the chunks are not those of the scenario, each once and in order.
pub fn outcome_of(
    scenario: &Scenario,
    execution: &Execution,
    parts: impl IntoIterator<Item = ChunkPart>,
) -> Result<Outcome, RunError> {
    let mut fold = Fold::new(scenario, execution)?;
    for part in parts {
        fold.add(&part)?;
    }
    fold.finish()
}

/// Times of the timeline.
pub(super) fn n_times(plan: &Plan) -> usize {
    if plan.path_metrics { plan.times.len() } else { 0 }
}

/// Whether figures by path are needed: asked for, or to resample windows.
pub(super) fn keeps_table(scenario: &Scenario, execution: &Execution) -> bool {
    execution.keep_paths || windows(scenario).is_some()
}

/// How the windows of a history overlap.
fn windows(scenario: &Scenario) -> Option<Windows> {
    scenario.assets.iter().find_map(|asset| match &asset.feed {
        Feed::Windows { starts, rows_per_step, .. } => {
            let length = scenario.run.grid.n_steps as usize * rows_per_step;
            let overlap = starts.partition_point(|start| *start < starts[0] + length);
            Some(Windows { overlap: overlap.max(1) })
        }
        _ => None,
    })
}
