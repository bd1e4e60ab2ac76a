//! The worst paths of every policy, by number, so that they can be replayed.
use std::collections::BTreeMap;

use serde::Serialize;

use super::super::number;
use super::super::summary::Summary;
use super::source::Table;

/// Paths a policy on the page; the file has more.
const MOST: usize = 5;

/// Name and notional of a policy, its paths and their deviations.
type Found<'a> = (&'a str, f64, Vec<(String, f64)>);

/// Policies with their worst paths.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Worst {
    rows: Vec<WorstRow>,
    n: usize,
    /// Paths that are among the worst of two policies or more.
    shared: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct WorstRow {
    policy: String,
    paths: Vec<WorstPath>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct WorstPath {
    path: String,
    /// In bps of notional, to four digits: one path has no error.
    text: String,
    value: f64,
    /// Whether another policy has it among its worst.
    shared: bool,
}

impl Worst {
    /// The first rows of `worst.csv` of every policy.
    pub(super) fn of(table: &Table, summary: &Summary) -> Self {
        let column = |name: &str| table.column(name).unwrap_or(usize::MAX);
        let [policy, path, deviation] = ["policy", "path", "deviation"].map(column);
        let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
        let of = |name: &str| -> Vec<(String, f64)> {
            let own = table.rows.iter().filter(|row| cell(row, policy) == name).take(MOST);
            own.filter_map(|row| Some((cell(row, path), cell(row, deviation).parse().ok()?))).collect()
        };
        let found: Vec<Found<'_>> = summary
            .policies
            .iter()
            .map(|policy| (policy.name.as_str(), policy.constants.notional, of(&policy.name)))
            .filter(|(.., paths)| !paths.is_empty())
            .collect();
        let mut times: BTreeMap<&str, usize> = BTreeMap::new();
        for (path, _) in found.iter().flat_map(|(.., paths)| paths) {
            *times.entry(path).or_default() += 1;
        }
        let shared = |path: &str| times.get(path).is_some_and(|n| *n > 1);
        let rows = found.iter().map(|(name, notional, paths)| WorstRow {
            policy: (*name).to_owned(),
            paths: paths
                .iter()
                .map(|(path, value)| WorstPath {
                    path: path.clone(),
                    text: number::significant(value / notional * 1e4, 4),
                    value: *value,
                    shared: shared(path),
                })
                .collect(),
        });
        let rows: Vec<WorstRow> = rows.collect();
        let n = rows.iter().map(|row| row.paths.len()).max().unwrap_or(0);
        Self { rows, n, shared: times.values().filter(|n| **n > 1).count() }
    }
}
