//! One policy's portfolio through a step: accrual, settlement, opening and closing.
use crate::book::valuation::Net;
use crate::math::{B, Lanes};
use crate::metric::{COSTS, COUNTS};

use super::plan::{AssetPlan, BookPlan, Now, OptionsPlan, Plan, PolicyPlan};
use super::state::{Account, Audit, MarketState, Scratch};
use super::step::{Job, indicator};
use super::venue::Count;

/// The initial trade of one asset: fills at once at `S_0`, never delayed.
#[inline(always)]
pub(super) fn open_position(plan: &Plan, policy: &PolicyPlan, i: usize, nets: &[Net], account: &mut Account) {
    let asset = &plan.prices.assets[i];
    let q = match (&plan.book, &policy.target) {
        // every lane starts at the same price
        (BookPlan::Options(_), Some(target)) => nets[target.seen].target[i][0],
        (BookPlan::Options(_), None) => 0.0,
        (BookPlan::Basket(book), _) => book.weights[i] * book.value / asset.s0,
    };
    let q = if q.abs() * asset.s0 > plan.dust { q } else { 0.0 };
    let notional = q.abs() * asset.s0;
    let (cost, impact) = if plan.charge_initial {
        (asset.cost.of(notional), asset.cost.impact_of(notional))
    } else {
        (0.0, 0.0)
    };
    let holding = &mut account.holdings[i];
    holding.held = Lanes::splat(q);
    holding.effective = Lanes::splat(q);
    holding.initial = notional;
    if let Some(record) = &mut holding.record {
        **record = [Lanes::splat(q); 2];
    }
    for lane in 0..B {
        account.cash[lane] -= q.mul_add(asset.s0, cost);
        account.impact[lane] += impact;
    }
}

/// Accrual over `(t_{j−1}, t_j]` on cash as left after step `j−1` and on the positions held.
///
/// Cash is carried discounted, so interest on it needs no work except in the audit.
#[inline(always)]
pub(super) fn accrue(plan: &Plan, job: Job, now: Now, market: &MarketState, account: &mut Account) {
    if !(plan.accrues || job.audit) {
        return;
    }
    let Now { discount, growth, growth_before, .. } = now;
    let Account { holdings, cash, funding, audit, .. } = account;
    if job.audit {
        for lane in 0..B {
            audit.interest[lane] += cash[lane] * (growth - growth_before);
        }
    }
    let per_step = growth / growth_before - 1.0;
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        let (s, before, held) = (&market.prices[i].s, &market.before[i], &holdings[i].held);
        if asset.perpetual && plan.rate != 0.0 {
            // the margin balance earns, not the cash alone
            for lane in 0..B {
                let interest = held[lane] * before[lane] * per_step;
                cash[lane] = discount.mul_add(interest, cash[lane]);
                if job.audit {
                    audit.interest[lane] += interest;
                }
            }
        }
        if asset.carry() != 0.0 || asset.funding != 0.0 {
            carry(asset, discount, held, s, cash, funding);
        }
        let holding = plan.holding_yield(i);
        if holding != 0.0 {
            for lane in 0..B {
                cash[lane] = (discount * holding).mul_add(s[lane], cash[lane]);
            }
        }
        if job.audit {
            audit.hold(held, s, before, asset.yield_per_step, holding);
        }
    }
}

/// Yield and funding of a position over a step: `h S (e^{q dt} − 1 − f dt)`.
#[inline(always)]
fn carry(asset: &AssetPlan, discount: f64, held: &Lanes, s: &Lanes, cash: &mut Lanes, funding: &mut Lanes) {
    let rate = discount * asset.carry();
    for lane in 0..B {
        let value = held[lane] * s[lane];
        cash[lane] = rate.mul_add(value, cash[lane]);
        funding[lane] = asset.funding.mul_add(value, funding[lane]);
    }
}

