//! `[run]`: how much is simulated, and on which grid of time.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::units::Period;

/// How it is run.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-later-keys" = ["precision", "max_paths"]))]
pub(in crate::scenario) struct RunTable {
    /// Number of simulated paths; absent with `path` and `history`, which bring their own.
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
    #[schemars(extend("x-later-words" = ["antithetic", "sobol"]))]
    #[expect(dead_code, reason = "this version knows one way of sampling")]
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
}

/// How random numbers are drawn.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum Sampling {
    /// Independent pseudo-random paths.
    Pseudo,
}
