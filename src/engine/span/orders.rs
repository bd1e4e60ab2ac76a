//! Orders that fill later than they are decided: see [`super::super::fill`].
use pulp::Simd;

use crate::math::Lanes;

use super::super::plan::FillCost;
use super::fills::{Ordered, Portfolio};
use super::rows::{Aim, Row, Step};
use super::{Follow, add, load};

impl Follow<'_> {
    /// Finds in which steps orders fall due and in which they are kept, and leaves the queue's marks as the span's end
    /// finds them. Without a delay, and where no order ever fills, there is no queue.
    #[inline(always)]
    pub(super) fn places(self, rows: &mut [Row], queued: &mut [bool]) {
        for (row, step) in rows.iter_mut().zip(self.steps) {
            let Some(taken) = queued.get_mut(step.shown.slot) else { continue };
            row.due = *taken;
            row.keeps = true;
            *taken = row.aim.is_some();
        }
    }
}

impl<S: Simd, const N: usize> Portfolio<S, N> {
    /// Fills what was sent: none of it is dust.
    #[inline(always)]
    pub(super) fn fill_due(&mut self, simd: S, step: &Step, cost: FillCost, due: &Lanes, group: usize) {
        let (due, s) = (load::<S, N>(simd, due, group), load::<S, N>(simd, &step.shown.s, group));
        for v in 0..N {
            let value = simd.mul_f64s(due[v], s[v]);
            let fills = simd.greater_than_f64s(simd.abs_f64s(value), simd.splat_f64s(0.0));
            self.book(simd, v, (fills, due[v], value), (step.owed, cost));
        }
    }

    /// Sends what a step decides, but no dust; orders in flight are netted.
    #[inline(always)]
    pub(super) fn send<const EDGE: bool, const SEEN: bool>(
        &mut self,
        simd: S,
        step: &Step,
        aim: &Aim,
        dust: f64,
        group: usize,
    ) -> [S::f64s; N] {
        let (target, width) = (load::<S, N>(simd, aim.target, group), aim.width.of::<S, N>(simd, group));
        let p = load::<S, N>(simd, if SEEN { &step.shown.seen } else { &step.shown.s }, group);
        let (dust, nothing) = (simd.splat_f64s(dust), simd.splat_f64s(0.0));
        let mut sent = [nothing; N];
        for v in 0..N {
            let gap = simd.sub_f64s(target[v], self.effective[v]);
            let Ordered { units, beyond } = aim.order::<S, EDGE>(simd, gap, width[v]);
            let seen = simd.mul_f64s(simd.abs_f64s(units), p[v]);
            let sends = simd.and_m64s(beyond, simd.greater_than_f64s(seen, dust));
            sent[v] = simd.select_f64s(sends, units, nothing);
            self.effective[v] = simd.add_f64s(self.effective[v], sent[v]);
            if SEEN {
                let age = load::<S, N>(simd, &step.shown.age, group)[v];
                self.age[v] = add(simd, sends, self.age[v], age);
                self.orders[v] = add(simd, sends, self.orders[v], simd.splat_f64s(1.0));
            }
        }
        sent
    }
}
