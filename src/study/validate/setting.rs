//! What an experiment runs, and how its outcome is read.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::engine::{Execution, Outcome, Recording, RunError, Watch, record, run_watched};
use crate::scenario::{Memory, Problem, Scenario, parse};
use crate::stats::{Estimate, Moments};

use super::ValidateError;
use super::sums::{Figure, PathSums};

/// A value and its standard error; 0 where nothing is random.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measured {
    /// The value.
    pub value: f64,
    /// Its standard error.
    pub se: f64,
}

impl Measured {
    /// Without sampling error.
    pub(super) fn known(value: f64) -> Self {
        Self { value, se: 0.0 }
    }

    /// Mean of independent values.
    pub(super) fn mean(values: &[f64]) -> Self {
        Self::of(&Moments::from_slice(values).mean_estimate())
    }

    /// Variance of independent values; by the delta method twice the relative error of the standard deviation.
    pub(super) fn variance(values: &[f64]) -> Self {
        let std = Self::of(&Moments::from_slice(values).std_estimate());
        Self { value: std.value * std.value, se: 2.0 * std.value * std.se }
    }

    /// A figure of a run; no number where it is undefined, which no check passes.
    pub(super) fn of(estimate: &Estimate) -> Self {
        Self { value: estimate.value.unwrap_or(f64::NAN), se: estimate.se.unwrap_or(f64::NAN) }
    }

    /// The same times a factor.
    pub(super) fn times(self, factor: f64) -> Self {
        Self { value: self.value * factor, se: self.se * factor.abs() }
    }

    /// The square of it, by the delta method.
    pub(super) fn squared(self) -> Self {
        Self { value: self.value * self.value, se: 2.0 * self.value.abs() * self.se }
    }
}

/// A finished run.
#[derive(Debug)]
pub struct Ran {
    scenario: Scenario,
    outcome: Outcome,
    columns: Vec<Vec<f64>>,
}

impl Ran {
    /// A figure of a policy.
    pub(super) fn metric(&self, policy: usize, key: &str) -> Measured {
        let nothing = Measured { value: f64::NAN, se: f64::NAN };
        self.outcome.policies[policy].metric(key).map_or(nothing, Measured::of)
    }

    /// A column of `paths.csv`; empty where there is none.
    pub(super) fn by_path(&self, policy: usize, name: &str) -> &[f64] {
        let table = self.outcome.policies[policy].paths.as_ref();
        table.and_then(|table| table.column(name)).unwrap_or_default()
    }

    /// A sum over the counted part of every path.
    pub(super) fn sum(&self, policy: usize, figure: Figure) -> &[f64] {
        self.columns.get(figure.column(self.scenario.assets.len(), policy)).map_or(&[], Vec::as_slice)
    }

    /// Change of an asset's log price over the counted part of every path.
    pub(super) fn log_change(&self, asset: usize) -> &[f64] {
        self.columns.get(asset).map_or(&[], Vec::as_slice)
    }

    /// Years of the counted part.
    pub(super) fn years(&self) -> f64 {
        let (run, n) = (&self.scenario.run, self.scenario.run.grid.n_steps as f64);
        self.outcome.constants.years * (n - run.warmup as f64) / n
    }

    /// Σ|quantity|·premium.
    pub(super) fn premium(&self) -> f64 {
        self.outcome.constants.premium_gross.unwrap_or(f64::NAN)
    }

    /// Premium of one leg.
    pub(super) fn premium_of(&self, leg: usize) -> f64 {
        let premiums = self.outcome.constants.premiums.as_deref().unwrap_or_default();
        premiums.get(leg).copied().unwrap_or(f64::NAN)
    }
}

/// What an experiment runs.
#[derive(Debug, Clone, Copy)]
pub enum Setting {
    /// Scenarios, through parser and engine.
    Runs {
        /// Their texts.
        texts: fn() -> Vec<String>,
        /// Whether sums over paths are kept: [`Ran`] then knows growth, excess and turnover after the warm-up.
        sums: bool,
        /// One value a check.
        read: fn(&[Ran]) -> Vec<Measured>,
    },
    /// Path 0 of scenarios, step by step.
    Replays {
        /// Their texts.
        texts: fn() -> Vec<String>,
        /// One value a check.
        read: fn(&[Recording]) -> Vec<Measured>,
    },
    /// A computation with parts of the engine.
    Direct {
        /// Which parts, in a phrase.
        how: &'static str,
        /// One value a check.
        measure: fn(&Execution) -> Result<Vec<Measured>, RunError>,
    },
}

impl Setting {
    /// One value a check.
    pub(super) fn measure(
        &self,
        id: &'static str,
        execution: &Execution,
    ) -> Result<Vec<Measured>, ValidateError> {
        match self {
            Self::Runs { texts, sums, read } => {
                let run = |text: String| ran(id, &text, *sums, execution);
                let ran: Vec<Ran> = texts().into_iter().map(run).collect::<Result<_, _>>()?;
                Ok(read(&ran))
            }
            Self::Replays { texts, read } => {
                let replay = |text: String| Ok(record(&scenario(id, &text)?, 0, 0)?);
                let records: Vec<Recording> =
                    texts().into_iter().map(replay).collect::<Result<_, ValidateError>>()?;
                Ok(read(&records))
            }
            Self::Direct { measure, .. } => Ok(measure(execution)?),
        }
    }
}

fn scenario(id: &'static str, text: &str) -> Result<Scenario, ValidateError> {
    let faults = |problems: Vec<Problem>| {
        let problems = problems.iter().fold(String::new(), |mut text, problem| {
            let _ = write!(text, "{problem} (at `{}`); ", problem.path);
            text
        });
        ValidateError::Scenario { id, problems }
    };
    parse(text, &Memory(BTreeMap::new())).map(|parsed| parsed.scenario).map_err(faults)
}

fn ran(id: &'static str, text: &str, sums: bool, execution: &Execution) -> Result<Ran, ValidateError> {
    let scenario = scenario(id, text)?;
    let execution = Execution { keep_paths: true, ..*execution };
    let (outcome, columns) = if sums {
        let watch = || -> Box<dyn Watch> { Box::new(PathSums::of(&scenario)) };
        run_watched(&scenario, &execution, &watch)?
    } else {
        (crate::engine::run(&scenario, &execution)?, Vec::new())
    };
    Ok(Ran { scenario, outcome, columns })
}
