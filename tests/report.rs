//! Charts, tables and the output folder, from made-up outcomes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]
#[path = "report/charts.rs"]
mod charts;
#[path = "report/folder.rs"]
mod folder;
#[path = "report/synthetic.rs"]
mod synthetic;
#[path = "report/table.rs"]
mod table;
