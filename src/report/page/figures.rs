//! The tables of figures and what stands above them: the four figures, the limits, the policies by their main figures.
use serde::Serialize;

use crate::metric::{COUNTS, METRICS, by_key};

use super::super::limits::Breach;
use super::super::number;
use super::super::summary::{PolicySummary, Summary};
use super::cell::{Cell, shown};

/// Columns of the first table: key, head.
const MAIN: [(&str, &str); 5] = [
    ("mean", "Mean deviation"),
    ("std", "Std"),
    ("cvar_99", "CVaR 99"),
    ("cost_total", "Total cost"),
    ("trades", "Trades a path"),
];
/// What tells how well the oracle and the execution served.
const SERVICE: [&str; 9] = [
    "oracle_error_rms",
    "oracle_age_at_trade",
    "oracle_updates",
    "gap_rms",
    "time_out_of_band",
    "rebalances",
    "turnover",
    "turnover_weight",
    "efficiency_constant",
];

/// One of the four figures at the top.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Kpi {
    label: &'static str,
    cell: Cell,
    unit: &'static str,
    note: &'static str,
}

/// A column of a table of figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Column {
    key: String,
    head: String,
    unit: &'static str,
    meaning: &'static str,
}

impl Column {
    pub(super) fn new(key: &str, unit: &'static str, meaning: &'static str) -> Self {
        Self { key: key.into(), head: key.replace('_', " "), unit, meaning }
    }
}

/// A policy's row.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Row {
    policy: String,
    kind: String,
    /// `best`, `tied`, `worse` or `unjudged` by std; none where nothing is compared.
    verdict: Option<String>,
    /// Words on efficiency, and whether it is efficient.
    efficient: Option<(bool, String)>,
    /// Whether limits hold for it.
    limited: bool,
    /// Limits it breaks.
    breaches: Vec<String>,
    cells: Vec<Cell>,
}

/// Policies by figures.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Grid {
    columns: Vec<Column>,
    rows: Vec<Row>,
}

/// `[limits]` in words.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Limits {
    /// `passed`, `failed` or `none`.
    state: &'static str,
    breaches: Vec<String>,
    /// Policies that they hold for; empty = all.
    policies: Vec<String>,
}

impl Limits {
    /// Whether the scenario has limits, for whom (empty = all), and which are broken.
    pub(super) fn of(summary: &Summary, limited: bool, policies: Vec<String>) -> Self {
        let breaches: Vec<String> = summary.breaches.iter().map(|breach| words(breach, summary)).collect();
        let state = match (limited, breaches.is_empty()) {
            (_, false) => "failed",
            (true, true) => "passed",
            (false, true) => "none",
        };
        Self { state, breaches, policies }
    }

    /// Whether they hold for the policy.
    fn hold_for(&self, policy: &str) -> bool {
        self.state != "none" && (self.policies.is_empty() || self.policies.iter().any(|name| name == policy))
    }
}

/// "daily: std 113.5 ± 0.9 bps, at most 100 bps": in the units of the page.
fn words(breach: &Breach, summary: &Summary) -> String {
    let policy = summary.policies.iter().find(|policy| policy.name == breach.policy);
    let Some((policy, figure)) = policy.and_then(|policy| Some((policy, policy.metric(&breach.metric)?)))
    else {
        return breach.to_string();
    };
    let (scale, unit) = shown(&breach.metric, &figure.unit, policy.constants.notional);
    let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
    let side = if breach.floor { "at least" } else { "at most" };
    let bound = number::plain(breach.bound * scale);
    let name = breach.metric.replace('_', " ");
    match breach.value {
        Some(value) => {
            let value = number::plus_minus(value * scale, figure.se.map(|se| se * scale));
            format!("{}: {name} {value}{unit}, {side} {bound}{unit} allowed", breach.policy)
        }
        None => format!("{}: {name} is undefined, {side} {bound}{unit} allowed", breach.policy),
    }
}

/// The policy that the page speaks of first: the tightest.
pub(super) fn first(summary: &Summary) -> Option<&PolicySummary> {
    let best = summary.rankings.iter().find(|ranking| ranking.metric == "std");
    let best = best.and_then(|ranking| ranking.places.first());
    match best {
        Some(best) => summary.policies.iter().find(|policy| policy.name == best.policy),
        None => summary.policies.first(),
    }
}

