//! One given path.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The prices of one path, given in the scenario or in a column of a CSV file.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Path {
    /// Price at every time of the grid: one more than there are steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prices: Option<Vec<f64>>,
    /// CSV file, relative to the scenario; its first rows are the grid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// Column of the CSV file; default: the symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Annual volatility, needed by `benchmark = "constant_mix_continuous"` only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: Option<f64>,
}
