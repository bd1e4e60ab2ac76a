//! Simulates until the errors asked for are met: whole chunks on the disk as they come, the rest when it is known.
use anyhow::Context as _;

use super::Exit;
use super::progress::Progress;
use super::simulate::{Found, Work, provenance, stop, stopped};
use super::terminal::{Terminal, failed};
use crate::engine::{ChunkPart, Execution, Outcome, Precise, RunError};
use crate::report::folder::{Checkpoint, Earlier};
use crate::report::summary::pilot_words;

/// Why it ended early: the run, or the disk.
enum Halt {
    Run(RunError),
    Disk(anyhow::Error),
}

impl From<RunError> for Halt {
    fn from(fault: RunError) -> Self {
        Self::Run(fault)
    }
}

/// The whole run and its folder's state, or the exit code of one that was stopped or refused.
#[expect(clippy::disallowed_methods, reason = "the command line owns the clock")]
pub(super) fn simulate(work: Work<'_>, terminal: &Terminal) -> anyhow::Result<Result<Found, Exit>> {
    let clock = std::time::Instant::now();
    let Work { scenario, dir, header, start, execution, .. } = work;
    let progress = Progress::new(header.n_paths, terminal);
    let tell = |paths: u64| progress.done(paths);
    let execution = Execution { progress: Some(&tell), stop: Some(stop()), ..execution };
    let mut precise = match Precise::new(scenario, &execution) {
        Ok(precise) => precise.context("failed to find the errors asked for: a bug")?,
        Err(fault @ RunError::Memory { .. }) => {
            terminal.fault(&fault.to_string());
            return Ok(Err(Exit::Usage));
        }
        Err(fault) => return Err(fault.into()),
    };
    let (mut checkpoint, earlier) = Checkpoint::open(dir, header, start).map_err(failed)?;
    match earlier {
        Earlier::Nothing => {}
        Earlier::Discarded(n) => terminal
            .say(&format!("discarding {n} chunks of an earlier run; --resume would have continued it")),
        Earlier::Another => terminal.say("discarding what another run had left unfinished"),
        Earlier::Kept => {
            let mut paths = 0;
            let mut keep = |part: ChunkPart| precise.keep(part).map(|so_far| paths = so_far);
            checkpoint.earlier(&mut keep).map_err(failed)?;
            progress.begin_at(paths);
            terminal.say(&format!("resuming after {} chunks", checkpoint.n_parts()));
        }
    }
    let found = advance(&mut precise, &mut checkpoint, terminal);
    progress.finish();
    let outcome = match found {
        Ok(outcome) => outcome,
        Err(Halt::Run(fault)) => return stopped(fault, checkpoint, terminal).map(Err),
        Err(Halt::Disk(error)) => return Err(error),
    };
    // the last chunk is as long as it was needed; the header tells the most it might have been
    for part in precise.parts().iter().skip(checkpoint.n_parts() as usize) {
        checkpoint.append(part).map_err(failed)?;
    }
    let provenance = provenance(execution.threads, clock, precise.max_paths());
    Ok(Ok(Found { checkpoint, outcome: Some(outcome), provenance }))
}

fn advance(
    precise: &mut Precise<'_>,
    checkpoint: &mut Checkpoint,
    terminal: &Terminal,
) -> Result<Outcome, Halt> {
    let mut is_first = true;
    loop {
        let append = |part: &ChunkPart| {
            // a whole chunk of the earlier run is on the disk already
            if part.index() < checkpoint.n_parts() {
                return Ok(());
            }
            checkpoint.append(part).map_err(|error| Halt::Disk(failed(error)))
        };
        let (outcome, done) = precise.advance(append)?;
        if done {
            return Ok(outcome);
        }
        if let Some(reached) = outcome.precision.as_ref().filter(|_| is_first) {
            terminal.say(&pilot_words(reached));
        }
        is_first = false;
    }
}
