//! The output folder: written aside, renamed when whole; a finished run is recognised and not made again.
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use crate::engine::Outcome;
use crate::scenario::Scenario;
use crate::study::worst::WorstOf;

use super::chart::{CHARTS, ChartInput, NoChart};
use super::drawing::{DrawingError, png};
use super::page::{self, PageError};
use super::style::Theme;
use super::summary::Summary;

#[cfg(feature = "calibrate")]
mod calibration;
mod checkpoint;
mod comparison;
mod finished;
mod looks;
mod manifest;
mod report;
mod staging;
pub mod state;
mod study;
mod tables;
mod validation;

#[cfg(feature = "calibrate")]
pub use calibration::{
    CalibrationInputs, FittedSeries, calibration_json, calibration_preflight, calibration_toml,
    write_calibration,
};
pub use checkpoint::{Checkpoint, Earlier, Start};
pub use comparison::{
    comparison_name, comparison_preflight, read_comparison, read_summary, write_comparison,
};
pub use finished::{finished, finished_shard, manifest_in};
pub use looks::{forget_looks, keep_look, kept_look, look_name};
pub use manifest::{FileRecord, Manifest};
pub use report::rebuild;
use staging::Staging;
pub use staging::{STUDIES, preflight};
pub use study::put_study;
pub use validation::{LeftOut, validation_preflight, write_validation};

/// Everything a folder is made from.
#[derive(Debug, Clone, Copy)]
pub struct Inputs<'a> {
    /// The checked scenario.
    pub scenario: &'a Scenario,
    /// Its text as run, after every override.
    pub text: &'a str,
    /// SHA-256 of the checked scenario and its data, in hexadecimal.
    pub hash: &'a str,
    /// What was found.
    pub outcome: &'a Outcome,
    /// Its worst paths by policy; empty: no `worst.csv`.
    pub worst: &'a [WorstOf],
    /// How the run went; touches `manifest.json` only.
    pub provenance: &'a Provenance,
    /// Pixels of a PNG for one of its SVG; 2 is the default of the command line. Absent: no charts and no page, the figures
    /// alone.
    pub png_scale: Option<f32>,
}

/// How the run went.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Provenance {
    /// Revision of the source, where it is known.
    pub git: Option<String>,
    /// Worker threads.
    pub threads: usize,
    /// Seconds from start to end.
    pub wall_seconds: f64,
    /// Paths the scenario asked for.
    pub paths_asked: u64,
}

/// A folder that is whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Written {
    /// Where it is.
    pub dir: PathBuf,
    /// What stands in its `summary.json`.
    pub summary: Summary,
    /// Its files but the manifest.
    pub files: Vec<FileRecord>,
    /// Charts that do not apply, and why.
    pub charts_left_out: Vec<(&'static str, String)>,
    /// The folder it replaced, where that could not be removed.
    pub leftover: Option<PathBuf>,
}

