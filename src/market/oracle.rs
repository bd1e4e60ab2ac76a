//! The oracle: what the policy sees of the price, and when.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::{Fraction, Period};

/// A push feed: posts when the price has moved by the threshold or the heartbeat is due, seen after the latency.
///
/// State per path: the last *triggered* value `A` (starts `S_0`) and its age in steps (starts 0). At each step
/// `j ≥ 1`: the age grows by 1; a post triggers iff (`|S_j/A − 1| ≥ deviation_threshold` or `age ≥ heartbeat`) and
/// `j` lies in no outage; then `A = S_j`, age 0. Visible at `j`: `A` as it stood at `max(j − latency, 0)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Oracle {
    /// Relative move of the price since the last post that triggers the next; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub deviation_threshold: Option<Fraction>,
    /// Age of the last post that triggers the next; absent: never.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub heartbeat: Option<Period>,
    /// Time from the trigger to the moment the value is seen.
    #[serde(default)]
    pub latency: Option<Period>,
    /// Windows without posts.
    #[serde(default)]
    pub outages: Vec<Outage>,
}

/// A window `[from, to)` without posts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Start, from the beginning of the run.
    pub from: Period,
    /// End, from the beginning of the run; the first step at or after it may post again.
    pub to: Period,
}
