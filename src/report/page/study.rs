//! A study on the page: its charts, and its tables with no more digits than the errors support.
use serde::Serialize;

use super::super::number;
use super::super::summary::Summary;
use super::picture::Picture;
use super::source::{StudyFiles, Table};
use super::{capital, figures, finding};

/// Rows of a table on the page; its file has all.
const MOST_ROWS: usize = 240;
/// Where a table holds many figures, these stand on the page.
const FIGURES: [&str; 3] = ["std", "cvar_99", "cost_total"];

/// A study with its words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Study {
    id: String,
    heading: String,
    lead: &'static str,
    /// What it found, in sentences.
    findings: Vec<String>,
    pictures: Vec<Picture>,
    /// Charts of single policies, folded where they are many.
    folded: Vec<Picture>,
    tables: Vec<Shown>,
}

/// A table as shown.
#[derive(Debug, Clone, PartialEq, Serialize)]
struct Shown {
    name: String,
    head: Vec<String>,
    rows: Vec<Vec<Entry>>,
    /// Rows that are in the file alone.
    left_out: usize,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Entry {
    text: String,
    /// The cell of the file, where it is a number.
    value: Option<String>,
}

/// Charts of single policies that stand open.
const MOST_OPEN: usize = 3;
/// Order of the charts of an attribution.
const FIRST: [&str; 3] = ["waterfall-variance", "waterfall-mean", "waterfall-cvar_99"];

impl Study {
    /// The files of one study.
    pub(super) fn of(files: StudyFiles, summary: &Summary) -> Self {
        let (heading, lead) = match files.kind.as_str() {
            "stress" => (
                "Stress",
                "What changes when something breaks, on the same random numbers as the scenario itself. A bar to the right is a larger figure.",
            ),
            "sweep" => ("Sweep", "The scenario over a grid of values, the same random numbers in every run."),
            "attribution" => (
                "Attribution",
                "What the deviation is made of: frictions are switched on one after the other on the same paths, and each bar is what the next one adds.",
            ),
            "tune" => ("Tune", "The best value of one parameter, and which values cannot be told from it."),
            "breakeven" => ("Break-even", "Where two policies change places."),
            _ => ("", ""),
        };
        let mut heading =
            if heading.is_empty() { capital(&files.kind.replace(['-', '_'], " ")) } else { heading.into() };
        let mut id = format!("study-{}", files.kind);
        if let Some(part) = &files.part {
            heading = format!("{heading}: {part}");
            let letters = part.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
            id = format!("{id}-{}", letters.collect::<String>());
        }
        let findings = findings(&files, summary);
        let (pictures, folded) = ordered(files.pictures);
        let tables = files.tables.iter().map(Shown::of).collect();
        Self { id, heading, lead, findings, pictures, folded, tables }
    }

    /// What is told of it at the top: its first finding, with the question that it answers.
    pub(super) fn in_short(&self) -> Option<(&'static str, String)> {
        let question = match self.id.as_str() {
            "study-attribution" => "What drives it",
            "study-stress" => "What breaks it",
            "study-sweep" => "Where it holds",
            _ => return None,
        };
        Some((question, self.findings.first()?.clone()))
    }
}

fn findings(files: &StudyFiles, summary: &Summary) -> Vec<String> {
    let Some(policy) = figures::first(summary).map(|policy| policy.name.as_str()) else { return Vec::new() };
    let found = match files.kind.as_str() {
        "stress" => finding::stress(&files.json, policy, summary),
        "attribution" => {
            files.tables.iter().find_map(|table| finding::attribution(table, policy)).into_iter().collect()
        }
        "sweep" => finding::sweep(&files.json).into_iter().collect(),
        _ => Vec::new(),
    };
    found.iter().map(|sentence| capital(sentence)).collect()
}

/// What tells of all policies first; maps of single ones behind it, folded where they are many.
fn ordered(mut pictures: Vec<Picture>) -> (Vec<Picture>, Vec<Picture>) {
    let place =
        |picture: &Picture| FIRST.iter().position(|name| *name == picture.name).unwrap_or(FIRST.len());
    pictures.sort_by_key(place);
    let single = |picture: &Picture| picture.name.starts_with("heat-") && !picture.name.ends_with("-best");
    let (folded, mut open): (Vec<Picture>, Vec<Picture>) = pictures.into_iter().partition(single);
    if folded.len() <= MOST_OPEN {
        open.extend(folded);
        return (open, Vec::new());
    }
    (open, folded)
}

impl Shown {
    fn of(table: &Table) -> Self {
        let metric = table.column("metric");
        let chosen = |row: &&Vec<String>| match metric.and_then(|metric| row.get(metric)) {
            Some(key) if table.rows.len() > MOST_ROWS => FIGURES.contains(&key.as_str()),
            _ => true,
        };
        let se = table.column("se");
        let rows: Vec<Vec<Entry>> = table
            .rows
            .iter()
            .filter(chosen)
            .take(MOST_ROWS)
            .map(|row| entries(row, &table.head, se))
            .collect();
        let head = table.head.iter().map(|head| head.replace('_', " ")).collect();
        let left_out = table.rows.len() - rows.len();
        Self { name: table.name.clone(), head, rows, left_out }
    }
}

/// A row in words: figures to the place that their error supports, four digits where there is none.
fn entries(row: &[String], head: &[String], se: Option<usize>) -> Vec<Entry> {
    let se = se.and_then(|column| row.get(column)?.parse::<f64>().ok()).filter(|se| *se > 0.0);
    let entry = |(cell, head): (&String, &String)| {
        let number = cell.parse::<f64>().ok().filter(|value| value.is_finite());
        // an axis of a sweep may hold numbers too: they stand as they were written
        let figure =
            ["value", "base", "stressed", "change", "se", "ci_low", "ci_high"].contains(&head.as_str());
        let text = match number.filter(|_| figure) {
            Some(value) => match se {
                Some(se) => number::fixed(value, number::decimals_of_error(se)),
                None => number::significant(value, 4),
            },
            None => cell.clone(),
        };
        Entry { text, value: number.map(|_| cell.clone()) }
    };
    row.iter().zip(head).map(entry).collect()
}
