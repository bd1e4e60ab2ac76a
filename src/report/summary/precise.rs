//! What a run did for its errors, as it stands in `summary.json`.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{Outcome, PolicyOutcome, Reached};
use crate::metric::{Unit, by_key};
use crate::stats::{self, Kind, Sample};

use super::super::number;
use super::Figure;

/// The mean deviation with what a control of known mean explains of it taken out; the plain one stands among the figures.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
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
    notes.extend(variances(outcome));
    notes.extend(controls(outcome));
    if let Some(reached) = &outcome.precision {
        notes.push(words(reached, outcome.n_paths));
    }
    notes
}

/// Whether intervals like that of this figure hold the truth less than nine times in ten.
///
/// Overlapping windows of a history have errors of another kind, about which nothing was measured.
pub(super) fn indicative(key: &str, policy: &PolicyOutcome, outcome: &Outcome) -> bool {
    let estimate = policy.metric(key);
    if outcome.overlap.is_some() || estimate.is_none_or(|estimate| estimate.se.is_none_or(|se| se == 0.0)) {
        return false;
    }
    let kurtosis = policy.metric("kurtosis_excess").and_then(|estimate| estimate.value).unwrap_or(0.0);
    let kind = match key {
        "std" | "te_cross" => Kind::Std,
        "rms_deviation" => Kind::Rms,
        "te_path_rms" | "gap_rms" | "oracle_error_rms" | "oracle_age_at_trade" => Kind::Ratio,
        "skew" => Kind::Skew,
        "kurtosis_excess" => Kind::Kurtosis,
        "cvar_95" => Kind::Tail(0.05),
        "cvar_99" => Kind::Tail(0.01),
        _ => Kind::Mean,
    };
    stats::indicative(kind, Sample { n: outcome.n_paths, kurtosis })
}

/// Figures whose variance is told, where paths hang together.
const TOLD: [&str; 4] = ["mean", "std", "cvar_99", "cost_total"];

/// How many times the variance would be with independent paths, from the least to the most over the policies.
fn variances(outcome: &Outcome) -> Option<String> {
    let told = TOLD.iter().filter_map(|key| {
        let ratios: Vec<f64> = outcome
            .policies
            .iter()
            .filter_map(|policy| {
                let place = policy.metrics.iter().position(|(metric, _)| metric.key == *key)?;
                policy.variance_ratios.get(place).copied().flatten()
            })
            .collect();
        let (least, most) =
            (ratios.iter().copied().reduce(f64::min)?, ratios.iter().copied().reduce(f64::max)?);
        let words = |x: f64| number::significant(x, 2);
        let (least, most) = (words(least), words(most));
        Some(if least == most {
            format!("{least} in `{key}`")
        } else {
            format!("{least} to {most} in `{key}`")
        })
    });
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| {
        format!("as many independent paths would have so many times the variance: {}", told.join(", "))
    })
}

/// The means by a control variate, in bps of notional.
fn controls(outcome: &Outcome) -> Option<String> {
    let to_bps = 1e4 / outcome.constants.notional;
    let told: Vec<String> = outcome
        .policies
        .iter()
        .filter_map(|policy| {
            let found = policy.controlled.as_ref()?;
            let mean = number::plus_minus(found.mean.value? * to_bps, found.mean.se.map(|se| se * to_bps));
            let times = found.variance_ratio.map_or_else(String::new, |ratio| {
                format!(" (variance {} times smaller)", number::significant(ratio, 2))
            });
            Some(format!("{} {mean}{times}", policy.name).replace('\u{a0}', " "))
        })
        .collect();
    (!told.is_empty()).then(|| format!("mean by control variate, bps of notional: {}", told.join("; ")))
}

/// Unmet errors that are told one by one.
const MOST: usize = 3;

/// "the errors asked for are met with 40 448 paths", or which are not.
fn words(reached: &Reached, n_paths: u64) -> String {
    if reached.met {
        return format!("the standard errors asked for are met with {n_paths} paths");
    }
    let missed: Vec<_> = reached.goals.iter().filter(|goal| !goal.met).collect();
    let of = |goal: &&crate::engine::Achieved| {
        let name = format!("`{}` of {}", goal.metric, goal.policy);
        match (&goal.reason, goal.needed) {
            (Some(reason), _) => format!("{name} ({reason})"),
            (None, Some(needed)) => format!("{name} (about {needed} paths)"),
            (None, None) => name,
        }
    };
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
