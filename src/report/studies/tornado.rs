//! The change of a figure per stress, the largest first: few policies side by side, many in a panel each.
use std::fmt::Write as _;

use crate::metric::Metric;

use super::super::axis::Scale;
use super::super::chart::rows::{Rows, canvas_height};
use super::super::chart::scope::ordinary;
use super::super::drawing::{Canvas, DrawingError, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Theme};
use super::panels::{self, Bar, Panel, Panels, Place};
use super::stress::{Tested, Tests};
use super::{axis_title, footer, shown};

const MOST_ROWS: usize = 24;
/// Of panels, which stand below each other.
const MOST_ROWS_APART: usize = 12;

/// Changes of one stress by policy.
type Changes = Vec<Option<Bar>>;

/// Draws the chart; none where nothing changes.
pub(super) fn draw(tests: &Tests, metric: &Metric, theme: &Theme) -> Result<Option<String>, DrawingError> {
    let n = tests.policies.len().min(panels::MOST);
    let apart = n >= panels::FROM;
    let size = |changes: &Changes| changes.iter().flatten().map(|bar| bar.to.abs()).fold(0.0, f64::max);
    let mut rows: Vec<(&str, Changes)> = tests
        .stresses
        .iter()
        .map(|tested| (tested.name.as_str(), changes(tests, tested, n, metric)))
        .collect();
    rows.sort_by(|a, b| size(&b.1).total_cmp(&size(&a.1)));
    let all = rows.len();
    rows.truncate(if apart { MOST_ROWS_APART } else { MOST_ROWS });
    if rows.iter().all(|(_, changes)| size(changes) == 0.0) {
        return Ok(None);
    }
    let sizes: Vec<f64> = rows.iter().map(|(_, changes)| size(changes)).collect();
    let usual = ordinary(&sizes);
    let ends = rows.iter().zip(&usual).filter(|(_, usual)| **usual).flat_map(|((_, changes), _)| {
        changes.iter().flatten().flat_map(|bar| [bar.to - bar.half, bar.to + bar.half])
    });
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let x = Scale::covering(low, high, 0.04);
    let frame = Frame {
        title: format!("Change of {} under stress", metric.key),
        subtitle: subtitle(tests, &rows, &usual, all),
        legend: Vec::new(),
        footer: footer(&tests.base),
    };
    let title = format!("Change of: {}", lower(&axis_title(metric)));
    let canvas = if apart {
        apart_by_policy(tests, rows, (x, title), &frame, theme)
    } else {
        side_by_side(tests, &rows, (x, title), frame, theme)
    };
    canvas.into_svg().map(Some)
}

/// What a stress changes, by policy.
fn changes(tests: &Tests, tested: &Tested, n: usize, metric: &Metric) -> Changes {
    let scale = shown(metric, tests.notional);
    let change = |policy: usize| {
        let found = &tested.effect(policy, metric)?.change.estimate;
        let half = found.ci.map_or(0.0, |[low, high]| (high - low) / 2.0 * scale);
        let value = (found.value? * scale, found.se.map(|se| se * scale));
        Some(Bar::new(0.0, value, half, &format!("{}, {}: change", tests.policies[policy], tested.name)))
    };
    (0..n).map(change).collect()
}

/// A row a stress, in it a bar a policy.
fn side_by_side(
    tests: &Tests,
    rows: &[(&str, Changes)],
    (x, title): (Scale, String),
    frame: Frame,
    theme: &Theme,
) -> Canvas {
    let n = tests.policies.len();
    let policies: Vec<&str> = tests.policies.iter().map(String::as_str).collect();
    let legend = policies.iter().enumerate();
    let legend = legend.map(|(i, name)| ((*name).to_owned(), Swatch::Square(theme.fill(i)))).collect();
    let frame = Frame { legend, ..frame };
    let top = frame.heading_height() + 4.0;
    let height =
        canvas_height(rows.len(), top).max((top + (12 * n + 10) as f64 * rows.len() as f64 + 80.0) as u32);
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let mut room = frame.draw_by_policy(&mut canvas, theme, &policies);
    room.top = top;
    let names: Vec<&str> = rows.iter().map(|(name, _)| *name).collect();
    let layout = Rows::new(room, &names, x, 0.0);
    layout.axes(&mut canvas, theme, &title, &names);
    let step = 0.84 / n as f64;
    for (row, (_, changes)) in rows.iter().enumerate() {
        for (policy, bar) in changes.iter().enumerate() {
            let Some(bar) = bar else { continue };
            let y = layout.middle(row) + step * ((n as f64 - 1.0) / 2.0 - policy as f64);
            let place = Place { y, half: 0.42 * step, color: theme.fill(policy), alpha: 1.0 };
            canvas.part(Part::policy(policies[policy]).saying(&bar.words), |canvas| {
                panels::draw(canvas, &layout.plot, place, bar, theme);
            });
        }
    }
    canvas
}

/// A panel a policy, in it a bar a stress.
fn apart_by_policy(
    tests: &Tests,
    mut rows: Vec<(&str, Changes)>,
    (x, title): (Scale, String),
    frame: &Frame,
    theme: &Theme,
) -> Canvas {
    let n = rows.first().map_or(0, |(_, changes)| changes.len());
    let panel = |policy: usize| Panel {
        policy: &tests.policies[policy],
        figure: String::new(),
        bars: rows.iter_mut().map(|(_, changes)| changes[policy].take()).collect(),
        color: panels::color(theme, policy, n),
    };
    let each = (0..n).map(panel).collect();
    let rows = rows.iter().map(|(name, _)| *name).collect();
    Panels { rows, each, x, title, joined: false }.sheet(frame, theme)
}

fn subtitle(tests: &Tests, rows: &[(&str, Changes)], usual: &[bool], all: usize) -> String {
    let mut words =
        "Against the scenario as it is, on the same draws; line = 95% interval of the change".to_owned();
    let beyond: Vec<String> = rows
        .iter()
        .zip(usual)
        .filter(|(_, usual)| !**usual)
        .map(|((name, changes), _)| {
            let most = changes.iter().flatten().map(|bar| bar.to).max_by(|a, b| a.abs().total_cmp(&b.abs()));
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
    if tests.policies.len() > panels::MOST {
        let _ = write!(words, "; the first {} of {} policies", panels::MOST, tests.policies.len());
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
