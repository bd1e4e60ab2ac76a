//! A policy's portfolio in registers, and what fills at once: see [`super::super::fill`].
use pulp::Simd;

use crate::math::Lanes;

use super::super::plan::FillCost;
use super::super::state::Holding;
use super::rows::{Aim, Step};
use super::{add, load, load_if, store};

/// What of a portfolio orders and fills change, on some neighbouring vectors.
pub(super) struct Portfolio<S: Simd, const N: usize> {
    pub(super) held: [S::f64s; N],
    pub(super) cash: [S::f64s; N],
    pub(super) turnover: [S::f64s; N],
    pub(super) trades: [S::f64s; N],
    /// Only with an oracle.
    pub(super) age: [S::f64s; N],
    /// Only where orders fill later.
    pub(super) effective: [S::f64s; N],
    /// Only with both.
    pub(super) orders: [S::f64s; N],
}

/// What an order comes to at one vector.
pub(super) struct Ordered<S: Simd> {
    pub(super) units: S::f64s,
    /// Lanes that leave the band.
    pub(super) beyond: S::m64s,
}

impl<S: Simd, const N: usize> Portfolio<S, N> {
    #[inline(always)]
    pub(super) fn load<const SEEN: bool, const LATE: bool>(
        simd: S,
        holding: &Holding,
        cash: &Lanes,
        group: usize,
    ) -> Self {
        Self {
            held: load(simd, &holding.held, group),
            cash: load(simd, cash, group),
            turnover: load(simd, &holding.turnover, group),
            trades: load(simd, &holding.trades, group),
            age: load_if(simd, SEEN, &holding.age, group),
            effective: load_if(simd, LATE, &holding.effective, group),
            orders: load_if(simd, SEEN && LATE, &holding.orders, group),
        }
    }

    /// Back to where it came from.
    #[inline(always)]
    pub(super) fn store<const SEEN: bool, const LATE: bool>(
        self,
        simd: S,
        group: usize,
        holding: &mut Holding,
        cash: &mut Lanes,
    ) {
        store(simd, self.held, group, &mut holding.held);
        store(simd, self.cash, group, cash);
        store(simd, self.turnover, group, &mut holding.turnover);
        store(simd, self.trades, group, &mut holding.trades);
        if SEEN {
            store(simd, self.age, group, &mut holding.age);
        }
        if LATE {
            store(simd, self.effective, group, &mut holding.effective);
        }
        if SEEN && LATE {
            store(simd, self.orders, group, &mut holding.orders);
        }
    }

    /// Fills at once what a step decides, but no dust.
    #[inline(always)]
    pub(super) fn fill<const EDGE: bool, const SEEN: bool>(
        &mut self,
        simd: S,
        step: &Step,
        aim: &Aim,
        (cost, dust): (FillCost, f64),
        group: usize,
    ) {
        let (target, width) = (load::<S, N>(simd, aim.target, group), aim.width.of::<S, N>(simd, group));
        let (s, dust) = (load::<S, N>(simd, &step.shown.s, group), simd.splat_f64s(dust));
        for v in 0..N {
            let gap = simd.sub_f64s(target[v], self.held[v]);
            let Ordered { units, beyond } = aim.order::<S, EDGE>(simd, gap, width[v]);
            let value = simd.mul_f64s(units, s[v]);
            let notional = simd.abs_f64s(value);
            let seen = if SEEN {
                simd.mul_f64s(simd.abs_f64s(units), load::<S, N>(simd, &step.shown.seen, group)[v])
            } else {
                notional
            };
            let fills = simd.and_m64s(beyond, simd.greater_than_f64s(seen, dust));
            self.book(simd, v, (fills, units, value), (step.owed, cost));
            if SEEN {
                let age = load::<S, N>(simd, &step.shown.age, group)[v];
                self.age[v] = add(simd, fills, self.age[v], age);
            }
        }
    }

    /// Books the lanes of one vector that fill.
    #[inline(always)]
    pub(super) fn book(
        &mut self,
        simd: S,
        v: usize,
        (fills, units, value): (S::m64s, S::f64s, S::f64s),
        (owed, cost): (f64, FillCost),
    ) {
        let notional = simd.abs_f64s(value);
        let (proportional, fixed) = (simd.splat_f64s(cost.proportional), simd.splat_f64s(cost.fixed));
        let paid = simd.mul_add_f64s(proportional, notional, fixed);
        let left = simd.mul_add_f64s(simd.splat_f64s(owed), simd.add_f64s(value, paid), self.cash[v]);
        self.held[v] = add(simd, fills, self.held[v], units);
        self.turnover[v] = add(simd, fills, self.turnover[v], notional);
        self.trades[v] = add(simd, fills, self.trades[v], simd.splat_f64s(1.0));
        self.cash[v] = simd.select_f64s(fills, left, self.cash[v]);
    }
}

impl Aim<'_> {
    /// Units that a gap asks for, and whether it leaves the band; `EDGE`: some trades go to its edge.
    #[inline(always)]
    pub(super) fn order<S: Simd, const EDGE: bool>(
        &self,
        simd: S,
        gap: S::f64s,
        width: S::f64s,
    ) -> Ordered<S> {
        let beyond = simd.greater_than_f64s(simd.abs_f64s(gap), width);
        if !EDGE {
            return Ordered { units: gap, beyond };
        }
        // a trade to the center comes as near as 0
        let inset = if self.edge { width } else { simd.splat_f64s(0.0) };
        let near = simd.or_f64s(inset, simd.and_f64s(gap, simd.splat_f64s(-0.0)));
        Ordered { units: simd.sub_f64s(gap, near), beyond }
    }
}
