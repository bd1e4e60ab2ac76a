//! `sweep` and `stress`: a scenario's run and, below its folder, the runs that vary it.
use std::path::{Path, PathBuf};

use super::Exit;
use super::args::{Format, Run, Scene, Study};
use super::attribution::attribution_on;
use super::case::{Case, Done, obtain};
use super::check;
use super::run::{PNG_SCALE, default_dir};
use super::terminal::{Terminal, failed};
use crate::engine::Outcome;
use crate::metric::{Metric, by_key};
use crate::report::folder::{STUDIES, manifest_in, put_study, rebuild};
use crate::report::studies::stress::{self as stress_report, Tested, Tests};
use crate::report::studies::sweep::{self as sweep_report, Cell, Grid};
use crate::report::studies::{Files, StudyError};
use crate::scenario::{
    LoadError, Overrides, Parsed, Stress, Sweep, Written, bare_text, load_alone, meant, vary,
};
use crate::study::compare::COMPARED;
use crate::study::stress::{Draws, catalogue, effects, flips};
use crate::study::sweep::{axes, grid};

/// A scenario and where its studies go.
pub(super) struct Ground<'a> {
    pub(super) file: &'a Path,
    pub(super) changes: Overrides,
    pub(super) parsed: Parsed,
    /// Folder of its run.
    pub(super) dir: PathBuf,
    pub(super) threads: Option<u64>,
    pub(super) force: bool,
    /// Whether the scenario's own run was made by this command.
    pub(super) base_done: bool,
    /// The figure that tables and charts show.
    pub(super) metric: &'static Metric,
}

impl<'a> Ground<'a> {
    fn of(options: &'a Study, terminal: &Terminal) -> Result<Self, Exit> {
        let metric = COMPARED.contains(&options.metric.as_str()).then(|| by_key(&options.metric)).flatten();
        let Some(metric) = metric else {
            terminal.fault(&format!(
                "`{}` is no figure that policies are compared by{}: {}",
                options.metric,
                meant(&options.metric, COMPARED),
                COMPARED.join(", ")
            ));
            return Err(Exit::Usage);
        };
        Self::at(&options.scene, metric, terminal)
    }

    /// The scenario that the command line names, with its changes.
    pub(super) fn at(options: &'a Scene, metric: &'static Metric, terminal: &Terminal) -> Result<Self, Exit> {
        let usage = |what: &str| {
            terminal.fault(what);
            Exit::Usage
        };
        let changes = options.overrides.changes().map_err(|what| usage(&what))?;
        let changes = match options.paths {
            Some(paths) => check::with_paths(&options.file, changes, paths),
            None => changes,
        };
        let changes = match options.seed {
            Some(seed) => changes.set("run.seed", &seed.to_string()),
            None => changes,
        };
        let parsed = check::open(&options.file, &changes, terminal).ok_or(Exit::Usage)?;
        if parsed.scenario.run.precision.is_some() {
            return Err(usage(
                "the runs of a study are compared path by path and need one number of paths, which `run.precision` finds \
                 anew in each: --paths N puts N in its place",
            ));
        }
        let dir = options.output.clone().unwrap_or_else(|| default_dir(&parsed, None));
        let (threads, force) = (options.threads, options.force);
        Ok(Self { file: &options.file, changes, parsed, dir, threads, force, base_done: false, metric })
    }

    fn case<'c>(&'c self, parsed: &'c Parsed, dir: &'c Path) -> Case<'c> {
        let is_base = dir == self.dir;
        Case { parsed, dir, threads: self.threads, force: self.force, charts: is_base, paths: false }
    }

    /// The scenario's own run; `paths` where more than its figures is needed.
    pub(super) fn base(&self, paths: bool, terminal: &Terminal) -> anyhow::Result<Result<Done, Exit>> {
        terminal.step(&format!("{}: the scenario as it is", self.parsed.scenario.name));
        let force = self.force && !self.base_done;
        obtain(&Case { force, paths, ..self.case(&self.parsed, &self.dir) }, terminal)
    }
}

/// Puts the files of a study into its folder, and on the page of the run where that is finished.
pub(super) fn put(
    run: &Path,
    dir: &Path,
    made: Result<(Files, Vec<String>), StudyError>,
    terminal: &Terminal,
) -> anyhow::Result<Files> {
    let (files, missing) = made.map_err(|fault| anyhow::anyhow!("failed to {fault}"))?;
    put_study(dir, &files).map_err(failed)?;
    if manifest_in(run).map_err(failed)?.is_some_and(|found| found.shard.is_none()) {
        rebuild(run, None).map_err(failed)?;
    }
    for why in &missing {
        terminal.say(why);
    }
    Ok(files)
}

