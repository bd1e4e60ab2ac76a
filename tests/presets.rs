//! Presets: fitted processes by name are the measured figures, and what stands beside the name wins.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use std::collections::BTreeMap;

use driftband::market::correlation_presets::CORRELATIONS;
use driftband::market::price::presets::PRESETS;
use driftband::scenario::{Memory, Parsed, Problem, parse};

/// Name, kind and figures of a preset.
type Measured = (&'static str, &'static str, &'static [(&'static str, f64)]);

/// What the presets are meant to be: the measured figures, by hand and apart from the table of the program.
const MEASURED: &[Measured] = &[
    ("btc-garch", "garch", &[("alpha", 0.073), ("beta", 0.907), ("nu", 3.4), ("long_run_volatility", 0.682)]),
    (
        "eth-garch",
        "garch",
        &[("alpha", 0.0845), ("beta", 0.8955), ("nu", 3.8), ("long_run_volatility", 0.876)],
    ),
    (
        "btc-merton",
        "merton",
        &[("jumps_per_year", 42.0), ("jump_mean", -0.0075), ("jump_std", 0.041), ("volatility", 0.57)],
    ),
    (
        "eth-merton",
        "merton",
        &[("jumps_per_year", 40.0), ("jump_mean", -0.0115), ("jump_std", 0.049), ("volatility", 0.75)],
    ),
    (
        "btc-heston",
        "heston",
        &[
            ("mean_reversion", 4.1),
            ("long_run_variance", 0.395),
            ("vol_of_vol", 3.1),
            ("correlation", -0.13),
            ("initial_variance", 0.395),
        ],
    ),
    (
        "eth-heston",
        "heston",
        &[
            ("mean_reversion", 3.2),
            ("long_run_variance", 0.66),
            ("vol_of_vol", 2.9),
            ("correlation", -0.17),
            ("initial_variance", 0.66),
        ],
    ),
];

fn with_process(process: &str) -> Result<Parsed, Vec<Problem>> {
    let text = format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 10\nhorizon = \"10d\"\nstep = \"1h\"\n[[assets]]\nsymbol = \"A\"\nspot = 100.0\n\
         process = {process}\n[target]\nkind = \"options\"\nlegs = [{{ type = \"spot\", quantity = 1.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\"\n"
    );
    parse(&text, &Memory(BTreeMap::new()))
}

#[test]
fn presets_are_the_measured_figures() {
    for (name, kind, figures) in MEASURED {
        let table: Vec<String> = figures.iter().map(|(key, value)| format!("{key} = {value:?}")).collect();
        let table = table.join(", ");
        let by_name = with_process(&format!("{{ preset = \"{name}\", drift = 0.04 }}")).unwrap();
        let by_hand = with_process(&format!("{{ kind = \"{kind}\", drift = 0.04, {table} }}")).unwrap();
        assert_eq!(by_name.scenario, by_hand.scenario, "{name}");
        assert_eq!(by_name.hash, by_hand.hash, "{name}");
    }
    for (name, low, high) in [("btc-gbm", 0.63, 0.68), ("eth-gbm", 0.81, 0.88)] {
        let scenario = with_process(&format!("{{ preset = \"{name}\", drift = 0.0 }}")).unwrap().scenario;
        let volatility = scenario.assets[0].process.volatility_at_start(&scenario.run.grid).unwrap();
        assert!((volatility - 0.5 * (low + high)).abs() < 1e-12, "{name}: {volatility}");
    }
    for (name, calm, calm_days, wild, wild_days) in
        [("btc-regimes", 0.32, 5.2, 1.04, 3.0), ("eth-regimes", 0.48, 11.8, 1.34, 6.2)]
    {
        let state = |name: &str, volatility: f64, days: f64| {
            format!(
                "{{ name = \"{name}\", drift = 0, volatility = {volatility:?}, mean_duration = \"{days}d\" }}"
            )
        };
        let states = [state("calm", calm, calm_days), state("wild", wild, wild_days)].join(", ");
        let by_name = with_process(&format!("{{ preset = \"{name}\" }}")).unwrap();
        let by_hand = with_process(&format!("{{ kind = \"regime\", states = [{states}] }}")).unwrap();
        assert_eq!(by_name.scenario, by_hand.scenario, "{name}");
    }
    assert_eq!(PRESETS.len(), MEASURED.len() + 4);
}

