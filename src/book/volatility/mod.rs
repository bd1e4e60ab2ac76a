//! The volatility that a hedge's deltas are taken at: given, estimated from what is seen, or the process's own.
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::json;

use crate::units::{Fraction, PerAsset};

pub mod ewma;
pub mod oracle_volatility;

registry! {
    /// A hedge volatility that moves.
    pub enum MovingVolatility {
        "ewma" => ewma::Ewma,
        "oracle_volatility" => oracle_volatility::OracleVolatility,
    } later {}
}

/// Hedge volatility of one asset, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum HedgeVolatility {
    /// The same at every step.
    Constant(f64),
    /// A realised volatility of the prices seen.
    Estimated {
        /// Its rule, resolved.
        ewma: ewma::Tracker,
    },
    /// The process's own instantaneous volatility: what no hedger knows.
    Own(Own),
}

/// Stands in a scenario's canonical form where a hedge knows the process's own volatility.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Own {
    /// The word.
    #[serde(rename = "oracle_volatility")]
    Volatility,
}

impl HedgeVolatility {
    /// Its value where it is constant.
    pub fn constant(&self) -> Option<f64> {
        if let Self::Constant(value) = self { Some(*value) } else { None }
    }

    /// Whether it knows what only the process knows.
    pub fn leaks(&self) -> bool {
        matches!(self, Self::Own(_))
    }
}

/// A hedge volatility as it is written: a value, a table by symbol, or a table with `kind`.
#[derive(Debug, Clone, PartialEq)]
pub enum WrittenVolatility {
    /// Constant.
    Constant(PerAsset<Fraction>),
    /// One that moves, for all assets.
    Moving(MovingVolatility),
}

impl WrittenVolatility {
    /// Whether it gives one asset a volatility.
    pub fn covers(&self, symbol: &str) -> bool {
        match self {
            Self::Constant(value) => value.of(symbol).is_some(),
            Self::Moving(MovingVolatility::Ewma(ewma)) => ewma.initial.of(symbol).is_some(),
            Self::Moving(MovingVolatility::OracleVolatility(_)) => true,
        }
    }

    /// The table by symbol, where its values are one.
    pub fn by_symbol(&self) -> Option<&PerAsset<Fraction>> {
        match self {
            Self::Constant(value) => Some(value),
            Self::Moving(MovingVolatility::Ewma(ewma)) => Some(&ewma.initial),
            Self::Moving(MovingVolatility::OracleVolatility(_)) => None,
        }
    }
}

/// One value of a table: a fraction, or what a kind's name leads to.
enum Entry {
    Fraction(Fraction),
    Moving(MovingVolatility),
}

/// Reads the value that stands under a key.
struct Under<'k>(&'k str);

impl<'de> de::DeserializeSeed<'de> for Under<'_> {
    type Value = Entry;
    fn deserialize<D: Deserializer<'de>>(self, from: D) -> Result<Entry, D::Error> {
        from.deserialize_any(self)
    }
}

impl<'de> de::Visitor<'de> for Under<'_> {
    type Value = Entry;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a fraction")
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Entry, E> {
        Fraction::deserialize(de::value::F64Deserializer::new(value)).map(Entry::Fraction)
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Entry, E> {
        Fraction::deserialize(de::value::I64Deserializer::new(value)).map(Entry::Fraction)
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Entry, E> {
        Fraction::deserialize(de::value::U64Deserializer::new(value)).map(Entry::Fraction)
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Entry, E> {
        Fraction::deserialize(de::value::StrDeserializer::new(text)).map(Entry::Fraction)
    }
    fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Entry, A::Error> {
        let model = MapAccessDeserializer::new(map);
        let moving = match self.0 {
            "ewma" => MovingVolatility::Ewma(ewma::Ewma::deserialize(model)?),
            "oracle_volatility" => {
                MovingVolatility::OracleVolatility(oracle_volatility::OracleVolatility::deserialize(model)?)
            }
            other => return Err(de::Error::unknown_variant(other, MovingVolatility::NAMES)),
        };
        Ok(Entry::Moving(moving))
    }
}

impl<'de> Deserialize<'de> for WrittenVolatility {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = WrittenVolatility;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, a table of values by symbol, or a table with `kind`")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Self::Value, E> {
                PerAsset::deserialize(de::value::F64Deserializer::new(value)).map(WrittenVolatility::Constant)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Self::Value, E> {
                PerAsset::deserialize(de::value::I64Deserializer::new(value)).map(WrittenVolatility::Constant)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Self::Value, E> {
                PerAsset::deserialize(de::value::U64Deserializer::new(value)).map(WrittenVolatility::Constant)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Self::Value, E> {
                PerAsset::deserialize(de::value::StrDeserializer::new(text)).map(WrittenVolatility::Constant)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut table = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    match map.next_value_seed(Under(&key))? {
                        Entry::Moving(moving) => return Ok(WrittenVolatility::Moving(moving)),
                        Entry::Fraction(value) => {
                            table.insert(key, value);
                        }
                    }
                }
                Ok(WrittenVolatility::Constant(PerAsset::BySymbol(table)))
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for WrittenVolatility {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "HedgeVolatility".into()
    }
    /// A fraction that may be a table by symbol; where the table has a `kind`, one of the moving ones.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let bound = |schema: &mut Schema| {
            schema.insert("exclusiveMinimum".into(), 0.0.into());
            schema.insert("maximum".into(), 100.0.into());
        };
        let mut one = Fraction::json_schema(generator);
        bound(&mut one);
        let mut either = PerAsset::<Fraction>::json_schema(generator);
        bound(&mut either);
        let no_kind = json!({ "required": ["kind"] });
        let by_symbol = json!({ "type": "object", "not": no_kind, "additionalProperties": one });
        let mut alternatives = vec![one.clone().to_value(), by_symbol];
        let moving = MovingVolatility::json_schema(generator);
        alternatives
            .extend(moving.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        either.remove("additionalProperties");
        either.insert("oneOf".into(), alternatives.into());
        either
    }
}
