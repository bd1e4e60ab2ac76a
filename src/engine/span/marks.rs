//! A policy's marks over a span, and the path metrics they feed: see [`super::super::marks`].
use pulp::Simd;

use crate::math::Lanes;

use super::super::state::PathMetrics;
use super::fills::Portfolio;
use super::pass::ABREAST;
use super::rows::{Row, Step};
use super::{MOST, add, load, store};

/// Vectors that are marked side by side: half of those that trade, since marks need more registers.
pub(super) const MARKED: usize = ABREAST / 2;

/// Where marks are noted besides a policy's sums.
pub(super) struct Marking<'a> {
    pub(super) trail: &'a mut Trail,
    /// Marks by step, at the times of the timeline.
    pub(super) noted: &'a mut [Lanes; MOST],
}

/// Units and cash after each step of a span that may change them, of the vectors that are taken through it together.
///
/// Trades wait for each other from step to step, marks for the trades of their own step only. One loop over both is so
/// long that the processor does not see the next step's trades while it waits for a mark; two short ones are faster.
#[derive(Debug, Clone, Default)]
pub(super) struct Trail([Lanes; MOST / 2]);

/// What a step leaves, as the marks read it.
pub(super) struct Passed<S: Simd> {
    held: [S::f64s; MARKED],
    cash: [S::f64s; MARKED],
}

impl Trail {
    /// Notes step `k` of the span; two steps share the lanes of a block.
    #[inline(always)]
    pub(super) fn leave<S: Simd>(&mut self, simd: S, k: usize, own: &Portfolio<S, ABREAST>) {
        let lanes = &mut self.0[k / 2];
        store(simd, own.held, 2 * (k % 2), lanes);
        store(simd, own.cash, 2 * (k % 2) + 1, lanes);
    }

    /// One part of the vectors at step `k`.
    #[inline(always)]
    pub(super) fn read<S: Simd>(&self, simd: S, k: usize, part: usize) -> Passed<S> {
        let (lanes, parts) = (&self.0[k / 2], ABREAST / MARKED);
        Passed {
            held: load(simd, lanes, 2 * (k % 2) * parts + part),
            cash: load(simd, lanes, (2 * (k % 2) + 1) * parts + part),
        }
    }
}

/// What the marks of a policy add up to, on some neighbouring vectors.
pub(super) struct Sums<S: Simd> {
    /// What the portfolio was worth at the last step.
    pub(super) mark: [S::f64s; MARKED],
    mean: [S::f64s; MARKED],
    squares: [S::f64s; MARKED],
    most: [S::f64s; MARKED],
    gap: [S::f64s; MARKED],
    outside: [S::f64s; MARKED],
    least: [S::f64s; MARKED],
}

impl<S: Simd> Sums<S> {
    #[inline(always)]
    pub(super) fn load(simd: S, path: &PathMetrics, group: usize) -> Self {
        Self {
            mark: load(simd, &path.mark, group),
            mean: load(simd, &path.mean, group),
            squares: load(simd, &path.squares, group),
            most: load(simd, &path.max_abs, group),
            gap: load(simd, &path.gap, group),
            outside: load(simd, &path.outside, group),
            least: load(simd, &path.least_cash, group),
        }
    }

    #[inline(always)]
    pub(super) fn store(self, simd: S, group: usize, path: &mut PathMetrics) {
        store(simd, self.mark, group, &mut path.mark);
        store(simd, self.mean, group, &mut path.mean);
        store(simd, self.squares, group, &mut path.squares);
        store(simd, self.most, group, &mut path.max_abs);
        store(simd, self.gap, group, &mut path.gap);
        store(simd, self.outside, group, &mut path.outside);
        store(simd, self.least, group, &mut path.least_cash);
    }

    /// Value, change, deviation and balance of one step. `HOLDS`: the strategy has units of the asset itself.
    #[inline(always)]
    pub(super) fn note<const HOLDS: bool>(&mut self, simd: S, step: &Step, group: usize, own: &Passed<S>) {
        let Step { shown, legs, share, .. } = *step;
        let growth = simd.splat_f64s(shown.now.growth);
        let (share, rest) = (simd.splat_f64s(share), simd.splat_f64s(1.0 - share));
        let (s, legs) = (load::<S, MARKED>(simd, &shown.s, group), load::<S, MARKED>(simd, legs, group));
        for v in 0..MARKED {
            let nominal = simd.mul_f64s(own.cash[v], growth);
            // the second of two where they do not differ, or one is no number
            self.least[v] = simd.min_f64s(nominal, self.least[v]);
            let portfolio = simd.add_f64s(simd.mul_f64s(own.held[v], s[v]), nominal);
            let mut mark = simd.add_f64s(portfolio, legs[v]);
            if HOLDS {
                mark = simd.mul_add_f64s(simd.splat_f64s(step.units), s[v], mark);
            }
            let change = simd.sub_f64s(mark, self.mark[v]);
            self.mark[v] = mark;
            let off = simd.sub_f64s(change, self.mean[v]);
            self.mean[v] = simd.mul_add_f64s(off, share, self.mean[v]);
            self.squares[v] = simd.mul_add_f64s(simd.mul_f64s(off, off), rest, self.squares[v]);
            self.most[v] = simd.max_f64s(simd.abs_f64s(mark), self.most[v]);
        }
    }

    /// Target less held at the true price, and whether a band is left.
    #[inline(always)]
    pub(super) fn note_gaps(&mut self, simd: S, row: &Row, group: usize, own: &Passed<S>) {
        let Some((goal, band)) = row.goal else { return };
        let goal = load::<S, MARKED>(simd, goal, group);
        let mut gap = goal;
        for v in 0..MARKED {
            gap[v] = simd.sub_f64s(goal[v], own.held[v]);
            self.gap[v] = simd.mul_add_f64s(gap[v], gap[v], self.gap[v]);
        }
        let Some(band) = band else { return };
        let width = band.of::<S, MARKED>(simd, group);
        for v in 0..MARKED {
            let beyond = simd.greater_than_f64s(simd.abs_f64s(gap[v]), width[v]);
            self.outside[v] = add(simd, beyond, self.outside[v], simd.splat_f64s(1.0));
        }
    }
}
