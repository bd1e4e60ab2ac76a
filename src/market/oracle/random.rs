//! An oracle with something random about it: latency, noise, outages, age at the start, a pull feed's confidence.
use super::super::latency::Law;
use super::outage::{OutageClock, OutageState};
use super::{Feed, FeedState, Kind, Oracle, Start};
use crate::math::{B, Lanes, exp, ln};
use crate::rng::{Purpose, Stream, draw, normal_quad, unit};
use crate::units::Grid;

/// What one run of a feed draws from.
#[derive(Debug, Clone, Copy)]
pub struct Paths {
    /// Seed of the run.
    pub seed: u64,
    /// First path of the block.
    pub first: u64,
}

/// A feed whose posts take their own time, are read with an error, or fall silent by chance.
///
/// The plain feed decides when to post; posts then wait in a calendar by the step at which they land, and what is seen is
/// the latest *triggered* value among those that have landed. Draws: one normal a step for the error (stream `Oracle`), one
/// for a moving confidence (`OracleBand`), one uniform a post (`OracleLatency`), two words an outage (`OracleOutage`); for a
/// stationary start one normal a step of the time before (`OracleStart`).
#[derive(Debug, Clone)]
pub struct RandomFeed {
    feed: Feed,
    /// The same without known outages: the time before the start has none.
    before: Feed,
    latency: Law,
    /// Slots of the calendar.
    n_slots: usize,
    noise: Option<Noise>,
    outages: Option<OutageClock>,
    prelude: Option<Prelude>,
    /// A pull feed is read at every step: nothing is posted, so nothing is counted.
    counts: bool,
    asset: u32,
}

/// A lognormal error of mean 1.
#[derive(Debug, Clone, Copy)]
struct Noise {
    /// Relative standard deviation (its median where it moves).
    size: f64,
    /// Standard deviation of the logarithm of the size.
    spread: f64,
    /// Size beyond which a reading is refused.
    limit: f64,
}

/// The time before the start that makes the feed's age stationary.
#[derive(Debug, Clone, Copy)]
struct Prelude {
    steps: u64,
    /// Standard deviation of the log price over a step.
    volatility: f64,
    /// Longest age at its beginning, in steps.
    oldest: f64,
}

/// What a random feed keeps beside the plain feed's state.
#[derive(Debug, Clone)]
pub(super) struct RandomState {
    /// Latest triggered value that has landed: price, log price, step of its trigger.
    landed: [Lanes; 3],
    /// Posts so far, those before the start included.
    number: [u32; B],
    normals: [Lanes; 4],
    bands: [Lanes; 4],
    outages: OutageState,
}

impl Default for RandomState {
    fn default() -> Self {
        let zero = Lanes::ZERO;
        Self {
            landed: [zero; 3],
            number: [0; B],
            normals: [zero; 4],
            bands: [zero; 4],
            outages: OutageState::default(),
        }
    }
}

impl RandomFeed {
    /// The feed of an asset; `None` where nothing about it is random. `volatility` is the price's, a year.
    pub fn new(oracle: &Oracle, grid: &Grid, asset: usize, volatility: Option<f64>) -> Option<Self> {
        if !oracle.is_random() {
            return None;
        }
        let pull = oracle.kind == Kind::Pull;
        let noise = if pull {
            let size = oracle.confidence.map_or(0.0, |fraction| fraction.0);
            let limit = oracle.confidence_limit.map_or(f64::INFINITY, |fraction| fraction.0);
            Some(Noise { size, spread: oracle.confidence_spread.unwrap_or(0.0), limit })
        } else {
            oracle.noise.map(|size| Noise { size: size.0, spread: 0.0, limit: f64::INFINITY })
        };
        let noise = noise.filter(|noise| noise.size > 0.0);
        let outages = oracle.random_outages.as_ref().map(|law| OutageClock::new(law, grid, asset));
        let stationary = oracle.start == Start::Stationary && !pull;
        let latency = oracle.latency.as_ref().map_or(Law::Fixed(0.0), |latency| latency.law(grid));
        let n_slots = latency.longest().min(grid.n_steps as f64) as usize + 1;
        let feed = if pull { oracle.every_step() } else { oracle.without_latency(grid.n_steps) };
        let prelude = volatility.filter(|_| stationary).map(|volatility| {
            let per_step = volatility * grid.dt().sqrt();
            feed.prelude(per_step)
        });
        let prelude = prelude.map(|(steps, volatility, oldest)| Prelude { steps, volatility, oldest });
        let before = Feed { outages: Vec::new(), ..feed.clone() };
        Some(Self {
            feed,
            before,
            latency,
            n_slots,
            noise,
            outages,
            prelude,
            counts: !pull,
            asset: asset as u32,
        })
    }

