//! A step of a basket's portfolios, some vectors of paths at a time.
//!
//! Few paths leave their band in a step: which vectors hold one is found first, and only those trade; then all are marked. The
//! three passes are written over vectors by hand, so that what belongs to a path stays in registers while its assets pass by;
//! the operations and their order are those of [`super::decide`], [`super::fill`] and [`super::marks`], and so are the bits.
mod fills;
mod fires;
mod marks;
mod walk;

pub(super) use walk::walk;

use pulp::{Simd, WithSimd};

use crate::market::oracle::FeedState;
use crate::math::{B, Lanes};
use crate::policy::decision::Action;

use super::account::accrue;
use super::plan::{BasketPlan, BookPlan, Now, Plan, PolicyPlan};
use super::state::{Account, BlockState, MarketState};
use super::step::Job;

/// Vectors side by side, so that one need not wait for the other.
const ABREAST: usize = 4;

/// Whether the portfolios of that plan may be taken so: several assets, every order fills at once, path metrics have begun,
/// and nobody records the fills.
#[inline(always)]
pub(super) fn applies(plan: &Plan, j: u64, state: &BlockState) -> bool {
    let plain = plan.by_weight && !(plan.path_metrics && j <= plan.warmup);
    let unrecorded = |account: &Account| account.holdings.iter().all(|holding| holding.record.is_none());
    plain && state.accounts.first().is_some_and(unrecorded)
}

/// What decisions and marks read of a step, and of one policy.
#[derive(Clone, Copy)]
struct Follow<'a> {
    plan: &'a Plan,
    book: &'a BasketPlan,
    policy: &'a PolicyPlan,
    now: Now,
    market: &'a MarketState,
    feeds: &'a [FeedState],
}

impl<'a> Follow<'a> {
    /// Visible price of an asset.
    #[inline(always)]
    fn seen(&self, asset: usize) -> &'a Lanes {
        if self.plan.prices.any_oracle { &self.feeds[asset].seen } else { &self.market.prices[asset].s }
    }
}

/// All policies' accruals, decisions, fills and marks of one step.
struct Step<'a> {
    plan: &'a Plan,
    job: Job,
    now: Now,
    state: &'a mut BlockState,
}

/// Takes every policy through step `now`, the market of which is known.
///
/// Compiled for its level by a dispatch of its own: what serves baskets alone does not swell the block's steps.
#[inline(never)]
pub(super) fn run(plan: &Plan, job: Job, now: Now, state: &mut BlockState) {
    state.market.sampling.level.run(Step { plan, job, now, state });
}

impl WithSimd for Step<'_> {
    type Output = ();
    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self { plan, job, now, state } = self;
        let BookPlan::Basket(book) = &plan.book else { return };
        let BlockState { market, feeds, accounts, actions, benchmark, benchmark_return, timeline, .. } =
            state;
        for (p, ((policy, action), account)) in plan.policies.iter().zip(actions).zip(accounts).enumerate() {
            accrue(plan, job, now, market, account);
            let follow = Follow { plan, book, policy, now, market, feeds };
            follow.trade(simd, *action, account);
            if !plan.path_metrics {
                continue;
            }
            follow.marks(simd, benchmark, benchmark_return, account);
            if let Some(timeline) = timeline.as_mut() {
                note(plan, now.j, account.path.mark, benchmark, &mut timeline[p]);
            }
        }
    }
}

/// Notes the deviation of a step that the timeline shows.
#[inline(always)]
fn note(plan: &Plan, j: u64, mut mark: Lanes, benchmark: &Lanes, timeline: &mut Vec<Lanes>) {
    if plan.times.binary_search(&j).is_err() {
        return;
    }
    for lane in 0..B {
        mark[lane] -= benchmark[lane];
    }
    timeline.push(mark);
}

impl Follow<'_> {
    /// Decision and fills.
    #[inline(always)]
    fn trade<S: Simd>(self, simd: S, action: Action, account: &mut Account) {
        let all = u128::MAX >> (128 - vectors::<S>());
        let mut left = match action {
            Action::Rest => 0,
            Action::Trade => all,
            Action::Watch => self.fires(simd, account),
        };
        while left != 0 {
            self.fill(simd, action, left.trailing_zeros() as usize, account);
            left &= left - 1;
        }
    }
}

/// One vector of some lanes.
#[inline(always)]
fn load<S: Simd>(_: S, lanes: &Lanes, vector: usize) -> S::f64s {
    S::as_simd_f64s(lanes.as_slice()).0[vector]
}

/// Writes one vector back.
#[inline(always)]
fn store<S: Simd>(_: S, from: S::f64s, vector: usize, lanes: &mut Lanes) {
    S::as_mut_simd_f64s(lanes.as_mut_slice()).0[vector] = from;
}

/// Neighbouring vectors of some lanes.
#[inline(always)]
fn load_all<S: Simd>(_: S, lanes: &Lanes, first: usize) -> [S::f64s; ABREAST] {
    let vectors = &S::as_simd_f64s(lanes.as_slice()).0[first..first + ABREAST];
    let mut few = [vectors[0]; ABREAST];
    few.copy_from_slice(vectors);
    few
}

/// Writes neighbouring vectors back.
#[inline(always)]
fn store_all<S: Simd>(_: S, from: [S::f64s; ABREAST], first: usize, lanes: &mut Lanes) {
    S::as_mut_simd_f64s(lanes.as_mut_slice()).0[first..first + ABREAST].copy_from_slice(&from);
}

/// Vectors of a block.
#[inline(always)]
const fn vectors<S: Simd>() -> usize {
    B / S::F64_LANES
}
