//! The basket's band that is asymptotically optimal when costs are proportional to what is traded.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::decision::{BookTerms, Decision, Watch, Width};
use crate::math::{exp, ln};
use crate::units::{Fraction, PerAsset, Period};

/// A band of half-width `(3k/(2γ) · w²(1−w)²)^{1/3}` around each weight w, in weight points. Baskets only.
///
/// The least of the loss `γσ²h²/6 + kσ²w²(1−w)²/(2h)` of a band h that is traded to its edge, whatever σ; the other
/// assets are taken as one. Source: Gerhold, Guasoni, Muhle-Karbe and Schachermayer, Finance & Stochastics 18 (2014),
/// there with the full spread 2k.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OptimalBand {
    /// Relative risk aversion γ, a pure number.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub relative_risk_aversion: f64,
    /// One-way proportional cost k that the band assumes: half of a full spread.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub cost: PerAsset<Fraction>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

/// `(3k/(2γ) · w²(1−w)²)^{1/3}`.
fn half_width(cost: f64, risk_aversion: f64, weight: f64) -> f64 {
    let spread = weight * (1.0 - weight);
    exp(ln(1.5 * cost / risk_aversion * spread * spread) / 3.0)
}

impl OptimalBand {
    /// Half-widths by asset; one without a cost is none the basket holds.
    pub(super) fn widths(&self, book: &BookTerms) -> Vec<f64> {
        let of = |(i, symbol): (usize, &String)| match (self.cost.of(symbol), book.weights) {
            (Some(cost), Some(weights)) => half_width(cost.0, self.relative_risk_aversion, weights[i]),
            _ => f64::INFINITY,
        };
        book.symbols.iter().enumerate().map(of).collect()
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
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn the_width_is_that_of_a_hand_calculation() {
        // 20 bps, γ 1, w 1/2: (1.5 · 0.002 / 16)^{1/3}
        assert!((half_width(0.002, 1.0, 0.5) - 0.057_235_712).abs() < 1e-9);
        // eight times the aversion halves it; w and 1 − w are one
        assert!((half_width(0.002, 8.0, 0.5) - 0.028_617_856).abs() < 1e-9);
        assert!((half_width(0.001, 2.0, 0.2) - half_width(0.001, 2.0, 0.8)).abs() < 1e-15);
        // a leveraged weight of 2: (1.5 · 0.002 · 4)^{1/3}
        assert!((half_width(0.002, 1.0, 2.0) - 0.228_942_848).abs() < 1e-9);
    }

    #[test]
    fn it_is_the_least_of_the_loss_at_the_edge() {
        let (k, gamma, w, sigma) = (0.002, 1.0, 0.5, 0.6_f64);
        let v = (w * (1.0 - w) * sigma).powi(2);
        let loss = |h: f64| gamma * sigma * sigma * h * h / 6.0 + k * v / (2.0 * h);
        let h = half_width(k, gamma, w);
        assert!((loss(h) - 5.896_67e-4).abs() < 1e-9, "{}", loss(h));
        assert!((loss(0.4 * h) - 1.014_227e-3).abs() < 1e-9 && (loss(2.0 * h) - 9.827_78e-4).abs() < 1e-9);
        assert!(loss(h) < loss(0.999 * h) && loss(h) < loss(1.001 * h));
    }

    #[test]
    fn what_cannot_drift_or_costs_nothing_has_no_width() {
        for (cost, weight) in [(0.0, 0.5), (0.002, 0.0), (0.002, 1.0)] {
            assert_eq!(half_width(cost, 1.0, weight).to_bits(), 0.0_f64.to_bits());
        }
    }

    #[test]
    fn every_asset_has_its_own_cost_and_weight() {
        let costs = BTreeMap::from([("A".to_owned(), Fraction(0.002)), ("B".to_owned(), Fraction(0.001))]);
        let band = OptimalBand {
            relative_risk_aversion: 1.0,
            cost: PerAsset::BySymbol(costs),
            monitor_every: Some(Period::Steps(6)),
        };
        let symbols = ["A", "B", "C"].map(str::to_owned);
        let book = BookTerms {
            symbols: &symbols,
            quantities: &[1.0; 3],
            weights: Some(&[0.5, 0.2, 0.0]),
            band_to: Destination::Center,
        };
        let watch = band.decision(&book).band.expect("a band");
        let Width::Absolute(widths) = watch.width else { panic!("weight points") };
        // (1.5 · 0.001 · 0.0256)^{1/3}
        assert!((widths[0] - 0.057_235_712).abs() < 1e-9 && (widths[1] - 0.033_737_307).abs() < 1e-9);
        assert!(widths[2].is_infinite());
        assert_eq!((watch.every, watch.to), (6, Destination::Center));
    }
}
