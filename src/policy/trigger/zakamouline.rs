//! A trigger that fires when the gap leaves Zakamouline's band; the rule then hedges at his volatility.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Fraction, PerAsset, Period};

/// Fires for an asset whose `|gap|` exceeds the half-width of [`crate::policy::zakamouline`] (strictly); the delta of the
/// whole rule is taken at his volatility.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zakamouline {
    /// Absolute risk aversion γ, per unit of currency.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub risk_aversion: f64,
    /// One-way proportional cost λ that band and volatility assume.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub cost: PerAsset<Fraction>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}
