//! `merge`: the shards of a run into its folder, the same bytes as one run.
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::Context as _;

use super::Exit;
use super::args::Merge;
use super::run;
use super::simulate::cores;
use super::terminal::{Terminal, failed};
use crate::engine::{Execution, Fold, RunError, Shard, n_chunks};
use crate::report::folder::state::{Header, MOST_STATE, STATE, StateReader};
use crate::report::folder::{self, Checkpoint, Earlier, FolderError, Provenance, Start};
use crate::report::summary::{ENGINE_VERSION, STREAM_VERSION};
use crate::scenario::{Disk, LoadError, Overrides, Parsed, load, parse, read_text};

/// The shards of one run by their number.
type Shards = BTreeMap<u64, StateReader>;

/// Merges shards and prints the result of their run.
#[expect(clippy::disallowed_methods, reason = "the command line owns the clock")]
pub(super) fn merge(options: &Merge, terminal: &Terminal) -> anyhow::Result<Exit> {
    let clock = Instant::now();
    let usage = |what: String| {
        terminal.fault(&what);
        Ok(Exit::Usage)
    };
    folder::preflight(&options.output).map_err(failed)?;
    let mut shards = match gather(&options.shards)? {
        Ok(shards) => shards,
        Err(what) => return usage(what),
    };
    let Some(header) = shards.values().next().map(|first| first.header().clone()) else {
        return usage("there is nothing to merge".into());
    };
    if let Some(what) = overlap(&options.output, &shards) {
        return usage(what);
    }
    let parsed = match scenario(&shards, &header, options.scenario.as_deref())? {
        Ok(parsed) => parsed,
        Err(what) => return usage(what),
    };
    let execution = Execution {
        threads: options.threads.map(|threads| threads as usize),
        keep_paths: header.by_path,
        memory_limit: run::memory_limit(),
        ..Execution::default()
    };
    let mut fold = match Fold::new(&parsed.scenario, &execution) {
        Ok(fold) => fold,
        Err(fault @ RunError::Memory { .. }) => return usage(fault.to_string()),
        Err(fault) => return Err(fault.into()),
    };
    let whole = Header { shard: Shard::WHOLE, ..header };
    let n_paths = whole.n_paths;
    let (mut checkpoint, earlier) = Checkpoint::open(&options.output, whole, Start::Anew).map_err(failed)?;
    if let Earlier::Discarded(n_parts) = earlier {
        terminal.say(&format!("discarding {n_parts} chunks of an earlier run of the same scenario"));
    }
    if let Err(error) = take(&mut shards, n_paths, &mut fold, &mut checkpoint) {
        // the shards are all there still: half a merge is worth nothing
        let _ = checkpoint.discard();
        return Err(error);
    }
    let outcome = fold.finish()?;
    let provenance = Provenance {
        git: option_env!("DRIFTBAND_GIT").map(String::from),
        threads: options.threads.map_or_else(cores, |threads| threads as usize),
        wall_seconds: clock.elapsed().as_secs_f64(),
        paths_asked: n_paths,
    };
    let most_state = if options.keep_state { u64::MAX } else { MOST_STATE };
    run::write(&parsed, checkpoint, &outcome, &provenance, most_state, terminal)
}

/// Every chunk in its order, from the shard that has it.
fn take(
    shards: &mut Shards,
    n_paths: u64,
    fold: &mut Fold<'_>,
    checkpoint: &mut Checkpoint,
) -> anyhow::Result<()> {
    let of = shards.len() as u64;
    for chunk in 0..n_chunks(n_paths) {
        let reader = shards.get_mut(&(chunk % of + 1)).context("failed to find a shard")?;
        let part = reader.next_part().map_err(failed)?;
        let missing = || FolderError::State {
            path: reader.path().to_owned(),
            what: format!("chunk {chunk} is missing"),
        };
        let part = part.ok_or_else(missing).map_err(failed)?;
        fold.add(&part).with_context(|| format!("failed to merge `{}`", reader.path().display()))?;
        checkpoint.append(&part).map_err(failed)?;
    }
    for reader in shards.values_mut() {
        // nothing stands behind the last chunk; the reader says what does
        reader.next_part().map_err(failed)?;
    }
    Ok(())
}

