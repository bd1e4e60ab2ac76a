//! `check`: validates scenarios; and reading one scenario for every other command.
use std::path::Path;

use serde_json::{Value, json};

use super::Exit;
use super::args::{Check, Format, Overriding};
use super::diagnostics;
use super::terminal::Terminal;
use crate::scenario::{LoadError, Overrides, Parsed, load, read_text};

impl Overriding {
    /// The changes in the order they apply.
    pub(super) fn changes(&self) -> Result<Overrides, String> {
        let unset = self.unset.iter().fold(Overrides::default(), |changes, key| changes.unset(key));
        self.set.iter().try_fold(unset, |changes, text| changes.set_text(text))
    }
}

/// Validates every file; results on stdout, faults on stderr.
pub(super) fn check(options: &Check, terminal: &Terminal) -> anyhow::Result<Exit> {
    let changes = match options.overrides.changes() {
        Ok(changes) => changes,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    let mut exit = Exit::Ok;
    let mut reports = Vec::new();
    for file in &options.files {
        let name = file.display().to_string();
        let report = match load(file, &changes) {
            Ok(parsed) => {
                warn(file, &parsed, terminal);
                if terminal.format == Format::Text {
                    terminal.result(&format!("{name}: ok, {}\n", outline(&parsed)))?;
                }
                json!({ "file": name, "ok": true, "hash": parsed.hash, "problems": warnings(file, &parsed) })
            }
            Err(error) => {
                exit = Exit::Usage;
                refuse(file, &error, terminal)
            }
        };
        reports.push(report);
    }
    if terminal.format == Format::Json {
        terminal.result(&format!("{:#}\n", Value::Array(reports)))?;
    }
    Ok(exit)
}

/// What a scenario holds, in half a line.
fn outline(parsed: &Parsed) -> String {
    let scenario = &parsed.scenario;
    let grid = scenario.run.grid;
    let plural = |n: usize, one: &str, many: &str| format!("{n} {}", if n == 1 { one } else { many });
    format!(
        "{} on {} ({}{} paths of {} steps of {})",
        plural(scenario.policies.len(), "policy", "policies"),
        plural(scenario.assets.len(), "asset", "assets"),
        if scenario.run.precision.is_some() { "up to " } else { "" },
        scenario.run.paths,
        grid.n_steps,
        grid.step_text(),
    )
}

/// Loads a scenario for a command that runs it; says what is wrong where it cannot.
pub(super) fn open(file: &Path, changes: &Overrides, terminal: &Terminal) -> Option<Parsed> {
    match load(file, changes) {
        Ok(parsed) => {
            warn(file, &parsed, terminal);
            Some(parsed)
        }
        Err(error) => {
            refused(file, &error, terminal);
            None
        }
    }
}

/// The changes with a number of paths, which takes the place of the errors asked for.
pub(super) fn with_paths(file: &Path, changes: Overrides, paths: u64) -> Overrides {
    let asks = load(file, &changes).is_ok_and(|parsed| parsed.scenario.run.precision.is_some());
    let changes = if asks { changes.unset("run.precision").unset("run.max_paths") } else { changes };
    changes.set("run.paths", &paths.to_string())
}

/// Says why a scenario cannot be run, in the form that was asked for.
pub(super) fn refused(file: &Path, error: &LoadError, terminal: &Terminal) {
    let report = refuse(file, error, terminal);
    if terminal.format == Format::Json {
        let _ = terminal.result(&format!("{report:#}\n"));
    }
}

fn warn(file: &Path, parsed: &Parsed, terminal: &Terminal) {
    if !parsed.warnings.is_empty() && terminal.format == Format::Text {
        let text = read_text(file).unwrap_or_default();
        terminal.say(&diagnostics::render(
            &text,
            &file.display().to_string(),
            &parsed.warnings,
            terminal.ink,
        ));
    }
}

fn warnings(file: &Path, parsed: &Parsed) -> Value {
    let text = read_text(file).unwrap_or_default();
    diagnostics::to_json(&text, &file.display().to_string(), &parsed.warnings)
}

/// Says why a file is no scenario that can be run; the same as a value for programs.
fn refuse(file: &Path, error: &LoadError, terminal: &Terminal) -> Value {
    let name = file.display().to_string();
    match error {
        LoadError::File(what) => {
            if terminal.format == Format::Text {
                terminal.fault(what);
            }
            json!({ "file": name, "ok": false, "error": what, "problems": [] })
        }
        LoadError::Scenario { text, problems } => {
            if terminal.format == Format::Text {
                terminal.explain(&diagnostics::render(text, &name, problems, terminal.ink));
            }
            json!({ "file": name, "ok": false, "problems": diagnostics::to_json(text, &name, problems) })
        }
    }
}
