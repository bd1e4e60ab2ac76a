//! The process's own volatility: the one thing a policy may be shown that no hedger knows.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The instantaneous annual volatility of the process itself, jumps apart; a yardstick, and marked as one.
///
/// At step j it is the volatility with which the coming step begins: the constant of `gbm`, `merton`, `kou` and
/// `ornstein_uhlenbeck` (times a shock's factor), `√v` of `heston` and `bates`, that of the period of `garch`, that of the
/// state of `regime`. Never below [`LEAST`]. Prices from data have none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OracleVolatility {}

/// Where the variance has come to 0, deltas are taken at this volatility.
pub const LEAST: f64 = 1e-3;
