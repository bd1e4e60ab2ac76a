//! Heston's stochastic volatility.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes, exp, ln, norm_inv};

/// Heston's model, stepped by Andersen's quadratic-exponential scheme.
///
/// `dS = μ S dt + √v S dW`, `dv = κ(θ − v) dt + ξ √v dW_v`, correlation ρ. The scheme uses `ψ_c = 1.5`,
/// `γ_1 = γ_2 = 1/2` and the martingale correction `K_0*`, falling back to `K_0` where the corrector does not exist.
/// A violated Feller condition is fine; at `vol_of_vol = 0` the variance is deterministic.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `drift` | μ | per year | −100 … 100 |
/// | `initial_variance` | v_0 | per year | 0 … 1000 |
/// | `long_run_variance` | θ | per year | 0 … 1000 |
/// | `mean_reversion` | κ | per year | above 0 |
/// | `vol_of_vol` | ξ | per year | 0 … 1000 |
/// | `correlation` | ρ | | −1 … 1 |
///
/// Draws one correlated normal per step (stream `Price`) and one uniform (stream `Variance`). The price cannot jump.
/// Sources: Heston, Review of Financial Studies 6 (1993) 327–343; Andersen, Journal of Computational Finance 11
/// (2008) 1–42, equations 17–33 and proposition 9.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heston {
    /// Annual drift of the price: E(S_T) = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Variance at the start (0.64 is a volatility of 80 %).
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
}

impl Heston {
    /// The step over `dt` years; the price moves `strength` times as much as its variance says: `dS/S = μ dt + k√v dW`.
    pub fn step(&self, dt: f64, strength: f64) -> Step {
        let (kappa, theta, xi, rho) =
            (self.mean_reversion, self.long_run_variance, self.vol_of_vol, self.correlation);
        let decay = exp(-kappa * dt);
        let deterministic = xi == 0.0;
        // at ξ = 0 the price sees the variance only through its integral
        let square = strength * strength;
        let (ratio, rest) =
            if deterministic { (0.0, square) } else { (strength * rho / xi, square * (1.0 - rho * rho)) };
        let k1 = 0.5 * dt * (kappa * ratio - 0.5 * square) - ratio;
        let k2 = 0.5 * dt * (kappa * ratio - 0.5 * square) + ratio;
        let (k3, k4) = (0.5 * dt * rest, 0.5 * dt * rest);
        Step {
            drift: self.drift * dt,
            decay,
            pull: theta * (1.0 - decay),
            noise_v: xi * xi * decay * (1.0 - decay) / kappa,
            noise: theta * xi * xi * (1.0 - decay) * (1.0 - decay) / (2.0 * kappa),
            k0: -ratio * kappa * theta * dt,
            k1,
            k2,
            k3,
            k4,
            exponent: k2 + 0.5 * k4,
            deterministic,
        }
    }
}

/// Switch between the quadratic and the exponential branch.
const PSI_CRITICAL: f64 = 1.5;

/// One step of the scheme; constants of Andersen (2008).
#[derive(Debug, Clone, Copy)]
pub struct Step {
    drift: f64,
    decay: f64,
    pull: f64,
    noise_v: f64,
    noise: f64,
    k0: f64,
    k1: f64,
    k2: f64,
    k3: f64,
    k4: f64,
    /// A = K_2 + K_4/2.
    exponent: f64,
    deterministic: bool,
}

/// One of the two laws that the variance may take.
struct Branch {
    /// The variance after the step.
    next: f64,
    /// `K_0*` without its part in v.
    star: f64,
    /// Whether the moment in it does.
    exists: bool,
}

impl Step {
    /// Moves log price and variance of every lane with a normal `z` for the price and a uniform `u` for the variance.
    #[inline(always)]
    pub fn advance(&self, x: &mut Lanes, variance: &mut Lanes, z: &Lanes, u: &Lanes) {
        if self.deterministic {
            self.advance_deterministic(x, variance, z);
            return;
        }
        for lane in 0..B {
            let v = variance[lane];
            // the floors keep m = 0 (v = θ = 0) and s² = 0 free of 0/0
            let m = v.mul_add(self.decay, self.pull);
            let m = if m > 1e-150 { m } else { 1e-150 };
            let s2 = v.mul_add(self.noise_v, self.noise);
            let psi = s2 / (m * m);
            let psi = if psi > 1e-12 { psi } else { 1e-12 };
            let (quadratic, exponential) =
                (self.quadratic(m, psi, u[lane]), self.exponential(m, psi, u[lane]));
            let is_quadratic = psi <= PSI_CRITICAL;
            let next = if is_quadratic { quadratic.next } else { exponential.next };
            let star = if is_quadratic { quadratic.star } else { exponential.star };
            let exists = if is_quadratic { quadratic.exists } else { exponential.exists };
            let corrected = (-v).mul_add(self.k1 + 0.5 * self.k3, star);
            let k0 = if exists { corrected } else { self.k0 };
            let spread = v.mul_add(self.k3, next * self.k4).sqrt();
            let moved = v.mul_add(self.k1, next.mul_add(self.k2, k0 + self.drift));
            x[lane] = spread.mul_add(z[lane], x[lane] + moved);
            variance[lane] = next;
        }
    }

    /// `v' = a (b + Z_v)²` with the mean m and ψ = s²/m² of the law (eqs. 27–28), and `K_0*` of proposition 9.
    #[inline(always)]
    fn quadratic(&self, m: f64, psi: f64, u: f64) -> Branch {
        let inverse = 2.0 / psi;
        let t = inverse - 1.0;
        let t = if t > 0.0 { t } else { 0.0 };
        let b2 = t + (inverse * t).sqrt();
        let a = m / (1.0 + b2);
        let root = b2.sqrt() + norm_inv(u);
        let shrink = 1.0 - 2.0 * self.exponent * a;
        let exists = shrink > 0.0;
        let safe = if exists { shrink } else { 1.0 };
        let star = (-self.exponent * b2 * a) / safe + 0.5 * ln(safe);
        Branch { next: a * root * root, star, exists }
    }

    /// Mass p at 0, else exponential with rate β (eqs. 29–30), and `K_0*` of proposition 9.
    #[inline(always)]
    fn exponential(&self, m: f64, psi: f64, u: f64) -> Branch {
        let p = (psi - 1.0) / (psi + 1.0);
        let beta = 2.0 / (m * (psi + 1.0));
        let tail = if u > p { (1.0 - p) / (1.0 - u) } else { 1.0 };
        let gap = beta - self.exponent;
        let exists = gap > 0.0;
        let moment = p + beta * (1.0 - p) / (if exists { gap } else { 1.0 });
        let moment = if moment > 0.0 { moment } else { 1.0 };
        Branch { next: ln(tail) / beta, star: -ln(moment), exists }
    }

    /// ξ = 0: the variance follows its mean, the price is log-normal given it.
    #[inline(always)]
    fn advance_deterministic(&self, x: &mut Lanes, variance: &mut Lanes, z: &Lanes) {
        for lane in 0..B {
            let v = variance[lane];
            let next = v.mul_add(self.decay, self.pull);
            let integral = v.mul_add(self.k3, next * self.k4);
            x[lane] = integral.sqrt().mul_add(z[lane], (-0.5_f64).mul_add(integral, x[lane] + self.drift));
            variance[lane] = next;
        }
    }
}
