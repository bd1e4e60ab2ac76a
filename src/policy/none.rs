//! The policy that never trades.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Never trades, not even at the start: the unhedged position.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct NoTrade {}
