//! One step of a block, in the order of CONVENTIONS §3.
use crate::book::valuation::{Wants, evaluate, evaluate_leland};
use crate::market::price::PriceState;
use crate::math::{B, Lanes};
use crate::policy::decision::{Action, Width, whalley_wilmott_width};
use crate::policy::Destination;

use super::fill::{self, Beyond, BeyondLanes, FillTerms, Sight, Whole, fill_due};
use super::plan::{BasketPlan, BookPlan, OptionsPlan, Plan, PolicyPlan, View};
use super::state::{self, Account, BlockState, Scratch};
use super::{marks, market};

/// What one block is run for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    /// First of its paths.
    pub(super) first_path: u64,
    /// Whether the ledger identity is kept.
    pub(super) audit: bool,
}

/// `t_0`: oracles and benchmark start, every policy makes its initial trade at `S_0`.
#[inline(always)]
pub(super) fn open(plan: &Plan, job: Job, state: &mut BlockState) {
    market::start(plan, job.first_path, state);
    let cash = match &plan.book {
        BookPlan::Options(book) => book.premium,
        BookPlan::Basket(book) => book.value,
    };
    if let BookPlan::Basket(book) = &plan.book {
        book.track.start(&mut state.benchmark);
    }
    value_legs(plan, 0, state, |policy| if policy.decision.opens { Action::Trade } else { Action::Rest });
    for (policy, account) in plan.policies.iter().zip(&mut state.accounts) {
        account.reset(cash);
        if policy.decision.opens {
            for i in 0..plan.n_assets() {
                open_position(plan, policy, i, &state.market.prices[i], &state.nets, job.audit, account);
            }
        }
    }
    marks::after_trades(plan, 0, state);
}

/// The initial trade of one asset.
#[inline(always)]
fn open_position(
    plan: &Plan,
    policy: &PolicyPlan,
    i: usize,
    price: &PriceState,
    nets: &[crate::book::valuation::Net],
    audit: bool,
    account: &mut Account,
) {
    let asset = &plan.prices.assets[i];
    let q = match (&plan.book, &policy.target) {
        (BookPlan::Options(_), Some(target)) => nets[target.seen].target[i][0],
        (BookPlan::Options(_), None) => 0.0,
        (BookPlan::Basket(book), _) => book.weights[i] * book.value / asset.s0,
    };
    let q = if q.abs() * asset.s0 > plan.dust { q } else { 0.0 };
    let notional = q.abs() * asset.s0;
    let cost = if plan.charge_initial { asset.cost.of(notional) } else { 0.0 };
    let holding = &mut account.holdings[i];
    holding.held = [q; B];
    holding.effective = [q; B];
    holding.initial = notional;
    if let Some(record) = &mut holding.record {
        **record = [[q; B]; 2];
    }
    for lane in 0..B {
        account.cash[lane] -= q.mul_add(price.s[lane], cost);
        if plan.charge_initial {
            account.impact[lane] += asset.cost.impact_of(notional);
        }
        if audit {
            account.audit.costs[lane] += cost;
        }
    }
}

/// Steps `j = 1 … n−1`: market, oracle, fills that are due, decisions, fills, marks.
#[inline(always)]
pub(super) fn live(plan: &Plan, job: Job, j: u64, state: &mut BlockState) {
    move_market(plan, job, j, state);
    market::observe(plan, j, state);
    value_legs(plan, j, state, |policy| policy.decision.at(j));
    let discount = plan.discount(j);
    let BlockState { market, feeds, nets, accounts, scratch, .. } = state;
    for (policy, account) in plan.policies.iter().zip(accounts.iter_mut()) {
        accrue(plan, job, j, &market.prices, &market.before, account);
        settle(plan, job, j, &market.prices, account);
        let several = plan.n_assets() > 1;
        if several {
            account.any_fill = [0.0; B];
        }
        if let Some(record) = account.holdings.iter_mut().find_map(|holding| holding.record.as_mut()) {
            record.fill([0.0; B]);
        }
        for holding in &mut account.holdings {
            if let Some(record) = &mut holding.record {
                record.fill([0.0; B]);
            }
        }
        let before = (job.audit, account.cash_spent(job.audit));
        for (i, asset) in plan.prices.assets.iter().enumerate().filter(|(_, asset)| asset.delay > 0) {
            let terms = FillTerms { s: &market.prices[i].s, discount, cost: asset.cost };
            fill_due(asset.delay, j, terms, i, account);
        }
        let _ = before;
        let sight = state::Sight::new(plan, View::Seen, market, feeds);
        let action = policy.decision.at(j);
        if action != Action::Rest {
            match &plan.book {
                BookPlan::Options(book) => {
                    decide_options(plan, book, policy, action, j, discount, sight, market, feeds, nets, scratch, account);
                }
                BookPlan::Basket(book) => {
                    decide_basket(plan, book, policy, action, j, discount, market, feeds, scratch, account);
                }
            }
        }
    }
    marks::after_trades(plan, j, state);
}
