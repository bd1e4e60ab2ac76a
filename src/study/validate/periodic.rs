//! Baskets that trade by the clock: tracking error, terminal deviation and turnover.
use std::f64::consts::PI;
use std::fmt::Write as _;

use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};

/// One asset and cash, gbm: the setting of most checks on baskets.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mix<'a> {
    pub(super) name: &'a str,
    pub(super) sigma: f64,
    pub(super) drift: f64,
    pub(super) paths: u64,
    /// Horizon, as a duration.
    pub(super) horizon: &'a str,
    pub(super) steps: u64,
    pub(super) warmup: u64,
    /// Tables before `[target]`.
    pub(super) more: &'a str,
    pub(super) policies: &'a str,
}

/// The asset's weight in every mix.
pub(super) const W: f64 = 0.5;

impl Mix<'_> {
    pub(super) fn text(&self) -> String {
        let Self { name, sigma, drift, paths, horizon, steps, warmup, more, policies } = self;
        format!(
            "version = 1\nname = \"{name}\"\n[run]\npaths = {paths}\nseed = 23\nhorizon = \"{horizon}\"\nsteps = {steps}\n\
             warmup = \"{warmup} steps\"\n[[assets]]\nsymbol = \"A\"\nspot = 1.0\n\
             process = {{ kind = \"gbm\", drift = {drift:?}, volatility = {sigma:?} }}\n{more}\n\
             [target]\nkind = \"basket\"\nvalue = 1000.0\nweights = {{ A = {W:?} }}\n{policies}"
        )
    }
}

/// `w²(1 − w)²σ²`: rate of variance of the weight gap.
pub(super) fn gap_variance(sigma: f64) -> f64 {
    W * W * (1.0 - W) * (1.0 - W) * sigma * sigma
}

/// σ² times the mean square of the weight gap after trades.
pub(super) fn squared_error(run: &Ran, policy: usize, sigma: f64) -> Measured {
    Measured::mean(run.by_path(policy, "gap_square")).times(sigma * sigma)
}

pub(super) fn clock(name: &str, every: u64) -> String {
    format!("[[policies]]\nname = \"{name}\"\nkind = \"periodic\"\nevery = \"{every} steps\"\n")
}

const SIGMA: f64 = 0.8;
const SOURCE: &str =
    "Glasserman (2012), Risk horizon and rebalancing horizon in portfolio risk measurement, Math. Finance 22";

/// `σ²v(Δ − dt)/2` at `per_year` periods of `sub` steps.
fn tracking(per_year: f64, sub: f64) -> f64 {
    SIGMA * SIGMA * gap_variance(SIGMA) * (1.0 - 1.0 / sub) / per_year / 2.0
}

/// `√(2v/(πΔ))`.
fn turnover(per_year: f64) -> f64 {
    (2.0 * gap_variance(SIGMA) * per_year / PI).sqrt()
}

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        checks: &[
            Check {
                id: "B1a",
                what: "TE² of monthly rebalancing",
                formula: "σ²v(Δ − dt)/2",
                theory: || tracking(12.0, 250.0),
                tolerance: Tolerance::Share(0.01),
                source: SOURCE,
            },
            Check {
                id: "B3b",
                what: "turnover per year, monthly",
                formula: "√(2v/(πΔ))",
                theory: || turnover(12.0),
                tolerance: Tolerance::Share(0.005),
                source: SOURCE,
            },
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || vec![mix("monthly", 3000, 98_304, 250)],
            sums: false,
            read: |ran| vec![squared_error(&ran[0], 0, SIGMA), yearly_turnover(&ran[0], 12)],
        },
    },
    Experiment {
        checks: &[
            Check {
                id: "B1b",
                what: "TE² of weekly rebalancing",
                formula: "σ²v(Δ − dt)/2",
                theory: || tracking(52.0, 57.0),
                tolerance: Tolerance::Share(0.01),
                source: SOURCE,
            },
            Check {
                id: "B2",
                what: "variance of ln(V/B) after a year, weekly",
                formula: "σ²v(Δ − dt)/2·T",
                theory: || tracking(52.0, 57.0),
                tolerance: Tolerance::Sharp(0.02),
                source: SOURCE,
            },
            Check {
                id: "B3a",
                what: "turnover per year, weekly",
                formula: "√(2v/(πΔ))",
                theory: || turnover(52.0),
                tolerance: Tolerance::Share(0.005),
                source: SOURCE,
            },
        ],
        quick: true,
        setting: Setting::Runs {
            texts: || vec![mix("weekly", 52 * 57, 32_768, 57)],
            sums: false,
            read: |ran| {
                let run = &ran[0];
                let spread = Measured::variance(run.by_path(0, "log_deviation"));
                vec![squared_error(run, 0, SIGMA), spread, yearly_turnover(run, 52)]
            },
        },
    },
    Experiment {
        checks: &[
            Check {
                id: "I1",
                what: "TE² of five assets, monthly",
                formula: "tr(ΣV)(Δ − dt)/2, V = (D − ww')Σ(D − ww')",
                theory: five_assets,
                tolerance: Tolerance::Share(0.01),
                source: SOURCE,
            },
            Check {
                id: "I2",
                what: "variance of ln(V/B) after 3 years, five assets",
                formula: "I1·T",
                theory: || 3.0 * five_assets(),
                tolerance: Tolerance::Sharp(0.02),
                source: SOURCE,
            },
        ],
        quick: false,
        setting: Setting::Runs {
            texts: || vec![five_text()],
            sums: false,
            read: |ran| {
                let squares: Vec<f64> =
                    ran[0].by_path(0, "te_path_mean").iter().map(|error| error * error).collect();
                vec![Measured::mean(&squares), Measured::variance(ran[0].by_path(0, "log_deviation"))]
            },
        },
    },
];

