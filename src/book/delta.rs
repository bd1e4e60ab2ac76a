//! Which delta an option is hedged with: Black and Scholes', or the one of least variance where volatility moves with price.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, de};

use crate::math::exp;
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

    /// `Δ + f(κτ) · ρξ/(2σ_h S) · ∂V/∂σ` with Black and Scholes' Δ and vega at σ_h and
    /// `f(u) = A − (1 − A)/u`, `A = (1 − e^{−u})/u`, which falls from ½ at u = 0 to 0.
    ///
    /// Under Heston's law the variance moves with the price as `dv = ρξ dS/S` on average, and the best hedge in the asset
    /// alone is the slope of the value along that line, `∂V/∂S + ρξ/S · ∂V/∂v` of Heston's V. In Black and Scholes' terms, to
    /// first order in ξ, the at-the-money volatility moves by `A ρξ/(2σS) dS`, and the option slides along a smile of the
    /// slope `(1 − A)/u · ρξ/(2σ)`, which takes half of it away again for short times. Source: Bakshi, Cao and Chen,
    /// Journal of Finance 52 (1997) 2003–2049 (the hedge); Bergomi, Stochastic Volatility Modeling (2016), chapter 9 (slope
    /// and dynamics of the smile to first order).
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
        /// Speed κ at which the variance returns, per year; default: that of the asset's process, else 0.
        #[serde(default)]
        #[schemars(range(min = 0.0, max = 10_000.0))]
        pub mean_reversion: Option<PerAsset<f64>>,
    }
}

/// How the variance of an asset moves with its price.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize)]
pub struct Regression {
    /// ρξ: `dv = ρξ dS/S`.
    pub covariance: f64,
    /// Speed κ at which the variance returns, per year.
    pub mean_reversion: f64,
}

impl Regression {
    /// `f(κτ) ρξ/2`, `tau` years before expiry: see [`minimum_variance::MinimumVariance`].
    #[inline(always)]
    pub fn tilt(&self, tau: f64) -> f64 {
        let u = self.mean_reversion * tau;
        let share = if u < 0.5 {
            // Σ (−u)^m (m + 1)/(m + 2)!
            let (mut sum, mut term) = (0.5, 0.5);
            for m in 1..16_u32 {
                let m = f64::from(m);
                term *= -u * (m + 1.0) / (m * (m + 2.0));
                sum += term;
            }
            sum
        } else {
            let decayed = (1.0 - exp(-u)) / u;
            decayed - (1.0 - decayed) / u
        };
        0.5 * self.covariance * share
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_falls_from_a_half_and_both_forms_agree() {
        let share = |u: f64| Regression { covariance: 2.0, mean_reversion: u }.tilt(1.0);
        assert_eq!(share(0.0).to_bits(), 0.5_f64.to_bits());
        // (1 − e^{−1}) − e^{−1} and, at 0.3, A = 0.863939264: A − (1 − A)/0.3
        assert!((share(1.0) - (1.0 - 2.0 / std::f64::consts::E)).abs() < 1e-15);
        let decayed = (1.0 - exp(-0.3)) / 0.3;
        assert!((share(0.3) - (decayed - (1.0 - decayed) / 0.3)).abs() < 1e-14);
        assert!((share(0.499_999_999_9) - share(0.500_000_000_1)).abs() < 1e-10);
        assert!((share(100.0) - 1e-4).abs() < 1e-6 && share(40.0) > share(100.0));
    }
}
