//! The basket policy whose band is a fraction of each weight.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::decision::{Decision, Watch, Width};
use crate::units::{Fraction, Period};

/// Trades all assets to target when some weight is off by more than `width` times its target.
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

impl RelativeBand {
    /// When it acts.
    pub fn decision(&self) -> Decision {
        let watch = Watch {
            width: Width::Relative(self.width.0),
            every: self.monitor_every.map_or(1, Period::steps),
            to: Destination::Center,
        };
        Decision { band: Some(watch), ..Decision::resting(true) }
    }
}