/// Opens every shard; says which are of different runs, double, missing or unfinished.
fn gather(paths: &[PathBuf]) -> anyhow::Result<Result<Shards, String>> {
    let mut shards = Shards::new();
    let mut first: Option<(PathBuf, Header)> = None;
    for path in paths {
        let path = if path.is_dir() { path.join(STATE) } else { path.clone() };
        let reader = StateReader::open(&path).map_err(failed)?;
        let header = reader.header();
        let refuse = |what: String| Ok(Err(format!("`{}` cannot be merged: {what}", path.display())));
        if header.engine_version != ENGINE_VERSION || header.stream_version != STREAM_VERSION {
            return refuse(format!(
                "it is of driftband {} (stream version {}), this is {ENGINE_VERSION} (stream version \
                 {STREAM_VERSION})",
                header.engine_version, header.stream_version
            ));
        }
        let (first_path, wanted) = first.get_or_insert_with(|| (path.clone(), header.clone()));
        let as_first = |what: String| refuse(format!("{what} as that of `{}`", first_path.display()));
        if let Some(what) = header.difference(wanted) {
            return as_first(what);
        }
        let shard = header.shard;
        if shard.of() != wanted.shard.of() {
            return as_first(format!("it is one of {} shards, not of {}", shard.of(), wanted.shard.of()));
        }
        let (found, n_chunks) = (reader.count().map_err(failed)?, header.n_chunks());
        if found < n_chunks {
            return refuse(format!("it holds {found} of its {n_chunks} chunks; run it with --resume"));
        }
        if let Some(double) = shards.insert(shard.index(), reader) {
            return refuse(format!("`{}` is shard {shard} too", double.path().display()));
        }
    }
    let of = first.map_or(0, |(_, header)| header.shard.of());
    let missing = || (1..=of).filter(|index| !shards.contains_key(index));
    let n_missing = of - shards.len() as u64;
    if n_missing == 0 {
        return Ok(Ok(shards));
    }
    let mut names: Vec<String> = missing().take(10).map(|index| index.to_string()).collect();
    if n_missing > 10 {
        names.push(format!("and {} more", n_missing - 10));
    }
    let (noun, verb) = if n_missing == 1 { ("shard", "is") } else { ("shards", "are") };
    Ok(Err(format!("{noun} {} of {of} {verb} missing", names.join(", "))))
}

/// Why a shard cannot be read while the output is written.
fn overlap(output: &Path, shards: &Shards) -> Option<String> {
    let mut partial = output.components().as_path().as_os_str().to_owned();
    partial.push(".partial");
    let partial = Path::new(&partial).join(STATE).canonicalize().ok()?;
    let same = |reader: &&StateReader| reader.path().canonicalize().is_ok_and(|path| path == partial);
    let shard = shards.values().find(same)?;
    Some(format!(
        "`{}` is where the merged run is written; name another folder, or run it with --resume",
        shard.path().display()
    ))
}

/// The scenario of the shards: their own text, its data beside the file that was run or beside `given`.
fn scenario(
    shards: &Shards,
    header: &Header,
    given: Option<&Path>,
) -> anyhow::Result<Result<Parsed, String>> {
    let mut faults = Vec::new();
    let folders = shards.values().filter_map(|reader| reader.path().parent());
    for folder in folders {
        let Ok(text) = read_text(&folder.join("scenario.toml")) else { continue };
        let named = folder::manifest_in(folder).map_err(failed)?.and_then(|it| it.scenario_file);
        let file = given.map(Path::to_owned).or(named.map(PathBuf::from));
        let data = file.as_deref().and_then(Path::parent).unwrap_or(folder);
        match parse(&text, &Disk::new(data.to_owned())) {
            Ok(parsed) if parsed.hash == header.hash => return Ok(Ok(parsed)),
            Ok(_) => faults.push(format!("`{}` is another scenario", folder.join("scenario.toml").display())),
            Err(problems) => {
                faults.extend(problems.iter().map(ToString::to_string));
                faults.push(format!("its data files were looked for in `{}`", data.display()));
            }
        }
        break;
    }
    if let Some(given) = given {
        match load(given, &Overrides::default()) {
            Ok(parsed) if parsed.hash == header.hash => return Ok(Ok(parsed)),
            Ok(_) => faults.push(format!("`{}` is another scenario than the shards'", given.display())),
            Err(LoadError::File(what)) => faults.push(what),
            Err(LoadError::Scenario { problems, .. }) => {
                faults.extend(problems.iter().map(ToString::to_string));
            }
        }
    } else if faults.is_empty() {
        faults.push("no shard lies in a folder with its `scenario.toml`".into());
    }
    faults.dedup();
    Ok(Err(format!(
        "the scenario of the shards cannot be read: {}; --scenario FILE names one, its data files beside it",
        faults.join("; ")
    )))
}
