//! From chunks to the outcome: a left fold in chunk order, wherever the chunks were made.
use rayon::prelude::*;

use crate::market::series::Feed;
use crate::scenario::Scenario;

use super::chunk::{ChunkPart, TIMELINE_PATHS, n_chunks, paths_of};
use super::memory::{self, MOST_EXACT};
use super::outcome::Outcome;
use super::plan::Plan;
use super::run::{Execution, RunError, pool};
use super::summary::{self, Windows};
use super::tally::{Lengths, PolicyTally, Storage};

/// The chunks of a run so far.
pub struct Fold<'a> {
    plan: Plan,
    n_paths: u64,
    windows: Option<Windows>,
    storage: Storage,
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
        Self::keeping(scenario, execution, memory::storage(scenario, MOST_EXACT))
    }

    pub(super) fn keeping(
        scenario: &Scenario,
        execution: &Execution<'a>,
        storage: Storage,
    ) -> Result<Self, RunError> {
        let plan = Plan::new(scenario).map_err(RunError::Scenario)?;
        let windows = windows(scenario);
        let keep = keeps_table(scenario, execution);
        let n_paths = scenario.run.paths;
        memory::check(&plan, scenario, n_paths, keep, storage, execution)?;
        let n_times = n_times(&plan);
        let tallies = plan
            .policies
            .iter()
            .map(|_| PolicyTally::new(n_paths, n_times, keep, storage, scenario.run.worst, plan.units))
            .collect();
        Ok(Self { plan, n_paths, windows, storage, execution: *execution, tallies, next: 0 })
    }

    /// Adds the next chunk.
    ///
    /// # Errors
    ///
    /// Where it is another one, or one of another scenario.
    pub fn add(&mut self, part: &ChunkPart) -> Result<(), RunError> {
        self.check(part)?;
        for (tally, policy) in self.tallies.iter_mut().zip(&part.policies) {
            tally.merge(policy);
        }
        self.next += 1;
        Ok(())
    }

    /// [`Self::add`] for a chunk that nobody else needs: the first one, which holds the timeline, is not copied.
    pub(super) fn take(&mut self, part: ChunkPart) -> Result<(), RunError> {
        if self.next > 0 {
            return self.add(&part);
        }
        self.check(&part)?;
        self.tallies = part.policies;
        self.tallies.iter_mut().for_each(|tally| tally.reserve(self.n_paths));
        self.next = 1;
        Ok(())
    }

    /// Refuses another chunk than the next one, and one of another scenario.
    fn check(&self, part: &ChunkPart) -> Result<(), RunError> {
        let misfit = |what: String| RunError::Misfit { chunk: part.index, what };
        if part.index != self.next || part.index >= n_chunks(self.n_paths) {
            return Err(misfit(format!("chunk {} comes next", self.next)));
        }
        if part.policies.len() != self.tallies.len() {
            return Err(misfit(format!("{} policies, not {}", part.policies.len(), self.tallies.len())));
        }
        let paths = paths_of(part.index, self.n_paths);
        let lengths = Lengths {
            n_paths: (paths.end - paths.start) as usize,
            n_times: n_times(&self.plan),
            n_timeline: (paths.end.min(TIMELINE_PATHS).saturating_sub(paths.start)) as usize,
            has_table: self.tallies.iter().any(|tally| tally.table.is_some()),
            storage: self.storage,
            units: self.plan.units,
        };
        if let Some(what) = part.policies.iter().find_map(|policy| policy.misfit(&lengths)) {
            return Err(misfit(what));
        }
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
        let Self { plan, n_paths, windows, storage, execution, tallies, .. } = self;
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
            notes: summary::notes(&plan, n_paths, windows, storage),
            precision: None,
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Shard, Simulation};
    use crate::scenario::{Disk, parse};
    use crate::stats::BIN_ERROR;

    const TEXT: &str = r#"
