//! `[oracle]`, for all assets and for one.
use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};

use crate::market::oracle::{Kind, Latency, Outages, Start};
use crate::units::{Fraction, Period};

/// A push feed: it posts when the price has moved by the threshold or the heartbeat is due.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
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
    pub(in crate::scenario) latency: Option<Latency>,
    /// Times without posts: a list of windows, or a table with `kind`.
    #[serde(default)]
    pub(in crate::scenario) outages: Option<Outages>,
    /// Relative standard deviation of what the feed reads; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(in crate::scenario) noise: Option<Fraction>,
    /// What it has behind it at the start; default "fresh".
    #[serde(default)]
    pub(in crate::scenario) start: Option<Start>,
    /// Whether it posts by itself or is read; default "push".
    #[serde(default)]
    pub(in crate::scenario) kind: Option<Kind>,
    /// Confidence of a pull feed: relative standard deviation of a reading; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(in crate::scenario) confidence: Option<Fraction>,
    /// Standard deviation of the logarithm of the confidence; default 0: it stands still.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 10.0))]
    pub(in crate::scenario) confidence_spread: Option<f64>,
    /// Confidence beyond which a reading is refused; default never.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e6))]
    pub(in crate::scenario) confidence_limit: Option<Fraction>,
    /// Fee of an update of a pull feed, in currency; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e15))]
    pub(in crate::scenario) update_fee: Option<f64>,
}

/// A feed, or the word "none": the policy sees the true price.
#[derive(Debug, Clone)]
pub(in crate::scenario) enum OracleChoice {
    /// `"none"`
    None,
    /// A table.
    Table(Box<OracleTable>),
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
                OracleTable::deserialize(de::value::MapAccessDeserializer::new(map))
                    .map(|table| OracleChoice::Table(Box::new(table)))
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
