//! Marks of every policy at every step, and the path metrics they feed.
use crate::book::benchmark::TrackPrices;
use crate::book::valuation::Net;
use crate::math::{B, Lanes};

use super::decide::lane_widths;
use super::plan::{BasketPlan, BookPlan, Now, OptionsPlan, Plan, PolicyPlan};
use super::state::{Account, BlockState, MarketState, PathMetrics};
use super::venue::settlement;

/// True prices as a benchmark reads them.
struct True<'a>(&'a MarketState);
impl<'a> TrackPrices<'a> for True<'a> {
    #[inline(always)]
    fn x(&self, asset: usize) -> &'a Lanes {
        &self.0.prices[asset].x
    }
    #[inline(always)]
    fn s(&self, asset: usize) -> &'a Lanes {
        &self.0.prices[asset].s
    }
    #[inline(always)]
    fn before(&self, asset: usize) -> &'a Lanes {
        &self.0.before[asset]
    }
}

/// Moves a basket's benchmark to step `j`.
#[inline(always)]
pub(super) fn move_benchmark(plan: &Plan, j: u64, state: &mut BlockState) {
    let BookPlan::Basket(book) = &plan.book else { return };
    if !(plan.path_metrics || book.track.is_recursive() || book.leverage || j == plan.n_steps) {
        return;
    }
    let before = state.benchmark;
    book.track.advance(j, &True(&state.market), &mut state.benchmark);
    if book.leverage {
        // a benchmark without value stays without
        for lane in 0..B {
            let value = if before[lane] > 0.0 { state.benchmark[lane] } else { 0.0 };
            state.benchmark[lane] = if value > 0.0 { value } else { 0.0 };
        }
    }
    for lane in 0..B {
        state.benchmark_return[lane] = state.benchmark[lane] / before[lane] - 1.0;
    }
    if book.leverage {
        for lane in 0..B {
            if before[lane] <= 0.0 {
                state.benchmark_return[lane] = 0.0;
            }
        }
    }
}

/// Marks after the step's trades.
#[inline(always)]
pub(super) fn after_trades(plan: &Plan, now: Now, state: &mut BlockState) {
    if !plan.path_metrics {
        return;
    }
    let BlockState { market, nets, accounts, benchmark, benchmark_return, scratch, timeline, .. } = state;
    let j = now.j;
    let time = plan.times.binary_search(&j).ok();
    for (p, (policy, account)) in plan.policies.iter().zip(accounts.iter_mut()).enumerate() {
        let mut mark = [0.0; B];
        mark_portfolio(plan, now, market, account, &mut mark);
        match &plan.book {
            BookPlan::Options(book) => {
                let legs = &nets[book.valuations.mark].value;
                add_legs(book, legs, market, &mut mark);
                returns_of_options(plan, j, &mark, &mut account.path);
                if j >= plan.warmup {
                    gaps_of_options(plan, policy, j, market, nets, &mut scratch.width, account);
                }
            }
            BookPlan::Basket(book) => {
                returns_of_basket(plan, j, &mark, benchmark_return, &mut account.path);
                if j >= plan.warmup {
                    gaps_of_basket(book, policy, market, &mark, account);
                }
            }
        }
        account.path.mark = mark;
        note_deviation(plan, j, &mark, benchmark, &mut account.path);
        if let (Some(time), Some(timeline)) = (time, timeline.as_mut()) {
            for lane in 0..B {
                timeline[p][time][lane] = mark[lane] - against(plan, benchmark)[lane];
            }
        }
    }
}

/// The mark at `n`, before the unwind: legs at their payoff.
#[inline(always)]
pub(super) fn before_unwind(plan: &Plan, now: Now, state: &mut BlockState) {
    if !plan.path_metrics {
        return;
    }
    let BlockState { market, feeds, accounts, benchmark_return, .. } = state;
    for account in accounts.iter_mut() {
        let mut mark = [0.0; B];
        mark_portfolio(plan, now, market, account, &mut mark);
        match &plan.book {
            BookPlan::Options(book) => {
                let mut payoffs = [0.0; B];
                for leg in book.valuations.legs.iter().filter(|leg| leg.expiry >= plan.n_steps) {
                    let s = settlement(plan, market, feeds, leg.asset);
                    for lane in 0..B {
                        payoffs[lane] += leg.quantity * leg.payoff(s[lane]);
                    }
                }
                add_legs(book, &payoffs, market, &mut mark);
                returns_of_options(plan, plan.n_steps, &mark, &mut account.path);
            }
            BookPlan::Basket(_) => {
                returns_of_basket(plan, plan.n_steps, &mark, benchmark_return, &mut account.path);
            }
        }
        account.path.mark = mark;
    }
}

/// The deviation of the closed portfolio is the last point of every path figure.
#[inline(always)]
pub(super) fn at_end(plan: &Plan, state: &mut BlockState) {
    if !plan.path_metrics {
        return;
    }
    for (p, account) in state.accounts.iter_mut().enumerate() {
        for lane in 0..B {
            let size = account.deviation[lane].abs();
            let most = &mut account.path.max_abs[lane];
            *most = if size > *most { size } else { *most };
        }
        if let (Some(timeline), Some(last)) = (state.timeline.as_mut(), plan.times.len().checked_sub(1)) {
            timeline[p][last] = account.deviation;
        }
    }
}

