//! `[market]`, `[[assets]]` and `[execution]`.
use schemars::JsonSchema;
use serde::Deserialize;

use super::{AssetCosts, OracleChoice};
use crate::market::congestion::Congestion;
use crate::market::execution::{HedgeInstrument, Unfilled};
use crate::market::latency::Latency;
use crate::market::price::Process;
use crate::units::Fraction;

/// What all assets share.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct MarketTable {
    /// Annual rate on cash, continuously compounded; default 0.
    #[serde(default)]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub(in crate::scenario) rate: Option<Fraction>,
    /// Correlation matrix, one row per asset in the order of `[[assets]]`; absent: independent.
    #[serde(default)]
    pub(in crate::scenario) correlation: Option<Vec<Vec<f64>>>,
    /// What makes gas, delays, failures and spreads worse together; absent: nothing.
    #[serde(default)]
    pub(in crate::scenario) congestion: Option<Congestion>,
}

/// One asset.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-not-here" = {
    "weight": "target weights stand in `[target]`: weights = { ETH = 0.6 }",
    "drift": "it is a key of `process`",
    "volatility": "it is a key of `process`",
}))]
pub(in crate::scenario) struct AssetTable {
    /// Name of the asset: a letter, then letters, digits, `_` and `-`.
    #[schemars(extend("format" = "x-symbol", "pattern" = "^[A-Za-z][A-Za-z0-9_-]*$"))]
    pub(in crate::scenario) symbol: String,
    /// Price at the start; may be absent with given prices.
    #[serde(default)]
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) spot: Option<f64>,
    /// Annual yield of a holding, continuously compounded; default 0.
    #[serde(default)]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub(in crate::scenario) dividend_yield: Option<Fraction>,
    /// Law of the price.
    #[schemars(extend("x-stand-in" = "{ kind = \"gbm\", drift = 0, volatility = 1 }"))]
    pub(in crate::scenario) process: Process,
    /// Overrides `[oracle]` for this asset; "none" removes it.
    #[serde(default)]
    pub(in crate::scenario) oracle: Option<OracleChoice>,
    /// Overrides `[costs]` for this asset.
    #[serde(default)]
    pub(in crate::scenario) costs: AssetCosts,
    /// Overrides `[execution]` for this asset.
    #[serde(default)]
    pub(in crate::scenario) execution: ExecutionTable,
}

/// How an order becomes a fill.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct ExecutionTable {
    /// Time from decision to fill; or a table with `kind`: drawn for each order; default 0.
    #[serde(default)]
    pub(in crate::scenario) delay: Option<Latency>,
    /// What the position is held in; default "spot".
    #[serde(default)]
    pub(in crate::scenario) hedge_instrument: Option<HedgeInstrument>,
    /// Units that orders are rounded to, towards zero; default: any amount.
    #[serde(default)]
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) lot: Option<f64>,
    /// Least notional of an order at the price seen, in currency; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) min_trade: Option<f64>,
    /// Share of a step's volume (`costs.adv`) that fills may take; default: no cap.
    #[serde(default)]
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) participation: Option<Fraction>,
    /// What becomes of the rest of a capped order: "cancel" or "queue"; default "cancel".
    #[serde(default)]
    pub(in crate::scenario) unfilled: Option<Unfilled>,
    /// How much worse than at its decision the mid may stand when an order fills; default: any amount.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub(in crate::scenario) slippage_tolerance: Option<Fraction>,
    /// Further tries of a transaction that failed, one a step; default 0.
    #[serde(default)]
    #[schemars(range(min = 0, max = 1_000_000))]
    pub(in crate::scenario) retries: Option<u32>,
    /// Probability that an attempt fails, whatever the price does; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) failure: Option<Fraction>,
}
