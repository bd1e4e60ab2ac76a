//! Runs a whole scenario: its chunks in order, folded as they come.
use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use crate::scenario::Scenario;

use super::audit::{NotFinite, Unbalanced};
use super::block::Level;
use super::fold::Fold;
use super::outcome::Outcome;
use super::precision::{self, Precise};
use super::shard::Shard;
use super::simulation::Simulation;

/// How a scenario is run; nothing here can change a number.
#[derive(Clone, Copy)]
pub struct Execution<'a> {
    /// Worker threads; `None` = all cores.
    pub threads: Option<usize>,
    /// Instruction set.
    pub level: Level,
    /// Whether figures by path are kept.
    pub keep_paths: bool,
    /// Bytes the results may take.
    pub memory_limit: u64,
    /// Told the number of paths done, from any thread.
    pub progress: Option<&'a (dyn Fn(u64) + Sync)>,
    /// Stops the run when set.
    pub stop: Option<&'a AtomicBool>,
}

impl Default for Execution<'_> {
    fn default() -> Self {
        Self {
            threads: None,
            level: Level::Best,
            keep_paths: false,
            memory_limit: 4 << 30,
            progress: None,
            stop: None,
        }
    }
}

impl std::fmt::Debug for Execution<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Execution")
            .field("threads", &self.threads)
            .field("level", &self.level)
            .field("keep_paths", &self.keep_paths)
            .field("memory_limit", &self.memory_limit)
            .finish_non_exhaustive()
    }
}

/// Why a run gave no outcome.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The results would not fit.
    #[error(
        "{paths} paths and {policies} policies need {needed_gib:.1} GiB of memory, {limit_gib:.1} GiB are allowed; \
         ask for fewer paths or policies, a shorter delay or latency, or set path_metrics = false"
    )]
    Memory {
        /// Paths asked for.
        paths: u64,
        /// Policies asked for.
        policies: usize,
        /// Estimate.
        needed_gib: f64,
        /// Limit.
        limit_gib: f64,
    },
    /// The stop flag was set.
    #[error("stopped after {done} of {asked} paths")]
    Interrupted {
        /// Paths finished.
        done: u64,
        /// Paths asked for.
        asked: u64,
    },
    /// A state left the numbers.
    #[error(transparent)]
    NotFinite(#[from] NotFinite),
    /// The ledger does not add up: a bug.
    #[error(transparent)]
    Unbalanced(#[from] Unbalanced),
    /// The scenario cannot be compiled.
    #[error("failed to compile the scenario: {0}")]
    Scenario(String),
    /// A chunk that is not the one wanted.
    #[error("chunk {chunk} does not fit the run: {what}")]
    Misfit {
        /// Number of the chunk.
        chunk: u64,
        /// Why.
        what: String,
    },
    /// Threads could not be started.
    #[error("failed to start worker threads: {0}")]
    Threads(String),
}

/// Runs every policy of a scenario on the same paths: as many as it says, or as the errors it asks for take.
///
/// # Errors
///
/// Where the results would not fit in memory, the run was stopped, or a state left the numbers.
pub fn run(scenario: &Scenario, execution: &Execution) -> Result<Outcome, RunError> {
    if let Some(mut precise) = Precise::new(scenario, execution)? {
        return precision::run(&mut precise);
    }
    let mut fold = Fold::new(scenario, execution)?;
    let simulation = Simulation::new(scenario, Shard::WHOLE, execution)?;
    for chunk in Shard::WHOLE.chunks(scenario.run.paths) {
        fold.take(simulation.chunk(chunk)?)?;
    }
    fold.finish()
}

/// `f(0), …, f(n − 1)` in that order, shared out over threads: the one door to them for studies.
///
/// # Errors
///
/// Where threads could not be started.
pub fn ordered_map<T: Send>(
    threads: Option<usize>,
    n: u64,
    f: impl Fn(u64) -> T + Sync + Send,
) -> Result<Vec<T>, RunError> {
    let map = || (0..n).into_par_iter().map(f).collect();
    Ok(match pool(threads)? {
        Some(pool) => pool.install(map),
        None => map(),
    })
}

/// Worker threads of their own, where a number is asked for.
pub(super) fn pool(threads: Option<usize>) -> Result<Option<rayon::ThreadPool>, RunError> {
    let build = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    threads.map(build).transpose().map_err(|fault| RunError::Threads(fault.to_string()))
}
