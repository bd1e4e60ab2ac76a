//! Every shipped scenario at few paths: each figure and its error against `tests/golden/<name>.json`, to 1e-9.
//!
//! `UPDATE_GOLDEN=1 cargo test --test golden` rewrites the files; a change that needs it is value-breaking.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::path::{Path, PathBuf};

use driftband::engine::{self, Execution, Outcome};
use driftband::scenario::{self, Overrides, Parsed};
use serde_json::{Map, Value, json};

/// Paths of a golden run, where the scenario does not bring its own.
const PATHS: &str = "512";
/// Relative tolerance: room for another compiler, not for another method.
const TOLERANCE: f64 = 1e-9;
/// Below this a figure is rounding.
const FLOOR: f64 = 1e-12;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every shipped scenario, in reading order.
fn shipped() -> Vec<PathBuf> {
    let files = fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> =
        files.filter(|path| path.extension().is_some_and(|e| e == "toml")).collect();
    files.sort();
    files
}

fn load(file: &Path) -> Parsed {
    let sets_paths = fs::read_to_string(file).unwrap().lines().any(|line| line.starts_with("paths = "));
    let few = if sets_paths { Overrides::default().set("run.paths", PATHS) } else { Overrides::default() };
    scenario::load(file, &few).unwrap_or_else(|error| panic!("{}: {error:?}", file.display()))
}

/// Every figure with its error and interval, and the deviations of the first paths.
fn digest(outcome: &Outcome) -> Value {
    let policies = outcome.policies.iter().map(|policy| {
        let figures: Map<String, Value> = policy
            .metrics
            .iter()
            .map(|(metric, estimate)| {
                let ci = estimate.ci.unwrap_or_default();
                let cells = match (estimate.value, estimate.se) {
                    (Some(value), Some(se)) => json!([value, se, ci[0], ci[1]]),
                    (value, _) => json!([value]),
                };
                (metric.key.to_owned(), cells)
            })
            .collect();
        let first: Vec<f64> = policy.deviations.iter().take(4).copied().collect();
        json!({ "name": policy.name, "kind": policy.kind, "figures": figures, "first_deviations": first })
    });
    let constants = &outcome.constants;
    json!({
        "paths": outcome.n_paths,
        "years": constants.years,
        "notional": constants.notional,
        "premiums": constants.premiums,
        "policies": policies.collect::<Vec<_>>(),
    })
}

/// Places where two digests differ beyond the tolerance.
fn differences(path: &str, found: &Value, golden: &Value, faults: &mut Vec<String>) {
    match (found, golden) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys().filter(|key| !a.contains_key(*key))) {
                let missing = Value::Null;
                let (x, y) = (a.get(key).unwrap_or(&missing), b.get(key).unwrap_or(&missing));
                if a.contains_key(key) == b.contains_key(key) {
                    differences(&format!("{path}.{key}"), x, y, faults);
                } else {
                    faults.push(format!("{path}.{key}: in one only"));
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            for (i, (x, y)) in a.iter().zip(b).enumerate() {
                let label = x["name"].as_str().map_or_else(|| i.to_string(), str::to_owned);
                differences(&format!("{path}.{label}"), x, y, faults);
            }
        }
        (Value::Number(a), Value::Number(b)) => {
            let (a, b) = (a.as_f64().unwrap(), b.as_f64().unwrap());
            if (a - b).abs() > (TOLERANCE * a.abs().max(b.abs())).max(FLOOR) {
                faults.push(format!("{path}: {a} instead of {b}"));
            }
        }
        (a, b) if a == b => {}
        (a, b) => faults.push(format!("{path}: {a} instead of {b}")),
    }
}

#[test]
fn shipped_scenarios_give_the_golden_figures() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let folder = root().join("tests/golden");
    let (mut faults, mut wanted) = (Vec::new(), Vec::new());
    for file in shipped() {
        let parsed = load(&file);
        let outcome = engine::run(&parsed.scenario, &Execution::default()).unwrap();
        let found = digest(&outcome);
        let golden = folder.join(format!("{}.json", parsed.scenario.name));
        wanted.push(golden.clone());
        if update {
            fs::create_dir_all(&folder).unwrap();
            fs::write(&golden, format!("{found:#}\n")).unwrap();
            continue;
        }
        let text = fs::read_to_string(&golden)
            .unwrap_or_else(|_| panic!("no {}: run with UPDATE_GOLDEN=1", golden.display()));
        differences(&parsed.scenario.name, &found, &serde_json::from_str(&text).unwrap(), &mut faults);
    }
    assert!(wanted.len() >= 10, "the shipped scenarios were not found");
    faults.truncate(40);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert!(wanted.contains(&path), "{} belongs to no shipped scenario", path.display());
    }
}

#[test]
fn names_of_shipped_scenarios_follow_their_files() {
    for file in shipped() {
        let stem = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let parsed = load(&file);
        assert_eq!(stem.split_once('-').unwrap().1, parsed.scenario.name, "{stem}");
        assert!(!parsed.scenario.description.is_empty(), "{stem}: no description");
    }
}

/// A comparison that sees nothing would pass for ever.
#[test]
fn canary_a_changed_figure_is_seen() {
    let golden =
        json!({ "policies": [{ "name": "hourly", "figures": { "std": [2.0, 0.1], "skew": [null] } }] });
    let seen = |found: Value| {
        let mut faults = Vec::new();
        differences("x", &found, &golden, &mut faults);
        faults
    };
    assert!(seen(golden.clone()).is_empty());
    let mut moved = golden.clone();
    moved["policies"][0]["figures"]["std"][1] = json!(0.1 * (1.0 + 3e-9));
    assert_eq!(seen(moved).len(), 1);
    let mut gone = golden.clone();
    gone["policies"][0]["figures"].as_object_mut().unwrap().remove("skew");
    assert_eq!(seen(gone), ["x.policies.hourly.figures.skew: in one only"]);
    let mut short = golden.clone();
    short["policies"][0]["figures"]["std"] = json!([2.0]);
    assert_eq!(seen(short).len(), 1);
    let mut undefined = golden.clone();
    undefined["policies"][0]["figures"]["skew"] = json!([1.0]);
    assert_eq!(seen(undefined).len(), 1);
}
