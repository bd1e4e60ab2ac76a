//! The JSON Schema of a scenario, derived from the types that read it and tidied for the walk and for editors.
//!
//! Extensions: `x-later-keys`, `x-later-words`, `x-later` (known, not available yet); `x-not-here`
//! (keys that belong elsewhere); `x-words` (text a table may be replaced by); `x-by-symbol`; `x-into` (where the
//! lifter puts a rule); `x-stand-in` (what takes a faulty value's place so that the rest can still be checked).
use std::sync::OnceLock;

use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use super::file::{ScenarioFile, policy_schema};
use crate::market::correlation_presets::CORRELATIONS;
use crate::market::price::presets::PRESETS;

const PASSED_ON: [&str; 5] = ["minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "description"];

/// The JSON Schema of scenario files, as users write them.
pub fn schema() -> Value {
    let mut schema = tree().clone();
    add_presets(&mut schema);
    schema
}

/// The same as the walk meets it, presets resolved, made once.
pub(super) fn tree() -> &'static Value {
    static SCHEMA: OnceLock<Value> = OnceLock::new();
    SCHEMA.get_or_init(|| {
        let settings = SchemaSettings::draft2020_12().with(|settings| settings.inline_subschemas = true);
        let mut schema = settings.into_generator().into_root_schema_for::<ScenarioFile>().to_value();
        tidy(&mut schema);
        if let Some(entry) = schema.pointer_mut("/properties/policies/items")
            && let Some(policy) = policy_schema(entry)
        {
            *entry = policy;
        }
        add_later_keys(&mut schema);
        if let Some(root) = schema.as_object_mut() {
            root.insert("title".into(), "driftband scenario".into());
        }
        schema
    })
}

/// A process and the correlations may be presets, for editors; the walk meets what they stand for.
fn add_presets(schema: &mut Value) {
    let process = schema.pointer_mut("/properties/assets/items/properties/process/oneOf");
    if let Some(Value::Array(alternatives)) = process {
        let names: Vec<&str> = PRESETS.iter().map(|preset| preset.name).collect();
        alternatives.push(json!({
            "type": "object",
            "properties": { "preset": { "type": "string", "enum": names, "description": "A fitted process by name; keys beside it win." } },
            "required": ["preset"],
        }));
    }
    if let Some(matrix) = schema.pointer_mut("/properties/market/properties/correlation") {
        let names: Vec<&str> = CORRELATIONS.iter().map(|preset| preset.name).collect();
        let about = matrix.as_object_mut().and_then(|table| table.remove("description"));
        *matrix = json!({
            "description": about,
            "oneOf": [matrix.take(), {
                "type": "object",
                "properties": { "preset": { "type": "string", "enum": names, "description": "Measured correlations by name." } },
                "required": ["preset"],
                "additionalProperties": false,
            }],
        });
    }
}

/// TOML knows no null; a range on a value that may be a table by symbol holds for the table's values too.
fn tidy(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(tidy),
        Value::Object(table) => {
            unwrap_nullable(table);
            if let Some(Value::Array(types)) = table.get_mut("type") {
                types.retain(|name| name != "null");
                if let [single] = types.as_slice() {
                    let single = single.clone();
                    table.insert("type".into(), single);
                }
            }
            if let Some(Value::Array(words)) = table.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            if table.get("default").is_some_and(|default| default.is_null() || default.is_object()) {
                table.remove("default");
            }
            if table.contains_key("x-by-symbol") {
                let range: Vec<(String, Value)> = PASSED_ON
                    .iter()
                    .filter_map(|key| Some(((*key).into(), table.get(*key)?.clone())))
                    .collect();
                if let Some(each) = table.get_mut("additionalProperties").and_then(Value::as_object_mut) {
                    each.extend(range);
                }
            }
            table.values_mut().for_each(tidy);
        }
        _ => {}
    }
}

/// `anyOf: [X, null]` becomes X, with what stood beside it (the key's own description) on top.
fn unwrap_nullable(table: &mut Map<String, Value>) {
    let Some(Value::Array(alternatives)) = table.get("anyOf") else { return };
    let [Value::Object(inner), null] = alternatives.as_slice() else { return };
    if null.get("type") != Some(&json!("null")) {
        return;
    }
    let mut merged = inner.clone();
    table.remove("anyOf");
    merged.append(table);
    *table = merged;
}

/// Keys of later versions stand in the schema, marked, so that an editor knows them and the walk can say so.
fn add_later_keys(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(add_later_keys),
        Value::Object(table) => {
            if let Some(Value::Array(keys)) = table.get("x-later-keys").cloned()
                && let Some(Value::Object(properties)) = table.get_mut("properties")
            {
                for key in keys.iter().filter_map(Value::as_str) {
                    properties.entry(key).or_insert_with(
                        || json!({ "x-later": true, "description": "Not available in this version." }),
                    );
                }
            }
            table.values_mut().for_each(add_later_keys);
        }
        _ => {}
    }
}
