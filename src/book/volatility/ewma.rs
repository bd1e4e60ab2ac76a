//! A realised volatility of the prices seen, with exponentially fading weights.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes, exp};
use crate::units::{Fraction, PerAsset, Period};

/// `v_j = v_{j−1} + (1 − λ)(ln²(P_j/P_{j−1})/dt − v_{j−1})`, `λ = 2^{−1/half_life}`, half-life in steps; the volatility is
/// `√v_j`, and `initial` at the start.
///
/// P is the price that the policy sees, so that between two posts of an oracle nothing moves and a post is one return.
/// Never below a hundredth of `initial`. Under geometric Brownian motion seen without an oracle, with
/// `m = σ² + (μ − σ²/2)² dt` and `V = 2σ⁴ + 4σ²(μ − σ²/2)² dt`, `E v_j = λ^j v_0 + (1 − λ^j) m` and
/// `Var v_j = (1 − λ)(1 − λ^{2j})/(1 + λ) · V`.
/// Source: J.P. Morgan/Reuters, RiskMetrics Technical Document (4th edition, 1996), section 5.2.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ewma {
    /// Time after which a return has half its weight.
    pub half_life: Period,
    /// Volatility at the start; a value, or a table by symbol.
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub initial: PerAsset<Fraction>,
}

/// The estimate of one asset, on a grid.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Tracker {
    /// Half-life in steps.
    pub half_life: u64,
    /// Volatility at the start.
    pub initial: f64,
}

/// What is kept of it on every path.
#[derive(Debug, Clone)]
pub struct Estimate {
    /// Annual variance.
    pub variance: Lanes,
    /// Its root, no less than the floor.
    pub sigma: Lanes,
    /// Log price of the step before.
    last: Lanes,
}

impl Default for Estimate {
    fn default() -> Self {
        Self { variance: Lanes::ZERO, sigma: Lanes::ZERO, last: Lanes::ZERO }
    }
}

impl Tracker {
    /// Weight `1 − λ` of a new return; 0 once the half-life is beyond what doubles tell from forever.
    pub fn weight(&self) -> f64 {
        1.0 - exp(-std::f64::consts::LN_2 / self.half_life as f64)
    }

    /// Every path at the start, seen at the log price `x0`.
    pub fn start(&self, x: &Lanes, estimate: &mut Estimate) {
        estimate.variance = Lanes::splat(self.initial * self.initial);
        estimate.sigma = Lanes::splat(self.initial);
        estimate.last = *x;
    }

    /// One step of `dt` years on, seen at the log prices `x`; `weight` is [`Self::weight`].
    #[inline(always)]
    pub fn advance(&self, weight: f64, dt: f64, x: &Lanes, estimate: &mut Estimate) {
        let (per_year, least) = (1.0 / dt, 0.01 * self.initial);
        let Estimate { variance, sigma, last } = estimate;
        for lane in 0..B {
            let moved = x[lane] - last[lane];
            last[lane] = x[lane];
            variance[lane] = weight.mul_add(moved * moved * per_year - variance[lane], variance[lane]);
            let root = variance[lane].sqrt();
            sigma[lane] = if root > least { root } else { least };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(tracker: Tracker, moves: &[f64], dt: f64) -> f64 {
        let (mut x, mut estimate) = (Lanes::splat(1.5), Estimate::default());
        tracker.start(&x, &mut estimate);
        for moved in moves {
            x = Lanes::splat(x[0] + moved);
            tracker.advance(tracker.weight(), dt, &x, &mut estimate);
        }
        estimate.sigma[3]
    }

    #[test]
    fn weights_halve_over_the_half_life() {
        // a single return of 0.02 in a step of 1/100 year, half-life 4 steps: weight 1 − 2^{−1/4} = 0.159103585
        let tracker = Tracker { half_life: 4, initial: 0.1 };
        assert!((tracker.weight() - 0.159_103_584_746_285_5).abs() < 1e-15);
        let first: f64 = 0.01 * 0.840_896_415_253_714_5 + 0.04 * 0.159_103_584_746_285_5;
        assert!((after(tracker, &[0.02], 0.01) - first.sqrt()).abs() < 1e-14);
        // four still steps later half of that is left
        let later = after(tracker, &[0.02, 0.0, 0.0, 0.0, 0.0], 0.01);
        assert!((later - (0.5 * first).sqrt()).abs() < 1e-14);
    }

    #[test]
    fn an_endless_half_life_keeps_the_start_to_the_bit() {
        for initial in [0.3, 0.8, 0.1, 1.0 / 3.0] {
            let tracker = Tracker { half_life: 1 << 62, initial };
            let moves = [0.1, -0.3, 0.0, 0.7];
            assert_eq!(after(tracker, &moves, 1e-3).to_bits(), initial.to_bits());
        }
    }

    #[test]
    fn a_still_market_leaves_a_floor() {
        let tracker = Tracker { half_life: 1, initial: 0.5 };
        assert_eq!(after(tracker, &[0.0; 200], 0.01).to_bits(), (0.01 * 0.5_f64).to_bits());
    }
}
