//! Mean cost against the standard deviation of the terminal deviation, with the efficient set.
use crate::study::compare::dominates;

use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::label::{self, Place, Wish};
use super::super::number;
use super::super::part::Part;
use super::super::plot::Plot;
use super::super::style::{self, Color, Stroke, Theme};
use super::{ChartInput, NoChart, not_applicable};

/// From this ratio of the largest to the least std on, the axis is logarithmic.
const LOG_FROM: f64 = 12.0;
const RADIUS: f64 = 6.0;

/// A policy in the plane of cost and spread, in bps of notional.
#[derive(Debug, Clone, PartialEq)]
struct Point {
    policy: usize,
    cost: f64,
    std: f64,
    cost_ends: [f64; 2],
    std_ends: [f64; 2],
    efficient: bool,
}

/// Draws the chart.
///
/// # Errors
///
/// Not applicable without costs and standard deviations.
pub fn draw(input: &ChartInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    input.check()?;
    let points = points(input);
    if points.is_empty() {
        return not_applicable("no policy has a cost and a standard deviation");
    }
    let families = families(input);
    let by_family = input.outcome.policies.len() > theme.fills.len();
    let plot_of = |rect| Plot { rect, x: cost_scale(&points), y: std_scale(&points) };
    let log = matches!(std_scale(&points), Scale::Log { .. });
    let frame = Frame {
        title: "Cost against deviation".into(),
        subtitle: format!(
            "Mean cost against the standard deviation of the terminal deviation{}; whiskers = 95% interval, dashed = efficient set",
            if log { " (log scale)" } else { "" }
        ),
        // few policies have their own colours, and their names stand beside them
        legend: families
            .iter()
            .enumerate()
            .filter(|_| by_family)
            .map(|(i, kind)| (kind.replace('_', " "), Swatch::Dot(theme.fill(i))))
            .collect(),
        footer: input.footer(),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::SCATTER_HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let plot = plot_of(Rect {
        left: room.left + style::Y_AXIS_WIDTH,
        bottom: room.bottom - style::X_AXIS_HEIGHT,
        top: room.top + 4.0,
        right: room.right,
    });
    plot.y_axis(&mut canvas, theme, "Std of terminal deviation (bps of notional)");
    plot.x_axis(&mut canvas, theme, "Mean cost (bps of notional)", false);
    if plot.x.holds(0.0) && plot.x.ends().0 < 0.0 {
        plot.upright(&mut canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE));
    }
    let mut efficient: Vec<(f64, f64)> =
        points.iter().filter(|point| point.efficient).map(|point| (point.cost, point.std)).collect();
    efficient.sort_by(|a, b| a.0.total_cmp(&b.0).then(b.1.total_cmp(&a.1)));
    plot.line(&mut canvas, &efficient, Stroke::solid(theme.axis, 2.0).dashed(style::EFFICIENT_DASH));
    let place = |point: &Point| {
        if !by_family {
            return point.policy;
        }
        families.iter().position(|kind| *kind == input.outcome.policies[point.policy].kind).unwrap_or(0)
    };
    for point in &points {
        let stroke = Stroke::solid(theme.line(place(point)), style::HAIRLINE + 0.25);
        canvas.part(Part::policy(input.name(point.policy)), |canvas| {
            let across = [(point.cost_ends[0], point.std), (point.cost_ends[1], point.std)];
            let along = [(point.cost, point.std_ends[0]), (point.cost, point.std_ends[1])];
            whisker(canvas, &plot, across, stroke);
            whisker(canvas, &plot, along, stroke);
        });
    }
    for point in &points {
        let color: Color = theme.fill(place(point));
        canvas.part(Part::policy(input.name(point.policy)).saying(words(input, point.policy)), |canvas| {
            plot.dot(canvas, (point.cost, point.std), RADIUS, color, theme);
        });
    }
    let line: Vec<(f64, f64)> = efficient.iter().map(|(cost, std)| plot.at(*cost, *std)).collect();
    names(input, &mut canvas, &plot, &points, &along(&line), theme);
    Ok(canvas.into_svg()?)
}

/// "hourly: mean cost 92.7 ± 0.2 bps, std 49.5 ± 0.3 bps"
fn words(input: &ChartInput<'_>, policy: usize) -> String {
    let figure = |key| input.bps(policy, key).map_or_else(String::new, |(v, se)| number::plus_minus(v, se));
    format!("{}: mean cost {} bps, std {} bps", input.name(policy), figure("cost_total"), figure("std"))
}

/// Every policy that has both figures.
fn points(input: &ChartInput<'_>) -> Vec<Point> {
    let mut points: Vec<Point> = (0..input.outcome.policies.len())
        .filter_map(|policy| {
            let (cost, _) = input.bps(policy, "cost_total")?;
            let (std, _) = input.bps(policy, "std")?;
            let cost_ends = input.interval(policy, "cost_total").unwrap_or([cost; 2]);
            let std_ends = input.interval(policy, "std").unwrap_or([std; 2]);
            Some(Point { policy, cost, std, cost_ends, std_ends, efficient: false })
        })
        .collect();
    let efficient: Vec<bool> = points
        .iter()
        .map(|a| {
            let beats = |b: &Point| dominates((b.cost, b.std), (a.cost, a.std));
            !points.iter().any(beats)
        })
        .collect();
    for (point, efficient) in points.iter_mut().zip(efficient) {
        point.efficient = efficient;
    }
    points
}

