//! The house keeps its shape: layers, confined crates, first lines, file lengths, and what every registered model owes.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Modules of the library, lowest layer first: each may use only those before it.
const LAYERS: &[&str] = &[
    "registry",
    "units",
    "math",
    "rng",
    "stats",
    "market",
    "book",
    "policy",
    "metric",
    "scenario",
    "engine",
    "study",
    "calibrate",
    "report",
    "cli",
];
/// Crates that one module alone may name.
const CONFINED: &[(&str, &str)] = &[
    ("toml", "scenario"),
    ("rayon", "engine"),
    ("pulp", "engine"),
    ("argmin", "calibrate"),
    ("statrs", "calibrate"),
    ("plotters", "report"),
    ("resvg", "report"),
    ("minijinja", "report"),
    ("clap", "cli"),
    ("clap_mangen", "cli"),
    ("indicatif", "cli"),
    ("anyhow", "cli"),
    ("annotate_snippets", "cli"),
    ("ctrlc", "cli"),
];
/// Think again at this length (tests inside a file not counted).
const MAX_LINES: usize = 400;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn sources(dir: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

/// Every source file: (module it belongs to, path inside `src`, text).
fn files() -> Vec<(String, String, String)> {
    let src = root().join("src");
    let mut paths = Vec::new();
    sources(&src, &mut paths);
    paths.sort();
    paths
        .into_iter()
        .map(|path| {
            let inside = path.strip_prefix(&src).unwrap().to_owned();
            let module = inside.iter().next().unwrap().to_str().unwrap().trim_end_matches(".rs").to_owned();
            (module, inside.display().to_string(), fs::read_to_string(&path).unwrap())
        })
        .collect()
}

/// A text without its line comments.
fn code(text: &str) -> String {
    text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n")
}

/// Modules named after `crate::` or, in a file directly under `src/`, `super::`.
fn named_modules(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut names = BTreeSet::new();
    for prefix in ["crate::", "driftband::"] {
        for (at, _) in code.match_indices(prefix) {
            let rest = code[at + prefix.len()..].trim_start();
            let list = match rest.strip_prefix('{') {
                Some(group) => outer_items(group),
                None => vec![rest],
            };
            for item in list {
                let name: String =
                    item.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                if LAYERS.contains(&name.as_str()) {
                    names.insert(name);
                }
            }
        }
    }
    names
}

/// Splits `a::b, c::{d, e}, f}` at the commas of the outer level.
fn outer_items(group: &str) -> Vec<&str> {
    let (mut depth, mut start, mut items) = (0_usize, 0, Vec::new());
    for (at, c) in group.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => {
                items.push(&group[start..at]);
                return items;
            }
            '}' => depth -= 1,
            ',' if depth == 0 => {
                items.push(&group[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    items
}

/// Imports of `module` that point to a layer above it.
fn upward(module: &str, text: &str) -> Vec<String> {
    let rank = |name: &str| LAYERS.iter().position(|layer| *layer == name);
    let Some(own) = rank(module) else { return vec![format!("{module} is no layer")] };
    named_modules(text).into_iter().filter(|used| rank(used).unwrap() > own).collect()
}

/// Whether a text names a crate in a path or an import.
fn names_crate(text: &str, name: &str) -> bool {
    code(text).lines().any(|line| {
        line.match_indices(name).any(|(at, _)| {
            let before = line[..at].chars().next_back();
            let after = &line[at + name.len()..];
            let starts = !before.is_some_and(|c| c.is_alphanumeric() || c == '_' || c == ':' || c == '"');
            starts
                && (after.starts_with("::")
                    || (line.trim_start().starts_with("use ") && after.starts_with(';')))
        })
    })
}

#[test]
fn imports_point_to_lower_layers() {
    let faults: Vec<String> = files()
        .iter()
        .filter(|(module, ..)| !matches!(module.as_str(), "lib" | "main"))
        .flat_map(|(module, inside, text)| {
            upward(module, text).into_iter().map(move |used| format!("{inside}: {module} may not use {used}"))
        })
        .collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn heavy_crates_stay_in_their_module() {
    let mut faults = Vec::new();
    for (module, inside, text) in files() {
        for (name, home) in CONFINED {
            // cli may use what it hands over to a lower layer only through that layer
            if module != *home && names_crate(&text, name) {
                faults.push(format!("{inside}: {name} belongs to {home}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    let silent: Vec<String> = files()
        .into_iter()
        .filter(|(.., text)| !text.starts_with("//! "))
        .map(|(_, inside, _)| inside)
        .collect();
    assert!(silent.is_empty(), "no `//!` first line: {silent:?}");
}

#[test]
fn files_stay_readable() {
    for (_, inside, text) in files() {
        let body = text.split("#[cfg(test)]\nmod ").next().unwrap();
        let lines = body.lines().count();
        assert!(lines <= MAX_LINES, "{inside} has {lines} lines: think again");
    }
}

/// No file but these may look at a clock, the disk or the process: invariant 4.
#[test]
fn models_touch_no_file_clock_or_global() {
    let pure = [
        "units",
        "math",
        "rng",
        "stats",
        "market",
        "book",
        "policy",
        "metric",
        "engine",
        "study",
        "calibrate",
    ];
    let mut faults = Vec::new();
    for (module, inside, text) in files() {
        let code = code(&text);
        for word in
            ["std::fs", "std::env", "Instant::now", "SystemTime", "static mut", "thread_local!", "println!"]
        {
            if pure.contains(&module.as_str()) && code.contains(word) {
                faults.push(format!("{inside}: {word}"));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// Names of a registry: processes, policies.
fn registered() -> Vec<&'static str> {
    let mut names = driftband::market::price::Process::NAMES.to_vec();
    names.extend(driftband::market::cost::Impact::NAMES);
    names.extend(driftband::policy::Rule::NAMES);
    names
}

/// Names of the smaller families, with the page that describes all of a family; none: each has its own.
fn smaller() -> Vec<(&'static [&'static str], Option<&'static str>)> {
    use driftband::{book, market, policy};
    vec![
        (book::volatility::MovingVolatility::NAMES, None),
        (book::delta::OtherDelta::NAMES, None),
        (policy::trigger::Trigger::NAMES, Some("rule")),
        (market::shock::Shock::NAMES, Some("shocks")),
        (market::RandomLatency::NAMES, Some("oracle")),
        (market::RandomLatency::NAMES, Some("execution")),
        (market::oracle::RandomOutages::NAMES, Some("oracle")),
        (market::cost::MovingRate::NAMES, Some("costs")),
        (market::cost::RandomBaseFee::NAMES, Some("costs")),
        (market::cost::MovingSpread::NAMES, Some("costs")),
    ]
}

/// Every shipped scenario, as one text.
fn scenario_texts() -> String {
    let files = fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path());
    let texts = files.filter(|path| path.extension().is_some_and(|end| end == "toml"));
    texts.map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[test]
fn every_registered_model_has_a_page_and_a_scenario() {
    let texts = scenario_texts();
    let owes = |name: &str| {
        let mut owed = Vec::new();
        if !root().join(format!("docs/methods/{name}.md")).exists() {
            owed.push(format!("{name}: no docs/methods/{name}.md"));
        }
        if !texts.contains(&format!("kind = \"{name}\"")) {
            owed.push(format!("{name}: no shipped scenario uses it"));
        }
        owed
    };
    let mut owed: Vec<String> = registered().into_iter().flat_map(owes).collect();
    for (names, page) in smaller() {
        let Some(page) = page else {
            owed.extend(names.iter().flat_map(|name| owes(name)));
            continue;
        };
        let text = fs::read_to_string(root().join(format!("docs/methods/{page}.md"))).unwrap();
        for name in names {
            if !(text.contains(&format!("`{name}`")) || text.contains(&format!("\"{name}\""))) {
                owed.push(format!("{name}: not on docs/methods/{page}.md"));
            }
            if !texts.contains(&format!("kind = \"{name}\"")) {
                owed.push(format!("{name}: no shipped scenario uses it"));
            }
        }
    }
    assert!(owed.is_empty(), "{}", owed.join("\n"));
    assert!(!owes("no_such_model").is_empty(), "the check cannot fail");
}

/// The readers above must see a fault in every form, or the tests pass for nothing.
#[test]
fn canary_is_seen() {
    for text in [
        "use crate::engine::run;",
        "use crate::{units::Fault, engine};",
        "use crate::{engine::{run, Execution}, units};",
        "fn f() { crate::engine::run() }",
    ] {
        assert_eq!(upward("market", text), ["engine"], "missed in {text}");
    }
    assert!(upward("market", "// use crate::engine;").is_empty());
    assert!(upward("engine", "use crate::market::price;").is_empty());
    assert!(names_crate("use toml::Value;", "toml"));
    assert!(names_crate("    let x = toml::from_str(s);", "toml"));
    assert!(names_crate("use rayon;", "rayon"));
    assert!(!names_crate("// toml::Value", "toml"));
    assert!(!names_crate("use crate::scenario::toml_text::x;", "toml"));
}
