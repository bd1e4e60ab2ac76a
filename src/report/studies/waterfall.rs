//! From nothing to the figure: what each part adds, each bar from where the one above it ends; few policies side by side, many
//! in a panel each.
use std::fmt::Write as _;

use super::super::axis::Scale;
use super::super::chart::rows::{Rows, canvas_height};
use super::super::chart::scope::ordinary;
use super::super::drawing::{Canvas, DrawingError, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Stroke, Theme};
use super::super::summary::Figure;
use super::attribution::{Attributed, PolicyShares, Shares, unit};
use super::panels::{self, Bar, Panel, Panels, Place};
use super::{capital, footer, text};

/// One policy's way to its figure.
struct Fall<'a> {
    name: &'a str,
    /// By row, the total last.
    bars: Vec<Bar>,
    /// The total and its error.
    total: String,
}

/// Draws the chart; none where the figure is zero or undefined for every policy.
pub(super) fn draw(found: &Attributed, figure: &str, theme: &Theme) -> Result<Option<String>, DrawingError> {
    let falls = falls(found, figure);
    let reach = |fall: &Fall<'_>| {
        fall.bars.iter().map(|bar| bar.from.abs().max(bar.to.abs() + bar.half)).fold(0.0, f64::max)
    };
    let reaches: Vec<f64> = falls.iter().map(reach).collect();
    if reaches.iter().all(|reach| *reach < 1e-8) {
        return Ok(None);
    }
    let usual = ordinary(&reaches);
    let ends = falls.iter().zip(&usual).filter(|(_, usual)| **usual).flat_map(|(fall, _)| {
        fall.bars.iter().flat_map(|bar| [bar.from, bar.to - bar.half, bar.to + bar.half])
    });
    let (low, high) = ends.fold((0.0_f64, 0.0_f64), |(low, high), x| (low.min(x), high.max(x)));
    let mut rows: Vec<&str> =
        found.present().into_iter().map(|part| found.parts[part].part.as_str()).collect();
    rows.push("total");
    let fallen = Fallen {
        subtitle: subtitle(found, &falls, &usual),
        falls,
        rows,
        x: Scale::covering(low, high, 0.04),
        title: format!("{} ({})", capital(title(figure)), unit(figure)),
    };
    let heading = format!("What makes the {}", title(figure));
    let canvas = if fallen.falls.len() < panels::FROM {
        fallen.side_by_side(heading, found, theme)
    } else {
        fallen.apart(heading, found, theme)
    };
    canvas.into_svg().map(Some)
}

/// All that is drawn.
struct Fallen<'a> {
    falls: Vec<Fall<'a>>,
    rows: Vec<&'a str>,
    x: Scale,
    title: String,
    subtitle: String,
}

impl Fallen<'_> {
    /// A row a part, in it a bar a policy.
    fn side_by_side(self, heading: String, found: &Attributed, theme: &Theme) -> Canvas {
        let names: Vec<&str> = self.falls.iter().map(|fall| fall.name).collect();
        let legend = names.iter().enumerate();
        let frame = Frame {
            title: heading,
            subtitle: self.subtitle,
            legend: legend.map(|(i, name)| ((*name).to_owned(), Swatch::Square(theme.fill(i)))).collect(),
            footer: footer(&found.scenario),
        };
        let n = names.len();
        let top = frame.heading_height() + 4.0;
        let height = canvas_height(self.rows.len(), top)
            .max((top + (12 * n + 10) as f64 * self.rows.len() as f64 + 80.0) as u32);
        let mut canvas = Canvas::new(style::WIDTH, height, theme);
        let mut room = frame.draw_by_policy(&mut canvas, theme, &names);
        room.top = top;
        let layout = Rows::new(room, &self.rows, self.x, 0.0);
        layout.axes(&mut canvas, theme, &self.title, &self.rows);
        for (policy, fall) in self.falls.iter().enumerate() {
            canvas.part(Part::policy(fall.name), |canvas| one(canvas, &layout, (policy, n), fall, theme));
        }
        canvas
    }

    /// A panel a policy.
    fn apart(self, heading: String, found: &Attributed, theme: &Theme) -> Canvas {
        let frame = Frame {
            title: heading,
            subtitle: self.subtitle,
            legend: Vec::new(),
            footer: footer(&found.scenario),
        };
        let n = self.falls.len();
        let falls = self.falls.into_iter().enumerate();
        let each = falls.map(|(i, fall)| Panel {
            policy: fall.name,
            figure: fall.total,
            bars: fall.bars.into_iter().map(Some).collect(),
            color: panels::color(theme, i, n),
        });
        let each = each.collect();
        Panels { rows: self.rows, each, x: self.x, title: self.title, joined: true }.sheet(&frame, theme)
    }
}