/// Legs that expire at step `j < n` settle in cash at the true price.
#[inline(always)]
pub(super) fn settle(plan: &Plan, job: Job, now: Now, market: &MarketState, account: &mut Account) {
    let BookPlan::Options(book) = &plan.book else { return };
    for leg in book.valuations.legs.iter().filter(|leg| leg.expiry == now.j) {
        let s = &market.prices[leg.asset].s;
        for lane in 0..B {
            let paid = leg.quantity * leg.payoff(s[lane]);
            account.cash[lane] = now.discount.mul_add(paid, account.cash[lane]);
            if job.audit {
                account.audit.payoffs[lane] += paid;
            }
        }
    }
}

/// At `j = n` the hedge is unwound at the true mid, then the legs settle.
#[inline(always)]
pub(super) fn close(
    plan: &Plan,
    job: Job,
    now: Now,
    market: &MarketState,
    benchmark: &Lanes,
    account: &mut Account,
) {
    let mut value = account.cash;
    for lane in value.iter_mut() {
        *lane *= now.growth;
    }
    for (i, asset) in plan.prices.assets.iter().enumerate() {
        let s = &market.prices[i].s;
        let holding = &mut account.holdings[i];
        for lane in 0..B {
            let notional = holding.held[lane].abs() * s[lane];
            holding.last[lane] = notional;
            value[lane] = holding.held[lane].mul_add(s[lane], value[lane]);
            if plan.charge_final {
                value[lane] -= asset.cost.of(notional);
                account.impact[lane] += asset.cost.impact_of(notional);
            }
        }
        holding.held = Lanes::ZERO;
    }
    account.final_value = value;
    match &plan.book {
        BookPlan::Options(book) => {
            let at = |asset: usize| &market.prices[asset].s;
            settle_rest(plan, book, market, at, &mut value, job.audit.then_some(&mut account.audit.payoffs));
            account.deviation = value;
        }
        BookPlan::Basket(_) => {
            for lane in 0..B {
                account.deviation[lane] = value[lane] - benchmark[lane];
            }
        }
    }
}

/// Adds what the legs that live to the end pay at the prices of `settlement`, and what the book's own holdings are worth.
#[inline(always)]
pub(super) fn settle_rest<'a>(
    plan: &Plan,
    book: &OptionsPlan,
    market: &MarketState,
    settlement: impl Fn(usize) -> &'a Lanes,
    value: &mut Lanes,
    mut payoffs: Option<&mut Lanes>,
) {
    for leg in book.valuations.legs.iter().filter(|leg| leg.expiry >= plan.n_steps) {
        let s = settlement(leg.asset);
        for lane in 0..B {
            let paid = leg.quantity * leg.payoff(s[lane]);
            value[lane] += paid;
            if let Some(payoffs) = &mut payoffs {
                payoffs[lane] += paid;
            }
        }
    }
    for (i, units) in book.holdings.iter().enumerate().filter(|(_, units)| **units != 0.0) {
        let s = &market.prices[i].s;
        for lane in 0..B {
            value[lane] = units.mul_add(s[lane], value[lane]);
            if let Some(payoffs) = &mut payoffs {
                payoffs[lane] += units * s[lane];
            }
        }
    }
}

impl Audit {
    /// What a step's holding gained and yielded: `h ΔS`, and `h q S dt` with that of the book's own holdings.
    #[inline(always)]
    fn hold(&mut self, held: &Lanes, s: &Lanes, before: &Lanes, yield_per_step: f64, holding: f64) {
        for lane in 0..B {
            self.gains[lane] = held[lane].mul_add(s[lane] - before[lane], self.gains[lane]);
            self.dividends[lane] += held[lane].mul_add(yield_per_step, holding) * s[lane];
        }
    }
}

impl Account {
    /// Whether orders fill at step `j`.
    pub(super) fn is_due(&self, j: u64) -> bool {
        self.holdings.iter().any(|h| !h.queued.is_empty() && h.queued[j as usize % h.queued.len()])
    }

