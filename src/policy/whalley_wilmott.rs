//! Whalley & Wilmott's asymptotically optimal hedging band.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::decision::{BookTerms, Decision, Watch, Width};
use crate::math::{exp, ln};
use crate::units::{Fraction, PerAsset, Period};

/// A band of half-width `(3/2 · e^{−rτ} κ P Γ² / a)^{1/3}`, Γ the gamma of the whole position, τ the time to the last
/// live expiry, r the model rate.
///
/// Source: Whalley & Wilmott, Mathematical Finance 7 (1997) 307–324.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct WhalleyWilmott {
    /// Absolute risk aversion a, per unit of currency.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub risk_aversion: f64,
    /// One-way proportional cost κ that the band assumes.
    #[schemars(range(min = 0.0))]
    pub cost: PerAsset<Fraction>,
    /// Where to trade to; default: the edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

impl WhalleyWilmott {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let watch = Watch {
            width: Width::Followed(factors(self.risk_aversion, &self.cost, book)),
            every: self.monitor_every.map_or(1, Period::steps),
            to: self.to.unwrap_or(Destination::Edge),
        };
        Decision { band: Some(watch), ..Decision::resting(true) }
    }
}

/// `(3κ/2a)^{1/3}` by asset: what a policy multiplies the width of [`crate::book::width`] by.
pub(super) fn factors(risk_aversion: f64, cost: &PerAsset<Fraction>, book: &BookTerms) -> Vec<f64> {
    let factor = |symbol: &String| {
        let cost = cost.of(symbol).map_or(0.0, |fraction| fraction.0);
        exp(ln(1.5 * cost / risk_aversion) / 3.0)
    };
    book.symbols.iter().map(factor).collect()
}
