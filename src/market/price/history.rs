//! Real prices, replayed.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::units::Period;

/// A CSV of prices replayed: one path for each admissible start (rolling windows), or one given window.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// CSV file, relative to the scenario, with a `time` column (ISO 8601).
    pub file: String,
    /// Column of the CSV file; default: the symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Time of the one window's first price; absent: every admissible start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Time between the starts of two windows; default: one row of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Period>,
}
