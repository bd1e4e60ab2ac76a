//! One step of a block, in the order of events that `docs/conventions.md` fixes.
use crate::math::{B, select};
use crate::policy::decision::Action;

use super::account::{accrue, close, open_position, settle};
use super::decide::{Scene, decide};
use super::fill::{FillTerms, fill_due};
use super::plan::{BookPlan, Plan, PolicyPlan};
use super::state::{Account, BlockState, MarketState, Scratch};
use super::venue::{self, Sights};
use super::{market, marks, value, volatility, weights};

/// What one block is run for. In all that follows `VENUE` says that orders are worked off path by path (`plan.venue` is
/// there), `MOVES` that some hedge volatility differs from path to path: a run that needs none of it is compiled without
/// it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Job {
    /// First of its paths.
    pub(super) first_path: u64,
    /// Whether the ledger identity is kept.
    pub(super) audit: bool,
}

/// `t_0`: oracles and benchmark start, every policy makes its initial trade at `S_0`.
#[inline(always)]
pub(super) fn open<const VENUE: bool, const MOVES: bool>(plan: &Plan, job: Job, state: &mut BlockState) {
    market::start(plan, job.first_path, state);
    let cash = match &plan.book {
        BookPlan::Options(book) => book.premium,
        BookPlan::Basket(book) => {
            book.track.start(&mut state.benchmark);
            book.value
        }
    };
    if MOVES {
        volatility::start(plan, state);
    }
    plan.schedule(0, &mut state.actions, &mut state.wants);
    value::legs::<MOVES>(plan, 0, state);
    for (policy, account) in plan.policies.iter().zip(&mut state.accounts) {
        account.reset(cash, plan.path_metrics, job.audit);
        if VENUE {
            let (now, first_path) = (plan.now(0), job.first_path);
            let (market, feeds, nets) = (&state.market, &state.feeds, &state.nets);
            venue::open(Sights { plan, policy, now, first_path, market, feeds, nets }, account);
            continue;
        }
        if policy.decision.opens {
            for i in 0..plan.n_assets() {
                open_position(plan, policy, i, &state.nets, account);
            }
        }
    }
    marks::after_trades(plan, plan.now(0), state);
}

/// Steps `j = 1 … n−1`: market, oracle, accrual, fills that are due, decisions, fills, marks.
#[inline(always)]
pub(super) fn live<const VENUE: bool, const MOVES: bool>(
    plan: &Plan,
    job: Job,
    j: u64,
    state: &mut BlockState,
) {
    look_ahead::<VENUE, MOVES, false>(plan, job, j, state);
    let (now, first_path) = (plan.now(j), job.first_path);
    if !VENUE && !MOVES && weights::applies(plan, j, state) {
        weights::run(plan, job, now, state);
        return;
    }
    let BlockState { market, feeds, nets, accounts, scratch, actions, .. } = state;
    let settles = plan.settles_at(j);
    for ((policy, action), account) in plan.policies.iter().zip(actions).zip(accounts) {
        accrue(plan, job, now, market, account);
        if VENUE {
            let sights = Sights { plan, policy, now, first_path, market, feeds, nets };
            venue::live(sights, job.audit, scratch, account);
            continue;
        }
        if settles {
            settle(plan, job, now, market, account);
        }
        account.begin_step();
        if *action != Action::Rest || account.is_due(j) {
            act(plan, policy, *action, &Scene { now, market, feeds, nets }, scratch, account);
        }
    }
    marks::after_trades(plan, now, state);
}

