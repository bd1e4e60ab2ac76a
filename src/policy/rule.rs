//! The policy put together from triggers, a destination and a scope.
use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::decision::{Adjustment, BookTerms, Bound, Decision, Look, Triggers, Watch, Width};
use super::trigger::Trigger;
use super::{Destination, band, whalley_wilmott, zakamouline};
use crate::units::Period;

/// Acts when any of its triggers fires: trades to the center, to the edge of the band that was left, or a part of the
/// way between.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TriggerRule {
    /// Conditions, at least one; any fires.
    #[schemars(extend("minItems" = 1, "maxItems" = 100))]
    pub trigger: Vec<Trigger>,
    /// Time since the last order sent in which nothing is decided; default none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min_interval: Option<Period>,
    /// Where to trade to: "center", "edge", or how far from the edge to the center; default: the center.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub destination: Option<Inward>,
    /// Whether all assets trade or those that left their band; default: options "drifted", baskets "all".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<Scope>,
    /// Steps over which a rebalance is spread; default 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 1_000_000))]
    pub slices: Option<u64>,
}

/// Which assets a rule trades.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    All,
    /// Those whose own trigger fired.
    Drifted,
}

/// How far inside its band a trade ends: 0 at the edge, 1 at the center.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Inward(pub f64);

impl Serialize for Inward {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            0.0 => to.serialize_str("edge"),
            1.0 => to.serialize_str("center"),
            part => to.serialize_f64(part),
        }
    }
}

impl<'de> Deserialize<'de> for Inward {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl de::Visitor<'_> for Either {
            type Value = Inward;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("\"center\", \"edge\" or a number between 0 and 1")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Inward, E> {
                Ok(Inward(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Inward, E> {
                Ok(Inward(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Inward, E> {
                Ok(Inward(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Inward, E> {
                match text {
                    "edge" => Ok(Inward(0.0)),
                    "center" => Ok(Inward(1.0)),
                    _ => Err(E::unknown_variant(text, &["center", "edge"])),
                }
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for Inward {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        "Inward".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"], "x-words": ["center", "edge"],
            "exclusiveMinimum": 0.0, "exclusiveMaximum": 1.0,
        })
    }
}

impl TriggerRule {
    /// When it acts; periods must be resolved.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let n = book.symbols.len();
        let mut triggers = Triggers {
            clocks: Vec::new(),
            bands: Vec::new(),
            moves: Vec::new(),
            min_interval: self.min_interval.map_or(0, Period::steps),
            inward: self.destination.map_or(1.0, |to| to.0),
            all: self.scope.map_or(book.weights.is_some(), |scope| scope == Scope::All),
            slices: self.slices.unwrap_or(1),
            share: 1.0,
        };
        let adjustment = self.trigger.iter().filter_map(|trigger| watch(trigger, book, &mut triggers)).last();
        // the band whose share of steps outside is reported: the narrowest of every asset
        let watch = |width| Watch { width, every: 1, to: Destination::Center };
        Decision {
            band: triggers.watched(n).map(watch),
            triggers: Some(triggers),
            adjustment,
            ..Decision::resting(true)
        }
    }

    /// Whether some trigger gives a trade an edge to end at.
    pub fn has_band(&self) -> bool {
        self.trigger.iter().any(|trigger| !matches!(trigger, Trigger::Clock(_) | Trigger::Move(_)))
    }
}

/// Adds a condition to those that set a rule off; what it makes of the hedge volatility.
fn watch(trigger: &Trigger, book: &BookTerms, triggers: &mut Triggers) -> Option<Adjustment> {
    let n = book.symbols.len();
    let every = |period: Option<Period>| period.map_or(1, Period::steps);
    let bound = |width, own: Option<Period>| Bound { width, every: every(own), follows: false };
    match trigger {
        Trigger::Clock(clock) => triggers.clocks.push(clock.every.steps()),
        Trigger::Band(own) => {
            if let Width::Absolute(width) = band::absolute(&own.width, book) {
                triggers.bands.push(bound(width, own.monitor_every));
            }
        }
        Trigger::RelativeBand(own) => {
            let of = |weight: &f64| own.width.0 * weight.abs();
            let width = book.weights.map_or(vec![f64::INFINITY; n], |all| all.iter().map(of).collect());
            triggers.bands.push(bound(width, own.monitor_every));
        }
        Trigger::OptimalBand(own) => {
            triggers.bands.push(bound(own.widths(book), own.monitor_every));
        }
        Trigger::GasAwareBand(own) => {
            triggers.bands.push(bound(own.widths(book), own.monitor_every));
        }
        Trigger::Move(own) => {
            triggers.moves.push(Look { size: own.size.0, every: every(own.monitor_every) });
        }
        Trigger::WhalleyWilmott(own) => {
            let width = whalley_wilmott::factors(own.risk_aversion, &own.cost, book);
            triggers.bands.push(Bound { follows: true, ..bound(width, own.monitor_every) });
        }
        Trigger::Zakamouline(own) => {
            triggers.bands.push(Bound { follows: true, ..bound(vec![1.0; n], own.monitor_every) });
            return Some(zakamouline::adjustment(own.risk_aversion, &own.cost, book));
        }
    }
    None
}
