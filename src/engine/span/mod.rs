//! Several steps taken together: the market goes ahead, then each policy follows with its portfolio in registers.
//!
//! Step by step, a policy's units, cash and counts are read and written back in every step, and eight policies push each
//! other and the market out of the nearest cache. Over a span they are read once and written once. The compiler keeps no
//! array of lanes in registers from step to step, so a policy's pass is written over vectors by hand; the operations
//! and their order are those of [`super::fill`] and [`super::marks`], and so are the bits.
mod fills;
mod marks;
mod orders;
mod pass;
mod rows;

use std::ops::Range;

use pulp::Simd;

use crate::book::valuation::Net;
use crate::math::{B, Lanes};
use crate::policy::decision::Action;

use super::market::add_error;
use super::plan::{BookPlan, Now, Plan};
use super::state::BlockState;
use super::step::{self, Job};
use marks::Marking;
use rows::Step;

/// Most steps of a span: the portfolios of eight policies are read from the second cache once in so many, and what the
/// steps show still stays in the first.
const MOST: usize = 8;

/// What policies and marks read of a step.
#[derive(Debug, Clone)]
pub(super) struct Shown {
    now: Now,
    /// True price.
    s: Lanes,
    /// Price seen, and the steps since it was posted; kept only where there is an oracle.
    seen: Lanes,
    age: Lanes,
    /// One for each valuation.
    nets: Vec<Net>,
    /// What each policy does.
    actions: Vec<Action>,
    /// Place of its orders in the queues, where there is a delay.
    slot: usize,
}

/// Room for a span.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    shown: Vec<Shown>,
    trail: marks::Trail,
    /// A policy's marks at the times of the timeline.
    noted: [Lanes; MOST],
}

impl Room {
    /// Room for a plan that is run in spans; none for others.
    pub(super) fn new(plan: &Plan, nets: &[Net], actions: &[Action]) -> Self {
        if !applies(plan) {
            return Self::default();
        }
        let shown = Shown {
            now: plan.now(0),
            s: Lanes::ZERO,
            seen: Lanes::ZERO,
            age: Lanes::ZERO,
            nets: nets.to_vec(),
            actions: actions.to_vec(),
            slot: 0,
        };
        Self { shown: vec![shown; MOST], ..Self::default() }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(plan: &Plan) -> f64 {
        let BookPlan::Options(book) = &plan.book else { return 0.0 };
        let lanes = 3 + book.valuations.list.len() * (3 * plan.n_assets() + 1);
        if applies(plan) { (MOST * lanes * size_of::<Lanes>()) as f64 } else { 0.0 }
    }
}

/// Whether a run of that plan may be taken in spans: an option book on one asset of which orders fill at once or after a
/// fixed delay, at a cost in proportion and a fixed one, and where nothing but the rate accrues.
pub(super) fn applies(plan: &Plan) -> bool {
    let ([asset], BookPlan::Options(_)) = (plan.prices.assets.as_slice(), &plan.book) else { return false };
    let plain = plan.venue.is_none() && !plan.moves() && !plan.accrues;
    plain && asset.cost.impact == 0.0 && !asset.perpetual
}

/// Whether spans are faster than steps with those vectors: there must be registers for them.
pub(super) const fn pays<S: Simd>() -> bool {
    S::F64_LANES >= 8
}

/// End of the span that begins at step `j`: no leg settles within it, and path metrics have begun.
#[inline(always)]
pub(super) fn end(plan: &Plan, j: u64) -> u64 {
    let most = plan.n_steps.min(j + MOST as u64);
    if plan.path_metrics && j <= plan.warmup {
        return j;
    }
    (j..most).find(|step| plan.settles_at(*step)).unwrap_or(most)
}

/// Takes the steps of a span.
#[inline(always)]
pub(super) fn run<S: Simd>(simd: S, plan: &Plan, job: Job, steps: Range<u64>, state: &mut BlockState) {
    let BookPlan::Options(book) = &plan.book else { return };
    let n = (steps.end - steps.start) as usize;
    for (k, j) in steps.enumerate() {
        step::look_ahead::<false, false, true>(plan, job, j, state);
        show(plan, j, k, state);
    }
    let BlockState { span, accounts, timeline, .. } = state;
    let shown = Step::all(plan, book, &span.shown[..n], timeline.is_some());
    for (p, account) in accounts.iter_mut().enumerate() {
        let marking = Marking { trail: &mut span.trail, noted: &mut span.noted };
        Follow { plan, p, steps: &shown[..n] }.take(simd, marking, account);
        if let Some(timeline) = timeline.as_mut() {
            let timed = shown[..n].iter().zip(&span.noted).filter(|(step, _)| step.timed);
            timed.for_each(|(_, mark)| timeline[p].push(*mark));
        }
    }
}

/// Lays down what the policies are shown of a step.
#[inline(always)]
fn show(plan: &Plan, j: u64, k: usize, state: &mut BlockState) {
    let shown = &mut state.span.shown[k];
    shown.now = plan.now(j);
    shown.slot = (j as usize).checked_rem(plan.prices.assets[0].delay).unwrap_or(0);
    let s = &state.market.prices[0].s;
    if plan.prices.any_oracle {
        // one loop: stores fill the time that the division takes
        let (feed, sums) = (&state.feeds[0], &mut state.oracle_error);
        for lane in 0..B {
            shown.s[lane] = s[lane];
            shown.seen[lane] = feed.seen[lane];
            shown.age[lane] = j as f64 - feed.seen_at[lane];
            sums[lane] = add_error(feed.seen[lane], s[lane], sums[lane]);
        }
    } else {
        shown.s = *s;
    }
    // the next step makes its own
    std::mem::swap(&mut shown.nets, &mut state.nets);
    std::mem::swap(&mut shown.actions, &mut state.actions);
}

/// One policy's way through a span.
#[derive(Clone, Copy)]
struct Follow<'a> {
    plan: &'a Plan,
    p: usize,
    steps: &'a [Step<'a>],
}

/// Neighbouring vectors of some lanes: the `group`-th `N`.
#[inline(always)]
fn load<S: Simd, const N: usize>(_: S, lanes: &Lanes, group: usize) -> [S::f64s; N] {
    S::as_simd_f64s(lanes.as_slice()).0.as_chunks().0[group]
}

/// The same where the lanes are kept, else nothing.
#[inline(always)]
fn load_if<S: Simd, const N: usize>(simd: S, kept: bool, lanes: &Lanes, group: usize) -> [S::f64s; N] {
    if kept { load(simd, lanes, group) } else { [simd.splat_f64s(0.0); N] }
}

/// Writes neighbouring vectors back.
#[inline(always)]
fn store<S: Simd, const N: usize>(_: S, from: [S::f64s; N], group: usize, lanes: &mut Lanes) {
    S::as_mut_simd_f64s(lanes.as_mut_slice()).0.as_chunks_mut().0[group] = from;
}

/// Groups of `N` vectors in a block.
#[inline(always)]
const fn groups<S: Simd, const N: usize>() -> usize {
    B / (S::F64_LANES * N)
}

/// Adds where it fills.
#[inline(always)]
fn add<S: Simd>(simd: S, fills: S::m64s, sum: S::f64s, more: S::f64s) -> S::f64s {
    simd.select_f64s(fills, simd.add_f64s(sum, more), sum)
}
