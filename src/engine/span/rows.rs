//! What the steps of a span show to one policy's pass.
use pulp::Simd;

use crate::math::Lanes;
use crate::policy::Destination;
use crate::policy::decision::{Action, Watch, Width};

use super::super::plan::{OptionsPlan, Plan, TargetIndex};
use super::{Follow, MOST, Shown, load};

/// What every policy reads of a step.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) shown: &'a Shown,
    /// Less e^{−rt}: what a payment leaves of discounted cash.
    pub(super) owed: f64,
    /// Value of the live legs.
    pub(super) legs: &'a Lanes,
    /// Units of the asset in the strategy.
    pub(super) units: f64,
    /// One over the number of changes so far.
    pub(super) share: f64,
    /// Whether it is a time of the timeline.
    pub(super) timed: bool,
}

impl<'a> Step<'a> {
    /// Every step of a span; the first ones are in use.
    #[inline(always)]
    pub(super) fn all(plan: &Plan, book: &OptionsPlan, shown: &'a [Shown], times: bool) -> [Self; MOST] {
        let mut steps = [Self::new(plan, book, &shown[0], times); MOST];
        for (step, shown) in steps.iter_mut().zip(shown) {
            *step = Self::new(plan, book, shown, times);
        }
        steps
    }

    #[inline(always)]
    fn new(plan: &Plan, book: &OptionsPlan, shown: &'a Shown, times: bool) -> Self {
        let now = shown.now;
        Self {
            shown,
            owed: -now.discount,
            legs: &shown.nets[book.valuations.mark].value,
            units: book.holdings[0],
            share: 1.0 / now.j.saturating_sub(plan.warmup) as f64,
            timed: times && plan.times.binary_search(&now.j).is_ok(),
        }
    }
}

/// What a policy's pass reads of a step besides.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// What it decides; nothing where it rests.
    pub(super) aim: Option<Aim<'a>>,
    /// Target at the true price and the band round it, if there is one, as the marks see them.
    pub(super) goal: Option<(&'a Lanes, Option<Half<'a>>)>,
    /// Whether orders fall due.
    pub(super) due: bool,
    /// Whether orders that are sent are kept: some never fill.
    pub(super) keeps: bool,
}

/// What a decision reads.
#[derive(Clone, Copy)]
pub(super) struct Aim<'a> {
    pub(super) target: &'a Lanes,
    pub(super) width: Half<'a>,
    /// Whether the order goes to the edge of the band.
    pub(super) edge: bool,
}

/// Half-width of a band at a step.
#[derive(Clone, Copy)]
pub(super) enum Half<'a> {
    /// The same on every path; less than 0 lets every gap out.
    Flat(f64),
    /// A factor of what a valuation makes.
    Followed(f64, &'a Lanes),
}

impl Half<'_> {
    /// On neighbouring vectors.
    #[inline(always)]
    pub(super) fn of<S: Simd, const N: usize>(self, simd: S, group: usize) -> [S::f64s; N] {
        match self {
            Self::Flat(width) => [simd.splat_f64s(width); N],
            Self::Followed(factor, shared) => {
                let mut widths = load::<S, N>(simd, shared, group);
                for width in &mut widths {
                    *width = simd.mul_f64s(simd.splat_f64s(factor), *width);
                }
                widths
            }
        }
    }
}

impl<'a> Follow<'a> {
    /// Every step of the span; the first ones are in use.
    #[inline(always)]
    pub(super) fn rows(self) -> [Row<'a>; MOST] {
        let policy = &self.plan.policies[self.p];
        let mut rows = [Row { aim: None, goal: None, due: false, keeps: false }; MOST];
        let Some(target) = policy.target else { return rows };
        let watch = policy.decision.band.as_ref();
        for (row, step) in rows.iter_mut().zip(self.steps) {
            row.aim = aim(step.shown, step.shown.actions[self.p], target, watch);
            if self.plan.path_metrics {
                let band = match watch {
                    Some(watch) => Some(half(&watch.width, target.width.1, step.shown)),
                    None => None,
                };
                row.goal = Some((&step.shown.nets[target.truth].target[0], band));
            }
        }
        rows
    }
}

/// What a policy decides at a step, if it does not rest.
#[inline(always)]
fn aim<'a>(shown: &'a Shown, action: Action, target: TargetIndex, watch: Option<&Watch>) -> Option<Aim<'a>> {
    let (width, edge) = match (action, watch) {
        (Action::Rest, _) => return None,
        (Action::Watch, Some(watch)) => {
            (half(&watch.width, target.width.0, shown), watch.to == Destination::Edge)
        }
        _ => (Half::Flat(-1.0), false),
    };
    Some(Aim { target: &shown.nets[target.seen].target[0], width, edge })
}

/// Half-width that a step shows.
#[inline(always)]
fn half<'a>(width: &Width, valuation: usize, shown: &'a Shown) -> Half<'a> {
    match width {
        Width::Absolute(widths) => Half::Flat(widths[0]),
        Width::Followed(factors) => Half::Followed(factors[0], &shown.nets[valuation].width[0]),
        // of a target weight, which options do not have; a rule's, which is decided elsewhere
        Width::Relative(_) | Width::Narrower(..) => Half::Flat(f64::INFINITY),
    }
}
