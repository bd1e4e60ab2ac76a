//! Simulates the chunks of a run or a shard, each on the disk before the next; Ctrl-C leaves what can be resumed.
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use anyhow::Context as _;

use super::Exit;
use super::precise;
use super::progress::Progress;
use super::run::memory_limit;
use super::terminal::{Terminal, failed};
use crate::engine::{CHUNK_PATHS, ChunkPart, Execution, Fold, Outcome, RunError, Simulation, run};
use crate::report::folder::state::Header;
use crate::report::folder::{Checkpoint, Earlier, Provenance, Start};
use crate::scenario::Scenario;

/// What is to be simulated.
pub(super) struct Work<'a> {
    pub(super) scenario: &'a Scenario,
    /// Folder to be written; the chunks are kept beside it.
    pub(super) dir: &'a Path,
    /// Which chunks.
    pub(super) header: Header,
    pub(super) start: Start,
    pub(super) execution: Execution<'a>,
    /// Whether figures are wanted, not chunks alone.
    pub(super) whole: bool,
}

/// What was found: the chunks on the disk, and of a whole run the outcome.
pub(super) struct Found {
    pub(super) checkpoint: Checkpoint,
    pub(super) outcome: Option<Outcome>,
    pub(super) provenance: Provenance,
}

/// Set by Ctrl-C.
static STOP: AtomicBool = AtomicBool::new(false);

/// What the chunks are and how they came about, or the exit code of a run that was stopped or refused.
#[expect(clippy::disallowed_methods, reason = "the command line owns the clock")]
pub(super) fn simulate(work: Work<'_>, terminal: &Terminal) -> anyhow::Result<Result<Found, Exit>> {
    listen()?;
    if work.scenario.run.precision.is_some() {
        return precise::simulate(work, terminal);
    }
    let Work { scenario, dir, header, start, execution, whole } = work;
    let shard = header.shard;
    let paths_asked = shard.n_paths(header.n_paths);
    let progress = Progress::new(paths_asked, terminal);
    let tell = |paths: u64| progress.done(paths);
    let execution = Execution { progress: Some(&tell), stop: Some(&STOP), ..execution };
    let clock = Instant::now();
    let begun = whole
        .then(|| Fold::new(scenario, &execution))
        .transpose()
        .and_then(|fold| Ok((fold, Simulation::new(scenario, shard, &execution)?)));
    let (mut fold, simulation) = match begun {
        Ok(begun) => begun,
        Err(fault @ RunError::Memory { .. }) => {
            terminal.fault(&fault.to_string());
            return Ok(Err(Exit::Usage));
        }
        Err(fault) => return Err(fault.into()),
    };
    let mut checkpoint = open(dir, header, start, &simulation, fold.as_mut(), &progress, terminal)?;
    let chunks: Vec<u64> = checkpoint.header().chunks().skip(checkpoint.n_parts() as usize).collect();
    let mut last = None;
    for chunk in chunks {
        let made = while_writing(&mut checkpoint, last.as_ref(), || {
            add(fold.as_mut(), last.as_ref())?;
            simulation.chunk(chunk)
        });
        match made? {
            Ok(part) => last = Some(part),
            Err(fault) => {
                progress.finish();
                return stopped(fault, checkpoint, terminal).map(Err);
            }
        }
    }
    let outcome = while_writing(&mut checkpoint, last.as_ref(), || {
        add(fold.as_mut(), last.as_ref())?;
        fold.map(Fold::finish).transpose()
    })??;
    progress.finish();
    let provenance = provenance(execution.threads, clock, paths_asked);
    Ok(Ok(Found { checkpoint, outcome, provenance }))
}

/// How a run went that began at `clock`.
pub(super) fn provenance(threads: Option<usize>, clock: Instant, paths_asked: u64) -> Provenance {
    Provenance {
        git: option_env!("DRIFTBAND_GIT").map(String::from),
        threads: threads.unwrap_or_else(cores),
        wall_seconds: clock.elapsed().as_secs_f64(),
        paths_asked,
    }
}

/// Set once the user has asked to stop.
pub(super) fn stop() -> &'static AtomicBool {
    &STOP
}

