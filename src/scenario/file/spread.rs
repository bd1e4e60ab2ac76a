//! `costs.half_spread`: a share, a law with `kind`, or (for all assets) a table of these by symbol.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, de};

use crate::market::cost::volatility_scaled::VolatilityScaled;
use crate::market::cost::{HalfSpread, MovingSpread};
use crate::units::{Fraction, PerAsset};

/// Half-spreads of all assets, as written.
#[derive(Debug, Clone)]
pub(in crate::scenario) struct SpreadTable(pub(in crate::scenario) PerAsset<HalfSpread>);

impl<'de> Deserialize<'de> for SpreadTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Table;
        fn one(spread: f64) -> SpreadTable {
            SpreadTable(PerAsset::One(HalfSpread::Constant(spread)))
        }
        impl<'de> de::Visitor<'de> for Table {
            type Value = SpreadTable;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a share, a table with `kind`, or a table by symbol")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<SpreadTable, E> {
                Ok(one(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<SpreadTable, E> {
                Ok(one(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<SpreadTable, E> {
                Ok(one(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<SpreadTable, E> {
                Fraction::parse(text).map(|share| one(share.0)).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<SpreadTable, A::Error> {
                let mut by_symbol = BTreeMap::new();
                while let Some(key) = map.next_key::<String>()? {
                    // what the walk makes of a table with `kind`
                    if MovingSpread::NAMES.contains(&key.as_str()) {
                        let law: VolatilityScaled = map.next_value()?;
                        let law = MovingSpread::VolatilityScaled(law);
                        return Ok(SpreadTable(PerAsset::One(HalfSpread::Moving(law))));
                    }
                    by_symbol.insert(key, map.next_value()?);
                }
                Ok(SpreadTable(PerAsset::BySymbol(by_symbol)))
            }
        }
        from.deserialize_any(Table)
    }
}

impl JsonSchema for SpreadTable {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "SpreadTable".into()
    }
    /// One asset's own schema that is also a table of such values.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        PerAsset::<HalfSpread>::json_schema(generator)
    }
}
