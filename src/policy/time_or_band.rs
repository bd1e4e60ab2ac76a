//! The policy that trades by the clock, and between when the gap leaves a band.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::band::absolute;
use super::decision::{BookTerms, Decision, Watch};
use crate::units::{Amount, PerAsset, Period};

/// Trades the whole gap every `every`; at other times by the band rule. Band trades do not restart the clock.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TimeOrBand {
    /// Time between clock trades.
    pub every: Period,
    /// Half-width, as in `band`.
    #[schemars(range(min = 0.0))]
    pub width: PerAsset<Amount>,
    /// Where a band trade goes; default: the center. Options only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

impl TimeOrBand {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let watch = Watch {
            width: absolute(&self.width, book),
            every: self.monitor_every.map_or(1, Period::steps),
            to: self.to.unwrap_or(Destination::Center),
        };
        Decision { clock: Some(self.every.steps()), band: Some(watch), ..Decision::resting(true) }
    }
}
