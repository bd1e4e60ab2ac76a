//! Funding of a perpetual: at every step, or at settlement boundaries.
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, de};

use crate::units::{Fraction, Period};

/// When funding is paid; longs pay a positive rate. Rates are annual and simple.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
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
}

impl Default for Funding {
    fn default() -> Self {
        Self::Continuous(0.0)
    }
}

impl Funding {
    /// Annual rate.
    pub fn rate(self) -> f64 {
        match self {
            Self::Continuous(rate) | Self::Boundaries { rate, .. } => rate,
        }
    }

    /// Rate paid at every step; 0 with boundaries.
    pub fn continuous(self) -> f64 {
        match self {
            Self::Continuous(rate) => rate,
            Self::Boundaries { .. } => 0.0,
        }
    }

    /// Rate and steps between two boundaries, where there are any.
    pub fn boundaries(self) -> Option<(f64, u64)> {
        match self {
            Self::Continuous(_) => None,
            Self::Boundaries { rate, interval } => Some((rate, interval.steps())),
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Table {
    rate: Fraction,
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
                Ok(Funding::Boundaries { rate: table.rate.0, interval: table.interval })
            }
        }
        from.deserialize_any(Either)
    }
}
