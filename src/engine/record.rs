//! One path under one policy, step by step: the ledger that the run summed, to the bit.
use crate::math::B;
use crate::metric::{COSTS, COUNTS};
use crate::scenario::Scenario;

use super::audit::ledger;
use super::block::{Level, Observer, watch};
use super::columns::{Column, Columns};
use super::outcome::Constants;
use super::plan::{BookPlan, Plan};
use super::run::RunError;
use super::state::{Account, BlockState, Holding};
use super::step::Job;
use super::venue::settlement;

/// State after all of one step; lists stand in the order of the assets.
#[derive(Debug, Clone, PartialEq)]
pub struct StepRecord {
    /// Step.
    pub j: u64,
    /// True price.
    pub price: Vec<f64>,
    /// Visible price (none at the end).
    pub oracle: Option<Vec<f64>>,
    /// Order decided, in units.
    pub order: Vec<f64>,
    /// Units filled (none at the end).
    pub filled: Option<Vec<f64>>,
    /// Units held.
    pub position: Vec<f64>,
    /// Target at the true price, in units (none at the end, or without a hedge volatility).
    pub target: Option<Vec<f64>>,
    /// Cash; at the end after the unwind, before payoffs.
    pub cash: f64,
    /// Marked portfolio; at the end the deviation (options) or the final cash (baskets).
    pub mark: f64,
    /// Benchmark (baskets).
    pub benchmark: Option<f64>,
    /// Age in steps of the visible price (none at the end).
    pub age: Option<Vec<f64>>,
    /// Units ordered that have not filled.
    pub in_flight: Vec<f64>,
    /// Displacement of the price by own trades, in currency per unit.
    pub displacement: Vec<f64>,
    /// Price at which each asset's pool stands after the step (none where no pool stays where it was traded to).
    pub pool: Option<Vec<f64>>,
    /// Paid by legs that expire here.
    pub settled: f64,
    /// Parts of a rebalance not yet sent.
    pub slices_left: u64,
    /// Cumulative costs, by name as in `metric::COSTS`.
    pub costs: [f64; COSTS.len()],
    /// Cumulative counts, by name as in `metric::COUNTS`.
    pub counts: [f64; COUNTS.len()],
}

/// A whole path under one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Recording {
    /// One for each of the steps `0 … n`.
    pub steps: Vec<StepRecord>,
    /// Terminal deviation.
    pub deviation: f64,
    /// Annualised standard deviation of active returns (none with fewer than two).
    pub te_path: Option<f64>,
    /// Fills during life.
    pub trades: f64,
    /// Steps with fills.
    pub rebalances: f64,
    /// Traded notional during life over notional.
    pub turnover: f64,
    /// Oracle triggers, mean over assets.
    pub oracle_updates: f64,
    /// Deviation from the parts of the ledger: gains, interest, yields, costs, payoffs.
    pub ledger: f64,
    /// Plain numbers of the scenario.
    pub constants: Constants,
}

/// Replays one path of a run under one policy.
///
/// # Errors
///
/// Where the scenario cannot be compiled, or a state leaves the numbers.
///
/// # Panics
///
/// Never for a policy index below the number of policies.
pub fn record(scenario: &Scenario, path: u64, policy: usize) -> Result<Recording, RunError> {
    let mut alone = scenario.clone();
    alone.policies = vec![scenario.policies[policy].clone()];
    alone.run.path_metrics = true;
    let plan = Plan::new(&alone).map_err(RunError::Scenario)?;
    // to the same bits where the portfolio keeps its value
    let plan = plan.careful(&alone).unwrap_or(plan);
    let first_path = path / B as u64 * B as u64;
    let lane = (path % B as u64) as usize;
    let mut state = BlockState::new(&plan, true);
    let job = Job { first_path, audit: true };
    let mut recorder = Recorder { lane, steps: Vec::new() };
    watch(Level::Baseline, &plan, job, &mut state, &mut recorder, None);
    let mut columns = Columns::new();
    columns.read(&plan, &state, 0);
    let of = |column: Column| columns.of(column)[lane];
    let n_returns = plan.n_steps - plan.warmup;
    Ok(Recording {
        steps: recorder.steps,
        deviation: of(Column::Deviation),
        te_path: (n_returns > 1).then(|| of(Column::TrackingError)),
        trades: of(Column::Trades),
        rebalances: of(Column::Rebalances),
        turnover: of(Column::Turnover),
        oracle_updates: of(Column::OracleUpdates),
        ledger: ledger(&plan, &state, 0, &state.accounts[0].costs(&plan), lane).0,
        constants: plan.constants.clone(),
    })
}

struct Recorder {
    lane: usize,
    steps: Vec<StepRecord>,
}

