//! Funding of a perpetual: at every step, or at settlement boundaries, at a rate that may move.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::ar1;
use crate::units::{Fraction, Period};

registry! {
    /// A funding rate that moves; all policies of a path pay the same.
    pub enum MovingRate {
        "ar1" => ar1::Ar1,
    } later {}
}

/// When funding is paid; longs pay a positive rate. Rates are annual and simple.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Funding {
    /// `rate·dt·h·S` at every step.
    Continuous(f64),
    /// `rate·(k·dt)·h·S` at the steps k, 2k, … on the position held into them.
    Boundaries {
        /// Annual rate.
        rate: f64,
        /// Time between two boundaries.
        interval: Period,
    },
    /// The same at a rate that moves from boundary to boundary.
    Moving {
        /// Law of the annual rate.
        rate: MovingRate,
        /// Time between two boundaries.
        interval: Period,
    },
}

impl Default for Funding {
    fn default() -> Self {
        Self::Continuous(0.0)
    }
}

impl Funding {
    /// Funding at boundaries that far apart.
    pub fn at_boundaries(rate: Rate, interval: Period) -> Self {
        match rate {
            Rate::Constant(rate) => Self::Boundaries { rate, interval },
            Rate::Moving(rate) => Self::Moving { rate, interval },
        }
    }

    /// Whether anything is ever paid.
    pub fn is_charged(&self) -> bool {
        match self {
            Self::Continuous(rate) | Self::Boundaries { rate, .. } => *rate != 0.0,
            Self::Moving { rate: MovingRate::Ar1(law), .. } => law.mean.0 != 0.0 || law.std.0 != 0.0,
        }
    }

    /// Rate paid at every step; 0 with boundaries.
    pub fn continuous(&self) -> f64 {
        match self {
            Self::Continuous(rate) => *rate,
            Self::Boundaries { .. } | Self::Moving { .. } => 0.0,
        }
    }

    /// Rate (where it stands still) and steps between two boundaries, where there are any.
    pub fn boundaries(&self) -> Option<(Option<f64>, u64)> {
        match self {
            Self::Continuous(_) => None,
            Self::Boundaries { rate, interval } => Some((Some(*rate), interval.steps())),
            Self::Moving { interval, .. } => Some((None, interval.steps())),
        }
    }
}

/// A rate settled at boundaries, as written.
#[derive(Debug, Clone, PartialEq)]
pub enum Rate {
    /// It stands still.
    Constant(f64),
    /// It moves.
    Moving(MovingRate),
}

impl<'de> Deserialize<'de> for Rate {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Rate;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rate, or a table with `kind`")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Rate, E> {
                Ok(Rate::Constant(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Rate, E> {
                Ok(Rate::Constant(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Rate, E> {
                Ok(Rate::Constant(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Rate, E> {
                Fraction::parse(text).map(|rate| Rate::Constant(rate.0)).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Rate, A::Error> {
                MovingRate::deserialize(MapAccessDeserializer::new(map)).map(Rate::Moving)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for Rate {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Rate".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tables = MovingRate::json_schema(generator);
        let mut alternatives = vec![serde_json::json!({ "type": ["number", "string"] })];
        alternatives
            .extend(tables.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        json_schema!({
            "type": ["number", "string", "object"], "format": "x-fraction",
            "minimum": -1000.0, "maximum": 1000.0, "oneOf": alternatives,
        })
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rate: Rate,
    interval: Period,
}

impl<'de> Deserialize<'de> for Funding {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Funding;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rate, or a table with `rate` and `interval`")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Funding, E> {
                Ok(Funding::Continuous(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Funding, E> {
                Ok(Funding::Continuous(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Funding, E> {
                Ok(Funding::Continuous(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Funding, E> {
                Fraction::parse(text).map(|rate| Funding::Continuous(rate.0)).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Funding, A::Error> {
                let table = Table::deserialize(de::value::MapAccessDeserializer::new(map))?;
                Ok(Funding::at_boundaries(table.rate, table.interval))
            }
        }
        from.deserialize_any(Either)
    }
}
