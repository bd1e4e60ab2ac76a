//! How long a post or an order is on its way: a fixed time, or one drawn for each.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::RandomLatency;
use crate::math::{exp, ln, norm_inv};
use crate::units::{Grid, Period};

/// Whole slots until a post or an order is taken up, each with the same chance: `P(K ≥ k) = (m/(1 + m))^k`, `m = mean/slot`.
///
/// Rounded to the nearest step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Geometric {
    /// Mean time on the way.
    pub mean: Period,
    /// Time between two chances to be taken up (a block); default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slot: Option<Period>,
}

/// A lognormal time with that mean and standard deviation, rounded to the nearest step.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Lognormal {
    /// Mean time on the way.
    pub mean: Period,
    /// Standard deviation of that time.
    pub std: Period,
}

/// A fixed time, or a table with `kind`.
#[derive(Debug, Clone, PartialEq)]
pub enum Latency {
    /// The same for all.
    Fixed(Period),
    /// Drawn for each.
    Random(RandomLatency),
}

impl Latency {
    /// Its law in steps.
    pub fn law(&self, grid: &Grid) -> Law {
        match self {
            Self::Fixed(period) => Law::Fixed(period.years(grid) / grid.dt()),
            Self::Random(random) => random.law(grid),
        }
    }

    /// The mean of a drawn time.
    pub fn random_mean(&self) -> Option<Period> {
        match self {
            Self::Fixed(_) => None,
            Self::Random(random) => Some(random.mean()),
        }
    }
}

impl RandomLatency {
    /// Its law in steps.
    pub fn law(&self, grid: &Grid) -> Law {
        let steps = |period: Period| period.years(grid) / grid.dt();
        match self {
            Self::Geometric(law) => {
                let slot = law.slot.map_or(1.0, steps);
                let mean = steps(law.mean) / slot;
                if mean == 0.0 {
                    return Law::Fixed(0.0);
                }
                Law::Geometric { slot, ln_waits: ln(mean / (1.0 + mean)) }
            }
            Self::Lognormal(law) => {
                let (mean, std) = (steps(law.mean), steps(law.std));
                if mean == 0.0 {
                    return Law::Fixed(0.0);
                }
                let variance = ln(1.0 + (std / mean) * (std / mean));
                Law::Lognormal { mu: ln(mean) - 0.5 * variance, sigma: variance.sqrt() }
            }
        }
    }

    /// Its mean.
    pub fn mean(&self) -> Period {
        match self {
            Self::Geometric(law) => law.mean,
            Self::Lognormal(law) => law.mean,
        }
    }
}

/// The law of a latency in steps.
#[derive(Debug, Clone, Copy)]
pub enum Law {
    /// Always the same.
    Fixed(f64),
    /// Whole slots.
    Geometric {
        /// Steps of a slot.
        slot: f64,
        /// ln P(one more slot).
        ln_waits: f64,
    },
    /// Lognormal.
    Lognormal {
        /// Mean of its logarithm.
        mu: f64,
        /// Standard deviation of its logarithm.
        sigma: f64,
    },
}

/// A latency is longer than what this chance leaves with a probability that no run will meet.
const NEVER: f64 = 1e-12;

impl Law {
    /// The latency in whole steps that belongs to the uniform `u` in (0, 1); short for large `u`.
    pub fn sample(self, u: f64) -> f64 {
        self.scaled(u, 1.0)
    }

    /// The same of a latency that takes `factor` times as long.
    pub fn scaled(self, u: f64, factor: f64) -> f64 {
        let exact = match self {
            Self::Fixed(steps) => steps,
            Self::Geometric { slot, ln_waits } => slot * (ln(u) / ln_waits).floor(),
            Self::Lognormal { mu, sigma } => exp((-sigma).mul_add(norm_inv(u), mu)),
        };
        (exact * factor + 0.5).floor()
    }

    /// The longest latency that is kept apart from longer ones.
    pub fn longest(self) -> f64 {
        self.sample(NEVER)
    }
}

impl Serialize for Latency {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(period) => period.serialize(to),
            Self::Random(law) => law.serialize(to),
        }
    }
}

impl<'de> Deserialize<'de> for Latency {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Latency;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a duration, or a table with `kind`")
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Latency, E> {
                Period::parse(text).map(Latency::Fixed).map_err(E::custom)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Latency, A::Error> {
                RandomLatency::deserialize(MapAccessDeserializer::new(map)).map(Latency::Random)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for Latency {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Latency".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let tables = RandomLatency::json_schema(generator);
        let mut alternatives = vec![serde_json::json!({ "type": "string" })];
        alternatives
            .extend(tables.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        json_schema!({ "type": ["string", "object"], "format": "x-duration", "oneOf": alternatives })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_the_laws() {
        let geometric = Law::Geometric { slot: 2.0, ln_waits: ln(0.75) };
        for k in 0..20 {
            let (below, above) = (0.75_f64.powi(k + 1) * 1.000_001, 0.75_f64.powi(k) * 0.999_999);
            assert_eq!(geometric.sample(below), 2.0 * f64::from(k));
            assert_eq!(geometric.sample(above), 2.0 * f64::from(k));
        }
        let lognormal = Law::Lognormal { mu: ln(10.0), sigma: 0.5 };
        assert_eq!(lognormal.sample(0.5), 10.0);
        assert!(lognormal.sample(0.01) > lognormal.sample(0.99));
        assert_eq!(Law::Fixed(3.0).sample(0.7), 3.0);
    }
}
