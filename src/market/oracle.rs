//! The oracle: what the policy sees of the price, and when.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes};
use crate::units::{Fraction, Grid, Period};

mod outage;
mod random;
mod threshold;
pub use super::RandomLatency;
pub use super::latency::Latency;
pub use outage::{Outage, Outages, Poisson};
use random::RandomState;
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

/// No more steps than this are run before the start.
const MOST_BEFORE: f64 = 1e6;

/// An oracle ready to be stepped over a block.
#[derive(Debug, Clone)]
pub struct Feed {
    threshold: f64,
    /// The same, as every step asks for it.
    moved: Threshold,
    heartbeat: f64,
    resets: bool,
    latency: usize,
    /// Nothing but the first price ever lands.
    blind: bool,
    outages: Vec<(u64, u64)>,
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

/// What one oracle knows and shows, by lane.
#[derive(Debug, Clone)]
pub struct FeedState {
    /// Last triggered price.
    posted: Lanes,
    posted_x: Lanes,
    /// Step of that trigger.
    posted_at: Lanes,
    /// Triggers so far.
    pub updates: Lanes,
    /// Visible price.
    pub seen: Lanes,
    /// Its logarithm.
    pub seen_x: Lanes,
    /// Step at which the visible price was triggered.
    pub seen_at: Lanes,
    /// 1 where this step's reading was refused or an outage kept it back: what is seen stays the last one accepted.
    pub refused: Lanes,
    random: Option<Box<RandomState>>,
    /// Posted price, log price and trigger step of the last `latency` steps.
    ring: Vec<[Lanes; 3]>,
}

impl Feed {
    /// Steps before the start that make its age stationary, the price's volatility over one, the oldest age to begin with:
    /// four heartbeats, or where it has none sixteen times the mean time between two posts.
    fn prelude(&self, volatility: f64) -> (u64, f64, f64) {
        let exit = (self.threshold / volatility) * (self.threshold / volatility);
        let steps = if self.heartbeat.is_finite() { 4.0 * self.heartbeat } else { 16.0 * exit };
        let steps = if steps.is_finite() { steps.min(MOST_BEFORE) as u64 } else { 0 };
        let oldest = if self.heartbeat.is_finite() { self.heartbeat } else { 1.0 };
        (steps.max(1), volatility, oldest)
    }

    /// Bytes of one block's ring of posts in flight.
    pub fn ring_bytes(&self) -> u64 {
        (self.latency * size_of::<[Lanes; 3]>()) as u64
    }

    /// State at the start: every lane posted the price `s` just now.
    pub fn start(&self, s: f64, x: f64, state: &mut FeedState) {
        let zero = Lanes::ZERO;
        state.posted = Lanes::splat(s);
        state.posted_x = Lanes::splat(x);
        state.posted_at = zero;
        state.updates = zero;
        state.seen = Lanes::splat(s);
        state.seen_x = Lanes::splat(x);
        state.seen_at = zero;
        state.ring.clear();
        state.ring.resize(self.latency, [Lanes::splat(s), Lanes::splat(x), zero]);
    }

    /// Sees the true price of step `j`, may post, and shows what has landed.
    #[inline(always)]
    pub fn advance(&self, j: u64, s: &Lanes, x: &Lanes, state: &mut FeedState) {
        let FeedState { posted, posted_x, posted_at, updates, seen, seen_x, seen_at, .. } = state;
        if self.latency == 0 && !self.blind {
            // what is posted is seen
            return self.post(j, (s, x), [seen, seen_x, seen_at], updates);
        }
        self.post(j, (s, x), [posted, posted_x, posted_at], updates);
        if self.blind {
            return;
        }
        // the slot holds what stood posted `latency` steps ago
        let slot = &mut state.ring[j as usize % self.latency];
        [state.seen, state.seen_x, state.seen_at] = *slot;
        *slot = [state.posted, state.posted_x, state.posted_at];
    }

    /// Posts what then lands by another way.
    #[inline(always)]
    fn post_now(&self, j: u64, price: (&Lanes, &Lanes), state: &mut FeedState) {
        let FeedState { posted, posted_x, posted_at, updates, .. } = state;
        self.post(j, price, [posted, posted_x, posted_at], updates);
    }

    /// Posts the price, its logarithm and the step where the price has moved or the timer is due.
    #[inline(always)]
    fn post(
        &self,
        j: u64,
        (s, x): (&Lanes, &Lanes),
        [posted, posted_x, posted_at]: [&mut Lanes; 3],
        updates: &mut Lanes,
    ) {
        if self.outages.iter().any(|&(from, to)| (from..to).contains(&j)) {
            return;
        }
        let now = j as f64;
        // the timer is due where nothing was posted after this step; a tick missed in an outage stays due
        let latest = if self.resets {
            now - self.heartbeat
        } else {
            (now / self.heartbeat).floor() * self.heartbeat - 1.0
        };
        for lane in 0..B {
            // `|`, not `||`: no branch on lane data
            #[expect(clippy::needless_bitwise_bool, reason = "a branch would keep the loop from vectorising")]
            let due = self.moved.is_reached(s[lane], posted[lane]) | (posted_at[lane] <= latest);
            posted[lane] = if due { s[lane] } else { posted[lane] };
            posted_x[lane] = if due { x[lane] } else { posted_x[lane] };
            posted_at[lane] = if due { now } else { posted_at[lane] };
            updates[lane] += if due { 1.0 } else { 0.0 };
        }
    }
}

impl Default for FeedState {
    fn default() -> Self {
        let zero = Lanes::ZERO;
        Self {
            posted: zero,
            posted_x: zero,
            posted_at: zero,
            updates: zero,
            seen: zero,
            seen_x: zero,
            seen_at: zero,
            refused: zero,
            random: None,
            ring: Vec::new(),
        }
    }
}
