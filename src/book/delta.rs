//! Which delta an option is hedged with: Black and Scholes', or the one of least variance where volatility moves with price.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::units::PerAsset;

registry! {
    /// A delta other than Black and Scholes'.
    pub enum OtherDelta {
        "minimum_variance" => minimum_variance::MinimumVariance,
    } later {}
}

/// The minimum-variance delta.
pub mod minimum_variance {
    use super::{Deserialize, JsonSchema, PerAsset, Serialize};

    /// `Δ + ρξ/(2σ_h S) · ∂V/∂σ`, that is `Δ + ρξ/S · ∂V/∂v` with `v = σ_h²`: the slope of the Black–Scholes value where
    /// the variance moves with the price as in a regression, `dv = ρξ dS/S`.
    ///
    /// Of all hedges in the asset alone it leaves the least variance to a step under Heston's law, as far as the value is
    /// that of Black and Scholes at σ_h. Source: Bakshi, Cao and Chen, Journal of Finance 52 (1997) 2003–2049, equation 18.
    #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
    #[serde(deny_unknown_fields)]
    pub struct MinimumVariance {
        /// Correlation ρ of price and variance; default: that of the asset's process.
        #[serde(default)]
        #[schemars(range(min = -1.0, max = 1.0))]
        pub correlation: Option<PerAsset<f64>>,
        /// Volatility ξ of the variance; default: that of the asset's process.
        #[serde(default)]
        #[schemars(range(min = 0.0, max = 1000.0))]
        pub vol_of_vol: Option<PerAsset<f64>>,
    }
}

/// A delta as it is written: a word, or a table with `kind`.
#[derive(Debug, Clone, PartialEq)]
pub enum WrittenDelta {
    /// Black and Scholes'.
    BlackScholes,
    /// That of least variance.
    MinimumVariance(minimum_variance::MinimumVariance),
}

const WORDS: [&str; 2] = ["black_scholes", "minimum_variance"];

impl<'de> Deserialize<'de> for WrittenDelta {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = WrittenDelta;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"black_scholes\", \"minimum_variance\" or a table with `kind`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<WrittenDelta, E> {
                match text {
                    "black_scholes" => Ok(WrittenDelta::BlackScholes),
                    "minimum_variance" => {
                        Ok(WrittenDelta::MinimumVariance(minimum_variance::MinimumVariance::default()))
                    }
                    _ => Err(E::unknown_variant(text, &WORDS)),
                }
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<WrittenDelta, A::Error> {
                let OtherDelta::MinimumVariance(own) =
                    OtherDelta::deserialize(MapAccessDeserializer::new(map))?;
                Ok(WrittenDelta::MinimumVariance(own))
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for WrittenDelta {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Delta".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tables = OtherDelta::json_schema(generator);
        let mut alternatives = vec![serde_json::json!({ "type": "string", "enum": WORDS })];
        alternatives
            .extend(tables.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        json_schema!({ "type": ["string", "object"], "x-words": WORDS, "oneOf": alternatives })
    }
}
