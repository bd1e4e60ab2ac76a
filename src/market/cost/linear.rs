//! Linear temporary market impact.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Temporary impact: a fill of notional `nt` costs `coefficient · daily_volatility · (nt/adv) · nt`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `coefficient` | η | | 0 … 1000 |
/// | `daily_volatility` | σ_d | per day | 0 … 100 |
/// | `adv` | V | currency a day | 0 or more |
///
/// The coefficient is that of the *average* cost of the order, half of its peak impact. The next order meets the old
/// price: the part that stays is `permanent_impact`. At `adv = 0` every charged trade is refused.
///
/// Source: Almgren and Chriss, Journal of Risk 3 (2001) 5–39, equation 7 without the fixed part ε.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Linear {
    /// Dimensionless coefficient.
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

impl Linear {
    /// `f` in `cost = f · nt²`; 0 where there is no volume, and so no trade.
    pub fn factor(&self) -> f64 {
        let adv = self.adv.unwrap_or(0.0);
        if adv > 0.0 { self.coefficient * self.daily_volatility / adv } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twice_the_order_costs_four_times_as_much() {
        let model = Linear { coefficient: 0.5, daily_volatility: 0.04, adv: Some(1e6) };
        // 1 % of the volume at half of 4 %: 2 bps of 10 000
        assert!((model.factor() * 1e4 * 1e4 - 2.0).abs() < 1e-15);
        assert!((model.factor() * 2e4 * 2e4 - 8.0).abs() < 1e-14);
        assert_eq!(Linear { adv: Some(0.0), ..model }.factor(), 0.0);
    }
}
