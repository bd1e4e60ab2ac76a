//! A finished sweep: `sweep.csv`, `sweep.json`, charts, and who is best where.
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::metric::Metric;
use crate::scenario::{Sweep, bare_text};
use crate::study::compare::COMPARED;

use super::super::drawing::png;
use super::super::style::Theme;
use super::super::summary::{Identity, PolicySummary, Summary};
use super::{
    Files, SCHEMA, StudyError, columns, csv, facets, heat, json as to_json, line, point, text, unit,
};

/// A grid of finished runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Grid {
    /// The scenario that was varied.
    pub base: Identity,
    /// Keys and their values.
    pub axes: Vec<Sweep>,
    /// The runs, the last axis running fastest.
    pub cells: Vec<Cell>,
}

/// One run of a grid.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// Its value of every axis, as TOML.
    pub values: Vec<String>,
    /// Its folder inside that of the sweep; empty for the scenario as it is.
    pub folder: String,
    /// Its figures.
    pub summary: Summary,
}

impl Cell {
    /// Whether it is the scenario as it is.
    pub fn is_base(&self) -> bool {
        self.folder.is_empty()
    }
}

impl Grid {
    /// Names of the policies, in the order in which they are met.
    pub(super) fn policies(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for policy in self.cells.iter().flat_map(|cell| &cell.summary.policies) {
            if !names.contains(&policy.name.as_str()) {
                names.push(&policy.name);
            }
        }
        names
    }
}

/// Every file of the sweep, and why charts are missing.
///
/// # Errors
///
/// A file could not be made.
pub fn files(grid: &Grid, metric: &Metric, png_scale: f32) -> Result<(Files, Vec<String>), StudyError> {
    let mut files = vec![
        ("sweep.csv".to_owned(), table(grid)?),
        ("sweep.json".to_owned(), to_json("sweep.json", &value(grid, metric))?),
    ];
    let theme = Theme::light();
    let (charts, missing) = match grid.axes.len() {
        1 => line::draw(grid, metric, &theme)?,
        2 => heat::draw(grid, metric, &theme)?,
        _ => facets::draw(grid, metric, &theme)?,
    };
    for (name, svg) in charts {
        files.push((format!("charts/{name}.png"), png(&svg, png_scale)?));
        files.push((format!("charts/{name}.svg"), svg.into_bytes()));
    }
    Ok((files, missing))
}

/// One row per cell × policy × figure.
fn table(grid: &Grid) -> Result<Vec<u8>, StudyError> {
    let mut head = vec!["cell".to_owned()];
    head.extend(grid.axes.iter().map(|axis| axis.key.clone()));
    head.extend(["policy", "metric", "value", "se", "ci_low", "ci_high", "unit"].map(String::from));
    let mut rows = Vec::new();
    for (index, cell) in grid.cells.iter().enumerate() {
        let values: Vec<String> = cell.values.iter().map(|value| bare_text(value)).collect();
        for policy in &cell.summary.policies {
            for (key, figure) in &policy.metrics {
                let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
                let end = (figure.value, figure.se, low, high, figure.unit.clone());
                rows.push((index, values.clone(), policy.name.clone(), key.clone(), end));
            }
        }
    }
    csv("sweep.csv", &head, rows)
}

fn value(grid: &Grid, metric: &Metric) -> Value {
    let policy = |policy: &PolicySummary| {
        let metrics: Map<String, Value> =
            COMPARED.iter().filter_map(|key| Some(((*key).to_owned(), json!(policy.metric(key)?)))).collect();
        json!({ "name": policy.name, "kind": policy.kind, "metrics": metrics, "constants": policy.constants })
    };
    let cell = |cell: &Cell| {
        let values: Map<String, Value> = grid
            .axes
            .iter()
            .zip(&cell.values)
            .map(|(axis, value)| (axis.key.clone(), bare_text(value).into()))
            .collect();
        json!({
            "values": values, "hash": cell.summary.scenario.hash, "base": cell.is_base(),
            "folder": (!cell.is_base()).then_some(&cell.folder), "paths": cell.summary.scenario.paths,
            "seed": cell.summary.scenario.seed,
            "policies": cell.summary.policies.iter().map(policy).collect::<Vec<_>>(),
            "rankings": cell.summary.rankings, "efficient": cell.summary.efficient,
        })
    };
    let axes: Vec<Value> = grid
        .axes
        .iter()
        .map(|axis| {
            json!({
                "key": axis.key,
                "values": axis.values.iter().map(|value| bare_text(value)).collect::<Vec<_>>(),
            })
        })
        .collect();
    json!({
        "schema": SCHEMA, "engine_version": super::ENGINE_VERSION, "scenario": grid.base,
        "metric": metric.key, "axes": axes, "cells": grid.cells.iter().map(cell).collect::<Vec<_>>(),
    })
}

/// Policies of a cell by the figure: the best, and those that cannot be told from it.
fn leaders<'c>(cell: &'c Cell, metric: &Metric) -> Option<(&'c PolicySummary, Vec<&'c str>)> {
    let policy = |name: &str| cell.summary.policies.iter().find(|policy| policy.name == name);
    let Some(ranking) = cell.summary.rankings.iter().find(|ranking| ranking.metric == metric.key) else {
        // a single policy is the best of its cell
        return match cell.summary.policies.as_slice() {
            [only] => Some((only, Vec::new())),
            _ => None,
        };
    };
    let best = policy(&ranking.places.first()?.policy)?;
    let tied = ranking.places.iter().filter(|place| place.verdict == "tied");
    Some((best, tied.map(|place| place.policy.as_str()).collect()))
}

/// A row a cell: its values, the best policy by the figure, and those that cannot be told from it.
pub fn render(grid: &Grid, metric: &Metric) -> String {
    let mut rows: Vec<Vec<String>> = vec![grid.axes.iter().map(|axis| axis.key.clone()).collect()];
    rows[0].extend(["best".into(), format!("{}{}", metric.key, unit(metric)), "not distinguishable".into()]);
    let mut wins: Vec<(&str, usize)> = Vec::new();
    let mut has_base = false;
    for cell in &grid.cells {
        let mut row: Vec<String> = cell.values.iter().map(|value| bare_text(value)).collect();
        match leaders(cell, metric) {
            Some((best, tied)) => {
                let figure = point(best, metric).map_or_else(|| "–".into(), |(value, se, _)| text(value, se));
                let mark = if cell.is_base() { " *" } else { "" };
                has_base |= cell.is_base();
                row.extend([format!("{}{mark}", best.name), figure, tied.join(", ")]);
                match wins.iter_mut().find(|(name, _)| *name == best.name) {
                    Some((_, n)) => *n += 1,
                    None => wins.push((&best.name, 1)),
                }
            }
            None => row.extend(["–".into(), String::new(), String::new()]),
        }
        rows.push(row);
    }
    let mut told = columns(&rows, rows[0].len());
    if has_base {
        told.push_str("* the scenario as it is\n");
    }
    wins.sort_by_key(|win| std::cmp::Reverse(win.1));
    let n = grid.cells.len();
    if let [(name, times), others @ ..] = wins.as_slice()
        && n > 1
    {
        let rest: Vec<String> = others.iter().map(|(name, times)| format!("{name} in {times}")).collect();
        let rest = if rest.is_empty() { String::new() } else { format!(", {}", rest.join(", ")) };
        let key = metric.key;
        let _ = if *times == n {
            writeln!(told, "\n{name} is best by {key} in every one of {n} cells")
        } else {
            writeln!(told, "\n{name} is best by {key} in {times} of {n} cells{rest}")
        };
    }
    told
}
