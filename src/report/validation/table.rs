//! The table of a validation on the terminal, as CSV and as JSON.
use std::fmt::Write as _;

use serde_json::{Value, json};

use super::super::number;
use crate::study::validate::{Finding, Verdict};

/// Version of the JSON object.
const SCHEMA: u32 = 1;

/// The whole validation as one JSON object.
pub fn json(findings: &[Finding]) -> Value {
    let row = |finding: &Finding| {
        let check = finding.check;
        json!({
            "id": check.id, "what": check.what, "formula": check.formula, "source": check.source,
            "theory": finding.theory, "measured": finding.measured.value, "se": finding.measured.se,
            "z": finding.z(), "relative": finding.relative(),
            "tolerance": check.tolerance.text(), "verdict": finding.verdict.word().to_ascii_lowercase(),
        })
    };
    json!({
        "schema": SCHEMA,
        "engine_version": env!("CARGO_PKG_VERSION"),
        "checks": findings.iter().map(row).collect::<Vec<_>>(),
        "failed": failed(findings),
    })
}

fn failed(findings: &[Finding]) -> usize {
    findings.iter().filter(|finding| finding.verdict.is_failure()).count()
}

/// The rows of the table as CSV.
///
/// # Errors
///
/// Where the writer fails.
pub fn csv(findings: &[Finding]) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "id",
        "theory",
        "measured",
        "se",
        "z",
        "relative",
        "tolerance",
        "verdict",
        "what",
    ])?;
    let maybe = |value: Option<f64>| value.map_or_else(String::new, |value| value.to_string());
    for finding in findings {
        let check = finding.check;
        writer.write_record([
            check.id,
            &finding.theory.to_string(),
            &finding.measured.value.to_string(),
            &finding.measured.se.to_string(),
            &maybe(finding.z()),
            &maybe(finding.relative()),
            &check.tolerance.text(),
            &finding.verdict.word().to_ascii_lowercase(),
            check.what,
        ])?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))
}

const HEAD: [&str; 9] = ["id", "theory", "measured", "se", "z", "difference", "tolerance", "verdict", "what"];

/// The table, and the count.
pub fn text(findings: &[Finding]) -> String {
    let rows: Vec<[String; 9]> = findings.iter().map(row).collect();
    let mut widths = HEAD.map(|head| head.chars().count());
    for row in &rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = line(&HEAD.map(String::from), &widths);
    for row in &rows {
        text.push_str(&line(row, &widths));
    }
    let (n, failed) = (findings.len(), failed(findings));
    let told = findings.iter().filter(|finding| finding.verdict == Verdict::Told).count();
    let _ = write!(text, "\n{} of {} checks pass", n - failed - told, n - told);
    if told > 0 {
        let _ = write!(text, ", {told} are told and not judged");
    }
    text.push('\n');
    text
}

fn row(finding: &Finding) -> [String; 9] {
    let check = finding.check;
    let signed = |value: f64, digits: usize| format!("{value:+.digits$}").replace('-', "−");
    let se = finding.measured.se;
    [
        check.id.into(),
        seven(finding.theory),
        seven(finding.measured.value),
        if se == 0.0 { "–".into() } else { format!("{se:.1e}").replace('-', "−") },
        finding.z().map_or_else(|| "–".into(), |z| signed(z, 2)),
        finding.relative().map_or_else(|| "–".into(), |part| format!("{} %", signed(100.0 * part, 3))),
        check.tolerance.text(),
        finding.verdict.word().into(),
        check.what.into(),
    ]
}

/// Seven significant digits.
fn seven(value: f64) -> String {
    if value == 0.0 {
        return "0".into();
    }
    let power = number::exponent(value);
    if (-4..7).contains(&power) {
        number::fixed(value, (6 - power).max(0))
    } else {
        format!("{value:.6e}").replace('-', "−")
    }
}

/// Names on the left, numbers on the right.
fn line(cells: &[String; 9], widths: &[usize; 9]) -> String {
    let mut text = String::new();
    for (i, (cell, width)) in cells.iter().zip(widths).enumerate() {
        let room = " ".repeat(width - cell.chars().count());
        let left = matches!(i, 0 | 7 | 8);
        let (first, second) = if left { (cell, &room) } else { (&room, cell) };
        text.extend([first.as_str(), second, "  "]);
    }
    format!("{}\n", text.trim_end())
}
