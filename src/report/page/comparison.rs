//! The page of a comparison: finished runs side by side.
use std::path::Path;

use serde::Serialize;

use crate::metric::{Better, Metric, by_key};
use crate::scenario::{Saying, Written};
use crate::study::compare::LEVEL;

use super::super::comparison::{Comparison, text};
use super::super::number;
use super::cell::{Cell, shown};
use super::figures::Column;
use super::picture::Picture;
use super::{Chip, PageError, capital, fill, fonts, source};

/// Keys on the page; `comparison.json` has all.
const MOST_KEYS: usize = 60;

#[derive(Debug, Serialize)]
struct Page {
    title: String,
    answer: Vec<String>,
    notes: Vec<String>,
    policies: Vec<Chip>,
    runs: Vec<Run>,
    differing: Vec<Saying>,
    differing_left_out: usize,
    columns: Vec<Column>,
    rows: Vec<Row<Cell>>,
    differences: Vec<Row<Difference>>,
    sections: Vec<Section>,
    level: String,
    colors: Vec<(String, String)>,
    fonts: [String; 2],
}

#[derive(Debug, Serialize)]
struct Run {
    label: String,
    scenario: String,
    question: String,
    hash: String,
    paths: String,
    seed: String,
    notional: String,
    version: String,
    /// None for the first.
    method: Option<&'static str>,
    because: String,
}

#[derive(Debug, Serialize)]
struct Row<C> {
    policy: String,
    run: String,
    cells: Vec<C>,
    method: &'static str,
}

#[derive(Debug, Serialize)]
struct Difference {
    cell: Cell,
    /// `better` or `worse` where it is for certain; `differs` where neither way is better.
    verdict: Option<&'static str>,
}

#[derive(Debug, Serialize)]
struct Section {
    id: String,
    heading: String,
    lead: &'static str,
    pictures: Vec<Picture>,
}

/// The page of a comparison whose charts lie in `dir`.
///
/// # Errors
///
/// A chart cannot be read.
pub fn render_comparison(
    comparison: &Comparison,
    metrics: &[&'static Metric],
    dir: &Path,
) -> Result<String, PageError> {
    let labels: Vec<&str> = comparison.sides.iter().map(|side| side.label.as_str()).collect();
    let [first, others @ ..] = labels.as_slice() else { return Err(PageError::Template("no runs".into())) };
    let left_out = comparison.differing.len().saturating_sub(MOST_KEYS);
    let page = Page {
        title: format!("{} against {first}", others.join(", ")),
        answer: text::answer(comparison, metrics).iter().map(|line| capital(&tight(line))).collect(),
        notes: comparison.notes.clone(),
        policies: comparison
            .policies()
            .into_iter()
            .map(|name| Chip { name: name.into(), color: None })
            .collect(),
        runs: runs(comparison),
        differing: comparison.differing.iter().take(MOST_KEYS).cloned().collect(),
        differing_left_out: left_out,
        columns: metrics.iter().map(|metric| Column::of(metric)).collect(),
        rows: rows(comparison, metrics),
        differences: differences(comparison, metrics),
        sections: sections(metrics, source::pictures(&dir.join("charts"))?),
        level: number::significant(100.0 * LEVEL, 1),
        colors: super::colors(),
        fonts: fonts(),
    };
    fill("compare.html", &page, None)
}

/// A sentence whose figures do not break.
fn tight(line: &str) -> String {
    line.replace(" ± ", "\u{a0}±\u{a0}").replace(" bps", "\u{a0}bps")
}

fn runs(comparison: &Comparison) -> Vec<Run> {
    let run = |(place, side): (usize, &super::super::comparison::Side)| {
        let (summary, identity) = (&side.summary, &side.summary.scenario);
        let found = place.checked_sub(1).and_then(|place| comparison.methods.get(place));
        let question = Written::of(&side.text).and_then(|it| it.text("description").map(str::to_owned));
        Run {
            label: side.label.clone(),
            scenario: identity.name.clone(),
            question: question.unwrap_or_default(),
            hash: identity.hash.chars().take(8).collect(),
            paths: number::count(identity.paths),
            seed: identity.seed.to_string(),
            notional: number::amount(summary.policies.first().map_or(0.0, |it| it.constants.notional)),
            version: summary.engine_version.clone(),
            method: found.map(|(method, _)| *method),
            because: found.map_or_else(String::new, |(_, why)| why.clone()),
        }
    };
    comparison.sides.iter().enumerate().map(run).collect()
}

fn rows(comparison: &Comparison, metrics: &[&'static Metric]) -> Vec<Row<Cell>> {
    let mut rows = Vec::new();
    for name in comparison.policies() {
        for side in &comparison.sides {
            let Some(policy) = side.summary.policies.iter().find(|it| it.name == name) else { continue };
            let whose = format!("{name} in {}", side.label);
            let cell = |metric: &&Metric| {
                Cell::of(&whose, metric.key, policy.metric(metric.key), policy.constants.notional)
            };
            let cells = metrics.iter().map(cell).collect();
            rows.push(Row { policy: name.into(), run: side.label.clone(), cells, method: "" });
        }
    }
    rows
}

fn differences(comparison: &Comparison, metrics: &[&'static Metric]) -> Vec<Row<Difference>> {
    let row = |it: &crate::study::compare::Between| {
        let name = comparison.sides[0].summary.policies[it.policy[0]].name.clone();
        let run = comparison.sides[it.run].label.clone();
        let whose = format!("{name} in {run} − {}", comparison.sides[0].label);
        let cells = metrics.iter().map(|metric| {
            let changed = comparison.changed(it.run, &name, metric.key);
            let figure = changed.map(|changed| comparison.figure(changed));
            let value = figure.as_ref().and_then(|figure| figure.value).unwrap_or(0.0);
            let verdict = changed.filter(|changed| changed.certain).map(|_| match metric.better {
                Better::Neither => "differs",
                Better::Higher if value > 0.0 => "better",
                Better::Lower if value < 0.0 => "better",
                _ => "worse",
            });
            let cell = Cell::of(&whose, metric.key, figure.as_ref(), comparison.notional());
            Difference { cell, verdict }
        });
        let cells = cells.collect();
        Row { policy: name, run, cells, method: it.method.name() }
    };
    comparison.between.iter().map(row).collect()
}

/// A section a figure: its chart and that of its differences.
fn sections(metrics: &[&'static Metric], mut pictures: Vec<Picture>) -> Vec<Section> {
    let mut found = Vec::new();
    for metric in metrics {
        let names = [format!("figure-{}", metric.key), format!("difference-{}", metric.key)];
        let mut own = Vec::new();
        for name in names {
            if let Some(place) = pictures.iter().position(|picture| picture.name == name) {
                own.push(pictures.remove(place));
            }
        }
        if !own.is_empty() {
            found.push(Section {
                id: format!("chart-{}", metric.key),
                heading: capital(&metric.key.replace('_', " ")),
                lead: metric.meaning,
                pictures: own,
            });
        }
    }
    found
}

impl Column {
    /// The column of a figure.
    fn of(metric: &Metric) -> Self {
        let meaning = by_key(metric.key).map_or("", |metric| metric.meaning);
        Self::new(metric.key, shown(metric.key, metric.unit.name(), 1.0).1, meaning)
    }
}