    /// Bytes of one block's calendar.
    pub(super) fn ring_bytes(&self) -> u64 {
        (self.n_slots * size_of::<[Lanes; 3]>() + size_of::<RandomState>()) as u64
    }

    /// State at the start. Policies see the price `s` at first; what was posted before is seen from the next step on.
    pub(super) fn start(&self, paths: Paths, s: f64, x: f64, state: &mut FeedState) {
        self.feed.start(s, x, state);
        let mut more = state.random.take().unwrap_or_default();
        *more =
            RandomState { landed: [Lanes::splat(s), Lanes::splat(x), Lanes::ZERO], ..RandomState::default() };
        state.ring.clear();
        state.ring.resize(self.n_slots, [Lanes::splat(s), Lanes::splat(x), Lanes::splat(f64::NEG_INFINITY)]);
        if let Some(prelude) = self.prelude {
            self.look_back(paths, prelude, x, state, &mut more);
        }
        if let Some(outages) = &self.outages {
            outages.start(paths.seed, paths.first, &mut more.outages);
        }
        (state.seen, state.seen_x, state.seen_at) = (Lanes::splat(s), Lanes::splat(x), more.landed[2]);
        state.updates = Lanes::ZERO;
        state.random = Some(more);
    }

    /// Runs the feed over a driftless price that ends at the start, from a random age on.
    fn look_back(
        &self,
        paths: Paths,
        prelude: Prelude,
        x: f64,
        state: &mut FeedState,
        more: &mut RandomState,
    ) {
        let stream = Stream::new(Purpose::OracleStart, self.asset);
        let mut four = [Lanes::ZERO; 4];
        let mut log_price = Lanes::splat(x);
        let mut walk = |log_price: &mut Lanes, sign: f64, j: u64| {
            let (quad, quarter) = (((j - 1) / 4) as u32, ((j - 1) % 4) as usize);
            if quarter == 0 {
                normal_quad(paths.seed, stream, paths.first, quad, &mut four);
            }
            for lane in 0..B {
                log_price[lane] = (sign * prelude.volatility).mul_add(four[quarter][lane], log_price[lane]);
            }
        };
        for j in 1..=prelude.steps {
            walk(&mut log_price, -1.0, j);
        }
        for lane in 0..B {
            let (age, _) = draw(paths.seed, stream, paths.first.wrapping_add(lane as u64), u32::MAX);
            state.posted_x[lane] = log_price[lane];
            state.posted[lane] = exp(log_price[lane]);
            state.posted_at[lane] = -(unit(age) * prelude.oldest).floor();
        }
        more.landed = [state.posted, state.posted_x, state.posted_at];
        let mut price = Lanes::ZERO;
        for j in 1..=prelude.steps {
            walk(&mut log_price, 1.0, j);
            for lane in 0..B {
                price[lane] = exp(log_price[lane]);
            }
            self.look(paths, (j, BEFORE), &price, &log_price, state, more);
        }
        self.start_clock(prelude.steps, state, more);
    }

    /// The clock of the run starts after so many steps, and the calendar with it.
    fn start_clock(&self, steps: u64, state: &mut FeedState, more: &mut RandomState) {
        let turn = (steps % self.n_slots as u64) as usize;
        state.ring.rotate_left(turn);
        let steps = steps as f64;
        for lane in 0..B {
            state.posted_at[lane] -= steps;
            more.landed[2][lane] -= steps;
        }
        for slot in &mut state.ring {
            slot[2].iter_mut().for_each(|at| *at -= steps);
        }
    }

    /// Sees the true price of step `j`, may post, and shows what has landed.
    #[inline(always)]
    pub(super) fn advance(&self, paths: Paths, j: u64, s: &Lanes, x: &Lanes, state: &mut FeedState) {
        let Some(mut more) = state.random.take() else { return };
        if let Some(outages) = &self.outages {
            outages.advance(paths.seed, paths.first, j, &mut more.outages);
        }
        self.look(paths, (j, 0), s, x, state, &mut more);
        [state.seen, state.seen_x, state.seen_at] = more.landed;
        if !self.counts {
            state.updates = Lanes::ZERO;
        }
        state.random = Some(more);
    }

