//! The registry of figures: one row each, read by summary, tables, limits, schema and docs.

/// What a figure is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// Currency at the horizon; also shown in bps of notional.
    Currency,
    /// A plain ratio.
    Ratio,
    /// Annualised fraction of notional.
    PerSqrtYear,
    /// A count per path.
    Count,
    /// Units of underlying for options, weight for baskets.
    Gap,
    /// Multiples of the notional.
    Notionals,
    /// Seconds.
    Seconds,
}

/// Which way is better.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Better {
    /// Less is better.
    Lower,
    /// More is better.
    Higher,
    /// Neither; it describes.
    Neither,
}

/// One figure.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Key in `summary.json`, tables and limits.
    pub key: &'static str,
    /// Unit of its value.
    pub unit: Unit,
    /// Which way is better.
    pub better: Better,
    /// Whether it needs marks at every step (`path_metrics`).
    pub path_metric: bool,
    /// What it is, in one phrase.
    pub meaning: &'static str,
}

impl Unit {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Currency => "currency",
            Self::Ratio => "ratio",
            Self::PerSqrtYear => "per_sqrt_year",
            Self::Count => "count",
            Self::Gap => "gap",
            Self::Notionals => "notionals",
            Self::Seconds => "seconds",
        }
    }
}

macro_rules! metrics {
    ($( $key:literal $unit:ident $better:ident $path:literal $meaning:literal; )+) => {
        /// Every figure, in the order of the documentation.
        pub const METRICS: &[Metric] = &[
            $( Metric { key: $key, unit: Unit::$unit, better: Better::$better, path_metric: $path, meaning: $meaning } ),+
        ];
    };
}

metrics! {
    "mean" Currency Higher false "mean of the terminal deviation (the tracking difference)";
    "std" Currency Lower false "standard deviation of the terminal deviation";
    "skew" Ratio Neither false "skewness of the terminal deviation";
    "kurtosis_excess" Ratio Neither false "excess kurtosis of the terminal deviation";
    "q01" Currency Higher false "1 % quantile of the terminal deviation";
    "q05" Currency Higher false "5 % quantile of the terminal deviation";
    "q50" Currency Higher false "median of the terminal deviation";
    "q95" Currency Higher false "95 % quantile of the terminal deviation";
    "q99" Currency Higher false "99 % quantile of the terminal deviation";
    "var_95" Currency Lower false "95 % value at risk: the loss exceeded on 5 % of paths";
    "var_99" Currency Lower false "99 % value at risk: the loss exceeded on 1 % of paths";
    "cvar_95" Currency Lower false "mean loss on the worst 5 % of paths";
    "cvar_99" Currency Lower false "mean loss on the worst 1 % of paths";
    "rms_deviation" Currency Lower false "root mean square of the terminal deviation";
    "te_cross" PerSqrtYear Lower false "std of the terminal deviation over notional and sqrt(T)";
    "te_path_mean" PerSqrtYear Lower true "mean over paths of the annualised std of active returns (tracking error)";
    "te_path_rms" PerSqrtYear Lower true "root mean square over paths of the tracking error";
    "max_abs_deviation" Currency Lower true "mean over paths of the largest absolute tracking deviation";
    "log_deviation" Ratio Higher false "mean of ln(V_T/B_T) (baskets)";
    "gap_rms" Gap Lower true "root mean square of target minus held, after the step's trades, at the true price";
    "time_out_of_band" Ratio Lower true "share of steps a band policy's gap exceeds its width at the true price";
    "oracle_error_rms" Ratio Lower false "root mean square of seen over true price − 1";
    "oracle_age_at_trade" Seconds Lower false "mean age of the value seen at decisions that traded";
    "oracle_updates" Count Neither false "oracle triggers over the life";
    "trades" Count Lower false "fills of one asset during life, initial and final excluded";
    "rebalances" Count Lower false "steps with at least one fill";
    "transactions" Count Lower false "attempts that filled something or failed, during life";
    "stale_refusals" Count Lower false "orders not sent because the price seen was older than the limit";
    "below_minimum" Count Lower false "order legs not sent because they were smaller than the least trade";
    "cancelled" Count Lower false "remainders dropped because the step had no room for them";
    "queued" Count Lower false "remainders left waiting, counted once a step";
    "refused" Count Lower false "order legs refused: no volume, or more than the pool holds";
    "reverted" Count Lower false "attempts that failed, by chance or because the price had run away";
    "failed" Count Lower false "transactions given up after their last try";
    "dropped" Count Neither false "order legs still in flight at the end";
    "funding_settlements" Count Neither false "positions held into a funding boundary";
    "wiped_out" Ratio Lower false "share of paths whose portfolio lost all its value and was liquidated";
    "turnover" Notionals Lower false "traded notional during life over notional";
    "turnover_weight" Ratio Lower false "traded notional during life over the value before the trade (baskets)";
    "efficiency_constant" Ratio Lower true "tracking error times yearly turnover over σv: what a basket of one free weight trades for what it tracks";
    "peak_cash_need" Currency Lower true "mean over paths of minus the least cash";
    "cost_total" Currency Lower false "all costs, signed funding and charged initial and final costs included";
    "cost_fee" Currency Lower false "proportional fees";
    "cost_fixed" Currency Lower false "fixed fees";
    "cost_spread" Currency Lower false "half-spreads";
    "cost_impact" Currency Lower false "market impact";
    "cost_funding" Currency Lower false "funding paid (negative: received)";
    "cost_impact_permanent" Currency Lower false "price moved by the policy's own trades (negative: received)";
    "cost_gas" Currency Lower false "gas of transactions";
    "cost_borrow" Currency Lower false "borrowing of short positions";
    "cost_fee_pool" Currency Lower false "fees of constant-product pools";
    "cost_impact_pool" Currency Lower false "impact in constant-product pools";
    "cost_initial" Currency Lower false "proportional cost of the first trade, charged or not";
    "cost_life" Currency Lower false "proportional cost of the trades during life";
    "cost_final" Currency Lower false "proportional cost of the final unwind, charged or not";
}

/// The figure of that key.
pub fn by_key(key: &str) -> Option<&'static Metric> {
    METRICS.iter().find(|metric| metric.key == key)
}

/// Names of the costs as they stand under `costs` in `summary.json`: `cost_<name>` is the metric.
pub const COSTS: [&str; 10] = [
    "fee",
    "fixed",
    "spread",
    "impact",
    "funding",
    "impact_permanent",
    "gas",
    "borrow",
    "fee_pool",
    "impact_pool",
];

/// Names of what is counted of a policy's orders; each is a metric.
pub const COUNTS: [&str; 11] = [
    "stale_refusals",
    "below_minimum",
    "cancelled",
    "queued",
    "refused",
    "reverted",
    "failed",
    "transactions",
    "dropped",
    "funding_settlements",
    "wiped_out",
];
