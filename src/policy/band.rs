//! The policy that trades when the gap leaves a band.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use crate::units::{Amount, PerAsset, Period};

/// Trades when `|gap| > width` (strictly), to the center or to the edge of the band.
///
/// Options: the gap is in units of underlying of the whole position. Baskets: in weight points, any asset's gap
/// triggers a trade of all assets to target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Half-width. Options: units, "5%" of Σ|quantity| of the asset, or a table by symbol. Baskets: weight points.
    #[schemars(range(min = 0.0))]
    pub width: PerAsset<Amount>,
    /// Where to trade to; default: the edge. Options only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}
