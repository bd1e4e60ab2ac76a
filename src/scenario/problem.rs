//! What is wrong with a scenario, and exactly where.
use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Whether a problem stops the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The scenario cannot be run.
    Error,
    /// It runs, but perhaps not as meant.
    Warning,
}

/// One fault of a scenario, with its place in the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Stable code, see [`CODES`].
    pub code: &'static str,
    /// Key path with names for named lists: `assets.ETH.process.volatility`.
    pub path: String,
    /// What is wrong, in one sentence.
    pub title: String,
    /// What stands under the underlined text.
    pub label: String,
    /// Bytes of the text the fault is in: the file, or `origin` where that is given.
    pub span: Range<usize>,
    /// The override the fault is in (`--set costs.fee=-1`), where it is not in the file.
    pub origin: Option<String>,
    /// Other places in the same text, with their labels.
    pub also: Vec<(Range<usize>, String)>,
    /// What would be right.
    pub help: Option<String>,
    /// Text that would be right in place of `span`.
    pub suggestion: Option<String>,
    /// Whether it stops the run.
    pub severity: Severity,
    /// Whether it is only that this version cannot do it yet.
    pub unavailable: bool,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.title)
    }
}

/// Every code and its meaning.
pub const CODES: &[(&str, &str)] = &[
    ("E000", "the text is not TOML"),
    ("E001", "unknown key"),
    ("E002", "missing key"),
    ("E003", "wrong type"),
    ("E004", "unknown kind or word"),
    ("E005", "text that is no quantity of the unit wanted"),
    ("E006", "number or length out of range"),
    ("E007", "a duration that does not fit the grid of time"),
    ("E008", "a name that is unknown, taken or malformed"),
    ("E009", "keys that do not go together"),
    ("E010", "not available in this version"),
    ("E011", "data that cannot be used"),
    ("E012", "an override that names no key"),
    ("E099", "a bug in driftband"),
    ("W001", "something that has no effect"),
    ("W002", "data left out"),
    ("W003", "a grid too coarse for what it is to show"),
];
