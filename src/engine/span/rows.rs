//! What the steps of a span show to one policy's pass.
use pulp::Simd;

use crate::math::Lanes;
use crate::policy::Destination;
use crate::policy::decision::{Action, Width};

use super::super::plan::{OptionsPlan, TargetIndex};
use super::{Follow, SPAN, Shown, load};

/// One step.
#[derive(Clone, Copy)]
pub(super) struct Row<'a> {
    /// True price.
    pub(super) s: &'a Lanes,
    /// Less e^{−rt}: what a payment leaves of discounted cash.
    pub(super) owed: f64,
    /// What the policy decides; nothing where it rests.
    pub(super) aim: Option<Aim<'a>>,
    /// Place in the queue of what falls due.
    pub(super) due: Option<usize>,
    /// Place in the queue of what is sent; nothing where no order ever fills.
    pub(super) place: Option<usize>,
    /// What the marks read.
    pub(super) mark: Mark<'a>,
}

/// What a decision reads.
#[derive(Clone, Copy)]
pub(super) struct Aim<'a> {
    pub(super) target: &'a Lanes,
    pub(super) width: Half<'a>,
    /// Whether the order goes to the edge of the band.
    pub(super) edge: bool,
    /// Price seen, and its age.
    pub(super) seen: &'a Lanes,
    pub(super) age: &'a Lanes,
}

/// What the marks read.
#[derive(Clone, Copy)]
pub(super) struct Mark<'a> {
    /// Value of the live legs.
    pub(super) legs: &'a Lanes,
    /// Units of the asset in the strategy.
    pub(super) units: f64,
    /// Target at the true price, and the band round it.
    pub(super) goal: Option<(&'a Lanes, Half<'a>)>,
    pub(super) growth: f64,
    /// One over the number of active returns so far.
    pub(super) share: f64,
    /// Where the timeline takes it.
    pub(super) time: Option<usize>,
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
                load::<S, N>(simd, shared, group).map(|width| simd.mul_f64s(simd.splat_f64s(factor), width))
            }
        }
    }
}

impl<'a> Follow<'a> {
    /// Every step of the span; the first ones are in use.
    #[inline(always)]
    pub(super) fn rows(self, book: &OptionsPlan) -> [Row<'a>; SPAN] {
        let mut rows = [self.row(&self.shown[0], book); SPAN];
        for (row, shown) in rows.iter_mut().zip(self.shown) {
            *row = self.row(shown, book);
        }
        rows
    }

    #[inline(always)]
    fn row(self, shown: &'a Shown, book: &OptionsPlan) -> Row<'a> {
        Row {
            s: &shown.s,
            owed: -shown.now.discount,
            aim: self.aim(shown),
            due: None,
            place: None,
            mark: self.mark(shown, book),
        }
    }

    #[inline(always)]
    fn aim(self, shown: &'a Shown) -> Option<Aim<'a>> {
        let (policy, action) = (&self.plan.policies[self.p], shown.actions[self.p]);
        let target = policy.target.filter(|_| action != Action::Rest)?;
        let watch = policy.decision.band.as_ref().filter(|_| action == Action::Watch);
        let width = watch.map_or(Half::Flat(-1.0), |watch| half(&watch.width, target.width.0, shown));
        Some(Aim {
            target: &shown.nets[target.seen].target[0],
            width,
            edge: watch.is_some_and(|watch| watch.to == Destination::Edge),
            seen: &shown.seen,
            age: &shown.age,
        })
    }

    #[inline(always)]
    fn mark(self, shown: &'a Shown, book: &OptionsPlan) -> Mark<'a> {
        let (plan, policy) = (self.plan, &self.plan.policies[self.p]);
        let band = |target: TargetIndex| match &policy.decision.band {
            Some(watch) => half(&watch.width, target.width.1, shown),
            None => Half::Flat(f64::INFINITY),
        };
        let goal = |target: TargetIndex| (&shown.nets[target.truth].target[0], band(target));
        let j = shown.now.j;
        Mark {
            legs: &shown.nets[book.valuations.mark].value,
            units: book.holdings[0],
            goal: policy.target.map(goal),
            growth: shown.now.growth,
            share: 1.0 / j.saturating_sub(plan.warmup) as f64,
            time: if self.times { plan.times.binary_search(&j).ok() } else { None },
        }
    }
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
