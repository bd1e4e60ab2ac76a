//! A trigger that fires when the gap leaves Whalley and Wilmott's band.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Fraction, PerAsset, Period};

/// Fires for an asset whose `|gap|` exceeds the half-width of [`crate::policy::whalley_wilmott`] (strictly).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhalleyWilmott {
    /// Absolute risk aversion a, per unit of currency.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub risk_aversion: f64,
    /// One-way proportional cost κ that the band assumes.
    #[schemars(range(min = 0.0))]
    pub cost: PerAsset<Fraction>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}
