//! `[run]`: how much is simulated, and on which grid of time.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::rng::Sampling;
use crate::units::Period;

use super::precision::PrecisionTable;

/// How it is run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct RunTable {
    /// Number of simulated paths; absent with `precision`, and with `path` and `history`, which bring their own.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000_000_000_u64))]
    pub(in crate::scenario) paths: Option<u64>,
    /// Seed of every random draw; default 42.
    #[serde(default)]
    pub(in crate::scenario) seed: Option<u64>,
    /// Length of every path.
    pub(in crate::scenario) horizon: Period,
    /// Length of a step; or give `steps`.
    #[serde(default)]
    pub(in crate::scenario) step: Option<Period>,
    /// Number of steps; or give `step`.
    #[serde(default)]
    #[schemars(range(min = 1, max = 10_000_000))]
    pub(in crate::scenario) steps: Option<u64>,
    /// Days in a year, the unit of every annual figure; default 365.
    #[serde(default)]
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub(in crate::scenario) days_per_year: Option<f64>,
    /// How random numbers are drawn; default pseudo.
    #[serde(default)]
    pub(in crate::scenario) sampling: Option<Sampling>,
    /// Whether figures that need a mark at every step are made; default true.
    #[serde(default)]
    pub(in crate::scenario) path_metrics: Option<bool>,
    /// Time at the start that path metrics leave out; default none.
    #[serde(default)]
    pub(in crate::scenario) warmup: Option<Period>,
    /// Worst paths kept for every policy; default 20.
    #[serde(default)]
    #[schemars(range(max = 1000))]
    pub(in crate::scenario) worst: Option<u64>,
    /// Whether the mean deviation is also estimated with a control variate; default false.
    #[serde(default)]
    pub(in crate::scenario) control_variates: Option<bool>,
    /// Standard errors at which the run may end, by metric; in place of `paths`.
    #[serde(default)]
    pub(in crate::scenario) precision: Option<PrecisionTable>,
    /// Paths at which it ends in any case; with `precision`.
    #[serde(default)]
    #[schemars(range(min = 1, max = 1_000_000_000_000_u64))]
    pub(in crate::scenario) max_paths: Option<u64>,
}