/// Every study of a run that was just made.
pub(super) fn all(
    file: &Path,
    changes: Overrides,
    parsed: Parsed,
    dir: PathBuf,
    options: &Run,
    terminal: &Terminal,
) -> anyhow::Result<Exit> {
    let Some(metric) = by_key("std") else { anyhow::bail!("failed to find the figure `std`: a bug") };
    let (threads, force) = (options.threads, options.force);
    let ground = Ground { file, changes, parsed, dir, threads, force, base_done: true, metric };
    if ground.parsed.scenario.sweeps.is_empty() {
        terminal.say("the scenario has no `[[sweep]]`: no sweep");
    } else {
        gap(terminal)?;
        match sweep_on(&ground, &[], terminal)? {
            Exit::Ok => {}
            exit => return Ok(exit),
        }
    }
    gap(terminal)?;
    // where no stress applies, there is still something to take apart
    let stressed = stress_on(&ground, false, terminal)?;
    if stressed == Exit::Interrupted {
        return Ok(stressed);
    }
    gap(terminal)?;
    let taken_apart = attribution_on(&ground, terminal)?;
    Ok(if stressed == Exit::Ok { taken_apart } else { stressed })
}

/// Runs the grid and prints who is best where.
pub(super) fn sweep(options: &super::args::Sweep, terminal: &Terminal) -> anyhow::Result<Exit> {
    let given: Result<Vec<Sweep>, String> =
        options.vary.iter().map(|text| vary(text, options.points)).collect();
    let given = match given {
        Ok(given) => given,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    match Ground::of(&options.study, terminal) {
        Ok(ground) => sweep_on(&ground, &given, terminal),
        Err(exit) => Ok(exit),
    }
}

/// The grid of the scenario's axes and those given.
pub(super) fn sweep_on(ground: &Ground<'_>, given: &[Sweep], terminal: &Terminal) -> anyhow::Result<Exit> {
    let axes = axes(&ground.parsed.scenario.sweeps, given);
    let cells = match grid(&axes, &ground.changes) {
        Ok(cells) => cells,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    // every scenario is read before the first is run
    let mut parsed = Vec::with_capacity(cells.len());
    for cell in &cells {
        match load_alone(ground.file, &cell.changes) {
            Ok(found) => parsed.push(found),
            Err(error) => {
                check::refused(ground.file, &error, terminal);
                return Ok(Exit::Usage);
            }
        }
    }
    let dir = ground.dir.join(STUDIES).join("sweep");
    let base = match ground.base(false, terminal)? {
        Ok(done) => done,
        Err(exit) => return Ok(exit),
    };
    let mut found = Vec::with_capacity(cells.len());
    for (index, (cell, parsed)) in cells.iter().zip(&parsed).enumerate() {
        let (folder, summary) = if parsed.hash == ground.parsed.hash {
            (String::new(), base.summary.clone())
        } else {
            let words: Vec<String> = axes
                .iter()
                .zip(&cell.values)
                .map(|(axis, value)| format!("{} = {}", axis.key, bare_text(value)))
                .collect();
            terminal.step(&format!("cell {} of {}: {}", index + 1, cells.len(), words.join(", ")));
            let folder = format!("cells/{}", short(&parsed.hash));
            match obtain(&ground.case(parsed, &dir.join(&folder)), terminal)? {
                Ok(done) => (folder, done.summary),
                Err(exit) => return Ok(unfinished(exit, index, cells.len(), terminal)),
            }
        };
        found.push(Cell { values: cell.values.clone(), folder, summary });
    }
    let grid = Grid { base: base.summary.scenario.clone(), axes, cells: found };
    let files = put(&ground.dir, &dir, sweep_report::files(&grid, ground.metric, PNG_SCALE), terminal)?;
    print(&files, "sweep.json", || sweep_report::render(&grid, ground.metric), terminal)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}

/// Runs the stresses and prints what they change.
pub(super) fn stress(options: &super::args::Stress, terminal: &Terminal) -> anyhow::Result<Exit> {
    match Ground::of(&options.study, terminal) {
        Ok(ground) => stress_on(&ground, options.only_own, terminal),
        Err(exit) => Ok(exit),
    }
}

/// A stress with its scenario.
struct Planned {
    stress: Stress,
    what: String,
    parsed: Parsed,
}

/// The scenario's own stresses and the catalogue's.
pub(super) fn stress_on(ground: &Ground<'_>, only_own: bool, terminal: &Terminal) -> anyhow::Result<Exit> {
    let (planned, left_out) = match plan(ground, only_own, terminal) {
        Ok(found) => found,
        Err(exit) => return Ok(exit),
    };
    let dir = ground.dir.join(STUDIES).join("stress");
    let base = match ground.base(true, terminal)? {
        Ok(done) => done,
        Err(exit) => return Ok(exit),
    };
    let Some(of_base) = base.outcome else { anyhow::bail!("failed to remember the base case: a bug") };
    let mut stresses = Vec::with_capacity(planned.len());
    for (index, one) in planned.iter().enumerate() {
        let name = &one.stress.name;
        terminal.step(&format!("stress {} of {}: {name}", index + 1, planned.len()));
        let folder = format!("cells/{name}-{}", short(&one.parsed.hash));
        let cell = dir.join(&folder);
        let case = Case { paths: true, ..ground.case(&one.parsed, &cell) };
        let outcome = match obtain(&case, terminal)? {
            Ok(Done { outcome: Some(outcome), .. }) => outcome,
            Ok(_) => anyhow::bail!("failed to remember stress `{name}`: a bug"),
            Err(exit) => return Ok(unfinished(exit, index, planned.len(), terminal)),
        };
        stresses.push(tested(ground, &of_base, one, &outcome, folder));
    }
    let tests = Tests {
        base: base.summary.scenario.clone(),
        notional: of_base.constants.notional,
        policies: of_base.policies.iter().map(|policy| policy.name.clone()).collect(),
        stresses,
        left_out,
    };
    let files = put(&ground.dir, &dir, stress_report::files(&tests, ground.metric, PNG_SCALE), terminal)?;
    print(&files, "stress.json", || stress_report::render(&tests, ground.metric), terminal)?;
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}

/// What runs, and what does not apply with its reason.
type Plan = (Vec<Planned>, Vec<(String, String, String)>);

/// Reads the scenario of every stress; a fault in one of the user's own ends it.
fn plan(ground: &Ground<'_>, only_own: bool, terminal: &Terminal) -> Result<Plan, Exit> {
    let scenario = &ground.parsed.scenario;
    let (mut planned, mut left_out) = (Vec::new(), Vec::new());
    for stress in &scenario.stresses {
        let parsed = load_alone(ground.file, &stress.over(&ground.changes)).map_err(|error| {
            check::refused(ground.file, &error, terminal);
            Exit::Usage
        })?;
        let what = stress.set.iter().map(|(key, value)| format!("{key} = {}", bare_text(value)));
        let what = what.chain(stress.unset.iter().map(|key| format!("no {key}")));
        planned.push(Planned { what: what.collect::<Vec<_>>().join(", "), stress: stress.clone(), parsed });
    }
    let written = Written::of(&ground.parsed.text_as_run).filter(|_| !only_own);
    let entries = written.map_or_else(Vec::new, |written| catalogue(scenario, &written));
    for entry in
        entries.into_iter().filter(|entry| scenario.stresses.iter().all(|own| own.name != entry.name))
    {
        let refused = |why: String| (entry.name.to_owned(), entry.what.clone(), why);
        match entry.stress {
            Err(why) => left_out.push(refused(why)),
            Ok(stress) => match load_alone(ground.file, &stress.over(&ground.changes)) {
                Ok(parsed) if parsed.hash == ground.parsed.hash => {
                    left_out.push(refused("it changes nothing here".into()));
                }
                Ok(parsed) => planned.push(Planned { stress, what: entry.what, parsed }),
                Err(LoadError::Scenario { problems, .. }) => {
                    let first = problems.first().map_or_else(String::new, |problem| problem.title.clone());
                    left_out.push(refused(first));
                }
                Err(LoadError::File(why)) => left_out.push(refused(why)),
            },
        }
    }
    if planned.is_empty() {
        terminal.fault("no stress applies: give `[[stress]]` in the scenario");
        return Err(Exit::Usage);
    }
    Ok((planned, left_out))
}

fn tested(
    ground: &Ground<'_>,
    base: &Outcome,
    planned: &Planned,
    outcome: &Outcome,
    folder: String,
) -> Tested {
    let draws = |parsed: &Parsed, outcome: &Outcome| Draws {
        seed: parsed.scenario.run.seed,
        n_paths: outcome.n_paths,
    };
    let before = (base, draws(&ground.parsed, base));
    let after = (outcome, draws(&planned.parsed, outcome));
    let unset = planned.stress.unset.iter().map(|key| (key.clone(), None));
    let set = planned.stress.set.iter().map(|(key, value)| (key.clone(), Some(bare_text(value))));
    Tested {
        name: planned.stress.name.clone(),
        what: planned.what.clone(),
        set: unset.chain(set).collect(),
        hash: planned.parsed.hash.clone(),
        folder,
        effects: effects(before, after),
        flips: flips(before, after, ground.metric),
    }
}

/// The JSON file on one line, or the text for people.
pub(super) fn print(
    files: &Files,
    name: &str,
    render: impl FnOnce() -> String,
    terminal: &Terminal,
) -> anyhow::Result<()> {
    let json = files.iter().find(|(known, _)| known == name).filter(|_| terminal.format == Format::Json);
    match json {
        None => terminal.result(&render()),
        Some((_, bytes)) => {
            let value: serde_json::Value = serde_json::from_slice(bytes)?;
            terminal.result(&format!("{value}\n"))
        }
    }
}

fn unfinished(exit: Exit, done: usize, all: usize, terminal: &Terminal) -> Exit {
    if exit == Exit::Interrupted {
        terminal
            .say(&format!("{done} of {all} runs are finished and kept: the same command goes on from there"));
    }
    exit
}

fn short(hash: &str) -> String {
    hash.chars().take(8).collect()
}

/// A line between the texts of two results.
fn gap(terminal: &Terminal) -> anyhow::Result<()> {
    match terminal.format {
        Format::Text => terminal.result("\n"),
        Format::Json => Ok(()),
    }
}
