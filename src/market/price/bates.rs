//! Bates' model: stochastic volatility with jumps.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::heston::{Heston, Step};
use super::jumps::{JumpClock, JumpLaw, compensator};

/// Heston's stochastic volatility with normally distributed jumps of the log price.
///
/// `dS/S = (μ − λκ_J) dt + √v dW + (e^J − 1) dN`, `dv = κ(θ − v) dt + ξ √v dW_v`, correlation ρ, `N` Poisson with
/// rate λ, `J ~ N(m, δ²)`, `κ_J = exp(m + δ²/2) − 1`. The variance is stepped by Andersen's scheme as in `heston`, the
/// jumps arrive as in `merton`. At λ = 0 it is Heston's model to the bit.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `drift` | μ | per year | −100 … 100 |
/// | `initial_variance` | v_0 | per year | 0 … 1000 |
/// | `long_run_variance` | θ | per year | 0 … 1000 |
/// | `mean_reversion` | κ | per year | above 0 |
/// | `vol_of_vol` | ξ | per year | 0 … 1000 |
/// | `correlation` | ρ | | −1 … 1 |
/// | `jumps_per_year` | λ | per year | 0 … 100 000 |
/// | `jump_mean` | m | log price | −10 … 10 |
/// | `jump_std` | δ | log price | 0 … 10 |
///
/// Draws one correlated normal per step (stream `Price`), one uniform (stream `Variance`), and per jump one waiting time
/// and one size (stream `JumpTime`). The variance does not jump, and jumps of different assets are independent.
/// Source: Bates, Review of Financial Studies 9 (1996) 69–107.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bates {
    /// Annual drift of the price, jumps compensated: E(S_T) = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Variance of the diffusion at the start (0.64 is a volatility of 80 %).
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub initial_variance: f64,
    /// Variance it returns to.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub long_run_variance: f64,
    /// Speed of that return, per year.
    #[schemars(range(max = 10_000.0), extend("exclusiveMinimum" = 0.0))]
    pub mean_reversion: f64,
    /// Volatility of the variance.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub vol_of_vol: f64,
    /// Correlation of the price's and the variance's Brownian motions.
    #[schemars(range(min = -1.0, max = 1.0))]
    pub correlation: f64,
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

impl Bates {
    /// The step over `dt` years, `strength` times as volatile between jumps, and its jumps for the asset of that index.
    pub fn step(&self, dt: f64, strength: f64, asset: usize) -> (Step, JumpClock) {
        let diffusion = Heston {
            drift: self.drift - self.jumps_per_year * compensator(self.jump_mean, self.jump_std),
            initial_variance: self.initial_variance,
            long_run_variance: self.long_run_variance,
            mean_reversion: self.mean_reversion,
            vol_of_vol: self.vol_of_vol,
            correlation: self.correlation,
        };
        let law = JumpLaw::Normal { mean: self.jump_mean, std: self.jump_std };
        (diffusion.step(dt, strength), JumpClock::new(self.jumps_per_year * dt, law, asset))
    }
}
