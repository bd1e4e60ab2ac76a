//! A push feed, stepped over a block: what is posted, and what of it is seen.
use crate::math::{B, Lanes};

use super::random::RandomState;
use super::threshold::Threshold;

/// No more steps than this are run before the start.
const MOST_BEFORE: f64 = 1e6;

/// An oracle ready to be stepped over a block.
#[derive(Debug, Clone)]
pub struct Feed {
    pub(super) threshold: f64,
    /// The same, as every step asks for it.
    pub(super) moved: Threshold,
    pub(super) heartbeat: f64,
    pub(super) resets: bool,
    pub(super) latency: usize,
    /// Nothing but the first price ever lands.
    pub(super) blind: bool,
    pub(super) outages: Vec<(u64, u64)>,
}

/// What one oracle knows and shows, by lane.
#[derive(Debug, Clone)]
pub struct FeedState {
    /// Last triggered price.
    pub(super) posted: Lanes,
    pub(super) posted_x: Lanes,
    /// Step of that trigger.
    pub(super) posted_at: Lanes,
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
    pub(super) random: Option<Box<RandomState>>,
    /// Posted price, log price and trigger step of the last `latency` steps.
    pub(super) ring: Vec<[Lanes; 3]>,
}

impl Feed {
    /// Steps before the start that make its age stationary, the price's volatility over one, the oldest age to begin with:
    /// four heartbeats, or where it has none sixteen times the mean time between two posts.
    pub(super) fn prelude(&self, volatility: f64) -> (u64, f64, f64) {
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
    pub(super) fn advance(&self, j: u64, s: &Lanes, x: &Lanes, state: &mut FeedState) {
        let FeedState { posted, posted_x, posted_at, updates, seen, seen_x, seen_at, .. } = state;
        if self.latency == 0 && !self.blind {
            // what is posted is seen
            return self.post_to(j, (s, x), [seen, seen_x, seen_at], updates);
        }
        self.post_to(j, (s, x), [posted, posted_x, posted_at], updates);
        if self.blind {
            return;
        }
        // the slot holds what stood posted `latency` steps ago
        let slot = &mut state.ring[j as usize % self.latency];
        [state.seen, state.seen_x, state.seen_at] = *slot;
        *slot = [state.posted, state.posted_x, state.posted_at];
    }

    /// Posts what is then seen by another way.
    #[inline(always)]
    pub(super) fn post(&self, j: u64, s: &Lanes, x: &Lanes, state: &mut FeedState) {
        let FeedState { posted, posted_x, posted_at, updates, .. } = state;
        self.post_to(j, (s, x), [posted, posted_x, posted_at], updates);
    }

    /// Posts the price, its logarithm and the step where the price has moved or the timer is due.
    #[inline(always)]
    fn post_to(
        &self,
        j: u64,
        (s, x): (&Lanes, &Lanes),
        [posted, posted_x, posted_at]: [&mut Lanes; 3],
        updates: &mut Lanes,
    ) {
        if self.is_out(j) {
            return;
        }
        let (now, latest) = (j as f64, self.latest(j));
        for lane in 0..B {
            let due = self.is_due(s[lane], posted[lane], posted_at[lane], latest);
            posted[lane] = if due { s[lane] } else { posted[lane] };
            posted_x[lane] = if due { x[lane] } else { posted_x[lane] };
            posted_at[lane] = if due { now } else { posted_at[lane] };
            updates[lane] += if due { 1.0 } else { 0.0 };
        }
    }

    fn is_out(&self, j: u64) -> bool {
        self.outages.iter().any(|&(from, to)| (from..to).contains(&j))
    }

    /// The timer is due at step `j` where nothing was posted after this step; a tick missed in an outage stays due.
    #[inline(always)]
    fn latest(&self, j: u64) -> f64 {
        let now = j as f64;
        if self.resets { now - self.heartbeat } else { (now / self.heartbeat).floor() * self.heartbeat - 1.0 }
    }

    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch would keep the loop from vectorising")]
    fn is_due(&self, s: f64, posted: f64, posted_at: f64, latest: f64) -> bool {
        self.moved.is_reached(s, posted) | (posted_at <= latest)
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
