//! What antithetic pairs, Sobol points and control variates are worth: processor time to a given standard error against
//! independent paths, by figure, on three scenarios. Prints the table of docs/performance.md.
//!
//! `cargo bench --bench variance`; a number of rounds may follow `--`.
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
use std::collections::BTreeMap;

use driftband::engine::{Execution, run};
use driftband::rng::Sampling;
use driftband::scenario::{Memory, Scenario, parse};

#[path = "clock/mod.rs"]
mod clock;
use clock::processor_seconds;

/// A month of a hedged call under constant volatility.
const CALL: &str = r#"
version = 1
name = "call"
[run]
paths = 32_768
horizon = "30d"
step = "12h"
path_metrics = false
[market]
rate = 0.04
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "gbm", drift = 0.04, volatility = 0.8 }
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 3000.0, quantity = -10.0 }]
[[policies]]
name = "daily"
kind = "periodic"
every = "1d"
"#;

/// A basket of three for a year, by a band.
const BASKET: &str = r#"
version = 1
name = "basket"
[run]
paths = 32_768
horizon = "360d"
step = "1d"
path_metrics = false
[market]
rate = 0.02
correlation = [[1.0, 0.8, 0.6], [0.8, 1.0, 0.6], [0.6, 0.6, 1.0]]
[[assets]]
symbol = "BTC"
spot = 60000.0
process = { kind = "gbm", drift = 0.1, volatility = 0.6 }
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "gbm", drift = 0.05, volatility = 0.8 }
[[assets]]
symbol = "SOL"
spot = 150.0
process = { kind = "gbm", drift = 0.0, volatility = 1.0 }
[costs]
fee = "10 bps"
[target]
kind = "basket"
value = 1_000_000.0
weights = { BTC = 0.5, ETH = 0.3, SOL = 0.1 }
[[policies]]
name = "band"
kind = "band"
width = "3%"
"#;

/// A straddle under a volatility that moves, through an oracle.
const HESTON: &str = r#"
version = 1
name = "heston"
[run]
paths = 32_768
horizon = "30d"
step = "6h"
path_metrics = false
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "heston", drift = 0.0, initial_variance = 0.6, long_run_variance = 0.66, mean_reversion = 3.2, vol_of_vol = 1.5, correlation = -0.2 }
[oracle]
deviation_threshold = "1%"
heartbeat = "1d"
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [
  { type = "call", strike = 3000.0, quantity = -10.0 },
  { type = "put", strike = 3000.0, quantity = -10.0 },
]
[[policies]]
name = "band"
kind = "band"
width = "5%"
"#;

const KEYS: [&str; 7] = ["mean", "controlled mean", "std", "var_99", "cvar_99", "cost_total", "trades"];
const WAYS: [(&str, Sampling, bool); 4] = [
    ("pseudo", Sampling::Pseudo, false),
    ("antithetic", Sampling::Antithetic, false),
    ("sobol", Sampling::Sobol, false),
    ("control", Sampling::Pseudo, true),
];

/// Seconds of one run, and its standard errors.
fn one(scenario: &Scenario) -> (f64, BTreeMap<&'static str, f64>) {
    let start = processor_seconds();
    let found = run(scenario, &Execution { threads: Some(1), ..Execution::default() }).expect("it runs");
    let seconds = processor_seconds() - start;
    let policy = &found.policies[0];
    let mut errors: BTreeMap<&str, f64> = BTreeMap::new();
    for key in KEYS {
        let plain = policy.metric(key).and_then(|estimate| estimate.se);
        let controlled = policy.controlled.as_ref().and_then(|controlled| controlled.mean.se);
        if let Some(se) = if key == "controlled mean" { controlled } else { plain } {
            errors.insert(key, se);
        }
    }
    (seconds, errors)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn main() {
    let rounds: u64 = std::env::args().skip(1).find_map(|word| word.parse().ok()).unwrap_or(9);
    println!("| scenario | figure | antithetic | Sobol | control |");
    println!("|---|---|---|---|---|");
    for (name, text) in [("hedged call", CALL), ("basket", BASKET), ("Heston straddle", HESTON)] {
        let base = parse(text, &Memory::default()).unwrap_or_else(|faults| panic!("{faults:?}")).scenario;
        // by way: times over plain ones of the same round, and squared errors by figure
        let mut times = vec![Vec::new(); WAYS.len()];
        let mut squares: Vec<BTreeMap<&str, f64>> = vec![BTreeMap::new(); WAYS.len()];
        for round in 0..rounds {
            let mut plain = 1.0;
            for (k, (_, sampling, control)) in WAYS.iter().enumerate() {
                let options = matches!(base.target, driftband::book::Target::Options(_));
                if *control && options && name.starts_with("Heston") {
                    continue;
                }
                let mut scenario = base.clone();
                scenario.run.seed = 1 + round;
                scenario.run.sampling = *sampling;
                scenario.run.control_variates = *control;
                let (seconds, errors) = one(&scenario);
                if k == 0 {
                    plain = seconds;
                }
                times[k].push(seconds / plain);
                for (key, se) in errors {
                    *squares[k].entry(key).or_default() += se * se;
                }
            }
        }
        let times: Vec<Option<f64>> =
            times.into_iter().map(|all| (!all.is_empty()).then(|| median(all))).collect();
        for key in KEYS {
            let base = if key == "controlled mean" { "mean" } else { key };
            let gain = |k: usize| {
                let (time, square) = (times[k]?, squares[k].get(key).copied()?);
                let gain = squares[0].get(base)? / square / time;
                gain.is_finite().then_some(gain)
            };
            let cell = |k: usize| match gain(k) {
                Some(gain) if gain >= 100.0 => format!("{gain:.0}"),
                Some(gain) if gain >= 10.0 => format!("{gain:.1}"),
                Some(gain) => format!("{gain:.2}"),
                None => String::new(),
            };
            if key == "controlled mean" {
                if gain(3).is_some() {
                    println!("| {name} | `mean`, controlled | | | {} |", cell(3));
                }
            } else {
                println!("| {name} | `{key}` | {} | {} | |", cell(1), cell(2));
            }
        }
        let words = |k: usize| times[k].map_or_else(String::new, |time| format!("{time:.2}"));
        println!("| {name} | *time of a run* | {} | {} | {} |", words(1), words(2), words(3));
    }
}
