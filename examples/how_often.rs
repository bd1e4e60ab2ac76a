//! How often to hedge? One option, five intervals, the same paths: what each costs and how well it tracks.
//!
//! `cargo run --release --example how_often`
#![expect(clippy::print_stdout, reason = "an example prints its answer")]
use std::error::Error;
use std::fmt::Write as _;

use driftband::engine::{Execution, run};
use driftband::scenario::{Memory, Problem, parse};

const SCENARIO: &str = r#"
version = 1
name = "how-often"
[run]
paths = 4_000
horizon = "30d"
step = "1h"
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 3000.0, quantity = -100.0 }]
"#;

/// A row an interval: its cost and its standard deviation in basis points of the notional, with their errors.
pub(crate) fn answer() -> Result<String, Box<dyn Error>> {
    let mut text = SCENARIO.to_owned();
    for every in ["1h", "4h", "12h", "1d", "3d"] {
        writeln!(text, "[[policies]]\nname = \"every-{every}\"\nkind = \"periodic\"\nevery = \"{every}\"")?;
    }
    let told =
        |problems: Vec<Problem>| problems.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
    let parsed = parse(&text, &Memory::default()).map_err(told)?;
    let outcome = run(&parsed.scenario, &Execution::default())?;
    let bps = 1e4 / outcome.constants.notional;
    let mut table = String::new();
    for policy in &outcome.policies {
        let figure = |key: &str| {
            let estimate = policy.metric(key)?;
            Some((estimate.value? * bps, estimate.se? * bps))
        };
        let ((cost, cost_se), (std, std_se)) =
            figure("cost_total").zip(figure("std")).ok_or("a figure is undefined")?;
        writeln!(
            table,
            "{:<10} cost {cost:5.1} ± {cost_se:.1} bps   std {std:5.1} ± {std_se:.1} bps",
            policy.name
        )?;
    }
    Ok(table)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}
