//! The worst paths of a run: which they are, that each is the path `replay` shows, and what they have in common.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::collections::BTreeSet;

use driftband::engine::{Execution, Level, Outcome, Recording};
use driftband::math::ln;
use driftband::metric::COSTS;
use driftband::report::summary::Summary;
use driftband::scenario::Scenario;
use driftband::study::replay::replay;
use driftband::study::worst::{DRIVERS, SAMPLE, WorstOf, WorstPath, worst};

mod simulate;

use simulate::{figure, outcome, scenario};

/// Two assets, one of them behind an oracle; gas, lots and failures, so that orders have fates of their own.
const OPTIONS: &str = r#"
version = 1
name = "w"
[run]
paths = 1500
seed = 11
horizon = "20d"
steps = 80
worst = 7
[market]
rate = 0.03
[[assets]]
symbol = "ETH"
spot = 100.0
process = { kind = "merton", drift = 0.1, volatility = 0.6, jumps_per_year = 12, jump_mean = -0.1, jump_std = 0.1 }
oracle = { deviation_threshold = "3%", heartbeat = "2d", latency = { kind = "geometric", mean = "6h" }, noise = "20 bps" }
[[assets]]
symbol = "BTC"
spot = 60.0
process = { kind = "gbm", drift = 0.1, volatility = 0.5 }
[execution]
delay = "6h"
failure = "10%"
retries = 2
[costs]
fee = "10 bps"
gas = { gas_units = 180_000, base_fee_gwei = 30.0, gas_asset = "ETH" }
[target]
kind = "options"
hedge_volatility = 0.6
premium_volatility = 0.6
legs = [
  { asset = "ETH", type = "put", strike = 95.0, quantity = -100.0 },
  { asset = "BTC", type = "call", strike = 60.0, quantity = -100.0 },
]
[[policies]]
name = "clock"
kind = "periodic"
every = "1d"
[[policies]]
name = "edge"
kind = "band"
width = "5%"
[[policies]]
name = "once"
kind = "hold"
"#;

/// A basket at three times its value, some of whose portfolios lose everything.
const BASKET: &str = r#"
version = 1
name = "w"
[run]
paths = 900
seed = 5
horizon = "60d"
steps = 60
path_metrics = false
[[assets]]
symbol = "ETH"
spot = 100.0
process = { kind = "gbm", drift = 0.0, volatility = 1.2 }
[costs]
fee = "10 bps"
[target]
kind = "basket"
value = 10000.0
leverage = true
weights = { ETH = 3.0 }
[[policies]]
name = "clock"
kind = "periodic"
every = "5d"
[[policies]]
name = "once"
kind = "hold"
"#;

fn found(text: &str) -> (Scenario, Outcome, Vec<WorstOf>) {
    let scenario = scenario(text);
    let outcome = outcome(&scenario);
    let worst = worst(&scenario, &outcome, &Execution::default()).unwrap();
    (scenario, outcome, worst)
}

fn driver(path: &WorstPath, key: &str) -> Option<f64> {
    path.drivers[DRIVERS.iter().position(|driver| driver.key == key).unwrap()]
}

#[track_caller]
fn assert_close(what: &str, found: f64, wanted: f64) {
    assert!((found - wanted).abs() <= 1e-12 * wanted.abs(), "{what}: {found}, not {wanted}");
}

/// Volatility and largest move of a ledger's prices.
fn market(recording: &Recording, n_assets: usize, years: f64) -> (f64, f64) {
    let moves: Vec<f64> = (0..n_assets)
        .flat_map(|asset| {
            recording.steps.windows(2).map(move |pair| ln(pair[1].price[asset] / pair[0].price[asset]))
        })
        .collect();
    let square: f64 = moves.iter().map(|r| r * r).sum();
    let most = moves.iter().fold(0.0_f64, |most, r| most.max(r.abs()));
    ((square / years / n_assets as f64).sqrt(), most)
}

