//! A base fee whose logarithm reverts to its mean and is shaken when the price moves.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes, exp, ln, norm_inv};
use crate::rng::{Purpose, Stream, draw, unit};
use crate::units::{Grid, Period};

/// `y_d = φ·y_{d−1} + ν·(c·(|z_d| − √(2/π))/√(1 − 2/π) + √(1 − c²)·ε_d)`, fee `mean·e^(y − s²/2)`, `s² = ν²/(1 − φ²)`.
///
/// `φ = 2^(−1 day/half_life)`, `z_d` the day's log return of the gas asset in standard deviations.
///
/// With a `block_time` the fee follows that law no faster than a chain lets it: by an eighth a block, so that over a step
/// of n blocks `fee_{j−1}·(7/8)^n ≤ fee_j ≤ fee_{j−1}·(9/8)^n`. What the bound keeps back comes with the next steps.
/// Source: Buterin, Conner, Dudley, Slipper, Norden and Bakhta, EIP-1559 (2019), `BASE_FEE_MAX_CHANGE_DENOMINATOR = 8`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LogOu {
    /// Mean of the base fee, in gwei.
    #[schemars(range(min = 0.0, max = 1e9))]
    pub mean: f64,
    /// Time in which a deviation of the log fee from its mean halves.
    pub half_life: Period,
    /// Standard deviation ν of a day's shock to the log fee.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub volatility: f64,
    /// Correlation c of the day's shock with the size of the day's return of the gas asset; default 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 1.0))]
    pub price_link: Option<f64>,
    /// Time between two blocks, over each of which the fee moves by an eighth at most; absent: it moves at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_time: Option<Period>,
}

/// The log fee stays within this of its mean, so that no price gap makes a fee beyond any number.
const FARTHEST: f64 = 40.0;

/// The law on a grid.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LogOuStep {
    mean: f64,
    /// Steps of a day; 1 where a step is longer.
    day: u64,
    /// 1 − φ.
    pull: f64,
    /// ν·√(1 − c²).
    shock: f64,
    /// What a unit of |log return| adds.
    link: f64,
    /// What the price link adds on average over a day.
    usual: f64,
    /// Standard deviation of the stationary log fee.
    pub spread: f64,
    /// Least and greatest ratio of the fee of a step to that of the step before.
    bounds: Option<(f64, f64)>,
    stream: Stream,
}

/// The fee of a block's paths.
#[derive(Debug, Clone)]
pub struct FeeState {
    /// Log fee over its mean at the last day end.
    from: Lanes,
    /// What is sure to come until the next one.
    rise: Lanes,
    /// Log price of the gas asset at the last day end.
    x: Lanes,
    /// The fee now, in gwei.
    pub gwei: Lanes,
}

impl Default for FeeState {
    fn default() -> Self {
        Self { from: Lanes::ZERO, rise: Lanes::ZERO, x: Lanes::ZERO, gwei: Lanes::ZERO }
    }
}

impl LogOu {
    /// The law on a grid, for gas paid in an asset of that annual volatility.
    pub fn on(&self, grid: &Grid, asset: usize, volatility: Option<f64>) -> LogOuStep {
        let steps = 1.0 / (grid.days_per_year * grid.dt());
        let day = steps.round().max(1.0);
        // in days: 1, but for steps that are longer or do not divide a day
        let length = day / steps;
        let phi =
            exp(-std::f64::consts::LN_2 * length
                / (self.half_life.years(grid) * grid.days_per_year).max(1e-9));
        let nu = self.volatility * length.sqrt();
        let c = self.price_link.unwrap_or(0.0);
        let of_absolute = 2.0 / std::f64::consts::PI;
        let link = nu * c / (1.0 - of_absolute).sqrt();
        let sigma = volatility.unwrap_or(0.0) * (day * grid.dt()).sqrt();
        LogOuStep {
            mean: self.mean,
            day: day as u64,
            pull: 1.0 - phi,
            shock: nu * (1.0 - c * c).sqrt(),
            link: if link == 0.0 { 0.0 } else { link / sigma },
            usual: link * of_absolute.sqrt(),
            spread: nu / (1.0 - phi * phi).sqrt(),
            bounds: self.block_time.map(|time| {
                let blocks = grid.dt() / time.years(grid).max(f64::MIN_POSITIVE);
                (exp(blocks * ln(0.875)), exp(blocks * ln(1.125)))
            }),
            stream: Stream::new(Purpose::BaseFee, asset as u32),
        }
    }
}

impl LogOuStep {
    fn normal(&self, seed: u64, path: u64, day: u32) -> f64 {
        norm_inv(unit(draw(seed, self.stream, path, day).0))
    }

    /// The start: a draw from the stationary law (of c = 0), so that the mean of the fee is `mean` from the start.
    pub fn start(&self, seed: u64, first_path: u64, x: f64, state: &mut FeeState) {
        for lane in 0..B {
            let z = self.normal(seed, first_path.wrapping_add(lane as u64), 0);
            state.from[lane] = self.spread * z;
            state.gwei[lane] = self.mean * exp(state.from[lane] - 0.5 * self.spread * self.spread);
        }
        state.x = Lanes::splat(x);
        self.new_day(seed, first_path, 1, state);
    }

    /// Draws the shock of a day; once a day, out of line on purpose.
    #[inline(never)]
    fn new_day(&self, seed: u64, first_path: u64, day: u64, state: &mut FeeState) {
        for lane in 0..B {
            let z = self.normal(seed, first_path.wrapping_add(lane as u64), day as u32);
            state.rise[lane] = self.shock * z - self.pull * state.from[lane];
        }
    }

    /// The fee at step `j`, the log price of the gas asset being `x`.
    #[inline(always)]
    pub fn advance(&self, seed: u64, first_path: u64, j: u64, x: &Lanes, state: &mut FeeState) {
        let step = (j - 1) % self.day + 1;
        let share = step as f64 / self.day as f64;
        // E|return| grows with the root of time
        let usual = self.usual * share.sqrt();
        let mut y = Lanes::ZERO;
        for lane in 0..B {
            let known = share.mul_add(state.rise[lane], state.from[lane]) - usual;
            let log = self.link.mul_add((x[lane] - state.x[lane]).abs(), known);
            let log = if log < FARTHEST { log } else { FARTHEST };
            y[lane] = if log > -FARTHEST { log } else { -FARTHEST };
        }
        let center = 0.5 * self.spread * self.spread;
        for lane in 0..B {
            let wanted = self.mean * exp(y[lane] - center);
            state.gwei[lane] = self.bounds.map_or(wanted, |(least, most)| {
                let (low, high) = (state.gwei[lane] * least, state.gwei[lane] * most);
                let above = if wanted > low { wanted } else { low };
                if above < high { above } else { high }
            });
        }
        if step == self.day {
            state.from = y;
            state.x = *x;
            self.new_day(seed, first_path, j / self.day + 1, state);
        }
    }
}
