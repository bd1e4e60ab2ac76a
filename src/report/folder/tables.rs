//! The CSV files: RFC 4180, LF, numbers as the shortest text that reads back to the same bits.
use std::path::PathBuf;

use serde::Serialize;

use crate::engine::Outcome;
use crate::stats::Distribution;
use crate::study::worst::{DRIVERS, WorstOf};

use super::super::summary::Summary;
use super::FolderError;

/// A CSV file in memory.
struct Table {
    name: &'static str,
    writer: csv::Writer<Vec<u8>>,
}

impl Table {
    fn new(name: &'static str, columns: &[&str]) -> Result<Self, FolderError> {
        let mut table =
            Self { name, writer: csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new()) };
        table.row(columns)?;
        Ok(table)
    }

    /// One row; `None` is an empty cell.
    fn row(&mut self, row: impl Serialize) -> Result<(), FolderError> {
        let name = self.name;
        self.writer.serialize(row).map_err(|error| failed(name, &error))
    }

    fn finish(self) -> Result<Vec<u8>, FolderError> {
        self.writer.into_inner().map_err(|error| failed(self.name, error.error()))
    }
}

fn failed(name: &str, error: &dyn std::error::Error) -> FolderError {
    FolderError::Content { path: PathBuf::from(name), reason: error.to_string() }
}

/// One row per policy × metric; an undefined figure has empty cells.
pub(super) fn summary(summary: &Summary) -> Result<Vec<u8>, FolderError> {
    let mut table =
        Table::new("summary.csv", &["policy", "metric", "value", "se", "ci_low", "ci_high", "unit"])?;
    for policy in &summary.policies {
        for (key, figure) in &policy.metrics {
            let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
            table.row((&policy.name, key, figure.value, figure.se, low, high, &figure.unit))?;
        }
    }
    table.finish()
}

/// One row per pair of policies × compared metric: the figure of `b` minus that of `a`.
pub(super) fn differences(summary: &Summary) -> Result<Vec<u8>, FolderError> {
    const COLUMNS: [&str; 8] = ["a", "b", "metric", "value", "se", "ci_low", "ci_high", "unit"];
    let mut table = Table::new("differences.csv", &COLUMNS)?;
    for pair in &summary.differences {
        for (key, figure) in &pair.metrics {
            let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
            table.row((&pair.a, &pair.b, key, figure.value, figure.se, low, high, &figure.unit))?;
        }
    }
    table.finish()
}

/// Histogram and quantiles of the terminal deviation in currency, two kinds of rows told apart by `item`.
///
/// `histogram`: `count` values in `[low, high)`, an empty end is open. `quantile`: `value` at level `p` with its
/// interval.
pub(super) fn distribution(outcome: &Outcome) -> Result<Vec<u8>, FolderError> {
    const COLUMNS: [&str; 9] = ["policy", "item", "p", "low", "high", "count", "value", "ci_low", "ci_high"];
    type Cell = Option<f64>;
    let mut table = Table::new("distribution.csv", &COLUMNS)?;
    for policy in &outcome.policies {
        let shape = match &policy.binned {
            Some(binned) => Distribution::of_binned(binned),
            None => Distribution::over(policy.paired.units, &policy.deviations),
        };
        if let Some(histogram) = &shape.histogram {
            let mut bin = |low: Cell, high: Cell, count: u64| {
                let none: Cell = None;
                table.row((&policy.name, "histogram", none, low, high, count, none, none, none))
            };
            bin(None, Some(histogram.low), histogram.n_below)?;
            for (i, count) in histogram.counts.iter().enumerate() {
                bin(Some(histogram.edge(i)), Some(histogram.edge(i + 1)), *count)?;
            }
            bin(Some(histogram.high), None, histogram.n_above)?;
        }
        for row in &shape.quantiles {
            let none: Cell = None;
            let (low, high) = (row.estimate.ci.map(|ci| ci[0]), row.estimate.ci.map(|ci| ci[1]));
            table.row((&policy.name, "quantile", row.p, none, none, none, row.estimate.value, low, high))?;
        }
    }
    table.finish()
}

/// Quantiles of the tracking deviation in currency, by time in years.
pub(super) fn timeline(outcome: &Outcome) -> Result<Vec<u8>, FolderError> {
    const COLUMNS: [&str; 9] = ["policy", "years", "q01", "q05", "q25", "q50", "q75", "q95", "q99"];
    let mut table = Table::new("timeline.csv", &COLUMNS)?;
    for policy in &outcome.policies {
        let Some(timeline) = &policy.timeline else { continue };
        for (years, quantiles) in timeline.years.iter().zip(&timeline.quantiles) {
            table.row((&policy.name, years, quantiles))?;
        }
    }
    table.finish()
}

/// The worst paths of every policy, rank 1 the lowest deviation.
pub(super) fn worst(worst: &[WorstOf]) -> Result<Vec<u8>, FolderError> {
    let mut columns = vec!["policy", "rank", "path", "deviation"];
    columns.extend(DRIVERS.iter().map(|driver| driver.key));
    let mut table = Table::new("worst.csv", &columns)?;
    for policy in worst {
        for (rank, path) in (1_u64..).zip(&policy.paths) {
            table.row((&policy.policy, rank, path.path, path.deviation, path.drivers))?;
        }
    }
    table.finish()
}

/// Figures by path, where the run kept them.
pub(super) fn paths(outcome: &Outcome) -> Result<Option<Vec<u8>>, FolderError> {
    let kept = || outcome.policies.iter().filter_map(|policy| Some((&policy.name, policy.paths.as_ref()?)));
    let Some((_, first)) = kept().next() else { return Ok(None) };
    let mut columns = vec!["policy", "path"];
    columns.extend(&first.columns);
    let mut table = Table::new("paths.csv", &columns)?;
    for (policy, paths) in kept() {
        let n_paths = paths.values.iter().map(Vec::len).min().unwrap_or(0);
        for path in 0..n_paths {
            // what does not exist is an empty cell
            let row: Vec<Option<f64>> = paths
                .values
                .iter()
                .map(|values| Some(values[path]).filter(|value| value.is_finite()))
                .collect();
            table.row((policy, path, row))?;
        }
    }
    table.finish().map(Some)
}