version = 1
name = "fold"
[run]
paths = 66_000
horizon = "4d"
step = "1d"
[[assets]]
symbol = "ETH"
spot = 100.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 100.0, quantity = -1.0 }]
[[policies]]
name = "daily"
kind = "periodic"
every = "1d"
[[policies]]
name = "once"
kind = "hold"
"#;

    fn scenario() -> Scenario {
        parse(TEXT, &Disk::new("")).expect("the scenario is sound").scenario
    }

    fn outcome(storage: Storage) -> Outcome {
        let (scenario, execution) = (scenario(), Execution::default());
        let mut fold = Fold::keeping(&scenario, &execution, storage).expect("it fits");
        let simulation =
            Simulation::keeping(&scenario, Shard::WHOLE, &execution, storage).expect("it compiles");
        let mut parts: Vec<ChunkPart> =
            [1, 0].into_iter().map(|chunk| simulation.chunk(chunk).expect("it runs")).collect();
        parts.reverse();
        for part in &parts {
            let bytes = part.to_bytes().expect("a chunk has bytes");
            let back = ChunkPart::from_bytes(&bytes).expect("they are a chunk");
            assert_eq!(&back, part);
            fold.add(&back).expect("it comes next");
        }
        fold.finish().expect("no chunk is missing")
    }

    #[test]
    fn what_is_too_much_to_keep_stays_within_the_stated_error() {
        let (exact, binned) = (outcome(Storage::Exact), outcome(Storage::Binned));
        assert!(binned.notes.iter().any(|note| note.contains("1/256")), "{:?}", binned.notes);
        for (a, b) in exact.policies.iter().zip(&binned.policies) {
            assert!(b.deviations.is_empty() && b.binned.as_ref().is_some_and(|all| all.n() == 66_000));
            for ((metric, x), (_, y)) in a.metrics.iter().zip(&b.metrics) {
                let (Some(x), Some(y)) = (x.value, y.value) else {
                    assert_eq!(x.value, y.value, "{}", metric.key);
                    continue;
                };
                let rough = ["q", "var_", "cvar_"].iter().any(|start| metric.key.starts_with(start));
                let most = if rough { BIN_ERROR } else { 1e-9 };
                assert!((x - y).abs() <= most * x.abs() + 1e-12, "{}: {x} {y}", metric.key);
            }
            assert_eq!(a.timeline, b.timeline);
            let mut order: Vec<usize> = (0..a.deviations.len()).collect();
            order.sort_by(|i, k| a.deviations[*i].total_cmp(&a.deviations[*k]).then(i.cmp(k)));
            let lowest: Vec<u64> = order[..20].iter().map(|path| *path as u64).collect();
            assert_eq!(a.worst.iter().map(|worst| worst.path).collect::<Vec<_>>(), lowest);
            assert_eq!(a.worst, b.worst);
        }
    }

    #[test]
    fn only_the_next_chunk_of_the_same_run_is_added() {
        let (scenario, execution) = (scenario(), Execution::default());
        let simulation = Simulation::new(&scenario, Shard::WHOLE, &execution).expect("it compiles");
        let part = |chunk| simulation.chunk(chunk).expect("it runs");
        let (first, last) = (part(0), part(1));
        let mut fold = Fold::new(&scenario, &execution).expect("it fits");
        assert!(fold.add(&last).is_err(), "out of order");
        assert!(fold.add(&ChunkPart { index: 0, ..last.clone() }).is_err(), "too short");
        fold.add(&first).expect("it comes next");
        assert!(fold.add(&first).is_err(), "twice");
        assert!(matches!(fold.finish(), Err(RunError::Misfit { chunk: 1, .. })), "one is missing");
        assert!(outcome_of(&scenario, &execution, [first.clone(), last]).is_ok());
        let mut other = scenario.clone();
        other.policies.truncate(1);
        assert!(outcome_of(&other, &execution, [first]).is_err(), "another scenario");
        assert!(simulation.chunk(2).is_err());
    }

    #[test]
    fn storage_depends_on_paths_and_policies() {
        let mut scenario = scenario();
        scenario.run.paths = MOST_EXACT / 16;
        assert_eq!(memory::storage(&scenario, MOST_EXACT), Storage::Exact);
        scenario.run.paths += 1;
        assert_eq!(memory::storage(&scenario, MOST_EXACT), Storage::Binned);
    }
}
