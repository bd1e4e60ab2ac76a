//! Kou's double-exponential jump diffusion.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::gbm::Step;
use super::jumps::{JumpClock, JumpLaw};

/// Geometric Brownian motion with double-exponential jumps of the log price.
///
/// As Merton's model with `J = +Exp(η_up)` with probability p, else `−Exp(η_down)`;
/// `κ = p η_up/(η_up − 1) + (1 − p) η_down/(η_down + 1) − 1`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `drift` | μ | per year | −100 … 100 |
/// | `volatility` | σ | per √year | 0 … 100 |
/// | `jumps_per_year` | λ | per year | 0 … 100 000 |
/// | `p_up` | p | probability | 0 … 1 |
/// | `eta_up` | η_up | 1/log price | above 1 |
/// | `eta_down` | η_down | 1/log price | above 0 |
///
/// Draws as Merton's model. Source: Kou, Management Science 48 (2002) 1086–1101.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kou {
    /// Annual drift of the price, jumps compensated: E(S_T) = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Annual volatility between jumps.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
    /// Expected number of jumps per year.
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub jumps_per_year: f64,
    /// Probability that a jump goes up.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p_up: f64,
    /// Rate of the exponential law of upward jumps (mean 1/eta_up); above 1, else the price has no mean.
    #[schemars(extend("exclusiveMinimum" = 1.0))]
    pub eta_up: f64,
    /// Rate of the exponential law of downward jumps (mean 1/eta_down).
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub eta_down: f64,
}

impl Kou {
    /// The step over `dt` years, `strength` times as volatile between jumps, and its jumps for the asset of that index.
    pub fn step(&self, dt: f64, strength: f64, asset: usize) -> (Step, JumpClock) {
        let up = self.p_up * self.eta_up / (self.eta_up - 1.0);
        let down = (1.0 - self.p_up) * self.eta_down / (self.eta_down + 1.0);
        let drift = self.drift - self.jumps_per_year * (up + down - 1.0);
        let law =
            JumpLaw::DoubleExponential { p_up: self.p_up, eta_up: self.eta_up, eta_down: self.eta_down };
        (
            Step::new(drift, strength * self.volatility, dt),
            JumpClock::new(self.jumps_per_year * dt, law, asset),
        )
    }
}
