//! Several steps taken together: the market goes ahead, then each policy follows with its portfolio in registers.
//!
//! Step by step, a policy's units, cash and counts are read and written back in every step, and eight policies push each
//! other and the market out of the nearest cache. Over a span they are read once and written once. The compiler keeps no
//! array of lanes in registers from step to step, so the two passes are written over vectors by hand; the operations
//! and their order are those of [`super::fill`] and [`super::marks`], and so are the bits.
mod fills;
mod marks;

use std::ops::Range;

use pulp::Simd;

use crate::book::valuation::Net;
use crate::math::{B, Lanes};
use crate::policy::decision::Action;

use super::plan::{BookPlan, Now, OptionsPlan, Plan};
use super::state::BlockState;
use super::step::{self, Job};

/// Most steps of a span: those of one draw of normals.
const SPAN: usize = 4;

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
}

/// Room for a span.
#[derive(Debug, Clone, Default)]
pub(super) struct Room {
    shown: Vec<Shown>,
    /// One policy's units and cash after each step, and before the first; kept only for marks.
    kept: Vec<[Lanes; 2]>,
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
        };
        let kept = if plan.path_metrics { SPAN + 1 } else { 0 };
        Self { shown: vec![shown; SPAN], kept: vec![[Lanes::ZERO; 2]; kept] }
    }

    /// Bytes that it takes.
    pub(super) fn bytes(plan: &Plan) -> f64 {
        let BookPlan::Options(book) = &plan.book else { return 0.0 };
        let lanes = 5 + book.valuations.list.len() * (3 * plan.n_assets() + 1);
        if applies(plan) { (SPAN + 1) as f64 * (lanes * size_of::<Lanes>()) as f64 } else { 0.0 }
    }
}

/// Whether a run of that plan may be taken in spans: an option book on one asset of which every order fills at once, at a
/// cost in proportion and a fixed one, and where nothing but the rate accrues.
pub(super) fn applies(plan: &Plan) -> bool {
    let ([asset], BookPlan::Options(_)) = (plan.prices.assets.as_slice(), &plan.book) else { return false };
    let plain = plan.venue.is_none() && !plan.moves() && !plan.accrues;
    plain && asset.delay == 0 && asset.cost.impact == 0.0 && !asset.perpetual
}

/// Whether spans are faster than steps with those vectors: there must be registers for them.
pub(super) const fn pays<S: Simd>() -> bool {
    S::F64_LANES >= 8
}

/// End of the span that begins at step `j`: no leg settles within it, and path metrics have begun.
#[inline(always)]
pub(super) fn end(plan: &Plan, j: u64) -> u64 {
    let most = plan.n_steps.min(j + SPAN as u64);
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
        step::look_ahead::<false, false>(plan, job, j, state);
        show(plan, j, k, state);
    }
    let Room { shown, kept } = &mut state.span;
    for (p, account) in state.accounts.iter_mut().enumerate() {
        let follow = Follow { plan, book, p, shown: &shown[..n] };
        follow.fills(simd, kept, account);
        if plan.path_metrics {
            follow.marks(simd, kept, account);
        }
    }
}

/// Lays down what the policies are shown of a step.
#[inline(always)]
fn show(plan: &Plan, j: u64, k: usize, state: &mut BlockState) {
    let shown = &mut state.span.shown[k];
    shown.now = plan.now(j);
    shown.s = state.market.prices[0].s;
    if plan.prices.any_oracle {
        let feed = &state.feeds[0];
        shown.seen = feed.seen;
        for lane in 0..B {
            shown.age[lane] = j as f64 - feed.seen_at[lane];
        }
    }
    // the next step makes its own
    std::mem::swap(&mut shown.nets, &mut state.nets);
    std::mem::swap(&mut shown.actions, &mut state.actions);
}

/// One policy's way through a span.
#[derive(Clone, Copy)]
struct Follow<'a> {
    plan: &'a Plan,
    book: &'a OptionsPlan,
    p: usize,
    shown: &'a [Shown],
}

/// Half-width of a band, as a pass reads it.
#[derive(Clone, Copy)]
enum Band {
    /// The same on every path; less than 0 lets every gap out.
    Flat(f64),
    /// A factor of what a valuation makes of every step.
    Followed { factor: f64, valuation: usize },
}

impl Band {
    /// What is a factor of the widths that a step shows, and those.
    #[inline(always)]
    fn at(self, shown: &Shown) -> Option<(f64, &Lanes)> {
        match self {
            Self::Flat(_) => None,
            Self::Followed { factor, valuation } => Some((factor, &shown.nets[valuation].width[0])),
        }
    }

    /// The width that needs no step.
    #[inline(always)]
    fn flat(self) -> f64 {
        if let Self::Flat(width) = self { width } else { 0.0 }
    }
}

/// One vector of some lanes.
#[inline(always)]
fn load<S: Simd>(_: S, lanes: &Lanes, vector: usize) -> S::f64s {
    S::as_simd_f64s(lanes.as_slice()).0[vector]
}

/// Neighbouring vectors of some lanes.
#[inline(always)]
fn load_all<S: Simd, const N: usize>(_: S, lanes: &Lanes, first: usize) -> [S::f64s; N] {
    let vectors = &S::as_simd_f64s(lanes.as_slice()).0[first..first + N];
    let mut few = [vectors[0]; N];
    few.copy_from_slice(vectors);
    few
}

/// Writes neighbouring vectors back.
#[inline(always)]
fn store_all<S: Simd, const N: usize>(_: S, from: [S::f64s; N], first: usize, lanes: &mut Lanes) {
    S::as_mut_simd_f64s(lanes.as_mut_slice()).0[first..first + N].copy_from_slice(&from);
}

/// Vectors of a block.
#[inline(always)]
const fn vectors<S: Simd>() -> usize {
    B / S::F64_LANES
}
