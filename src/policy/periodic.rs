//! The policy that trades by the clock.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::Decision;
use crate::units::Period;

/// Trades the whole gap every `every`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Periodic {
    /// Time between trades.
    pub every: Period,
}

impl Periodic {
    /// When it acts.
    pub fn decision(&self) -> Decision {
        Decision { clock: Some(self.every.steps()), ..Decision::resting(true) }
    }
}
