//! What a path leaves behind for one policy: one number a column.
use crate::math::{B, Lanes, ln};
use crate::metric::COSTS;
#[cfg(test)]
use crate::metric::COUNTS;

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

/// All columns of one policy over a block; those that its run cannot fill are zero and need no tally.
#[derive(Debug)]
pub(super) struct Columns {
    values: Vec<Lanes>,
    filled: [bool; N_COLUMNS],
}

impl Columns {
    /// One column.
    pub(super) fn of(&self, column: Column) -> &Lanes {
        &self.values[column as usize]
    }

    /// All of them in order, `None` where nothing but zeros can stand.
    pub(super) fn all(&self) -> impl Iterator<Item = Option<&Lanes>> {
        self.values.iter().zip(&self.filled).map(|(values, filled)| filled.then_some(values))
    }

    fn fill(&mut self, column: Column, value: impl Fn(usize) -> f64) {
        self.filled[column as usize] = true;
        let values = &mut self.values[column as usize];
        for lane in 0..B {
            values[lane] = value(lane);
        }
    }

    /// Fills consecutive columns from `first` on with rows.
    fn fill_rows<const N: usize>(&mut self, first: Column, row: impl Fn(usize) -> [f64; N]) {
        let first = first as usize;
        self.filled[first..first + N].fill(true);
        let columns = &mut self.values[first..first + N];
        for lane in 0..B {
            for (column, value) in columns.iter_mut().zip(row(lane)) {
                column[lane] = value;
            }
        }
    }
}

/// Reads a policy's columns off the end of a block.
pub(super) fn columns(plan: &Plan, state: &BlockState, policy: usize) -> Columns {
    let account = &state.accounts[policy];
    let mut columns = Columns { values: vec![Lanes::ZERO; N_COLUMNS], filled: [false; N_COLUMNS] };
    columns.fill(Column::Deviation, |lane| account.deviation[lane]);
    if let BookPlan::Basket(_) = &plan.book {
        columns.fill(Column::LogDeviation, |lane| ln(account.final_value[lane] / state.benchmark[lane]));
        columns.fill(Column::TurnoverWeight, |lane| account.turnover_weight[lane]);
    }
    fill_trades(plan, account, &mut columns);
    fill_costs(plan, account, &mut columns);
    if plan.path_metrics {
        fill_path_metrics(plan, account, &mut columns);
    }
    if plan.prices.any_oracle {
        fill_oracle(plan, state, account, &mut columns);
    }
    columns
}

fn fill_trades(plan: &Plan, account: &Account, columns: &mut Columns) {
    let trades = sum(account, |holding, lane| holding.trades[lane]);
    let turnover = sum(account, |holding, lane| holding.turnover[lane]);
    columns.fill(Column::Trades, |lane| trades[lane]);
    // with one asset a fill is a step with a fill
    let several = plan.n_assets() > 1 || account.venue.is_some();
    columns.fill(Column::Rebalances, |lane| if several { account.rebalances[lane] } else { trades[lane] });
    columns.fill(Column::Turnover, |lane| turnover[lane] / plan.constants.notional);
    if account.venue.is_some() || account.holdings.iter().any(|holding| holding.delayed) {
        columns.fill_rows(Column::StaleRefusals, |lane| account.counts(lane, true));
    } else {
        // every fill is a transaction of its own, and none is left at the end
        columns.fill(Column::Transactions, |lane| trades[lane]);
    }
}

fn fill_costs(plan: &Plan, account: &Account, columns: &mut Columns) {
    const PLAIN: usize = 5;
    let costs = |lane: usize| account.costs(plan, lane);
    columns.fill_rows(Column::CostTotal, |lane| {
        let costs = costs(lane);
        let plain: [f64; PLAIN] = std::array::from_fn(|k| costs[k]);
        let [fee, fixed, spread, impact, funding] = plain;
        [costs.iter().sum(), fee, fixed, spread, impact, funding]
    });
    if account.venue.is_some() {
        columns.fill_rows(Column::CostImpactPermanent, |lane| {
            let costs = costs(lane);
            let own: [f64; COSTS.len() - PLAIN] = std::array::from_fn(|k| costs[PLAIN + k]);
            own
        });
    }
    // the proportional part, whether it is charged or not
    let assets = || plan.prices.assets.iter().map(|asset| asset.cost.proportional).zip(&account.holdings);
    let moving = account.venue.as_ref().map(|venue| &venue.wider_by_stage);
    let wider = |stage: Stage, lane: usize| moving.map_or(0.0, |wider| wider[stage as usize][lane]);
    let sum = |lane: usize, of: fn(&Holding, usize) -> f64| -> f64 {
        assets().map(|(rate, held)| rate * of(held, lane)).sum()
    };
    columns.fill(Column::CostInitial, |lane| sum(lane, |held, _| held.initial) + wider(Stage::Initial, lane));
    columns.fill(Column::CostLife, |lane| {
        sum(lane, |held, lane| held.turnover[lane]) + wider(Stage::Life, lane)
    });
    columns
        .fill(Column::CostFinal, |lane| sum(lane, |held, lane| held.last[lane]) + wider(Stage::Final, lane));
}

fn fill_path_metrics(plan: &Plan, account: &Account, columns: &mut Columns) {
    let (path, counted) = (&account.path, (plan.n_steps - plan.warmup) as f64);
    columns.fill(Column::TrackingError, |lane| tracking_error(plan, path, lane).unwrap_or(0.0));
    columns.fill(Column::MaxAbs, |lane| path.max_abs[lane]);
    columns.fill(Column::OutOfBand, |lane| path.outside[lane] / counted);
    columns.fill(Column::PeakCash, |lane| 0.0 - path.least_cash[lane]);
    columns.fill(Column::GapSquare, |lane| path.gap[lane] / counted);
}

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
    let orders = |holding: &Holding, lane: usize| {
        if holding.delayed { holding.orders[lane] } else { holding.trades[lane] }
    };
    let orders = sum(account, orders);
    columns.fill(Column::Orders, |lane| orders[lane]);
}

/// Sum over the assets of an account.
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
