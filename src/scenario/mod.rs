//! From a TOML text to a checked scenario.
#[cfg(test)]
mod agreement;
mod check;
mod data;
mod file;
mod keys;
mod leaves;
mod load;
mod names;
mod preset;
mod problem;
mod range;
mod rewrite;
mod schema;
mod source;
mod studies;
mod tree;
mod walk;

pub use keys::Overrides;
pub use leaves::{Saying, differing};
pub use load::{LoadError, Parsed, load, load_alone, parse, parse_with, read_text};
pub use names::NoPolicy;
pub use problem::{CODES, Problem, Severity};
pub use range::{Range, about, key_and_range};
pub use schema::schema;
pub use source::{Disk, Files, Memory};
pub use studies::{Stress, Sweep, Written, bare_text, number_and_unit, vary};

#[cfg_attr(not(feature = "calibrate"), expect(unused_imports, reason = "read by calibrate alone"))]
pub(crate) use data::instant;
#[cfg_attr(
    not(feature = "cli"),
    expect(unused_imports, reason = "names are asked for on the command line")
)]
pub(crate) use names::meant;
pub(crate) use walk::suggest;

/// SHA-256 of the bytes of a data file, in hexadecimal.
pub fn file_hash(bytes: &[u8]) -> String {
    data::sha256(bytes)
}

/// A commented scenario to start from: `driftband init` writes it.
pub fn starter() -> &'static str {
    include_str!("starter.toml")
}

use serde::Serialize;

use crate::book::Target;
use crate::market::RandomLatency;
use crate::market::congestion::CongestionTerms;
use crate::market::cost::{Costs, GasTerms};
use crate::market::execution::{Execution, HedgeInstrument, is_default};
use crate::market::oracle::Oracle;
use crate::market::price::Process;
use crate::market::series::Feed;
use crate::market::shock::Shock;
use crate::policy::Policy;
use crate::rng::Sampling;
use crate::units::Grid;

/// A checked scenario: defaults filled, units resolved, periods in steps, data loaded.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Scenario {
    /// Names the output folder: `[a-z0-9][a-z0-9-]{0,63}`.
    pub name: String,
    /// The question, in the user's words.
    pub description: String,
    /// How it is run.
    pub run: Run,
    /// Continuously compounded annual rate on cash.
    pub rate: f64,
    /// Correlation of the assets' drivers, row by row in the order of `assets`.
    pub correlation: Vec<Vec<f64>>,
    /// What makes frictions worse together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub congestion: Option<CongestionTerms>,
    /// At least one.
    pub assets: Vec<Asset>,
    /// What a stress adds to the laws of the prices.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub shocks: Vec<Shock>,
    /// Whether the initial trade pays costs.
    pub charge_initial: bool,
    /// Whether the final unwind pays costs.
    pub charge_final: bool,
    /// Gas of one transaction for all orders that are due together, where they are batched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub batch_gas: Option<GasTerms>,
    /// What is tracked.
    pub target: Target,
    /// At least one, names unique.
    pub policies: Vec<Policy>,
    /// Axes of `sweep`; no part of the run, nor of its hash.
    #[serde(skip)]
    pub sweeps: Vec<Sweep>,
    /// Named changes of `stress`; no part of the run, nor of its hash.
    #[serde(skip)]
    pub stresses: Vec<Stress>,
    /// Whether an attribution averages over the orders of its groups; no part of the run, nor of its hash.
    #[serde(skip)]
    pub shapley: bool,
    /// Thresholds that make the run exit with 3.
    pub limits: Vec<Limit>,
    /// Data files read: path as written and SHA-256, in order of first use.
    pub data: Vec<DataFile>,
}

/// `[run]`, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Run {
    /// Number of paths (for `path` 1, for `history` the number of windows).
    pub paths: u64,
    /// Seed of every draw.
    pub seed: u64,
    /// Grid of time.
    pub grid: Grid,
    /// Whether figures that need a mark at every step are made.
    pub path_metrics: bool,
    /// Steps left out of the path metrics.
    pub warmup: u64,
    /// Worst paths kept for every policy.
    #[serde(skip_serializing_if = "is_usual_worst")]
    pub worst: usize,
    /// How the normals of the paths hang together.
    #[serde(skip_serializing_if = "Sampling::is_pseudo")]
    pub sampling: Sampling,
    /// Whether the mean deviation is also estimated with a control variate.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub control_variates: bool,
    /// Errors asked for; `paths` is then the most that may be spent on them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
}

/// `[run.precision]`, checked: a run goes on until every figure of every policy is known so well.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Precision {
    /// At least one.
    pub goals: Vec<Goal>,
}

/// The standard error that a figure may have.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Goal {
    /// Key of the metric.
    pub metric: String,
    /// The most it may be.
    pub bound: f64,
    /// What `bound` is measured in.
    pub measure: Measure,
}

/// What a [`Goal`] is measured in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Measure {
    /// The metric's own unit.
    Own,
    /// Fractions of the notional.
    Notional,
    /// Fractions of the figure itself, which must be told from zero by five of its errors.
    Relative,
}

/// Worst paths kept where the scenario does not say.
pub(crate) const WORST: usize = 20;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
fn is_usual_worst(worst: &usize) -> bool {
    *worst == WORST
}

/// One asset, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Asset {
    /// `[A-Za-z][A-Za-z0-9_-]*`.
    pub symbol: String,
    /// Price at the start.
    pub spot: f64,
    /// Continuously compounded yield of a holding.
    pub dividend_yield: f64,
    /// Law of its price.
    pub process: Process,
    /// Prices from data, where the process reads them.
    #[serde(skip)]
    pub feed: Feed,
    /// What policies see; `None` = the true price.
    pub oracle: Option<Oracle>,
    /// What a fill and a holding cost.
    pub costs: Costs,
    /// Steps from decision to fill.
    pub delay: u64,
    /// Law of that time, where it is drawn for each order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub random_delay: Option<RandomLatency>,
    /// What the position is held in.
    pub hedge_instrument: HedgeInstrument,
    /// What stands between its orders and their fills.
    #[serde(skip_serializing_if = "is_default")]
    pub execution: Execution,
}

/// A threshold of `[limits]`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Limit {
    /// Key of the metric.
    pub metric: String,
    /// The bound, in currency or the metric's own unit.
    pub bound: f64,
    /// Whether `bound` is a fraction of the notional.
    pub of_notional: bool,
    /// Policies it holds for; empty = any.
    pub policies: Vec<String>,
}

/// A data file a scenario reads.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DataFile {
    /// As written in the scenario.
    pub path: String,
    /// Of its bytes, in hexadecimal.
    pub sha256: String,
}
