//! Whether a run fits in memory, asked before it begins.
use crate::math::B;
use crate::scenario::Scenario;

use super::chunk::{CHUNK_PATHS, TIMELINE_PATHS};
use super::columns::N_COLUMNS;
use super::plan::Plan;
use super::run::{Execution, RunError};
use super::state::BlockState;
use super::tally::Storage;

/// Deviations up to so many bytes are kept exactly.
pub(super) const MOST_EXACT: u64 = 1 << 30;

/// How the deviations of a scenario are kept: the same on every machine, for a run and for its shards.
pub(super) fn storage(scenario: &Scenario, most_exact: u64) -> Storage {
    let values = scenario.run.paths.saturating_mul(scenario.policies.len() as u64);
    if values.saturating_mul(8) <= most_exact { Storage::Exact } else { Storage::Binned }
}

/// Refuses what would not fit: `held_paths` paths with all their figures, beside the chunk in work.
pub(super) fn check(
    plan: &Plan,
    scenario: &Scenario,
    held_paths: u64,
    keep: bool,
    storage: Storage,
    execution: &Execution,
) -> Result<(), RunError> {
    let n_paths = scenario.run.paths;
    let threads = execution.threads.unwrap_or_else(rayon::current_num_threads) as u64;
    let workers = threads.min(n_paths.div_ceil(B as u64)) as f64;
    let needed = results(plan, held_paths, keep, storage)
        + in_work(plan, n_paths.min(CHUNK_PATHS), keep)
        + workers * BlockState::bytes(plan);
    if needed <= execution.memory_limit as f64 {
        return Ok(());
    }
    let gib = f64::from(1_u32 << 30);
    Err(RunError::Memory {
        paths: n_paths,
        policies: plan.policies.len(),
        needed_gib: needed / gib,
        limit_gib: execution.memory_limit as f64 / gib,
    })
}

/// Bytes of the figures of so many paths.
fn results(plan: &Plan, n_paths: u64, keep: bool, storage: Storage) -> f64 {
    let (paths, policies) = (n_paths as f64, plan.policies.len() as f64);
    let shape = match storage {
        // every deviation is held in path order and once more in ascending order
        Storage::Exact => paths * policies * 8.0 * 2.0,
        // far more bins than any sample has met
        Storage::Binned => policies * 65_536.0 * 64.0,
    };
    shape + paths * policies * 8.0 * columns(keep) + timeline(plan, n_paths)
}

/// Bytes of a chunk: in blocks, folded, and as it is written to the disk.
fn in_work(plan: &Plan, n_paths: u64, keep: bool) -> f64 {
    let (blocks, policies) = (n_paths.div_ceil(B as u64) as f64, plan.policies.len() as f64);
    let partials = blocks * policies * (N_COLUMNS as f64 * 24.0 + 7.0 * 50.0 * 24.0);
    let by_path = n_paths as f64 * policies * 8.0 * (1.0 + columns(keep));
    partials + 3.0 * (by_path + timeline(plan, n_paths))
}

fn columns(keep: bool) -> f64 {
    if keep { N_COLUMNS as f64 } else { 0.0 }
}

fn timeline(plan: &Plan, n_paths: u64) -> f64 {
    let times = if plan.path_metrics { plan.times.len() } else { 0 };
    n_paths.min(TIMELINE_PATHS) as f64 * times as f64 * plan.policies.len() as f64 * 8.0
}
