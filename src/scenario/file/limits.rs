//! `[limits]`: a bound for any figure of the metric registry.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, json};

use crate::metric::{self, METRICS};
use crate::units::Amount;

/// Thresholds that make the run exit with 3.
#[derive(Debug, Clone, Default)]
pub(in crate::scenario) struct LimitsTable {
    /// Policies they hold for; absent: any.
    pub(in crate::scenario) policies: Option<Vec<String>>,
    /// Bound by metric.
    pub(in crate::scenario) bounds: BTreeMap<String, Amount>,
}

impl<'de> Deserialize<'de> for LimitsTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Table;
        impl<'de> de::Visitor<'de> for Table {
            type Value = LimitsTable;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table of bounds by metric")
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<LimitsTable, A::Error> {
                let mut limits = LimitsTable::default();
                while let Some(key) = map.next_key::<String>()? {
                    if key == "policies" {
                        limits.policies = Some(map.next_value()?);
                    } else if metric::by_key(&key).is_some() {
                        limits.bounds.insert(key, map.next_value()?);
                    } else {
                        return Err(de::Error::custom(format!("unknown metric `{key}`")));
                    }
                }
                Ok(limits)
            }
        }
        from.deserialize_map(Table)
    }
}

impl JsonSchema for LimitsTable {
    fn schema_name() -> Cow<'static, str> {
        "Limits".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        let policies = json!({
            "type": "array", "items": { "type": "string" },
            "description": "Names of the policies the limits hold for; absent: any.",
        });
        properties.insert("policies".into(), policies);
        for metric in METRICS {
            let mut bound = Amount::json_schema(generator);
            bound.insert("description".into(), format!("Limit of the {}.", metric.meaning).into());
            properties.insert(metric.key.into(), bound.to_value());
        }
        json_schema!({
            "type": "object", "properties": Value::Object(properties), "additionalProperties": false,
        })
    }
}
