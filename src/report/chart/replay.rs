//! One path step by step: prices, position against target, trades, deviation.
use crate::engine::Recording;
use crate::scenario::Scenario;

use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::{NoChart, not_applicable};

const HEIGHT: u32 = 720;

/// One asset of one path under one policy, at every step of the grid; all vectors are equally long.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ReplayData {
    /// Name of the policy.
    pub policy: String,
    /// Symbol of the asset.
    pub symbol: String,
    /// Number of the path, from 0.
    pub path: u64,
    /// Time of every step in days from the start.
    pub days: Vec<f64>,
    /// True mid price.
    pub true_price: Vec<f64>,
    /// Price that the policy saw.
    pub seen_price: Vec<f64>,
    /// What the policy wanted to hold, in units.
    pub target: Vec<f64>,
    /// What it held after the step, in units.
    pub position: Vec<f64>,
    /// Units that filled at the step.
    pub filled: Vec<f64>,
    /// Tracking deviation in bps of notional.
    pub deviation: Vec<f64>,
}

impl ReplayData {
    /// One asset of a recorded path; where a figure does not exist (a target at the end) the line ends.
    pub fn of(scenario: &Scenario, recording: &Recording, path: u64, policy: &str, asset: usize) -> Self {
        let step_days = scenario.run.grid.step_seconds() / 86_400.0;
        let in_bps = 1e4 / recording.constants.notional;
        let pick = |values: &[f64]| values.get(asset).copied().unwrap_or(f64::NAN);
        let maybe = |values: &Option<Vec<f64>>| values.as_ref().map_or(f64::NAN, |values| pick(values));
        let steps = &recording.steps;
        Self {
            policy: policy.into(),
            symbol: scenario.assets.get(asset).map_or_else(String::new, |asset| asset.symbol.clone()),
            path,
            days: steps.iter().map(|step| step.j as f64 * step_days).collect(),
            true_price: steps.iter().map(|step| pick(&step.price)).collect(),
            seen_price: steps.iter().map(|step| maybe(&step.oracle)).collect(),
            target: steps.iter().map(|step| maybe(&step.target)).collect(),
            position: steps.iter().map(|step| pick(&step.position)).collect(),
            filled: steps
                .iter()
                .map(|step| step.filled.as_ref().map_or(0.0, |values| pick(values)))
                .collect(),
            deviation: steps
                .iter()
                .map(|step| (step.mark - step.benchmark.unwrap_or(0.0)) * in_bps)
                .collect(),
        }
    }

    fn equally_long(&self) -> bool {
        let n = self.days.len();
        [&self.true_price, &self.seen_price, &self.target, &self.position, &self.filled, &self.deviation]
            .iter()
            .all(|values| values.len() == n)
    }
}

/// Draws the chart.
///
/// # Errors
///
/// Not applicable with fewer than two steps or columns of different length.
pub fn draw(scenario: &Scenario, data: &ReplayData, theme: &Theme) -> Result<String, NoChart> {
    if data.days.len() < 2 || !data.equally_long() {
        return not_applicable("a replay needs columns of two steps or more, all equally long");
    }
    let (first, second) = (theme.lines[0], theme.lines[1]);
    let (seen, target) = (Stroke::solid(second, 1.5), Stroke::solid(theme.axis, 1.5));
    let frame = Frame {
        title: format!("Path {} under {}", data.path, fitted(&data.policy, 600.0, style::TITLE)),
        subtitle: format!(
            "{}: price, position, tracking deviation; triangles = fills, up for bought, down for sold",
            data.symbol
        ),
        legend: vec![
            ("true price, position, deviation".into(), Swatch::Line(Stroke::solid(first, style::SERIES))),
            ("seen price".into(), Swatch::Line(seen)),
            ("target".into(), Swatch::Line(target)),
        ],
        footer: format!(
            "path {} · seed {} · {} · driftband v{}",
            number::count(data.path),
            scenario.run.seed,
            scenario.name,
            env!("CARGO_PKG_VERSION")
        ),
    };
    let mut canvas = Canvas::new(style::WIDTH, HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let line = Stroke::solid(first, 1.5);
    let panels: [(&str, Vec<Line<'_>>); 3] = [
        ("Price", vec![(&data.true_price, line, false), (&data.seen_price, seen, true)]),
        ("Position (units)", vec![(&data.target, target, false), (&data.position, line, true)]),
        ("Deviation (bps)", vec![(&data.deviation, line, false)]),
    ];
    let height = (room.height() - style::X_AXIS_HEIGHT) / panels.len() as f64;
    for (i, (title, lines)) in panels.iter().enumerate() {
        let top = room.top + height * i as f64;
        let rect = Rect {
            left: room.left + style::Y_AXIS_WIDTH + 14.0,
            top: top + 6.0,
            bottom: top + height - 14.0,
            right: room.right,
        };
        let plot = Plot { rect, x: time_scale(&data.days), y: value_scale(lines, i == 2) };
        plot.y_axis(&mut canvas, theme, title);
        if plot.y.holds(0.0) {
            plot.level(&mut canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE));
        }
        for (values, stroke, held) in lines {
            let points = if *held { steps(&data.days, values) } else { joined(&data.days, values) };
            plot.line(&mut canvas, &thinned(&points, &plot), *stroke);
        }
        if i == 1 {
            fills(&mut canvas, &plot, data, theme);
        }
        if i + 1 == panels.len() {
            plot.x_axis(&mut canvas, theme, "Time (days)", false);
        }
    }
    Ok(canvas.into_svg()?)
}

/// Values, their look, and whether a value holds until the next step.
type Line<'a> = (&'a [f64], Stroke, bool);

