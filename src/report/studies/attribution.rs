//! A finished attribution: `attribution.csv`, `attribution.json`, a waterfall for every figure, tables for people.
use std::fmt::Write as _;

use serde::{Deserialize, Serialize};

use crate::metric::Unit;
use crate::stats::Estimate;
use crate::study::attribution::{Attribution, Figure as Shared, Part, split};

use super::super::drawing::png;
use super::super::style::Theme;
use super::super::summary::{ENGINE_VERSION, Figure, Identity};
use super::orders::Averages;
use super::{Files, SCHEMA, StudyError, columns, csv, text, waterfall};

/// What `attribution.json` holds; all else is made from it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attributed {
    /// Layout of this file.
    pub schema: u32,
    /// Version of the crate that ran.
    pub engine_version: String,
    /// The scenario as it is.
    pub scenario: Identity,
    /// Paths taken apart: the first so many.
    pub paths: u64,
    /// Currency that bps are of.
    pub notional: f64,
    /// Parts in the order in which they are switched on.
    pub parts: Vec<Named>,
    /// One for each policy.
    pub policies: Vec<PolicyShares>,
    /// The same averaged over the orders of the groups, where the scenario asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub orders: Option<Averages>,
    /// What a reader must know before the figures.
    pub notes: Vec<String>,
}

/// A part in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// Name.
    pub part: String,
    /// What it is.
    pub what: String,
}

/// What the parts add to the figures of one policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PolicyShares {
    /// Name in the scenario.
    pub name: String,
    /// Why there are no parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// By figure.
    pub figures: Vec<Shares>,
}

/// A figure and its parts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shares {
    /// Key of the figure.
    pub figure: String,
    /// Its value.
    pub total: Figure,
    /// What each part adds, in the order of `parts`; empty where there are none.
    pub parts: Vec<Figure>,
}

/// Unit of a variance in files.
const SQUARED: &str = "currency_squared";

impl Attributed {
    /// An attribution of the scenario of that name and hash.
    pub fn of(scenario: Identity, found: &Attribution) -> Self {
        let figure = |estimate: &Estimate, of: Shared| shown(estimate, of, found.notional);
        let policies = found.policies.iter().map(|policy| PolicyShares {
            name: policy.name.clone(),
            reason: policy.parts.as_ref().err().cloned(),
            figures: split(found, policy)
                .iter()
                .map(|split| Shares {
                    figure: split.figure.key().into(),
                    total: figure(&split.total, split.figure),
                    parts: split.parts.iter().map(|part| figure(part, split.figure)).collect(),
                })
                .collect(),
        });
        let named = |part: Part| Named { part: part.name().into(), what: part.what(found.options).into() };
        Self {
            schema: SCHEMA,
            engine_version: ENGINE_VERSION.into(),
            scenario,
            paths: found.n_paths,
            notional: found.notional,
            parts: Part::ALL.into_iter().map(named).collect(),
            policies: policies.collect(),
            orders: Averages::of(found),
            notes: notes(found),
        }
    }

    /// Reads `attribution.json`; none where it is of another scenario, version or layout, has averages over orders where none
    /// are asked for or the other way round, or is no such file.
    pub fn read(bytes: &[u8], hash: &str, shapley: bool) -> Option<Self> {
        let found: Self = serde_json::from_slice(bytes).ok()?;
        let same =
            found.schema == SCHEMA && found.engine_version == ENGINE_VERSION && found.scenario.hash == hash;
        (same && found.orders.is_some() == shapley).then_some(found)
    }

    /// Parts that add anything to any figure of any policy, by place.
    pub(super) fn present(&self) -> Vec<usize> {
        let adds = |part: usize| {
            self.policies.iter().flat_map(|policy| &policy.figures).any(|shares| {
                shares
                    .parts
                    .get(part)
                    .is_some_and(|figure| figure.value != Some(0.0) || figure.se.is_some_and(|se| se != 0.0))
            })
        };
        (0..self.parts.len()).filter(|part| adds(*part)).collect()
    }

    /// What a figure is multiplied by to be shown: bps of notional, of a variance their square.
    pub(super) fn scale(&self, figure: &str) -> f64 {
        let bps = 1e4 / self.notional;
        if figure == Shared::Variance.key() { bps * bps } else { bps }
    }
}

/// A figure as files have it.
pub(super) fn shown(estimate: &Estimate, of: Shared, notional: f64) -> Figure {
    match of {
        Shared::Variance => Figure { unit: SQUARED.into(), ..Figure::of(estimate, Unit::Ratio, notional) },
        _ => Figure::of(estimate, Unit::Currency, notional),
    }
}

/// The unit of a shown figure.
pub(super) fn unit(figure: &str) -> &'static str {
    if figure == Shared::Variance.key() { "bps² of notional²" } else { "bps of notional" }
}

