//! Engine against the naive idiomatic program on job D, interleaved in one process: ns per path-step and ratios.
//!
//! `cargo bench --bench compare [-- PATHS ROUNDS]`. Both run on one thread. The ratio is taken within each round and
//! its median printed: drift of the machine cancels. Absolute times mean nothing without the machine's name.
#![expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![expect(clippy::print_stdout, reason = "a benchmark prints its table")]
use std::fmt::Write as _;
use std::hint::black_box;
use std::time::Instant;

use driftband::engine::{Execution, Level, run};
use driftband::scenario::{Memory, Scenario, parse};

mod naive;

/// The policies of job D as a scenario says them; a job with P policies takes the first P.
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

/// Job D: a short one-year call, 252 steps, 10 bps on every trade.
fn job_d(paths: u64, n_policies: usize, path_metrics: bool, oracle: bool) -> Scenario {
    let mut text = format!(
        r#"
version = 1
name = "job-d"
[run]
paths = {paths}
seed = 42
horizon = "1y"
steps = 252
path_metrics = {path_metrics}
[market]
rate = 0.02
[[assets]]
symbol = "A"
spot = 100.0
process = {{ kind = "gbm", drift = 0.05, volatility = 0.2 }}
[costs]
fee = "10 bps"
[target]
kind = "options"
hedge_volatility = 0.2
premium_volatility = 0.2
legs = [{{ type = "call", strike = 100.0, quantity = -1.0 }}]
"#
    );
    if oracle {
        text.push_str("[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"24 steps\"\n");
    }
    for (k, policy) in POLICIES.iter().take(n_policies).enumerate() {
        let _ = write!(text, "[[policies]]\nname = \"p{k}\"\n{policy}\n");
    }
    parse(&text, &Memory::default()).expect("job D is a sound scenario").scenario
}

fn median(values: &[f64]) -> f64 {
    let mut values = values.to_vec();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// One variant: its name and the mean deviation of its first policy, discounted.
type Row<'a> = (&'static str, Box<dyn FnMut() -> f64 + 'a>);

fn table(title: &str, paths: u64, rounds: usize, mut rows: Vec<Row>) -> Vec<f64> {
    let mut times = vec![Vec::new(); rows.len()];
    let mut means = vec![0.0; rows.len()];
    for _ in 0..rounds {
        for (k, (_, variant)) in rows.iter_mut().enumerate() {
            let start = Instant::now();
            means[k] = black_box(variant());
            let path_steps = paths as f64 * f64::from(naive::STEPS);
            times[k].push(start.elapsed().as_secs_f64() * 1e9 / path_steps);
        }
    }
    println!("\n{title}: {paths} paths, {rounds} rounds, one thread");
    println!("{:38} {:>9} {:>12} {:>14}", "", "ns/step", "naive / it", "mean of first");
    let mut ratios = Vec::new();
    for (k, (name, _)) in rows.iter().enumerate() {
        let by_round: Vec<f64> = times[0].iter().zip(&times[k]).map(|(a, b)| a / b).collect();
        ratios.push(median(&by_round));
        println!("{name:38} {:9.2} {:11.1}x {:14.5}", median(&times[k]), ratios[k], means[k]);
    }
    ratios
}

fn main() {
    let numbers: Vec<u64> = std::env::args().filter_map(|word| word.parse().ok()).collect();
    let paths = numbers.first().copied().unwrap_or(16_384);
    let rounds = numbers.get(1).map_or(7, |n| *n as usize);
    let mut found = Vec::new();
    for n_policies in [1, 8] {
        let scenarios = [
            job_d(paths, n_policies, false, false),
            job_d(paths, n_policies, false, true),
            job_d(paths, n_policies, true, false),
        ];
        let discount = (-0.02_f64).exp();
        let engine = |scenario: &Scenario, level: Level| {
            let execution = Execution { threads: Some(1), level, ..Execution::default() };
            let outcome = run(scenario, &execution).expect("job D runs");
            let mean = outcome.policies[0].metric("mean").and_then(|estimate| estimate.value);
            mean.expect("a mean") * discount
        };
        let naive_mean = || {
            let all = &naive::POLICIES[..n_policies];
            let sum: f64 = (0..paths).map(|path| naive::replication_errors(all, 42, path)[0]).sum();
            sum / paths as f64
        };
        let rows: Vec<Row> = vec![
            ("naive (per path, rand_distr, statrs)", Box::new(naive_mean)),
            ("engine, best level", Box::new(|| engine(&scenarios[0], Level::Best))),
            ("engine, AVX2", Box::new(|| engine(&scenarios[0], Level::Avx2))),
            ("engine, best level, oracle", Box::new(|| engine(&scenarios[1], Level::Best))),
            ("engine, best level, path metrics", Box::new(|| engine(&scenarios[2], Level::Best))),
        ];
        let ratios = table(&format!("job D, P = {n_policies}"), paths, rounds, rows);
        found.push(format!(r#"{{"job":"D","policies":{n_policies},"naive_over_engine":{:.2}}}"#, ratios[1]));
    }
    println!("\n[{}]", found.join(","));
}
