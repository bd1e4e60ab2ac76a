//! The efficiency constant of a policy, `C = TE·turnover/(σv)`, and proportional trading.
use std::f64::consts::PI;

use super::lag::KAPPA;
use super::periodic::{W, gap_variance};
use super::setting::{Measured, Ran, Setting};
use super::sums::Figure;
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::engine::{Execution, RunError, ordered_map};
use crate::math::{exp, norm_inv};
use crate::rng::{Purpose, Stream, draw, unit};
use crate::stats::Moments;

const SIGMA: f64 = super::bands::SIGMA;

const fn constant(id: &'static str, what: &'static str, formula: &'static str, theory: fn() -> f64) -> Check {
    Check {
        id,
        what,
        formula,
        theory,
        tolerance: Tolerance::Share(0.02),
        source: "C = TE·turnover/(σv) of the expansions of B, C and H",
    }
}

pub(super) const PERIODIC: Check = constant("K1", "C of periodic rebalancing", "1/√π", || 1.0 / PI.sqrt());
pub(super) const CENTER: Check = constant("K2", "C of a band to its center", "1/√6", || 1.0 / 6_f64.sqrt());
pub(super) const HALF_WAY: Check =
    constant("K4", "C of a band half way to its center", "√(5/24)/1.5", || (5.0 / 24.0_f64).sqrt() / 1.5);
pub(super) const EDGE: Check = constant("K5", "C of a band to its edge", "1/(2√3)", || 0.5 / 3_f64.sqrt());

/// Proportional trading; the others come with the runs of C.
pub(super) const EXPERIMENTS: &[Experiment] = &[Experiment {
    checks: &[constant("K3", "C of proportional trading", "1/√(2π)", || 1.0 / (2.0 * PI).sqrt())],
    quick: true,
    setting: Setting::Direct {
        how: "as H",
        measure: |execution| {
            let paths = proportional(execution)?;
            let squares: Vec<f64> = paths.iter().map(|path| path.gap_square).collect();
            let turnover: Vec<f64> = paths.iter().map(|path| path.turnover).collect();
            Ok(vec![efficiency(&squares, &turnover)])
        },
    },
}];

/// `σ√(E x²)·E turnover/(σv)`; its error by the delta method, path by path.
fn efficiency(squares: &[f64], turnover: &[f64]) -> Measured {
    let (square, traded) = (Measured::mean(squares).value, Measured::mean(turnover).value);
    let value = square.sqrt() * traded / gap_variance(SIGMA);
    let influence: Vec<f64> =
        squares.iter().zip(turnover).map(|(a, b)| value * (0.5 * a / square + b / traded)).collect();
    let se = Moments::from_slice(&influence).mean_estimate().se.unwrap_or(f64::NAN);
    Measured { value, se }
}

/// C of a policy of a run, after the warm-up.
pub(super) fn efficiency_of(run: &Ran, policy: usize) -> Measured {
    let turnover: Vec<f64> = run.sum(policy, Figure::Turnover).iter().map(|sum| sum / run.years()).collect();
    efficiency(run.by_path(policy, "gap_square"), &turnover)
}

pub(super) fn center(width: f64) -> String {
    format!("[[policies]]\nname = \"center\"\nkind = \"band\"\nwidth = {width:?}\n")
}

fn rule(name: &str, width: f64, destination: &str) -> String {
    format!(
        "[[policies]]\nname = \"{name}\"\nkind = \"rule\"\ntrigger = [{{ kind = \"band\", width = {width:?} }}]\n\
         destination = {destination}\n"
    )
}

pub(super) fn to_edge(name: &str, width: f64) -> String {
    rule(name, width, "\"edge\"")
}

pub(super) fn half_way(width: f64) -> String {
    rule("half-way", width, "0.5")
}

/// One path of proportional trading.
#[derive(Debug, Clone, Copy)]
pub(super) struct Path {
    /// Mean square of the weight gap after trades.
    pub(super) gap_square: f64,
    /// Traded weight a year.
    pub(super) turnover: f64,
}

const PATHS: u64 = 6144;
const STEPS_A_YEAR: u32 = 4000;
/// Five times the gap's memory of 1/κ.
const BURN_IN: u32 = 1000;

/// Trades the share `1 − e^{−κdt}` of the weight gap at every step, after a burn-in, over a year.
pub(super) fn proportional(execution: &Execution) -> Result<Vec<Path>, RunError> {
    ordered_map(execution.threads, PATHS, |path| {
        let dt = 1.0 / f64::from(STEPS_A_YEAR);
        let (share, root) = (1.0 - exp(-KAPPA * dt), SIGMA * dt.sqrt());
        // at a drift of wσ² of the price the gap has none; its logarithm drifts by half the variance less
        let drift = (W - 0.5) * SIGMA * SIGMA * dt;
        let stream = Stream::new(Purpose::Price, 0);
        // value of the holding over that of the cash: all that the weight depends on
        let mut odds = W / (1.0 - W);
        let (mut squares, mut traded) = (0.0, 0.0);
        let n = BURN_IN + STEPS_A_YEAR;
        for step in 0..n {
            let (even, odd) = draw(SEED, stream, path, step / 2);
            let z = norm_inv(unit(if step % 2 == 0 { even } else { odd }));
            odds *= exp(root.mul_add(z, drift));
            let gap = odds / (1.0 + odds) - W;
            let after = gap * (1.0 - share);
            let weight = W + after;
            odds = weight / (1.0 - weight);
            if step >= BURN_IN {
                squares += after * after;
                traded += (gap - after).abs();
            }
        }
        Path { gap_square: squares * dt, turnover: traded }
    })
}

const SEED: u64 = 31;
