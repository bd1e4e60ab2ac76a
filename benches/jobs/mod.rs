//! The jobs that are measured, as scenarios.
use std::fmt::Write as _;

use driftband::scenario::{Disk, Scenario, parse};

/// Geometric Brownian motion of job D.
pub(crate) const GBM: &str = r#"kind = "gbm", drift = 0.05, volatility = 0.2"#;
/// Its jump diffusion: two jumps a month.
pub(crate) const MERTON: &str = r#"kind = "merton", drift = 0.05, volatility = 0.2, jumps_per_year = 24.0, jump_mean = -0.01, jump_std = 0.03"#;
/// Two jumps a year.
pub(crate) const RARE_JUMPS: &str = r#"kind = "merton", drift = 0.05, volatility = 0.2, jumps_per_year = 2.0, jump_mean = -0.05, jump_std = 0.1"#;
/// Stochastic variance, stepped by the quadratic-exponential scheme; the Feller condition is violated.
pub(crate) const HESTON: &str = r#"kind = "heston", drift = 0.05, initial_variance = 0.04, long_run_variance = 0.04, mean_reversion = 2.0, vol_of_vol = 0.5, correlation = -0.7"#;

/// The book of job D.
pub(crate) const ONE_LEG: &str = r#"{ type = "call", strike = 100.0, quantity = -1.0 }"#;
/// An iron condor.
pub(crate) const FOUR_LEGS: &str = r#"{ type = "put", strike = 80.0, quantity = 1.0 },
  { type = "put", strike = 90.0, quantity = -1.0 },
  { type = "call", strike = 110.0, quantity = -1.0 },
  { type = "call", strike = 120.0, quantity = 1.0 }"#;

/// A feed that posts at moves of 1 % and at least every 24 steps.
pub(crate) const ORACLE: &str = "[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"24 steps\"\n";
/// Orders that fill two steps after they are decided.
pub(crate) const DELAY: &str = "[execution]\ndelay = \"2 steps\"\n";

/// The first eight policies of job D; a job with P policies takes the first P.
const POLICIES: [&str; 8] = [
    "kind = \"band\"\nwidth = 0.05\nto = \"center\"",
    "kind = \"periodic\"\nevery = \"1 step\"",
    "kind = \"periodic\"\nevery = \"5 steps\"",
    "kind = \"periodic\"\nevery = \"21 steps\"",
    "kind = \"band\"\nwidth = 0.02\nto = \"center\"",
    "kind = \"band\"\nwidth = 0.1\nto = \"center\"",
    "kind = \"whalley_wilmott\"\nrisk_aversion = 1.0\ncost = \"10 bps\"\nto = \"center\"",
    "kind = \"whalley_wilmott\"\nrisk_aversion = 0.1\ncost = \"10 bps\"\nto = \"center\"",
];

/// A delta hedge, and what it differs in from job D with one policy.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Hedge {
    /// Paths.
    pub(crate) paths: u64,
    /// Steps of a year.
    pub(crate) steps: u32,
    /// How many policies.
    pub(crate) policies: usize,
    /// Figures that need a mark at every step.
    pub(crate) path_metrics: bool,
    /// Keys of the price process.
    pub(crate) process: &'static str,
    /// Legs of the book.
    pub(crate) legs: &'static str,
    /// Further tables.
    pub(crate) tables: &'static str,
}

/// Job D with one policy: a short one-year call, 252 steps, 10 bps on every trade, a band of 0.05 round delta.
pub(crate) const JOB_D: Hedge = Hedge {
    paths: 16_384,
    steps: 252,
    policies: 1,
    path_metrics: false,
    process: GBM,
    legs: ONE_LEG,
    tables: "",
};

