//! What a transaction costs on a chain, whatever its size.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};

use super::log_ou;

registry! {
    /// A price of gas that moves; all policies of a path pay the same.
    pub enum RandomBaseFee {
        "log_ou" => log_ou::LogOu,
    } later {}
}

/// `(base_fee + tip) · 1e-9 · gas_units · S(gas_asset)` for every transaction that fills something or reverts.
///
/// One transaction for each asset traded, or one for all orders of a decision that are due together (`batch`).
/// Mean base fees have ranged from 105 gwei (Ethereum, 2021) over 34 (2023) to 3.5 (2025): state the era.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Gas {
    /// Gas that a transaction uses.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e12))]
    pub gas_units: Option<f64>,
    /// Price of a unit of gas, in billionths of the gas asset; or a table with `kind`: one that moves.
    #[serde(default)]
    pub base_fee_gwei: Option<BaseFee>,
    /// Added to the base fee, in billionths of the gas asset; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 1e9))]
    pub tip_gwei: Option<f64>,
    /// Symbol of the asset that gas is paid in; its true price at the step of the transaction counts.
    #[serde(default)]
    pub gas_asset: Option<String>,
    /// Whether all orders of a decision that are due together are one transaction; default false.
    #[serde(default)]
    pub batch: Option<bool>,
}

impl Gas {
    /// Key by key: its own values, where missing those of `below`.
    #[must_use]
    pub fn over(&self, below: Option<&Self>) -> Self {
        let Some(below) = below else { return self.clone() };
        Self {
            gas_units: self.gas_units.or(below.gas_units),
            base_fee_gwei: self.base_fee_gwei.clone().or_else(|| below.base_fee_gwei.clone()),
            tip_gwei: self.tip_gwei.or(below.tip_gwei),
            gas_asset: self.gas_asset.clone().or_else(|| below.gas_asset.clone()),
            batch: self.batch.or(below.batch),
        }
    }
}

/// How the price of gas moves.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum BaseFee {
    /// The same at every step, in gwei.
    Constant(f64),
    /// By chance.
    Random(RandomBaseFee),
}

impl<'de> Deserialize<'de> for BaseFee {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = BaseFee;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number, or a table with `kind`")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<BaseFee, E> {
                Ok(BaseFee::Constant(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<BaseFee, E> {
                Ok(BaseFee::Constant(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<BaseFee, E> {
                Ok(BaseFee::Constant(value as f64))
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<BaseFee, A::Error> {
                RandomBaseFee::deserialize(MapAccessDeserializer::new(map)).map(BaseFee::Random)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for BaseFee {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "BaseFee".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tables = RandomBaseFee::json_schema(generator);
        let mut alternatives = vec![serde_json::json!({ "type": "number" })];
        alternatives
            .extend(tables.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        json_schema!({ "type": ["number", "object"], "minimum": 0.0, "maximum": 1e9, "oneOf": alternatives })
    }
}

/// Gas of one transaction, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct GasTerms {
    /// Gas that it uses.
    pub gas_units: f64,
    /// Price of a unit.
    pub base_fee: BaseFee,
    /// Added to it, in gwei.
    pub tip_gwei: f64,
    /// Index of the asset it is paid in.
    pub asset: usize,
}

impl GasTerms {
    /// Cost of a transaction in units of the gas asset, at a base fee.
    #[inline(always)]
    pub fn units(base_fee: f64, tip_gwei: f64, gas_units: f64) -> f64 {
        (base_fee + tip_gwei) * 1e-9 * gas_units
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gas_is_paid_in_the_price_of_its_asset() {
        assert!((GasTerms::units(22.0, 1.5, 180_000.0) * 3000.0 - 12.69).abs() < 1e-12);
    }

    #[test]
    fn tables_merge_key_by_key() {
        let below = Gas { gas_units: Some(1.0), tip_gwei: Some(2.0), batch: Some(true), ..Gas::default() };
        let own = Gas { gas_units: Some(3.0), ..Gas::default() };
        assert_eq!(own.over(Some(&below)), Gas { gas_units: Some(3.0), ..below });
        assert_eq!(own.over(None), own);
    }
}
