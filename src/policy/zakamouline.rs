//! Zakamouline's approximation of the hedge that maximises expected exponential utility: a band and a volatility.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::decision::{Adjustment, BookTerms, Decision, Watch, Width};
use crate::units::{Fraction, PerAsset, Period};

/// A band of half-width `H₀ + H₁` around the delta at the volatility `σ_m`; the formulas are those of
/// [`crate::book::zakamouline`].
///
/// Sources: Zakamouline, Quantitative Finance 6 (2006) 435–445, and Optimal hedging of options with transaction costs
/// (EFMA meetings, Milan 2005); Sinclair, Volatility Trading, 2nd edition (2013).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Zakamouline {
    /// Absolute risk aversion γ, per unit of currency.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub risk_aversion: f64,
    /// One-way proportional cost λ that band and volatility assume.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub cost: PerAsset<Fraction>,
    /// Where to trade to; default: the edge.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

impl Zakamouline {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let watch = Watch {
            width: Width::Followed(vec![1.0; book.symbols.len()]),
            every: self.monitor_every.map_or(1, Period::steps),
            to: self.to.unwrap_or(Destination::Edge),
        };
        let adjustment = adjustment(self.risk_aversion, &self.cost, book);
        Decision { band: Some(watch), adjustment: Some(adjustment), ..Decision::resting(true) }
    }
}

/// What his aversion and cost make of volatility and band.
pub(super) fn adjustment(risk_aversion: f64, cost: &PerAsset<Fraction>, book: &BookTerms) -> Adjustment {
    let cost = |symbol: &String| cost.of(symbol).map_or(0.0, |fraction| fraction.0);
    Adjustment::Zakamouline { risk_aversion, cost: book.symbols.iter().map(cost).collect() }
}
