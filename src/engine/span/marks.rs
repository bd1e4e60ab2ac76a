//! A policy's marks over a span, and the path metrics they feed: see [`super::super::marks`].
use pulp::Simd;

use super::super::plan::Plan;
use super::super::state::PathMetrics;
use super::fills::Portfolio;
use super::rows::{Row, Step};
use super::{add, load, load_if, store};

/// What the marks of a policy add up to, on some neighbouring vectors.
pub(super) struct Sums<S: Simd, const N: usize> {
    /// What the portfolio was worth at the last step.
    pub(super) mark: [S::f64s; N],
    mean: [S::f64s; N],
    squares: [S::f64s; N],
    most: [S::f64s; N],
    gap: [S::f64s; N],
    outside: [S::f64s; N],
    least: [S::f64s; N],
}

impl<S: Simd, const N: usize> Sums<S, N> {
    #[inline(always)]
    pub(super) fn load<const MARKS: bool>(simd: S, path: &PathMetrics, group: usize) -> Self {
        Self {
            mark: load_if(simd, MARKS, &path.mark, group),
            mean: load_if(simd, MARKS, &path.mean, group),
            squares: load_if(simd, MARKS, &path.squares, group),
            most: load_if(simd, MARKS, &path.max_abs, group),
            gap: load_if(simd, MARKS, &path.gap, group),
            outside: load_if(simd, MARKS, &path.outside, group),
            least: load_if(simd, MARKS, &path.least_cash, group),
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

    /// Value, active return, deviation and balance of one step.
    #[inline(always)]
    pub(super) fn note(&mut self, simd: S, plan: &Plan, step: &Step, group: usize, own: &Portfolio<S, N>) {
        let Step { shown, legs, units, share, .. } = *step;
        let (growth, share) = (simd.splat_f64s(shown.now.growth), simd.splat_f64s(share));
        let scale = simd.splat_f64s(1.0 / plan.constants.notional);
        let (s, legs) = (load::<S, N>(simd, &shown.s, group), load::<S, N>(simd, legs, group));
        for v in 0..N {
            let nominal = simd.mul_f64s(own.cash[v], growth);
            // the second of two where they do not differ, or one is no number
            self.least[v] = simd.min_f64s(nominal, self.least[v]);
            let portfolio = simd.add_f64s(simd.mul_f64s(own.held[v], s[v]), nominal);
            let mut mark = simd.add_f64s(portfolio, legs[v]);
            if units != 0.0 {
                mark = simd.mul_add_f64s(simd.splat_f64s(units), s[v], mark);
            }
            let active = simd.mul_f64s(simd.sub_f64s(mark, self.mark[v]), scale);
            self.mark[v] = mark;
            let off = simd.sub_f64s(active, self.mean[v]);
            let center = simd.mul_add_f64s(off, share, self.mean[v]);
            self.mean[v] = center;
            self.squares[v] = simd.mul_add_f64s(off, simd.sub_f64s(active, center), self.squares[v]);
            self.most[v] = simd.max_f64s(simd.abs_f64s(mark), self.most[v]);
        }
    }

    /// Target less held at the true price, and whether a band is left.
    #[inline(always)]
    pub(super) fn note_gaps(&mut self, simd: S, row: &Row, group: usize, own: &Portfolio<S, N>) {
        let Some((goal, width)) = row.goal else { return };
        let (goal, width) = (load::<S, N>(simd, goal, group), width.of::<S, N>(simd, group));
        for v in 0..N {
            let gap = simd.sub_f64s(goal[v], own.held[v]);
            self.gap[v] = simd.mul_add_f64s(gap, gap, self.gap[v]);
            let beyond = simd.greater_than_f64s(simd.abs_f64s(gap), width[v]);
            self.outside[v] = add(simd, beyond, self.outside[v], simd.splat_f64s(1.0));
        }
    }
}