/// Why a folder could not be written or read; completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// The file system refused.
    #[error("{action} `{}`: {source}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On what.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// Something stands there that is no run of ours.
    #[error("replace `{}`: it holds files but no finished run; name another folder", path.display())]
    NotARun {
        /// The folder.
        path: PathBuf,
    },
    /// The path names no folder of its own.
    #[error("write to `{}`: it must end in the name of a folder", path.display())]
    NoName {
        /// The path as given.
        path: PathBuf,
    },
    /// A file could not be made.
    #[error("write `{}`: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// Another process works on the same folder.
    #[error("write to `{}`: another run is writing to it", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The unfinished run is another one.
    #[error("resume `{}`: {what}; without --resume it is discarded", path.display())]
    Resume {
        /// The folder in work.
        path: PathBuf,
        /// What differs.
        what: String,
    },
    /// A state that cannot be used.
    #[error("read `{}`: {what}", path.display())]
    State {
        /// The file.
        path: PathBuf,
        /// The record, and what is wrong with it.
        what: String,
    },
    /// A finished folder that is not as it was written.
    #[error("read the finished run `{}`: {reason}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// A chart failed.
    #[error(transparent)]
    Drawing(#[from] DrawingError),
    /// The page failed.
    #[error(transparent)]
    Page(#[from] PageError),
}

/// Writes the whole folder; until it stands, an older finished run in its place is untouched.
///
/// All files but `manifest.json` depend on scenario and seed alone.
///
/// # Errors
///
/// Names the path; nothing half written is left behind.
pub fn write(dir: &Path, inputs: &Inputs<'_>) -> Result<Written, FolderError> {
    fill(Staging::begin(dir)?, inputs, None)
}

/// Writes the whole folder over the chunks of its run, which it keeps as `state.bin` up to `most_state` bytes.
///
/// # Errors
///
/// Names the path; the chunks are kept beside the folder, and nothing else.
pub fn write_over(
    checkpoint: Checkpoint,
    inputs: &Inputs<'_>,
    most_state: u64,
) -> Result<Written, FolderError> {
    fill(Staging::over(checkpoint)?, inputs, Some(most_state))
}

fn fill(mut staging: Staging, inputs: &Inputs<'_>, most_state: Option<u64>) -> Result<Written, FolderError> {
    let Inputs { scenario, outcome, provenance, .. } = *inputs;
    let summary = Summary::of(scenario, inputs.hash, outcome).with_worst(inputs.worst);
    // the longest file by far is read beside the drawing
    let path = &staging.state();
    let (state, charts_left_out) = std::thread::scope(|scope| {
        let state = most_state.map(|most| scope.spawn(move || staging::state_record(path, most)));
        let charts_left_out = figures(&mut staging, inputs, &summary);
        (state.map(std::thread::ScopedJoinHandle::join), charts_left_out)
    });
    let charts_left_out = charts_left_out?;
    match state {
        None => {}
        Some(Ok(state)) => staging.adopt(state?),
        Some(Err(panic)) => std::panic::resume_unwind(panic),
    }
    let files = staging.files().to_vec();
    let manifest = Manifest::of(&summary, provenance, files.clone());
    staging.put(manifest::NAME, &manifest::json(manifest::NAME, &manifest)?)?;
    let (dir, leftover) = staging.finish()?;
    Ok(Written { dir, summary, files, charts_left_out, leftover })
}

/// Everything but state and manifest; the charts that do not apply.
fn figures(
    staging: &mut Staging,
    inputs: &Inputs<'_>,
    summary: &Summary,
) -> Result<Vec<(&'static str, String)>, FolderError> {
    staging.put("scenario.toml", inputs.text.as_bytes())?;
    staging.put("summary.json", &manifest::json("summary.json", summary)?)?;
    staging.put("summary.csv", &tables::summary(summary)?)?;
    if !summary.differences.is_empty() {
        staging.put("differences.csv", &tables::differences(summary)?)?;
    }
    staging.put("distribution.csv", &tables::distribution(inputs.outcome)?)?;
    staging.put("timeline.csv", &tables::timeline(inputs.outcome)?)?;
    if !inputs.worst.is_empty() {
        staging.put("worst.csv", &tables::worst(inputs.worst)?)?;
    }
    if let Some(paths) = tables::paths(inputs.outcome)? {
        staging.put("paths.csv", &paths)?;
    }
    let Some(scale) = inputs.png_scale else { return Ok(Vec::new()) };
    let left_out = charts(staging, inputs, scale)?;
    let page = page::render(staging.place(), None)?;
    staging.put(page::NAME, page.as_bytes())?;
    Ok(left_out)
}

/// What the folder of a shard is made from, its chunks aside.
#[derive(Debug, Clone, Copy)]
pub struct ShardInputs<'a> {
    /// The scenario's text as run, after every override.
    pub text: &'a str,
    /// Where it was read, for its data.
    pub scenario_file: &'a Path,
    /// How the run went; touches `manifest.json` only.
    pub provenance: &'a Provenance,
}

/// Writes the folder of a shard over its chunks: state, scenario, manifest.
///
/// # Errors
///
/// Names the path; the chunks are kept.
pub fn write_shard(checkpoint: Checkpoint, inputs: &ShardInputs<'_>) -> Result<PathBuf, FolderError> {
    let header = checkpoint.header().clone();
    let mut staging = Staging::over(checkpoint)?;
    staging.put("scenario.toml", inputs.text.as_bytes())?;
    let state = staging::state_record(&staging.state(), u64::MAX)?;
    staging.adopt(state);
    let files = staging.files().to_vec();
    let manifest = Manifest::of_shard(&header, inputs.provenance, inputs.scenario_file, files);
    staging.put(manifest::NAME, &manifest::json(manifest::NAME, &manifest)?)?;
    staging.finish().map(|(dir, _)| dir)
}

/// Every chart that applies, as SVG and as PNG of that SVG.
fn charts(
    staging: &mut Staging,
    inputs: &Inputs<'_>,
    png_scale: f32,
) -> Result<Vec<(&'static str, String)>, FolderError> {
    let input = ChartInput::new(inputs.scenario, inputs.outcome);
    let (mut drawn, mut left_out) = (Vec::new(), Vec::new());
    for chart in CHARTS {
        match (chart.draw)(&input, &Theme::light()) {
            Ok(svg) => drawn.push((chart.name, svg)),
            Err(NoChart::NotMeant) => {}
            Err(NoChart::NotApplicable(reason)) => left_out.push((chart.name, reason)),
            Err(NoChart::Failed(error)) => return Err(error.into()),
        }
    }
    // a PNG takes far longer than its SVG: one after the other on every thread
    let next = AtomicUsize::new(0);
    let take = || {
        let mut made = Vec::new();
        while let Some((name, svg)) = drawn.get(next.fetch_add(1, Ordering::Relaxed)) {
            made.push((*name, png(svg, png_scale)));
        }
        made
    };
    let mut pictures: Vec<(&str, Result<Vec<u8>, DrawingError>)> = std::thread::scope(|scope| {
        let n_threads = inputs.provenance.threads.clamp(1, drawn.len().max(1));
        let workers: Vec<_> = (0..n_threads).map(|_| scope.spawn(take)).collect();
        let done = workers.into_iter().map(std::thread::ScopedJoinHandle::join);
        done.flat_map(|made| made.unwrap_or_else(|panic| std::panic::resume_unwind(panic))).collect()
    });
    for (name, svg) in &drawn {
        staging.put(&format!("charts/{name}.svg"), svg.as_bytes())?;
        if let Some(place) = pictures.iter().position(|(known, _)| known == name) {
            staging.put(&format!("charts/{name}.png"), &pictures.swap_remove(place).1?)?;
        }
    }
    Ok(left_out)
}
