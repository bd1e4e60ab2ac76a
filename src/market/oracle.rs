//! The oracle: what the policy sees of the price, and when.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes};
use crate::units::{Fraction, Period};

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
    pub latency: Option<Period>,
    /// Windows without posts.
    #[serde(default)]
    pub outages: Vec<Outage>,
}

fn resets() -> bool {
    true
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_true(value: &bool) -> bool {
    *value
}

/// A window `[from, to)` without posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Start, from the beginning of the run.
    pub from: Period,
    /// End, from the beginning of the run; the first step at or after it may post again.
    pub to: Period,
}

impl Oracle {
    /// The feed over a run of `n_steps`; periods must be resolved.
    pub fn feed(&self, n_steps: u64) -> Feed {
        Feed {
            threshold: self.deviation_threshold.map_or(f64::INFINITY, |fraction| fraction.0),
            heartbeat: self.heartbeat.map_or(f64::INFINITY, |period| period.steps() as f64),
            resets: self.heartbeat_resets,
            // nothing that lands at or after the end is ever seen
            latency: self
                .latency
                .map(Period::steps)
                .filter(|latency| *latency < n_steps)
                .map_or(0, |l| l as usize),
            blind: self.latency.is_some_and(|latency| latency.steps() >= n_steps),
            outages: self.outages.iter().map(|outage| (outage.from.steps(), outage.to.steps())).collect(),
        }
    }
}

/// An oracle ready to be stepped over a block.
#[derive(Debug, Clone)]
pub struct Feed {
    threshold: f64,
    heartbeat: f64,
    resets: bool,
    latency: usize,
    /// Nothing but the first price ever lands.
    blind: bool,
    outages: Vec<(u64, u64)>,
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
    /// Posted price, log price and trigger step of the last `latency` steps.
    ring: Vec<[Lanes; 3]>,
}

impl Feed {
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
        let now = j as f64;
        // the timer is due where nothing was posted after this step; a tick missed in an outage stays due
        let latest = if self.resets {
            now - self.heartbeat
        } else {
            (now / self.heartbeat).floor() * self.heartbeat - 1.0
        };
        if !self.outages.iter().any(|&(from, to)| (from..to).contains(&j)) {
            for lane in 0..B {
                let moved = (s[lane] / state.posted[lane] - 1.0).abs();
                // `|`, not `||`: no branch on lane data
                #[expect(
                    clippy::needless_bitwise_bool,
                    reason = "a branch would keep the loop from vectorising"
                )]
                let due = (moved >= self.threshold) | (state.posted_at[lane] <= latest);
                state.posted[lane] = if due { s[lane] } else { state.posted[lane] };
                state.posted_x[lane] = if due { x[lane] } else { state.posted_x[lane] };
                state.posted_at[lane] = if due { now } else { state.posted_at[lane] };
                state.updates[lane] += if due { 1.0 } else { 0.0 };
            }
        }
        if self.blind {
            return;
        }
        if self.latency == 0 {
            state.seen = state.posted;
            state.seen_x = state.posted_x;
            state.seen_at = state.posted_at;
        } else {
            // the slot holds what stood posted `latency` steps ago
            let slot = &mut state.ring[j as usize % self.latency];
            [state.seen, state.seen_x, state.seen_at] = *slot;
            *slot = [state.posted, state.posted_x, state.posted_at];
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
            ring: Vec::new(),
        }
    }
}
