//! Linear permanent impact: a policy's own trades move the price it pays.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A displacement `G` of the price, currency per unit, that a policy's own fills leave behind.
///
/// A fill of `q` units (signed) at mid `S` has the shift `g = coefficient · daily_volatility · S · (q·S/adv)`, pays
/// `q·(G + g/2)`, then `G += g`. The final unwind is such a fill: at a constant price a closed round trip costs 0.
/// Marks, oracle and payoffs use `S`.
///
/// Source: Almgren and Chriss, Journal of Risk 3 (2001) 5–39.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct PermanentImpact {
    /// Dimensionless coefficient.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub coefficient: Option<f64>,
    /// Daily volatility (0.04 is 4 %).
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub daily_volatility: Option<f64>,
}

impl PermanentImpact {
    /// Key by key: its own values, where missing those of `below`.
    #[must_use]
    pub fn over(&self, below: Option<&Self>) -> Self {
        below.map_or(*self, |below| Self {
            coefficient: self.coefficient.or(below.coefficient),
            daily_volatility: self.daily_volatility.or(below.daily_volatility),
        })
    }
}

/// Permanent impact, checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PermanentTerms {
    /// Dimensionless coefficient.
    pub coefficient: f64,
    /// Daily volatility.
    pub daily_volatility: f64,
    /// Average daily volume in currency.
    pub adv: f64,
}

impl PermanentTerms {
    /// Shift of the displacement by a fill of `q` units at mid `s`, in currency per unit.
    #[inline(always)]
    pub fn shift(&self, q: f64, s: f64) -> f64 {
        self.coefficient * self.daily_volatility * s * (q * s / self.adv)
    }
}
