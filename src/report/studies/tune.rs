//! A finished search for the best value of a parameter: `tune.csv`, `tune.json`, the chart, and the answer.
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::scenario::Range;
use crate::study::tune::{Point, Tuned};

use super::super::drawing::png;
use super::super::style::Theme;
use super::super::summary::{ENGINE_VERSION, Identity};
use super::{Files, SCHEMA, StudyError, columns, csv, curve, json as to_json, text};

/// What theory says of the objective.
#[derive(Debug, Clone, PartialEq)]
pub struct Theory {
    /// The value of the parameter at which it is least.
    pub x: f64,
    /// Where that comes from, in words.
    pub source: &'static str,
    /// The objective over the range; empty where theory knows the least point alone.
    pub curve: Vec<(f64, f64)>,
    /// The objective at each of the points looked at.
    pub at_points: Vec<Option<f64>>,
}

/// A search and what it was about.
#[derive(Debug, Clone, PartialEq)]
pub struct Search {
    /// The scenario as it is.
    pub base: Identity,
    /// Its notional.
    pub notional: f64,
    /// Name of the policy.
    pub policy: String,
    /// The key that was varied.
    pub key: String,
    /// Its range.
    pub range: Range,
    /// What was made small.
    pub objective: String,
    /// Whether that is an amount of money.
    pub currency: bool,
    /// What was found.
    pub tuned: Tuned,
    /// What theory says.
    pub theory: Option<Theory>,
}

impl Search {
    /// What the objective is multiplied by to be shown.
    pub(super) fn scale(&self) -> f64 {
        if self.currency { 1e4 / self.notional } else { 1.0 }
    }

    /// Its unit with a space.
    pub(super) fn unit(&self) -> &'static str {
        if self.currency { " bps" } else { "" }
    }

    fn best(&self) -> &Point {
        &self.tuned.points[self.tuned.best]
    }

    /// How a point stands.
    fn verdict(&self, point: usize) -> &'static str {
        match self.tuned.is_worse(point) {
            _ if point == self.tuned.best => "best",
            Some(true) => "worse",
            Some(false) => "tied",
            None => "unjudged",
        }
    }

    fn own_error(point: &Point) -> Option<f64> {
        crate::stats::MeanTally::from_slice(&point.sample.influence).mean_estimate().se
    }
}

/// Every file of the search.
///
/// # Errors
///
/// A file could not be made.
pub fn files(search: &Search, png_scale: f32) -> Result<(Files, Vec<String>), StudyError> {
    let mut files = vec![
        ("tune.csv".to_owned(), table(search)?),
        ("tune.json".to_owned(), to_json("tune.json", &value(search))?),
    ];
    let svg = curve::tuned(search, &Theme::light())?;
    files.push(("charts/tune.png".into(), png(&svg, png_scale)?));
    files.push(("charts/tune.svg".into(), svg.into_bytes()));
    Ok((files, Vec::new()))
}

fn table(search: &Search) -> Result<Vec<u8>, StudyError> {
    let head = ["value", "text", "objective", "difference", "difference_se", "verdict", "stage", "theory"];
    let rows = search.tuned.points.iter().enumerate().map(|(k, point)| {
        let difference = &search.tuned.differences[k].estimate;
        let theory = search.theory.as_ref().and_then(|theory| theory.at_points.get(k).copied().flatten());
        let end = (search.verdict(k), point.stage.name(), theory);
        (point.x, search.range.bare(point.x), point.sample.value, difference.value, difference.se, end)
    });
    csv("tune.csv", &head.map(String::from), rows)
}

fn value(search: &Search) -> Value {
    let tuned = &search.tuned;
    let at = |x: f64| json!({ "value": x, "text": search.range.bare(search.range.snap(x)) });
    let point = |k: usize| {
        let point = &tuned.points[k];
        let difference = &tuned.differences[k].estimate;
        json!({
            "value": point.x, "text": search.range.bare(point.x), "objective": point.sample.value,
            "se": Search::own_error(point),
            "difference": { "value": difference.value, "se": difference.se, "ci": difference.ci },
            "verdict": search.verdict(k), "stage": point.stage.name(),
            "theory": search.theory.as_ref().and_then(|theory| theory.at_points.get(k).copied().flatten()),
        })
    };
    json!({
        "schema": SCHEMA, "engine_version": ENGINE_VERSION, "scenario": search.base,
        "policy": search.policy, "key": search.key, "unit": search.range.unit,
        "range": [search.range.low, search.range.high],
        "objective": search.objective, "objective_unit": if search.currency { "currency" } else { "mixed" },
        "notional": search.notional,
        "best": point(tuned.best), "at_end": tuned.at_end(),
        "not_distinguishable": tuned.tied.map(|end| end.map(at)),
        "fit": tuned.vertex.as_ref().map(|vertex| {
            json!({ "value": vertex.x, "se": vertex.estimate.se, "ci": vertex.estimate.ci, "reason": vertex.estimate.reason })
        }),
        "theory": search.theory.as_ref().map(|theory| {
            json!({ "value": theory.x, "source": theory.source, "point": tuned.theory.map(point) })
        }),
        "points": (0..tuned.points.len()).map(point).collect::<Vec<_>>(),
    })
}

