//! Marks of every policy at every step, and the path metrics they feed.
use crate::book::benchmark::TrackPrices;
use crate::book::valuation::Net;
use crate::math::{B, Lanes};
use crate::policy::decision::Width;

use super::fill::{Least, Scaled, Widths};
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
    let BlockState { market, nets, accounts, benchmark, benchmark_return, timeline, .. } = state;
    let j = now.j;
    // few blocks have a timeline, and the search is long beside a step
    let timed = timeline.is_some() && plan.times.binary_search(&j).is_ok();
    for (p, (policy, account)) in plan.policies.iter().zip(accounts.iter_mut()).enumerate() {
        let mut mark = Lanes::ZERO;
        mark_portfolio(plan, now, market, account, &mut mark);
        match &plan.book {
            BookPlan::Options(book) => {
                add_legs(book, &nets[book.valuations.mark].value, market, &mut mark);
                returns_of_options(plan, j, &mark, &mut account.path);
                if j >= plan.warmup {
                    note_deviation::<false>(&mark, benchmark, &mut account.path.max_abs);
                    gaps_of_options(policy, nets, account);
                }
            }
            BookPlan::Basket(book) => {
                returns_of_basket(plan, j, &mark, benchmark_return, &mut account.path);
                if j >= plan.warmup {
                    note_deviation::<true>(&mark, benchmark, &mut account.path.max_abs);
                    gaps_of_basket(book, policy, market, &mark, account);
                }
            }
        }
        if let Some(timeline) = timeline.as_mut().filter(|_| timed) {
            for lane in 0..B {
                mark[lane] -= against(plan, benchmark)[lane];
            }
            timeline[p].push(mark);
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
        let mut mark = Lanes::ZERO;
        mark_portfolio(plan, now, market, account, &mut mark);
        match &plan.book {
            BookPlan::Options(book) => {
                let mut payoffs = Lanes::ZERO;
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
        if let Some(timeline) = state.timeline.as_mut().filter(|_| plan.times.last() == Some(&plan.n_steps)) {
            timeline[p].push(account.deviation);
        }
    }
}

/// Cash and positions at the true price; keeps the least cash.
#[inline(always)]
fn mark_portfolio(plan: &Plan, now: Now, market: &MarketState, account: &mut Account, mark: &mut Lanes) {
    let Account { holdings, cash, path, .. } = account;
    let least = &mut path.least_cash;
    if let ([asset], [holding], [price]) =
        (plan.prices.assets.as_slice(), holdings.as_slice(), market.prices.as_slice())
    {
        if asset.perpetual {
            mark_one::<true>(now.growth, cash, &holding.held, &price.s, mark, least);
        } else {
            mark_one::<false>(now.growth, cash, &holding.held, &price.s, mark, least);
        }
        return;
    }
    let mut balance = Lanes::ZERO;
    for lane in 0..B {
        mark[lane] = cash[lane] * now.growth;
        balance[lane] = mark[lane];
    }
    for ((asset, holding), price) in plan.prices.assets.iter().zip(&*holdings).zip(&market.prices) {
        for lane in 0..B {
            let value = holding.held[lane] * price.s[lane];
            mark[lane] += value;
            if asset.perpetual {
                balance[lane] += value;
            }
        }
    }
    for lane in 0..B {
        least[lane] = if balance[lane] < least[lane] { balance[lane] } else { least[lane] };
    }
}

/// [`mark_portfolio`] of one asset in one pass; a perpetual's margin balance is its cash and its position.
#[inline(always)]
fn mark_one<const PERPETUAL: bool>(
    growth: f64,
    cash: &Lanes,
    held: &Lanes,
    s: &Lanes,
    mark: &mut Lanes,
    least: &mut Lanes,
) {
    for lane in 0..B {
        let nominal = cash[lane] * growth;
        mark[lane] = held[lane] * s[lane] + nominal;
        let balance = if PERPETUAL { mark[lane] } else { nominal };
        least[lane] = if balance < least[lane] { balance } else { least[lane] };
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
    const NOTHING: &Lanes = &Lanes::ZERO;
    if matches!(plan.book, BookPlan::Basket(_)) { benchmark } else { NOTHING }
}

/// Keeps the largest distance of the mark from the benchmark (options: from 0).
#[inline(always)]
fn note_deviation<const TRACKS: bool>(mark: &Lanes, benchmark: &Lanes, most: &mut Lanes) {
    for lane in 0..B {
        let size = if TRACKS { (mark[lane] - benchmark[lane]).abs() } else { mark[lane].abs() };
        most[lane] = if size > most[lane] { size } else { most[lane] };
    }
}

/// Change of the mark of an option book, which is its active return times the notional. Takes the mark over.
#[inline(always)]
fn returns_of_options(plan: &Plan, j: u64, mark: &Lanes, path: &mut PathMetrics) {
    let PathMetrics { mark: before, mean, squares, .. } = path;
    if j <= plan.warmup {
        *before = *mark;
        return;
    }
    let share = 1.0 / (j - plan.warmup) as f64;
    for lane in 0..B {
        let change = mark[lane] - before[lane];
        before[lane] = mark[lane];
        (mean[lane], squares[lane]) = spread(change, share, mean[lane], squares[lane]);
    }
}

/// Active return of a basket: simple portfolio return less simple benchmark return. Takes the mark over.
#[inline(always)]
fn returns_of_basket(plan: &Plan, j: u64, mark: &Lanes, benchmark_return: &Lanes, path: &mut PathMetrics) {
    let PathMetrics { mark: before, mean, squares, .. } = path;
    if j <= plan.warmup {
        *before = *mark;
        return;
    }
    let share = 1.0 / (j - plan.warmup) as f64;
    for lane in 0..B {
        // nothing is earned on a portfolio without value: the figure is then undefined, and says so
        let earned = if before[lane] > 0.0 { mark[lane] / before[lane] } else { f64::NAN };
        before[lane] = mark[lane];
        let active = earned - 1.0 - benchmark_return[lane];
        (mean[lane], squares[lane]) = spread(active, share, mean[lane], squares[lane]);
    }
}

/// Mean and sum of squares about it with one more value; `share` is one over their number (B. Welford, 1962,
/// Technometrics 4(3); in the form of D. West, 1979, Communications of the ACM 22(9)).
#[inline(always)]
fn spread(value: f64, share: f64, mean: f64, squares: f64) -> (f64, f64) {
    let off = value - mean;
    (off.mul_add(share, mean), (off * off).mul_add(1.0 - share, squares))
}

/// Target less held at the true price, and whether a band is left.
#[inline(always)]
fn gaps_of_options(policy: &PolicyPlan, nets: &[Net], account: &mut Account) {
    let Some(target) = policy.target else { return };
    let Account { holdings, path, .. } = account;
    let PathMetrics { gap: squares, outside, .. } = path;
    let mut left = Lanes::ZERO;
    let several = holdings.len() > 1;
    for (i, holding) in holdings.iter().enumerate() {
        let (goal, held) = (&nets[target.truth].target[i], &holding.held);
        // with one asset, leaving its band is leaving a band
        let outside = if several { &mut left } else { &mut *outside };
        match policy.decision.band.as_ref().map(|watch| &watch.width) {
            Some(Width::Absolute(widths)) if several => {
                gaps::<_, false>(goal, held, widths[i], squares, outside);
            }
            Some(Width::Absolute(widths)) => gaps::<_, true>(goal, held, widths[i], squares, outside),
            Some(Width::Followed(factors)) => {
                let width = Scaled(factors[i], &nets[target.width.1].width[i]);
                if several {
                    gaps::<_, false>(goal, held, width, squares, outside);
                } else {
                    gaps::<_, true>(goal, held, width, squares, outside);
                }
            }
            Some(Width::Narrower(widths, factors)) => {
                let width = Least(widths[i], Scaled(factors[i], &nets[target.width.1].width[i]));
                if several {
                    gaps::<_, false>(goal, held, width, squares, outside);
                } else {
                    gaps::<_, true>(goal, held, width, squares, outside);
                }
            }
            Some(Width::Relative(_)) | None => gaps::<_, true>(goal, held, f64::INFINITY, squares, outside),
        }
    }
    if several {
        for lane in 0..B {
            outside[lane] += left[lane];
        }
    }
}

/// Adds the squared gaps of one asset; counts the lanes outside the band, or marks them.
#[inline(always)]
fn gaps<W: Widths, const COUNT: bool>(
    goal: &Lanes,
    held: &Lanes,
    width: W,
    squares: &mut Lanes,
    outside: &mut Lanes,
) {
    for lane in 0..B {
        let gap = goal[lane] - held[lane];
        squares[lane] = gap.mul_add(gap, squares[lane]);
        let before = if COUNT { outside[lane] } else { 0.0 };
        let beyond = gap.abs() > width.of(lane);
        outside[lane] = if beyond { before + 1.0 } else { outside[lane] };
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
    let mut outside = Lanes::ZERO;
    let mut inverse = Lanes::ZERO;
    for lane in 0..B {
        inverse[lane] = 1.0 / mark[lane];
    }
    for (i, (holding, weight)) in account.holdings.iter().zip(&book.weights).enumerate() {
        let width = policy.basket_width(i, *weight).unwrap_or(f64::INFINITY);
        let (s, gap_sum) = (&market.prices[i].s, &mut account.path.gap);
        for lane in 0..B {
            let gap = (holding.held[lane] * s[lane]).mul_add(inverse[lane], -weight);
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
    // options: active returns are changes of the mark over the notional
    let unit = if matches!(plan.book, BookPlan::Options(_)) { plan.constants.notional } else { 1.0 };
    (n > 1).then(|| (path.squares[lane] / ((n - 1) as f64 * plan.dt)).sqrt() / unit)
}
