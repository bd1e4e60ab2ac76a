//! Moves prices and oracles of a block by one step.
use pulp::NullaryFnOnce;

use crate::market::oracle::Paths;
use crate::market::price::{JumpClock, Kernel, PriceState};
use crate::math::{B, Lanes, exp};
use crate::rng::{Purpose, Stream, uniform_pair};

use super::block::Level;
use super::plan::Plan;
use super::sampling::{self, SamplingPlan};
use super::state::{BlockState, MarketState};

/// Sets prices, oracles and draws to the start of the block's paths.
pub(super) fn start(plan: &Plan, first_path: u64, state: &mut BlockState) {
    let market = &mut state.market;
    for (asset, price) in plan.prices.assets.iter().zip(&mut market.prices) {
        price.x = Lanes::splat(asset.x0);
        price.s = Lanes::splat(asset.s0);
        price.variance = Lanes::splat(asset.initial_variance);
        if let (Kernel::Garch(step), Some(state)) = (&asset.kernel, &mut price.garch) {
            step.start(plan.seed, first_path, state, &mut price.variance);
        }
        if let (Kernel::Regime(step), Some(state)) = (&asset.kernel, &mut price.regime) {
            step.start(plan.seed, first_path, state, &mut price.variance);
        }
    }
    if let Some(dates) = &plan.prices.dates {
        dates.start(plan.seed, first_path, &mut market.dates);
    }
    sampling::begin(plan, first_path, market);
    market.conditions.start(plan, first_path, &market.prices);
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        let feed = &mut state.feeds[i];
        if let Some(oracle) = &asset.oracle {
            oracle.start(Paths { seed: plan.seed, first: first_path }, asset.s0, asset.x0, feed);
        } else {
            feed.seen = Lanes::splat(asset.s0);
            feed.seen_x = Lanes::splat(asset.x0);
            feed.updates = Lanes::ZERO;
        }
    }
    state.oracle_error = Lanes::ZERO;
}

/// Draws the first jumps of a block, side by side: work of its own, so that it does not swell the block's steps.
struct FirstJumps<'a> {
    plan: &'a Plan,
    first_path: u64,
    prices: &'a mut [PriceState],
}

impl NullaryFnOnce for FirstJumps<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        for (asset, price) in self.plan.prices.assets.iter().zip(self.prices) {
            if let Some(clock) = asset.kernel.jumps() {
                clock.start(self.plan.seed, self.first_path, &mut price.jumps);
            }
        }
    }
}

/// Lands jumps: rare, and out of the block's steps for the same reason.
struct Land<'a> {
    clock: &'a JumpClock,
    paths: (u64, u64),
    /// Step, and the last one of the run.
    steps: (u64, u64),
    price: &'a mut PriceState,
}

impl NullaryFnOnce for Land<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let Self { clock, paths: (seed, first_path), steps, price } = self;
        clock.land(seed, first_path, steps, &mut price.jumps, &mut price.x);
    }
}

#[inline(never)]
fn land(level: Level, land: Land<'_>) {
    level.run(land);
}

/// What is drawn before the first step of a block.
pub(super) fn prepare(level: Level, plan: &Plan, first_path: u64, state: &mut BlockState) {
    state.market.sampling.level = level;
    if plan.prices.assets.iter().any(|asset| asset.kernel.jumps().is_some()) {
        level.run(FirstJumps { plan, first_path, prices: &mut state.market.prices });
    }
}

/// The numbers of step `j` are drawn.
#[inline(always)]
pub(super) fn draw_numbers(plan: &Plan, first_path: u64, j: u64, market: &mut MarketState) {
    // four normals or two uniforms share one draw of 128 bits
    if (j - 1).is_multiple_of(4) {
        sampling::draw(plan, first_path, ((j - 1) / 4) as u32, market);
    }
    if (j - 1).is_multiple_of(2) {
        draw_uniforms(plan, first_path, ((j - 1) / 2) as u32, market);
    }
}

