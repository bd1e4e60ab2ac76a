//! `[costs]`, for all assets and for one.
use schemars::JsonSchema;
use serde::Deserialize;

use super::funding::{FundingTable, OneFunding};
use super::spread::SpreadTable;
use crate::market::cost::{Funding, Gas, HalfSpread, Impact, PermanentImpact, Pool};
use crate::units::{Fraction, PerAsset};

/// What a fill and a holding cost; a value, or a table by symbol.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct CostsTable {
    /// Proportional fee, a fraction of the traded notional; negative: a rebate; default 0.
    #[serde(default)]
    #[schemars(range(min = -1.0, max = 1.0))]
    pub(in crate::scenario) fee: Option<PerAsset<Fraction>>,
    /// Half of the bid–ask spread, a fraction of the traded notional; or a table with `kind`: one that moves; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) half_spread: Option<SpreadTable>,
    /// Fixed fee of every fill, in currency; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) fixed_fee: Option<PerAsset<f64>>,
    /// Annual funding rate of a perpetual, simple; longs pay a positive rate; a table with `rate` and `interval` settles
    /// at boundaries; default 0.
    #[serde(default)]
    pub(in crate::scenario) funding: Option<FundingTable>,
    /// Market impact; default none.
    #[serde(default)]
    pub(in crate::scenario) impact: Option<Impact>,
    /// Average daily volume in currency; default: that of the impact.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub(in crate::scenario) adv: Option<PerAsset<f64>>,
    /// Displacement of the price by a policy's own trades; default: none.
    #[serde(default)]
    pub(in crate::scenario) permanent_impact: Option<PermanentImpact>,
    /// Constant-product pool that orders fill against; default: none.
    #[serde(default)]
    pub(in crate::scenario) pool: Option<Pool>,
    /// Annual rate paid on the value of a short position, simple; default 0.
    #[serde(default)]
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub(in crate::scenario) borrow: Option<PerAsset<Fraction>>,
    /// What a transaction costs on a chain; default: none.
    #[serde(default)]
    pub(in crate::scenario) gas: Option<Gas>,
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
pub(in crate::scenario) struct AssetCosts {
    /// Proportional fee, a fraction of the traded notional; negative: a rebate.
    #[serde(default)]
    #[schemars(range(min = -1.0, max = 1.0))]
    pub(in crate::scenario) fee: Option<Fraction>,
    /// Half of the bid–ask spread, a fraction of the traded notional; or a table with `kind`: one that moves.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub(in crate::scenario) half_spread: Option<HalfSpread>,
    /// Fixed fee of every fill, in currency.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) fixed_fee: Option<f64>,
    /// Annual funding rate of a perpetual, simple; longs pay a positive rate.
    #[serde(default)]
    #[schemars(with = "Option<OneFunding>")]
    pub(in crate::scenario) funding: Option<Funding>,
    /// Market impact.
    #[serde(default)]
    pub(in crate::scenario) impact: Option<Impact>,
    /// Average daily volume in currency.
    #[serde(default)]
    #[schemars(range(min = 0.0))]
    pub(in crate::scenario) adv: Option<f64>,
    /// Displacement of the price by a policy's own trades.
    #[serde(default)]
    pub(in crate::scenario) permanent_impact: Option<PermanentImpact>,
    /// Constant-product pool that orders fill against.
    #[serde(default)]
    pub(in crate::scenario) pool: Option<Pool>,
    /// Annual rate paid on the value of a short position, simple.
    #[serde(default)]
    #[schemars(range(min = -1000.0, max = 1000.0))]
    pub(in crate::scenario) borrow: Option<Fraction>,
    /// What a transaction costs on a chain.
    #[serde(default)]
    pub(in crate::scenario) gas: Option<Gas>,
    /// Whether this asset's initial trade pays costs.
    #[serde(default)]
    pub(in crate::scenario) charge_initial: Option<bool>,
    /// Whether this asset's final unwind pays costs.
    #[serde(default)]
    pub(in crate::scenario) charge_final: Option<bool>,
}
