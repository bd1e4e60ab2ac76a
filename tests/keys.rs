//! Every key that a scenario may have stands in a shipped one, where a reader can see what it is for.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use driftband::metric::METRICS;
use driftband::scenario::schema;
use serde_json::{Map, Value};

/// Tables that an asset may have of its own.
const SHARED: [&str; 3] = ["costs", "oracle", "execution"];

/// The `kind` that a table of the schema is for.
fn kind_of(table: &Value) -> Option<&str> {
    table.pointer("/properties/kind/const")?.as_str()
}

/// Where a key is looked for: what an asset says for itself is what the scenario says for all, a policy's what the target says; a
/// trigger of a rule has the keys of the policy of its name; metrics are all alike.
fn place(path: &str, kind: Option<&str>, key: &str) -> String {
    let path = if path == "policies.trigger" { "policies" } else { path };
    let path = path
        .strip_prefix("assets.")
        .filter(|own| SHARED.iter().any(|table| own.starts_with(table)))
        .unwrap_or(path);
    let path = path
        .replace("target.hedge_volatility", "policies.hedge_volatility")
        .replace("target.delta", "policies.delta");
    let kind = kind.map_or_else(String::new, |kind| format!("[{kind}]"));
    match (path.as_str(), key) {
        ("limits" | "run.precision", _) if METRICS.iter().any(|metric| metric.key == key) => {
            format!("{path}.metric")
        }
        // the same word in every kind
        ("policies", "name" | "hedge_volatility" | "delta" | "monitor_every" | "to") => {
            format!("policies.{key}")
        }
        ("target", "hedge_volatility" | "delta") => format!("policies.{key}"),
        (_, "kind") => format!("{path}{kind}"),
        ("", _) => key.to_owned(),
        _ => format!("{path}{kind}.{key}"),
    }
}

/// The path of what lies below a key, without the kinds on the way.
fn below(path: &str, key: &str) -> String {
    match (path, key) {
        ("limits" | "run.precision", _) if METRICS.iter().any(|metric| metric.key == key) => {
            format!("{path}.metric")
        }
        ("", _) => key.to_owned(),
        _ => format!("{path}.{key}"),
    }
}

fn alternatives(table: &Map<String, Value>) -> impl Iterator<Item = &Value> {
    ["oneOf", "anyOf"].into_iter().filter_map(|word| table.get(word)?.as_array()).flatten()
}

/// Every key below a place of the schema.
fn known(part: &Value, path: &str, found: &mut BTreeSet<String>) {
    let Some(table) = part.as_object() else { return };
    for (key, inner) in table.get("properties").and_then(Value::as_object).into_iter().flatten() {
        if inner.get("x-later").is_some() {
            continue;
        }
        found.insert(place(path, kind_of(part), key));
        known(inner, &below(path, key), found);
    }
    for inner in alternatives(table) {
        known(inner, path, found);
    }
    for word in ["items", "additionalProperties"] {
        if let Some(inner) = table.get(word).filter(|inner| inner.is_object()) {
            known(inner, path, found);
        }
    }
}

/// The keys that a value uses of those below a place of the schema.
fn used(part: &Value, path: &str, value: &Value, found: &mut BTreeSet<String>) {
    let Some(table) = part.as_object() else { return };
    for inner in alternatives(table) {
        used(inner, path, value, found);
    }
    match value {
        Value::Array(items) => {
            if let Some(inner) = table.get("items") {
                for item in items {
                    used(inner, path, item, found);
                }
            }
        }
        Value::Object(entries) => {
            let (properties, kind) = (table.get("properties").and_then(Value::as_object), kind_of(part));
            // another kind's table
            if kind.is_some() && entries.get("kind").and_then(Value::as_str) != kind {
                return;
            }
            for (key, value) in entries {
                if let Some(inner) = properties.and_then(|properties| properties.get(key)) {
                    found.insert(place(path, kind, key));
                    used(inner, &below(path, key), value, found);
                } else if let Some(inner) =
                    table.get("additionalProperties").filter(|inner| inner.is_object())
                {
                    used(inner, path, value, found);
                }
            }
        }
        _ => {}
    }
}

fn keys_used(text: &str, found: &mut BTreeSet<String>) {
    let value: Value = toml::from_str(text).unwrap();
    used(&schema(), "", &value, found);
}

#[test]
fn every_key_stands_in_a_shipped_scenario() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let (mut all, mut shipped) = (BTreeSet::new(), BTreeSet::new());
    known(&schema(), "", &mut all);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|end| end == "toml") {
            keys_used(&fs::read_to_string(path).unwrap(), &mut shipped);
        }
    }
    let missing: Vec<&String> = all.difference(&shipped).collect();
    eprintln!("{} keys, {} of them shipped", all.len(), all.intersection(&shipped).count());
    assert!(all.len() > 250, "the schema has lost its keys: {}", all.len());
    assert!(missing.is_empty(), "no shipped scenario shows {missing:#?}");
}

#[test]
fn a_key_counts_under_its_own_kind_only() {
    let mut found = BTreeSet::new();
    keys_used(
        "[[policies]]\nname = \"p\"\nkind = \"leland\"\nevery = \"1d\"\ncost = \"1 bps\"\n\
         [[assets]]\ncosts = { half_spread = { kind = \"volatility_scaled\", at = 0.1 } }\n",
        &mut found,
    );
    for key in [
        "policies[leland].every",
        "policies[leland].cost",
        "policies.name",
        "costs.half_spread[volatility_scaled].at",
    ] {
        assert!(found.contains(key), "{key}: {found:?}");
    }
    assert!(!found.contains("policies[periodic].every"), "{found:?}");
}
