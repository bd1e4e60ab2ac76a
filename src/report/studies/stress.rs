//! A finished stress test: `stress.csv`, `stress.json`, the tornado, and who changes places.
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::metric::Metric;
use crate::study::stress::{Effect, Flip};

use super::super::drawing::png;
use super::super::style::Theme;
use super::super::summary::{Figure, Identity};
use super::{Files, SCHEMA, StudyError, columns, csv, json as to_json, shown, text, tornado, unit};

/// A base case and its stresses.
#[derive(Debug, Clone, PartialEq)]
pub struct Tests {
    /// The scenario as it is.
    pub base: Identity,
    /// Its notional.
    pub notional: f64,
    /// Names of its policies.
    pub policies: Vec<String>,
    /// Runs under stress.
    pub stresses: Vec<Tested>,
    /// Stresses of the catalogue that do not apply: name, what they would do, why not.
    pub left_out: Vec<(String, String, String)>,
}

/// One run under stress.
#[derive(Debug, Clone, PartialEq)]
pub struct Tested {
    /// Name of the stress.
    pub name: String,
    /// What it does, in words.
    pub what: String,
    /// Keys and their values, `null` for what is removed.
    pub set: Vec<(String, Option<String>)>,
    /// Hash of its scenario.
    pub hash: String,
    /// Its folder inside that of the study.
    pub folder: String,
    /// What changes.
    pub effects: Vec<Effect>,
    /// Who changes places by the figure asked for.
    pub flips: Vec<Flip>,
}

impl Tested {
    /// The change of one figure of one policy.
    pub(super) fn effect(&self, policy: usize, metric: &Metric) -> Option<&Effect> {
        self.effects.iter().find(|effect| effect.policy == policy && effect.metric.key == metric.key)
    }
}

/// Every file of the study, and why charts are missing.
///
/// # Errors
///
/// A file could not be made.
pub fn files(tests: &Tests, metric: &Metric, png_scale: f32) -> Result<(Files, Vec<String>), StudyError> {
    let mut files = vec![
        ("stress.csv".to_owned(), table(tests)?),
        ("stress.json".to_owned(), to_json("stress.json", &value(tests, metric))?),
    ];
    let mut missing = Vec::new();
    match tornado::draw(tests, metric, &Theme::light())? {
        Some(svg) => {
            files.push((format!("charts/tornado-{}.png", metric.key), png(&svg, png_scale)?));
            files.push((format!("charts/tornado-{}.svg", metric.key), svg.into_bytes()));
        }
        None => missing.push(format!("no tornado: no stress changes {}", metric.key)),
    }
    Ok((files, missing))
}

/// One row per stress × policy × compared figure.
fn table(tests: &Tests) -> Result<Vec<u8>, StudyError> {
    let head =
        ["stress", "policy", "metric", "base", "stressed", "change", "se", "ci_low", "ci_high", "unit"];
    let mut rows = Vec::new();
    for tested in &tests.stresses {
        for effect in &tested.effects {
            let found = &effect.change.estimate;
            let (low, high) = (found.ci.map(|ci| ci[0]), found.ci.map(|ci| ci[1]));
            let names = (tested.name.clone(), tests.policies[effect.policy].clone(), effect.metric.key);
            let figures = (effect.base, effect.stressed, found.value, found.se, low, high);
            rows.push((names, figures, effect.metric.unit.name()));
        }
    }
    csv("stress.csv", &head.map(String::from), rows)
}