/// Cash and positions at the true price; keeps the least cash.
#[inline(always)]
fn mark_portfolio(plan: &Plan, now: Now, market: &MarketState, account: &mut Account, mark: &mut Lanes) {
    let mut balance = [0.0; B];
    for lane in 0..B {
        mark[lane] = account.cash[lane] * now.growth;
        balance[lane] = mark[lane];
    }
    for ((asset, holding), price) in plan.prices.assets.iter().zip(&account.holdings).zip(&market.prices) {
        for lane in 0..B {
            let value = holding.held[lane] * price.s[lane];
            mark[lane] += value;
            if asset.perpetual {
                balance[lane] += value;
            }
        }
    }
    let least = &mut account.path.least_cash;
    for lane in 0..B {
        least[lane] = if balance[lane] < least[lane] { balance[lane] } else { least[lane] };
    }
}

/// Adds the strategy's own legs and holdings to a mark.
#[inline(always)]
fn add_legs(book: &OptionsPlan, legs: &Lanes, market: &MarketState, mark: &mut Lanes) {
    for lane in 0..B {
        mark[lane] += legs[lane];
    }
    for (units, price) in book.holdings.iter().zip(&market.prices).filter(|(units, _)| **units != 0.0) {
        for lane in 0..B {
            mark[lane] = units.mul_add(price.s[lane], mark[lane]);
        }
    }
}

/// Benchmark value by lane: 0 for options.
#[inline(always)]
fn against<'a>(plan: &Plan, benchmark: &'a Lanes) -> &'a Lanes {
    const NOTHING: &Lanes = &[0.0; B];
    if matches!(plan.book, BookPlan::Basket(_)) { benchmark } else { NOTHING }
}

#[inline(always)]
fn note_deviation(plan: &Plan, j: u64, mark: &Lanes, benchmark: &Lanes, path: &mut PathMetrics) {
    if j < plan.warmup {
        return;
    }
    let benchmark = against(plan, benchmark);
    for lane in 0..B {
        let size = (mark[lane] - benchmark[lane]).abs();
        path.max_abs[lane] = if size > path.max_abs[lane] { size } else { path.max_abs[lane] };
    }
}

/// Active return of an option book: change of the mark over notional.
#[inline(always)]
fn returns_of_options(plan: &Plan, j: u64, mark: &Lanes, path: &mut PathMetrics) {
    if j <= plan.warmup {
        return;
    }
    let (scale, share) = (1.0 / plan.constants.notional, 1.0 / (j - plan.warmup) as f64);
    for lane in 0..B {
        let active = (mark[lane] - path.mark[lane]) * scale;
        let off = active - path.mean[lane];
        path.mean[lane] = off.mul_add(share, path.mean[lane]);
        path.squares[lane] = off.mul_add(active - path.mean[lane], path.squares[lane]);
    }
}

/// Active return of a basket: simple portfolio return less simple benchmark return.
#[inline(always)]
fn returns_of_basket(plan: &Plan, j: u64, mark: &Lanes, benchmark_return: &Lanes, path: &mut PathMetrics) {
    if j <= plan.warmup {
        return;
    }
    let share = 1.0 / (j - plan.warmup) as f64;
    for lane in 0..B {
        // nothing is earned on a portfolio without value: the figure is then undefined, and says so
        let earned = if path.mark[lane] > 0.0 { mark[lane] / path.mark[lane] } else { f64::NAN };
        let active = earned - 1.0 - benchmark_return[lane];
        let off = active - path.mean[lane];
        path.mean[lane] = off.mul_add(share, path.mean[lane]);
        path.squares[lane] = off.mul_add(active - path.mean[lane], path.squares[lane]);
    }
}

/// Target less held at the true price, and whether a band is left.
#[inline(always)]
fn gaps_of_options(
    plan: &Plan,
    policy: &PolicyPlan,
    j: u64,
    market: &MarketState,
    nets: &[Net],
    widths: &mut [Lanes],
    account: &mut Account,
) {
    let Some(target) = policy.target else { return };
    let mut outside = [0.0; B];
    for (i, holding) in account.holdings.iter().enumerate() {
        let goal = &nets[target.truth].target[i];
        let gap_sum = &mut account.path.gap;
        for lane in 0..B {
            let gap = goal[lane] - holding.held[lane];
            gap_sum[lane] = gap.mul_add(gap, gap_sum[lane]);
        }
        if let Some(watch) = &policy.decision.band {
            let gamma = &nets[target.gamma.1].gamma[i];
            lane_widths(plan, watch, j, i, &market.prices[i].x, gamma, &mut widths[i]);
            for lane in 0..B {
                let gap = (goal[lane] - holding.held[lane]).abs();
                outside[lane] = if gap > widths[i][lane] { 1.0 } else { outside[lane] };
            }
        }
    }
    for lane in 0..B {
        account.path.outside[lane] += outside[lane];
    }
}

/// Weight gaps of a basket at the true price.
#[inline(always)]
fn gaps_of_basket(
    book: &BasketPlan,
    policy: &PolicyPlan,
    market: &MarketState,
    mark: &Lanes,
    account: &mut Account,
) {
    let mut outside = [0.0; B];
    for (i, (holding, weight)) in account.holdings.iter().zip(&book.weights).enumerate() {
        let width = policy.basket_width(i, *weight).unwrap_or(f64::INFINITY);
        let (s, gap_sum) = (&market.prices[i].s, &mut account.path.gap);
        for lane in 0..B {
            let gap = holding.held[lane] * s[lane] / mark[lane] - weight;
            gap_sum[lane] = gap.mul_add(gap, gap_sum[lane]);
            outside[lane] = if gap.abs() > width { 1.0 } else { outside[lane] };
        }
    }
    for lane in 0..B {
        account.path.outside[lane] += outside[lane];
    }
}

/// Tracking error of one path: annualised standard deviation of active returns.
pub(super) fn tracking_error(plan: &Plan, path: &PathMetrics, lane: usize) -> Option<f64> {
    let n = plan.n_steps - plan.warmup;
    (n > 1).then(|| (path.squares[lane] / ((n - 1) as f64 * plan.dt)).sqrt())
}
