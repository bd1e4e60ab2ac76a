//! Finished runs side by side: their figures, what differs between their scenarios, and the differences of every policy
//! that they share.
use serde_json::{Value, json};

use crate::metric::{Metric, by_key};
use crate::scenario::{Saying, differing};
use crate::study::compare::{Between, Changed, FinishedRun, LEVEL, between, method};

use super::drawing::png;
use super::studies::{Files, StudyError, csv, json as to_json};
use super::style::Theme;
use super::summary::{ENGINE_VERSION, Figure, Summary};

mod dots;
mod label;
pub mod text;

pub use label::labels;

/// Version of the layout of `comparison.json`.
pub const SCHEMA: u32 = 1;
/// Figures that tables and charts show where none are asked for.
pub const SHOWN: [&str; 4] = ["mean", "std", "cvar_99", "cost_total"];

/// A run to be compared.
#[derive(Debug, Clone, PartialEq)]
pub struct Side {
    /// What it is called here.
    pub label: String,
    /// Its figures.
    pub summary: Summary,
    /// Its scenario as run.
    pub text: String,
}

/// Runs with what is between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Comparison {
    /// In the order given; the others are set against the first.
    pub sides: Vec<Side>,
    /// How errors against the first are found, and why: one for each of the others.
    pub methods: Vec<(&'static str, String)>,
    /// What the scenarios say otherwise.
    pub differing: Vec<Saying>,
    /// Policies that the first run and another one share.
    pub between: Vec<Between>,
    /// What a reader must know before the figures.
    pub notes: Vec<String>,
}

impl Comparison {
    /// Sets every run against the first; `runs` are the sides with what is kept by path.
    pub fn of(sides: Vec<Side>, runs: &[FinishedRun]) -> Self {
        let texts: Vec<&str> = sides.iter().map(|side| side.text.as_str()).collect();
        let differing = differing(&texts);
        let methods = runs.iter().skip(1).map(|run| {
            let (method, why) = method(&runs[0], run);
            (method.name(), why)
        });
        let methods = methods.collect();
        let notes = notes(&sides, runs);
        Self { methods, differing, between: between(runs), notes, sides }
    }

    /// Notional of the first run, of which all differences are.
    pub fn notional(&self) -> f64 {
        notional(&self.sides[0].summary)
    }

    /// Policies in the order in which the runs name them.
    pub fn policies(&self) -> Vec<&str> {
        let mut names: Vec<&str> = Vec::new();
        for policy in self.sides.iter().flat_map(|side| &side.summary.policies) {
            if !names.contains(&policy.name.as_str()) {
                names.push(&policy.name);
            }
        }
        names
    }

    /// The difference of a policy's figure between the first run and another.
    pub fn changed(&self, run: usize, policy: &str, key: &str) -> Option<&Changed> {
        let own =
            |it: &&Between| it.run == run && self.sides[0].summary.policies[it.policy[0]].name == policy;
        self.between.iter().find(own)?.metrics.iter().find(|changed| changed.metric.key == key)
    }

    /// A difference as a figure, in the currency of the first run.
    pub fn figure(&self, changed: &Changed) -> Figure {
        Figure::of(&changed.difference.estimate, changed.metric.unit, self.notional())
    }
}

fn notional(summary: &Summary) -> f64 {
    summary.policies.first().map_or(1.0, |policy| policy.constants.notional)
}

fn notes(sides: &[Side], runs: &[FinishedRun]) -> Vec<String> {
    let mut notes = Vec::new();
    let (first, others) = (&sides[0], sides.iter().skip(1));
    for side in others {
        let own = notional(&side.summary);
        if own != notional(&first.summary) {
            notes.push(format!(
                "the notional of {} is {own}, that of {} is {}: differences are of amounts scaled to that of {}",
                side.label,
                first.label,
                notional(&first.summary),
                first.label
            ));
        }
        if side.summary.engine_version != first.summary.engine_version {
            notes.push(format!(
                "{} is of driftband {}, {} of {}: what a figure means may have changed, see the changelog",
                side.label, side.summary.engine_version, first.label, first.summary.engine_version
            ));
        }
        if side.summary.policies.iter().all(|it| first.summary.policies.iter().all(|own| own.name != it.name))
        {
            notes.push(format!("{} and {} have no policy of the same name", first.label, side.label));
        }
    }
    for (side, run) in sides.iter().zip(runs) {
        notes.extend(run.lost.iter().map(|why| format!("{}: {why}", side.label)));
        notes.extend(side.summary.notes.iter().map(|note| format!("{}: {note}", side.label)));
    }
    notes
}

