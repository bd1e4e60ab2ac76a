//! Orders and fills of one asset of one policy over a block.
use crate::math::{B, Lanes, select};

use super::plan::FillCost;
use super::state::{Account, Holding};
use super::step::indicator;

/// What every fill of an asset at a step needs.
#[derive(Debug, Clone, Copy)]
pub(super) struct FillTerms<'a> {
    /// True mid price.
    pub(super) s: &'a Lanes,
    /// e^{−r t_j}.
    pub(super) discount: f64,
    /// What it costs.
    pub(super) cost: FillCost,
}

/// How many units a lane wants to trade, given its gap.
pub(super) trait Order {
    /// Units ordered, and whether any are.
    fn units(&self, lane: usize, gap: f64) -> (f64, bool);
}

/// The whole gap.
pub(super) struct Whole;
impl Order for Whole {
    #[inline(always)]
    fn units(&self, _: usize, gap: f64) -> (f64, bool) {
        (gap, true)
    }
}

/// Half-width of a band by lane.
pub(super) trait Widths: Copy {
    /// Of one lane.
    fn of(&self, lane: usize) -> f64;
}
impl Widths for f64 {
    #[inline(always)]
    fn of(&self, _: usize) -> f64 {
        *self
    }
}
/// A policy's factor times the width that it shares with others.
#[derive(Clone, Copy)]
pub(super) struct Scaled<'a>(pub(super) f64, pub(super) &'a Lanes);
impl Widths for Scaled<'_> {
    #[inline(always)]
    fn of(&self, lane: usize) -> f64 {
        self.0 * self.1[lane]
    }
}

/// The narrower of a fixed width and one that a policy follows.
#[derive(Clone, Copy)]
pub(super) struct Least<'a>(pub(super) f64, pub(super) Scaled<'a>);
impl Widths for Least<'_> {
    #[inline(always)]
    fn of(&self, lane: usize) -> f64 {
        let followed = self.1.of(lane);
        if followed < self.0 { followed } else { self.0 }
    }
}

/// Outside a band: to its edge, or else to its center.
pub(super) struct Beyond<W, const EDGE: bool>(pub(super) W);
impl<W: Widths, const EDGE: bool> Order for Beyond<W, EDGE> {
    #[inline(always)]
    fn units(&self, lane: usize, gap: f64) -> (f64, bool) {
        let width = self.0.of(lane);
        (if EDGE { gap - width.copysign(gap) } else { gap }, gap.abs() > width)
    }
}

/// Decides an asset's order from `target` and fills or queues it.
///
/// A delayed order fills later; orders in flight are netted.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one call from one place; a struct would only rename them")]
pub(super) fn trade<O: Order>(
    delay: usize,
    j: u64,
    order: &O,
    target: &Lanes,
    sight: Sight,
    terms: FillTerms,
    index: usize,
    account: &mut Account,
) {
    if delay > 0 {
        send(delay, j, order, target, sight, &mut account.holdings[index]);
        return;
    }
    // most runs have one asset and no recorder: nothing then reads a step's fills again
    let holding = &account.holdings[index];
    let notes = account.holdings.len() > 1 || holding.record.is_some();
    match (terms.cost.impact != 0.0, notes) {
        (false, false) => fill_now::<O, false, false>(order, target, sight, terms, index, account),
        (false, true) => fill_now::<O, false, true>(order, target, sight, terms, index, account),
        (true, false) => fill_now::<O, true, false>(order, target, sight, terms, index, account),
        (true, true) => fill_now::<O, true, true>(order, target, sight, terms, index, account),
    }
}

/// What the policy sees of an asset.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sight<'a> {
    /// Visible price.
    pub(super) p: &'a Lanes,
    /// Step at which it was posted and the present step, where there is an oracle.
    pub(super) posted: Option<(&'a Lanes, f64)>,
    /// Smallest notional of an order.
    pub(super) dust: f64,
}

impl Sight<'_> {
    /// Units that are sent of those wanted: no dust.
    #[inline(always)]
    fn sent(&self, lane: usize, (units, any): (f64, bool)) -> f64 {
        select(any & (units.abs() * self.p[lane] > self.dust), units, 0.0)
    }
}

#[inline(always)]
fn fill_now<O: Order, const IMPACT: bool, const NOTES: bool>(
    order: &O,
    target: &Lanes,
    sight: Sight,
    terms: FillTerms,
    index: usize,
    account: &mut Account,
) {
    let Account { holdings, cash, impact, any_fill, .. } = account;
    let holding = &mut holdings[index];
    let Holding { held, turnover, trades, age, .. } = holding;
    if !NOTES {
        let wanted = |lane: usize, held: f64| order.units(lane, target[lane] - held);
        if sight.posted.is_some() {
            fill_lanes::<IMPACT, true>(wanted, sight, terms, held, turnover, trades, cash, impact, age);
        } else {
            fill_lanes::<IMPACT, false>(wanted, sight, terms, held, turnover, trades, cash, impact, age);
        }
        return;
    }
    let mut ordered = Lanes::ZERO;
    for lane in 0..B {
        ordered[lane] = sight.sent(lane, order.units(lane, target[lane] - held[lane]));
    }
    let wanted = |lane: usize, _| (ordered[lane], true);
    let any = Sight { dust: 0.0, ..sight };
    fill_lanes::<IMPACT, false>(wanted, any, terms, held, turnover, trades, cash, impact, age);
    if let Some((posted_at, now)) = sight.posted {
        for lane in 0..B {
            age[lane] += if ordered[lane] == 0.0 { 0.0 } else { now - posted_at[lane] };
        }
    }
    note_fills(&ordered, any_fill, holding);
    if let Some(record) = &mut holding.record {
        record[0] = ordered;
    }
}

