//! `[[policies]]`: the keys that every policy has, beside its rule's own.
use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::book::delta::WrittenDelta;
use crate::book::volatility::WrittenVolatility;
use crate::policy::Rule;

/// Keys of every policy.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
pub(in crate::scenario) struct PolicyEntry {
    /// Name of the policy: a letter, then letters, digits, `_` and `-`.
    #[schemars(extend("format" = "x-symbol", "pattern" = "^[A-Za-z][A-Za-z0-9_-]*$"))]
    pub(in crate::scenario) name: String,
    /// Hedge volatility of this policy, where it overrides the target's; a value, a table by symbol, or a table with `kind`.
    #[serde(default)]
    pub(in crate::scenario) hedge_volatility: Option<WrittenVolatility>,
    /// Delta of this policy, where it overrides the target's: "black_scholes", "minimum_variance", or a table with `kind`.
    #[serde(default)]
    pub(in crate::scenario) delta: Option<WrittenDelta>,
    /// What it does; in the file its keys stand beside `name`, with `kind`.
    #[schemars(with = "AnyRule")]
    pub(in crate::scenario) rule: Rule,
}

/// Schema of `[[policies]]` as users write it: every rule's table with the common keys in it.
#[derive(Debug)]
pub(in crate::scenario) struct AnyRule;

impl JsonSchema for AnyRule {
    fn schema_name() -> Cow<'static, str> {
        "Policy".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        Rule::json_schema(generator)
    }
}

/// Puts the common keys into every alternative of the rule, and says where the lifter has to put the rest.
pub(in crate::scenario) fn with_common_keys(entry: &Value) -> Option<Value> {
    let common = entry.pointer("/properties")?.as_object()?;
    let mut rule = common.get("rule")?.clone();
    let names: Vec<&String> = common.keys().filter(|key| *key != "rule").collect();
    for alternative in rule.get_mut("oneOf")?.as_array_mut()? {
        let table = alternative.as_object_mut()?;
        let properties = table.entry("properties").or_insert_with(|| json!({})).as_object_mut()?;
        for name in &names {
            properties.insert((*name).clone(), common.get(*name)?.clone());
        }
        let required = table.entry("required").or_insert_with(|| json!([])).as_array_mut()?;
        required.insert(0, json!("name"));
        let rule = table.get("properties").is_some_and(|keys| keys.get("trigger").is_some());
        if table.get("x-later").is_none() && !rule {
            let words = "it is a key of `kind = \"rule\"`";
            table.insert(
                "x-not-here".into(),
                json!({ "trigger": words, "min_interval": words, "destination": words, "scope": words, "slices": words }),
            );
        }
    }
    let table = rule.as_object_mut()?;
    table.insert("x-into".into(), json!({ "field": "rule", "common": names }));
    table.insert("x-stand-in".into(), json!("{ name = \"x\", kind = \"hold\" }"));
    Some(rule)
}
