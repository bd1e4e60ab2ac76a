//! The oracle: what the policy sees of the price, and when.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::Lanes;
use crate::units::{Fraction, Grid, Period};

mod feed;
mod outage;
mod random;
mod threshold;
pub use super::RandomLatency;
pub use super::latency::Latency;
pub use feed::{Feed, FeedState};
pub use outage::{Outage, Outages, Poisson};
pub use random::{Paths, RandomFeed};
use threshold::Threshold;

registry! {
    /// Outages that come by chance.
    pub enum RandomOutages {
        "poisson" => outage::Poisson,
    } later {}
}

/// Who moves: the feed, or the one who reads it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// The feed posts by itself.
    #[default]
    Push,
    /// The price is fetched at every look, with its confidence.
    Pull,
}

/// What a feed has behind it at the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// It posted the first price just now.
    #[default]
    Fresh,
    /// It has run for a long time: its value has a stationary age and error.
    Stationary,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// A push feed: posts when the price has moved by the threshold or the heartbeat is due, seen after the latency.
///
/// State per path: the last *triggered* value `A` (starts `S_0`) and its age in steps (starts 0). At each step
/// `j ≥ 1`: the age grows by 1; a post triggers iff (`|S_j/A − 1| ≥ deviation_threshold` or `age ≥ heartbeat`) and
/// `j` lies in no outage (with `heartbeat_resets = false`: age ≥ heartbeat becomes "a multiple of the heartbeat has
/// passed since"); then `A = S_j`, age 0. Visible at `j`: `A` as it stood at `max(j − latency, 0)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oracle {
    /// Relative move of the price since the last post that triggers the next; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub deviation_threshold: Option<Fraction>,
    /// Age of the last post that triggers the next; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Period>,
    /// Whether a post restarts the heartbeat; else it ticks at its own multiples, whatever posts between.
    #[serde(default = "resets", skip_serializing_if = "is_true")]
    pub heartbeat_resets: bool,
    /// Age of the visible value beyond which policies do not trade; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staleness_limit: Option<Period>,
    /// Time from the trigger to the moment the value is seen.
    #[serde(default)]
    pub latency: Option<Latency>,
    /// Windows without posts.
    #[serde(default)]
    pub outages: Vec<Outage>,
    /// Outages by chance; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub random_outages: Option<Poisson>,
    /// Relative standard deviation of what the feed reads; absent: it reads the true price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub noise: Option<Fraction>,
    /// What it has behind it at the start.
    #[serde(default, skip_serializing_if = "is_default")]
    pub start: Start,
    /// Whether it posts or is read.
    #[serde(default, skip_serializing_if = "is_default")]
    pub kind: Kind,
    /// Confidence of a pull feed: relative standard deviation of a reading (its median where it moves).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Fraction>,
    /// Standard deviation of the logarithm of the confidence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_spread: Option<f64>,
    /// Confidence beyond which a reading is refused; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_limit: Option<Fraction>,
    /// Fee of an update of a pull feed, in currency; absent: none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_fee: Option<f64>,
}

fn resets() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

impl Oracle {
    /// Whether anything about it is random.
    pub fn is_random(&self) -> bool {
        self.kind == Kind::Pull
            || self.start == Start::Stationary
            || self.noise.is_some_and(|noise| noise.0 > 0.0)
            || self.random_outages.is_some()
            || self.latency.as_ref().is_some_and(|latency| latency.random_mean().is_some())
    }

    /// A feed that posts at every step.
    fn every_step(&self) -> Feed {
        let threshold = f64::INFINITY;
        let moved = Threshold::new(threshold);
        Feed { threshold, moved, heartbeat: 1.0, resets: true, latency: 0, ..self.feed(u64::MAX) }
    }

    /// The feed whose posts are seen at once.
    fn without_latency(&self, n_steps: u64) -> Feed {
        Feed { latency: 0, blind: false, ..self.feed(n_steps) }
    }

    /// The feed over a run of `n_steps`, nothing about it random; periods must be resolved.
    pub fn feed(&self, n_steps: u64) -> Feed {
        let latency = match &self.latency {
            Some(Latency::Fixed(period)) => period.steps(),
            _ => 0,
        };
        let threshold = self.deviation_threshold.map_or(f64::INFINITY, |fraction| fraction.0);
        Feed {
            threshold,
            moved: Threshold::new(threshold),
            heartbeat: self.heartbeat.map_or(f64::INFINITY, |period| period.steps() as f64),
            resets: self.heartbeat_resets,
            // nothing that lands at or after the end is ever seen
            latency: if latency < n_steps { latency as usize } else { 0 },
            blind: latency > 0 && latency >= n_steps,
            outages: self.outages.iter().map(|outage| (outage.from.steps(), outage.to.steps())).collect(),
        }
    }
}

/// A feed as a run meets it, once per block and step.
#[derive(Debug, Clone)]
pub enum View {
    /// Nothing about it is random.
    Plain(Feed),
    /// Something is.
    Random(Box<RandomFeed>),
}

impl View {
    /// The view of an asset whose price has that volatility a year.
    pub fn new(oracle: &Oracle, grid: &Grid, asset: usize, volatility: Option<f64>) -> Self {
        match RandomFeed::new(oracle, grid, asset, volatility) {
            Some(feed) => Self::Random(Box::new(feed)),
            None => Self::Plain(oracle.feed(grid.n_steps)),
        }
    }

    /// Bytes of one block's posts in flight.
    pub fn ring_bytes(&self) -> u64 {
        match self {
            Self::Plain(feed) => feed.ring_bytes(),
            Self::Random(feed) => feed.ring_bytes(),
        }
    }

    /// State at the start, where every lane sees the price `s`.
    pub fn start(&self, paths: Paths, s: f64, x: f64, state: &mut FeedState) {
        match self {
            Self::Plain(feed) => feed.start(s, x, state),
            Self::Random(feed) => feed.start(paths, s, x, state),
        }
    }

    /// Sees the true price of step `j`, may post, and shows what has landed.
    #[inline(always)]
    pub fn advance(&self, paths: Paths, j: u64, s: &Lanes, x: &Lanes, state: &mut FeedState) {
        match self {
            Self::Plain(feed) => feed.advance(j, s, x, state),
            Self::Random(feed) => feed.advance(paths, j, s, x, state),
        }
    }
}