/// What step `j` shows, whatever the portfolios: the market, what is seen of it, who acts, and the valuations that they
/// and the marks need. `SPAN`: whoever lays it down for a span notes the oracle's errors too.
#[inline(always)]
pub(super) fn look_ahead<const VENUE: bool, const MOVES: bool, const SPAN: bool>(
    plan: &Plan,
    job: Job,
    j: u64,
    state: &mut BlockState,
) {
    market::draw_numbers(plan, job.first_path, j, &mut state.market);
    let walks = !VENUE && !MOVES && plan.walks;
    if walks {
        weights::walk(plan, job, j, state);
    } else {
        market::advance(plan, job.first_path, j, keep_before(plan, job), state);
    }
    if VENUE {
        let MarketState { conditions, prices, .. } = &mut state.market;
        conditions.advance(plan, job.first_path, j, prices);
    }
    market::observe(plan, job.first_path, j, state);
    if !SPAN && plan.prices.any_oracle {
        market::note_errors(plan, state);
    }
    if !walks {
        marks::move_benchmark(plan, j, state);
    }
    if MOVES {
        volatility::advance(plan, j, state);
    }
    plan.schedule(j, &mut state.actions, &mut state.wants);
    value::legs::<MOVES>(plan, j, state);
}

/// One policy in the plain kernel: fills that are due, then its decision and what fills at once.
#[inline(always)]
fn act(
    plan: &Plan,
    policy: &PolicyPlan,
    action: Action,
    scene: &Scene,
    scratch: &mut Scratch,
    account: &mut Account,
) {
    let (now, market) = (scene.now, scene.market);
    let watched = matches!(plan.book, BookPlan::Basket(_));
    if watched {
        account.note_value(now, market, scratch);
    }
    for (i, asset) in
        plan.prices.assets.iter().enumerate().filter(|(_, asset)| asset.delay > 0 && asset.fills)
    {
        let terms = FillTerms { s: &market.prices[i].s, discount: now.discount, cost: asset.cost };
        fill_due(asset.delay, now.j, terms, i, account);
    }
    if action != Action::Rest {
        decide(plan, policy, action, scene, scratch, account);
    }
    account.end_step(watched, scratch);
}

/// `j = n`: accrual, mark, unwind, settlement.
#[inline(always)]
pub(super) fn last<const VENUE: bool>(plan: &Plan, job: Job, state: &mut BlockState) {
    let n = plan.n_steps;
    let (now, first_path) = (plan.now(n), job.first_path);
    market::draw_numbers(plan, job.first_path, n, &mut state.market);
    market::advance(plan, job.first_path, n, keep_before(plan, job), state);
    if VENUE {
        let MarketState { conditions, prices, .. } = &mut state.market;
        conditions.advance(plan, job.first_path, n, prices);
    }
    market::observe_settlement(plan, job.first_path, n, state);
    marks::move_benchmark(plan, n, state);
    for (policy, account) in plan.policies.iter().zip(&mut state.accounts) {
        accrue(plan, job, now, &state.market, account);
        if VENUE {
            let (market, feeds, nets) = (&state.market, &state.feeds, &state.nets);
            venue::before_last(Sights { plan, policy, now, first_path, market, feeds, nets }, account);
        }
    }
    marks::before_unwind(plan, now, state);
    for (policy, account) in plan.policies.iter().zip(&mut state.accounts) {
        account.begin_step();
        if VENUE {
            let (market, feeds, nets) = (&state.market, &state.feeds, &state.nets);
            let sights = Sights { plan, policy, now, first_path, market, feeds, nets };
            venue::close(sights, job.audit, &state.benchmark, account);
            continue;
        }
        close(plan, job, now, &state.market, &state.benchmark, account);
    }
    marks::at_end(plan, state);
}

/// Whether the prices of the step before are read.
fn keep_before(plan: &Plan, job: Job) -> bool {
    job.audit
        || match &plan.book {
            BookPlan::Options(_) => plan.prices.assets.iter().any(|asset| asset.perpetual),
            BookPlan::Basket(book) => book.track.is_recursive(),
        }
}

/// A lane mask as a number: what a select writes without a branch.
#[inline(always)]
pub(super) fn indicator(holds: bool) -> f64 {
    select(holds, 1.0, 0.0)
}

/// Lanes that hold paths when the run ends at `n_paths`.
pub(super) fn lanes_in_use(first_path: u64, n_paths: u64) -> usize {
    n_paths.saturating_sub(first_path).min(B as u64) as usize
}