impl Observer for Recorder {
    fn after_step(&mut self, plan: &Plan, state: &BlockState, j: u64) {
        let lane = self.lane;
        let account = &state.accounts[0];
        let at_end = j == plan.n_steps;
        let of = |figure: &dyn Fn(&Holding) -> f64| account.holdings.iter().map(figure).collect::<Vec<f64>>();
        let recorded = |which: usize| of(&|h| h.record.as_ref().map_or(0.0, |record| record[which][lane]));
        let seen = |(i, price): (usize, &crate::market::price::PriceState)| {
            if plan.prices.any_oracle { state.feeds[i].seen[lane] } else { price.s[lane] }
        };
        let is_basket = matches!(plan.book, BookPlan::Basket(_));
        let (cash, mark) = match (at_end, is_basket) {
            (false, _) => (account.cash[lane] * plan.now(j).growth, account.path.mark[lane]),
            (true, false) => (account.final_value[lane], account.deviation[lane]),
            (true, true) => (account.final_value[lane], account.final_value[lane]),
        };
        self.steps.push(StepRecord {
            j,
            price: state.market.prices.iter().map(|price| price.s[lane]).collect(),
            oracle: (!at_end || settles_by_oracle(plan))
                .then(|| state.market.prices.iter().enumerate().map(seen).collect()),
            order: recorded(0),
            filled: (!at_end).then(|| recorded(1)),
            position: of(&|h| h.held[lane]),
            target: if at_end { None } else { target(plan, state, lane) },
            cash,
            mark,
            benchmark: is_basket.then(|| state.benchmark[lane]),
            age: (!at_end).then(|| ages(plan, state, j, lane)),
            in_flight: of(&|h| if at_end { 0.0 } else { h.effective()[lane] - h.held[lane] }),
            displacement: displacement(account, lane),
            pool: pools(plan, account, lane),
            settled: settled(plan, state, j, lane),
            slices_left: account.venue.as_ref().map_or(0, |venue| venue.slices_left(lane)),
            costs: account.costs(plan).map(|cost| cost[lane]),
            counts: account.counts(at_end).map(|count| count[lane]),
        });
    }
}

/// Whether the oracle makes one more step at the end.
fn settles_by_oracle(plan: &Plan) -> bool {
    plan.venue.as_ref().is_some_and(|venue| venue.by_oracle)
}

/// Age of the visible prices in steps.
fn ages(plan: &Plan, state: &BlockState, j: u64, lane: usize) -> Vec<f64> {
    let assets = plan.prices.assets.iter().zip(&state.feeds);
    assets
        .map(|(asset, feed)| if asset.oracle.is_some() { j as f64 - feed.seen_at[lane] } else { 0.0 })
        .collect()
}

fn displacement(account: &Account, lane: usize) -> Vec<f64> {
    match &account.venue {
        Some(venue) => venue.displacement.iter().map(|lanes| lanes[lane]).collect(),
        None => vec![0.0; account.holdings.len()],
    }
}

/// Prices of the pools, where some pool stays.
fn pools(plan: &Plan, account: &Account, lane: usize) -> Option<Vec<f64>> {
    let mut assets = plan.venue.as_ref()?.assets.iter();
    assets.any(|asset| asset.pool.is_some_and(|pool| pool.persistent)).then_some(())?;
    Some(account.venue.as_ref()?.pool.iter().map(|lanes| lanes[lane]).collect())
}

/// What legs pay at step `j`.
fn settled(plan: &Plan, state: &BlockState, j: u64, lane: usize) -> f64 {
    let BookPlan::Options(book) = &plan.book else { return 0.0 };
    let due = book.valuations.legs.iter().filter(|leg| leg.expiry.min(plan.n_steps) == j);
    let pays = due.map(|leg| {
        let s = settlement(plan, &state.market, &state.feeds, leg.asset)[lane];
        leg.quantity * leg.payoff(s)
    });
    let holdings = book.holdings.iter().zip(&state.market.prices);
    let sold: f64 = holdings.map(|(units, price)| units * price.s[lane]).sum();
    pays.sum::<f64>() + if j == plan.n_steps { sold } else { 0.0 }
}

/// Target units at the true price.
fn target(plan: &Plan, state: &BlockState, lane: usize) -> Option<Vec<f64>> {
    match &plan.book {
        BookPlan::Options(_) => {
            let target = plan.policies[0].target?;
            Some(state.nets[target.truth].target.iter().map(|lanes| lanes[lane]).collect())
        }
        BookPlan::Basket(book) => {
            let value = state.accounts[0].path.mark[lane];
            let units =
                |(weight, price): (&f64, &crate::market::price::PriceState)| weight * value / price.s[lane];
            Some(book.weights.iter().zip(&state.market.prices).map(units).collect())
        }
    }
}