/// A row a value, and the answer in words.
pub fn render(search: &Search) -> String {
    let (tuned, scale, unit) = (&search.tuned, search.scale(), search.unit());
    let mut rows =
        vec![vec![search.key.clone(), String::new(), format!("objective{unit}"), "minus best".into()]];
    for (k, point) in tuned.points.iter().enumerate() {
        let difference = &tuned.differences[k].estimate;
        let minus = match (k == tuned.best, difference.value) {
            (false, Some(value)) => text(value * scale, difference.se.map(|se| se * scale)),
            _ => String::new(),
        };
        let word = match search.verdict(k) {
            "worse" => "",
            "tied" => "not distinguishable",
            other => other,
        };
        let own = text(point.sample.value * scale, Search::own_error(point).map(|se| se * scale));
        rows.push(vec![search.range.bare(point.x), word.into(), own, minus]);
    }
    let mut told = columns(&rows, 2);
    let _ = writeln!(
        told,
        "\nbest {} of {} for the least {}: {}",
        search.key,
        search.policy,
        search.objective,
        answer(search)
    );
    if let Some(vertex) = &tuned.vertex {
        let ends = vertex.estimate.ci.map(|ci| ci.map(|x| search.range.bare(search.range.snap(x))));
        let interval = ends.map_or_else(String::new, |[low, high]| format!(", 95% interval {low} to {high}"));
        let _ = writeln!(
            told,
            "least point of the parabola: {}{interval}",
            rounded(search, vertex.x, vertex.estimate.se)
        );
    }
    if let Some(theory) = &search.theory {
        let _ = writeln!(
            told,
            "theory ({}): {}{}",
            theory.source,
            rounded(search, theory.x, None),
            beside(search)
        );
    }
    told
}

/// The best and what cannot be told from it.
fn answer(search: &Search) -> String {
    let (tuned, bare) = (&search.tuned, |x: f64| search.range.bare(search.range.snap(x)));
    let best = bare(search.best().x);
    let end =
        if tuned.at_end() { "; it lies at an end of the range, so the optimum may lie beyond" } else { "" };
    let unjudged = tuned.differences.iter().all(|difference| difference.estimate.se.is_none());
    let tied = match tuned.tied {
        _ if unjudged => "; the paths give no error to judge by".to_owned(),
        [Some(low), Some(high)] => {
            format!("; from {} to {} it cannot be told from it", bare(low), bare(high))
        }
        [None, Some(high)] => format!("; nothing below {} can be told from it", bare(high)),
        [Some(low), None] => format!("; nothing above {} can be told from it", bare(low)),
        [None, None] => "; no value of the range can be told from it".to_owned(),
    };
    format!("{best}{tied}{end}")
}

/// What theory's value costs against the best.
fn beside(search: &Search) -> String {
    let Some(point) = search.tuned.theory else { return ", outside the range".into() };
    if point == search.tuned.best {
        return ", the best itself".into();
    }
    let (difference, scale) = (&search.tuned.differences[point].estimate, search.scale());
    let Some(value) = difference.value else { return String::new() };
    let told = match search.tuned.is_worse(point) {
        Some(true) => "worse by ",
        _ => "not distinguishable: ",
    };
    format!(", {told}{}{}", text(value * scale, difference.se.map(|se| se * scale)), search.unit())
}

/// A value with no more digits than its error supports; on a grid of its own, its neighbour there.
fn rounded(search: &Search, x: f64, se: Option<f64>) -> String {
    if search.range.grain() > 0.0 {
        return search.range.bare(search.range.snap(x));
    }
    let digits = text(x, se);
    if search.range.unit.is_empty() { digits } else { format!("{digits} {}", search.range.unit) }
}
