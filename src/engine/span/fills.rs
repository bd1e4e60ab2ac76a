//! A policy's orders and fills over a span.
use pulp::Simd;

use crate::math::Lanes;
use crate::policy::Destination;
use crate::policy::decision::{Action, Width};

use super::super::plan::TargetIndex;
use super::super::state::{Account, Holding};
use super::{Band, Follow, SPAN, Shown, load, load_all, store_all, vectors};

/// Vectors side by side, so that a step need not wait for the one before.
const ABREAST: usize = 4;

impl Follow<'_> {
    /// Makes the trades of every step; `kept` takes what they leave, where it has room.
    #[inline(always)]
    pub(super) fn fills<S: Simd>(self, simd: S, kept: &mut [[Lanes; 2]], account: &mut Account) {
        if let Some(before) = kept.first_mut() {
            *before = [account.holdings[0].held, account.cash];
        }
        let mut from = 0;
        while from < self.shown.len() {
            let action = self.action(from);
            // what a policy does mostly goes on
            let mut to = from + 1;
            while to < self.shown.len() && self.action(to) == action {
                to += 1;
            }
            match self.plan.policies[self.p].target {
                Some(target) if action != Action::Rest => {
                    let these = Self { shown: &self.shown[from..to], ..self };
                    let kept = kept.get_mut(from + 1..=to).unwrap_or_default();
                    these.trades(simd, action, target, kept, account);
                }
                _ if kept.is_empty() => {}
                _ => {
                    for k in from..to {
                        kept[k + 1] = kept[k];
                    }
                }
            }
            from = to;
        }
    }

    #[inline(always)]
    fn action(self, k: usize) -> Action {
        self.shown[k].actions[self.p]
    }

    /// The trades of steps in which the policy does the same.
    #[inline(always)]
    fn trades<S: Simd>(
        self,
        simd: S,
        action: Action,
        target: TargetIndex,
        kept: &mut [[Lanes; 2]],
        account: &mut Account,
    ) {
        let watch = self.plan.policies[self.p].decision.band.as_ref().filter(|_| action == Action::Watch);
        let (band, edge) = match watch.map(|watch| (&watch.width, watch.to == Destination::Edge)) {
            Some((Width::Absolute(widths), edge)) => (Band::Flat(widths[0]), edge),
            Some((Width::Followed(factors), edge)) => {
                (Band::Followed { factor: factors[0], valuation: target.width.0 }, edge)
            }
            // of a target weight, which options do not have
            Some((Width::Relative(_) | Width::Narrower(..), _)) => (Band::Flat(f64::INFINITY), false),
            None => (Band::Flat(-1.0), false),
        };
        let pass = Pass { follow: self, valuation: target.seen, band };
        match (edge, self.plan.prices.any_oracle) {
            (false, false) => pass.run::<S, false, false>(simd, kept, account),
            (false, true) => pass.run::<S, false, true>(simd, kept, account),
            (true, false) => pass.run::<S, true, false>(simd, kept, account),
            (true, true) => pass.run::<S, true, true>(simd, kept, account),
        }
    }
}

/// Trades of steps in which the policy does the same.
struct Pass<'a> {
    follow: Follow<'a>,
    /// Whose target.
    valuation: usize,
    band: Band,
}

/// What a step shows to the pass.
#[derive(Clone, Copy)]
struct Row<'a> {
    s: &'a Lanes,
    target: &'a Lanes,
    width: Option<(f64, &'a Lanes)>,
    seen: &'a Lanes,
    age: &'a Lanes,
    /// Less e^{−rt}: what a payment leaves of discounted cash.
    owed: f64,
}

impl Row<'_> {
    /// Half-width on one vector; `flat` where no step makes it.
    #[inline(always)]
    fn width_of<S: Simd>(&self, simd: S, vector: usize, flat: S::f64s) -> S::f64s {
        match self.width {
            Some((factor, shared)) => simd.mul_f64s(simd.splat_f64s(factor), load(simd, shared, vector)),
            None => flat,
        }
    }
}

