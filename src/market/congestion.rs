//! Congestion: gas, delay, failure and spread get worse together when an asset is more volatile than usual.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gauge::{Gauge, GaugeState};
use crate::math::{B, Lanes, exp, ln};
use crate::units::Period;

/// `c_t = σ_t/σ̄`, kept within `1/most … most`; each friction is multiplied by a power of it.
///
/// | friction | becomes |
/// |---|---|
/// | gas of a transaction | × `c_t^gas` |
/// | delay of an order decided now | × `c_t^delay`, then rounded to whole steps |
/// | probability that an attempt made now fails | × `c_t^failure`, at most 1 |
/// | half-spread | × `c_t^half_spread` |
///
/// One factor for all assets: that of the asset named. σ_t is its realised volatility, the exponentially weighted root
/// mean square of its returns up to the step (`half_life`), or without a `half_life` the volatility that its own law has.
/// At exponent 0 a friction stays as it is, to the bit. Nothing is drawn.
///
/// The law is this project's own definition, the simplest in which costs bite together; the exponents are elasticities.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Congestion {
    /// Symbol of the asset whose volatility it follows; default: the only asset.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub asset: Option<String>,
    /// Annual volatility at which nothing is congested.
    #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = 0.0))]
    pub reference_volatility: f64,
    /// Half-life of the weights of observed returns; absent: the law's own volatility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life: Option<Period>,
    /// Largest factor, and its inverse the least; default 10.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1.0, max = 1000.0))]
    pub most: Option<f64>,
    /// Exponent of gas; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub gas: Option<f64>,
    /// Exponent of the delay; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub delay: Option<f64>,
    /// Exponent of the probability of failure; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub failure: Option<f64>,
    /// Exponent of the half-spread; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub half_spread: Option<f64>,
}

/// Congestion whose asset is known.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct CongestionTerms {
    /// Index of the asset that it follows.
    pub asset: usize,
    /// The law.
    pub law: Congestion,
}

/// The law with its gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct CongestionStep {
    /// The asset that it follows.
    pub asset: usize,
    /// Its volatility.
    pub gauge: Gauge,
    ln_reference: f64,
    farthest: f64,
    /// Of gas, delay, failure, half-spread.
    exponents: [f64; 4],
}

/// What it multiplies the frictions of a block's paths by.
#[derive(Debug, Clone)]
pub struct CongestionState {
    gauge: GaugeState,
    /// Of gas, delay, failure, half-spread.
    factors: [Lanes; 4],
}

/// A friction that congestion moves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Congested {
    /// Gas of a transaction.
    Gas,
    /// Delay of an order.
    Delay,
    /// Probability of failure.
    Failure,
    /// Half-spread.
    HalfSpread,
}

impl Default for CongestionState {
    fn default() -> Self {
        Self { gauge: GaugeState::default(), factors: [Lanes::splat(1.0); 4] }
    }
}

impl CongestionState {
    /// The factor of one friction.
    #[inline(always)]
    pub fn factor(&self, of: Congested) -> &Lanes {
        &self.factors[of as usize]
    }
}

impl CongestionTerms {
    /// The law with the gauge of its asset.
    pub fn on(&self, gauge: Gauge) -> CongestionStep {
        let Congestion { gas, delay, failure, half_spread, .. } = self.law;
        CongestionStep {
            asset: self.asset,
            gauge,
            ln_reference: ln(self.law.reference_volatility),
            farthest: ln(self.law.most.unwrap_or(10.0)),
            exponents: [gas, delay, failure, half_spread].map(|exponent| exponent.unwrap_or(0.0)),
        }
    }
}

impl CongestionStep {
    /// Whether it moves a friction at all.
    pub fn moves(&self, what: Congested) -> bool {
        self.exponents[what as usize] != 0.0
    }

    /// At the start.
    #[inline(always)]
    pub fn start(&self, price: &super::price::PriceState, state: &mut CongestionState) {
        self.gauge.start(price, &mut state.gauge);
        self.act(state);
    }

    /// At step `j`.
    #[inline(always)]
    pub fn advance(&self, j: u64, price: &super::price::PriceState, state: &mut CongestionState) {
        self.gauge.advance(j, price, &mut state.gauge);
        self.act(state);
    }

    #[inline(always)]
    fn act(&self, state: &mut CongestionState) {
        let mut level = Lanes::ZERO;
        for lane in 0..B {
            let variance = state.gauge.variance[lane];
            // a price that stands still is as calm as can be
            let variance = if variance > 1e-300 { variance } else { 1e-300 };
            let far = 0.5 * ln(variance) - self.ln_reference;
            let far = if far < self.farthest { far } else { self.farthest };
            level[lane] = if far > -self.farthest { far } else { -self.farthest };
        }
        for (exponent, factor) in self.exponents.iter().zip(&mut state.factors) {
            if *exponent != 0.0 {
                for lane in 0..B {
                    factor[lane] = exp(exponent * level[lane]);
                }
            }
        }
    }
}
