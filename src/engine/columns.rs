//! What a path leaves behind for one policy: one number a column.
use crate::math::{B, Lanes, ln};
use crate::metric::COSTS;
#[cfg(test)]
use crate::metric::COUNTS;
use crate::stats::MeanTally;

use super::marks::tracking_error;
use super::plan::{BookPlan, Plan};
use super::state::{Account, BlockState, Holding};
use super::venue::Stage;

macro_rules! columns {
    ($( $variant:ident $name:literal ),+ $(,)?) => {
        /// A figure of one path under one policy.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Column { $( #[doc = $name] $variant ),+ }
        impl Column {
            /// All of them, in order.
            pub(super) const ALL: &'static [Self] = &[$( Self::$variant ),+];
            /// Name in `paths.csv`; that of the metric where the metric is its mean.
            pub(super) fn name(self) -> &'static str {
                match self { $( Self::$variant => $name ),+ }
            }
        }
    };
}

columns! {
    Deviation "deviation",
    TrackingError "te_path_mean",
    MaxAbs "max_abs_deviation",
    LogDeviation "log_deviation",
    OutOfBand "time_out_of_band",
    OracleUpdates "oracle_updates",
    Trades "trades",
    Rebalances "rebalances",
    Turnover "turnover",
    TurnoverWeight "turnover_weight",
    PeakCash "peak_cash_need",
    CostTotal "cost_total",
    CostFee "cost_fee",
    CostFixed "cost_fixed",
    CostSpread "cost_spread",
    CostImpact "cost_impact",
    CostFunding "cost_funding",
    CostInitial "cost_initial",
    CostLife "cost_life",
    CostFinal "cost_final",
    GapSquare "gap_square",
    OracleErrorSquare "oracle_error_square",
    AgeSum "age_sum_seconds",
    Orders "orders",
    CostImpactPermanent "cost_impact_permanent",
    CostGas "cost_gas",
    CostBorrow "cost_borrow",
    CostFeePool "cost_fee_pool",
    CostImpactPool "cost_impact_pool",
    StaleRefusals "stale_refusals",
    BelowMinimum "below_minimum",
    Cancelled "cancelled",
    Queued "queued",
    Refused "refused",
    Reverted "reverted",
    Failed "failed",
    Transactions "transactions",
    Dropped "dropped",
    FundingSettlements "funding_settlements",
    WipedOut "wiped_out",
}

/// Number of columns.
pub(super) const N_COLUMNS: usize = Column::ALL.len();

/// Where a column's figures stand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Source {
    /// Nothing but zeros: its run cannot fill it.
    Zero,
    /// In a place of its own.
    Own,
    /// Those of an earlier column.
    As(Column),
}

/// Tallies of a block: of the columns that have a place of their own, in their order.
#[derive(Debug)]
pub(super) struct BlockMeans {
    n: u64,
    sources: [Source; N_COLUMNS],
    own: Vec<MeanTally>,
}

impl BlockMeans {
    /// Adds the block to the tallies of all columns.
    pub(super) fn add_to(&self, means: &mut [MeanTally]) {
        let mut own = self.own.iter().copied();
        let mut block = [MeanTally::constant(self.n, 0.0); N_COLUMNS];
        for (k, source) in self.sources.iter().enumerate() {
            match *source {
                Source::Zero => {}
                Source::Own => block[k] = own.next().unwrap_or_default(),
                Source::As(other) => block[k] = block[other as usize],
            }
            means[k] = means[k].merge(&block[k]);
        }
    }
}

/// All columns of one policy over a block: room that every block of a worker uses again.
#[derive(Debug)]
pub(super) struct Columns {
    values: Vec<Lanes>,
    sources: [Source; N_COLUMNS],
}

impl Columns {
    /// Nothing yet.
    pub(super) fn new() -> Self {
        Self { values: vec![Lanes::ZERO; N_COLUMNS], sources: [Source::Zero; N_COLUMNS] }
    }

    /// One column.
    #[inline(always)]
    pub(super) fn of(&self, column: Column) -> &Lanes {
        const NOTHING: &Lanes = &Lanes::ZERO;
        match self.sources[column as usize] {
            Source::Zero => NOTHING,
            Source::Own => &self.values[column as usize],
            Source::As(other) => &self.values[other as usize],
        }
    }

