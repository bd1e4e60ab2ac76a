//! The half-spread: a share of the notional, or one that moves.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, de};

use super::volatility_scaled;
use crate::units::Fraction;

registry! {
    /// A half-spread that moves; all policies of a path pay the same.
    pub enum MovingSpread {
        "volatility_scaled" => volatility_scaled::VolatilityScaled,
    } later {}
}

/// A half-spread as written.
#[derive(Debug, Clone, PartialEq)]
pub enum HalfSpread {
    /// The same at every step.
    Constant(f64),
    /// It moves.
    Moving(MovingSpread),
}

impl HalfSpread {
    /// Half-spread at rest, and how it moves.
    pub fn parts(self) -> (f64, Option<MovingSpread>) {
        match self {
            Self::Constant(spread) => (spread, None),
            Self::Moving(MovingSpread::VolatilityScaled(law)) => {
                (law.at.0, Some(MovingSpread::VolatilityScaled(law)))
            }
        }
    }
}

impl<'de> Deserialize<'de> for HalfSpread {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = HalfSpread;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a share, or a table with `kind`")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<HalfSpread, E> {
                Ok(HalfSpread::Constant(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<HalfSpread, E> {
                Ok(HalfSpread::Constant(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<HalfSpread, E> {
                Ok(HalfSpread::Constant(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<HalfSpread, E> {
                Fraction::parse(text).map(|share| HalfSpread::Constant(share.0)).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<HalfSpread, A::Error> {
                MovingSpread::deserialize(MapAccessDeserializer::new(map)).map(HalfSpread::Moving)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for HalfSpread {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HalfSpread".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tables = MovingSpread::json_schema(generator);
        let mut alternatives = vec![serde_json::json!({ "type": ["number", "string"] })];
        alternatives
            .extend(tables.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        json_schema!({
            "type": ["number", "string", "object"], "format": "x-fraction",
            "minimum": 0.0, "maximum": 1.0, "oneOf": alternatives,
        })
    }
}
