//! `[[sweep]]`, `[[stress]]`, `[attribution]`: other runs of the same scenario.
use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

/// One axis of a grid of runs; several make the product.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct SweepTable {
    /// Key that varies, as for --set: "costs.fee", "policies.hourly.every".
    pub(in crate::scenario) key: String,
    /// Values it takes, each as it would stand in the file.
    #[schemars(extend("minItems" = 1, "maxItems" = 1000))]
    pub(in crate::scenario) values: Vec<Anything>,
}

/// A named change whose run is set against that of the scenario as it is.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct StressTable {
    /// Name of the stress: a letter, then letters, digits, `_` and `-`.
    #[schemars(extend("format" = "x-symbol", "pattern" = "^[A-Za-z][A-Za-z0-9_-]*$"))]
    pub(in crate::scenario) name: String,
    /// Values by key, as for --set.
    #[serde(default, deserialize_with = "changes")]
    pub(in crate::scenario) set: BTreeMap<String, Anything>,
    /// Keys that are removed, as for --unset.
    #[serde(default)]
    pub(in crate::scenario) unset: Vec<String>,
}

/// How the deviations are taken apart by `run --all`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(in crate::scenario) struct AttributionTable {
    /// Whether groups of frictions are also averaged over every order of switching them on; default false.
    #[serde(default)]
    pub(in crate::scenario) shapley: Option<bool>,
}

/// A table; TOML hands a date on as one too.
fn changes<'de, D: Deserializer<'de>>(from: D) -> Result<BTreeMap<String, Anything>, D::Error> {
    let changes = BTreeMap::<String, Anything>::deserialize(from)?;
    if changes.keys().any(|key| key.starts_with("$__toml")) {
        return Err(de::Error::custom("a date is no table"));
    }
    Ok(changes)
}

/// Any value; the run that takes it says whether it may stand there.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(transparent)]
pub(in crate::scenario) struct Anything(pub(in crate::scenario) toml::Value);

impl JsonSchema for Anything {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Anything".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "description": "A value as it would stand at the key.", "x-any": true, "x-stand-in": "0",
        })
    }
}
