//! A trigger that fires when the price has moved since the last order.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Fraction, Period};

/// Fires when `|P/P_last − 1| > size` (strictly), P_last the visible price at the step of the last order sent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Move {
    /// Relative move of the visible price.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub size: Fraction,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}
