//! `[costs]`, for all assets and for one.
use schemars::JsonSchema;
use serde::Deserialize;

use crate::market::cost::Impact;
use crate::units::{Fraction, PerAsset};

/// What a fill and a holding cost; a value, or a table by symbol.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-later-keys" = ["adv", "permanent_impact", "pool", "borrow", "gas"]))]
pub(in crate::scenario) struct CostsTable {
    /// Proportional fee, a fraction of the traded notional; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) fee: Option<PerAsset<Fraction>>,
    /// Half of the bid–ask spread, a fraction of the traded notional; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) half_spread: Option<PerAsset<Fraction>>,
    /// Fixed fee of every fill, in currency; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) fixed_fee: Option<PerAsset<f64>>,
    /// Annual funding rate of a perpetual, simple; longs pay a positive rate; default 0.
    #[serde(default)]
    #[schemars(range(min = -1000.0, max = 1000.0), extend("x-later-table" = ["rate", "interval"]))]
    pub(in crate::scenario) funding: Option<PerAsset<Fraction>>,
    /// Market impact; default none.
    #[serde(default)]
    pub(in crate::scenario) impact: Option<Impact>,
    /// Whether the initial trade pays costs; default: options yes, baskets no.
    #[serde(default)]
    pub(in crate::scenario) charge_initial: Option<bool>,
    /// Whether the final unwind pays costs; default: options yes, baskets no.
    #[serde(default)]
    pub(in crate::scenario) charge_final: Option<bool>,
}

/// The costs of one asset, where they differ from `[costs]`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend(
    "x-later-keys" = ["adv", "permanent_impact", "pool", "borrow", "gas"],
    "x-not-here" = {
        "charge_initial": "it holds for the whole run: write it under `[costs]`",
        "charge_final": "it holds for the whole run: write it under `[costs]`",
    }
))]
pub(in crate::scenario) struct AssetCosts {
    /// Proportional fee, a fraction of the traded notional.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) fee: Option<Fraction>,
    /// Half of the bid–ask spread, a fraction of the traded notional.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) half_spread: Option<Fraction>,
    /// Fixed fee of every fill, in currency.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) fixed_fee: Option<f64>,
    /// Annual funding rate of a perpetual, simple; longs pay a positive rate.
    #[serde(default)]
    #[schemars(range(min = -1000.0, max = 1000.0), extend("x-later-table" = []))]
    pub(in crate::scenario) funding: Option<Fraction>,
    /// Market impact.
    #[serde(default)]
    pub(in crate::scenario) impact: Option<Impact>,
}
