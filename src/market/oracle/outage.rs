//! When a feed is silent: windows that are known, and such that come by chance.
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer};
use serde::{Deserialize, Deserializer, Serialize, de};

use super::RandomOutages;
use crate::math::{B, Lanes, ln};
use crate::rng::{COMMON, Purpose, Stream, draw, unit};
use crate::units::{Grid, Period};

/// A window `[from, to)` without posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Start, from the beginning of the run.
    pub from: Period,
    /// End, from the beginning of the run; the first step at or after it may post again.
    pub to: Period,
}

/// Outages that begin by Poisson's law and last exponentially; one that begins during another prolongs it at most.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Poisson {
    /// Expected number of outages per year.
    #[schemars(range(min = 0.0, max = 1e6))]
    pub per_year: f64,
    /// Mean length of an outage.
    pub mean_length: Period,
    /// Whether the feeds of all assets with this word fall silent together; default false.
    #[serde(default)]
    pub common: Option<bool>,
    /// Windows without posts beside them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[schemars(extend("maxItems" = 1000))]
    pub windows: Vec<Outage>,
}

/// A list of windows, or a table with `kind`.
#[derive(Debug, Clone)]
pub enum Outages {
    /// Known windows.
    Windows(Vec<Outage>),
    /// By chance.
    Random(RandomOutages),
}

impl<'de> Deserialize<'de> for Outages {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl<'de> de::Visitor<'de> for Either {
            type Value = Outages;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of windows, or a table with `kind`")
            }
            fn visit_seq<A: de::SeqAccess<'de>>(self, list: A) -> Result<Outages, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Outages::Windows)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<Outages, A::Error> {
                RandomOutages::deserialize(MapAccessDeserializer::new(map)).map(Outages::Random)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for Outages {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Outages".into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let window = Outage::json_schema(generator);
        let tables = RandomOutages::json_schema(generator);
        let mut alternatives = vec![serde_json::json!({ "type": "array" })];
        alternatives
            .extend(tables.get("oneOf").and_then(|all| all.as_array()).into_iter().flatten().cloned());
        json_schema!({ "type": ["array", "object"], "items": window, "maxItems": 1000, "oneOf": alternatives })
    }
}

/// The clock of random outages: the k-th of a path owns one address of the stream `OracleOutage`, first word the time
/// since the one before, second word its length.
#[derive(Debug, Clone, Copy)]
pub(super) struct OutageClock {
    per_step: f64,
    mean_steps: f64,
    stream: Stream,
}

/// Coming outages of a block, and when the present ones end.
#[derive(Debug, Clone)]
pub(super) struct OutageState {
    arrival: Lanes,
    length: Lanes,
    number: [u32; B],
    earliest: f64,
    /// Time in steps at which the lane's outage ends.
    pub(super) until: Lanes,
}

impl Default for OutageState {
    fn default() -> Self {
        Self {
            arrival: Lanes::splat(f64::INFINITY),
            length: Lanes::ZERO,
            number: [0; B],
            earliest: f64::INFINITY,
            until: Lanes::ZERO,
        }
    }
}

impl OutageClock {
    pub(super) fn new(law: &Poisson, grid: &Grid, asset: usize) -> Self {
        let index = if law.common.unwrap_or(false) { COMMON } else { asset as u32 };
        Self {
            per_step: law.per_year * grid.dt(),
            mean_steps: law.mean_length.years(grid) / grid.dt(),
            stream: Stream::new(Purpose::OracleOutage, index),
        }
    }

    fn next(&self, seed: u64, path: u64, number: u32) -> (f64, f64) {
        let (wait, length) = draw(seed, self.stream, path, number);
        (-ln(unit(wait)) / self.per_step, -ln(unit(length)) * self.mean_steps)
    }

    pub(super) fn start(&self, seed: u64, first_path: u64, state: &mut OutageState) {
        *state = OutageState::default();
        if self.per_step == 0.0 {
            return;
        }
        for lane in 0..B {
            let path = first_path.wrapping_add(lane as u64);
            (state.arrival[lane], state.length[lane]) = self.next(seed, path, 0);
        }
        state.earliest = state.arrival.iter().copied().fold(f64::INFINITY, f64::min);
    }

    /// Begins the outages that arrive in (j − 1, j].
    #[inline(always)]
    pub(super) fn advance(&self, seed: u64, first_path: u64, j: u64, state: &mut OutageState) {
        if state.earliest <= j as f64 {
            self.begin(seed, first_path, j as f64, state);
        }
    }

    /// The rare case, out of line on purpose.
    #[inline(never)]
    fn begin(&self, seed: u64, first_path: u64, now: f64, state: &mut OutageState) {
        for lane in 0..B {
            while state.arrival[lane] <= now {
                state.until[lane] = state.until[lane].max(state.arrival[lane] + state.length[lane]);
                state.number[lane] += 1;
                let path = first_path.wrapping_add(lane as u64);
                let (wait, length) = self.next(seed, path, state.number[lane]);
                state.arrival[lane] += wait;
                state.length[lane] = length;
            }
        }
        state.earliest = state.arrival.iter().copied().fold(f64::INFINITY, f64::min);
    }
}
