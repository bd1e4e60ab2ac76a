//! Square-root market impact.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Temporary impact: a fill of notional `nt` costs `coefficient · daily_volatility · sqrt(nt/adv) · nt`.
///
/// The coefficient is that of the *average* cost of the order (2/3 of the peak impact).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SquareRoot {
    /// Dimensionless coefficient, typically 0.4 to 1.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub coefficient: f64,
    /// Daily volatility (0.04 is 4 %).
    #[schemars(range(min = 0.0, max = 100.0))]
    pub daily_volatility: f64,
    /// Average daily volume in currency; default: `costs.adv`. At 0 every charged trade is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0))]
    pub adv: Option<f64>,
}

impl SquareRoot {
    /// `f` in `cost = f · sqrt(nt) · nt`; 0 where there is no volume, and so no trade.
    pub fn factor(&self) -> f64 {
        let adv = self.adv.unwrap_or(0.0);
        if adv > 0.0 { self.coefficient * self.daily_volatility / adv.sqrt() } else { 0.0 }
    }
}
