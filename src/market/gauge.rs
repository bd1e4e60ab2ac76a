//! How volatile an asset is just now: by its own law, or by what its price did.
use super::price::{OwnVariance, PriceState};
use crate::math::{B, Lanes, exp};
use crate::units::{Grid, Period};

/// Where the variance of the moment comes from.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Source {
    /// The law's own, and it stands still.
    Constant(f64),
    /// The law's own, as it moves.
    Moving,
    /// `v_j = λ·v_{j−1} + (1 − λ)·r_j²/dt`, `λ = 2^(−dt/half_life)`, from the first value on.
    Realised { keeps: f64, per_return: f64, first: f64 },
}

/// Annual variance of one asset, step by step.
///
/// The law's own variance is what drives the next step's diffusion, jumps apart; a shock that multiplies volatilities
/// multiplies it too. A realised variance counts every move of the true price, jumps and gaps included.
#[derive(Debug, Clone, PartialEq)]
pub struct Gauge {
    source: Source,
    /// What multiplies volatilities on the steps `from < j ≤ to`.
    strengths: Vec<(u64, u64, f64)>,
}

/// What a gauge shows of a block's paths.
#[derive(Debug, Clone)]
pub struct GaugeState {
    /// Annual variance.
    pub variance: Lanes,
    /// Log price a step ago.
    x: Lanes,
}

impl Default for GaugeState {
    fn default() -> Self {
        Self { variance: Lanes::ZERO, x: Lanes::ZERO }
    }
}

impl Gauge {
    /// The law's own variance; `None` where it has none.
    pub fn own(variance: OwnVariance, strengths: Vec<(u64, u64, f64)>) -> Option<Self> {
        let source = match variance {
            OwnVariance::Constant(variance) => Source::Constant(variance),
            OwnVariance::Moving => Source::Moving,
            OwnVariance::Unknown => return None,
        };
        Some(Self { source, strengths })
    }

    /// What the price did, weighted by age; `first` is the annual volatility to begin with.
    pub fn realised(half_life: Period, grid: &Grid, first: f64) -> Self {
        let steps = half_life.years(grid) / grid.dt();
        let keeps = exp(-std::f64::consts::LN_2 / steps.max(1e-9));
        let source = Source::Realised { keeps, per_return: (1.0 - keeps) / grid.dt(), first: first * first };
        Self { source, strengths: Vec::new() }
    }

    fn square_of_strength(&self, j: u64) -> f64 {
        let acting = self.strengths.iter().find(|(from, to, _)| *from < j && j <= *to);
        acting.map_or(1.0, |(.., strength)| strength * strength)
    }

    /// At the start.
    pub fn start(&self, price: &PriceState, state: &mut GaugeState) {
        state.x = price.x;
        state.variance = match self.source {
            Source::Constant(variance) => Lanes::splat(variance),
            Source::Moving => price.variance,
            Source::Realised { first, .. } => Lanes::splat(first),
        };
    }

    /// At step `j`.
    #[inline(always)]
    pub fn advance(&self, j: u64, price: &PriceState, state: &mut GaugeState) {
        let square = self.square_of_strength(j);
        match self.source {
            Source::Constant(variance) => state.variance = Lanes::splat(variance * square),
            Source::Moving => {
                for lane in 0..B {
                    state.variance[lane] = price.variance[lane] * square;
                }
            }
            Source::Realised { keeps, per_return, .. } => {
                for lane in 0..B {
                    let moved = price.x[lane] - state.x[lane];
                    state.variance[lane] = keeps * state.variance[lane] + per_return * (moved * moved);
                }
                state.x = price.x;
            }
        }
    }
}
