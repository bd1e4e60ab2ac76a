//! Charts, tables and the output folder, from made-up outcomes.
#[path = "report/charts.rs"]
mod charts;
#[path = "report/synthetic.rs"]
mod synthetic;
