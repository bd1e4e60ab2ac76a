//! A figure of one's own: how likely is it that a hedged book loses more than a tenth of the premium it took in?
//!
//! `cargo run --release --example chance_of_loss`
#![expect(clippy::print_stdout, reason = "an example prints its answer")]
use std::error::Error;
use std::fmt::Write as _;

use driftband::engine::{Execution, run};
use driftband::scenario::{Memory, parse};

const SCENARIO: &str = r#"
version = 1
name = "chance-of-loss"
[run]
paths = 5_000
horizon = "30d"
step = "2h"
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "merton", drift = 0.0, volatility = 0.7, jumps_per_year = 10, jump_mean = -0.04, jump_std = 0.06 }
[oracle]
deviation_threshold = "1%"
heartbeat = "6h"
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [
  { type = "call", strike = 3000.0, quantity = -100.0 },
  { type = "put", strike = 3000.0, quantity = -100.0 },
]
[[policies]]
name = "every-6h"
kind = "periodic"
every = "6h"
[[policies]]
name = "band"
kind = "band"
width = "5%"
[[policies]]
name = "unhedged"
kind = "none"
"#;

/// A row a policy: the share of paths, with its standard error `√(p(1 − p)/N)`.
pub(crate) fn answer() -> Result<String, Box<dyn Error>> {
    let parsed = parse(SCENARIO, &Memory::default()).map_err(|problems| problems[0].to_string())?;
    let outcome = run(&parsed.scenario, &Execution::default())?;
    let premium = outcome.constants.premium_gross.ok_or("no premium")?;
    let mut table = String::new();
    for policy in &outcome.policies {
        // a deviation a path; the same paths for every policy
        let n = policy.deviations.len() as f64;
        let losses = policy.deviations.iter().filter(|deviation| **deviation < -0.1 * premium).count();
        let share = losses as f64 / n;
        let se = (share * (1.0 - share) / n).sqrt();
        writeln!(table, "{:<10} {:5.1} ± {:.1} % of paths", policy.name, 100.0 * share, 100.0 * se)?;
    }
    Ok(table)
}

pub(crate) fn main() -> Result<(), Box<dyn Error>> {
    print!("{}", answer()?);
    Ok(())
}
