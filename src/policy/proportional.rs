//! The policy that trades a part of the gap at every look.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::{BookTerms, Decision, Triggers};
use crate::units::{Fraction, Period};

/// Trades the fixed share `share` of the gap at every multiple of `every`; with a share of 1 it is `periodic`.
///
/// The gap follows `x' = (1 − share)·(x + drift)`: it decays at the rate `κ = −ln(1 − share)/every`, so that of a weight that
/// drifts with variance `v` a year `v/(2κ)` is left, for a turnover of `√(κv/π)` a year. Where the whole gap would be traded
/// across a spread, this is the policy that costs quadratic in the trade make optimal.
///
/// Source: N. Gârleanu and L. H. Pedersen (2013), Journal of Finance 68(6), 2309–2340 (trade partially toward the aim).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Proportional {
    /// Part of the gap that is traded, above 0, at most 1.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub share: Fraction,
    /// Time between trades; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Period>,
}

impl Proportional {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let triggers = Triggers {
            clocks: vec![self.every.map_or(1, Period::steps)],
            bands: Vec::new(),
            moves: Vec::new(),
            min_interval: 0,
            inward: 1.0,
            all: book.weights.is_some(),
            slices: 1,
            share: self.share.0,
        };
        Decision { triggers: Some(triggers), ..Decision::resting(true) }
    }
}