    /// One look at the price: read it, post it, let posts land. `offset` keeps the error's draws before the start apart.
    #[inline(always)]
    fn look(
        &self,
        paths: Paths,
        (j, offset): (u64, u32),
        s: &Lanes,
        x: &Lanes,
        state: &mut FeedState,
        more: &mut RandomState,
    ) {
        let now = j as f64;
        let feed = if offset == BEFORE { &self.before } else { &self.feed };
        let kept = (state.posted, state.posted_x, state.posted_at, state.updates);
        state.refused = Lanes::ZERO;
        for lane in 0..B {
            state.refused[lane] = if now < more.outages.until[lane] { 1.0 } else { 0.0 };
        }
        if let Some(noise) = &self.noise {
            let (mut read, mut read_x) = (*s, *x);
            self.read(paths, (j, offset), noise, &mut read_x, state, more);
            for lane in 0..B {
                read[lane] = exp(read_x[lane]);
            }
            feed.post(j, &read, &read_x, state);
        } else {
            feed.post(j, s, x, state);
        }
        for lane in 0..B {
            let silent = state.refused[lane] > 0.0;
            state.posted[lane] = if silent { kept.0[lane] } else { state.posted[lane] };
            state.posted_x[lane] = if silent { kept.1[lane] } else { state.posted_x[lane] };
            state.posted_at[lane] = if silent { kept.2[lane] } else { state.posted_at[lane] };
            state.updates[lane] = if silent { kept.3[lane] } else { state.updates[lane] };
        }
        self.send(paths, j, state, more);
        self.land(j, state, more);
    }

    /// Takes over what lands at step `j`, where it is newer than what has landed.
    #[inline(always)]
    fn land(&self, j: u64, state: &mut FeedState, more: &mut RandomState) {
        let slot = &mut state.ring[j as usize % self.n_slots];
        for lane in 0..B {
            let newer = slot[2][lane] > more.landed[2][lane];
            for part in 0..3 {
                more.landed[part][lane] = if newer { slot[part][lane] } else { more.landed[part][lane] };
            }
        }
        slot[2] = Lanes::splat(f64::NEG_INFINITY);
    }

    /// Adds the error to a log price; a reading whose confidence is too wide is refused.
    #[inline(always)]
    fn read(
        &self,
        paths: Paths,
        (j, offset): (u64, u32),
        noise: &Noise,
        read_x: &mut Lanes,
        state: &mut FeedState,
        more: &mut RandomState,
    ) {
        let (quad, quarter) = (offset + ((j - 1) / 4) as u32, ((j - 1) % 4) as usize);
        let moves = noise.spread > 0.0;
        if quarter == 0 {
            let stream = |purpose| Stream::new(purpose, self.asset);
            normal_quad(paths.seed, stream(Purpose::Oracle), paths.first, quad, &mut more.normals);
            if moves {
                normal_quad(paths.seed, stream(Purpose::OracleBand), paths.first, quad, &mut more.bands);
            }
        }
        for lane in 0..B {
            let size =
                if moves { noise.size * exp(noise.spread * more.bands[quarter][lane]) } else { noise.size };
            let variance = ln(size.mul_add(size, 1.0));
            read_x[lane] += variance.sqrt().mul_add(more.normals[quarter][lane], -0.5 * variance);
            state.refused[lane] = if size > noise.limit { 1.0 } else { state.refused[lane] };
        }
    }

    /// Puts what was posted just now into the calendar, at the step at which it lands.
    #[inline(never)]
    fn send(&self, paths: Paths, j: u64, state: &mut FeedState, more: &mut RandomState) {
        let stream = Stream::new(Purpose::OracleLatency, self.asset);
        for lane in 0..B {
            if state.posted_at[lane] != j as f64 {
                continue;
            }
            let steps = if let Law::Fixed(steps) = self.latency {
                steps
            } else {
                let path = paths.first.wrapping_add(lane as u64);
                let (word, _) = draw(paths.seed, stream, path, more.number[lane]);
                more.number[lane] += 1;
                self.latency.sample(unit(word))
            };
            // what lands beyond the calendar lands after the end
            let steps = (steps as usize).min(self.n_slots - 1);
            let slot = &mut state.ring[(j as usize + steps) % self.n_slots];
            slot[0][lane] = state.posted[lane];
            slot[1][lane] = state.posted_x[lane];
            slot[2][lane] = state.posted_at[lane];
        }
    }
}

/// Fours of steps before the start are counted from here.
const BEFORE: u32 = 1 << 30;
