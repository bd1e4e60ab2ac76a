//! The worst paths of every policy, by number, so that they can be replayed.
use std::collections::BTreeMap;

use serde::Serialize;

use super::super::number;
use super::super::summary::Summary;
use super::cell::{Cell, shown};
use super::source::Table;
use super::{capital, figures, finding};

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
    /// What the worst paths have more of, in a sentence.
    story: Option<String>,
    /// Heads and units of the drivers.
    drivers: Vec<(String, &'static str)>,
    /// How many the worst are, and by policy the means over the worst and over all.
    n_of_means: u64,
    means: Vec<(String, Vec<[Cell; 2]>)>,
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
        let shared = times.values().filter(|n| **n > 1).count();
        let policy = figures::first(summary).map(|policy| policy.name.as_str());
        let story = policy.and_then(|policy| finding::worst(policy, summary)).map(|it| capital(&it));
        let (drivers, means) = drivers(summary);
        let n_of_means =
            summary.policies.iter().find_map(|it| it.worst_drivers.as_ref()).map_or(0, |it| it.paths);
        Self { rows, n, shared, story, drivers, n_of_means, means }
    }
}

type Drivers = (Vec<(String, &'static str)>, Vec<(String, Vec<[Cell; 2]>)>);

/// Means of what may drive a deviation, over the worst paths and over all; what is nought everywhere is left out.
fn drivers(summary: &Summary) -> Drivers {
    let of = |policy: usize| summary.policies[policy].worst_drivers.as_ref();
    let Some(first) = (0..summary.policies.len()).find_map(of) else { return (Vec::new(), Vec::new()) };
    let figure = |policy: usize, key: &str| {
        of(policy)?.drivers.iter().find(|(known, _)| known == key).map(|(_, driver)| driver)
    };
    let tells = |key: &str| {
        let value = |policy| figure(policy, key).and_then(|driver| driver.worst.value);
        (0..summary.policies.len()).any(|policy| value(policy).is_some_and(|value| value != 0.0))
    };
    let keys: Vec<(&str, &str)> = first
        .drivers
        .iter()
        .map(|(key, driver)| (key.as_str(), driver.worst.unit.as_str()))
        .filter(|(key, _)| tells(key))
        .collect();
    let heads = keys.iter().map(|(key, unit)| (key.replace('_', " "), shown(key, unit, 1.0).1)).collect();
    let row = |(place, policy): (usize, &super::super::summary::PolicySummary)| {
        let cells = |(key, _): &(&str, &str)| {
            let driver = figure(place, key);
            let cell = |of: &str, figure| {
                Cell::of(&policy.name, &format!("{of}.{key}"), figure, policy.constants.notional)
            };
            [cell("worst", driver.map(|it| &it.worst)), cell("all", driver.map(|it| &it.all))]
        };
        (policy.name.clone(), keys.iter().map(cells).collect())
    };
    (heads, summary.policies.iter().enumerate().filter(|(place, _)| of(*place).is_some()).map(row).collect())
}
