//! What a run did for its errors, as it stands in `summary.json`.
use serde::{Deserialize, Serialize};

use crate::engine::{Outcome, Reached};
use crate::metric::{Unit, by_key};

use super::Figure;

/// The mean deviation with what a control of known mean explains of it taken out; the plain one stands among the figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Controlled {
    /// The mean, its `variance_ratio` measured against the plain one.
    pub mean: Figure,
    /// How far the deviation moves with the control.
    pub slope: f64,
}

pub(super) fn controlled(found: &crate::engine::Controlled, notional: f64) -> Controlled {
    let mean = Figure::of(&found.mean, Unit::Currency, notional);
    Controlled { mean: Figure { variance_ratio: found.variance_ratio, ..mean }, slope: found.slope }
}

/// Whether the errors asked for were met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Precision {
    /// All of them.
    pub met: bool,
    /// The most paths the run might take.
    pub max_paths: u64,
    /// Paths of the first look.
    pub pilot_paths: u64,
    /// Paths that the first look said would be needed; null where it could not tell.
    pub pilot_needed: Option<u64>,
    /// Figure and policy that it said need most.
    pub pilot_hardest: Option<(String, String)>,
    /// By figure, by policy.
    pub goals: Vec<Goal>,
}

/// One figure of one policy against the error asked for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    /// Its policy.
    pub policy: String,
    /// Its key.
    pub metric: String,
    /// The standard error asked for, in `unit`.
    pub asked: Option<f64>,
    /// The standard error it has.
    pub se: Option<f64>,
    /// Unit of both.
    pub unit: String,
    /// Whether that is enough.
    pub met: bool,
    /// Paths it would take, from the error it has.
    pub needed: Option<u64>,
    /// Why it is not met, where that is not for want of paths alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl Precision {
    pub(super) fn of(reached: &Reached) -> Self {
        let unit = |key: &str| by_key(key).map_or("", |metric| metric.unit.name());
        let goals = reached.goals.iter().map(|goal| Goal {
            policy: goal.policy.clone(),
            metric: goal.metric.clone(),
            asked: goal.asked,
            se: goal.se,
            unit: unit(&goal.metric).into(),
            met: goal.met,
            needed: goal.needed,
            reason: goal.reason.clone().filter(|_| !goal.met),
        });
        Self {
            met: reached.met,
            max_paths: reached.max_paths,
            pilot_paths: reached.pilot.paths,
            pilot_needed: reached.pilot.needed,
            pilot_hardest: reached.pilot.hardest.clone(),
            goals: goals.collect(),
        }
    }
}

/// The run's own notes and what became of its errors.
pub(super) fn notes(outcome: &Outcome) -> Vec<String> {
    let mut notes = outcome.notes.clone();
    if let Some(reached) = &outcome.precision {
        notes.push(words(reached, outcome.n_paths));
    }
    notes
}

/// "the errors asked for are met with 40 448 paths", or which are not.
fn words(reached: &Reached, n_paths: u64) -> String {
    if reached.met {
        return format!("the standard errors asked for are met with {} paths", n_paths);
    }
    let missed: Vec<_> = reached.goals.iter().filter(|goal| !goal.met).collect();
    let of = |goal: &&crate::engine::Achieved| {
        let name = format!("`{}` of {}", goal.metric, goal.policy);
        match (&goal.reason, goal.needed) {
            (Some(reason), _) => format!("{name} ({reason})"),
            (None, Some(needed)) => format!("{name} (about {} paths)", needed),
            (None, None) => name,
        }
    };
    const MOST: usize = 3;
    let mut names: Vec<String> = missed.iter().take(MOST).map(of).collect();
    if missed.len() > MOST {
        names.push(format!("and {} more", missed.len() - MOST));
    }
    format!(
        "max_paths = {} ended the run before the standard errors asked for were met: {}",
        reached.max_paths,
        names.join(", ")
    )
}

/// What the first look says of a run that goes on.
pub fn pilot_words(reached: &Reached) -> String {
    let pilot = &reached.pilot;
    let hardest = pilot
        .hardest
        .as_ref()
        .map_or_else(String::new, |(metric, policy)| format!(" (`{metric}` of {policy})"));
    let paths = pilot.paths;
    match pilot.needed {
        None => format!("after {paths} paths nobody can say how many are needed{hardest}"),
        Some(needed) if needed > reached.max_paths => format!(
            "after {paths} paths about {} seem to be needed{hardest}, more than max_paths = {}",
            needed, reached.max_paths
        ),
        Some(needed) => format!("after {paths} paths about {needed} seem to be needed{hardest}"),
    }
}