/// The market moves to step `j`, the numbers of which are drawn.
#[inline(always)]
pub(super) fn advance(plan: &Plan, first_path: u64, j: u64, keep_before: bool, state: &mut BlockState) {
    let market = &mut state.market;
    let (quarter, half) = (((j - 1) % 4) as usize, ((j - 1) % 2) as usize);
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        let price = &mut market.prices[i];
        if keep_before {
            market.before[i] = price.s;
        }
        let z: &Lanes = match plan.prices.mixer_at(j) {
            Some(mixer) if asset.kernel.is_gaussian() => {
                mixer.mix(i, quarter, &market.normals, &mut market.mixed);
                &market.mixed
            }
            _ => &market.normals[i][quarter],
        };
        let (uniforms, rows) = (&market.uniforms[i][half], &market.dates.rows);
        let kernel = asset.kernel_at(j);
        if step(kernel, (plan.seed, first_path), j, z, uniforms, rows, price) {
            continue;
        }
        if let Some(clock) = kernel.jumps().filter(|_| JumpClock::is_due(j, &price.jumps)) {
            let (paths, steps) = ((plan.seed, first_path), (j, plan.n_steps));
            land(market.sampling.level, Land { clock, paths, steps, price });
        }
        for (_, gap) in asset.gaps.iter().filter(|(at, _)| *at == j) {
            price.x.iter_mut().for_each(|x| *x += gap);
        }
        for lane in 0..B {
            price.s[lane] = exp(price.x[lane]);
        }
    }
    if let Some(dates) = &plan.prices.dates {
        dates.advance(plan.seed, first_path, &mut market.dates);
    }
}

/// Independent uniforms of two steps.
#[inline(always)]
fn draw_uniforms(plan: &Plan, first_path: u64, pair: u32, market: &mut MarketState) {
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        if asset.kernel.has_variance() {
            let stream = Stream::new(Purpose::Variance, i as u32);
            uniform_pair(plan.seed, stream, first_path, pair, &mut market.uniforms[i]);
            if let Some(SamplingPlan::Antithetic) = plan.prices.sampling {
                sampling::mirror(i, market);
            }
        }
    }
}

/// Moves the log price of one asset by its law; true where the price itself is set too.
#[inline(always)]
fn step(
    kernel: &Kernel,
    paths: (u64, u64),
    j: u64,
    z: &Lanes,
    uniforms: &Lanes,
    rows: &[u32; B],
    price: &mut PriceState,
) -> bool {
    match kernel {
        Kernel::Gbm(step) | Kernel::Jumps(step, _) => step.advance(&mut price.x, z),
        Kernel::Heston(step) | Kernel::Bates(step, _) => {
            step.advance(&mut price.x, &mut price.variance, z, uniforms);
        }
        Kernel::Reverting(step, _) => step.advance(&mut price.x, z),
        Kernel::Garch(step) => {
            if let PriceState { x, variance, garch: Some(state), .. } = price {
                step.advance(paths, j, x, variance, state, z);
            }
        }
        Kernel::Regime(step) => {
            if let PriceState { x, variance, regime: Some(state), .. } = price {
                step.advance(paths, j, x, variance, state, z);
            }
        }
        Kernel::Data(replay) => {
            // sets the price itself, which its logarithm would only give back rounded
            replay.advance(paths.1, j, &mut price.x, &mut price.s);
            return true;
        }
        Kernel::Blocks(resample) => resample.advance(rows, &mut price.x),
    }
    false
}

/// Oracles see step `j`, may post, and show what has landed.
#[inline(always)]
pub(super) fn observe(plan: &Plan, first_path: u64, j: u64, state: &mut BlockState) {
    if !plan.prices.any_oracle {
        return;
    }
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        let (price, feed) = (&state.market.prices[i], &mut state.feeds[i]);
        if let Some(oracle) = &asset.oracle {
            oracle.advance(Paths { seed: plan.seed, first: first_path }, j, &price.s, &price.x, feed);
        } else {
            feed.seen = price.s;
            feed.seen_x = price.x;
            feed.seen_at = Lanes::splat(j as f64);
        }
    }
}

/// Adds how far what is seen is from the truth.
#[inline(always)]
pub(super) fn note_errors(plan: &Plan, state: &mut BlockState) {
    let BlockState { market, feeds, oracle_error: sums, .. } = state;
    let assets = plan.prices.assets.iter().zip(&market.prices).zip(feeds);
    for ((_, price), feed) in assets.filter(|((asset, _), _)| asset.oracle.is_some()) {
        for lane in 0..B {
            sums[lane] = add_error(feed.seen[lane], price.s[lane], sums[lane]);
        }
    }
}

/// A sum of squared relative errors, and one more.
#[inline(always)]
pub(super) fn add_error(seen: f64, truth: f64, sum: f64) -> f64 {
    let error = seen / truth - 1.0;
    error.mul_add(error, sum)
}

/// One more step of the oracles at the end, where options settle by them: it is not counted, and no policy sees it.
#[inline(always)]
pub(super) fn observe_settlement(plan: &Plan, first_path: u64, n: u64, state: &mut BlockState) {
    if !(plan.prices.any_oracle && plan.venue.as_ref().is_some_and(|venue| venue.by_oracle)) {
        return;
    }
    let updates: Vec<Lanes> = state.feeds.iter().map(|feed| feed.updates).collect();
    observe(plan, first_path, n, state);
    for (feed, updates) in state.feeds.iter_mut().zip(updates) {
        feed.updates = updates;
    }
}
