//! What do dearer fees change? The same paths twice, so that the change is known far better than either figure.
//!
//! `cargo run --release --example dearer_fees`
#![expect(clippy::print_stdout, reason = "an example prints its answer")]
use std::error::Error;
use std::fmt::Write as _;

use driftband::engine::{Execution, Outcome, run};
use driftband::scenario::{Memory, Overrides, parse_with};
use driftband::study::compare::differences;

const SCENARIO: &str = r#"
version = 1
name = "dearer-fees"
[run]
paths = 4_000
horizon = "1y"
step = "1d"
[market]
correlation = [[1.0, 0.8], [0.8, 1.0]]
[[assets]]
symbol = "BTC"
spot = 60_000.0
process = { kind = "gbm", drift = 0.0, volatility = 0.6 }
[[assets]]
symbol = "ETH"
spot = 3_000.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[costs]
fee = "5 bps"
[target]
kind = "basket"
value = 1_000_000.0
weights = { BTC = 0.6, ETH = 0.4 }
[[policies]]
name = "weekly"
kind = "periodic"
every = "7d"
[[policies]]
name = "five-points"
kind = "band"
width = "5%"
"#;

fn outcome(fee: &str) -> Result<Outcome, Box<dyn Error>> {
    let changes = Overrides::default().set("costs.fee", fee);
    let parsed =
        parse_with(SCENARIO, &changes, &Memory::default()).map_err(|problems| problems[0].to_string())?;
    Ok(run(&parsed.scenario, &Execution::default())?)
}

/// A row a policy: its mean deviation at 5 bps, and the paired change at 50 bps, in basis points.
pub(crate) fn answer() -> Result<String, Box<dyn Error>> {
    let (cheap, dear) = (outcome("\"5 bps\"")?, outcome("\"50 bps\"")?);
    let bps = 1e4 / cheap.constants.notional;
    let mut table = String::new();
    for (before, after) in cheap.policies.iter().zip(&dear.policies) {
        let own = before.metric("mean").ok_or("no mean")?;
        let change = differences("mean", &[before, after], &[(0, 1)], None).remove(0).estimate;
        let [own, own_se, change, se] =
            [own.value, own.se, change.value, change.se].map(|x| x.map_or(f64::NAN, |x| x * bps));
        writeln!(
            table,
            "{:<12} mean {own:6.2} ± {own_se:.2} bps   change {change:6.2} ± {se:.2} bps",
            before.name
        )?;
    }
    Ok(table)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}
