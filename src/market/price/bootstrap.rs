//! Paths drawn from real returns: the stationary block bootstrap.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Period;

/// Stationary block bootstrap of the log returns of a CSV of prices; all assets draw the same dates.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// CSV file, relative to the scenario, with a `time` column (ISO 8601).
    pub file: String,
    /// Column of the CSV file; default: the symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Mean length of a block.
    pub mean_block: Period,
    /// Shift the returns so that E[S_T] = S_0.
    #[serde(default)]
    pub demean: bool,
}
