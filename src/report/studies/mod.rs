//! Sweeps, stresses, attributions and searches as people and programs read them: tables, JSON, charts, one sentence.
use crate::metric::{Metric, Unit};

use super::number;
use super::summary::{ENGINE_VERSION, Figure, Identity, PolicySummary};

pub mod attribution;
pub mod breakeven;
mod curve;
mod facets;
mod heat;
mod line;
pub mod orders;
mod panels;
pub mod stress;
pub mod sweep;
mod tornado;
pub mod tune;
mod waterfall;

/// Version of the layout of the JSON files.
pub const SCHEMA: u32 = 1;

/// Files of a study but its cells: path inside its folder, contents.
pub type Files = Vec<(String, Vec<u8>)>;

/// Why a file of a study could not be made; completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum StudyError {
    /// A chart failed.
    #[error(transparent)]
    Drawing(#[from] super::drawing::DrawingError),
    /// A table failed.
    #[error("write `{name}`: {reason}")]
    Content {
        /// The file.
        name: &'static str,
        /// Why.
        reason: String,
    },
}

/// What a figure is multiplied by to be shown, and in what: currency in bps of notional.
pub(super) fn shown(metric: &Metric, notional: f64) -> f64 {
    if metric.unit == Unit::Currency { 1e4 / notional } else { 1.0 }
}

/// The unit behind a shown figure, with a space; empty where it has none.
fn unit(metric: &Metric) -> &'static str {
    if metric.unit == Unit::Currency { " bps" } else { "" }
}

/// The title of an axis that shows the figure.
pub(super) fn axis_title(metric: &Metric) -> String {
    let unit = if metric.unit == Unit::Currency { " (bps of notional)" } else { "" };
    let phrase = metric.meaning.split(['(', ':']).next().unwrap_or_default().trim();
    format!("{}{unit}", capital(phrase))
}

/// The words with a capital at their beginning.
pub(super) fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().into_iter().flat_map(char::to_uppercase).chain(letters.as_str().chars()).collect()
}

/// A figure as shown: value, error, interval.
pub(super) fn point(policy: &PolicySummary, metric: &Metric) -> Option<(f64, Option<f64>, Option<[f64; 2]>)> {
    let figure: &Figure = policy.metric(metric.key)?;
    let scale = shown(metric, policy.constants.notional);
    // what rounding leaves of sums that cancel is no figure
    let quiet =
        |x: f64| if metric.unit == Unit::Currency && (x * scale).abs() < 1e-8 { 0.0 } else { x * scale };
    let value = quiet(figure.value?);
    value.is_finite().then(|| (value, figure.se.map(|se| se * scale), figure.ci.map(|ci| ci.map(quiet))))
}

/// Value and error with the digits that the error supports, in ordinary spaces.
pub(super) fn text(value: f64, se: Option<f64>) -> String {
    number::plus_minus(value, se).replace('\u{a0}', " ")
}

/// Paths, seed, scenario, version: what every chart states.
fn footer(identity: &Identity) -> String {
    let paths = if identity.paths == 1 { "path" } else { "paths" };
    format!(
        "{} {paths} · seed {} · {} · driftband v{ENGINE_VERSION}",
        number::count(identity.paths),
        identity.seed,
        identity.name
    )
}

/// Rows of a CSV file: RFC 4180, LF, shortest numbers.
pub(super) fn csv<R: serde::Serialize>(
    name: &'static str,
    head: &[String],
    rows: impl IntoIterator<Item = R>,
) -> Result<Vec<u8>, StudyError> {
    let failed = |reason: String| StudyError::Content { name, reason };
    let mut writer = csv::WriterBuilder::new().has_headers(false).from_writer(Vec::new());
    writer.serialize(head).map_err(|error| failed(error.to_string()))?;
    for row in rows {
        writer.serialize(row).map_err(|error| failed(error.to_string()))?;
    }
    writer.into_inner().map_err(|error| failed(error.to_string()))
}

pub(super) fn json(name: &'static str, value: &serde_json::Value) -> Result<Vec<u8>, StudyError> {
    let mut bytes = serde_json::to_vec_pretty(value)
        .map_err(|error| StudyError::Content { name, reason: error.to_string() })?;
    bytes.push(b'\n');
    Ok(bytes)
}

/// Columns under each other, two spaces between them; the first `left` are words, the others figures.
pub(super) fn columns(rows: &[Vec<String>], left: usize) -> String {
    let n = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..n).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(column, (cell, width))| {
            if column < left { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("   ").trim_end());
        text.push('\n');
    }
    text
}