/// Every file but the page, and why charts are missing.
///
/// # Errors
///
/// A file could not be made.
pub fn files(
    comparison: &Comparison,
    metrics: &[&'static Metric],
    png_scale: f32,
) -> Result<(Files, Vec<String>), StudyError> {
    let mut files = vec![
        ("comparison.csv".to_owned(), figures(comparison)?),
        ("differences.csv".to_owned(), differences(comparison)?),
        ("comparison.json".to_owned(), to_json("comparison.json", &value(comparison))?),
    ];
    let mut missing = Vec::new();
    for metric in metrics {
        let pictures = [
            (format!("figure-{}", metric.key), dots::figures(comparison, metric, &Theme::light())?),
            (format!("difference-{}", metric.key), dots::differences(comparison, metric, &Theme::light())?),
        ];
        for (name, svg) in pictures {
            match svg {
                Some(svg) => {
                    files.push((format!("charts/{name}.png"), png(&svg, png_scale)?));
                    files.push((format!("charts/{name}.svg"), svg.into_bytes()));
                }
                None => missing.push(format!("no chart {name}: there is nothing to draw")),
            }
        }
    }
    Ok((files, missing))
}

/// One row per run × policy × figure.
fn figures(comparison: &Comparison) -> Result<Vec<u8>, StudyError> {
    let head = ["run", "policy", "metric", "value", "se", "ci_low", "ci_high", "unit"];
    let rows = comparison.sides.iter().flat_map(|side| {
        side.summary.policies.iter().flat_map(move |policy| {
            policy.metrics.iter().map(move |(key, figure)| {
                let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
                (&side.label, &policy.name, key, figure.value, figure.se, low, high, &figure.unit)
            })
        })
    });
    csv("comparison.csv", &head.map(String::from), rows)
}

/// One row per policy that two runs share × compared figure.
fn differences(comparison: &Comparison) -> Result<Vec<u8>, StudyError> {
    let head =
        ["a", "b", "policy", "metric", "value", "se", "ci_low", "ci_high", "unit", "method", "certain"];
    let first = &comparison.sides[0];
    let rows = comparison.between.iter().flat_map(|it| {
        let b = &comparison.sides[it.run].label;
        let policy = &first.summary.policies[it.policy[0]].name;
        it.metrics.iter().map(move |changed| {
            let found = &changed.difference.estimate;
            let (low, high) = (found.ci.map(|ci| ci[0]), found.ci.map(|ci| ci[1]));
            let names = (&first.label, b, policy, changed.metric.key);
            let figures = (found.value, found.se, low, high, changed.metric.unit.name());
            (names, figures, it.method.name(), changed.certain)
        })
    });
    csv("differences.csv", &head.map(String::from), rows)
}

/// The whole comparison as one JSON object.
pub fn value(comparison: &Comparison) -> Value {
    let first = &comparison.sides[0];
    let runs = comparison.sides.iter().map(|side| {
        let summary = &side.summary;
        let policies = summary.policies.iter().map(|policy| {
            let metrics: serde_json::Map<String, Value> =
                policy.metrics.iter().map(|(key, figure)| (key.clone(), json!(figure))).collect();
            json!({ "name": policy.name, "kind": policy.kind, "metrics": metrics })
        });
        json!({
            "label": side.label, "scenario": summary.scenario, "engine_version": summary.engine_version,
            "stream_version": summary.stream_version, "notional": notional(summary),
            "policies": policies.collect::<Vec<_>>(),
        })
    });
    let differing = comparison.differing.iter().map(|(key, values)| json!({ "key": key, "values": values }));
    let differences = comparison.between.iter().map(|it| {
        let (_, why) = &comparison.methods[it.run - 1];
        let metrics: serde_json::Map<String, Value> = it
            .metrics
            .iter()
            .map(|changed| {
                let mut figure = json!(comparison.figure(changed));
                figure["certain"] = json!(changed.certain);
                (changed.metric.key.to_owned(), figure)
            })
            .collect();
        json!({
            "a": first.label, "b": comparison.sides[it.run].label,
            "policy": first.summary.policies[it.policy[0]].name,
            "method": it.method.name(), "because": why, "metrics": metrics,
        })
    });
    json!({
        "schema": SCHEMA, "engine_version": ENGINE_VERSION, "level": LEVEL, "runs": runs.collect::<Vec<_>>(),
        "scenario_differences": differing.collect::<Vec<_>>(),
        "differences": differences.collect::<Vec<_>>(), "notes": comparison.notes,
    })
}

/// The figures with these keys that are compared, or the one that is not.
///
/// # Errors
///
/// Names the first that is no compared figure.
pub fn metrics(keys: &[String]) -> Result<Vec<&'static Metric>, String> {
    let known = |key: &String| {
        let compared = crate::study::compare::COMPARED.contains(&key.as_str());
        compared.then(|| by_key(key)).flatten().ok_or_else(|| key.clone())
    };
    if keys.is_empty() {
        return Ok(SHOWN.iter().filter_map(|key| by_key(key)).collect());
    }
    keys.iter().map(known).collect()
}
