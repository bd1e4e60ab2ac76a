//! One value for all assets, or one for each.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::Value;

/// One value for all assets, or a table by symbol.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PerAsset<T> {
    /// The same for every asset.
    One(T),
    /// By symbol.
    BySymbol(BTreeMap<String, T>),
}

impl<T: Clone> PerAsset<T> {
    /// The value for one asset.
    pub fn of(&self, symbol: &str) -> Option<T> {
        match self {
            Self::One(value) => Some(value.clone()),
            Self::BySymbol(table) => table.get(symbol).cloned(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerAsset<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Either<T> {
            type Value = PerAsset<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or a table of values by symbol")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::F64Deserializer::new(value)).map(PerAsset::One)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::I64Deserializer::new(value)).map(PerAsset::One)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::U64Deserializer::new(value)).map(PerAsset::One)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(PerAsset::One)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PerAsset<T>, A::Error> {
                BTreeMap::deserialize(de::value::MapAccessDeserializer::new(map)).map(PerAsset::BySymbol)
            }
        }
        from.deserialize_any(Either(std::marker::PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for PerAsset<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("PerAsset_{}", T::schema_name()).into()
    }
    /// The value's own schema that is also a table of such values, so that a range on the field reaches both.
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = T::json_schema(generator);
        let mut either = one.clone();
        let mut types = match either.remove("type") {
            Some(Value::Array(types)) => types,
            Some(single) => vec![single],
            None => Vec::new(),
        };
        types.push("object".into());
        either.insert("type".into(), Value::Array(types));
        either.insert("additionalProperties".into(), one.to_value());
        either.insert("x-by-symbol".into(), true.into());
        either
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Fraction;

    #[test]
    fn a_value_or_a_table() {
        let one: PerAsset<Fraction> = serde_json::from_str("\"5 bps\"").expect("a fraction");
        assert_eq!(one.of("ETH"), Some(Fraction(0.0005)));
        let table: PerAsset<Fraction> =
            serde_json::from_str("{\"ETH\": 1, \"BTC\": \"1%\"}").expect("a table");
        assert_eq!(table.of("BTC"), Some(Fraction(0.01)));
        assert_eq!(table.of("SOL"), None);
    }
}
