//! What the policies say of each other: verdicts by figure, and paired differences.
use serde::Serialize;

use crate::metric::by_key;

use super::super::number;
use super::super::summary::Summary;
use super::cell::{Cell, shown};

/// Figures whose differences stand on the page; `differences.csv` has the others.
const SHOWN: [&str; 3] = ["std", "cvar_99", "cost_total"];

/// Policies by figure: how each stands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Matrix {
    /// Heads and meanings.
    columns: Vec<(String, &'static str)>,
    rows: Vec<MatrixRow>,
    /// Chance of any false claim, in percent.
    level: String,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct MatrixRow {
    policy: String,
    /// Verdict and place, from 1.
    cells: Vec<Option<(String, usize)>>,
}

/// Pairs of policies by one figure.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Differences {
    metric: String,
    meaning: &'static str,
    unit: &'static str,
    pairs: Vec<Pair>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
struct Pair {
    a: String,
    b: String,
    cell: Cell,
}

/// Every ranking; none where there is nothing to rank.
pub(super) fn matrix(summary: &Summary) -> Option<Matrix> {
    let level = summary.rankings.first()?.level;
    let meaning = |key: &str| by_key(key).map_or("", |metric| metric.meaning);
    let columns = summary.rankings.iter().map(|it| (it.metric.replace('_', " "), meaning(&it.metric)));
    let row = |policy: &str| {
        let cell = |places: &[super::super::summary::Standing]| {
            let place = places.iter().position(|standing| standing.policy == policy)?;
            Some((places[place].verdict.clone(), place + 1))
        };
        let cells = summary.rankings.iter().map(|ranking| cell(&ranking.places)).collect();
        MatrixRow { policy: policy.to_owned(), cells }
    };
    Some(Matrix {
        columns: columns.collect(),
        rows: summary.policies.iter().map(|policy| row(&policy.name)).collect(),
        level: number::significant(100.0 * level, 1),
    })
}

/// Every pair by the shown figures.
pub(super) fn differences(summary: &Summary) -> Vec<Differences> {
    let Some(notional) = summary.policies.first().map(|policy| policy.constants.notional) else {
        return Vec::new();
    };
    let of = |key: &'static str| {
        let pairs: Vec<Pair> = summary
            .differences
            .iter()
            .filter_map(|pair| {
                let (_, figure) = pair.metrics.iter().find(|(known, _)| known == key)?;
                let name = format!("{} − {}", pair.b, pair.a);
                let cell = Cell::of(&name, key, Some(figure), notional);
                Some(Pair { a: pair.a.clone(), b: pair.b.clone(), cell })
            })
            .collect();
        let unit = by_key(key).map_or("", |metric| shown(key, metric.unit.name(), notional).1);
        let meaning = by_key(key).map_or("", |metric| metric.meaning);
        (!pairs.is_empty()).then(|| Differences { metric: key.replace('_', " "), meaning, unit, pairs })
    };
    SHOWN.into_iter().filter_map(of).collect()
}