/// Kinds of rules in the order of their first policy.
fn families(input: &ChartInput<'_>) -> Vec<&'static str> {
    let mut kinds = Vec::new();
    for policy in &input.outcome.policies {
        if !kinds.contains(&policy.kind) {
            kinds.push(policy.kind);
        }
    }
    kinds
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// Costs from zero on, or from the largest rebate.
fn cost_scale(points: &[Point]) -> Scale {
    let (low, high) =
        ends(points.iter().flat_map(|point| [point.cost, point.cost_ends[0], point.cost_ends[1]]));
    match Scale::covering(low.min(0.0), high.max(0.0), 0.05) {
        // room left of zero only where something stands there or on it
        Scale::Linear { high: end, .. } if low > 0.05 * high => Scale::Linear { low: 0.0, high: end },
        scale => scale,
    }
}

fn std_scale(points: &[Point]) -> Scale {
    let (low, high) = ends(points.iter().flat_map(|point| [point.std, point.std_ends[0], point.std_ends[1]]));
    let (least, most) = ends(points.iter().map(|point| point.std));
    if low > 0.0 && most > LOG_FROM * least {
        return Scale::log_covering(low, high);
    }
    if high <= 0.0 {
        return Scale::Linear { low: 0.0, high: 1.0 };
    }
    match Scale::covering(0.0, high, 0.06) {
        Scale::Linear { high: end, .. } if low >= 0.0 => Scale::Linear { low: 0.0, high: end },
        scale => scale,
    }
}

/// An interval; one shorter than its dot would only blur it.
fn whisker(canvas: &mut Canvas, plot: &Plot, ends: [(f64, f64); 2], stroke: Stroke) {
    let [from, to] = ends.map(|(x, y)| plot.at(x, y));
    if (to.0 - from.0).abs() + (to.1 - from.1).abs() > 1.0 {
        plot.line(canvas, &ends, stroke);
    }
}

/// Small rectangles along a line.
fn along(line: &[(f64, f64)]) -> Vec<Rect> {
    let between = |pair: &[(f64, f64)]| {
        let (from, to) = (pair[0], pair[1]);
        let n = ((to.0 - from.0).abs() + (to.1 - from.1).abs()) / 4.0;
        let n = n.ceil().max(1.0) as usize;
        (0..=n).map(move |i| {
            let t = i as f64 / n as f64;
            let (x, y) = (from.0 + t * (to.0 - from.0), from.1 + t * (to.1 - from.1));
            Rect { left: x - 2.0, right: x + 2.0, top: y - 2.0, bottom: y + 2.0 }
        })
    };
    line.windows(2).flat_map(between).collect()
}

/// Names beside the points: the efficient set first, then from cheap to dear; none covers another.
fn names(
    input: &ChartInput<'_>,
    canvas: &mut Canvas,
    plot: &Plot,
    points: &[Point],
    line: &[Rect],
    theme: &Theme,
) {
    let mut order: Vec<&Point> = points.iter().collect();
    order.sort_by(|a, b| b.efficient.cmp(&a.efficient).then(a.cost.total_cmp(&b.cost)));
    let wish = |point: &&Point| Wish {
        point: plot.at(point.cost, point.std),
        text: fitted(input.name(point.policy), 240.0, style::LABEL),
    };
    let wishes: Vec<Wish> = order.iter().map(wish).collect();
    let mut obstacles: Vec<Rect> = Vec::new();
    for point in points {
        let (x, y) = plot.at(point.cost, point.std);
        let (left, bottom) = plot.at(point.cost_ends[0], point.std_ends[0]);
        let (right, top) = plot.at(point.cost_ends[1], point.std_ends[1]);
        let r = RADIUS + 1.0;
        obstacles.push(Rect { left: x - r, right: x + r, top: y - r, bottom: y + r });
        obstacles.push(Rect { left, right, top: y - 1.0, bottom: y + 1.0 });
        obstacles.push(Rect { left: x - 1.0, right: x + 1.0, top, bottom });
    }
    let bounds = Rect { right: plot.rect.right + 16.0, top: plot.rect.top - 4.0, ..plot.rect };
    let places = label::place(&wishes, &obstacles, line, bounds, style::LABEL);
    let unnamed = places.iter().filter(|place| place.is_none()).count();
    if unnamed > 0 {
        let noun = if unnamed == 1 { "name" } else { "names" };
        let words = format!("{unnamed} {noun} left out for room");
        let letters = Lettering::new(style::FOOTER, theme.muted).at(Align::Right, Stand::Top);
        canvas.text(words, (plot.rect.right, plot.rect.top), letters);
    }
    for ((point, wish), place) in order.iter().zip(&wishes).zip(places) {
        let Some(place) = place else { continue };
        let part = Part::policy(input.name(point.policy)).saying(words(input, point.policy));
        canvas.part(part, |canvas| name(canvas, wish, place, theme));
    }
}

/// A name, and where it stands apart a line from its point.
fn name(canvas: &mut Canvas, wish: &Wish, place: Place, theme: &Theme) {
    let middle = 0.5 * (place.rect.top + place.rect.bottom);
    if place.leader {
        let x = wish.point.0.clamp(place.rect.left, place.rect.right);
        let y = if wish.point.1 < middle { place.rect.top } else { place.rect.bottom };
        let near = if x == wish.point.0 {
            (x, y)
        } else if x == place.rect.left {
            (x - 2.0, middle)
        } else {
            (x + 2.0, middle)
        };
        canvas.line(vec![wish.point, near], Stroke::solid(theme.axis, style::HAIRLINE));
    }
    let letters = Lettering::new(style::LABEL, theme.ink).at(Align::Left, Stand::Middle);
    canvas.text(&wish.text, (place.rect.left + label::MARGIN, middle), letters);
}