/// Fills what each lane wants, given what it holds, at the true mid, but no dust; `SEEN`: dust is judged at the price
/// seen, and its age noted.
///
/// Everything written comes as an argument of its own: the compiler then knows that nothing overlaps.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "references in a struct would lose that they are distinct")]
#[expect(clippy::needless_bitwise_bool, reason = "two masks, where a lazy operator would be a branch")]
fn fill_lanes<const IMPACT: bool, const SEEN: bool>(
    wanted: impl Fn(usize, f64) -> (f64, bool),
    sight: Sight,
    terms: FillTerms,
    held: &mut Lanes,
    turnover: &mut Lanes,
    trades: &mut Lanes,
    cash: &mut Lanes,
    impact: &mut Lanes,
    age: &mut Lanes,
) {
    let FillCost { proportional, fixed, .. } = terms.cost;
    let (posted_at, now) = sight.posted.unwrap_or((sight.p, 0.0));
    for lane in 0..B {
        let (units, any) = wanted(lane, held[lane]);
        let value = units * terms.s[lane];
        let notional = value.abs();
        let seen = if SEEN { units.abs() * sight.p[lane] } else { notional };
        let fills = any & (seen > sight.dust);
        let mut cost = proportional.mul_add(notional, fixed);
        if IMPACT {
            let paid = terms.cost.impact_of(notional);
            add(impact, lane, fills, paid);
            cost += paid;
        }
        add(held, lane, fills, units);
        add(turnover, lane, fills, notional);
        add(trades, lane, fills, 1.0);
        if SEEN {
            add(age, lane, fills, now - posted_at[lane]);
        }
        let left = (-terms.discount).mul_add(value + cost, cash[lane]);
        cash[lane] = select(fills, left, cash[lane]);
    }
}

/// Adds to a lane where it fills: one masked addition.
#[inline(always)]
fn add(lanes: &mut Lanes, lane: usize, fills: bool, value: f64) {
    lanes[lane] = select(fills, lanes[lane] + value, lanes[lane]);
}

/// Sends an order that fills `delay` steps later; orders in flight are netted.
#[inline(always)]
fn send<O: Order>(delay: usize, j: u64, order: &O, target: &Lanes, sight: Sight, holding: &mut Holding) {
    let slot = j as usize % delay;
    let mut sent = Lanes::ZERO;
    for lane in 0..B {
        let q = sight.sent(lane, order.units(lane, target[lane] - holding.effective[lane]));
        sent[lane] = q;
        holding.effective[lane] += q;
    }
    // an order that is due after the end never fills
    if let (Some(place), Some(taken)) = (holding.queue.get_mut(slot), holding.queued.get_mut(slot)) {
        *place = sent;
        *taken = true;
    }
    note_orders(&sent, sight, holding);
    if let Some(record) = &mut holding.record {
        record[0] = sent;
    }
}

/// Fills the orders that were decided `delay` steps ago.
#[inline(always)]
pub(super) fn fill_due(delay: usize, j: u64, terms: FillTerms, index: usize, account: &mut Account) {
    let Account { holdings, cash, impact, any_fill, .. } = account;
    let holding = &mut holdings[index];
    let slot = j as usize % delay;
    if !holding.queued[slot] {
        return;
    }
    holding.queued[slot] = false;
    let Holding { held, turnover, trades, age, queue, .. } = holding;
    let due = queue[slot];
    let wanted = |lane: usize, _| (due[lane], true);
    // an order that was sent is no dust
    let any = Sight { p: terms.s, posted: None, dust: 0.0 };
    if terms.cost.impact == 0.0 {
        fill_lanes::<false, false>(wanted, any, terms, held, turnover, trades, cash, impact, age);
    } else {
        fill_lanes::<true, false>(wanted, any, terms, held, turnover, trades, cash, impact, age);
    }
    note_fills(&due, any_fill, holding);
}

/// Counts orders and the age of what they were decided on.
#[inline(always)]
fn note_orders(sent: &Lanes, sight: Sight, holding: &mut Holding) {
    if let Some((posted_at, now)) = sight.posted {
        for lane in 0..B {
            let sends = indicator(sent[lane] != 0.0);
            holding.orders[lane] += sends;
            holding.age[lane] += if sent[lane] == 0.0 { 0.0 } else { now - posted_at[lane] };
        }
    }
}

#[inline(always)]
fn note_fills(filled: &Lanes, any_fill: &mut Lanes, holding: &mut Holding) {
    for lane in 0..B {
        any_fill[lane] = if filled[lane] == 0.0 { any_fill[lane] } else { 1.0 };
    }
    if let Some(record) = &mut holding.record {
        record[1] = *filled;
    }
}
