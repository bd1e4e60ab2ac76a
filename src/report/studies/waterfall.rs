//! From nothing to the figure: what each part adds, a bar a policy, each from where the one above it ends.
use std::fmt::Write as _;

use super::super::axis::Scale;
use super::super::chart::rows::{Rows, canvas_height};
use super::super::chart::scope::ordinary;
use super::super::drawing::{Canvas, DrawingError, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::style::{self, Stroke, Theme};
use super::attribution::{Attributed, Shares, unit};
use super::footer;

/// More bars in a row cannot be told apart.
const MOST_POLICIES: usize = 7;

/// One policy's way to its figure.
struct Fall<'a> {
    name: &'a str,
    /// By row: where the bar begins and ends, and the half-width of its interval.
    bars: Vec<(f64, f64, f64)>,
}

/// Draws the chart; none where the figure is zero or undefined for every policy.
pub(super) fn draw(found: &Attributed, figure: &str, theme: &Theme) -> Result<Option<String>, DrawingError> {
    let present = found.present();
    let scale = found.scale(figure);
    let falls: Vec<Fall<'_>> = found
        .policies
        .iter()
        .filter_map(|policy| {
            let shares = policy.figures.iter().find(|shares| shares.figure == figure)?;
            Some(Fall { name: &policy.name, bars: bars(shares, &present, scale)? })
        })
        .take(MOST_POLICIES)
        .collect();
    let reach = |fall: &Fall<'_>| {
        fall.bars.iter().map(|(from, to, half)| from.abs().max(to.abs() + half)).fold(0.0, f64::max)
    };
    let reaches: Vec<f64> = falls.iter().map(reach).collect();
    if reaches.iter().all(|reach| *reach < 1e-8) {
        return Ok(None);
    }
    let usual = ordinary(&reaches);
    let mut names: Vec<&str> = present.iter().map(|part| found.parts[*part].part.as_str()).collect();
    names.push("total");
    let frame = Frame {
        title: format!("What makes {figure}"),
        subtitle: subtitle(found, &falls, &usual),
        legend: falls
            .iter()
            .enumerate()
            .map(|(i, fall)| (fall.name.to_owned(), Swatch::Square(theme.fill(i))))
            .collect(),
        footer: footer(&found.scenario),
    };
    let n = falls.len();
    let heading = frame.heading_height() + 4.0;
    let bar = if n > 4 { 9.0 } else { 12.0 };
    let height = canvas_height(names.len(), heading)
        .max((heading + (bar * n as f64 + 10.0) * names.len() as f64 + 80.0) as u32);
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let mut room = frame.draw(&mut canvas, theme);
    room.top = heading;
    let (low, high) = falls
        .iter()
        .zip(&usual)
        .filter(|(_, usual)| **usual)
        .flat_map(|(fall, _)| fall.bars.iter().flat_map(|(from, to, half)| [*from, to - half, to + half]))
        .fold((0.0_f64, 0.0_f64), |(low, high), value| (low.min(value), high.max(value)));
    let layout = Rows::new(room, &names, Scale::covering(low, high, 0.04), 0.0);
    layout.axes(&mut canvas, theme, &format!("{} ({})", title(figure), unit(figure)), &names);
    for (policy, fall) in falls.iter().enumerate() {
        one(&mut canvas, &layout, (policy, n), fall, theme);
    }
    canvas.into_svg().map(Some)
}

/// Bars of the present parts and of the total; none where a value is missing.
fn bars(shares: &Shares, present: &[usize], scale: f64) -> Option<Vec<(f64, f64, f64)>> {
    let half = |ci: Option<[f64; 2]>| ci.map_or(0.0, |[low, high]| (high - low) / 2.0 * scale);
    let mut at = 0.0;
    let mut bars = Vec::with_capacity(present.len() + 1);
    for part in present {
        let figure = shares.parts.get(*part)?;
        let next = at + figure.value? * scale;
        bars.push((at, next, half(figure.ci)));
        at = next;
    }
    bars.push((0.0, shares.total.value? * scale, half(shares.total.ci)));
    Some(bars)
}

/// The bars of one policy, the ends joined; an arrow head where one leaves the plot.
fn one(canvas: &mut Canvas, layout: &Rows, (policy, n): (usize, usize), fall: &Fall<'_>, theme: &Theme) {
    let step = 0.84 / n as f64;
    let half = 0.42 * step;
    let (start, end) = layout.plot.x.ends();
    let height = |row: usize| layout.middle(row) + step * ((n as f64 - 1.0) / 2.0 - policy as f64);
    let last = fall.bars.len() - 1;
    for (row, (from, to, reach)) in fall.bars.iter().copied().enumerate() {
        let y = height(row);
        let corners = [(from, y - half), (to, y - half), (to, y + half), (from, y + half)];
        layout.plot.area(canvas, &corners, theme.fill(policy), 1.0);
        if row < last {
            let below = if row + 1 == last { fall.bars[last].1 } else { to };
            let joint = [(to, y - half), (below, height(row + 1) + half)];
            layout.plot.line(canvas, &joint, Stroke::solid(theme.line(policy), style::HAIRLINE).faded(0.6));
        }
        if to < start || to > end {
            let edge = if to < start { start } else { end };
            let (x, middle) = layout.plot.at(edge, y);
            let tip = if to < start { -1.0 } else { 1.0 };
            let head = vec![(x + tip, middle), (x - 8.0 * tip, middle - 5.0), (x - 8.0 * tip, middle + 5.0)];
            canvas.area(head, theme.ink, 1.0);
        } else if layout.plot.at(to + reach, y).0 - layout.plot.at(to - reach, y).0 > 2.0 {
            let whisker = [(to - reach, y), (to + reach, y)];
            layout.plot.line(canvas, &whisker, Stroke::solid(theme.ink, style::HAIRLINE));
        }
    }
}

fn title(figure: &str) -> &'static str {
    match figure {
        "mean" => "Mean deviation",
        "variance" => "Variance of the deviation",
        "cvar_95" => "Mean loss in the worst 5 %",
        _ => "Mean loss in the worst 1 %",
    }
}

fn subtitle(found: &Attributed, falls: &[Fall<'_>], usual: &[bool]) -> String {
    let mut words =
        "Groups switched on from top to bottom on the same draws, each with the trades it changes; line = \
                     95% interval of the part"
            .to_owned();
    let beyond: Vec<String> = falls
        .iter()
        .zip(usual)
        .filter(|(_, usual)| !**usual)
        .map(|(fall, _)| {
            let total = fall.bars.last().map_or(0.0, |(_, to, _)| *to);
            let name = fitted(fall.name, style::NAME_WIDTH, style::SUBTITLE);
            format!("{name} (total {})", number::significant(total, 2))
        })
        .collect();
    if !beyond.is_empty() {
        let _ = write!(words, "; arrows = beyond the axis: {}", beyond.join(", "));
    }
    let with_parts = found.policies.iter().filter(|policy| policy.reason.is_none()).count();
    if with_parts > falls.len() {
        let _ = write!(words, "; the first {} of {with_parts} policies", falls.len());
    }
    if found.paths < found.scenario.paths {
        let _ = write!(words, "; of the first {} paths", number::count(found.paths));
    }
    words
}
