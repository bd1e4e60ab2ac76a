//! A half-spread that widens with volatility.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::market::gauge::{Gauge, GaugeState};
use crate::math::{B, Lanes, exp, ln};
use crate::units::{Fraction, Period};

/// `s_t = at·(σ_t/σ̄)^exponent`, not below `min` nor above `max`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `at` | s_0 | share of the notional | 0 … 1 |
/// | `reference_volatility` | σ̄ | per year | above 0, to 1000 |
/// | `exponent` | β | | −10 … 10 |
/// | `min`, `max` | | share of the notional | 0 … 1 |
/// | `half_life` | | time | above 0 |
///
/// σ_t is the volatility that the asset's own law has at the step (its diffusive part where it jumps), or, with a
/// `half_life` and for prices from data, the exponentially weighted root mean square of the returns up to the step.
/// Nothing is drawn.
///
/// Source of the shape: market makers ask for inventory risk in proportion to volatility, Ho and Stoll, Journal of
/// Financial Economics 9 (1981) 47–73 (there with variance, exponent 2); the exponent is yours to fit.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct VolatilityScaled {
    /// Half-spread at the reference volatility.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub at: Fraction,
    /// Annual volatility at which the half-spread is `at`.
    #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = 0.0))]
    pub reference_volatility: f64,
    /// Power of the volatility; default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = -10.0, max = 10.0))]
    pub exponent: Option<f64>,
    /// Least half-spread; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub min: Option<Fraction>,
    /// Largest half-spread; default 100 %.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub max: Option<Fraction>,
    /// Half-life of the weights of observed returns; absent: the law's own volatility.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub half_life: Option<Period>,
}

/// The law with its gauge.
#[derive(Debug, Clone, PartialEq)]
pub struct SpreadStep {
    /// The volatility it follows.
    pub gauge: Gauge,
    at: f64,
    ln_reference: f64,
    half_exponent: f64,
    min: f64,
    max: f64,
}

/// Variances below this count as this: a power of nothing is no number.
const LEAST_VARIANCE: f64 = 1e-300;

impl VolatilityScaled {
    /// Least and largest half-spread.
    pub fn bounds(&self) -> (f64, f64) {
        (self.min.map_or(0.0, |min| min.0), self.max.map_or(1.0, |max| max.0))
    }

    /// The law for an asset of that volatility.
    pub fn on(&self, gauge: Gauge) -> SpreadStep {
        let (min, max) = self.bounds();
        SpreadStep {
            gauge,
            at: self.at.0,
            ln_reference: 2.0 * ln(self.reference_volatility),
            half_exponent: 0.5 * self.exponent.unwrap_or(1.0),
            min,
            max,
        }
    }
}

impl SpreadStep {
    /// Half-spread of every lane at what the gauge shows.
    #[inline(always)]
    pub fn shown(&self, gauge: &GaugeState, spread: &mut Lanes) {
        for lane in 0..B {
            let variance = gauge.variance[lane];
            let variance = if variance > LEAST_VARIANCE { variance } else { LEAST_VARIANCE };
            let power = self.half_exponent * (ln(variance) - self.ln_reference);
            // 0 times infinity is no spread
            let power = if power < 700.0 { power } else { 700.0 };
            let wide = self.at * exp(power);
            let wide = if wide < self.max { wide } else { self.max };
            spread[lane] = if wide > self.min { wide } else { self.min };
        }
    }
}