#[test]
fn every_row_is_the_path_that_replay_shows() {
    let mut checked = 0;
    for text in [OPTIONS, BASKET] {
        let (scenario, outcome, worst) = found(text);
        let assets = &scenario.assets;
        for policy in &worst {
            for row in &policy.paths {
                let recording = replay(&scenario, row.path, &policy.policy).unwrap();
                assert_eq!(row.deviation.to_bits(), recording.deviation.to_bits(), "{row:?}");
                let (volatility, gap) = market(&recording, assets.len(), outcome.constants.years);
                let found = |key: &str| driver(row, key).unwrap();
                // the ledger holds prices, the run their logarithms
                assert!((found("realised_volatility") / volatility - 1.0).abs() < 1e-9);
                assert!((found("largest_gap") / gap - 1.0).abs() < 1e-9);
                let costs = recording.steps.last().unwrap().costs;
                assert_close("cost", found("cost_total"), costs.iter().sum());
                let gas = COSTS.iter().position(|name| *name == "gas").unwrap();
                assert_close("gas", found("cost_gas"), costs[gas]);
                assert_eq!(found("trades").to_bits(), recording.trades.to_bits());
                let life = &recording.steps[1..recording.steps.len() - 1];
                if assets.iter().any(|asset| asset.oracle.is_some()) {
                    let most = |of: &dyn Fn(usize) -> f64| (0..life.len()).map(of).fold(0.0, f64::max);
                    let day = 86_400.0 * 20.0 / 80.0;
                    assert_close(
                        "age",
                        found("oracle_age"),
                        day * most(&|j| life[j].age.as_ref().unwrap()[0]),
                    );
                    let off = |j: usize| (life[j].oracle.as_ref().unwrap()[0] / life[j].price[0] - 1.0).abs();
                    assert!((found("oracle_error") - most(&off)).abs() < 1e-12);
                    assert!(found("oracle_age") > 0.0 && found("oracle_error") > 0.02);
                } else {
                    assert_eq!((driver(row, "oracle_age"), driver(row, "oracle_error")), (None, None));
                }
                checked += 1;
            }
        }
        if text == BASKET {
            let ruined = figure(&outcome.policies[0], "wiped_out").0;
            assert!(ruined > 0.0, "no portfolio was lost: the careful kernel is not met");
        }
    }
    assert_eq!(checked, 3 * 7 + 2 * 20);
}

#[test]
fn they_are_the_lowest_and_of_equal_ones_the_first() {
    let (_, outcome, worst) = found(OPTIONS);
    for (policy, worst) in outcome.policies.iter().zip(&worst) {
        let mut order: Vec<usize> = (0..policy.deviations.len()).collect();
        order.sort_by(|i, k| policy.deviations[*i].total_cmp(&policy.deviations[*k]).then(i.cmp(k)));
        let lowest: Vec<u64> = order[..7].iter().map(|path| *path as u64).collect();
        assert_eq!(worst.paths.iter().map(|row| row.path).collect::<Vec<_>>(), lowest, "{}", policy.name);
    }
    let paths: BTreeSet<Vec<u64>> =
        worst.iter().map(|policy| policy.paths.iter().map(|row| row.path).collect()).collect();
    assert_eq!(paths.len(), 3, "every policy has its own");

    // a call that nobody will exercise, never hedged: every deviation is the premium
    let equal = BASKET.split("[target]").next().unwrap().to_owned()
        + "[target]\nkind = \"options\"\npremium_volatility = 0.1\nlegs = [{ type = \"call\", strike = 1e5, quantity = -1.0 }]\n\
           [[policies]]\nname = \"never\"\nkind = \"none\"\n";
    let (_, outcome, worst) = found(&equal);
    let first = outcome.policies[0].deviations[0];
    assert!(outcome.policies[0].deviations.iter().all(|deviation| *deviation == first));
    assert_eq!(worst[0].paths.iter().map(|row| row.path).collect::<Vec<_>>(), (0..20).collect::<Vec<_>>());
}

#[test]
fn as_many_as_are_asked_for() {
    let with = |k: u64| found(&OPTIONS.replace("worst = 7", &format!("worst = {k}")));
    let (scenario, outcome, none) = with(0);
    assert_eq!(none, []);
    let summary = Summary::of(&scenario, "", &outcome).with_worst(&none);
    assert!(summary.policies.iter().all(|policy| policy.worst_drivers.is_none()));
    assert!(!serde_json::to_string(&summary).unwrap().contains("worst_drivers"));
    let (.., all) =
        found(&OPTIONS.replace("worst = 7", "worst = 1000").replace("paths = 1500", "paths = 60"));
    assert!(all.iter().all(|policy| policy.paths.len() == 60));
    let (_, few, seven) = with(7);
    let (_, more, twenty) = with(20);
    for (few, more) in seven.iter().zip(&twenty) {
        assert_eq!(few.paths, more.paths[..7], "asking for more changes no row");
    }
    assert_eq!(few.policies[0].metrics, more.policies[0].metrics);
    // a single path has no error
    let (.., one) = with(1);
    let cost = &one[0].means[0];
    assert_eq!((cost.worst.value, cost.worst.se), (driver(&one[0].paths[0], "cost_total"), None));
    assert!(cost.worst.reason.is_some());
}

