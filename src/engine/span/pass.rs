//! One policy's pass over a span: orders, fills and marks of some vectors at a time, step after step.
use pulp::Simd;

use crate::math::Lanes;
use crate::policy::Destination;

use super::super::plan::{FillCost, Plan};
use super::super::state::{Account, PathMetrics};
use super::fills::Portfolio;
use super::marks::{MARKED, Marking, Sums};
use super::rows::{Row, Step};
use super::{Follow, MOST, groups, store};

/// Vectors side by side, so that a step need not wait for the one before.
pub(super) const ABREAST: usize = 4;

impl Follow<'_> {
    /// Takes the policy through every step.
    #[inline(always)]
    pub(super) fn take<S: Simd>(self, simd: S, marking: Marking, account: &mut Account) {
        let mut rows = self.rows();
        self.places(&mut rows, &mut account.holdings[0].queued);
        if !self.plan.path_metrics && rows.iter().all(|row| row.aim.is_none() && !row.due) {
            return;
        }
        note_rests(&mut rows);
        let pass = Pass { plan: self.plan, steps: self.steps, rows: &rows };
        let band = self.plan.policies[self.p].decision.band.as_ref();
        let edge = band.is_some_and(|watch| watch.to == Destination::Edge);
        match (edge, self.plan.prices.any_oracle) {
            (false, false) => pass.at_once_or_late::<S, false, false>(simd, marking, account),
            (false, true) => pass.at_once_or_late::<S, false, true>(simd, marking, account),
            (true, false) => pass.at_once_or_late::<S, true, false>(simd, marking, account),
            (true, true) => pass.at_once_or_late::<S, true, true>(simd, marking, account),
        }
    }
}

/// Notes since when the portfolio has been as it is at each step.
#[inline(always)]
fn note_rests(rows: &mut [Row; MOST]) {
    let mut since = 0;
    for (k, row) in rows.iter_mut().enumerate() {
        since = if row.aim.is_some() || row.due { k } else { since };
        row.since = since;
    }
}

/// The steps that a policy is taken through.
struct Pass<'a> {
    plan: &'a Plan,
    steps: &'a [Step<'a>],
    rows: &'a [Row<'a>; MOST],
}

impl Pass<'_> {
    #[inline(always)]
    fn at_once_or_late<S: Simd, const EDGE: bool, const SEEN: bool>(
        &self,
        simd: S,
        marking: Marking,
        account: &mut Account,
    ) {
        match (self.plan.prices.assets[0].delay > 0, self.plan.path_metrics) {
            (false, false) => self.run::<S, EDGE, SEEN, false, false>(simd, marking, account),
            (true, false) => self.run::<S, EDGE, SEEN, true, false>(simd, marking, account),
            (false, true) => self.run::<S, EDGE, SEEN, false, true>(simd, marking, account),
            (true, true) => self.run::<S, EDGE, SEEN, true, true>(simd, marking, account),
        }
    }

    /// `EDGE`: some trades go to the edge of the band; `SEEN`: dust is judged at the price seen, and its age noted; `LATE`:
    /// orders fill later than they are decided; `MARKS`: every step is marked.
    #[inline(always)]
    fn run<S: Simd, const EDGE: bool, const SEEN: bool, const LATE: bool, const MARKS: bool>(
        &self,
        simd: S,
        mut marking: Marking,
        account: &mut Account,
    ) {
        let cost = self.plan.prices.assets[0].cost;
        let Account { holdings, cash, path, .. } = account;
        let holding = &mut holdings[0];
        let holds = self.steps.iter().any(|step| step.units != 0.0);
        for group in 0..groups::<S, ABREAST>() {
            let mut own = Portfolio::<S, ABREAST>::load::<SEEN, LATE>(simd, holding, cash, group);
            for (k, (step, row)) in self.steps.iter().zip(self.rows).enumerate() {
                let queue = &mut holding.queue;
                self.trade::<S, ABREAST, EDGE, SEEN, LATE>(simd, (step, row), cost, group, queue, &mut own);
                if MARKS && row.since == k {
                    marking.trail.leave(simd, k, &own);
                }
            }
            own.store::<SEEN, LATE>(simd, group, holding, cash);
            if MARKS {
                for part in 0..ABREAST / MARKED {
                    if holds {
                        self.mark::<S, true>(simd, group, part, &mut marking, path);
                    } else {
                        self.mark::<S, false>(simd, group, part, &mut marking, path);
                    }
                }
            }
        }
    }

    /// Marks every step of one part of the vectors that were taken through the span.
    #[inline(always)]
    fn mark<S: Simd, const HOLDS: bool>(
        &self,
        simd: S,
        group: usize,
        part: usize,
        marking: &mut Marking,
        path: &mut PathMetrics,
    ) {
        let group = group * (ABREAST / MARKED) + part;
        let mut sums = Sums::load(simd, path, group);
        for (k, (step, row)) in self.steps.iter().zip(self.rows).enumerate() {
            let own = marking.trail.read(simd, row.since, part);
            sums.note::<HOLDS>(simd, step, group, &own);
            sums.note_gaps(simd, row, group, &own);
            if step.timed {
                store(simd, sums.mark, group, &mut marking.noted[k]);
            }
        }
        sums.store(simd, group, path);
    }

    /// One step's orders and fills.
    #[inline(always)]
    fn trade<S: Simd, const N: usize, const EDGE: bool, const SEEN: bool, const LATE: bool>(
        &self,
        simd: S,
        (step, row): (&Step, &Row),
        cost: FillCost,
        group: usize,
        queue: &mut [Lanes],
        own: &mut Portfolio<S, N>,
    ) {
        if !LATE {
            if let Some(aim) = &row.aim {
                own.fill::<EDGE, SEEN>(simd, step, aim, (cost, self.plan.dust), group);
            }
            return;
        }
        let place = step.shown.slot;
        if row.due {
            own.fill_due(simd, step, cost, &queue[place], group);
        }
        if let Some(aim) = &row.aim {
            let sent = own.send::<EDGE, SEEN>(simd, step, aim, self.plan.dust, group);
            if row.keeps {
                store(simd, sent, group, &mut queue[place]);
            }
        }
    }
}
