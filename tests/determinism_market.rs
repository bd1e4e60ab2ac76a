//! Every price law and oracle gives the same bits on every instruction set and number of threads.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use driftband::engine::{Execution, Level, run};

mod simulate;

use simulate::{figure, outcome, scenario};

const TEXT: &str = r#"
version = 1
name = "laws"
[run]
paths = 1500
seed = 9
horizon = "30d"
step = "12h"
[market]
correlation = [[1.0, 0.5, 0.4, 0.3], [0.5, 1.0, 0.4, 0.3], [0.4, 0.4, 1.0, 0.3], [0.3, 0.3, 0.3, 1.0]]
[[assets]]
symbol = "A"
spot = 10.0
process = { kind = "bates", drift = 0.1, initial_variance = 0.5, long_run_variance = 0.6, mean_reversion = 3.0, vol_of_vol = 2.5, correlation = -0.4, jumps_per_year = 40.0, jump_mean = -0.03, jump_std = 0.05 }
[[assets]]
symbol = "B"
spot = 20.0
process = { kind = "garch", drift = 0.0, long_run_volatility = 0.7, alpha = 0.07, beta = 0.85, gamma = 0.05, nu = 3.4 }
[[assets]]
symbol = "C"
spot = 30.0
process = { kind = "regime", chain = "common", states = [{ name = "calm", drift = 0.1, volatility = 0.3, mean_duration = "5.2d" }, { name = "storm", drift = -0.1, volatility = 1.0, mean_duration = "31h" }] }
[[assets]]
symbol = "D"
spot = 1.05
process = { kind = "ornstein_uhlenbeck", level = 1.0, mean_reversion = 50.0, volatility = 0.1, jumps_per_year = 20.0, jump_mean = -0.05, jump_std = 0.02 }
[oracle]
deviation_threshold = "1%"
heartbeat = "1d"
latency = "12h"
[target]
kind = "basket"
value = 1000.0
weights = { A = 0.2, B = 0.3, C = 0.2, D = 0.2 }
[[policies]]
name = "clock"
kind = "periodic"
every = "1d"
[[policies]]
name = "band"
kind = "band"
width = 0.02
[[policies]]
name = "gas-aware"
kind = "gas_aware_band"
relative_risk_aversion = 1.0
fixed_cost = "2 bps"
"#;

/// Hedge volatilities and deltas of every kind, on an options strategy.
const HEDGES: &str = r#"
version = 1
name = "hedges"
[run]
paths = 700
seed = 9
horizon = "30d"
step = "12h"
[[assets]]
symbol = "A"
spot = 10.0
process = { kind = "heston", drift = 0.1, initial_variance = 0.5, long_run_variance = 0.6, mean_reversion = 3.0, vol_of_vol = 2.5, correlation = -0.4 }
[oracle]
deviation_threshold = "1%"
heartbeat = "1d"
[costs]
fee = "10 bps"
[target]
kind = "options"
hedge_volatility = { kind = "ewma", half_life = "5d", initial = 0.7 }
premium_volatility = 0.7
mark_volatility = 0.7
delta = "minimum_variance"
legs = [{ type = "call", strike = 10.0, quantity = -100.0 }, { type = "put", strike = 9.0, quantity = 60.0, expiry = "20d" }]
[[policies]]
name = "clock"
kind = "periodic"
every = "1d"
[[policies]]
name = "known"
kind = "whalley_wilmott"
risk_aversion = 0.05
cost = "10 bps"
hedge_volatility = { kind = "oracle_volatility" }
[[policies]]
name = "zakamouline"
kind = "zakamouline"
risk_aversion = 0.05
cost = "10 bps"
[[policies]]
name = "leland"
kind = "leland"
every = "1d"
cost = "10 bps"
"#;

#[test]
fn hedges_that_move_give_the_same_bits_everywhere() {
    assert_one_result(HEDGES);
    let sliced = "[[policies]]\nname = \"sliced\"\nkind = \"rule\"\ntrigger = [{ kind = \"band\", width = \"5%\" }]\nslices = 3\n";
    assert_one_result(&format!("{HEDGES}{sliced}"));
}

/// Deviations of every policy by path: shortest round trip, so the text is the bits.
fn left_by(text: &str, threads: usize, level: Level) -> String {
    let execution = Execution { threads: Some(threads), level, keep_paths: true, ..Execution::default() };
    let outcome = run(&scenario(text), &execution).unwrap();
    format!("{:?}", outcome.policies)
}

#[track_caller]
fn assert_one_result(text: &str) {
    let levels = Level::available();
    assert!(levels.len() >= 2, "only {levels:?} to compare");
    let best = left_by(text, 1, levels[0]);
    assert!(best == left_by(text, 3, levels[0]), "threads change bits");
    for level in &levels[1..] {
        assert!(best == left_by(text, 2, *level), "{level:?} changes bits");
    }
    assert!(best != left_by(&text.replace("seed = 9", "seed = 10"), 1, levels[0]), "blind to the seed");
}

#[test]
fn price_laws_and_oracles_give_the_same_bits_everywhere() {
    assert_one_result(TEXT);
    let struck = "[[shocks]]\nkind = \"volatility\"\nfrom = \"5d\"\nto = \"9d\"\nfactor = 2.5\n[[shocks]]\nkind = \"gap\"\n\
                  at = \"6d\"\nsize = -0.1\n[[shocks]]\nkind = \"correlation\"\nfrom = \"4d\"\nto = \"8d\"\nshare = 0.5\n";
    assert_one_result(&TEXT.replace("[oracle]", &format!("{struck}[oracle]")));
    let random = TEXT.replace(
        "latency = \"12h\"",
        "latency = { kind = \"lognormal\", mean = \"12h\", std = \"10h\" }\nnoise = \"10 bps\"\nstart = \"stationary\"\n\
         outages = { kind = \"poisson\", per_year = 60, mean_length = \"1d\" }",
    );
    assert!(random != TEXT);
    assert_one_result(&random);
    let gas = "[costs]\ngas = { gas_units = 9e5, gas_asset = \"D\", batch = true, base_fee_gwei = { kind = \"log_ou\", \
               mean = 1e6, half_life = \"8d\", volatility = 0.4, price_link = 0.5 } }\n";
    assert_one_result(&TEXT.replace("[oracle]", &format!("{gas}[oracle]")));
    let market = "congestion = { asset = \"B\", reference_volatility = 0.7, half_life = \"2d\", gas = 1.0, delay = 0.7, failure = 1.0, \
                  half_spread = 0.5 }\n[[assets]]\nsymbol = \"A\"";
    let moving = "[execution]\ndelay = { kind = \"lognormal\", mean = \"1d\", std = \"20h\" }\nfailure = 0.05\nretries = 2\n[costs]\n\
                  funding = { rate = { kind = \"ar1\", mean = 0.1, persistence = 0.8, std = 0.4, cap = 0.6 }, interval = \"1d\" }\n\
                  half_spread = { kind = \"volatility_scaled\", at = \"3 bps\", reference_volatility = 0.6, max = \"20 bps\" }\n\
                  impact = { kind = \"linear\", coefficient = 0.4, daily_volatility = 0.04, adv = 1e5 }\n[oracle]";
    assert_one_result(&TEXT.replacen("[[assets]]\nsymbol = \"A\"", market, 1).replace("[oracle]", moving));
    let (std, error) = figure(&outcome(&scenario(TEXT)).policies[0], "std");
    assert!(std > 0.0 && error > 0.0);
}