#[test]
fn nothing_depends_on_threads_instruction_set_or_other_policies() {
    let (scenario, outcome, worst_of_all) = found(OPTIONS);
    for level in Level::available() {
        let execution = Execution { threads: Some(3), level, ..Execution::default() };
        assert_eq!(worst(&scenario, &outcome, &execution).unwrap(), worst_of_all, "{level:?}");
    }
    let mut alone = scenario.clone();
    alone.policies.remove(0);
    let found = worst(&alone, &simulate::outcome(&alone), &Execution::default()).unwrap();
    assert_eq!(found, worst_of_all[1..]);
}

#[test]
fn a_path_that_ends_elsewhere_is_noticed() {
    let (scenario, mut outcome, _) = found(BASKET);
    outcome.policies[1].worst[4].deviation += 1e-9;
    let fault = worst(&scenario, &outcome, &Execution::default()).unwrap_err().to_string();
    assert!(fault.contains("policy `once`") && fault.contains("a bug"), "{fault}");
}

/// A hedged short straddle loses where volatility was high; over all paths the mean is that of the chi law.
///
/// With a log drift of 0, `realised_volatility = σ√(χ²_n/n)`, whose mean is `σ√(2/n) Γ((n+1)/2)/Γ(n/2)`.
#[test]
fn the_worst_paths_of_a_short_straddle_are_wild() {
    let text = r#"
version = 1
name = "w"
[run]
paths = 20_000
horizon = "30d"
steps = 40
path_metrics = false
[[assets]]
symbol = "ETH"
spot = 100.0
process = { kind = "gbm", drift = 0.32, volatility = 0.8 }
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 100.0, quantity = -1.0 }, { type = "put", strike = 100.0, quantity = -1.0 }]
[[policies]]
name = "clock"
kind = "periodic"
every = "1 step"
"#;
    let (_, outcome, worst) = found(text);
    let means = |key: &str| worst[0].means.iter().find(|means| means.driver.key == key).unwrap();
    let volatility = means("realised_volatility");
    let (tail, all) = (&volatility.worst, &volatility.all);
    assert_eq!(volatility.n_all, SAMPLE);
    // Γ(20.5)/Γ(20) by Γ(x + 1) = x Γ(x) from Γ(1/2) = √π
    let ratio: f64 = (0..20).map(|k| f64::from(k) + 0.5).product::<f64>() * std::f64::consts::PI.sqrt()
        / (1..20).map(f64::from).product::<f64>();
    let wanted = 0.8 * (2.0_f64 / 40.0).sqrt() * ratio;
    let (value, se) = (all.value.unwrap(), all.se.unwrap());
    eprintln!("realised volatility over all: {value:.5} ± {se:.5}, by the chi law {wanted:.5}");
    assert!(se > 0.0 && (value - wanted).abs() <= 4.0 * se, "{value} ± {se}, not {wanted}");
    // the standard deviation of the chi law
    let spread = (0.64 - wanted * wanted).sqrt() / (SAMPLE as f64).sqrt();
    assert!((se / spread - 1.0).abs() < 0.1, "{se}, not {spread}");
    let (wild, its_se) = (tail.value.unwrap(), tail.se.unwrap());
    eprintln!("realised volatility over the 20 worst: {wild:.5} ± {its_se:.5}");
    assert!(wild - value > 4.0 * its_se.hypot(se), "{wild} ± {its_se} against {value}");
    assert!(means("largest_gap").worst.value > means("largest_gap").all.value);
    // the mean of a figure is that of the whole run
    let cost = means("cost_total");
    assert_eq!(Some(&cost.all), outcome.policies[0].metric("cost_total"));
    assert_eq!(cost.n_all, 20_000);
    assert_eq!(means("oracle_age").all.value, None);
    let gas = means("cost_gas");
    assert_eq!((gas.worst.value, gas.worst.se, gas.all.value), (Some(0.0), Some(0.0), Some(0.0)));
}
