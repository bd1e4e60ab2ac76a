//! `run`: simulates a scenario, writes its folder, prints its table.
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context as _;

use super::Exit;
use super::args::{Format, Run};
use super::check;
use super::progress::Progress;
use super::terminal::Terminal;
use crate::engine::{self, Execution, Outcome, RunError};
use crate::report::folder::{self, Inputs, Provenance};
use crate::report::summary::{ENGINE_VERSION, Summary};
use crate::report::table;
use crate::scenario::Parsed;

/// Pixels of a PNG for one of its SVG.
const PNG_SCALE: f32 = 2.0;

/// Runs a scenario, or prints the result of the same run when it is finished already.
pub(super) fn run(options: &Run, terminal: &Terminal) -> anyhow::Result<Exit> {
    if let Some(flag) = options.later() {
        terminal.fault(&format!("`{flag}` is not available in this version"));
        return Ok(Exit::Usage);
    }
    let changes = match options.overrides.changes() {
        Ok(changes) => changes,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    let changes = match options.paths {
        Some(paths) => changes.set("run.paths", &paths.to_string()),
        None => changes,
    };
    let changes = match options.seed {
        Some(seed) => changes.set("run.seed", &seed.to_string()),
        None => changes,
    };
    let Some(parsed) = check::open(&options.file, &changes, terminal) else { return Ok(Exit::Usage) };
    let dir = options.output.clone().unwrap_or_else(|| default_dir(&parsed));
    // by-path figures are not in a finished folder that was made without them
    let has_paths = options.paths_out.is_none() || dir.join("paths.csv").exists();
    if !options.force
        && has_paths
        && let Some(summary) = folder::finished(&dir, &parsed.hash, ENGINE_VERSION).context("failed to")?
    {
        terminal.say(&format!("{} holds this run already; --force runs it again", dir.display()));
        return print(&summary, terminal);
    }
    folder::preflight(&dir).context("failed to")?;
    let (outcome, provenance) = match simulate(&parsed, options, terminal)? {
        Ok(found) => found,
        Err(exit) => return Ok(exit),
    };
    let inputs = Inputs {
        scenario: &parsed.scenario,
        text: &parsed.text_as_run,
        hash: &parsed.hash,
        outcome: &outcome,
        provenance: &provenance,
        png_scale: PNG_SCALE,
    };
    let written = folder::write(&dir, &inputs).context("failed to")?;
    for (chart, why) in &written.charts_left_out {
        terminal.say(&format!("no {chart} chart: {why}"));
    }
    let exit = print(&written.summary, terminal)?;
    terminal.say(&format!("wrote {}", written.dir.display()));
    Ok(exit)
}

/// `output/<name>-<hash8>`.
fn default_dir(parsed: &Parsed) -> PathBuf {
    let hash: String = parsed.hash.chars().take(8).collect();
    PathBuf::from("output").join(format!("{}-{hash}", parsed.scenario.name))
}

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// The outcome and how it came about, or the exit code of a run that gave none.
#[expect(clippy::disallowed_methods, reason = "the command line owns the clock")]
fn simulate(
    parsed: &Parsed,
    options: &Run,
    terminal: &Terminal,
) -> anyhow::Result<Result<(Outcome, Provenance), Exit>> {
    // the second Ctrl-C quits at once
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .context("failed to listen for Ctrl-C")?;
    let n_paths = parsed.scenario.run.paths;
    let progress = Progress::new(n_paths, terminal);
    let tell = |paths: u64| progress.done(paths);
    let execution = Execution {
        threads: options.threads.map(|threads| threads as usize),
        keep_paths: options.paths_out.is_some(),
        memory_limit: memory_limit(),
        progress: Some(&tell),
        stop: Some(&STOP),
        ..Execution::default()
    };
    let start = Instant::now();
    let found = engine::run(&parsed.scenario, &execution);
    progress.finish();
    match found {
        Ok(outcome) => {
            let threads = options.threads.map_or_else(cores, |threads| threads as usize);
            let provenance = Provenance {
                git: option_env!("DRIFTBAND_GIT").map(String::from),
                threads,
                wall_seconds: start.elapsed().as_secs_f64(),
                paths_asked: n_paths,
            };
            Ok(Ok((outcome, provenance)))
        }
        Err(fault @ RunError::Interrupted { .. }) => {
            terminal.fault(&format!("{fault}; nothing was written"));
            Ok(Err(Exit::Interrupted))
        }
        Err(fault @ RunError::Memory { .. }) => {
            terminal.fault(&fault.to_string());
            Ok(Err(Exit::Usage))
        }
        Err(fault) => Err(fault.into()),
    }
}

fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}

/// Four fifths of the memory that is free, where the system says; else 4 GiB.
fn memory_limit() -> u64 {
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
            terminal.result(&text)?;
        }
    }
    for note in &summary.notes {
        terminal.say(&format!("note: {note}"));
    }
    for breach in &summary.breaches {
        terminal.fault(&breach.to_string());
    }
    Ok(if summary.breaches.is_empty() { Exit::Ok } else { Exit::Limit })
}
