//! `run`: simulates a scenario, or a shard of it, writes its folder, prints its table.
use std::path::{Path, PathBuf};

use serde_json::json;

use super::Exit;
use super::args::{Format, Run};
use super::check;
use super::simulate::{Found, Work, simulate};
use super::study;
use super::terminal::{Terminal, failed};
use crate::engine::{Execution, Outcome, Shard};
use crate::report::folder::state::{Header, MOST_STATE, STATE};
use crate::report::folder::{self, Checkpoint, Inputs, Provenance, ShardInputs, Start};
use crate::report::page::NAME as PAGE;
use crate::report::summary::{ENGINE_VERSION, Summary};
use crate::report::{answer, table};
use crate::scenario::Parsed;
use crate::study::worst::worst;

/// Pixels of a PNG for one of its SVG.
pub(super) const PNG_SCALE: f32 = 2.0;

/// Runs a scenario, or prints the result of the same run when it is finished already.
pub(super) fn run(options: &Run, terminal: &Terminal) -> anyhow::Result<Exit> {
    let changes = match options.overrides.changes() {
        Ok(changes) => changes,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    let changes = match options.paths {
        Some(paths) => check::with_paths(&options.file, changes, paths),
        None => changes,
    };
    let changes = match options.seed {
        Some(seed) => changes.set("run.seed", &seed.to_string()),
        None => changes,
    };
    let Some(parsed) = check::open(&options.file, &changes, terminal) else { return Ok(Exit::Usage) };
    let dir = options.output.clone().unwrap_or_else(|| default_dir(&parsed, options.shard));
    if parsed.scenario.run.precision.is_some() && (options.shard.is_some() || options.all) {
        let flag = if options.all { "--all" } else { "--shard" };
        terminal.fault(&format!(
            "{flag} needs a number of paths that is known beforehand, and `run.precision` finds it on the way: --paths N puts \
             N in its place"
        ));
        return Ok(Exit::Usage);
    }
    let exit = base(&parsed, &dir, options, terminal)?;
    if !options.all || !matches!(exit, Exit::Ok | Exit::Limit) {
        point_to_page(&dir, terminal);
        return Ok(exit);
    }
    let studied = study::all(&options.file, changes, parsed, dir.clone(), options, terminal)?;
    point_to_page(&dir, terminal);
    Ok(if studied == Exit::Ok { exit } else { studied })
}

/// The scenario's own run, or a shard of it.
fn base(parsed: &Parsed, dir: &Path, options: &Run, terminal: &Terminal) -> anyhow::Result<Exit> {
    let header = header(parsed, options);
    if !options.force
        && let Some(exit) = finished(parsed, dir, &header, options, terminal)?
    {
        return Ok(exit);
    }
    folder::preflight(dir).map_err(failed)?;
    let work = Work {
        scenario: &parsed.scenario,
        dir,
        header,
        start: if options.resume { Start::Resume } else { Start::Anew },
        execution: Execution {
            threads: options.threads.map(|threads| threads as usize),
            keep_paths: options.paths_out.is_some(),
            memory_limit: memory_limit(),
            ..Execution::default()
        },
        whole: options.shard.is_none(),
    };
    let Found { checkpoint, outcome, provenance } = match simulate(work, terminal)? {
        Ok(found) => found,
        Err(exit) => return Ok(exit),
    };
    let Some(outcome) = outcome else { return shard(parsed, checkpoint, &provenance, options, terminal) };
    let most_state = if options.keep_state { u64::MAX } else { MOST_STATE };
    write(parsed, checkpoint, &outcome, &provenance, most_state, terminal)
}

fn header(parsed: &Parsed, options: &Run) -> Header {
    let shard = options.shard.unwrap_or(Shard::WHOLE);
    Header::of(&parsed.scenario, &parsed.hash, shard, options.paths_out.is_some())
}

/// The exit code of the same run, where it is finished already.
fn finished(
    parsed: &Parsed,
    dir: &Path,
    header: &Header,
    options: &Run,
    terminal: &Terminal,
) -> anyhow::Result<Option<Exit>> {
    if options.shard.is_some() {
        if !folder::finished_shard(dir, header).map_err(failed)? {
            return Ok(None);
        }
        terminal.say(&format!("{} holds this shard already; --force runs it again", dir.display()));
        return report_shard(dir, header, terminal).map(Some);
    }
    // figures by path and a large state are not in a finished folder that was made without them
    let has_paths = options.paths_out.is_none() || dir.join("paths.csv").exists();
    let has_state = !options.keep_state || dir.join(STATE).exists();
    if !(has_paths && has_state) {
        return Ok(None);
    }
    match folder::finished(dir, &parsed.hash, ENGINE_VERSION).map_err(failed)? {
        None => Ok(None),
        Some(summary) => {
            terminal.say(&format!("{} holds this run already; --force runs it again", dir.display()));
            print(&summary, terminal).map(Some)
        }
    }
}

/// Writes the folder of a run over its chunks, and prints its result.
pub(super) fn write(
    parsed: &Parsed,
    checkpoint: Checkpoint,
    outcome: &Outcome,
    provenance: &Provenance,
    most_state: u64,
    terminal: &Terminal,
) -> anyhow::Result<Exit> {
    let execution = Execution { threads: Some(provenance.threads), ..Execution::default() };
    let worst = worst(&parsed.scenario, outcome, &execution)?;
    let inputs = Inputs {
        scenario: &parsed.scenario,
        text: &parsed.text_as_run,
        hash: &parsed.hash,
        outcome,
        worst: &worst,
        provenance,
        png_scale: Some(PNG_SCALE),
    };
    let written = folder::write_over(checkpoint, &inputs, most_state).map_err(failed)?;
    for (chart, why) in &written.charts_left_out {
        terminal.say(&format!("no {chart} chart: {why}"));
    }
    let exit = print(&written.summary, terminal)?;
    terminal.say(&format!("wrote {}", written.dir.display()));
    Ok(exit)
}

/// Says where the page is: the last word of a run.
fn point_to_page(dir: &Path, terminal: &Terminal) {
    let page = dir.join(PAGE);
    if page.is_file() {
        terminal.say(&format!("the report: {}", page.display()));
    }
}

/// Writes the folder of a shard.
fn shard(
    parsed: &Parsed,
    checkpoint: Checkpoint,
    provenance: &Provenance,
    options: &Run,
    terminal: &Terminal,
) -> anyhow::Result<Exit> {
    // from another folder the file is found by its full path alone
    let file = std::path::absolute(&options.file).unwrap_or_else(|_| options.file.clone());
    let inputs = ShardInputs { text: &parsed.text_as_run, scenario_file: &file, provenance };
    let header = checkpoint.header().clone();
    let dir = folder::write_shard(checkpoint, &inputs).map_err(failed)?;
    let exit = report_shard(&dir, &header, terminal)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(exit)
}

/// Figures come with the merge: a shard has none of its own.
fn report_shard(dir: &Path, header: &Header, terminal: &Terminal) -> anyhow::Result<Exit> {
    let (shard, chunks, paths) = (header.shard, header.n_chunks(), header.shard.n_paths(header.n_paths));
    match terminal.format {
        Format::Json => {
            let found = json!({ "shard": shard.to_string(), "chunks": chunks, "paths": paths, "folder": dir });
            terminal.result(&format!("{found}\n"))?;
        }
        Format::Text => terminal.result(&format!(
            "shard {shard}: {paths} of {} paths in {chunks} chunks; `driftband merge` makes the run of all shards\n",
            header.n_paths
        ))?,
    }
    Ok(Exit::Ok)
}

/// `output/<name>-<hash8>`, and the shard.
pub(super) fn default_dir(parsed: &Parsed, shard: Option<Shard>) -> PathBuf {
    let hash: String = parsed.hash.chars().take(8).collect();
    let part = shard.map_or_else(String::new, |shard| format!("-shard-{}-of-{}", shard.index(), shard.of()));
    PathBuf::from("output").join(format!("{}-{hash}{part}", parsed.scenario.name))
}

/// Four fifths of the memory that is free, where the system says; else 4 GiB.
pub(super) fn memory_limit() -> u64 {
    let free = std::fs::read_to_string("/proc/meminfo").ok().and_then(|text| {
        let line = text.lines().find(|line| line.starts_with("MemAvailable:"))?;
        line.split_whitespace().nth(1)?.parse::<u64>().ok()
    });
    free.map_or(4 << 30, |kib| kib * 1024 / 5 * 4)
}

/// Prints a run's result and tells how it exits.
fn print(summary: &Summary, terminal: &Terminal) -> anyhow::Result<Exit> {
    match terminal.format {
        Format::Json => terminal.result(&format!("{}\n", serde_json::to_string(summary)?))?,
        Format::Text => {
            let mut text = table::render(summary);
            if let Some(line) = table::relative_line(summary) {
                text.push('\n');
                text.push_str(&line);
                text.push('\n');
            }
            for line in answer::lines(summary) {
                text.push_str(&line);
                text.push('\n');
            }
            terminal.result(&text)?;
        }
    }
    for note in &summary.notes {
        terminal.say(&format!("note: {note}"));
    }
    for breach in &summary.breaches {
        terminal.fault(&breach.to_string());
    }
    Ok(match &summary.precision {
        _ if !summary.breaches.is_empty() => Exit::Limit,
        Some(precision) if !precision.met => Exit::Precision,
        _ => Exit::Ok,
    })
}