fn notes(found: &Attribution) -> Vec<String> {
    let mut notes = Vec::new();
    if found.n_paths < found.of_paths {
        notes.push(format!(
            "the first {} of {} paths are taken apart; the totals are theirs",
            found.n_paths, found.of_paths
        ));
    }
    notes
}

/// Every file of the study, and why charts are missing.
///
/// # Errors
///
/// A file could not be made.
pub fn files(found: &Attributed, png_scale: f32) -> Result<(Files, Vec<String>), StudyError> {
    let failed = |error: serde_json::Error| StudyError::Content {
        name: "attribution.json",
        reason: error.to_string(),
    };
    let mut bytes = serde_json::to_vec_pretty(found).map_err(failed)?;
    bytes.push(b'\n');
    let mut files =
        vec![("attribution.csv".to_owned(), table(found)?), ("attribution.json".to_owned(), bytes)];
    if let Some(orders) = &found.orders {
        files.push(("shapley.csv".to_owned(), orders.table()?));
    }
    let mut missing = Vec::new();
    for figure in Shared::ALL.map(Shared::key) {
        match waterfall::draw(found, figure, &Theme::light())? {
            Some(svg) => {
                files.push((format!("charts/waterfall-{figure}.png"), png(&svg, png_scale)?));
                files.push((format!("charts/waterfall-{figure}.svg"), svg.into_bytes()));
            }
            None => {
                missing.push(format!("no waterfall of {figure}: it is zero or undefined for every policy"));
            }
        }
    }
    Ok((files, missing))
}

/// A row per policy × figure × part, the total last.
fn table(found: &Attributed) -> Result<Vec<u8>, StudyError> {
    let head = ["policy", "figure", "part", "value", "se", "ci_low", "ci_high", "unit"];
    let mut rows = Vec::new();
    for policy in &found.policies {
        for shares in &policy.figures {
            let parts = found.parts.iter().map(|named| named.part.as_str()).zip(&shares.parts);
            for (part, figure) in parts.chain([("total", &shares.total)]) {
                let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
                let names = (policy.name.clone(), shares.figure.clone(), part.to_owned());
                rows.push((names, (figure.value, figure.se, low, high), figure.unit.clone()));
            }
        }
    }
    csv("attribution.csv", &head.map(String::from), rows)
}

/// A table a figure: parts below each other, a column a policy; below, what the parts mean.
pub fn render(found: &Attributed) -> String {
    let present = found.present();
    let mut told = String::new();
    for figure in Shared::ALL.map(Shared::key) {
        let scale = found.scale(figure);
        let cell = |figure: Option<&Figure>| {
            let Some((figure, value)) = figure.and_then(|figure| Some((figure, figure.value? * scale)))
            else {
                return "–".to_owned();
            };
            // what rounding leaves of sums that cancel is nothing
            let value = if value.abs() < 1e-8 { 0.0 } else { value };
            text(value, figure.se.map(|se| se * scale).filter(|se| *se > 1e-8))
        };
        let shares = |policy: &'_ PolicyShares| -> Option<Shares> {
            policy.figures.iter().find(|shares| shares.figure == figure).cloned()
        };
        let by_policy: Vec<Option<Shares>> = found.policies.iter().map(shares).collect();
        let mut rows = vec![vec![figure.to_owned()]];
        rows[0].extend(found.policies.iter().map(|policy| policy.name.clone()));
        for part in &present {
            let mut row = vec![found.parts[*part].part.clone()];
            row.extend(
                by_policy
                    .iter()
                    .map(|shares| cell(shares.as_ref().and_then(|shares| shares.parts.get(*part)))),
            );
            rows.push(row);
        }
        let mut total = vec!["total".to_owned()];
        total.extend(by_policy.iter().map(|shares| cell(shares.as_ref().map(|shares| &shares.total))));
        rows.push(total);
        told.push_str(&columns(&rows, 1));
        // writing to a String cannot fail
        let _ = writeln!(told, "parts of {figure} in {}, ± standard error\n", unit(figure));
    }
    for named in present.iter().map(|part| &found.parts[*part]) {
        let _ = writeln!(told, "{}: {}", named.part, named.what);
    }
    told.push_str(
        "switched on from top to bottom on the same draws: a part holds the trades it changes, and the interest on them\n",
    );
    if let Some(orders) = &found.orders {
        orders.render(|figure| found.scale(figure), &mut told);
    }
    for policy in &found.policies {
        if let Some(why) = &policy.reason {
            let _ = writeln!(told, "{} has no parts: {why}", policy.name);
        }
    }
    for note in &found.notes {
        let _ = writeln!(told, "note: {note}");
    }
    told
}
