//! Steps that are taken together give the same bits as steps taken one by one.
//!
//! Spans are taken where vectors hold eight numbers, never by AVX2: the two are compared path by path, figure by figure.
//! A processor without AVX-512 compares steps with steps.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use driftband::engine::{Execution, Level, run};
use driftband::scenario::{Memory, parse};

/// Paths of the timeline and beyond; every second block of a test is audited, and taken step by step.
const PATHS: usize = 4096 + 5 * 256 + 77;

/// One asset: every kind of policy that the plain kernel serves.
const POLICIES: &str = r#"
policies = [
    { name = "bare", kind = "none" },
    { name = "once", kind = "hold" },
    { name = "always", kind = "periodic", every = "1 step" },
    { name = "clock", kind = "periodic", every = "3 steps" },
    { name = "edge", kind = "band", width = "4%" },
    { name = "center", kind = "band", width = 0.1, to = "center", monitor_every = "2 steps" },
    { name = "ww", kind = "whalley_wilmott", risk_aversion = 0.2, cost = "8 bps" },
    { name = "ww-center", kind = "whalley_wilmott", risk_aversion = 2.0, cost = "8 bps", to = "center" },
    { name = "leland", kind = "leland", every = "2 steps", cost = "8 bps" },
    { name = "either", kind = "time_or_band", every = "5 steps", width = "6%" },
    { name = "other", kind = "band", width = "3%", hedge_volatility = 0.5 },
]
"#;

const ORACLE: &str = r#"
[oracle]
deviation_threshold = "1%"
heartbeat = "5 steps"
latency = "1 step"
"#;

/// Two expiries, so that a leg settles on the way, and units of the asset itself.
fn text(steps: u64, run: &str, tables: &str) -> String {
    format!(
        r#"version = 1
name = "spans"
{POLICIES}
[run]
paths = {PATHS}
seed = 11
horizon = "{steps}d"
steps = {steps}
{run}
[market]
rate = 0.04
[[assets]]
symbol = "ETH"
spot = 30.0
process = {{ kind = "gbm", drift = 0.1, volatility = 0.8 }}
[costs]
fee = "5 bps"
half_spread = "2 bps"
fixed_fee = 0.01
{tables}
[target]
kind = "options"
hedge_volatility = 0.7
premium_volatility = 0.7
legs = [
    {{ type = "call", strike = 31.0, quantity = -3.0 }},
    {{ type = "put", strike = 28.0, quantity = 2.0, expiry = "12d" }},
    {{ type = "spot", quantity = 0.5 }},
]
"#
    )
}

fn agree(text: &str) {
    let scenario = parse(text, &Memory::default()).unwrap().scenario;
    let [spans, steps] = [Level::Best, Level::Avx2]
        .map(|level| run(&scenario, &Execution { level, keep_paths: true, ..Execution::default() }).unwrap());
    for (a, b) in spans.policies.iter().zip(&steps.policies) {
        // quantiles at every time, and some paths
        assert!(a.timeline == b.timeline, "{}: the timeline\n{text}", a.name);
        let (mine, theirs) = (a.paths.as_ref().unwrap(), b.paths.as_ref().unwrap());
        assert!(mine.values[0].len() == PATHS && mine.values.len() > 20);
        for ((name, mine), theirs) in mine.columns.iter().zip(&mine.values).zip(&theirs.values) {
            let differs = |path: &usize| mine[*path].to_bits() != theirs[*path].to_bits();
            if let Some(path) = (0..PATHS).find(differs) {
                panic!("{}, {name}, path {path}: {} and {}\n{text}", a.name, mine[path], theirs[path]);
            }
        }
    }
}

#[test]
fn fills_of_a_span_are_those_of_its_steps() {
    for oracle in ["", ORACLE] {
        agree(&text(23, "path_metrics = false", oracle));
    }
}

#[test]
fn marks_of_a_span_are_those_of_its_steps() {
    for (steps, oracle) in [(23, ""), (24, ORACLE)] {
        for run in ["path_metrics = true", "path_metrics = true\nwarmup = \"6 steps\""] {
            agree(&text(steps, run, oracle));
        }
    }
}

#[test]
fn orders_in_flight_are_those_of_steps() {
    // within a span, as long as one, over several, and beyond the end
    for delay in [1, 2, 3, 4, 5, 7, 11, 40] {
        for oracle in ["", ORACLE] {
            let tables = format!("[execution]\ndelay = \"{delay} steps\"\n{oracle}");
            for run in ["path_metrics = false", "path_metrics = true"] {
                agree(&text(23, run, &tables));
            }
        }
    }
}

#[test]
fn the_timeline_of_a_long_run_is_that_of_its_steps() {
    // more steps than times: some steps of a span are none of the timeline's
    for tables in ["", "[execution]\ndelay = \"3 steps\"\n"] {
        agree(&text(250, "path_metrics = true", tables));
    }
}
