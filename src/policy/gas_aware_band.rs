//! The basket's band that is asymptotically optimal when a trade costs the same whatever its size.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::decision::{BookTerms, Decision, Watch, Width};
use crate::units::{Fraction, Period};

/// A band of half-width `(12K · w²(1−w)²/γ)^{1/4}` around each weight w, in weight points. Baskets only.
///
/// The least of the loss `γσ²h²/12 + Kσ²w²(1−w)²/h²` of a band h that is traded to its center, whatever σ; the other
/// assets are taken as one. The expansion is that of Gerhold, Guasoni, Muhle-Karbe and Schachermayer, Finance &
/// Stochastics 18 (2014), with a fixed cost in place of a proportional one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GasAwareBand {
    /// Relative risk aversion γ, a pure number.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub relative_risk_aversion: f64,
    /// Fixed cost K of a rebalance that the band assumes, as a fraction of the portfolio's value.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub fixed_cost: Fraction,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

/// `(12K · w²(1−w)²/γ)^{1/4}`.
fn half_width(fixed_cost: f64, risk_aversion: f64, weight: f64) -> f64 {
    let spread = weight * (1.0 - weight);
    (12.0 * fixed_cost / risk_aversion * spread * spread).sqrt().sqrt()
}

impl GasAwareBand {
    /// Half-widths by asset.
    pub(super) fn widths(&self, book: &BookTerms) -> Vec<f64> {
        let of = |weight: &f64| half_width(self.fixed_cost.0, self.relative_risk_aversion, *weight);
        let none = || vec![f64::INFINITY; book.symbols.len()];
        book.weights.map_or_else(none, |weights| weights.iter().map(of).collect())
    }

    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let watch = Watch {
            width: Width::Absolute(self.widths(book)),
            every: self.monitor_every.map_or(1, Period::steps),
            to: Destination::Center,
        };
        Decision { band: Some(watch), ..Decision::resting(true) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_width_is_that_of_a_hand_calculation() {
        // 2 bps of the value, γ 1, w 1/2: (12 · 0.0002 / 16)^{1/4}
        assert!((half_width(2e-4, 1.0, 0.5) - 0.110_668_192).abs() < 1e-9);
        // sixteen times the aversion halves it; w and 1 − w are one
        assert!((half_width(2e-4, 16.0, 0.5) - 0.055_334_096).abs() < 1e-9);
        assert!((half_width(2e-4, 1.0, 0.2) - half_width(2e-4, 1.0, 0.8)).abs() < 1e-15);
        // a leveraged weight of 2: (12 · 0.0002 · 4)^{1/4}
        assert!((half_width(2e-4, 1.0, 2.0) - 0.313_016_916).abs() < 1e-9);
    }

    #[test]
    fn it_is_the_least_of_the_loss_at_the_center() {
        let (k, gamma, w, sigma) = (2e-4, 1.0, 0.5, 0.6_f64);
        let v = (w * (1.0 - w) * sigma).powi(2);
        let loss = |h: f64| gamma * sigma * sigma * h * h / 12.0 + k * v / (h * h);
        let h = half_width(k, gamma, w);
        assert!((loss(h) - 7.348_47e-4).abs() < 1e-9, "{}", loss(h));
        assert!((loss(0.6 * h) - 1.152_893e-3).abs() < 1e-9, "{}", loss(0.6 * h));
        assert!(loss(h) < loss(0.999 * h) && loss(h) < loss(1.001 * h));
    }

    #[test]
    fn what_cannot_drift_or_costs_nothing_has_no_width() {
        for (cost, weight) in [(0.0, 0.5), (2e-4, 0.0), (2e-4, 1.0)] {
            assert_eq!(half_width(cost, 1.0, weight).to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn every_asset_has_the_width_of_its_weight() {
        let band = GasAwareBand {
            relative_risk_aversion: 1.0,
            fixed_cost: Fraction(2e-4),
            monitor_every: Some(Period::Steps(6)),
        };
        let symbols = ["A", "B"].map(str::to_owned);
        let book = BookTerms {
            symbols: &symbols,
            quantities: &[1.0; 2],
            weights: Some(&[0.5, 0.2]),
            band_to: Destination::Center,
        };
        let watch = band.decision(&book).band.expect("a band");
        let Width::Absolute(widths) = watch.width else { panic!("weight points") };
        // (12 · 0.0002 · 0.0256)^{1/4}
        assert!((widths[0] - 0.110_668_192).abs() < 1e-9 && (widths[1] - 0.088_534_554).abs() < 1e-9);
        assert_eq!((watch.every, watch.to), (6, Destination::Center));
    }
}
