//! A number depends on the scenario and the seed alone: not on threads, instruction set or company.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use driftband::engine::{Execution, Level, Outcome, run};
use driftband::report::folder::{Inputs, Provenance, write};
use driftband::study::worst::worst;

mod simulate;

use simulate::{figure, outcome, scenario};

/// Option policies by name, everything but the name.
const OPTION_POLICIES: [(&str, &str); 9] = [
    ("bare", "kind = \"none\""),
    ("once", "kind = \"hold\""),
    ("clock", "kind = \"periodic\"\nevery = \"2 steps\""),
    ("edge", "kind = \"band\"\nwidth = \"4%\""),
    (
        "center",
        "kind = \"band\"\nwidth = { ETH = 0.3, BTC = 0.2 }\nto = \"center\"\nmonitor_every = \"3 steps\"",
    ),
    ("ww", "kind = \"whalley_wilmott\"\nrisk_aversion = 0.2\ncost = \"8 bps\""),
    ("leland", "kind = \"leland\"\nevery = \"3 steps\"\ncost = \"8 bps\""),
    ("either", "kind = \"time_or_band\"\nevery = \"5 steps\"\nwidth = \"6%\""),
    ("other", "kind = \"periodic\"\nevery = \"1 step\"\nhedge_volatility = 0.5"),
];

const BASKET_POLICIES: [(&str, &str); 6] = [
    ("once", "kind = \"hold\""),
    ("clock", "kind = \"periodic\"\nevery = \"3 steps\""),
    ("band", "kind = \"band\"\nwidth = 0.01"),
    ("relative", "kind = \"relative_band\"\nwidth = \"5%\"\nmonitor_every = \"2 steps\""),
    ("either", "kind = \"time_or_band\"\nevery = \"4 steps\"\nwidth = \"2%\""),
    ("optimal", "kind = \"optimal_band\"\nrelative_risk_aversion = 20\ncost = \"1 bps\""),
];

fn policies(list: &[(&str, &str)]) -> String {
    list.iter().fold(String::new(), |text, (name, keys)| {
        text + &format!("[[policies]]\nname = \"{name}\"\n{keys}\n")
    })
}

/// Jumps, stochastic volatility, a late oracle, delays, every friction.
fn options_text(paths: u64, list: &[(&str, &str)]) -> String {
    format!(
        r#"
version = 1
name = "options"
[run]
paths = {paths}
seed = 7
horizon = "6d"
steps = 12
[market]
rate = 0.04
correlation = [[1.0, 0.6], [0.6, 1.0]]
[[assets]]
symbol = "ETH"
spot = 30.0
dividend_yield = 0.02
process = {{ kind = "heston", drift = 0.1, initial_variance = 0.5, long_run_variance = 0.6, mean_reversion = 3.0, vol_of_vol = 2.5, correlation = -0.4 }}
[[assets]]
symbol = "BTC"
spot = 100.0
process = {{ kind = "merton", drift = 0.0, volatility = 0.5, jumps_per_year = 60.0, jump_mean = -0.02, jump_std = 0.05 }}
execution = {{ delay = "2 steps", hedge_instrument = "perpetual" }}
[oracle]
deviation_threshold = "1%"
heartbeat = "5 steps"
latency = "1 step"
outages = [{{ from = "3 steps", to = "6 steps" }}]
[costs]
fee = "5 bps"
half_spread = "2 bps"
fixed_fee = 0.01
funding = 0.1
impact = {{ kind = "square_root", coefficient = 0.7, daily_volatility = 0.04, adv = 1e5 }}
[target]
kind = "options"
hedge_volatility = 0.7
premium_volatility = {{ ETH = 0.75, BTC = 0.6 }}
legs = [
  {{ asset = "ETH", type = "call", strike = 31.0, quantity = -10.0 }},
  {{ asset = "ETH", type = "put", strike = 29.0, quantity = -5.0, expiry = "8 steps" }},
  {{ asset = "BTC", type = "put", strike = 98.0, quantity = -4.0 }},
  {{ asset = "BTC", type = "spot", quantity = 1.0 }},
]
{}"#,
        policies(list)
    )
}

fn basket_text(paths: u64, list: &[(&str, &str)]) -> String {
    format!(
        r#"
version = 1
name = "basket"
[run]
paths = {paths}
seed = 7
horizon = "6d"
steps = 12
[market]
rate = 0.04
[[assets]]
symbol = "ETH"
spot = 30.0
process = {{ kind = "kou", drift = 0.1, volatility = 0.8, jumps_per_year = 40.0, p_up = 0.4, eta_up = 20.0, eta_down = 15.0 }}
oracle = {{ heartbeat = "2 steps" }}
[[assets]]
symbol = "BTC"
spot = 100.0
process = {{ kind = "gbm", drift = 0.0, volatility = 0.6 }}
[execution]
delay = "1 step"
[costs]
fee = "5 bps"
fixed_fee = 1.0
charge_initial = true
[target]
kind = "basket"
value = 1e5
weights = {{ ETH = 0.5, BTC = 0.3 }}
{}"#,
        policies(list)
    )
}