fn value(tests: &Tests, metric: &Metric) -> Value {
    let effect = |effect: &Effect| {
        json!({
            "policy": tests.policies[effect.policy], "metric": effect.metric.key,
            "base": effect.base, "stressed": effect.stressed,
            "change": Figure::of(&effect.change.estimate, effect.metric.unit, tests.notional),
        })
    };
    let flip =
        |flip: &Flip| json!({ "ahead": flip.a, "ahead_under_stress": flip.b, "certain": flip.certain });
    let tested = |tested: &Tested| {
        let set: serde_json::Map<String, Value> =
            tested.set.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        json!({
            "name": tested.name, "what": tested.what, "set": set, "hash": tested.hash, "folder": tested.folder,
            "effects": tested.effects.iter().map(effect).collect::<Vec<_>>(),
            "flips": tested.flips.iter().map(flip).collect::<Vec<_>>(),
        })
    };
    let left_out =
        |(name, what, why): &(String, String, String)| json!({ "name": name, "what": what, "reason": why });
    json!({
        "schema": SCHEMA, "engine_version": super::ENGINE_VERSION, "scenario": tests.base, "metric": metric.key,
        "stresses": tests.stresses.iter().map(tested).collect::<Vec<_>>(),
        "not_applicable": tests.left_out.iter().map(left_out).collect::<Vec<_>>(),
    })
}

/// A row a stress: the change of the figure for every policy; below, who changes places and what does not apply.
pub fn render(tests: &Tests, metric: &Metric) -> String {
    let scale = shown(metric, tests.notional);
    let mut rows: Vec<Vec<String>> = vec![vec!["stress".into()]];
    rows[0].extend(tests.policies.iter().cloned());
    for tested in &tests.stresses {
        let cell = |policy: usize| {
            let found = tested.effect(policy, metric).map(|effect| &effect.change.estimate);
            let Some(value) = found.and_then(|found| found.value) else { return "–".to_owned() };
            let se = found.and_then(|found| found.se).map(|se| se * scale);
            // what rounding leaves of equal figures is no change
            let value = if (value * scale).abs() < 1e-8 { 0.0 } else { value * scale };
            let sign = if value > 0.0 { "+" } else { "" };
            format!("{sign}{}", text(value, se.filter(|se| *se > 1e-8)))
        };
        let mut row = vec![tested.name.clone()];
        row.extend((0..tests.policies.len()).map(cell));
        rows.push(row);
    }
    let mut told = columns(&rows, 1);
    // writing to a String cannot fail
    let _ = writeln!(
        told,
        "change of {}{}, ± standard error of the difference on the same draws",
        metric.key,
        if unit(metric).is_empty() { "" } else { " in bps of notional" }
    );
    let changes = || tests.stresses.iter().flat_map(|tested| &tested.effects);
    let mut defined =
        changes().filter(|it| it.metric.key == metric.key && it.change.estimate.value.is_some());
    let flipped = if defined.next().is_some() {
        flips(tests, metric)
    } else {
        format!("{} is undefined in these runs: --metric shows another figure\n", metric.key)
    };
    if !flipped.is_empty() {
        told.push('\n');
        told.push_str(&flipped);
    }
    if !tests.left_out.is_empty() {
        told.push_str("\nnot applicable:\n");
        for (name, _, why) in &tests.left_out {
            let _ = writeln!(told, "  {name}: {why}");
        }
    }
    told
}

/// Who changes places, a line a stress.
fn flips(tests: &Tests, metric: &Metric) -> String {
    let mut told = String::new();
    let mut doubtful = 0;
    for tested in &tests.stresses {
        let (certain, open): (Vec<&Flip>, Vec<&Flip>) = tested.flips.iter().partition(|flip| flip.certain);
        doubtful += open.len();
        if certain.is_empty() {
            continue;
        }
        let words: Vec<String> =
            certain.iter().map(|flip| format!("{} falls behind {}", flip.a, flip.b)).collect();
        let _ = writeln!(told, "under {}: {}", tested.name, words.join(", "));
    }
    let key = metric.key;
    if told.is_empty() && !tests.stresses.is_empty() {
        told = format!("no stress distinguishably changes who is ahead of whom by {key}\n");
    }
    if doubtful > 0 {
        let (pairs, their) = if doubtful == 1 { ("pair", "its") } else { ("pairs", "their") };
        let _ = writeln!(
            told,
            "({doubtful} more {pairs} whose order by {key} changes, but not beyond {their} errors)"
        );
    }
    told
}
