//! Runs a scenario: blocks over threads, folded in order.
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

use crate::market::series::Feed;
use crate::math::B;
use crate::scenario::Scenario;

use super::audit::{self, NotFinite, Unbalanced};
use super::block::{self, Level};
use super::columns::N_COLUMNS;
use super::outcome::Outcome;
use super::plan::Plan;
use super::state::BlockState;
use super::step::{Job, lanes_in_use};
use super::summary::{self, Windows};
use super::tally::{BlockPart, PolicyTally, part};

/// Paths of a chunk: the unit of folding, of checkpoints and of shards.
pub const CHUNK_PATHS: u64 = 1 << 16;
/// Paths behind the timeline.
const TIMELINE_PATHS: u64 = 1 << 14;

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
    /// Threads could not be started.
    #[error("failed to start worker threads: {0}")]
    Threads(String),
}

/// Runs every policy of a scenario on the same paths.
///
/// # Errors
///
/// Where the results would not fit in memory, the run was stopped, or a state left the numbers.
pub fn run(scenario: &Scenario, execution: &Execution) -> Result<Outcome, RunError> {
    let plan = Plan::new(scenario).map_err(RunError::Scenario)?;
    let windows = windows(scenario);
    let keep = execution.keep_paths || windows.is_some();
    let threads = execution.threads.unwrap_or_else(rayon::current_num_threads);
    check_memory(&plan, scenario.run.paths, keep, threads, execution.memory_limit)?;
    match execution.threads {
        None => simulate(&plan, scenario.run.paths, windows, keep, execution),
        Some(threads) => rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .map_err(|fault| RunError::Threads(fault.to_string()))?
            .install(|| simulate(&plan, scenario.run.paths, windows, keep, execution)),
    }
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

/// Bytes that the results of a run take.
fn memory(plan: &Plan, n_paths: u64, keep: bool) -> f64 {
    let (paths, policies) = (n_paths as f64, plan.policies.len() as f64);
    let columns = if keep { N_COLUMNS as f64 } else { 0.0 };
    // every deviation is held in path order and once more in ascending order
    let by_path = paths * policies * 8.0 * (2.0 + columns);
    let times = if plan.path_metrics { plan.times.len() as f64 } else { 0.0 };
    let timeline = n_paths.min(TIMELINE_PATHS) as f64 * times * policies * 8.0;
    let chunk = (CHUNK_PATHS / B as u64) as f64 * policies * (N_COLUMNS as f64 * 24.0 + 4.0 * 50.0 * 16.0);
    by_path + timeline + chunk
}

fn check_memory(plan: &Plan, n_paths: u64, keep: bool, threads: usize, limit: u64) -> Result<(), RunError> {
    let workers = (threads as u64).min(n_paths.div_ceil(B as u64)) as f64;
    let needed = memory(plan, n_paths, keep) + workers * BlockState::bytes(plan);
    if needed <= limit as f64 {
        return Ok(());
    }
    let gib = f64::from(1_u32 << 30);
    Err(RunError::Memory {
        paths: n_paths,
        policies: plan.policies.len(),
        needed_gib: needed / gib,
        limit_gib: limit as f64 / gib,
    })
}

fn simulate(
    plan: &Plan,
    n_paths: u64,
    windows: Option<Windows>,
    keep: bool,
    execution: &Execution,
) -> Result<Outcome, RunError> {
    let n_times = if plan.path_metrics { plan.times.len() } else { 0 };
    let mut tallies: Vec<PolicyTally> =
        plan.policies.iter().map(|_| PolicyTally::new(n_paths, n_times, keep)).collect();
    let done = AtomicU64::new(0);
    let mut chunk = 0;
    while chunk < n_paths {
        let end = (chunk + CHUNK_PATHS).min(n_paths);
        let blocks = (end - chunk).div_ceil(B as u64);
        let run = |state: &mut Box<BlockState>, index: u64| {
            let first_path = chunk + index * B as u64;
            one_block(plan, first_path, end, keep, execution, &done, state)
        };
        let parts: Vec<Result<BlockPart, RunError>> =
            (0..blocks).into_par_iter().map_init(|| Box::new(BlockState::new(plan, false)), run).collect();
        for part in parts {
            let part = part.map_err(|fault| match fault {
                RunError::Interrupted { .. } => {
                    RunError::Interrupted { done: done.load(Ordering::Relaxed), asked: n_paths }
                }
                other => other,
            })?;
            for (tally, policy) in tallies.iter_mut().zip(&part.policies) {
                tally.add(policy);
            }
        }
        chunk = end;
    }
    let policies = plan.policies.iter().zip(tallies);
    // sorting is the long part here, and each policy's is its own
    let policies: Vec<_> = policies.collect();
    let policies = policies
        .into_par_iter()
        .map(|(policy, tally)| summary::summarise(plan, policy, tally, windows, execution.keep_paths))
        .collect();
    Ok(Outcome {
        n_paths,
        constants: plan.constants.clone(),
        policies,
        overlap: windows.map(|windows| windows.overlap),
        notes: summary::notes(n_paths, windows),
    })
}

fn one_block(
    plan: &Plan,
    first_path: u64,
    end: u64,
    keep: bool,
    execution: &Execution,
    done: &AtomicU64,
    state: &mut BlockState,
) -> Result<BlockPart, RunError> {
    if execution.stop.is_some_and(|stop| stop.load(Ordering::Relaxed)) {
        return Err(RunError::Interrupted { done: 0, asked: 0 });
    }
    let n_lanes = lanes_in_use(first_path, end);
    let wants_timeline = plan.path_metrics && first_path < TIMELINE_PATHS;
    if wants_timeline != state.timeline.is_some() {
        state.timeline = wants_timeline.then(|| vec![vec![[0.0; B]; plan.times.len()]; plan.policies.len()]);
    }
    // release builds audit one block a chunk
    let job = Job { first_path, audit: cfg!(debug_assertions) || first_path.is_multiple_of(CHUNK_PATHS) };
    block::run(execution.level, plan, job, state);
    audit::check_finite(plan, job, n_lanes, state)?;
    if job.audit {
        audit::check_ledger(plan, job, n_lanes, state)?;
    }
    let part = part(plan, state, first_path, n_lanes, keep);
    let total = done.fetch_add(n_lanes as u64, Ordering::Relaxed) + n_lanes as u64;
    if let Some(progress) = execution.progress {
        progress(total);
    }
    Ok(part)
}
