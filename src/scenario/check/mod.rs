//! What a written scenario means: defaults, units on the grid, one key against another, data.
//!
//! Every check speaks in key paths and goes on after a fault; what rests on a stand-in is not said.
use std::collections::{BTreeMap, BTreeSet};

use super::data::Data;
use super::file::ScenarioFile;
use super::problem::Severity;
use super::source::Files;
use super::tree::{Node, locate, name_of};
use super::walk::{Poison, suggest};
use super::{Asset, DataFile, Run, Scenario, WORST};
use crate::units::{Fault, Grid, PerAsset, Period};

mod assets;
mod correlation;
mod costs;
mod execution;
mod gas;
mod grid;
mod hedges;
mod limits;
mod minimums;
mod moving;
mod oracle;
mod oracle_random;
mod policies;
mod precision;
mod process;
mod replay;
mod rules;
mod series;
mod shocks;
mod studies;
mod target;

/// A fault of meaning, with its code and weight.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Finding {
    pub(super) code: &'static str,
    pub(super) severity: Severity,
    pub(super) fault: Fault,
    pub(super) suggestion: Option<String>,
}

/// What every check may ask, and where it puts what it finds.
pub(super) struct Checker<'a> {
    root: &'a Node<'a>,
    poison: &'a Poison,
    symbols: Vec<String>,
    grid: Option<Grid>,
    findings: Vec<Finding>,
    said: BTreeSet<(String, String)>,
}

/// Checks a scenario; the scenario is whole only where no finding is an error.
pub(super) fn check(
    file: &ScenarioFile,
    root: &Node<'_>,
    poison: &Poison,
    files: &dyn Files,
) -> (Scenario, Vec<Finding>) {
    let symbols = file.assets.iter().map(|asset| asset.symbol.clone()).collect();
    let mut checker =
        Checker { root, poison, symbols, grid: None, findings: Vec::new(), said: BTreeSet::new() };
    checker.grid = checker.grid(&file.run);
    let grid = checker.grid.unwrap_or(Grid { horizon_nanos: 1, n_steps: 1, days_per_year: 365.0 });
    checker.unique("assets", "symbol");
    checker.unique("policies", "name");
    let warmup = file.run.warmup.map_or(0, |warmup| checker.steps("run.warmup", warmup, 0));
    if let Some(grid) = checker.grid
        && warmup >= grid.n_steps
    {
        checker.error(
            "E007",
            Fault::new("run.warmup", "leaves nothing of the run").label("as long as the horizon"),
        );
    }
    let rate = file.market.rate.map_or(0.0, |rate| rate.0);
    let correlation = checker.correlation(file);
    let mut data = Data::new(files);
    let feeds = checker.feeds(file, &mut data);
    let paths = checker.paths(file, &feeds);
    let assets: Vec<Asset> = checker.assets(file, feeds);
    let options = matches!(file.target, super::file::TargetTable::Options(_));
    let target = checker.target(file, rate);
    let policies = checker.policies(file, &target);
    checker.least_trades(&assets, &target, &policies);
    let limits = checker.limits(file);
    let shocks = checker.shocks(file);
    let precision = checker.precision(file);
    checker.sampling(file);
    let (sweeps, stresses) = checker.studies(file);
    let batch_gas = checker.batch_gas(file);
    checker.base_fees(file, &assets, batch_gas.as_ref());
    checker.moving_spreads(file, &assets);
    let congestion = checker.congestion(file, &assets);
    let scenario = Scenario {
        name: file.name.clone(),
        description: file.description.clone().unwrap_or_default(),
        run: Run {
            paths,
            seed: file.run.seed.unwrap_or(42),
            grid,
            path_metrics: file.run.path_metrics.unwrap_or(true),
            warmup,
            worst: file.run.worst.map_or(WORST, |worst| worst as usize),
            sampling: file.run.sampling.unwrap_or_default(),
            control_variates: file.run.control_variates.unwrap_or(false),
            precision,
        },
        rate,
        correlation,
        congestion,
        assets,
        shocks,
        charge_initial: file.costs.charge_initial.unwrap_or(options),
        charge_final: file.costs.charge_final.unwrap_or(options),
        batch_gas,
        target,
        policies,
        sweeps,
        stresses,
        shapley: file.attribution.shapley.unwrap_or(false),
        limits,
        data: data.into_read().into_iter().map(|(path, sha256)| DataFile { path, sha256 }).collect(),
    };
    (scenario, checker.findings)
}

