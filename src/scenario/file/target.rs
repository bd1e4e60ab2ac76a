//! `[target]`: the options strategy or the basket that is tracked.
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use crate::book::delta::WrittenDelta;
use crate::book::volatility::WrittenVolatility;
use crate::book::{Benchmark, LegKind, Settlement};
use crate::units::{Fraction, PerAsset, Period};

/// What is tracked.
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(in crate::scenario) enum TargetTable {
    /// `kind = "options"`
    Options(Box<OptionsTable>),
    /// `kind = "basket"`
    Basket(BasketTable),
}

impl JsonSchema for TargetTable {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Target".into()
    }
    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let known = vec![
            crate::registry::tagged("options", &OptionsTable::json_schema(generator)),
            crate::registry::tagged("basket", &BasketTable::json_schema(generator)),
        ];
        crate::registry::one_of(known, &[])
    }
}

/// A list of European legs, hedged with the assets.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-not-here" = { "leverage": "it is a key of a basket" }))]
pub(in crate::scenario) struct OptionsTable {
    /// Volatility of the hedge's deltas; a value, a table by symbol, or a table with `kind`: one that moves.
    #[serde(default)]
    pub(in crate::scenario) hedge_volatility: Option<WrittenVolatility>,
    /// Delta of the hedge: "black_scholes" (default), "minimum_variance", or a table with `kind`.
    #[serde(default)]
    pub(in crate::scenario) delta: Option<WrittenDelta>,
    /// Volatility of the premiums received and paid; a value, or a table by symbol.
    #[serde(default)]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) premium_volatility: Option<PerAsset<Fraction>>,
    /// Volatility of the marks; default: the premium's, else the hedge's.
    #[serde(default)]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) mark_volatility: Option<PerAsset<Fraction>>,
    /// Rate of the Black–Scholes model; default: `market.rate`.
    #[serde(default)]
    #[schemars(range(min = -100.0, max = 100.0))]
    pub(in crate::scenario) model_rate: Option<Fraction>,
    /// Whose price options pay by at expiry: "true" or "oracle"; default "true".
    #[serde(default)]
    pub(in crate::scenario) settlement: Option<Settlement>,
    /// The legs, at least one.
    #[schemars(extend("minItems" = 1, "maxItems" = 10_000))]
    pub(in crate::scenario) legs: Vec<LegTable>,
}

/// One leg.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct LegTable {
    /// Symbol of its asset; may be absent with one asset.
    #[serde(default)]
    pub(in crate::scenario) asset: Option<String>,
    /// "call", "put" or "spot" (a holding of the asset itself).
    #[serde(rename = "type")]
    pub(in crate::scenario) kind: LegKind,
    /// Strike, in currency.
    #[serde(default)]
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) strike: Option<f64>,
    /// Units of the asset; negative is short.
    #[schemars(range(min = -1e15, max = 1e15))]
    pub(in crate::scenario) quantity: f64,
    /// Time of expiry from the start; default: the horizon.
    #[serde(default)]
    pub(in crate::scenario) expiry: Option<Period>,
    /// Price per unit at the start; default: Black–Scholes at `premium_volatility`.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) premium: Option<f64>,
    /// Hedge volatility of this leg.
    #[serde(default)]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) hedge_volatility: Option<Fraction>,
    /// Premium volatility of this leg.
    #[serde(default)]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) premium_volatility: Option<Fraction>,
}

/// A basket of assets at target weights.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-not-here" = { "settlement": "it is a key of an options strategy" }))]
pub(in crate::scenario) struct BasketTable {
    /// Initial value in currency.
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) value: f64,
    /// Target weights by symbol; what is missing to 1 is cash; below 0 or above 1 in all with `leverage = true`.
    #[schemars(schema_with = "weights")]
    pub(in crate::scenario) weights: BTreeMap<String, Fraction>,
    /// Whether weights may be negative or sum to more than 1, on borrowed money; default false.
    #[serde(default)]
    pub(in crate::scenario) leverage: Option<bool>,
    /// What it is measured against; default `constant_mix_step`.
    #[serde(default)]
    pub(in crate::scenario) benchmark: Option<Benchmark>,
}

fn weights(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
    let mut weight = Fraction::json_schema(generator);
    weight.insert("minimum".into(), (-100.0).into());
    weight.insert("maximum".into(), 100.0.into());
    schemars::json_schema!({ "type": "object", "additionalProperties": weight, "minProperties": 1 })
}
