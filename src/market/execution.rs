//! How and when an order becomes a fill.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the position is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HedgeInstrument {
    /// The asset itself, paid from cash.
    #[default]
    Spot,
    /// A perpetual future: interest accrues on the margin balance, there is no yield, funding applies.
    Perpetual,
}
