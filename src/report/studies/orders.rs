//! Averages over the orders of an attribution's groups: part of `attribution.json`, `shapley.csv`, tables for people.
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::study::attribution::{Attribution, Figure as Shared, Part};

use super::super::summary::Figure;
use super::attribution::{shown, unit};
use super::{StudyError, columns, csv, text};

/// What groups of frictions add to the figures of each policy, whatever the order.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Averages {
    /// The groups that the scenario has.
    pub groups: Vec<Group>,
    /// One for each policy.
    pub policies: Vec<PolicyAverages>,
}

/// A group in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// Name.
    pub group: String,
    /// Parts that are switched on together in it.
    pub parts: Vec<String>,
}

/// What the groups add to the figures of one policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyAverages {
    /// Name in the scenario.
    pub name: String,
    /// By figure.
    pub figures: Vec<AveragedFigure>,
}

/// A figure, and what adds up to it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AveragedFigure {
    /// Key of the figure.
    pub figure: String,
    /// Its value.
    pub total: Figure,
    /// What the policy adds without frictions: model and discretisation.
    pub frictionless: Figure,
    /// By group.
    pub groups: Vec<AveragedGroup>,
}

/// What a group adds to a figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AveragedGroup {
    /// Mean over all orders of switching the groups on.
    pub average: Figure,
    /// Least over the orders.
    pub lowest: Option<f64>,
    /// Greatest over the orders.
    pub highest: Option<f64>,
}

impl Averages {
    /// Those of an attribution; none where they were not asked for.
    pub(super) fn of(found: &Attribution) -> Option<Self> {
        let orders = found.orders.as_ref()?;
        let parts = |parts: &[Part]| parts.iter().map(|part| part.name().to_owned()).collect();
        let groups =
            orders.groups.iter().map(|group| Group { group: group.name.clone(), parts: parts(&group.parts) });
        let policies = found.policies.iter().enumerate().map(|(at, policy)| {
            let figures = found.averages(at).unwrap_or_default().into_iter().filter_map(|averaged| {
                let figure = |estimate| shown(estimate, averaged.split.figure, found.notional);
                let (base, groups) = averaged.split.parts.split_first()?;
                let of = |(estimate, (lowest, highest)): (_, &(f64, f64))| AveragedGroup {
                    average: figure(estimate),
                    lowest: lowest.is_finite().then_some(*lowest),
                    highest: highest.is_finite().then_some(*highest),
                };
                Some(AveragedFigure {
                    figure: averaged.split.figure.key().into(),
                    total: figure(&averaged.split.total),
                    frictionless: figure(base),
                    groups: groups.iter().zip(&averaged.spread).map(of).collect(),
                })
            });
            PolicyAverages { name: policy.name.clone(), figures: figures.collect() }
        });
        Some(Self { groups: groups.collect(), policies: policies.collect() })
    }

    /// A row per policy × figure × group, what there is without frictions first and the total last.
    pub(super) fn table(&self) -> Result<Vec<u8>, StudyError> {
        let head =
            ["policy", "figure", "group", "value", "se", "ci_low", "ci_high", "lowest", "highest", "unit"];
        let mut rows = Vec::new();
        for policy in &self.policies {
            for figure in &policy.figures {
                let names = self.groups.iter().map(|group| group.group.as_str());
                let groups = names.zip(&figure.groups);
                let groups = groups.map(|(name, group)| (name, &group.average, group.lowest, group.highest));
                let first = [("frictionless", &figure.frictionless, None, None)];
                let last = [("total", &figure.total, None, None)];
                for (name, value, lowest, highest) in first.into_iter().chain(groups).chain(last) {
                    let (low, high) = (value.ci.map(|ci| ci[0]), value.ci.map(|ci| ci[1]));
                    let names = (policy.name.clone(), figure.figure.clone(), name.to_owned());
                    rows.push((
                        names,
                        (value.value, value.se, low, high),
                        (lowest, highest),
                        value.unit.clone(),
                    ));
                }
            }
        }
        csv("shapley.csv", &head.map(String::from), rows)
    }

    /// A table a figure: groups below each other, a column a policy, with the range over the orders.
    pub(super) fn render(&self, scale: impl Fn(&str) -> f64, told: &mut String) {
        for figure in Shared::ALL.map(Shared::key) {
            let scale = scale(figure);
            let quiet = |value: f64| if value.abs() < 1e-8 { 0.0 } else { value };
            let cell = |value: &Figure| {
                let value = value.value.map(|found| quiet(found * scale)).map(|found| (found, value.se));
                let told = |(value, se): (f64, Option<f64>)| {
                    text(value, se.map(|se| se * scale).filter(|se| *se > 1e-8))
                };
                value.map_or_else(|| "–".to_owned(), told)
            };
            let of =
                |policy: &'_ PolicyAverages| policy.figures.iter().find(|own| own.figure == figure).cloned();
            let by_policy: Vec<Option<AveragedFigure>> = self.policies.iter().map(of).collect();
            let mut rows = vec![vec![figure.to_owned()]];
            rows[0].extend(self.policies.iter().map(|policy| policy.name.clone()));
            for (k, group) in self.groups.iter().enumerate() {
                let mut row = vec![group.group.clone()];
                for own in &by_policy {
                    let Some(own) = own.as_ref().and_then(|own| own.groups.get(k)) else {
                        row.push("–".into());
                        continue;
                    };
                    let range = own.lowest.zip(own.highest).map(|(low, high)| {
                        format!(" [{} … {}]", text(quiet(low * scale), None), text(quiet(high * scale), None))
                    });
                    row.push(format!("{}{}", cell(&own.average), range.unwrap_or_default()));
                }
                rows.push(row);
            }
            told.push_str(&columns(&rows, 1));
            // writing to a String cannot fail
            let _ = writeln!(
                told,
                "{figure} by group in {}, averaged over every order of switching them on [least … greatest]\n",
                unit(figure)
            );
        }
    }
}