impl Hedge {
    /// The scenario, ready to run.
    pub(crate) fn scenario(&self) -> Scenario {
        let Self { paths, steps, policies, path_metrics, process, legs, tables } = self;
        let mut text = format!(
            r#"
version = 1
name = "job-d"
[run]
paths = {paths}
seed = 42
horizon = "1y"
steps = {steps}
path_metrics = {path_metrics}
[market]
rate = 0.02
[[assets]]
symbol = "A"
spot = 100.0
process = {{ {process} }}
[costs]
fee = "10 bps"
[target]
kind = "options"
hedge_volatility = 0.2
premium_volatility = 0.2
legs = [{legs}]
{tables}
"#
        );
        for k in 0..*policies {
            let _ = write!(text, "[[policies]]\nname = \"p{k}\"\n{}\n", policy(k));
        }
        scenario(&text)
    }
}

/// Policy `k` of job D: the first eight, then bands, clocks and Whalley–Wilmott of other widths.
fn policy(k: usize) -> String {
    if let Some(text) = POLICIES.get(k) {
        return (*text).to_owned();
    }
    match k % 4 {
        0 => format!("kind = \"periodic\"\nevery = \"{k} steps\""),
        1 => {
            let aversion = 0.05 * k as f64;
            format!(
                "kind = \"whalley_wilmott\"\nrisk_aversion = {aversion}\ncost = \"10 bps\"\nto = \"center\""
            )
        }
        _ => format!("kind = \"band\"\nwidth = {}\nto = \"center\"", 0.005 * k as f64),
    }
}

/// The canonical hedge: a one-month call, rehedged at each of 21 steps; no cost at the end.
pub(crate) fn one_month_call(paths: u64) -> Scenario {
    scenario(&format!(
        r#"
version = 1
name = "one-month-call"
[run]
paths = {paths}
horizon = "21d"
steps = 21
days_per_year = 252
path_metrics = false
[market]
rate = 0.05
[[assets]]
symbol = "A"
spot = 100.0
process = {{ kind = "gbm", drift = 0.05, volatility = 0.2 }}
[costs]
fee = "10 bps"
charge_final = false
[target]
kind = "options"
hedge_volatility = 0.2
premium_volatility = 0.2
legs = [{ONE_LEG}]
[[policies]]
name = "every-step"
kind = "periodic"
every = "1 step"
"#
    ))
}

/// A basket of equal weights under a band, daily for a year, all correlations 0.6.
pub(crate) fn basket(paths: u64, n_assets: usize) -> Scenario {
    let row = |i: usize| {
        let entries: Vec<&str> = (0..n_assets).map(|k| if k == i { "1.0" } else { "0.6" }).collect();
        format!("[{}]", entries.join(", "))
    };
    let rows: Vec<String> = (0..n_assets).map(row).collect();
    let weight = 1.0 / n_assets as f64;
    let weights: Vec<String> = (0..n_assets).map(|i| format!("A{i} = {weight}")).collect();
    let mut text = format!(
        r#"
version = 1
name = "basket"
[run]
paths = {paths}
horizon = "1y"
step = "1d"
path_metrics = true
[market]
correlation = [{}]
[costs]
fee = "10 bps"
charge_initial = true
[target]
kind = "basket"
value = 1_000_000.0
weights = {{ {} }}
[[policies]]
name = "band"
kind = "band"
width = {}
"#,
        rows.join(", "),
        weights.join(", "),
        0.25 * weight,
    );
    for i in 0..n_assets {
        let volatility = [0.60, 0.75, 0.90, 0.50, 0.80][i % 5];
        let _ = write!(
            text,
            "[[assets]]\nsymbol = \"A{i}\"\nspot = 100.0\n\
             process = {{ kind = \"gbm\", drift = 0.0, volatility = {volatility} }}\n"
        );
    }
    scenario(&text)
}

/// Reads a scenario; its data files lie where those of the shipped ones do.
fn scenario(text: &str) -> Scenario {
    let files = Disk::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scenarios"));
    match parse(text, &files) {
        Ok(loaded) => loaded.scenario,
        Err(faults) => {
            let faults: Vec<String> = faults.iter().map(ToString::to_string).collect();
            panic!("{}\n{text}", faults.join("\n"))
        }
    }
}
