//! Closed forms and published values that the engine must meet: a catalogue as data, and the judge of it.
//!
//! An experiment is a setting (scenarios, a replayed path, or a computation with the engine's own parts) that gives one
//! measured value for each of its checks. A check knows its theory as a formula, and how near is near enough.
mod bands;
mod baskets;
mod efficiency;
mod growth;
mod hedges;
mod lag;
mod oracles;
mod periodic;
mod pools;
mod prices;
mod quadrature;
mod references;
mod sampling;
mod setting;
mod sums;
mod tables;
mod verdict;

pub use setting::{Measured, Ran, Setting};
pub use verdict::{Tolerance, Verdict, judge};

use crate::engine::{Execution, RunError};

/// One line of the catalogue.
#[derive(Debug, Clone, Copy)]
pub struct Check {
    /// Its name, as in `--id`.
    pub id: &'static str,
    /// What is measured.
    pub what: &'static str,
    /// The theory in words.
    pub formula: &'static str,
    /// The theory.
    pub theory: fn() -> f64,
    /// How near is near enough.
    pub tolerance: Tolerance,
    /// Where the theory comes from.
    pub source: &'static str,
}

/// Checks that one setting answers.
#[derive(Debug, Clone, Copy)]
pub struct Experiment {
    /// In the order of what the setting measures.
    pub checks: &'static [Check],
    /// Whether it takes a few seconds at most.
    pub quick: bool,
    /// What is run.
    pub setting: Setting,
}

/// A check and what came of it.
#[derive(Debug, Clone, Copy)]
pub struct Finding {
    /// The line of the catalogue.
    pub check: &'static Check,
    /// Value of its formula.
    pub theory: f64,
    /// What the engine found.
    pub measured: Measured,
    /// The judgement.
    pub verdict: Verdict,
}

impl Finding {
    /// Distance from theory in standard errors; none where there is no standard error.
    pub fn z(&self) -> Option<f64> {
        (self.measured.se > 0.0).then(|| (self.measured.value - self.theory) / self.measured.se)
    }

    /// Distance from theory as a share of it; none where the theory is 0.
    pub fn relative(&self) -> Option<f64> {
        (self.theory != 0.0).then(|| self.measured.value / self.theory - 1.0)
    }
}

/// Why a validation stopped.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum ValidateError {
    /// No check of that name.
    #[error("no check `{id}`: the catalogue has {known}")]
    Unknown {
        /// Asked for.
        id: String,
        /// Names there are.
        known: String,
    },
    /// A scenario of the catalogue is wrong: a bug.
    #[error("the scenario of {id} is not sound: {problems}")]
    Scenario {
        /// First check of the experiment.
        id: &'static str,
        /// What is wrong.
        problems: String,
    },
    /// The setting did not give one value a check: a bug.
    #[error("{id}: {found} values for {wanted} checks")]
    Count {
        /// First check of the experiment.
        id: &'static str,
        /// Values measured.
        found: usize,
        /// Checks.
        wanted: usize,
    },
    /// A run failed.
    #[error(transparent)]
    Run(#[from] RunError),
}

/// Every experiment, in the order of the report.
pub fn catalogue() -> Vec<Experiment> {
    let groups: [&[Experiment]; 12] = [
        growth::EXPERIMENTS,
        periodic::EXPERIMENTS,
        bands::EXPERIMENTS,
        pools::EXPERIMENTS,
        oracles::EXPERIMENTS,
        lag::EXPERIMENTS,
        efficiency::EXPERIMENTS,
        hedges::EXPERIMENTS,
        references::EXPERIMENTS,
        tables::EXPERIMENTS,
        prices::EXPERIMENTS,
        baskets::EXPERIMENTS,
    ];
    groups.into_iter().chain([sampling::EXPERIMENTS]).flatten().copied().collect()
}

/// Which experiments are wanted: those of the named checks, or all, or the quick ones of either.
///
/// A name stands for itself and for all that begin with it: `B` for every check of group B, `C1` for C1a and C1b.
///
/// # Errors
///
/// Where a name fits no check.
pub fn select(ids: &[String], quick: bool) -> Result<Vec<Experiment>, ValidateError> {
    let all = catalogue();
    for id in ids {
        let fits = |experiment: &Experiment| experiment.checks.iter().any(|check| named(check, id));
        if !all.iter().any(fits) {
            let known: Vec<&str> =
                all.iter().flat_map(|experiment| experiment.checks.iter().map(|check| check.id)).collect();
            return Err(ValidateError::Unknown { id: id.clone(), known: known.join(" ") });
        }
    }
    let wanted = |experiment: &Experiment| {
        let meant = |check: &Check| ids.is_empty() || ids.iter().any(|id| named(check, id));
        (experiment.quick || !quick) && experiment.checks.iter().any(meant)
    };
    Ok(all.into_iter().filter(wanted).collect())
}

/// Whether a check is meant by a name.
pub fn named(check: &Check, id: &str) -> bool {
    check.id.to_ascii_lowercase().starts_with(&id.to_ascii_lowercase())
}

/// Runs one experiment and judges each of its checks.
///
/// # Errors
///
/// Where it could not be run.
pub fn run(experiment: &Experiment, execution: &Execution) -> Result<Vec<Finding>, ValidateError> {
    let id = experiment.checks.first().map_or("", |check| check.id);
    let measured = experiment.setting.measure(id, execution)?;
    let wanted = experiment.checks.len();
    if measured.len() != wanted {
        return Err(ValidateError::Count { id, found: measured.len(), wanted });
    }
    let finding = |(check, measured): (&'static Check, Measured)| {
        let theory = (check.theory)();
        Finding { check, theory, measured, verdict: judge(check.tolerance, theory, measured) }
    };
    Ok(experiment.checks.iter().zip(measured).map(finding).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_are_unique_and_theories_are_numbers() {
        let mut names = BTreeSet::new();
        for check in catalogue().iter().flat_map(|experiment| experiment.checks) {
            assert!(names.insert(check.id), "{} stands twice", check.id);
            assert!((check.theory)().is_finite(), "{}", check.id);
        }
        assert!(names.len() > 90, "{}", names.len());
    }

    #[test]
    fn a_name_selects_its_group() {
        let ids = |names: &[&str], quick| -> Vec<&str> {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            let found = select(&names, quick).expect("they exist");
            found.iter().flat_map(|experiment| experiment.checks.iter().map(|check| check.id)).collect()
        };
        assert_eq!(ids(&["H"], false), ["H1", "H2"]);
        assert_eq!(ids(&["g0", "G1"], false), ["G0", "G1"]);
        assert!(ids(&[], true).len() < ids(&[], false).len());
        assert!(matches!(select(&["Q7".into()], false), Err(ValidateError::Unknown { .. })));
    }
}
