//! Geometric Brownian motion.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes};

/// `dS = μ S dt + σ S dW`, stepped exactly: `ln S += (μ − σ²/2) dt + σ √dt Z`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `drift` | μ | per year | −100 … 100 |
/// | `volatility` | σ | per √year | 0 … 100 |
///
/// Draws one correlated normal per step from the stream `Price` of its asset. It cannot jump, and its volatility
/// never changes. Source: Black & Scholes (1973).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gbm {
    /// Annual drift of the price: E(S_T) = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Annual volatility (0.8 is 80 %).
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
}

impl Gbm {
    /// The step over `dt` years, `strength` times as volatile.
    pub fn step(&self, dt: f64, strength: f64) -> Step {
        Step::new(self.drift, strength * self.volatility, dt)
    }
}

/// `x += drift + volatility · z`.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    drift: f64,
    volatility: f64,
}

impl Step {
    /// Log step over `dt` years with the price drifting at `drift`.
    pub(super) fn new(drift: f64, volatility: f64, dt: f64) -> Self {
        Self { drift: (drift - 0.5 * volatility * volatility) * dt, volatility: volatility * dt.sqrt() }
    }

    /// Moves the log price of every lane.
    #[inline(always)]
    pub fn advance(&self, x: &mut Lanes, z: &Lanes) {
        for lane in 0..B {
            x[lane] = self.moved(x[lane], z[lane]);
        }
    }

    /// Log price after a step from `x` that draws `z`.
    #[inline(always)]
    pub fn moved(&self, x: f64, z: f64) -> f64 {
        self.volatility.mul_add(z, x + self.drift)
    }
}
