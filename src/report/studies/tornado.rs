//! The change of a figure per stress, the largest first, a bar a policy.
use std::fmt::Write as _;

use crate::metric::Metric;

use super::super::axis::Scale;
use super::super::chart::rows::{Rows, canvas_height};
use super::super::chart::scope::ordinary;
use super::super::drawing::{Canvas, DrawingError, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Stroke, Theme};
use super::stress::{Tested, Tests};
use super::{axis_title, footer, shown};

/// More bars in a row cannot be told apart.
const MOST_POLICIES: usize = 7;
const MOST_ROWS: usize = 24;

/// Changes of one stress by policy: value and interval.
type Changes = Vec<Option<(f64, [f64; 2])>>;

/// Draws the chart; none where nothing changes.
pub(super) fn draw(tests: &Tests, metric: &Metric, theme: &Theme) -> Result<Option<String>, DrawingError> {
    let n = tests.policies.len().min(MOST_POLICIES);
    let scale = shown(metric, tests.notional);
    let of = |tested: &Tested| -> Changes {
        let change = |policy: usize| {
            let found = &tested.effect(policy, metric)?.change.estimate;
            let value = found.value? * scale;
            let ends = found.ci.map_or([value; 2], |ci| ci.map(|end| end * scale));
            Some((if value.abs() < 1e-8 { 0.0 } else { value }, ends))
        };
        (0..n).map(change).collect()
    };
    let size = |changes: &Changes| changes.iter().flatten().map(|(value, _)| value.abs()).fold(0.0, f64::max);
    let mut rows: Vec<(&str, Changes)> =
        tests.stresses.iter().map(|tested| (tested.name.as_str(), of(tested))).collect();
    rows.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
    let all = rows.len();
    rows.truncate(MOST_ROWS);
    if rows.iter().all(|(_, changes)| size(changes) == 0.0) {
        return Ok(None);
    }
    let sizes: Vec<f64> = rows.iter().map(|(_, changes)| size(changes)).collect();
    let usual = ordinary(&sizes);
    let frame = Frame {
        title: format!("Change of {} under stress", metric.key),
        subtitle: subtitle(tests, &rows, &usual, all),
        legend: tests
            .policies
            .iter()
            .take(n)
            .enumerate()
            .map(|(i, name)| (name.clone(), Swatch::Square(theme.fill(i))))
            .collect(),
        footer: footer(&tests.base),
    };
    let heading = frame.heading_height() + 4.0;
    let bar = if n > 4 { 9.0 } else { 12.0 };
    let height = canvas_height(rows.len(), heading)
        .max((heading + (bar * n as f64 + 10.0) * rows.len() as f64 + 80.0) as u32);
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let policies: Vec<&str> = tests.policies.iter().map(String::as_str).collect();
    let mut room = frame.draw_by_policy(&mut canvas, theme, &policies[..n]);
    room.top = heading;
    let (low, high) = rows
        .iter()
        .zip(&usual)
        .filter(|(_, usual)| **usual)
        .flat_map(|((_, changes), _)| changes.iter().flatten().flat_map(|(value, ci)| [*value, ci[0], ci[1]]))
        .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
    let layout = Rows::new(room, &names, Scale::covering(low, high, 0.04), 0.0);
    let title = format!("Change of: {}", lower(&axis_title(metric)));
    layout.axes(&mut canvas, theme, &title, &names);
    for (i, (name, changes)) in rows.iter().enumerate() {
        for (policy, change) in changes.iter().enumerate() {
            if let Some((value, ci)) = change {
                let se = (ci[1] - ci[0]) / 3.92;
                let words =
                    format!("{}, {name}: change {}", policies[policy], number::plus_minus(*value, Some(se)));
                canvas.part(Part::policy(policies[policy]).saying(words), |canvas| {
                    one(canvas, &layout, (i, policy, n), (*value, *ci), theme);
                });
            }
        }
    }
    canvas.into_svg().map(Some)
}

/// A bar from zero with its whisker; an arrow head where it leaves the plot.
fn one(
    canvas: &mut Canvas,
    layout: &Rows,
    (row, policy, n): (usize, usize, usize),
    (value, ci): (f64, [f64; 2]),
    theme: &Theme,
) {
    let step = 0.84 / n as f64;
    let y = layout.middle(row) + step * ((n as f64 - 1.0) / 2.0 - policy as f64);
    let half = 0.42 * step;
    let corners = [(0.0, y - half), (value, y - half), (value, y + half), (0.0, y + half)];
    layout.plot.area(canvas, &corners, theme.fill(policy), 1.0);
    let (start, end) = layout.plot.x.ends();
    if value < start || value > end {
        let edge = if value < start { start } else { end };
        let (x, middle) = layout.plot.at(edge, y);
        let tip = if value < start { -1.0 } else { 1.0 };
        canvas.area(
            vec![(x + tip, middle), (x - 8.0 * tip, middle - 5.0), (x - 8.0 * tip, middle + 5.0)],
            theme.ink,
            1.0,
        );
        return;
    }
    let ends = [layout.plot.at(ci[0], y).0, layout.plot.at(ci[1], y).0];
    if ends[1] - ends[0] > 2.0 {
        layout.plot.line(canvas, &[(ci[0], y), (ci[1], y)], Stroke::solid(theme.ink, style::HAIRLINE));
    }
}

fn subtitle(tests: &Tests, rows: &[(&str, Changes)], usual: &[bool], all: usize) -> String {
    let mut words =
        "Against the scenario as it is, on the same draws; line = 95% interval of the change".to_owned();
    let beyond: Vec<String> = rows
        .iter()
        .zip(usual)
        .filter(|(_, usual)| !**usual)
        .map(|((name, changes), _)| {
            let most =
                changes.iter().flatten().map(|(value, _)| *value).max_by(|a, b| a.abs().total_cmp(&b.abs()));
            format!(
                "{} (up to {})",
                fitted(name, style::NAME_WIDTH, style::SUBTITLE),
                number::significant(most.unwrap_or(0.0), 2)
            )
        })
        .collect();
    if !beyond.is_empty() {
        let _ = write!(words, "; arrows = beyond the axis: {}", beyond.join(", "));
    }
    if tests.policies.len() > MOST_POLICIES {
        let _ = write!(words, "; the first {MOST_POLICIES} of {} policies", tests.policies.len());
    }
    if all > rows.len() {
        let _ = write!(words, "; the {} largest of {all} stresses", rows.len());
    }
    words
}

fn lower(title: &str) -> String {
    let mut letters = title.chars();
    letters.next().into_iter().flat_map(char::to_lowercase).chain(letters.as_str().chars()).collect()
}
