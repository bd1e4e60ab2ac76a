//! `[oracle]`, for all assets and for one.
use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};

use crate::market::oracle::Outage;
use crate::units::{Fraction, Period};

/// A push feed: it posts when the price has moved by the threshold or the heartbeat is due.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-later-keys" = ["kind", "start", "noise"]))]
pub(in crate::scenario) struct OracleTable {
    /// Relative move of the price since the last post that triggers the next; absent: never.
    #[serde(default)]
    #[schemars(range(max = 1000.0), extend("exclusiveMinimum" = 0.0))]
    pub(in crate::scenario) deviation_threshold: Option<Fraction>,
    /// Age of the last post that triggers the next; absent: never.
    #[serde(default)]
    pub(in crate::scenario) heartbeat: Option<Period>,
    /// Whether a post restarts the heartbeat; else it ticks at its own multiples; default true.
    #[serde(default)]
    pub(in crate::scenario) heartbeat_resets: Option<bool>,
    /// Age of the visible value beyond which policies do not trade; absent: none.
    #[serde(default)]
    pub(in crate::scenario) staleness_limit: Option<Period>,
    /// Time from the trigger to the moment the value is seen; default 0.
    #[serde(default)]
    #[schemars(extend("x-later-table" = []))]
    pub(in crate::scenario) latency: Option<Period>,
    /// Windows without posts.
    #[serde(default)]
    #[schemars(extend("x-later-table" = [], "maxItems" = 1000))]
    pub(in crate::scenario) outages: Option<Vec<Outage>>,
}

/// A feed, or the word "none": the policy sees the true price.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum OracleChoice {
    /// `"none"`
    None,
    /// A table.
    Table(OracleTable),
}

impl<'de> Deserialize<'de> for OracleChoice {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = OracleChoice;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a table or \"none\"")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<OracleChoice, E> {
                if text == "none" { Ok(OracleChoice::None) } else { Err(E::unknown_variant(text, &["none"])) }
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<OracleChoice, A::Error> {
                OracleTable::deserialize(de::value::MapAccessDeserializer::new(map)).map(OracleChoice::Table)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for OracleChoice {
    fn schema_name() -> Cow<'static, str> {
        "Oracle".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = OracleTable::json_schema(generator);
        schema.insert("type".into(), serde_json::json!(["object", "string"]));
        schema.insert("x-words".into(), serde_json::json!(["none"]));
        schema.insert("pattern".into(), "^none$".into());
        schema
    }
}
