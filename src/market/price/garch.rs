//! GARCH: tomorrow's variance is made of today's return.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::mixing::Mixing;
use crate::math::{B, Lanes};
use crate::units::{Grid, Period};

/// GJR-GARCH(1,1) with normal or Student-t innovations, its recursion once a period of one day or as stated.
///
/// In period t the log price moves by `(μ − σ_t²/2) + e_t`, `e_t = σ_t √W_t Σ √(dt/period) Z_j` over the period's
/// steps, `W_t = (ν − 2)/χ²_ν` drawn once (1 for normal innovations), so that `e_t/σ_t` has a Student-t law of variance 1.
/// Then `σ²_{t+1} = ω + (α + γ·1[e_t < 0]) e_t² + β σ_t²`. Its long-run value is `σ̄² = ω/(1 − α − β − γ/2)`.
///
/// | field | symbol | unit | range |
/// |---|---|---|---|
/// | `drift` | μ | per year | −100 … 100 |
/// | `omega` | ω | variance per period | above 0 |
/// | `long_run_volatility` | σ̄ | per √year | above 0, to 100 |
/// | `alpha` | α | | 0 … 1 |
/// | `beta` | β | | 0 … 1 |
/// | `gamma` | γ | | −1 … 1 |
/// | `nu` | ν | degrees of freedom | above 2 |
/// | `period` | | time | whole steps |
/// | `initial_volatility` | σ_0 | per √year | above 0, to 100 |
///
/// Draws one correlated normal per step (stream `Price`) and, for Student-t innovations, one `W` per period (stream
/// `Variance`). With normal innovations `E(S_T) = S_0 e^{μT}`; a Student-t return has no exponential moment, so the price has
/// no mean, and `μ − σ_t²/2` is the drift of its log. `W` is each asset's own: large moves of several assets come together
/// only as far as the normals do. Sources: Glosten, Jagannathan & Runkle, Journal of Finance 48 (1993) 1779–1801;
/// Bollerslev, Review of Economics and Statistics 69 (1987) 542–547.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Garch {
    /// Annual drift of the price with normal innovations; of the log price, less half the variance, with Student-t.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Constant of the recursion, a variance per period; or give `long_run_volatility`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 0.0))]
    pub omega: Option<f64>,
    /// Annual volatility in the long run; or give `omega`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub long_run_volatility: Option<f64>,
    /// Weight of the last squared return.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub alpha: f64,
    /// Weight of the last variance.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub beta: f64,
    /// Further weight of the last squared return where it was a fall; default 0.
    #[serde(default)]
    #[schemars(range(min = -1.0, max = 1.0))]
    pub gamma: f64,
    /// Degrees of freedom of Student-t innovations; absent: normal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 1e6), extend("exclusiveMinimum" = 2.0))]
    pub nu: Option<f64>,
    /// Time between two turns of the recursion; default "1d".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub period: Option<Period>,
    /// Annual volatility of the first period; default: the long-run one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub initial_volatility: Option<f64>,
}

/// The period that is meant where none is written.
pub const DAY: Period = Period::Time { nanos: 86_400_000_000_000, years: 0.0 };

impl Garch {
    /// What of a shock to the variance is left after a period: `α + β + γ/2`; stationary below 1.
    pub fn persistence(&self) -> f64 {
        self.alpha + self.beta + 0.5 * self.gamma
    }

    /// Annual variance of the first period; the period must be resolved.
    pub fn initial_variance(&self, grid: &Grid) -> f64 {
        let step = self.step(grid, 1.0, 0);
        step.initial / step.period
    }

    /// The step of the grid for the asset of that index; the period must be resolved. The price moves `strength` times as
    /// much as the recursion is told.
    pub fn step(&self, grid: &Grid, strength: f64, asset: usize) -> Step {
        let steps = self.period.map_or(1, Period::steps).max(1);
        let period = steps as f64 * grid.dt();
        let rest = 1.0 - self.persistence();
        let of_year = |volatility: f64| volatility * volatility * period;
        let (omega, long_run) = match (self.omega, self.long_run_volatility) {
            (Some(omega), _) => (omega, omega / rest),
            (None, volatility) => {
                let long_run = of_year(volatility.unwrap_or(1.0));
                (long_run * rest, long_run)
            }
        };
        Step {
            drift: self.drift * grid.dt(),
            omega,
            alpha: self.alpha,
            beta: self.beta,
            gamma: self.gamma,
            initial: self.initial_volatility.map_or(long_run, of_year),
            steps,
            share: 1.0 / steps as f64,
            strength,
            period,
            mixing: self.nu.map(|nu| Mixing::new(nu, asset)),
        }
    }
}

/// One step inside a period, and the turn at its end.
#[derive(Debug, Clone)]
pub struct Step {
    drift: f64,
    omega: f64,
    alpha: f64,
    beta: f64,
    gamma: f64,
    initial: f64,
    /// Steps of a period.
    steps: u64,
    share: f64,
    strength: f64,
    /// Length of a period in years.
    period: f64,
    mixing: Option<Mixing>,
}

/// The period that every lane is in.
#[derive(Debug, Clone)]
pub struct GarchState {
    /// σ_t² of the period.
    variance: Lanes,
    /// Standard deviation of a step: σ_t √(W dt/period).
    scale: Lanes,
    /// Sum of the period's demeaned log returns so far.
    residual: Lanes,
}

impl Default for GarchState {
    fn default() -> Self {
        let zero = Lanes::ZERO;
        Self { variance: zero, scale: zero, residual: zero }
    }
}

impl Step {
    /// The first period of every lane; `annual` is set to the variance a year.
    pub fn start(&self, seed: u64, first_path: u64, state: &mut GarchState, annual: &mut Lanes) {
        state.variance = Lanes::splat(self.initial);
        self.open((seed, first_path), 0, state, annual);
    }

    /// Moves the log price of every lane to step `j`; `annual` is then the variance a year of the period to come.
    #[inline(always)]
    pub fn advance(
        &self,
        paths: (u64, u64),
        j: u64,
        x: &mut Lanes,
        annual: &mut Lanes,
        state: &mut GarchState,
        z: &Lanes,
    ) {
        let half = -0.5 * self.strength * self.strength * self.share;
        for lane in 0..B {
            let moved = state.scale[lane] * z[lane];
            x[lane] += half.mul_add(state.variance[lane], self.drift) + self.strength * moved;
            state.residual[lane] += moved;
        }
        if j.is_multiple_of(self.steps) {
            for lane in 0..B {
                let e = state.residual[lane];
                let weight = if e < 0.0 { self.alpha + self.gamma } else { self.alpha };
                state.variance[lane] =
                    (weight * e).mul_add(e, self.beta.mul_add(state.variance[lane], self.omega));
            }
            self.open(paths, j / self.steps, state, annual);
        }
    }

    /// The period of that number begins.
    #[inline(always)]
    fn open(&self, (seed, first_path): (u64, u64), period: u64, state: &mut GarchState, annual: &mut Lanes) {
        let mut weights = Lanes::splat(1.0);
        if let Some(mixing) = &self.mixing {
            mixing.draw(seed, first_path, period as u32, &mut weights);
        }
        for lane in 0..B {
            let variance = state.variance[lane];
            state.scale[lane] = (variance * self.share * weights[lane]).sqrt();
            annual[lane] = variance / self.period;
        }
        state.residual = Lanes::ZERO;
    }
}