fn mix(name: &str, steps: u64, paths: u64, every: u64) -> String {
    let policies = clock("clock", every);
    Mix {
        name,
        sigma: SIGMA,
        drift: 0.0,
        paths,
        horizon: "1y",
        steps,
        warmup: 0,
        more: "",
        policies: &policies,
    }
    .text()
}

/// Traded weight of a year: nothing is traded at its end, so n periods hold n − 1 trades.
fn yearly_turnover(run: &Ran, periods: u32) -> Measured {
    let periods = f64::from(periods);
    Measured::mean(run.by_path(0, "turnover_weight")).times(periods / (periods - 1.0))
}

const SIGMAS: [f64; 5] = [0.6, 0.75, 0.9, 0.5, 0.8];
const WEIGHTS: [f64; 5] = [0.30, 0.25, 0.20, 0.15, 0.10];
const RHO: f64 = 0.6;

type Matrix = [[f64; 5]; 5];

fn matrix(entry: impl Fn(usize, usize) -> f64) -> Matrix {
    std::array::from_fn(|i| std::array::from_fn(|j| entry(i, j)))
}

fn product(a: &Matrix, b: &Matrix) -> Matrix {
    matrix(|i, j| (0..5).map(|k| a[i][k] * b[k][j]).sum())
}

fn five_assets() -> f64 {
    let sigma = matrix(|i, j| SIGMAS[i] * SIGMAS[j] * if i == j { 1.0 } else { RHO });
    let slope = matrix(|i, j| if i == j { WEIGHTS[i] } else { 0.0 } - WEIGHTS[i] * WEIGHTS[j]);
    let gaps = product(&product(&slope, &sigma), &slope);
    let trace: f64 = (0..5).map(|i| product(&sigma, &gaps)[i][i]).sum();
    let period = 1.0 / 12.0;
    trace * (period - period / 60.0) / 2.0
}

fn five_text() -> String {
    let row = |i: usize| {
        let cells: Vec<String> =
            (0..5).map(|j| if i == j { "1.0".into() } else { format!("{RHO:?}") }).collect();
        format!("[{}]", cells.join(", "))
    };
    let rows: Vec<String> = (0..5).map(row).collect();
    let mut text = format!(
        "version = 1\nname = \"five\"\n[run]\npaths = 24_576\nseed = 29\nhorizon = \"3y\"\nsteps = 2160\n\
         [market]\ncorrelation = [{}]\n",
        rows.join(", ")
    );
    for (i, sigma) in SIGMAS.iter().enumerate() {
        let _ = write!(
            text,
            "[[assets]]\nsymbol = \"A{i}\"\nspot = 1.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = {sigma:?} }}\n"
        );
    }
    let weights: Vec<String> = WEIGHTS.iter().enumerate().map(|(i, w)| format!("A{i} = {w:?}")).collect();
    let _ = write!(
        text,
        "[target]\nkind = \"basket\"\nvalue = 1000.0\nweights = {{ {} }}\n{}",
        weights.join(", "),
        clock("clock", 60)
    );
    text
}
