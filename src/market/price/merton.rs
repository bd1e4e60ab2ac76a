//! Merton's jump diffusion.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gbm::Step;
use super::jumps::{JumpClock, JumpLaw, compensator};

/// Geometric Brownian motion with normally distributed jumps of the log price.
///
/// `ln S += (μ − σ²/2 − λκ) dt + σ √dt Z + Σ_{i ≤ N} J_i`, `N ~ Poisson(λ dt)`, `J ~ N(m, δ²)`,
/// `κ = exp(m + δ²/2) − 1`. Several jumps in one step are possible.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `drift` | μ | per year | −100 … 100 |
/// | `volatility` | σ | per √year | 0 … 100 |
/// | `jumps_per_year` | λ | per year | 0 … 100 000 |
/// | `jump_mean` | m | log price | −10 … 10 |
/// | `jump_std` | δ | log price | 0 … 10 |
///
/// Draws one correlated normal per step (stream `Price`); per jump one waiting time and one size (stream `JumpTime`).
/// Its volatility is constant between jumps, and jumps of different assets are independent.
/// Source: Merton, Journal of Financial Economics 3 (1976) 125–144.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merton {
    /// Annual drift of the price, jumps compensated: E(S_T) = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Annual volatility between jumps.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
    /// Expected number of jumps per year.
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub jumps_per_year: f64,
    /// Mean of the jump of the log price.
    #[schemars(range(min = -10.0, max = 10.0))]
    pub jump_mean: f64,
    /// Standard deviation of the jump of the log price.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub jump_std: f64,
}

impl Merton {
    /// The step over `dt` years, `strength` times as volatile between jumps, and its jumps for the asset of that index.
    pub fn step(&self, dt: f64, strength: f64, asset: usize) -> (Step, JumpClock) {
        let drift = self.drift - self.jumps_per_year * compensator(self.jump_mean, self.jump_std);
        let law = JumpLaw::Normal { mean: self.jump_mean, std: self.jump_std };
        (
            Step::new(drift, strength * self.volatility, dt),
            JumpClock::new(self.jumps_per_year * dt, law, asset),
        )
    }
}
