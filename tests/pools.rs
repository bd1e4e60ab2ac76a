//! Pools that stay where they were traded to: by hand along replayed paths, and at the market the pool that is reset.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use driftband::engine::Outcome;
use driftband::metric::COSTS;
use driftband::study::replay::{replay, table};

mod simulate;

use simulate::{figure, outcome, scenario, scenario_with};

const DEPTH: f64 = 2.0e5;
const FEE: f64 = 0.003;

/// A short call hedged through a pool, and what else the scenario says.
fn hedged(pool: &str, process: &str, more: &str) -> String {
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 256\nseed = 5\nhorizon = \"10d\"\nsteps = 40\n\
         [[assets]]\nsymbol = \"A\"\nspot = 100.0\nprocess = {process}\n[costs]\npool = {{ depth = {DEPTH:?}, {pool} }}\n{more}\n\
         [target]\nkind = \"options\"\nhedge_volatility = 0.8\npremium_volatility = 0.8\n\
         legs = [{{ type = \"call\", strike = 100.0, quantity = -60.0 }}]\n\
         [[policies]]\nname = \"clock\"\nkind = \"periodic\"\nevery = \"6h\"\n\
         [[policies]]\nname = \"edge\"\nkind = \"band\"\nwidth = \"4%\"\n"
    )
}

const MOVES: &str = "{ kind = \"gbm\", drift = 0.0, volatility = 0.9 }";

fn bits(outcome: &Outcome) -> Vec<Vec<u64>> {
    let of = |values: &Vec<f64>| values.iter().map(|value| value.to_bits()).collect();
    outcome.policies.iter().map(|policy| of(&policy.deviations)).collect()
}

#[test]
fn without_fee_and_moves_it_is_the_pool_that_is_reset_to_the_bit() {
    // arbitrage then brings it to the market before every fill, and the market is where the depth was given
    let prices = format!("column\n{}", "100.0\n".repeat(41));
    let still = "{ kind = \"path\", file = \"still.csv\", column = \"column\" }";
    let run = |pool: &str| {
        let text = hedged(pool, still, "").replace("paths = 256\n", "");
        bits(&outcome(&scenario_with(&text, &[("still.csv", &prices)])))
    };
    let reset = run("fee = 0.0");
    assert_eq!(reset, run("fee = 0.0, persistent = true"));
    assert_eq!(run("fee = 0.003"), run("fee = 0.003, persistent = false"));
    // with a fee the second trade meets what the first one left
    assert_ne!(run("fee = 0.003"), run("fee = 0.003, persistent = true"));
    // and after the market moved, a depth that follows along the curve: √(S/S₀) of what it was
    assert_ne!(
        bits(&outcome(&scenario(&hedged("fee = 0.0", MOVES, "")))),
        bits(&outcome(&scenario(&hedged("fee = 0.0, persistent = true", MOVES, ""))))
    );
}

/// Reserves by hand: arbitrage at every step, then the fill that the record shows.
#[test]
fn reserves_fees_and_impact_are_those_of_a_hand() {
    let execution = "[execution]\ndelay = \"6h\"";
    for (policy, more) in [("clock", ""), ("edge", ""), ("clock", execution)] {
        let text = hedged("fee = \"30 bps\", persistent = true", MOVES, more);
        let scenario = scenario(&text);
        let fee_at = COSTS.iter().position(|name| *name == "fee_pool").unwrap();
        let impact_at = COSTS.iter().position(|name| *name == "impact_pool").unwrap();
        let (mut bounded, mut inside) = (0, 0);
        for path in 0..6 {
            let run = replay(&scenario, path, policy).unwrap();
            let (product, mut quote, mut units) = (DEPTH * DEPTH / 100.0, DEPTH, DEPTH / 100.0);
            let (mut fees, mut impact) = (0.0, 0.0);
            for step in &run.steps {
                let (s, n) = (step.price[0], run.steps.len() - 1);
                // an arbitrageur trades while another unit gains: along the curve until quote/units is at the fee
                let (low, high) = (s * (1.0 - FEE), s / (1.0 - FEE));
                let price = quote / units;
                if price < low || price > high {
                    let to = if price < low { low } else { high };
                    (quote, units) = ((product * to).sqrt(), (product / to).sqrt());
                    bounded += 1;
                } else {
                    inside += 1;
                }
                // the unwind of the end goes through the pool too
                let before = if step.j == 0 { 0.0 } else { run.steps[step.j as usize - 1].position[0] };
                let filled = if step.j as usize == n { -before } else { step.filled.as_ref().unwrap()[0] };
                if filled > 0.0 {
                    let net = quote * filled / (units - filled);
                    fees += net * FEE / (1.0 - FEE);
                    impact += net - filled * s;
                    (quote, units) = (quote + net, units - filled);
                } else if filled < 0.0 {
                    let entered = -filled * (1.0 - FEE);
                    let received = quote * entered / (units + entered);
                    fees += -filled * FEE * s;
                    impact += entered * s - received;
                    (quote, units) = (quote - received, units + entered);
                }
                let what = format!("{policy} {more:?} path {path} step {}", step.j);
                let near = |found: f64, wanted: f64, name: &str| {
                    assert!(
                        (found - wanted).abs() < 1e-9 * (1.0 + wanted.abs()),
                        "{what}: {name} {found}, not {wanted}"
                    );
                };
                near(step.costs[fee_at], fees, "fees");
                near(step.costs[impact_at], impact, "impact");
                near(step.pool.as_ref().unwrap()[0], quote / units, "price");
                near(quote * units / product, 1.0, "product");
            }
            // money is where the ledger says
            assert!((run.deviation - run.ledger).abs() < 1e-9 * run.constants.notional, "{policy} {path}");
        }
        assert!(bounded > 50 && inside > 10, "{bounded} steps at the fee, {inside} within");
    }
}

#[test]
fn the_table_has_the_price_of_a_pool_that_stays_only() {
    let columns = |pool: &str| {
        let scenario = scenario(&hedged(pool, MOVES, ""));
        table(&replay(&scenario, 0, "clock").unwrap(), &["A".to_owned()])
    };
    assert!(!columns("fee = 0.003").0.contains(&"pool".to_owned()));
    let (names, rows) = columns("fee = 0.003, persistent = true");
    let at = names.iter().position(|name| name == "pool").unwrap();
    assert!(rows.iter().all(|row| row.len() == names.len() && row[at].is_some_and(|price| price > 0.0)));
}

#[test]
fn each_policy_has_a_pool_of_its_own() {
    let text = hedged("fee = \"30 bps\", persistent = true", MOVES, "");
    let both = bits(&outcome(&scenario(&text)));
    let alone = text.split("[[policies]]").enumerate().filter(|(i, _)| *i != 1);
    let alone: Vec<&str> = alone.map(|(_, part)| part).collect();
    assert_eq!(bits(&outcome(&scenario(&alone.join("[[policies]]"))))[0], both[1]);
    // and both pay it: a fee on all that is traded, an impact that is more than nothing
    for policy in &outcome(&scenario(&text)).policies {
        assert!(figure(policy, "cost_fee_pool").0 > 0.0 && figure(policy, "cost_impact_pool").0 > 0.0);
    }
}
