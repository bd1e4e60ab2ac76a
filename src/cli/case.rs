//! One run among those of a study: taken from its finished folder, else computed into it, continued where it was killed.
use std::path::Path;

use super::Exit;
use super::run::{PNG_SCALE, memory_limit};
use super::simulate::{Found, Work, simulate};
use super::terminal::{Terminal, failed};
use crate::engine::{Execution, Fold, Outcome, Shard};
use crate::report::folder::state::{Header, STATE, StateReader};
use crate::report::folder::{self, Inputs, Start};
use crate::report::summary::{ENGINE_VERSION, Summary};
use crate::scenario::Parsed;
use crate::study::worst::worst;

/// A run of a study.
#[derive(Debug, Clone, Copy)]
pub(super) struct Case<'a> {
    pub(super) parsed: &'a Parsed,
    pub(super) dir: &'a Path,
    pub(super) threads: Option<u64>,
    /// Computed anew although it is there.
    pub(super) force: bool,
    /// Whether its folder has charts.
    pub(super) charts: bool,
    /// Whether the paths are needed, not the figures alone.
    pub(super) paths: bool,
}

/// What a run found.
pub(super) struct Done {
    pub(super) summary: Summary,
    /// Where the paths were asked for, or computed.
    pub(super) outcome: Option<Outcome>,
}

/// The run, or the exit code of one that was stopped or refused.
pub(super) fn obtain(case: &Case<'_>, terminal: &Terminal) -> anyhow::Result<Result<Done, Exit>> {
    let Parsed { scenario, hash, .. } = case.parsed;
    let execution = Execution {
        threads: case.threads.map(|threads| threads as usize),
        memory_limit: memory_limit(),
        ..Execution::default()
    };
    if !case.force
        && let Some(summary) = folder::finished(case.dir, hash, ENGINE_VERSION).map_err(failed)?
    {
        if !case.paths {
            return Ok(Ok(Done { summary, outcome: None }));
        }
        if let Some(outcome) = remembered(case, &summary, &execution)? {
            return Ok(Ok(Done { summary, outcome: Some(outcome) }));
        }
    }
    folder::preflight(case.dir).map_err(failed)?;
    let header = Header::of(scenario, hash, Shard::WHOLE, false);
    let start = if case.force { Start::Anew } else { Start::Continue };
    let work = Work { scenario, dir: case.dir, header, start, execution, whole: true };
    let Found { checkpoint, outcome, provenance } = match simulate(work, terminal)? {
        Ok(found) => found,
        Err(exit) => return Ok(Err(exit)),
    };
    let Some(outcome) = outcome else { anyhow::bail!("failed to fold a whole run: a bug") };
    // a folder of figures alone goes without a second look at the paths
    let worst = if case.charts { worst(scenario, &outcome, &execution)? } else { Vec::new() };
    let inputs = Inputs {
        scenario,
        text: &case.parsed.text_as_run,
        hash,
        outcome: &outcome,
        worst: &worst,
        provenance: &provenance,
        png_scale: case.charts.then_some(PNG_SCALE),
    };
    let most_state = folder::state::MOST_STATE;
    let written = folder::write_over(checkpoint, &inputs, most_state).map_err(failed)?;
    Ok(Ok(Done { summary: written.summary, outcome: Some(outcome) }))
}

/// The outcome of a finished run from its chunks; none where they are gone.
fn remembered(
    case: &Case<'_>,
    summary: &Summary,
    execution: &Execution<'_>,
) -> anyhow::Result<Option<Outcome>> {
    let path = case.dir.join(STATE);
    if !path.is_file() {
        return Ok(None);
    }
    let mut reader = StateReader::open(&path).map_err(failed)?;
    let by_path = reader.header().by_path;
    let wanted = Header::of(&case.parsed.scenario, &case.parsed.hash, Shard::WHOLE, by_path);
    if *reader.header() != wanted {
        return Ok(None);
    }
    let execution = Execution { keep_paths: by_path, ..*execution };
    let mut scenario = case.parsed.scenario.clone();
    // a run that was asked for errors found its number of paths itself
    scenario.run.paths = summary.scenario.paths;
    let mut fold = Fold::new(&scenario, &execution)?;
    while let Some(part) = reader.next_part().map_err(failed)? {
        fold.add(&part)?;
    }
    Ok(Some(fold.finish()?))
}