/// Everything a run leaves behind, one text a policy, every number to its last bit: what two runs must share.
///
/// Debug text of a double is its shortest round trip, sign of zero included, and no number of an outcome is NaN. The
/// files that a run writes are made from nothing else; they are compared below.
fn traces_left(outcome: &Outcome) -> Vec<(String, String)> {
    let shared = format!("{:?} {:?} {:?}", outcome.n_paths, outcome.constants, outcome.notes);
    let mut left = vec![("shared".to_owned(), shared)];
    left.extend(outcome.policies.iter().map(|policy| (policy.name.clone(), format!("{policy:?}"))));
    left
}

fn left_by(text: &str, threads: Option<usize>, level: Level) -> Vec<(String, String)> {
    let execution = Execution { threads, level, keep_paths: true, ..Execution::default() };
    traces_left(&run(&scenario(text), &execution).unwrap())
}

/// Says where two texts part instead of printing megabytes.
#[track_caller]
fn assert_same(what: &str, one: &[(String, String)], other: &[(String, String)]) {
    let names = |left: &[(String, String)]| left.iter().map(|(name, _)| name.clone()).collect::<Vec<_>>();
    assert_eq!(names(one), names(other), "{what}");
    for ((name, a), (_, b)) in one.iter().zip(other) {
        if a == b {
            continue;
        }
        let at = a.bytes().zip(b.bytes()).take_while(|(x, y)| x == y).count();
        let near = |text: &str| {
            String::from_utf8_lossy(&text.as_bytes()[at.saturating_sub(60)..(at + 60).min(text.len())])
                .into_owned()
        };
        panic!("{what}: `{name}` differs at byte {at}:\n  {}\n  {}", near(a), near(b));
    }
}

/// More paths than a chunk holds, and no whole number of blocks.
const TWO_CHUNKS: u64 = (1 << 16) + 1000;

#[test]
fn threads_change_no_bit() {
    for text in
        [options_text(TWO_CHUNKS, &OPTION_POLICIES[3..5]), basket_text(TWO_CHUNKS, &BASKET_POLICIES[2..4])]
    {
        let one = left_by(&text, Some(1), Level::Best);
        for threads in [2, 5] {
            assert_same(&format!("{threads} threads"), &one, &left_by(&text, Some(threads), Level::Best));
        }
    }
}

#[test]
fn instruction_sets_change_no_bit() {
    let levels = Level::available();
    assert!(levels.len() >= 2, "only {levels:?} to compare");
    for text in [options_text(700, &OPTION_POLICIES), basket_text(700, &BASKET_POLICIES)] {
        let best = left_by(&text, None, levels[0]);
        for level in &levels[1..] {
            assert_same(&format!("{level:?}"), &best, &left_by(&text, None, *level));
        }
    }
}

/// Each policy's own part is the same in any order, beside any others, and alone.
#[test]
fn company_changes_no_bit() {
    let of_options = |list: &[(&str, &str)]| left_by(&options_text(1500, list), None, Level::Best);
    let of_basket = |list: &[(&str, &str)]| left_by(&basket_text(1500, list), None, Level::Best);
    check_company(&OPTION_POLICIES, of_options);
    check_company(&BASKET_POLICIES, of_basket);
}

fn check_company(list: &[(&str, &str)], left: impl Fn(&[(&str, &str)]) -> Vec<(String, String)>) {
    let all = left(list);
    let own = |name: &str| all.iter().find(|(other, _)| other == name).cloned().unwrap();
    let mut reversed = list.to_vec();
    reversed.reverse();
    let removed: Vec<_> = list.iter().copied().filter(|(name, _)| *name != "clock").collect();
    let mut added = list.to_vec();
    added.insert(1, ("new", "kind = \"periodic\"\nevery = \"7 steps\""));
    let mut company = vec![reversed, removed, added];
    company.extend(list.iter().map(|alone| vec![*alone]));
    for other in company {
        let names: Vec<&str> = other.iter().map(|(name, _)| *name).collect();
        for (name, text) in left(&other).into_iter().filter(|(name, _)| name != "new") {
            assert_same(&format!("`{name}` among {names:?}"), &[own(&name)], &[(name, text)]);
        }
    }
}

