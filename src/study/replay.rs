//! One path of a run, step by step, as a table.
use crate::engine::{Recording, RunError, record};
use crate::metric::{COSTS, COUNTS};
use crate::scenario::{NoPolicy, Scenario};

/// Why a path cannot be replayed.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ReplayError {
    /// The run has no such path.
    #[error("path {path} is not in the run: it has paths 0 to {last}")]
    NoPath {
        /// Asked for.
        path: u64,
        /// Last of the run.
        last: u64,
    },
    /// The scenario has no such policy.
    #[error(transparent)]
    NoPolicy(#[from] NoPolicy),
    /// The run itself failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Replays path `path` (from 0) under the policy of that name.
///
/// # Errors
///
/// Where path or policy do not exist, or the run fails.
pub fn replay(scenario: &Scenario, path: u64, policy: &str) -> Result<Recording, ReplayError> {
    let last = scenario.run.paths.saturating_sub(1);
    if path > last {
        return Err(ReplayError::NoPath { path, last });
    }
    Ok(record(scenario, path, scenario.policy_at(policy)?)?)
}

/// A replay as a table: the names of its columns and one row a step; an empty cell is a value that does not exist.
///
/// With several assets, figures by asset have one column each, suffixed `_SYMBOL`.
pub fn table(recording: &Recording, symbols: &[String]) -> (Vec<String>, Vec<Vec<Option<f64>>>) {
    let by_asset = |name: &str| -> Vec<String> {
        if symbols.len() == 1 {
            vec![name.to_owned()]
        } else {
            symbols.iter().map(|symbol| format!("{name}_{symbol}")).collect()
        }
    };
    let has_pool = recording.steps.iter().any(|step| step.pool.is_some());
    let has_benchmark = recording.steps.iter().any(|step| step.benchmark.is_some());
    let mut columns = vec!["j".to_owned()];
    for name in ["S", "oracle", "age", "order", "filled", "position", "in_flight", "displacement", "target"] {
        columns.extend(by_asset(name));
    }
    if has_pool {
        columns.extend(by_asset("pool"));
    }
    columns.extend(["cash", "mark", "settled", "slices_left"].map(String::from));
    if has_benchmark {
        columns.push("benchmark".into());
    }
    columns.extend(COSTS.map(|name| format!("cost_{name}")));
    columns.extend(COUNTS.map(String::from));
    let rows = recording.steps.iter().map(|step| {
        let some = |values: &[f64]| -> Vec<Option<f64>> { values.iter().copied().map(Some).collect() };
        let maybe =
            |values: &Option<Vec<f64>>| values.as_ref().map_or(vec![None; symbols.len()], |v| some(v));
        let mut row = vec![Some(step.j as f64)];
        row.extend(some(&step.price));
        row.extend(maybe(&step.oracle));
        row.extend(maybe(&step.age));
        row.extend(some(&step.order));
        row.extend(maybe(&step.filled));
        row.extend(some(&step.position));
        row.extend(some(&step.in_flight));
        row.extend(some(&step.displacement));
        row.extend(maybe(&step.target));
        if has_pool {
            row.extend(maybe(&step.pool));
        }
        row.extend([step.cash, step.mark, step.settled, step.slices_left as f64].map(Some));
        if has_benchmark {
            row.push(step.benchmark);
        }
        row.extend(step.costs.map(Some));
        row.extend(step.counts.map(Some));
        row
    });
    (columns, rows.collect())
}
