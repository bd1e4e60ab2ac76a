//! `costs.funding`: a rate, a table with `rate` and `interval`, or (for all assets) a table of these by symbol.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, de};

use crate::market::cost::{Funding, Rate};
use crate::units::{Fraction, Period};

/// Funding of all assets, as written.
#[derive(Debug, Clone, Default)]
pub(in crate::scenario) struct FundingTable {
    /// One rate for all.
    pub(in crate::scenario) rate: Option<Rate>,
    /// Time between two settlements of it.
    pub(in crate::scenario) interval: Option<Period>,
    /// By symbol.
    pub(in crate::scenario) by_symbol: BTreeMap<String, Funding>,
}

impl<'de> Deserialize<'de> for FundingTable {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Table;
        fn one(rate: f64) -> FundingTable {
            FundingTable { rate: Some(Rate::Constant(rate)), ..FundingTable::default() }
        }
        impl<'de> de::Visitor<'de> for Table {
            type Value = FundingTable;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a rate, a table with `rate` and `interval`, or a table by symbol")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<FundingTable, E> {
                Ok(one(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<FundingTable, E> {
                Ok(one(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<FundingTable, E> {
                Ok(one(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<FundingTable, E> {
                Fraction::parse(text).map(|rate| one(rate.0)).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, mut map: A) -> Result<FundingTable, A::Error> {
                let mut table = FundingTable::default();
                while let Some(key) = map.next_key::<String>()? {
                    match key.as_str() {
                        "rate" => table.rate = Some(map.next_value()?),
                        "interval" => table.interval = Some(map.next_value()?),
                        _ => {
                            table.by_symbol.insert(key, map.next_value()?);
                        }
                    }
                }
                Ok(table)
            }
        }
        from.deserialize_any(Table)
    }
}

/// Rate and interval, and which of the two must be there.
fn schema(generator: &mut SchemaGenerator, required: &[&str]) -> Schema {
    let mut rate = Rate::json_schema(generator);
    let what = "Annual rate, simple; longs pay a positive rate; or a table with `kind`: one that moves.";
    rate.insert("description".into(), what.into());
    let mut interval = Period::json_schema(generator);
    interval.insert("description".into(), "Time between two settlements, counted from the start.".into());
    json_schema!({
        "type": ["number", "string", "object"], "format": "x-fraction",
        "minimum": -1000.0, "maximum": 1000.0,
        "properties": { "rate": rate, "interval": interval },
        "required": required,
    })
}

/// Funding of one asset.
#[derive(Debug)]
pub(in crate::scenario) struct OneFunding;

impl JsonSchema for OneFunding {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "OneFunding".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut one = schema(generator, &["rate", "interval"]);
        one.insert("additionalProperties".into(), false.into());
        one
    }
}

impl JsonSchema for FundingTable {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "FundingTable".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut all = schema(generator, &[]);
        all.insert("additionalProperties".into(), OneFunding::json_schema(generator).to_value());
        all
    }
}
