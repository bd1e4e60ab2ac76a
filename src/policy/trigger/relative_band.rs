//! A trigger that fires when a weight is off by a fraction of itself.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Fraction, Period};

/// Fires for an asset whose weight is off by more than `width · |weight|` (strictly). Baskets only.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RelativeBand {
    /// Half-width as a fraction of the target weight.
    #[schemars(range(min = 0.0))]
    pub width: Fraction,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}