    /// Tallies over the first `n_lanes` paths.
    ///
    /// That of the deviation stays empty: its moments are made of all paths at once.
    #[inline(always)]
    pub(super) fn means(&self, n_lanes: usize, means: &mut [MeanTally; N_COLUMNS]) -> usize {
        let mut n_own = 0;
        for (k, values) in self.values.iter().enumerate() {
            if self.sources[k] == Source::Own {
                if k != Column::Deviation as usize {
                    means[n_own] = MeanTally::from_slice(&values[..n_lanes]);
                }
                n_own += 1;
            }
        }
        n_own
    }

    /// The first `n_own` of `means` with what tells their columns.
    pub(super) fn block_means(&self, n_lanes: usize, means: &[MeanTally]) -> BlockMeans {
        BlockMeans { n: n_lanes as u64, sources: self.sources, own: means.to_vec() }
    }

    #[inline(always)]
    fn fill(&mut self, column: Column, value: impl Fn(usize) -> f64) {
        self.sources[column as usize] = Source::Own;
        let values = &mut self.values[column as usize];
        for lane in 0..B {
            values[lane] = value(lane);
        }
    }

    fn set(&mut self, column: Column, source: Source) {
        self.sources[column as usize] = source;
    }

    /// Reads a policy's columns off the end of a block.
    #[inline(always)]
    pub(super) fn read(&mut self, plan: &Plan, state: &BlockState, policy: usize) {
        let account = &state.accounts[policy];
        self.sources = [Source::Zero; N_COLUMNS];
        self.fill(Column::Deviation, |lane| account.deviation[lane]);
        if let BookPlan::Basket(_) = &plan.book {
            self.fill(Column::LogDeviation, |lane| ln(account.final_value[lane] / state.benchmark[lane]));
            self.fill(Column::TurnoverWeight, |lane| account.turnover_weight[lane]);
        }
        fill_trades(plan, account, self);
        fill_costs(plan, account, self);
        fill_shares(plan, account, self);
        if plan.path_metrics {
            fill_path_metrics(plan, account, self);
        }
        if plan.prices.any_oracle {
            fill_oracle(plan, state, account, self);
        }
    }
}

#[inline(always)]
fn fill_trades(plan: &Plan, account: &Account, columns: &mut Columns) {
    let trades = sum(account, |holding, lane| holding.trades[lane]);
    let turnover = sum(account, |holding, lane| holding.turnover[lane]);
    columns.fill(Column::Trades, |lane| trades[lane]);
    columns.fill(Column::Turnover, |lane| turnover[lane] / plan.constants.notional);
    // with one asset a fill is a step with a fill
    if plan.n_assets() > 1 || account.venue.is_some() {
        columns.fill(Column::Rebalances, |lane| account.rebalances[lane]);
    } else {
        columns.set(Column::Rebalances, Source::As(Column::Trades));
    }
    if account.venue.is_some() || account.holdings.iter().any(|holding| holding.delayed) {
        for (column, counts) in Column::ALL[Column::StaleRefusals as usize..].iter().zip(account.counts(true))
        {
            columns.fill(*column, |lane| counts[lane]);
        }
    } else {
        // every fill is a transaction of its own, and none is left at the end
        columns.set(Column::Transactions, Source::As(Column::Trades));
    }
}

/// Costs by name: those that somebody charges, and the sum of them.
#[inline(always)]
fn fill_costs(plan: &Plan, account: &Account, columns: &mut Columns) {
    let names = Column::ALL[Column::CostFee as usize..=Column::CostFunding as usize]
        .iter()
        .chain(&Column::ALL[Column::CostImpactPermanent as usize..=Column::CostImpactPool as usize]);
    let paid = |k: usize| account.venue.is_some() || plan.prices.assets.iter().any(|asset| asset.pays(k));
    let n_paid = (0..COSTS.len()).filter(|k| paid(*k)).count();
    columns.fill(Column::CostTotal, |_| 0.0);
    for (k, name) in names.enumerate().filter(|(k, _)| paid(*k)) {
        let cost = account.cost(plan, k);
        for (sum, part) in columns.values[Column::CostTotal as usize].iter_mut().zip(cost.iter()) {
            *sum += part;
        }
        if n_paid == 1 {
            columns.set(*name, Source::As(Column::CostTotal));
        } else {
            columns.fill(*name, |lane| cost[lane]);
        }
    }
}