#[test]
fn keys_beside_a_preset_win() {
    let own = with_process("{ preset = \"eth-heston\", drift = 0.0, vol_of_vol = 1.5, kind = \"heston\" }")
        .unwrap();
    let by_hand = with_process(
        "{ kind = \"heston\", drift = 0.0, initial_variance = 0.66, long_run_variance = 0.66, mean_reversion = 3.2, vol_of_vol = 1.5, correlation = -0.17 }",
    );
    assert_eq!(own.scenario, by_hand.unwrap().scenario);
    // no drift is made up
    let problems = with_process("{ preset = \"eth-heston\" }").unwrap_err();
    assert!(problems.iter().any(|problem| problem.title.contains("drift")), "{problems:?}");
}

/// The measured correlations, by hand and apart from the table of the program: lower triangle, in this order.
const COINS: [&str; 9] = ["BTC", "ETH", "BNB", "XRP", "ADA", "LTC", "DOGE", "LINK", "SOL"];
const LOWER: &str = "ETH .815 | BNB .663 .690 | XRP .559 .598 .532 | ADA .664 .717 .612 .587 | LTC .777 .797 .658 .619 .688 | \
                     DOGE .456 .433 .316 .329 .404 .453 | LINK .682 .779 .649 .592 .703 .742 .412 | \
                     SOL .508 .618 .553 .465 .541 .521 .294 .575";

fn measured(one: &str, other: &str) -> f64 {
    let place = |coin: &str| COINS.iter().position(|known| *known == coin).unwrap();
    let (low, high) = (place(one).min(place(other)), place(one).max(place(other)));
    if low == high {
        return 1.0;
    }
    let row = LOWER.split(" | ").map(str::trim).find(|row| row.starts_with(COINS[high])).unwrap();
    row.split(' ').nth(1 + low).unwrap().parse().unwrap()
}

fn correlated(coins: &[&str], correlation: &str) -> Result<Parsed, Vec<Problem>> {
    let assets: Vec<String> = coins
        .iter()
        .map(|coin| {
            format!(
                "[[assets]]\nsymbol = \"{coin}\"\nspot = 1.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = 0.8 }}\n"
            )
        })
        .collect();
    let assets = assets.concat();
    let text = format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 10\nhorizon = \"10d\"\nstep = \"1d\"\n[market]\ncorrelation = {correlation}\n{assets}\
         [target]\nkind = \"basket\"\nvalue = 1.0\nweights = {{ {} = 0.5 }}\n[[policies]]\nname = \"p\"\nkind = \"hold\"\n",
        coins[0]
    );
    parse(&text, &Memory(BTreeMap::new()))
}

#[test]
fn correlations_are_the_measured_ones_in_the_order_of_the_assets() {
    let preset = "{ preset = \"crypto-2020-23\" }";
    assert_eq!(CORRELATIONS.iter().map(|preset| preset.name).collect::<Vec<_>>(), ["crypto-2020-23"]);
    let mut backwards = COINS;
    backwards.reverse();
    for coins in [&COINS[..], &backwards[..], &["SOL", "BTC"], &["DOGE"]] {
        let by_name = correlated(coins, preset).unwrap();
        for (i, one) in coins.iter().enumerate() {
            for (j, other) in coins.iter().enumerate() {
                assert_eq!(by_name.scenario.correlation[i][j], measured(one, other), "{one} {other}");
            }
        }
        let rows: Vec<Vec<f64>> =
            coins.iter().map(|a| coins.iter().map(|b| measured(a, b)).collect()).collect();
        let by_hand = correlated(coins, &format!("{rows:?}")).unwrap();
        assert_eq!((by_name.scenario, by_name.hash), (by_hand.scenario, by_hand.hash));
    }
    // the mean of the pairs, from which a crash takes them to .85 at a share of .64
    let pairs = (0..9).flat_map(|i| (0..i).map(move |j| measured(COINS[i], COINS[j])));
    let mean = pairs.sum::<f64>() / 36.0;
    assert!((mean - 0.58).abs() < 0.005 && (0.36 * mean + 0.64 - 0.85).abs() < 0.005, "{mean}");
}
