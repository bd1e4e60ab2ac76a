//! What a path leaves behind for one policy: one number a column.
use crate::math::{B, Lanes, ln};

use super::marks::tracking_error;
use super::plan::{BookPlan, Plan};
use super::state::{Account, BlockState};

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
}

/// Number of columns.
pub(super) const N_COLUMNS: usize = Column::ALL.len();

/// All columns of one policy over a block.
pub(super) type Columns = Vec<Lanes>;

/// Reads a policy's columns off the end of a block.
pub(super) fn columns(plan: &Plan, state: &BlockState, policy: usize) -> Columns {
    let account = &state.accounts[policy];
    let mut columns: Columns = vec![Lanes::ZERO; N_COLUMNS];
    for lane in 0..B {
        let row = row(plan, state, account, lane);
        for (column, value) in columns.iter_mut().zip(row) {
            column[lane] = value;
        }
    }
    columns
}

fn row(plan: &Plan, state: &BlockState, account: &Account, lane: usize) -> [f64; N_COLUMNS] {
    let n_assets = plan.n_assets() as f64;
    let counted = (plan.n_steps - plan.warmup) as f64;
    let costs = account.costs(plan, lane);
    let mut sums = [0.0; 8];
    let [trades, turnover, initial, life, last, updates, age, orders] = &mut sums;
    for (i, (asset, holding)) in plan.prices.assets.iter().zip(&account.holdings).enumerate() {
        *trades += holding.trades[lane];
        *turnover += holding.turnover[lane];
        *initial += asset.cost.proportional * holding.initial;
        *life += asset.cost.proportional * holding.turnover[lane];
        *last += asset.cost.proportional * holding.last[lane];
        *updates += if asset.oracle.is_some() { state.feeds[i].updates[lane] } else { 0.0 };
        *age += holding.age[lane];
        // without a delay every order fills in its own step
        *orders += if holding.delayed { holding.orders[lane] } else { holding.trades[lane] };
    }
    let [trades, turnover, initial, life, last, updates, age, orders] = sums;
    let log_deviation = match &plan.book {
        BookPlan::Basket(_) => ln(account.final_value[lane] / state.benchmark[lane]),
        BookPlan::Options(_) => 0.0,
    };
    let seen_steps = ((plan.n_steps - 1) as f64).max(1.0);
    [
        account.deviation[lane],
        tracking_error(plan, &account.path, lane).unwrap_or(0.0),
        account.path.max_abs[lane],
        log_deviation,
        account.path.outside[lane] / counted,
        updates / n_assets,
        trades,
        // with one asset a fill is a step with a fill
        if plan.n_assets() > 1 { account.rebalances[lane] } else { trades },
        turnover / plan.constants.notional,
        account.turnover_weight[lane],
        0.0 - account.path.least_cash[lane],
        costs.iter().sum(),
        costs[0],
        costs[1],
        costs[2],
        costs[3],
        costs[4],
        initial,
        life,
        last,
        account.path.gap[lane] / counted,
        state.oracle_error[lane] / (n_assets * seen_steps),
        age * plan.step_seconds,
        orders,
    ]
}
