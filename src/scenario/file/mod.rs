//! A scenario as it is written: one struct a table, keys optional where a default exists, meaning not yet looked at.
//!
//! Keys that later versions will know are named in `x-later-keys` (schema only: serde never meets them), keys that
//! belong elsewhere in `x-not-here`.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::market::shock::Shock;

mod asset;
mod costs;
mod funding;
mod limits;
mod oracle;
mod policy;
mod precision;
mod run;
mod spread;
mod study;
mod target;

pub(super) use asset::{AssetTable, ExecutionTable, MarketTable};
pub(super) use costs::{AssetCosts, CostsTable};
pub(super) use funding::FundingTable;
pub(super) use limits::LimitsTable;
pub(super) use oracle::{OracleChoice, OracleTable};
pub(super) use policy::{PolicyEntry, with_common_keys as policy_schema};
pub(super) use precision::Asked;
pub(super) use run::RunTable;
pub(super) use study::{AttributionTable, StressTable, SweepTable};
pub(super) use target::{BasketTable, LegTable, OptionsTable, TargetTable};

/// A driftband scenario: what is tracked, by which policies, in what market.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ScenarioFile {
    /// Version of the scenario format: 1.
    #[schemars(range(min = 1, max = 1))]
    #[expect(dead_code, reason = "its range is its check")]
    pub(super) version: u32,
    /// Name of the scenario and of its output folder: lower-case letters, digits and `-`, at most 64.
    #[schemars(extend("format" = "x-scenario-name", "pattern" = "^[a-z0-9][a-z0-9-]{0,63}$"))]
    pub(super) name: String,
    /// The question, in your own words.
    #[serde(default)]
    pub(super) description: Option<String>,
    /// How it is run.
    pub(super) run: RunTable,
    /// What all assets share.
    #[serde(default)]
    pub(super) market: MarketTable,
    /// The assets, at least one.
    #[schemars(extend("minItems" = 1, "maxItems" = 1000))]
    pub(super) assets: Vec<AssetTable>,
    /// Shocks to the paths: gaps, volatility, correlation.
    #[serde(default)]
    #[schemars(extend("maxItems" = 1000))]
    pub(super) shocks: Vec<Shock>,
    /// What policies see of the price; absent: the true price.
    #[serde(default)]
    pub(super) oracle: Option<OracleChoice>,
    /// How an order becomes a fill.
    #[serde(default)]
    pub(super) execution: ExecutionTable,
    /// What a fill and a holding cost.
    #[serde(default)]
    pub(super) costs: CostsTable,
    /// What is tracked: an options strategy or a basket.
    #[schemars(extend("x-stand-in" = "{ kind = \"options\", legs = [{ type = \"spot\", quantity = 1 }] }"))]
    pub(super) target: TargetTable,
    /// The policies to compare, at least one.
    #[schemars(extend("minItems" = 1, "maxItems" = 10_000))]
    pub(super) policies: Vec<PolicyEntry>,
    /// Axes of a grid of runs, for `sweep`: their product.
    #[serde(default)]
    #[schemars(extend("maxItems" = 10))]
    pub(super) sweep: Vec<SweepTable>,
    /// Named changes, for `stress`.
    #[serde(default)]
    #[schemars(extend("maxItems" = 1000))]
    pub(super) stress: Vec<StressTable>,
    /// How an attribution is made.
    #[serde(default)]
    pub(super) attribution: AttributionTable,
    /// Thresholds that make the run exit with 3.
    #[serde(default)]
    pub(super) limits: LimitsTable,
}