/// The proportional part of the costs, whether it is charged or not.
#[inline(always)]
fn fill_shares(plan: &Plan, account: &Account, columns: &mut Columns) {
    let assets = || plan.prices.assets.iter().map(|asset| asset.cost.proportional).zip(&account.holdings);
    let initial = assets().map(|(rate, holding)| rate * holding.initial).sum();
    let moving = account.venue.as_ref().map(|venue| &venue.wider_by_stage);
    for (column, stage) in [
        (Column::CostInitial, Stage::Initial),
        (Column::CostLife, Stage::Life),
        (Column::CostFinal, Stage::Final),
    ] {
        let mut sum = Lanes::splat(if stage == Stage::Initial { initial } else { 0.0 });
        for (rate, holding) in assets().filter(|_| stage != Stage::Initial) {
            let notional = if stage == Stage::Life { &holding.turnover } else { &holding.last };
            for lane in 0..B {
                sum[lane] += rate * notional[lane];
            }
        }
        if let Some(wider) = moving {
            for lane in 0..B {
                sum[lane] += wider[stage as usize][lane];
            }
        }
        columns.fill(column, |lane| sum[lane]);
    }
}

#[inline(always)]
fn fill_path_metrics(plan: &Plan, account: &Account, columns: &mut Columns) {
    let (path, counted) = (&account.path, (plan.n_steps - plan.warmup) as f64);
    columns.fill(Column::TrackingError, |lane| tracking_error(plan, path, lane).unwrap_or(0.0));
    columns.fill(Column::MaxAbs, |lane| path.max_abs[lane]);
    columns.fill(Column::OutOfBand, |lane| path.outside[lane] / counted);
    columns.fill(Column::PeakCash, |lane| 0.0 - path.least_cash[lane]);
    columns.fill(Column::GapSquare, |lane| path.gap[lane] / counted);
}

#[inline(always)]
fn fill_oracle(plan: &Plan, state: &BlockState, account: &Account, columns: &mut Columns) {
    let n_assets = plan.n_assets() as f64;
    let seen_steps = ((plan.n_steps - 1) as f64).max(1.0);
    let feeds = || plan.prices.assets.iter().zip(&state.feeds).filter(|(asset, _)| asset.oracle.is_some());
    let updates = |lane: usize| feeds().map(|(_, feed)| feed.updates[lane]).sum::<f64>();
    columns.fill(Column::OracleUpdates, |lane| updates(lane) / n_assets);
    columns.fill(Column::OracleErrorSquare, |lane| state.oracle_error[lane] / (n_assets * seen_steps));
    let age = sum(account, |holding, lane| holding.age[lane]);
    columns.fill(Column::AgeSum, |lane| age[lane] * plan.step_seconds);
    // without a delay every order fills in its own step
    if account.holdings.iter().all(|holding| !holding.delayed) {
        columns.set(Column::Orders, Source::As(Column::Trades));
        return;
    }
    let orders = |holding: &Holding, lane: usize| {
        if holding.delayed { holding.orders[lane] } else { holding.trades[lane] }
    };
    let orders = sum(account, orders);
    columns.fill(Column::Orders, |lane| orders[lane]);
}

/// Sum over the assets of an account.
#[inline(always)]
fn sum(account: &Account, of: impl Fn(&Holding, usize) -> f64) -> Lanes {
    let mut sum = Lanes::ZERO;
    for holding in &account.holdings {
        for lane in 0..B {
            sum[lane] += of(holding, lane);
        }
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_in_the_order_of_their_registries() {
        let names = |first: Column, n: usize| Column::ALL[first as usize..first as usize + n].iter();
        let costs = names(Column::CostFee, 5).chain(names(Column::CostImpactPermanent, COSTS.len() - 5));
        for (column, cost) in costs.zip(COSTS) {
            assert_eq!(column.name(), format!("cost_{cost}"));
        }
        for (column, count) in names(Column::StaleRefusals, COUNTS.len()).zip(COUNTS.iter().copied()) {
            assert_eq!(column.name(), count);
        }
    }
}
