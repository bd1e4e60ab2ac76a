//! Finished runs read for a comparison, and the folder of the comparison: written aside, renamed when whole.
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::engine::{Kept, kept};
use crate::metric::Metric;
use crate::scenario::read_text;
use crate::study::compare::FinishedRun;

use super::super::comparison::{self, Comparison, Side, labels};
use super::super::page;
use super::super::summary::{ENGINE_VERSION, SCHEMA, Summary};
use super::finished::{manifest_in, summary_in};
use super::manifest::{self, NAME};
use super::staging::Staging;
use super::state::{STATE, StateReader};
use super::{FolderError, preflight};

/// Whose folder it is, in its manifest.
const KIND: &str = "comparison";

/// The runs in these folders and what is between them.
///
/// # Errors
///
/// A folder holds no finished run, or one that is not as it was written.
pub fn read_comparison(dirs: &[PathBuf]) -> Result<Comparison, FolderError> {
    let mut summaries = Vec::with_capacity(dirs.len());
    for dir in dirs {
        summaries.push(read_summary(dir)?);
    }
    let named: Vec<(&Path, &Summary)> = dirs.iter().map(PathBuf::as_path).zip(&summaries).collect();
    let labels = labels(&named);
    let mut runs: Vec<FinishedRun> = Vec::with_capacity(dirs.len());
    for (dir, summary) in &named {
        runs.push(summary.remembered(chunks(dir, summary)));
    }
    let sides = dirs.iter().zip(labels).zip(summaries).map(|((dir, label), summary)| Side {
        label,
        summary,
        // a scenario that is gone has no difference to tell
        text: read_text(&dir.join("scenario.toml")).unwrap_or_default(),
    });
    Ok(Comparison::of(sides.collect(), &runs))
}

/// The summary of the finished run in `dir`, as it was written.
///
/// # Errors
///
/// Where no finished run stands there, or its summary is of another layout or has changed.
pub fn read_summary(dir: &Path) -> Result<Summary, FolderError> {
    let damaged = |reason: String| FolderError::Damaged { path: dir.to_owned(), reason };
    let Some(manifest) = manifest_in(dir)? else { return Err(damaged("it has no manifest.json".into())) };
    if let Some(shard) = &manifest.shard {
        return Err(damaged(format!(
            "it is shard {shard}, which has no figures; `driftband merge` makes the run"
        )));
    }
    let summary = summary_in(dir, &manifest)?;
    if summary.schema != SCHEMA {
        return Err(damaged(format!(
            "its summary is of schema {}, this driftband reads {SCHEMA}",
            summary.schema
        )));
    }
    Ok(summary)
}

/// What the chunks of a run keep by path, or why there is nothing.
fn chunks(dir: &Path, summary: &Summary) -> Result<Vec<Kept>, String> {
    let path = dir.join(STATE);
    if !path.is_file() {
        return Err("its state.bin is gone (or above 256 MiB; --keep-state keeps it)".into());
    }
    let mut reader = StateReader::open(&path).map_err(|fault| format!("failed to {fault}"))?;
    let header = reader.header();
    let identity = &summary.scenario;
    if header.hash != identity.hash || header.seed != identity.seed || header.n_paths != identity.paths {
        return Err("its state.bin is of another run".into());
    }
    let (mut fault, wanted) = (None, header.n_chunks());
    let mut n_parts = 0;
    let parts = std::iter::from_fn(|| match reader.next_part() {
        Ok(part) => part.inspect(|_| n_parts += 1),
        Err(error) => {
            fault = Some(format!("failed to {error}"));
            None
        }
    });
    let found = kept(summary.units, parts);
    match (fault, found) {
        (Some(fault), _) => Err(fault),
        (None, Some(found)) if n_parts == wanted => Ok(found),
        _ => Err("its state.bin is not whole".into()),
    }
}

/// `compare-<hash8>` of the runs in their order.
pub fn comparison_name(comparison: &Comparison) -> String {
    let mut hasher = Sha256::new();
    for side in &comparison.sides {
        let (summary, identity) = (&side.summary, &side.summary.scenario);
        hasher.update(format!(
            "{}\n{} {} {} {} {}\n",
            side.label,
            identity.hash,
            identity.seed,
            identity.paths,
            summary.engine_version,
            summary.stream_version
        ));
    }
    let hash: String = manifest::hex(&hasher.finalize()).chars().take(8).collect();
    format!("compare-{hash}")
}

/// Whether a comparison can be written to `dir`, asked before the work.
///
/// # Errors
///
/// Where something else stands there.
pub fn comparison_preflight(dir: &Path) -> Result<(), FolderError> {
    preflight(dir)?;
    let Ok(bytes) = fs::read(dir.join(NAME)) else { return Ok(()) };
    let own = serde_json::from_slice::<Value>(&bytes).is_ok_and(|manifest| manifest["kind"] == KIND);
    if own { Ok(()) } else { Err(FolderError::NotARun { path: dir.to_owned() }) }
}

/// Writes the whole folder: tables, charts of these figures, page; and why charts are missing.
///
/// # Errors
///
/// Names the path; nothing half written is left behind.
pub fn write_comparison(
    dir: &Path,
    comparison: &Comparison,
    metrics: &[&'static Metric],
    png_scale: f32,
) -> Result<(PathBuf, Vec<String>), FolderError> {
    comparison_preflight(dir)?;
    let (files, missing) = comparison::files(comparison, metrics, png_scale)
        .map_err(|fault| FolderError::Content { path: dir.to_owned(), reason: fault.to_string() })?;
    let mut staging = Staging::begin(dir)?;
    for (name, contents) in &files {
        staging.put(name, contents)?;
    }
    let page = page::render_comparison(comparison, metrics, staging.place())?;
    staging.put(page::NAME, page.as_bytes())?;
    let runs =
        comparison.sides.iter().map(|side| json!({ "label": side.label, "scenario": side.summary.scenario }));
    let manifest = json!({
        "kind": KIND,
        "engine_version": ENGINE_VERSION,
        "runs": runs.collect::<Vec<_>>(),
        "files": staging.files(),
    });
    staging.put(NAME, format!("{manifest:#}\n").as_bytes())?;
    staging.finish().map(|(dir, _)| (dir, missing))
}
