//! A study on the page: its charts, and its tables with no more digits than the errors support.
use serde::Serialize;

use super::super::number;
use super::capital;
use super::picture::Picture;
use super::source::{StudyFiles, Table};

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
    pictures: Vec<Picture>,
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

impl Study {
    /// The files of one study.
    pub(super) fn of(files: StudyFiles) -> Self {
        let (heading, lead) = match files.kind.as_str() {
            "stress" => (
                "Stress",
                "What changes when something breaks, on the same random numbers as the scenario itself. A bar to the right is a larger figure.",
            ),
            "sweep" => ("Sweep", "The scenario over a grid of values, the same random numbers in every run."),
            "attribution" => ("Attribution", "What the deviation is made of."),
            _ => ("", ""),
        };
        let heading =
            if heading.is_empty() { capital(&files.kind.replace(['-', '_'], " ")) } else { heading.into() };
        Self {
            id: format!("study-{}", files.kind),
            heading,
            lead,
            pictures: files.pictures,
            tables: files.tables.iter().map(Shown::of).collect(),
        }
    }
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
