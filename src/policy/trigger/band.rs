//! A trigger that fires when the gap leaves a band.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Amount, PerAsset, Period};

/// Fires for an asset whose `|gap|` exceeds its width (strictly).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Half-width. Options: units, "5%" of Σ|quantity| of the asset, or a table by symbol. Baskets: weight points.
    #[schemars(range(min = 0.0))]
    pub width: PerAsset<Amount>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}
