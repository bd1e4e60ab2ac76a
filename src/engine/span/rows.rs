//! What the steps of a span show to one policy's pass.
use pulp::Simd;

use crate::book::valuation::Net;
use crate::math::Lanes;
use crate::policy::Destination;
use crate::policy::decision::{Action, Watch, Width};

use super::super::plan::{OptionsPlan, Plan, TargetIndex};
use super::{Follow, MOST, Shown, load};

/// What every policy reads of a step.
#[derive(Clone, Copy)]
pub(super) struct Step<'a> {
    pub(super) shown: &'a Shown,
    nets: &'a [Net],
    actions: &'a [Action],
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
            nets: &shown.nets,
            actions: &shown.actions,
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
    /// Place in the span of the last step that may have changed the portfolio; the first one stands for those before it.
    pub(super) since: usize,
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
        let mut rows = [Row { aim: None, goal: None, due: false, keeps: false, since: 0 }; MOST];
        let Some(target) = policy.target else { return rows };
        let band = policy.decision.band.as_ref().map(Band::new);
        for (row, step) in rows.iter_mut().zip(self.steps) {
            row.aim = aim(step.nets, step.actions[self.p], target, band);
            if self.plan.path_metrics {
                let half = band.map(|band| band.half(target.width.1, step.nets));
                row.goal = Some((&step.nets[target.truth].target[0], half));
            }
        }
        rows
    }
}

/// A policy's band, as every step asks for it.
#[derive(Clone, Copy)]
struct Band {
    /// Half-width, or a factor of what a valuation makes.
    width: f64,
    follows: bool,
    edge: bool,
}

impl Band {
    #[inline(always)]
    fn new(watch: &Watch) -> Self {
        let (width, follows) = match &watch.width {
            Width::Absolute(widths) => (widths[0], false),
            Width::Followed(factors) => (factors[0], true),
            // of a target weight, which options do not have; a rule's, which is decided elsewhere
            Width::Relative(_) | Width::Narrower(..) => (f64::INFINITY, false),
        };
        Self { width, follows, edge: watch.to == Destination::Edge }
    }

    /// Half-width at a step, by one of its valuations.
    #[inline(always)]
    fn half(self, valuation: usize, nets: &[Net]) -> Half<'_> {
        if self.follows {
            Half::Followed(self.width, &nets[valuation].width[0])
        } else {
            Half::Flat(self.width)
        }
    }
}

/// What a policy decides at a step, if it does not rest.
#[inline(always)]
fn aim(nets: &[Net], action: Action, target: TargetIndex, band: Option<Band>) -> Option<Aim<'_>> {
    let (width, edge) = match (action, band) {
        (Action::Rest, _) => return None,
        (Action::Watch, Some(band)) => (band.half(target.width.0, nets), band.edge),
        _ => (Half::Flat(-1.0), false),
    };
    Some(Aim { target: &nets[target.seen].target[0], width, edge })
}
