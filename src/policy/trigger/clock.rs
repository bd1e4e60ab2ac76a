//! A trigger that fires by the clock.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Period;

/// Fires at every multiple of `every`, counted from the start; nothing restarts it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Time between two firings.
    pub every: Period,
}
