//! A comparison as the terminal shows it, and its answer in words.
use std::fmt::Write as _;

use crate::metric::{Metric, Unit};

use super::super::studies::{columns, point, shown, text};
use super::Comparison;

/// Names that a sentence lists before it counts the others.
const MOST_NAMES: usize = 6;
/// Keys that the terminal lists.
const MOST_KEYS: usize = 12;

/// The runs, what differs between them, their figures and their differences.
pub fn render(comparison: &Comparison, metrics: &[&'static Metric]) -> String {
    let mut told = columns(&sides(comparison), 2);
    if !comparison.differing.is_empty() {
        told.push('\n');
        told.push_str(&columns(&differing(comparison), 1 + comparison.sides.len()));
        if comparison.differing.len() > MOST_KEYS {
            // writing to a String cannot fail
            let _ = writeln!(told, "and {} more keys", comparison.differing.len() - MOST_KEYS);
        }
    }
    told.push('\n');
    told.push_str(&columns(&figures(comparison, metrics), 2));
    told.push_str("currency in bps of notional, ± standard error\n");
    if !comparison.between.is_empty() {
        told.push('\n');
        told.push_str(&columns(&differences(comparison, metrics), 2));
        let _ = writeln!(
            told,
            "minus {}; * = distinguishable, all of a column judged together",
            comparison.sides[0].label
        );
    }
    for (side, (method, why)) in comparison.sides[1..].iter().zip(&comparison.methods) {
        let _ = writeln!(told, "{}: {method} intervals: {why}", side.label);
    }
    told.push('\n');
    for line in answer(comparison, metrics) {
        told.push_str(&line);
        told.push('\n');
    }
    told
}

fn sides(comparison: &Comparison) -> Vec<Vec<String>> {
    let head = ["run", "scenario", "paths", "seed", "driftband"];
    let mut rows = vec![head.map(String::from).to_vec()];
    for side in &comparison.sides {
        let identity = &side.summary.scenario;
        let hash: String = identity.hash.chars().take(8).collect();
        rows.push(vec![
            side.label.clone(),
            format!("{} {hash}", identity.name),
            identity.paths.to_string(),
            identity.seed.to_string(),
            side.summary.engine_version.clone(),
        ]);
    }
    rows
}

fn differing(comparison: &Comparison) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["differs".to_owned()]];
    rows[0].extend(comparison.sides.iter().map(|side| side.label.clone()));
    for (key, values) in comparison.differing.iter().take(MOST_KEYS) {
        let mut row = vec![key.clone()];
        row.extend(values.iter().map(|value| value.clone().unwrap_or_else(|| "–".into())));
        rows.push(row);
    }
    rows
}

fn figures(comparison: &Comparison, metrics: &[&'static Metric]) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["policy".to_owned(), "run".to_owned()]];
    rows[0].extend(metrics.iter().map(|metric| metric.key.replace('_', " ")));
    for name in comparison.policies() {
        for side in &comparison.sides {
            let Some(policy) = side.summary.policies.iter().find(|it| it.name == name) else { continue };
            let cell = |metric: &&Metric| match point(policy, metric) {
                Some((value, se, _)) => text(value, se),
                None => "–".into(),
            };
            let mut row = vec![name.to_owned(), side.label.clone()];
            row.extend(metrics.iter().map(cell));
            rows.push(row);
        }
    }
    rows
}

fn differences(comparison: &Comparison, metrics: &[&'static Metric]) -> Vec<Vec<String>> {
    let mut rows = vec![vec!["difference".to_owned(), "run".to_owned()]];
    rows[0].extend(metrics.iter().map(|metric| metric.key.replace('_', " ")));
    for it in &comparison.between {
        let name = &comparison.sides[0].summary.policies[it.policy[0]].name;
        let cell = |metric: &&Metric| change(comparison, it.run, name, metric).unwrap_or_else(|| "–".into());
        let mut row = vec![name.clone(), comparison.sides[it.run].label.clone()];
        row.extend(metrics.iter().map(cell));
        rows.push(row);
    }
    rows
}

/// "+3.2 ± 0.2 *": a difference in shown units.
fn change(comparison: &Comparison, run: usize, policy: &str, metric: &Metric) -> Option<String> {
    let changed = comparison.changed(run, policy, metric.key)?;
    let scale = shown(metric, comparison.notional());
    // what rounding leaves of equal figures is no change
    let quiet =
        |x: f64| if metric.unit == Unit::Currency && (x * scale).abs() < 1e-8 { 0.0 } else { x * scale };
    let estimate = &changed.difference.estimate;
    let value = quiet(estimate.value?);
    let sign = if value > 0.0 { "+" } else { "" };
    let star = if changed.certain { " *" } else { "" };
    Some(format!("{sign}{}{star}", text(value, estimate.se.map(quiet).filter(|se| *se > 0.0))))
}

/// What changes by the first figure, a sentence a run.
pub fn answer(comparison: &Comparison, metrics: &[&'static Metric]) -> Vec<String> {
    let Some(metric) = metrics.iter().find(|metric| metric.key == "std").or(metrics.first()) else {
        return Vec::new();
    };
    let unit = if metric.unit == Unit::Currency { " bps" } else { "" };
    let mut lines = Vec::new();
    for (run, side) in comparison.sides.iter().enumerate().skip(1) {
        let (mut rises, mut falls, mut open) = (Vec::new(), Vec::new(), Vec::new());
        for it in comparison.between.iter().filter(|it| it.run == run) {
            let name = comparison.sides[0].summary.policies[it.policy[0]].name.as_str();
            let Some(changed) = comparison.changed(run, name, metric.key) else { continue };
            let Some(value) = changed.difference.estimate.value else { continue };
            let words = change(comparison, run, name, metric).unwrap_or_default();
            let words = format!("{name} ({}{unit})", words.trim_end_matches(" *"));
            match (changed.certain, value > 0.0) {
                (false, _) => open.push(name.to_owned()),
                (true, true) => rises.push(words),
                (true, false) => falls.push(words),
            }
        }
        let parts: Vec<String> =
            [("it rises for", rises), ("it falls for", falls), ("no distinguishable change for", open)]
                .into_iter()
                .filter(|(_, names)| !names.is_empty())
                .map(|(words, names)| format!("{words} {}", listed(&names)))
                .collect();
        if !parts.is_empty() {
            let (key, first) = (metric.key.replace('_', " "), &comparison.sides[0].label);
            lines.push(format!("{key} from {first} to {}: {}", side.label, parts.join("; ")));
        }
    }
    lines
}

fn listed(names: &[String]) -> String {
    let mut words: Vec<String> = names.iter().take(MOST_NAMES).cloned().collect();
    if names.len() > MOST_NAMES {
        words.push(format!("and {} more", names.len() - MOST_NAMES));
    }
    words.join(", ")
}
