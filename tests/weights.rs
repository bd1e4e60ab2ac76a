//! Baskets taken some vectors of paths at a time give the same bits as baskets worked off path by path.
//!
//! A tolerance that nothing exceeds sends every order through the venue, which knows no vectors: the two are compared path by
//! path, figure by figure, where few paths of a block trade in a step, and where all do.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use std::fmt::Write as _;

use driftband::engine::{Execution, Level, Outcome, run};
use driftband::scenario::{Memory, Scenario, parse};

/// Paths beyond those of the timeline, in blocks that are audited and in others; the last one is not full.
const PATHS: usize = 4096 + 3 * 128 + 77;

const POLICIES: &str = r#"
policies = [
    { name = "once", kind = "hold" },
    { name = "always", kind = "periodic", every = "1 step" },
    { name = "clock", kind = "periodic", every = "5 steps" },
    { name = "wide", kind = "band", width = "5%" },
    { name = "narrow", kind = "band", width = "0.5%", monitor_every = "2 steps" },
    { name = "relative", kind = "relative_band", width = "12%" },
    { name = "either", kind = "time_or_band", every = "7 steps", width = "4%" },
]
"#;
const NEUTRAL: &str = "slippage_tolerance = 1e300\nretries = 0\n";
const ORACLE: &str =
    "[oracle]\ndeviation_threshold = \"3%\"\nheartbeat = \"5 steps\"\nlatency = \"1 step\"\n";
const COSTS: &str = "fee = \"10 bps\"\nhalf_spread = \"2 bps\"\nfixed_fee = 0.5\ncharge_initial = true\n";

/// What differs between the cases.
#[derive(Clone, Copy)]
struct Case {
    n_assets: usize,
    run: &'static str,
    oracle: &'static str,
    costs: &'static str,
    benchmark: &'static str,
}

const PLAIN: Case = Case {
    n_assets: 5,
    run: "path_metrics = true",
    oracle: "",
    costs: COSTS,
    benchmark: "constant_mix_step",
};

impl Case {
    fn scenario(self, execution: &str) -> Scenario {
        let Self { n_assets, run, oracle, costs, benchmark } = self;
        let mut assets = String::new();
        for i in 0..n_assets {
            let (volatility, dividend) = (0.5 + 0.1 * i as f64, if run.is_empty() { 0.0 } else { 0.03 });
            let _ = write!(
                assets,
                "[[assets]]\nsymbol = \"A{i}\"\nspot = {}.0\ndividend_yield = {dividend}\n\
                 process = {{ kind = \"gbm\", drift = 0.05, volatility = {volatility} }}\n",
                10 * (i + 1)
            );
        }
        let row = |i: usize| {
            let entries: Vec<&str> = (0..n_assets).map(|k| if k == i { "1.0" } else { "0.4" }).collect();
            format!("[{}]", entries.join(", "))
        };
        let rows: Vec<String> = (0..n_assets).map(row).collect();
        // a tenth is left in cash
        let weights: Vec<String> =
            (0..n_assets).map(|i| format!("A{i} = {}", 0.9 / n_assets as f64)).collect();
        let text = format!(
            "version = 1\nname = \"weights\"\n{POLICIES}[run]\npaths = {PATHS}\nseed = 5\nhorizon = \"40d\"\n\
             steps = 40\n{run}\n[market]\nrate = 0.04\ncorrelation = [{}]\n{assets}{oracle}[execution]\n{execution}[costs]\n{costs}\
             [target]\nkind = \"basket\"\nvalue = 1e5\nbenchmark = \"{benchmark}\"\nweights = {{ {} }}\n",
            rows.join(", "),
            weights.join(", ")
        );
        parse(&text, &Memory::default()).unwrap().scenario
    }
}

fn at(level: Level, scenario: &Scenario) -> Outcome {
    run(scenario, &Execution { level, keep_paths: true, ..Execution::default() }).unwrap()
}

#[track_caller]
fn same_bits(mine: &Outcome, theirs: &Outcome) {
    for (a, b) in mine.policies.iter().zip(&theirs.policies) {
        assert_eq!(a.timeline, b.timeline, "timeline of {}", a.name);
        let (mine, theirs) = (a.paths.as_ref().unwrap(), b.paths.as_ref().unwrap());
        assert!(mine.values[0].len() == PATHS && mine.values.len() > 15, "{} columns", mine.values.len());
        for (name, values) in mine.columns.iter().zip(&mine.values) {
            let place = theirs.columns.iter().position(|other| other == name).unwrap();
            let others = &theirs.values[place];
            let differs = |path: &usize| values[*path].to_bits() != others[*path].to_bits();
            if let Some(path) = (0..PATHS).find(differs) {
                panic!("{}, {name}, path {path}: {} and {}", a.name, values[path], others[path]);
            }
        }
    }
}

fn agree(case: Case) {
    let theirs = at(Level::Best, &case.scenario(NEUTRAL));
    for level in Level::available() {
        same_bits(&at(level, &case.scenario("")), &theirs);
    }
}

#[test]
fn any_number_of_assets_is_traded_as_path_by_path() {
    for n_assets in [2, 3, 5, 9] {
        agree(Case { n_assets, ..PLAIN });
    }
}

#[test]
fn what_is_seen_and_paid_is_that_of_path_by_path() {
    let impact = "fee = \"5 bps\"\nimpact = { kind = \"square_root\", coefficient = 0.7, daily_volatility = 0.04, adv = 1e5 }\n";
    let linear = "impact = { kind = \"linear\", coefficient = 0.5, daily_volatility = 0.04, adv = 1e5 }\n";
    agree(Case { oracle: ORACLE, ..PLAIN });
    agree(Case { costs: linear, n_assets: 3, ..PLAIN });
    agree(Case { oracle: ORACLE, costs: impact, ..PLAIN });
    agree(Case { costs: "", benchmark: "buy_and_hold", ..PLAIN });
    agree(Case { costs: impact, benchmark: "constant_mix_continuous", ..PLAIN });
}

#[test]
fn marks_begin_and_end_as_path_by_path() {
    for run in ["", "path_metrics = false", "warmup = \"6 steps\""] {
        agree(Case { run, ..PLAIN });
    }
}

/// Without this the comparisons could pass on blocks that never trade, or always do.
#[test]
fn few_paths_of_a_vector_trade_in_a_step() {
    let outcome = at(Level::Best, &PLAIN.scenario(""));
    let trades = |name: &str| {
        let policy = outcome.policies.iter().find(|policy| policy.name == name).unwrap();
        let paths = policy.paths.as_ref().unwrap();
        let place = paths.columns.iter().position(|column| *column == "rebalances").unwrap();
        paths.values[place].clone()
    };
    let (always, wide, narrow) = (trades("always"), trades("wide"), trades("narrow"));
    assert!(always.iter().all(|count| *count == 39.0));
    let mean = |counts: &[f64]| counts.iter().sum::<f64>() / counts.len() as f64;
    assert!((0.1..2.0).contains(&mean(&wide)), "{}", mean(&wide));
    assert!((10.0..19.0).contains(&mean(&narrow)), "{}", mean(&narrow));
    // in most vectors of eight some path trades in its life, and some does not
    let mixed = |eight: &&[f64]| eight.contains(&0.0) && eight.iter().any(|count| *count > 0.0);
    assert!(2 * wide.chunks_exact(8).filter(mixed).count() > wide.len() / 8);
}
