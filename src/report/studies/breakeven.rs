//! Where two policies break even: `breakeven.csv`, `breakeven.json`, the chart, and the answer.
use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::scenario::Range;
use crate::study::breakeven::{Crossing, Found, Gap};

use super::super::drawing::png;
use super::super::style::Theme;
use super::super::summary::{ENGINE_VERSION, Identity};
use super::{Files, SCHEMA, StudyError, columns, csv, curve, json as to_json, text};

/// A search for crossings and what it was about.
#[derive(Debug, Clone, PartialEq)]
pub struct Contest {
    /// The scenario as it is.
    pub base: Identity,
    /// Its notional.
    pub notional: f64,
    /// Names of the two policies.
    pub policies: [String; 2],
    /// The key that was varied.
    pub key: String,
    /// Its range.
    pub range: Range,
    /// What they are compared by.
    pub objective: String,
    /// Whether that is an amount of money.
    pub currency: bool,
    /// Whether more of it is better.
    pub more_is_better: bool,
    /// What was found.
    pub found: Found,
}

impl Contest {
    /// What the figure is multiplied by to be shown.
    pub(super) fn scale(&self) -> f64 {
        if self.currency { 1e4 / self.notional } else { 1.0 }
    }

    /// Its unit with a space.
    pub(super) fn unit(&self) -> &'static str {
        if self.currency { " bps" } else { "" }
    }

    /// The better of the two where the difference has this sign; none at zero.
    fn ahead(&self, difference: f64) -> Option<&str> {
        let second = (difference > 0.0) == self.more_is_better;
        (difference != 0.0).then(|| self.policies[usize::from(second)].as_str())
    }

    fn of(&self, gap: &Gap) -> Option<&str> {
        self.ahead(gap.difference.estimate.value?)
    }
}

/// Every file of the search.
///
/// # Errors
///
/// A file could not be made.
pub fn files(contest: &Contest, png_scale: f32) -> Result<(Files, Vec<String>), StudyError> {
    let mut files = vec![
        ("breakeven.csv".to_owned(), table(contest)?),
        ("breakeven.json".to_owned(), to_json("breakeven.json", &value(contest))?),
    ];
    let svg = curve::contested(contest, &Theme::light())?;
    files.push(("charts/breakeven.png".into(), png(&svg, png_scale)?));
    files.push(("charts/breakeven.svg".into(), svg.into_bytes()));
    Ok((files, Vec::new()))
}

fn table(contest: &Contest) -> Result<Vec<u8>, StudyError> {
    let head = ["value", "text", "a", "b", "difference", "difference_se", "better", "certain"];
    let rows = contest.found.gaps.iter().map(|gap| {
        let difference = &gap.difference.estimate;
        let end = (difference.value, difference.se, contest.of(gap), gap.certain());
        (gap.x, contest.range.bare(gap.x), gap.values, end)
    });
    csv("breakeven.csv", &head.map(String::from), rows)
}

fn value(contest: &Contest) -> Value {
    let at = |x: f64| json!({ "value": x, "text": contest.range.bare(contest.range.snap(x)) });
    let crossing = |one: &Crossing| {
        let side = if one.rises { 1.0 } else { -1.0 };
        json!({
            "value": one.at, "between": one.between.map(at), "interval": one.interval.map(|end| end.map(at)),
            "certain": one.interval.iter().all(Option::is_some),
            "below": contest.ahead(-side), "above": contest.ahead(side),
        })
    };
    let gap = |gap: &Gap| {
        let difference = &gap.difference.estimate;
        json!({
            "value": gap.x, "text": contest.range.bare(gap.x), "a": gap.values[0], "b": gap.values[1],
            "difference": { "value": difference.value, "se": difference.se, "ci": difference.ci, "reason": difference.reason },
            "better": contest.of(gap), "certain": gap.certain(),
        })
    };
    json!({
        "schema": SCHEMA, "engine_version": ENGINE_VERSION, "scenario": contest.base,
        "policies": contest.policies, "key": contest.key, "unit": contest.range.unit,
        "range": [contest.range.low, contest.range.high],
        "metric": contest.objective, "metric_unit": if contest.currency { "currency" } else { "mixed" },
        "notional": contest.notional,
        "crossings": contest.found.crossings.iter().map(crossing).collect::<Vec<_>>(),
        "points": contest.found.gaps.iter().map(gap).collect::<Vec<_>>(),
    })
}

/// A row a value, and the answer in words.
pub fn render(contest: &Contest) -> String {
    let [a, b] = &contest.policies;
    let (scale, unit) = (contest.scale(), contest.unit());
    let mut rows =
        vec![vec![contest.key.clone(), "better".into(), a.clone(), b.clone(), format!("difference{unit}")]];
    for gap in &contest.found.gaps {
        let better = match contest.of(gap) {
            Some(name) if gap.certain() => name.to_owned(),
            Some(name) => format!("({name})"),
            None => "–".into(),
        };
        let difference = &gap.difference.estimate;
        let told = difference
            .value
            .map_or_else(|| "–".into(), |value| text(value * scale, difference.se.map(|se| se * scale)));
        let [one, other] = gap.values.map(|value| text(value * scale, None));
        rows.push(vec![contest.range.bare(gap.x), better, one, other, told]);
    }
    let mut told = columns(&rows, 2);
    if contest.found.gaps.iter().any(|gap| !gap.certain()) {
        told.push_str("(in brackets: not distinguishable)\n");
    }
    told.push('\n');
    for one in &contest.found.crossings {
        let _ = writeln!(told, "{}", crossing(contest, one));
    }
    if contest.found.crossings.is_empty() {
        let _ = writeln!(told, "{}", without(contest));
    }
    told
}

fn crossing(contest: &Contest, one: &Crossing) -> String {
    let bare = |x: f64| contest.range.bare(contest.range.snap(x));
    let side = if one.rises { 1.0 } else { -1.0 };
    let (below, above) = (contest.ahead(-side).unwrap_or("–"), contest.ahead(side).unwrap_or("–"));
    let place = if contest.range.grain() > 0.0 {
        format!("between {} and {}", bare(one.between[0]), bare(one.between[1]))
    } else {
        bare(one.at)
    };
    let interval = match one.interval {
        [Some(low), Some(high)] => format!("95% interval {} to {}", bare(low), bare(high)),
        [None, Some(high)] => {
            format!("below {} they cannot be told apart down to the end of the range", bare(high))
        }
        [Some(low), None] => {
            format!("above {} they cannot be told apart up to the end of the range", bare(low))
        }
        [None, None] => "they cannot be told apart anywhere in the range".into(),
    };
    format!(
        "{} breaks even at {place} ({interval}): below it {below} has the better {}, above it {above}",
        contest.key, contest.objective
    )
}

/// What there is to say where the sign never changes.
fn without(contest: &Contest) -> String {
    let (low, high) = (contest.range.bare(contest.range.low), contest.range.bare(contest.range.high));
    let Some(ahead) = contest.found.gaps.iter().find_map(|gap| contest.of(gap)) else {
        return format!(
            "no break-even between {low} and {high}: the policies are equal in {}",
            contest.objective
        );
    };
    let doubt = if contest.found.gaps.iter().all(Gap::certain) {
        ""
    } else {
        ", though not distinguishably everywhere"
    };
    format!(
        "no break-even between {low} and {high}: {ahead} has the better {} at every value looked at{doubt}",
        contest.objective
    )
}
