//! Execution that lags, and proportional trading.
use std::f64::consts::PI;

use super::efficiency::proportional;
use super::periodic::{Mix, clock, gap_variance, squared_error};
use super::setting::{Measured, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};

const SIGMA: f64 = 0.6;
const SOURCE: &str = "expansion of the weight gap to first order in Δ and L";
/// Speed of proportional trading, per year.
pub(super) const KAPPA: f64 = 20.0;

/// `σ²v((Δ − dt)/2 + L)`, weekly, periods of `sub` steps, fills `lag` steps late.
fn lagged(sub: f64, lag: f64) -> f64 {
    let dt = 1.0 / (52.0 * sub);
    SIGMA * SIGMA * gap_variance(SIGMA) * (0.5 * (1.0 / 52.0 - dt) + lag * dt)
}

const fn check(id: &'static str, what: &'static str, theory: fn() -> f64) -> Check {
    Check {
        id,
        what,
        formula: "σ²v((Δ − dt)/2 + L)",
        theory,
        tolerance: Tolerance::Share(0.01),
        source: SOURCE,
    }
}

const fn experiment(checks: &'static [Check], texts: fn() -> Vec<String>) -> Experiment {
    Experiment {
        checks,
        quick: true,
        setting: Setting::Runs { texts, sums: false, read: |ran| vec![squared_error(&ran[0], 0, SIGMA)] },
    }
}

pub(super) const EXPERIMENTS: &[Experiment] = &[
    experiment(&[check("G0", "TE² of weekly rebalancing, no lag", || lagged(40.0, 0.0))], || {
        vec![text(40, 0)]
    }),
    experiment(&[check("G1", "TE² with a lag of half a period", || lagged(40.0, 20.0))], || {
        vec![text(40, 20)]
    }),
    experiment(&[check("G2", "TE² with a lag of a period", || lagged(20.0, 20.0))], || vec![text(20, 20)]),
    // an order of the decision before is then still in flight: without netting it would be sent twice
    experiment(
        &[check("G3", "TE² with a lag of 1.5 periods, orders in flight netted", || lagged(20.0, 30.0))],
        || vec![text(20, 30)],
    ),
    Experiment {
        checks: &[
            Check {
                id: "H1",
                what: "E x² of trading x(1 − e^{−κdt}) at every step",
                formula: "v/(2κ)",
                theory: || gap_variance(SIGMA) / (2.0 * KAPPA),
                tolerance: Tolerance::Share(0.015),
                source: "Ornstein–Uhlenbeck gap; Gârleanu and Pedersen (2013), J. Finance 68",
            },
            Check {
                id: "H2",
                what: "its turnover per year",
                formula: "√(κv/π)",
                theory: || (KAPPA * gap_variance(SIGMA) / PI).sqrt(),
                tolerance: Tolerance::Share(0.015),
                source: "Ornstein–Uhlenbeck gap; Gârleanu and Pedersen (2013), J. Finance 68",
            },
        ],
        quick: true,
        setting: Setting::Direct {
            how: "a mix of one asset on the engine's random numbers: no policy of a scenario trades a share of its gap",
            measure: |execution| {
                let paths = proportional(execution)?;
                let squares: Vec<f64> = paths.iter().map(|path| path.gap_square).collect();
                let turnover: Vec<f64> = paths.iter().map(|path| path.turnover).collect();
                Ok(vec![Measured::mean(&squares), Measured::mean(&turnover)])
            },
        },
    },
];

fn text(per_period: u64, lag: u64) -> String {
    let more = if lag > 0 { format!("[execution]\ndelay = \"{lag} steps\"") } else { String::new() };
    Mix {
        name: "lag",
        sigma: SIGMA,
        drift: 0.5 * SIGMA * SIGMA,
        paths: 12_000,
        horizon: "1y",
        steps: 52 * per_period,
        warmup: 6 * per_period,
        more: &more,
        policies: &clock("clock", per_period),
    }
    .text()
}
