//! The attribution of `run --all`: why each policy deviates, below the folder of the run.
use std::fs;
use std::sync::atomic::{AtomicU64, Ordering};

use super::Exit;
use super::progress::Progress;
use super::run::{PNG_SCALE, memory_limit};
use super::simulate::{listen, stop};
use super::study::{Ground, print, put};
use super::terminal::Terminal;
use crate::engine::{Execution, RunError};
use crate::report::folder::STUDIES;
use crate::report::studies::attribution::{self as report, Attributed};
use crate::report::summary::Identity;
use crate::study::attribution::{Attribution, attribute, n_runs, paths_of};

/// Takes the deviations of the scenario apart, or prints what is there already.
pub(super) fn attribution_on(ground: &Ground<'_>, terminal: &Terminal) -> anyhow::Result<Exit> {
    let dir = ground.dir.join(STUDIES).join("attribution");
    let known = fs::read(dir.join("attribution.json")).ok().filter(|_| !ground.force);
    let found = match known
        .and_then(|bytes| Attributed::read(&bytes, &ground.parsed.hash, ground.parsed.scenario.shapley))
    {
        Some(found) => found,
        None => match compute(ground, terminal)? {
            Ok(found) => Attributed::of(identity(ground), &found),
            Err(exit) => return Ok(exit),
        },
    };
    let files = put(&ground.dir, &dir, report::files(&found, PNG_SCALE), terminal)?;
    print(&files, "attribution.json", || report::render(&found), terminal)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}

fn identity(ground: &Ground<'_>) -> Identity {
    let scenario = &ground.parsed.scenario;
    Identity {
        name: scenario.name.clone(),
        hash: ground.parsed.hash.clone(),
        seed: scenario.run.seed,
        paths: scenario.run.paths,
    }
}

/// The attribution, or the exit code of one that was stopped or refused.
fn compute(ground: &Ground<'_>, terminal: &Terminal) -> anyhow::Result<Result<Attribution, Exit>> {
    listen()?;
    let scenario = &ground.parsed.scenario;
    let (n_runs, n_paths) = (n_runs(scenario), paths_of(scenario));
    terminal.step(&format!("{}: attribution, {n_runs} runs of {n_paths} paths", scenario.name));
    let (progress, begun) = (Progress::new(n_runs * n_paths, terminal), AtomicU64::new(0));
    let tell = |paths: u64| progress.done(begun.load(Ordering::Relaxed).saturating_sub(1) * n_paths + paths);
    let execution = Execution {
        threads: ground.threads.map(|threads| threads as usize),
        memory_limit: memory_limit(),
        progress: Some(&tell),
        stop: Some(stop()),
        ..Execution::default()
    };
    let found = attribute(scenario, &execution, &|_| {
        begun.fetch_add(1, Ordering::Relaxed);
    });
    progress.finish();
    match found {
        Ok(found) => Ok(Ok(found)),
        Err(fault @ RunError::Interrupted { .. }) => {
            terminal.fault(&format!("{fault} of a run of the attribution; nothing of it was kept"));
            Ok(Err(Exit::Interrupted))
        }
        Err(fault @ RunError::Memory { .. }) => {
            terminal.fault(&fault.to_string());
            Ok(Err(Exit::Usage))
        }
        Err(fault) => Err(fault.into()),
    }
}
