//! `run.precision`: the standard error asked for, for any figure of the metric registry.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};
use serde_json::{Map, Value, json};

use crate::metric::{self, METRICS};
use crate::units::Amount;

/// Errors asked for, by metric.
#[derive(Debug, Clone, Default)]
pub(in crate::scenario) struct PrecisionTable(pub(in crate::scenario) BTreeMap<String, Asked>);

/// An error, as written.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scenario) enum Asked {
    /// A plain number, or text with its unit.
    Bare(Amount, String),
    /// `{ absolute = … }`.
    Absolute(Amount),
}

impl<'de> Deserialize<'de> for Asked {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        fn plain(value: f64) -> Asked {
            Asked::Bare(Amount::Plain(value), value.to_string())
        }
        impl<'de> de::Visitor<'de> for Either {
            type Value = Asked;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, text with bps or %, or { absolute = … }")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Asked, E> {
                Ok(plain(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Asked, E> {
                Ok(plain(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Asked, E> {
                Ok(plain(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Asked, E> {
                let amount = Amount::deserialize(de::value::StrDeserializer::new(text))?;
                Ok(Asked::Bare(amount, text.to_owned()))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Asked, A::Error> {
                let mut found = None;
                while let Some(key) = map.next_key::<String>()? {
                    if key != "absolute" {
                        return Err(de::Error::custom(format!("unknown key `{key}`")));
                    }
                    found = Some(Asked::Absolute(map.next_value()?));
                }
                found.ok_or_else(|| de::Error::missing_field("absolute"))
            }
        }
        from.deserialize_any(Either)
    }
}

impl<'de> Deserialize<'de> for PrecisionTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let table = BTreeMap::<String, Asked>::deserialize(from)?;
        match table.keys().find(|key| metric::by_key(key).is_none()) {
            Some(key) => Err(de::Error::custom(format!("unknown metric `{key}`"))),
            None => Ok(Self(table)),
        }
    }
}

impl JsonSchema for PrecisionTable {
    fn schema_name() -> Cow<'static, str> {
        "Precision".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut properties = Map::new();
        for metric in METRICS {
            let mut absolute = Amount::json_schema(generator);
            absolute.insert("exclusiveMinimum".into(), json!(0.0));
            absolute.insert(
                "description".into(),
                "In the unit of the figure, or of notional (\"0.5 bps\").".into(),
            );
            let mut asked = Amount::json_schema(generator);
            asked.insert("type".into(), json!(["number", "string", "object"]));
            asked.insert("exclusiveMinimum".into(), json!(0.0));
            asked.insert("properties".into(), json!({ "absolute": absolute.to_value() }));
            asked.insert("required".into(), json!(["absolute"]));
            asked.insert("additionalProperties".into(), false.into());
            let meaning = format!(
                "Standard error wanted of the {}: \"1%\" of it, \"0.5 bps\" of notional, a plain number in its unit, or {{ \
                 absolute = \"1%\" }} of notional.",
                metric.meaning
            );
            asked.insert("description".into(), meaning.into());
            properties.insert(metric.key.into(), asked.to_value());
        }
        json_schema!({
            "type": "object", "properties": Value::Object(properties), "additionalProperties": false,
        })
    }
}
