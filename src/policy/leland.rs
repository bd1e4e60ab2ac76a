//! Leland's hedge at a volatility that pays for its costs.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::{Adjustment, BookTerms, Decision};
use crate::units::{Fraction, PerAsset, Period};

/// Periodic, with the delta at `σ_L = σ_h · sqrt(max(1 − A · sign(Γ_net), 0.01))`,
/// `A = sqrt(8/π) · κ / (σ_h · sqrt(every · dt))`.
///
/// κ is the one-way cost (Leland's k is the round trip, 2κ). Γ_net is taken at σ_h: short gamma raises the
/// volatility, long gamma lowers it. Source: Leland, Journal of Finance 40 (1985) 1283–1301.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Leland {
    /// Time between trades.
    pub every: Period,
    /// One-way proportional cost κ that the volatility assumes.
    #[schemars(range(min = 0.0))]
    pub cost: PerAsset<Fraction>,
}

impl Leland {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let cost = |symbol: &String| self.cost.of(symbol).map_or(0.0, |fraction| fraction.0);
        let every = self.every.steps();
        Decision {
            clock: Some(every),
            adjustment: Some(Adjustment::Leland { every, cost: book.symbols.iter().map(cost).collect() }),
            ..Decision::resting(true)
        }
    }
}