fn time_scale(days: &[f64]) -> Scale {
    let (first, last) = (days.first().copied().unwrap_or(0.0), days.last().copied().unwrap_or(1.0));
    if last > first { Scale::Linear { low: first, high: last } } else { Scale::covering(first, last, 0.0) }
}

fn value_scale(lines: &[Line<'_>], zero: bool) -> Scale {
    let start = if zero { (0.0, 0.0) } else { (f64::INFINITY, f64::NEG_INFINITY) };
    let finite = lines.iter().flat_map(|(values, _, _)| values.iter()).filter(|value| value.is_finite());
    let (low, high) =
        finite.fold(start, |(low, high), value| (f64::min(low, *value), f64::max(high, *value)));
    Scale::covering(low, high, 0.08)
}

fn joined(days: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    days.iter().copied().zip(values.iter().copied()).collect()
}

/// A value holds until the next step: corners, not slopes.
fn steps(days: &[f64], values: &[f64]) -> Vec<(f64, f64)> {
    let mut points = Vec::with_capacity(2 * days.len());
    for (i, (day, value)) in days.iter().zip(values).enumerate() {
        if i > 0 && values[i - 1] != *value {
            points.push((*day, values[i - 1]));
        }
        if i == 0 || i + 1 == days.len() || values[i - 1] != *value {
            points.push((*day, *value));
        }
    }
    points
}

/// First, least, largest and last point of every pixel column: looks like all of them.
fn thinned(points: &[(f64, f64)], plot: &Plot) -> Vec<(f64, f64)> {
    if points.len() < 2000 {
        return points.to_vec();
    }
    let column = |point: &(f64, f64)| plot.at(point.0, 0.0).0.floor();
    points
        .chunk_by(|a, b| column(a) == column(b))
        .flat_map(|same| {
            let by_value = |a: &&(f64, f64), b: &&(f64, f64)| a.1.total_cmp(&b.1);
            let mut kept: Vec<(f64, f64)> =
                [same.first(), same.iter().min_by(by_value), same.iter().max_by(by_value), same.last()]
                    .into_iter()
                    .flatten()
                    .copied()
                    .collect();
            kept.sort_by(|a, b| a.0.total_cmp(&b.0));
            kept.dedup();
            kept
        })
        .collect()
}

/// Triangles where something filled, while they can be told apart; the number of fills in words always.
fn fills(canvas: &mut Canvas, plot: &Plot, data: &ReplayData, theme: &Theme) {
    let filled: Vec<usize> = (0..data.filled.len()).filter(|i| data.filled[*i] != 0.0).collect();
    if filled.len() <= 150 {
        for i in &filled {
            let (x, y) = plot.at(data.days[*i], data.position[*i]);
            if !plot.rect.holds((x, y)) {
                continue;
            }
            let up = if data.filled[*i] > 0.0 { -1.0 } else { 1.0 };
            let triangle = vec![(x - 4.0, y - up * 3.0), (x + 4.0, y - up * 3.0), (x, y + up * 5.0)];
            canvas.area(triangle, theme.ink, 1.0);
        }
    }
    let letters = Lettering::new(style::FOOTER, theme.muted).at(Align::Right, Stand::Bottom);
    let words = format!("{} fills", number::count(filled.len() as u64));
    canvas.text(words, (plot.rect.right, plot.rect.top - 2.0), letters);
}