impl Pass<'_> {
    /// `EDGE`: trades go to the edge of the band; `SEEN`: dust is judged at the price seen, and its age noted.
    #[inline(always)]
    fn run<S: Simd, const EDGE: bool, const SEEN: bool>(
        &self,
        simd: S,
        kept: &mut [[Lanes; 2]],
        account: &mut Account,
    ) {
        let shown = self.follow.shown;
        let mut rows = [self.row(&shown[0]); SPAN];
        for (row, shown) in rows.iter_mut().zip(shown) {
            *row = self.row(shown);
        }
        let rows = &rows[..shown.len()];
        let Account { holdings, cash, .. } = account;
        let Holding { held, turnover, trades, age, .. } = &mut holdings[0];
        for first in (0..vectors::<S>()).step_by(ABREAST) {
            let mut own = Portfolio::<S> {
                held: load_all(simd, held, first),
                cash: load_all(simd, cash, first),
                turnover: load_all(simd, turnover, first),
                trades: load_all(simd, trades, first),
                age: if SEEN { load_all(simd, age, first) } else { [simd.splat_f64s(0.0); ABREAST] },
            };
            for (k, row) in rows.iter().enumerate() {
                self.step::<S, EDGE, SEEN>(simd, row, first, &mut own);
                if let Some([units, money]) = kept.get_mut(k) {
                    store_all(simd, own.held, first, units);
                    store_all(simd, own.cash, first, money);
                }
            }
            store_all(simd, own.held, first, held);
            store_all(simd, own.cash, first, cash);
            store_all(simd, own.turnover, first, turnover);
            store_all(simd, own.trades, first, trades);
            if SEEN {
                store_all(simd, own.age, first, age);
            }
        }
    }

    #[inline(always)]
    fn row<'s>(&self, shown: &'s Shown) -> Row<'s> {
        Row {
            s: &shown.s,
            target: &shown.nets[self.valuation].target[0],
            width: self.band.at(shown),
            seen: &shown.seen,
            age: &shown.age,
            owed: -shown.now.discount,
        }
    }

    /// One step of some neighbouring vectors: see [`super::super::fill`].
    #[inline(always)]
    fn step<S: Simd, const EDGE: bool, const SEEN: bool>(
        &self,
        simd: S,
        row: &Row,
        first: usize,
        own: &mut Portfolio<S>,
    ) {
        let (plan, cost) = (self.follow.plan, self.follow.plan.prices.assets[0].cost);
        let (proportional, fixed) = (simd.splat_f64s(cost.proportional), simd.splat_f64s(cost.fixed));
        let (dust, one, sign) = (simd.splat_f64s(plan.dust), simd.splat_f64s(1.0), simd.splat_f64s(-0.0));
        let (owed, flat) = (simd.splat_f64s(row.owed), simd.splat_f64s(self.band.flat()));
        for v in 0..ABREAST {
            let gap = simd.sub_f64s(load(simd, row.target, first + v), own.held[v]);
            let width = row.width_of(simd, first + v, flat);
            let beyond = simd.greater_than_f64s(simd.abs_f64s(gap), width);
            let near = simd.or_f64s(width, simd.and_f64s(gap, sign));
            let units = if EDGE { simd.sub_f64s(gap, near) } else { gap };
            let value = simd.mul_f64s(units, load(simd, row.s, first + v));
            let notional = simd.abs_f64s(value);
            let seen = if SEEN {
                simd.mul_f64s(simd.abs_f64s(units), load(simd, row.seen, first + v))
            } else {
                notional
            };
            let fills = simd.and_m64s(beyond, simd.greater_than_f64s(seen, dust));
            let paid = simd.mul_add_f64s(proportional, notional, fixed);
            let left = simd.mul_add_f64s(owed, simd.add_f64s(value, paid), own.cash[v]);
            own.held[v] = add(simd, fills, own.held[v], units);
            own.turnover[v] = add(simd, fills, own.turnover[v], notional);
            own.trades[v] = add(simd, fills, own.trades[v], one);
            own.cash[v] = simd.select_f64s(fills, left, own.cash[v]);
            if SEEN {
                own.age[v] = add(simd, fills, own.age[v], load(simd, row.age, first + v));
            }
        }
    }
}

/// Adds where it fills.
#[inline(always)]
fn add<S: Simd>(simd: S, fills: S::m64s, sum: S::f64s, more: S::f64s) -> S::f64s {
    simd.select_f64s(fills, simd.add_f64s(sum, more), sum)
}

/// What of a portfolio a fill changes, in registers.
struct Portfolio<S: Simd> {
    held: [S::f64s; ABREAST],
    cash: [S::f64s; ABREAST],
    turnover: [S::f64s; ABREAST],
    trades: [S::f64s; ABREAST],
    age: [S::f64s; ABREAST],
}
