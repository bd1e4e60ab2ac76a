//! A price that returns to its peg.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::jumps::{JumpClock, JumpLaw};
use crate::math::{B, Lanes, exp, ln};

/// A log price that reverts to a level, with optional jumps away from it: a stablecoin or another pegged asset.
///
/// `dx = κ(ln L − x) dt + σ dW + J dN` for `x = ln S`, stepped exactly:
/// `x_j = ln L + (x_{j−1} − ln L) e^{−κ dt} + σ √((1 − e^{−2κ dt})/(2κ)) Z + Σ J_i e^{−κ(t_j − τ_i)}` over the jumps of the
/// step at their times `τ_i`; `N` Poisson with rate λ, `J ~ N(m, δ²)`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `level` | L | price | above 0 |
/// | `mean_reversion` | κ | per year | above 0, to 10⁶ |
/// | `volatility` | σ | per √year | 0 … 100 |
/// | `jumps_per_year` | λ | per year | 0 … 100 000 |
/// | `jump_mean` | m | log price | −10 … 10 |
/// | `jump_std` | δ | log price | 0 … 10 |
///
/// There is no drift: the price has the drift of its own law, and jumps are not compensated, so that the long-run mean of
/// `x` is `ln L + λm/κ` and its variance `(σ² + λ(m² + δ²))/(2κ)`. Draws one correlated normal per step (stream
/// `Price`); per jump one waiting time and one size (stream `JumpTime`). The correlation of two such assets with different κ
/// is that of their drivers only as the step becomes short. A peg that is lost for good is beyond it.
/// Source: Uhlenbeck & Ornstein, Physical Review 36 (1930) 823–841.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OrnsteinUhlenbeck {
    /// Price it returns to.
    #[schemars(range(max = 1e15), extend("exclusiveMinimum" = 0.0))]
    pub level: f64,
    /// Speed of the return, per year: half of a distance is gone after ln 2/mean_reversion years.
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0))]
    pub mean_reversion: f64,
    /// Annual volatility of the noise (not of the price over a year, which the return holds back).
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
    /// Expected number of jumps per year; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub jumps_per_year: f64,
    /// Mean of the jump of the log price; default 0.
    #[serde(default)]
    #[schemars(range(min = -10.0, max = 10.0))]
    pub jump_mean: f64,
    /// Standard deviation of the jump of the log price; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub jump_std: f64,
}

impl OrnsteinUhlenbeck {
    /// The step over `dt` years, its noise `strength` times as large, and its jumps for the asset of that index.
    pub fn step(&self, dt: f64, strength: f64, asset: usize) -> (Step, JumpClock) {
        let kappa = self.mean_reversion;
        let decay = exp(-kappa * dt);
        let step = Step {
            decay,
            pull: ln(self.level) * (1.0 - decay),
            noise: strength * self.volatility * ((1.0 - decay * decay) / (2.0 * kappa)).sqrt(),
        };
        let law = JumpLaw::Normal { mean: self.jump_mean, std: self.jump_std };
        (step, JumpClock::fading(self.jumps_per_year * dt, law, asset, kappa * dt))
    }
}

/// `x = decay · x + pull + noise · z`.
#[derive(Debug, Clone, Copy)]
pub struct Step {
    decay: f64,
    pull: f64,
    noise: f64,
}

impl Step {
    /// Moves the log price of every lane.
    #[inline(always)]
    pub fn advance(&self, x: &mut Lanes, z: &Lanes) {
        for lane in 0..B {
            x[lane] = self.noise.mul_add(z[lane], self.decay.mul_add(x[lane], self.pull));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn model() -> OrnsteinUhlenbeck {
        OrnsteinUhlenbeck {
            level: 2.0,
            mean_reversion: 50.0,
            volatility: 0.1,
            jumps_per_year: 0.0,
            jump_mean: 0.0,
            jump_std: 0.0,
        }
    }

    #[test]
    fn two_half_steps_have_the_law_of_one() {
        let (half, whole) = (model().step(0.01, 1.0, 0).0, model().step(0.02, 1.0, 0).0);
        assert!((half.decay * half.decay - whole.decay).abs() < 1e-15);
        assert!((half.decay * half.pull + half.pull - whole.pull).abs() < 1e-15);
        let variance = half.noise * half.noise * (1.0 + half.decay * half.decay);
        assert!((variance - whole.noise * whole.noise).abs() < 1e-17);
    }

    #[test]
    fn without_noise_half_of_the_distance_is_gone_after_the_half_life() {
        let half_life = ln(2.0) / 50.0;
        let (step, _) = OrnsteinUhlenbeck { volatility: 0.0, ..model() }.step(half_life, 1.0, 0);
        let mut x = Lanes::splat(ln(2.0) + 0.4);
        step.advance(&mut x, &Lanes::splat(1.0));
        assert!((x[0] - ln(2.0) - 0.2).abs() < 1e-14);
    }
}
