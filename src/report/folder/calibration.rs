//! The folder of a calibration: written aside, renamed when whole.
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::calibrate::{FeedFit, Fit, Returns, feed_table, process_tables};

use super::super::calibration::feed::FeedInput;
use super::super::calibration::{SeriesInput, clustering, density, feed, file_name, residuals, tables};
use super::super::chart::NoChart;
use super::super::drawing::png;
use super::super::style::Theme;
use super::manifest::NAME;
use super::staging::Staging;
use super::{FolderError, preflight};

/// Whose folder it is, in its manifest.
const KIND: &str = "calibration";

/// One column with its fits.
#[derive(Debug, Clone, PartialEq)]
pub struct FittedSeries {
    /// The data.
    pub returns: Returns,
    /// What was fitted, in the order of the report.
    pub fits: Vec<Fit>,
    /// What could not be, and why.
    pub refused: Vec<(&'static str, String)>,
}

/// Everything the folder is made from.
#[derive(Debug, Clone, Copy)]
pub struct CalibrationInputs<'a> {
    /// Name of the file that was read.
    pub file: &'a str,
    /// SHA-256 of its bytes, in hexadecimal.
    pub hash: &'a str,
    /// Fitted prices.
    pub series: &'a [FittedSeries],
    /// Fitted feeds, one a phase.
    pub feeds: &'a [FeedFit],
    /// Pixels of a PNG for one of its SVG; absent: no charts.
    pub png_scale: Option<f32>,
}

/// The whole calibration as one JSON object.
pub fn calibration_json(inputs: &CalibrationInputs<'_>) -> Value {
    json!({
        "schema": tables::SCHEMA,
        "engine_version": env!("CARGO_PKG_VERSION"),
        "file": inputs.file,
        "sha256": inputs.hash,
        "series": inputs.series.iter().map(|s| tables::series(&s.returns, &s.fits, &s.refused)).collect::<Vec<_>>(),
        "feeds": inputs.feeds.iter().map(tables::feed).collect::<Vec<_>>(),
    })
}

/// The tables to paste, with errors and reasons as comments.
pub fn calibration_toml(inputs: &CalibrationInputs<'_>) -> String {
    let mut text = format!(
        "# Fitted by driftband {} to {}.\n# Paste one `process` into an asset, or `[oracle]`, of a scenario.\n\n",
        env!("CARGO_PKG_VERSION"),
        inputs.file.replace(|c: char| c.is_control(), " ")
    );
    for series in inputs.series {
        text.push_str(&process_tables(&series.fits));
        for (kind, why) in &series.refused {
            text.extend(["# ", kind, ": not fitted: ", why, "\n"]);
        }
    }
    // two tables of one name are no TOML: the last phase is the feed as it is now
    for (i, fit) in inputs.feeds.iter().enumerate() {
        if let Some(phase) = fit.phase {
            text.extend(["# phase ", &phase.to_string(), "\n"]);
        }
        let table = feed_table(fit);
        if i + 1 == inputs.feeds.len() {
            text.push_str(&table);
        } else {
            text.extend(table.lines().flat_map(|line| ["# ", line, "\n"]));
            text.push('\n');
        }
    }
    text
}

/// Whether a calibration can be written to `dir`, asked before the work.
///
/// # Errors
///
/// Where something else stands there.
pub fn calibration_preflight(dir: &Path) -> Result<(), FolderError> {
    preflight(dir)?;
    let Ok(bytes) = fs::read(dir.join(NAME)) else { return Ok(()) };
    let own = serde_json::from_slice::<Value>(&bytes).is_ok_and(|manifest| manifest["kind"] == KIND);
    if own { Ok(()) } else { Err(FolderError::NotARun { path: dir.to_owned() }) }
}

/// Writes the whole folder.
///
/// # Errors
///
/// Names the path; nothing half written is left behind.
pub fn write_calibration(dir: &Path, inputs: &CalibrationInputs<'_>) -> Result<PathBuf, FolderError> {
    calibration_preflight(dir)?;
    let mut staging = Staging::begin(dir)?;
    staging.put("calibration.toml", calibration_toml(inputs).as_bytes())?;
    staging.put("calibration.json", format!("{:#}\n", calibration_json(inputs)).as_bytes())?;
    let fits: Vec<Fit> = inputs.series.iter().flat_map(|series| series.fits.iter().cloned()).collect();
    let table = tables::csv(&fits, inputs.feeds).map_err(|error| FolderError::Content {
        path: PathBuf::from("calibration.csv"),
        reason: error.to_string(),
    })?;
    staging.put("calibration.csv", &table)?;
    if let Some(scale) = inputs.png_scale {
        for (name, svg) in charts(inputs)? {
            staging.put(&format!("charts/{name}.svg"), svg.as_bytes())?;
            staging.put(&format!("charts/{name}.png"), &png(&svg, scale)?)?;
        }
    }
    let manifest = json!({
        "kind": KIND,
        "engine_version": env!("CARGO_PKG_VERSION"),
        "file": inputs.file,
        "sha256": inputs.hash,
        "files": staging.files(),
    });
    staging.put(NAME, format!("{manifest:#}\n").as_bytes())?;
    staging.finish().map(|(dir, _)| dir)
}

/// Names and pictures.
fn charts(inputs: &CalibrationInputs<'_>) -> Result<Vec<(String, String)>, FolderError> {
    let theme = Theme::light();
    let mut drawn = Vec::new();
    for series in inputs.series {
        let input = SeriesInput { returns: &series.returns, fits: &series.fits, file: inputs.file };
        let name = file_name(&series.returns.name);
        drawn.push((format!("{name}-density"), density::draw(&input, &theme)));
        drawn.push((format!("{name}-clustering"), clustering::draw(&input, &theme)));
        drawn.push((format!("{name}-residuals"), residuals::draw(&input, &theme)));
    }
    for fit in inputs.feeds {
        let input = FeedInput { fit, file: inputs.file };
        let phase = fit.phase.map_or_else(String::new, |phase| format!("-phase-{phase}"));
        drawn.push((format!("feed-updates{phase}"), feed::moves(&input, &theme)));
        drawn.push((format!("feed-gaps{phase}"), feed::gaps(&input, &theme)));
    }
    let mut charts = Vec::new();
    for (name, svg) in drawn {
        match svg {
            Ok(svg) => charts.push((name, svg)),
            Err(NoChart::NotApplicable(_) | NoChart::NotMeant) => {}
            Err(NoChart::Failed(error)) => return Err(error.into()),
        }
    }
    Ok(charts)
}