/// The comparison sees the last bit, and another seed.
#[test]
fn the_comparison_can_fail() {
    let found = outcome(&scenario(&basket_text(300, &BASKET_POLICIES[..2])));
    let mut other = found.clone();
    other.policies[1].deviations[299] = other.policies[1].deviations[299].next_up();
    assert_eq!(traces_left(&found)[..2], traces_left(&other)[..2]);
    assert_ne!(traces_left(&found)[2], traces_left(&other)[2]);
    let reseeded = basket_text(300, &BASKET_POLICIES[..2]).replace("seed = 7", "seed = 8");
    assert_ne!(
        figure(&outcome(&scenario(&reseeded)).policies[1], "mean"),
        figure(&found.policies[1], "mean")
    );
}

/// Every file of a run's folder but the manifest, by its path inside.
fn files(text: &str, threads: usize, level: Level) -> BTreeMap<String, Vec<u8>> {
    let scenario = scenario(text);
    let execution = Execution { threads: Some(threads), level, keep_paths: true, ..Execution::default() };
    let outcome = run(&scenario, &execution).unwrap();
    let place = tempfile::tempdir().unwrap();
    let provenance = Provenance { git: None, threads, wall_seconds: 0.1, paths_asked: scenario.run.paths };
    let inputs = Inputs {
        scenario: &scenario,
        text,
        hash: "cafe",
        outcome: &outcome,
        worst: &worst(&scenario, &outcome, &execution).unwrap(),
        provenance: &provenance,
        png_scale: Some(0.5),
    };
    let dir = place.path().join("run");
    write(&dir, &inputs).unwrap();
    let mut found = BTreeMap::new();
    collect(&dir, &dir, &mut found);
    assert!(found.remove("manifest.json").is_some() && found.len() > 15, "{:?}", found.keys());
    found
}

fn collect(root: &Path, folder: &Path, found: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, found);
        } else {
            let name = path.strip_prefix(root).unwrap().display().to_string();
            found.insert(name, fs::read(&path).unwrap());
        }
    }
}

#[test]
fn files_are_the_same_bytes_on_every_thread_count_and_level() {
    for text in [options_text(300, &OPTION_POLICIES[2..7]), basket_text(300, &BASKET_POLICIES)] {
        let first = files(&text, 1, Level::Best);
        for (threads, level) in [2, 5]
            .map(|threads| (threads, Level::Best))
            .into_iter()
            .chain(Level::available().iter().map(|l| (2, *l)))
        {
            for (name, bytes) in files(&text, threads, level) {
                assert!(first[&name] == bytes, "{name} differs with {threads} threads on {level:?}");
            }
        }
    }
}

/// What the files say of one policy: its object in `summary.json`, its rows in every CSV.
fn said_of(policy: &str, files: &BTreeMap<String, Vec<u8>>) -> Vec<String> {
    let text = |name: &str| String::from_utf8(files[name].clone()).unwrap();
    let summary: serde_json::Value = serde_json::from_str(&text("summary.json")).unwrap();
    let objects = summary["policies"].as_array().unwrap().iter();
    let mut said: Vec<String> = objects.filter(|o| o["name"] == policy).map(ToString::to_string).collect();
    assert_eq!(said.len(), 1, "{policy}");
    let is_csv = |name: &&String| Path::new(name).extension().is_some_and(|end| end == "csv");
    // its rows are of pairs
    for name in files.keys().filter(is_csv).filter(|name| *name != "differences.csv") {
        let rows: Vec<String> = text(name)
            .lines()
            .filter(|line| line.split(',').next() == Some(policy))
            .map(str::to_owned)
            .collect();
        assert!(!rows.is_empty(), "{name} says nothing of {policy}");
        said.extend(rows);
    }
    said
}

#[test]
fn a_policys_object_and_rows_do_not_depend_on_the_others() {
    let run = |list: &[(&str, &str)]| files(&options_text(200, list), 2, Level::Best);
    let list = &OPTION_POLICIES[2..6];
    let all = run(list);
    let reversed: Vec<_> = list.iter().copied().rev().collect();
    let mut added = list.to_vec();
    added.insert(0, ("new", "kind = \"periodic\"\nevery = \"7 steps\""));
    for other in [reversed, list[1..].to_vec(), added] {
        let found = run(&other);
        for (name, _) in other.iter().filter(|(name, _)| *name != "new") {
            assert_eq!(said_of(name, &found), said_of(name, &all), "{name}");
        }
    }
    assert_ne!(said_of("clock", &all), said_of("edge", &all), "the comparison cannot fail");
}