impl Checker<'_> {
    fn error(&mut self, code: &'static str, fault: Fault) {
        self.put(code, Severity::Error, fault, None);
    }

    fn warn(&mut self, code: &'static str, fault: Fault) {
        self.put(code, Severity::Warning, fault, None);
    }

    /// Keeps a finding once, and only where no part of it rests on a stand-in.
    fn put(&mut self, code: &'static str, severity: Severity, fault: Fault, suggestion: Option<String>) {
        let shaky =
            self.poison.touches(&fault.path) || fault.also.iter().any(|(path, _)| self.poison.touches(path));
        // what stands in a table for all assets is met once for each
        if !shaky && self.said.insert((fault.path.clone(), fault.what.clone())) {
            self.findings.push(Finding { code, severity, fault, suggestion });
        }
    }

    /// Whether what was written at `path` can be relied on.
    fn trusts(&self, path: &str) -> bool {
        !self.poison.touches(path)
    }

    /// Whether a key was written at exactly that path.
    fn is_written(&self, path: &str) -> bool {
        let parent = path.rsplit_once('.').map_or("", |(parent, _)| parent);
        locate(self.root, path) != locate(self.root, parent)
    }

    /// Whether every symbol stands as it was meant.
    fn trusts_symbols(&self) -> bool {
        !(0..self.symbols.len()).any(|index| self.poison.touches(&format!("assets.{index}.symbol")))
    }

    /// Steps of a period, at least `least`; 0 where there is no grid to count on.
    fn steps(&mut self, path: &str, period: Period, least: u64) -> u64 {
        let Some(grid) = self.grid else { return 0 };
        match period.on(&grid) {
            Ok(steps) if steps < least => {
                let label = format!("at least {least} step wanted");
                self.error("E007", Fault::new(path, format!("{period} is too short")).label(label));
                least
            }
            Ok(steps) => {
                let acts =
                    ["every", "monitor_every", "delay", "latency", "interval", "min_interval", "period"];
                if steps >= grid.n_steps && acts.iter().any(|key| path.ends_with(&format!(".{key}"))) {
                    let what = format!("{period} is not shorter than the horizon: it never comes to pass");
                    self.warn("W001", Fault::new(path, what).label("has no effect before the end"));
                }
                steps
            }
            Err(what) => {
                let (step_path, label) = if self.is_written("run.step") {
                    ("run.step", format!("the step is {}", grid.step_text()))
                } else {
                    ("run.steps", format!("{} steps of {}", grid.n_steps, grid.step_text()))
                };
                let nearest = nearest_text(period, &grid);
                let fault = Fault::new(path, what).label("no whole number of steps").also(step_path, label);
                self.error("E007", Fault { help: nearest, ..fault });
                least
            }
        }
    }

    /// Names in a list must differ.
    fn unique(&mut self, list: &str, key: &str) {
        let mut seen: Vec<(String, usize)> = Vec::new();
        let entries = self.root.get_ref().get(list).and_then(|list| list.get_ref().as_array());
        let names: Vec<Option<String>> = entries
            .map(|entries| entries.iter().map(|entry| name_of(entry).map(str::to_owned)).collect())
            .unwrap_or_default();
        let mut by_name = BTreeMap::new();
        for (index, name) in names.into_iter().enumerate() {
            let Some(name) = name else { continue };
            if let Some(first) = by_name.get(&name) {
                seen.push((format!("{list}.{first}.{key}"), index));
            } else {
                by_name.insert(name, index);
            }
        }
        for (first, index) in seen {
            let fault = Fault::new(format!("{list}.{index}.{key}"), "this name is taken")
                .label("second of that name")
                .also(first, "first of that name");
            self.error("E008", fault);
        }
    }

    /// An unknown symbol, with the nearest one there is.
    fn unknown_symbol(&mut self, path: &str, symbol: &str) {
        if !self.trusts_symbols() {
            return;
        }
        let near = suggest(symbol, self.symbols.iter().map(String::as_str)).map(|near| format!("\"{near}\""));
        let fault = Fault::new(path, format!("there is no asset `{symbol}`"))
            .label("not a symbol of `[[assets]]`")
            .help(format!("assets: {}", self.symbols.join(", ")));
        // a key of a table is underlined at its value: a patch would land on the wrong text
        let suggestion = near.clone().filter(|_| !path.ends_with(symbol));
        let help = near.filter(|_| suggestion.is_none()).map(|near| format!("did you mean {near}?"));
        self.put("E008", Severity::Error, Fault { help: help.or(fault.help.clone()), ..fault }, suggestion);
    }

    /// Symbols of a table that name no asset.
    fn known_symbols<T>(&mut self, path: &str, value: Option<&PerAsset<T>>) {
        if let Some(PerAsset::BySymbol(table)) = value {
            for symbol in
                table.keys().filter(|symbol| !self.symbols.contains(symbol)).cloned().collect::<Vec<_>>()
            {
                self.unknown_symbol(&format!("{path}.{symbol}"), &symbol);
            }
        }
    }

    /// The value of a key for one asset; a table that leaves the asset out is a fault.
    fn value_for<T: Clone>(&mut self, path: &str, value: &PerAsset<T>, symbol: &str) -> Option<T> {
        let found = value.of(symbol);
        if found.is_none() && self.trusts_symbols() {
            let fault = Fault::new(path, format!("the table has no value for `{symbol}`"))
                .label(format!("`{symbol}` is missing"))
                .help(format!("add {symbol} = …, or give one value for all assets"));
            self.error("E008", fault);
        }
        found
    }
}

/// The two whole numbers of steps around a period, in words.
fn nearest_text(period: Period, grid: &Grid) -> Option<String> {
    let nanos = period.nanos(grid.days_per_year)?;
    let below = u128::from(nanos) * u128::from(grid.n_steps) / u128::from(grid.horizon_nanos);
    let in_time = |steps: u128| {
        let scaled = steps * u128::from(grid.horizon_nanos);
        let whole =
            scaled.is_multiple_of(u128::from(grid.n_steps)).then(|| scaled / u128::from(grid.n_steps));
        match whole.and_then(|nanos| u64::try_from(nanos).ok()) {
            Some(nanos) => Period::Time { nanos, years: 0.0 },
            None => Period::Steps(u64::try_from(steps).unwrap_or(u64::MAX)),
        }
    };
    let above = in_time(below + 1);
    Some(if below == 0 {
        format!("nearest: \"{above}\"")
    } else {
        format!("nearest: \"{}\" or \"{above}\"", in_time(below))
    })
}