/// The policies that have parts, the first so many as a picture holds.
fn falls<'a>(found: &'a Attributed, figure: &str) -> Vec<Fall<'a>> {
    let (present, scale) = (found.present(), found.scale(figure));
    let fall = |policy: &'a PolicyShares| {
        let shares = policy.figures.iter().find(|shares| shares.figure == figure)?;
        let total = text(shares.total.value? * scale, shares.total.se.map(|se| se * scale));
        Some(Fall { name: &policy.name, bars: bars(policy, found, shares, &present, scale)?, total })
    };
    found.policies.iter().filter_map(fall).take(panels::MOST).collect()
}

/// Bars of the present parts and of the total; none where a value is missing.
fn bars(
    policy: &PolicyShares,
    found: &Attributed,
    shares: &Shares,
    present: &[usize],
    scale: f64,
) -> Option<Vec<Bar>> {
    let half = |ci: Option<[f64; 2]>| ci.map_or(0.0, |[low, high]| (high - low) / 2.0 * scale);
    let bar = |name: &str, figure: &Figure, from: f64| {
        let value = (figure.value? * scale, figure.se.map(|se| se * scale));
        Some(Bar::new(from, value, half(figure.ci), &format!("{}, {name}:", policy.name)))
    };
    let mut at = 0.0;
    let mut bars = Vec::with_capacity(present.len() + 1);
    for part in present {
        let next = bar(&found.parts[*part].part, shares.parts.get(*part)?, at)?;
        at = next.to;
        bars.push(next);
    }
    bars.push(bar("total", &shares.total, 0.0)?);
    Some(bars)
}

/// The bars of one policy, the ends joined.
fn one(canvas: &mut Canvas, layout: &Rows, (policy, n): (usize, usize), fall: &Fall<'_>, theme: &Theme) {
    let step = 0.84 / n as f64;
    let half = 0.42 * step;
    let height = |row: usize| layout.middle(row) + step * ((n as f64 - 1.0) / 2.0 - policy as f64);
    let last = fall.bars.len() - 1;
    for (row, bar) in fall.bars.iter().enumerate() {
        let place = Place { y: height(row), half, color: theme.fill(policy), alpha: 1.0 };
        canvas.part(Part::default().saying(&bar.words), |canvas| {
            panels::draw(canvas, &layout.plot, place, bar, theme);
        });
        if row < last {
            let below = if row + 1 == last { fall.bars[last].to } else { bar.to };
            let joint = [(bar.to, height(row) - half), (below, height(row + 1) + half)];
            layout.plot.line(canvas, &joint, Stroke::solid(theme.line(policy), style::HAIRLINE).faded(0.6));
        }
    }
}

/// What the figure is, as a title or within one.
fn title(figure: &str) -> &'static str {
    match figure {
        "mean" => "mean deviation",
        "variance" => "variance of the deviation",
        "cvar_95" => "mean loss in the worst 5 %",
        _ => "mean loss in the worst 1 %",
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
            let total = fall.bars.last().map_or(0.0, |bar| bar.to);
            let name = fitted(fall.name, style::NAME_WIDTH, style::SUBTITLE);
            format!("{name} (total {})", number::significant(total, 2))
        })
        .collect();
    if falls.len() >= panels::FROM {
        words.push_str("; beside the bars their figures, above them the total ± standard error");
    }
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