/// Four figures of the tightest policy.
pub(super) fn kpis(summary: &Summary) -> Vec<Kpi> {
    let Some(policy) = first(summary) else { return Vec::new() };
    [
        ("std", "Standard deviation", "how far outcomes stray from the benchmark"),
        ("cvar_99", "Mean loss, worst 1 % of paths", "CVaR 99; a loss is positive"),
        ("cost_total", "Mean cost", "all fees, spreads, impact, funding"),
        ("mean", "Mean deviation", "below zero: worse than the benchmark"),
    ]
    .into_iter()
    .map(|(key, label, note)| Kpi {
        label,
        cell: Cell::metric(policy, key),
        unit: unit_of(policy, key),
        note,
    })
    .collect()
}

/// The answer where there is nothing to compare: the figures of one policy.
pub(super) fn alone(summary: &Summary) -> String {
    let Some(policy) = first(summary) else { return "The scenario has no policies.".into() };
    let bps = |key: &str| {
        let figure = policy.metric(key)?;
        let scale = 1e4 / policy.constants.notional;
        Some(number::plus_minus(figure.value? * scale, figure.se.map(|se| se * scale)))
    };
    match (bps("std"), bps("cost_total")) {
        (Some(std), Some(cost)) => format!("{}: std {std} bps for a cost of {cost} bps", policy.name),
        _ => format!("{}: no standard deviation from so few paths", policy.name),
    }
}

/// The policies by their main figures.
pub(super) fn main(summary: &Summary, limits: &Limits) -> Grid {
    let ranking = summary.rankings.iter().find(|ranking| ranking.metric == "std");
    let verdict = |name: &str| {
        let places = &ranking?.places;
        Some(places.iter().find(|place| place.policy == name)?.verdict.clone())
    };
    let efficient = |name: &str| {
        let it = summary.efficient.iter().find(|it| it.policy == name)?;
        let by = it.dominated_by.as_deref().unwrap_or_default();
        let words = match (it.efficient, it.certain) {
            (true, _) => "efficient".to_owned(),
            (false, Some(true)) => format!("dominated by {by}"),
            (false, _) => format!("dominated by {by}, not for certain"),
        };
        Some((it.efficient, words))
    };
    let mut grid = grid(summary, &MAIN.map(|(key, _)| key));
    for (column, (_, head)) in grid.columns.iter_mut().zip(MAIN) {
        head.clone_into(&mut column.head);
    }
    for row in &mut grid.rows {
        row.verdict = verdict(&row.policy);
        row.efficient = efficient(&row.policy);
        row.limited = limits.hold_for(&row.policy);
        let broken = summary.breaches.iter().filter(|breach| breach.policy == row.policy);
        row.breaches = broken.map(|breach| breach.metric.replace('_', " ")).collect();
    }
    grid
}

/// What the oracle and the execution did; none where they did nothing.
pub(super) fn diagnostics(summary: &Summary) -> Option<Grid> {
    let keys: Vec<&str> = SERVICE
        .into_iter()
        .chain(COUNTS)
        .filter(|key| summary.policies.iter().any(|policy| Cell::metric(policy, key).tells()))
        .collect();
    (!keys.is_empty()).then(|| grid(summary, &keys))
}

/// Every figure that some policy has.
pub(super) fn all(summary: &Summary) -> Grid {
    let has = |key: &str| summary.policies.iter().any(|policy| Cell::metric(policy, key).tells());
    let keys: Vec<&str> = METRICS.iter().map(|metric| metric.key).filter(|key| has(key)).collect();
    grid(summary, &keys)
}

fn grid(summary: &Summary, keys: &[&str]) -> Grid {
    let unit = |key: &str| summary.policies.first().map_or("", |policy| unit_of(policy, key));
    let column = |key: &&str| Column::new(key, unit(key), by_key(key).map_or("", |metric| metric.meaning));
    let row = |policy: &PolicySummary| Row {
        policy: policy.name.clone(),
        kind: policy.kind.clone(),
        verdict: None,
        efficient: None,
        limited: false,
        breaches: Vec::new(),
        cells: keys.iter().map(|key| Cell::metric(policy, key)).collect(),
    };
    Grid { columns: keys.iter().map(column).collect(), rows: summary.policies.iter().map(row).collect() }
}

fn unit_of(policy: &PolicySummary, key: &str) -> &'static str {
    policy.metric(key).map_or("", |figure| shown(key, &figure.unit, policy.constants.notional).1)
}
