//! Heston's variance on a grid: chances to move from one node to another within one return, and the return's law.
use statrs::function::gamma::ln_gamma;

use crate::math::{exp, ln};

/// Heston's parameters, per year.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) mean_reversion: f64,
    pub(super) long_run_variance: f64,
    pub(super) vol_of_vol: f64,
    pub(super) correlation: f64,
    /// Mean of the log price per year.
    pub(super) growth: f64,
}

/// Nodes of the square root of the variance, equally spaced: there one standard deviation of a move is as long
/// everywhere, `ξ√Δ/2`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Grid {
    width: f64,
    n: usize,
}

const MOST_NODES: usize = 220;
/// Nodes in one standard deviation of a move.
const NODES_PER_MOVE: f64 = 1.2;
/// Moves beyond this share of the likeliest are left out.
const LEAST: f64 = 1e-8;

impl Grid {
    /// Far enough to hold the stationary law, fine enough to hold a move.
    pub(super) fn around(point: &Point, years: f64) -> Self {
        let Point { mean_reversion, long_run_variance, vol_of_vol, .. } = *point;
        let scale = vol_of_vol * vol_of_vol / (2.0 * mean_reversion);
        let top = long_run_variance + 9.0 * scale + 5.0 * (long_run_variance * scale).sqrt();
        let width = 0.5 * vol_of_vol * years.sqrt() / NODES_PER_MOVE;
        let n = ((top.sqrt() / width).ceil() as usize).clamp(12, MOST_NODES);
        Self { width: top.sqrt() / n as f64, n }
    }

    pub(super) fn variance(&self, node: usize) -> f64 {
        let root = (node as f64 + 0.5) * self.width;
        root * root
    }
}

/// Moves out of one node to neighbouring nodes `first..`.
#[derive(Debug, Clone)]
pub(super) struct Row {
    pub(super) first: usize,
    pub(super) chance: Vec<f64>,
    /// Of the return on the way: mean, and one over the standard deviation.
    pub(super) mean: Vec<f64>,
    pub(super) inverse_std: Vec<f64>,
}

/// All moves, and the stationary law.
#[derive(Debug, Clone)]
pub(super) struct Moves {
    pub(super) rows: Vec<Row>,
    pub(super) stationary: Vec<f64>,
}

/// The variance after a return, given the one before, as a gamma law of the exact mean and variance, by the density
/// at the nodes; the return given both from `∫v` by the trapezoid and `∫√v dW_v` from the variance's own equation.
///
/// Source of the decomposition: M. Broadie and Ö. Kaya (2006), Operations Research 54, section 3. Moments: J. Cox,
/// J. Ingersoll and S. Ross (1985), Econometrica 53, eq. 19.
pub(super) fn moves(point: &Point, grid: &Grid, years: f64) -> Moves {
    let Point { mean_reversion: kappa, long_run_variance: theta, vol_of_vol: xi, correlation: rho, growth } =
        *point;
    let decay = exp(-kappa * years);
    let centre = growth * years + 0.5 * theta * years;
    let rows = (0..grid.n)
        .map(|i| {
            let from = grid.variance(i);
            let mean = from * decay + theta * (1.0 - decay);
            let spread = from * xi * xi / kappa * decay * (1.0 - decay)
                + 0.5 * theta * xi * xi / kappa * (1.0 - decay) * (1.0 - decay);
            let (first, chance) = gamma_row(grid, mean * mean / spread, spread / mean);
            let to = |j: usize| grid.variance(first + j);
            let integral = |j: usize| 0.5 * years * (from + to(j));
            let shift = |j: usize| rho / xi * (to(j) - from - kappa * theta * years + kappa * integral(j));
            let inverse = |j: usize| 1.0 / ((1.0 - rho * rho) * integral(j)).sqrt();
            Row {
                first,
                mean: (0..chance.len()).map(|j| centre - 0.5 * integral(j) + shift(j)).collect(),
                inverse_std: (0..chance.len()).map(inverse).collect(),
                chance,
            }
        })
        .collect();
    let scale = xi * xi / (2.0 * kappa);
    let (first, chance) = gamma_row(grid, theta / scale, scale);
    let mut stationary = vec![0.0; grid.n];
    stationary[first..first + chance.len()].copy_from_slice(&chance);
    Moves { rows, stationary }
}

/// A gamma law of the variance at the nodes, summing to 1.
fn gamma_row(grid: &Grid, shape: f64, scale: f64) -> (usize, Vec<f64>) {
    let constant = ln_gamma(shape) + shape * ln(scale);
    let log_density = |node: usize| {
        let v = grid.variance(node);
        // the density of the root: 2√v f(v), its constant left to the sum
        (shape - 0.5) * ln(v) - v / scale - constant
    };
    let logs: Vec<f64> = (0..grid.n).map(log_density).collect();
    let top = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let least = top + ln(LEAST);
    let first = logs.iter().position(|l| *l >= least).unwrap_or(0);
    let last = logs.iter().rposition(|l| *l >= least).unwrap_or(grid.n - 1);
    let chance: Vec<f64> = logs[first..=last].iter().map(|l| exp(l - top)).collect();
    let sum: f64 = chance.iter().sum();
    (first, chance.into_iter().map(|c| c / sum).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moves_keep_the_conditional_moments() {
        let point = Point {
            mean_reversion: 4.0,
            long_run_variance: 0.4,
            vol_of_vol: 1.5,
            correlation: -0.3,
            growth: 0.0,
        };
        let (years, grid) = (1.0 / 365.0, Grid::around(&point, 1.0 / 365.0));
        let moves = moves(&point, &grid, years);
        let node = grid.n / 3;
        let (row, from) = (&moves.rows[node], grid.variance(node));
        let at = |power: i32| -> f64 {
            row.chance.iter().enumerate().map(|(j, c)| c * grid.variance(row.first + j).powi(power)).sum()
        };
        let mean = from + (0.4 - from) * 4.0 * years;
        assert!((at(1) / mean - 1.0).abs() < 1e-3, "{} {mean}", at(1));
        let variance = 1.5 * 1.5 * from * years;
        assert!(((at(2) - at(1) * at(1)) / variance - 1.0).abs() < 0.02);
        let long_run: f64 = moves.stationary.iter().enumerate().map(|(j, c)| c * grid.variance(j)).sum();
        assert!((long_run / 0.4 - 1.0).abs() < 0.01, "{long_run}");
    }
}