    /// Forgets what the step before filled.
    #[inline(always)]
    pub(super) fn begin_step(&mut self) {
        for holding in &mut self.holdings {
            if let Some(record) = &mut holding.record {
                record.fill(Lanes::ZERO);
            }
        }
    }

    /// Notes a basket's value and turnover before the step's fills.
    #[inline(always)]
    pub(super) fn note_value(&self, now: Now, market: &MarketState, scratch: &mut Scratch) {
        scratch.turnover = Lanes::ZERO;
        for lane in 0..B {
            scratch.before[lane] = self.cash[lane] * now.growth;
        }
        for (holding, price) in self.holdings.iter().zip(&market.prices) {
            for lane in 0..B {
                scratch.before[lane] = holding.held[lane].mul_add(price.s[lane], scratch.before[lane]);
                scratch.turnover[lane] += holding.turnover[lane];
            }
        }
    }

    /// Counts the step if something filled, and a basket's turnover in weight.
    #[inline(always)]
    pub(super) fn end_step(&mut self, basket: bool, scratch: &mut Scratch) {
        if self.holdings.len() > 1 {
            for lane in 0..B {
                self.rebalances[lane] += self.any_fill[lane];
                self.any_fill[lane] = 0.0;
            }
        }
        if !basket {
            return;
        }
        let mut turnover = Lanes::ZERO;
        for holding in &self.holdings {
            for lane in 0..B {
                turnover[lane] += holding.turnover[lane];
            }
        }
        for lane in 0..B {
            let traded = turnover[lane] - scratch.turnover[lane];
            // a portfolio without value has no weights: the figure is then undefined, and says so
            let weight = if scratch.before[lane] > 0.0 { traded / scratch.before[lane] } else { f64::NAN };
            self.turnover_weight[lane] += if traded > 0.0 { weight } else { 0.0 };
        }
    }

    /// Costs so far, by name as in [`COSTS`]; initial and final trades included where they are charged.
    pub(super) fn costs(&self, plan: &Plan) -> [Lanes; COSTS.len()] {
        std::array::from_fn(|k| self.cost(plan, k))
    }

    /// Number `k` of [`Self::costs`].
    #[inline(always)]
    pub(super) fn cost(&self, plan: &Plan, k: usize) -> Lanes {
        let mut cost = match (k, &self.venue) {
            (2, Some(venue)) => venue.wider,
            (3, _) => self.impact,
            (4, _) => self.funding,
            (5.., Some(venue)) => venue.costs()[k - 5],
            _ => Lanes::ZERO,
        };
        if k > 2 {
            return cost;
        }
        for (i, (asset, holding)) in plan.prices.assets.iter().zip(&self.holdings).enumerate() {
            let (initial, last) = plan.charges(i);
            let rate = [asset.cost.fee, asset.cost.fixed, asset.cost.half_spread][k];
            let first = if initial { holding.initial } else { 0.0 };
            let n_first = indicator(first > 0.0);
            for lane in 0..B {
                let end = if last { holding.last[lane] } else { 0.0 };
                let notional = holding.turnover[lane] + first + end;
                let fills = holding.trades[lane] + n_first + indicator(end > 0.0);
                cost[lane] += rate * if k == 1 { fills } else { notional };
            }
        }
        cost
    }

    /// What is counted of the orders so far, by name as in [`COUNTS`].
    #[inline(always)]
    pub(super) fn counts(&self, at_end: bool) -> [Lanes; COUNTS.len()] {
        if let Some(venue) = &self.venue {
            return venue.counts;
        }
        let mut counts = [Lanes::ZERO; COUNTS.len()];
        // every fill is a transaction of its own, and what has not filled at the end is dropped
        for holding in &self.holdings {
            for lane in 0..B {
                counts[Count::Transactions as usize][lane] += holding.trades[lane];
            }
            for (due, _) in holding.queue.iter().zip(&holding.queued).filter(|(_, queued)| at_end && **queued)
            {
                for lane in 0..B {
                    counts[Count::Dropped as usize][lane] += indicator(due[lane] != 0.0);
                }
            }
        }
        counts
    }
}