/// A run whose chunks are not kept: what it found, its paths with it, or the exit code of one that was stopped or refused.
pub(super) fn in_memory(
    scenario: &Scenario,
    threads: Option<u64>,
    terminal: &Terminal,
) -> anyhow::Result<Result<Outcome, Exit>> {
    listen()?;
    let progress = Progress::new(scenario.run.paths, terminal);
    let tell = |paths: u64| progress.done(paths);
    let execution = Execution {
        threads: threads.map(|threads| threads as usize),
        keep_paths: true,
        memory_limit: memory_limit(),
        progress: Some(&tell),
        stop: Some(&STOP),
        ..Execution::default()
    };
    let found = run(scenario, &execution);
    progress.finish();
    match found {
        Ok(outcome) => Ok(Ok(outcome)),
        Err(fault @ RunError::Memory { .. }) => {
            terminal.fault(&fault.to_string());
            Ok(Err(Exit::Usage))
        }
        Err(fault @ RunError::Interrupted { .. }) => {
            terminal.fault(&format!(
                "{fault}; what was looked at before is kept: the same command goes on from there"
            ));
            Ok(Err(Exit::Interrupted))
        }
        Err(fault) => Err(fault.into()),
    }
}

/// Listens for Ctrl-C, once a process; the second one quits at once.
pub(super) fn listen() -> anyhow::Result<()> {
    static LISTENS: AtomicBool = AtomicBool::new(false);
    if LISTENS.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    ctrlc::set_handler(|| {
        if STOP.swap(true, Ordering::Relaxed) {
            std::process::exit(Exit::Interrupted as i32);
        }
    })
    .context("failed to listen for Ctrl-C")
}

/// Works while the chunk before is written to the disk.
fn while_writing<T>(
    checkpoint: &mut Checkpoint,
    part: Option<&ChunkPart>,
    work: impl FnOnce() -> T,
) -> anyhow::Result<T> {
    std::thread::scope(|scope| {
        let writer = part.map(|part| scope.spawn(|| checkpoint.append(part)));
        let found = work();
        match writer.map(std::thread::ScopedJoinHandle::join) {
            None | Some(Ok(Ok(()))) => Ok(found),
            Some(Ok(Err(error))) => Err(failed(error)),
            Some(Err(panic)) => std::panic::resume_unwind(panic),
        }
    })
}

fn add(fold: Option<&mut Fold<'_>>, part: Option<&ChunkPart>) -> Result<(), RunError> {
    match (fold, part) {
        (Some(fold), Some(part)) => fold.add(part),
        _ => Ok(()),
    }
}

/// Opens the chunks of the run, and takes those that are there already.
fn open(
    dir: &Path,
    header: Header,
    start: Start,
    simulation: &Simulation<'_>,
    mut fold: Option<&mut Fold<'_>>,
    progress: &Progress,
    terminal: &Terminal,
) -> anyhow::Result<Checkpoint> {
    let (mut checkpoint, earlier) = Checkpoint::open(dir, header, start).map_err(failed)?;
    let n_chunks = checkpoint.header().n_chunks();
    match earlier {
        Earlier::Nothing if start == Start::Resume => {
            terminal.say("there is nothing to resume: starting anew");
        }
        Earlier::Nothing => {}
        Earlier::Discarded(n_parts) => terminal.say(&format!(
            "discarding {n_parts} of {n_chunks} chunks of an earlier run; --resume would have continued it"
        )),
        Earlier::Another => terminal.say("discarding what another run had left unfinished"),
        Earlier::Kept => {
            let mut paths = 0;
            checkpoint
                .earlier(|part| -> Result<(), RunError> {
                    paths = simulation.skip(part.index());
                    fold.as_mut().map_or(Ok(()), |fold| fold.add(&part))
                })
                .map_err(failed)?;
            progress.begin_at(paths);
            terminal.say(&format!("resuming after {} of {n_chunks} chunks", checkpoint.n_parts()));
        }
    }
    Ok(checkpoint)
}

/// Says what is kept of a run that gave no outcome.
pub(super) fn stopped(fault: RunError, checkpoint: Checkpoint, terminal: &Terminal) -> anyhow::Result<Exit> {
    let interrupted = matches!(fault, RunError::Interrupted { .. });
    let (n_parts, n_chunks) = (checkpoint.n_parts(), checkpoint.header().n_chunks());
    if !interrupted {
        // it would fail again at the same path
        checkpoint.discard().map_err(failed)?;
        return Err(fault.into());
    }
    if n_parts == 0 {
        checkpoint.discard().map_err(failed)?;
        terminal.fault(&format!(
            "{fault}; nothing was kept, because no chunk of {CHUNK_PATHS} paths was finished"
        ));
    } else {
        let path = checkpoint.path();
        let kept = path.parent().unwrap_or(&path).display();
        terminal.fault(&format!(
            "{fault}; {n_parts} of {n_chunks} chunks are kept in {kept}: --resume continues it"
        ));
    }
    Ok(Exit::Interrupted)
}

pub(super) fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, std::num::NonZero::get)
}
