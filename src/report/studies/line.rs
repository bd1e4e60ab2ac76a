//! One key swept: a line a policy over its values, for the figure asked for and for the total cost.
use crate::metric::{Metric, by_key};
use crate::scenario::{Sweep, bare_text, number_and_unit};

use super::super::axis::{Scale, Tick};
use super::super::clip::Rect;
use super::super::drawing::{Canvas, DrawingError};
use super::super::frame::{Frame, Swatch};
use super::super::part::Part;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::sweep::{Cell, Grid};
use super::{axis_title, footer, point};

/// From this ratio of the largest to the smallest figure on, the axis is logarithmic.
const LOG_FROM: f64 = 12.0;
/// More lines cannot be told apart by colour.
pub(super) const MOST_LINES: usize = 7;

/// Charts by name.
pub(super) type Charts = (Vec<(String, String)>, Vec<String>);

/// One policy: its values of x with the figure and its interval.
pub(super) struct Series<'g> {
    pub(super) name: &'g str,
    pub(super) points: Vec<(f64, f64, [f64; 2])>,
}

/// Where the cells stand on the x axis, and what stands there.
pub(super) struct Abscissa {
    pub(super) places: Vec<f64>,
    pub(super) scale: Scale,
    /// Texts at given places; empty: round numbers of the scale.
    pub(super) ticks: Vec<Tick>,
    pub(super) title: String,
}

/// Draws the charts.
pub(super) fn draw(grid: &Grid, metric: &Metric, theme: &Theme) -> Result<Charts, DrawingError> {
    let (mut charts, mut missing) = (Vec::new(), Vec::new());
    let cost = by_key("cost_total").filter(|cost| cost.key != metric.key);
    for metric in [Some(metric), cost].into_iter().flatten() {
        match one(grid, metric, theme)? {
            Some(svg) => charts.push((format!("line-{}", metric.key), svg)),
            None => missing.push(format!("no chart of {}: no policy has it in two cells", metric.key)),
        }
    }
    Ok((charts, missing))
}

fn one(grid: &Grid, metric: &Metric, theme: &Theme) -> Result<Option<String>, DrawingError> {
    let abscissa = abscissa(&grid.axes[0]);
    let mut series: Vec<Series<'_>> = grid
        .policies()
        .into_iter()
        .map(|name| Series { name, points: points(&grid.cells, name, metric, &abscissa.places) })
        .filter(|series| series.points.len() > 1)
        .collect();
    let all = series.len();
    series.truncate(MOST_LINES);
    let values = || series.iter().flat_map(|series| &series.points);
    if series.is_empty() || !values().any(|(_, value, _)| *value != 0.0) {
        return Ok(None);
    }
    let left_out =
        if all > MOST_LINES { format!("; the first {MOST_LINES} of {all} policies") } else { String::new() };
    let y = scale(values().flat_map(|(_, value, ci)| [*value, ci[0], ci[1]]));
    let log = if matches!(y, Scale::Log { .. }) { " (log scale)" } else { "" };
    let frame = Frame {
        title: format!(
            "{} over {}",
            axis_title(metric).split(" (").next().unwrap_or_default(),
            grid.axes[0].key
        ),
        subtitle: format!(
            "One run a value, the same random numbers in each; whiskers = 95% interval{log}{left_out}"
        ),
        legend: series
            .iter()
            .enumerate()
            .map(|(i, series)| {
                (series.name.to_owned(), Swatch::Line(Stroke::solid(theme.line(i), style::SERIES)))
            })
            .collect(),
        footer: footer(&grid.base),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let names: Vec<&str> = series.iter().map(|series| series.name).collect();
    let room = frame.draw_by_policy(&mut canvas, theme, &names);
    let rect = Rect {
        left: room.left + style::Y_AXIS_WIDTH,
        bottom: room.bottom - style::X_AXIS_HEIGHT,
        top: room.top + 8.0,
        right: room.right - 8.0,
    };
    let plot = Plot { rect, x: abscissa.scale, y };
    plot.y_axis(&mut canvas, theme, &axis_title(metric));
    if abscissa.ticks.is_empty() {
        plot.x_axis(&mut canvas, theme, &abscissa.title, false);
    } else {
        plot.x_axis_at(&mut canvas, theme, &abscissa.title, &abscissa.ticks);
    }
    for (i, series) in series.iter().enumerate() {
        canvas.part(Part::policy(series.name), |canvas| lines(canvas, &plot, series, i, theme));
    }
    canvas.into_svg().map(Some)
}

pub(super) fn lines(canvas: &mut Canvas, plot: &Plot, series: &Series<'_>, i: usize, theme: &Theme) {
    let color = theme.line(i);
    let line: Vec<(f64, f64)> = series.points.iter().map(|(x, y, _)| (*x, *y)).collect();
    plot.line(canvas, &line, Stroke::solid(color, style::SERIES));
    for (x, y, ci) in &series.points {
        plot.line(canvas, &[(*x, ci[0]), (*x, ci[1])], Stroke::solid(color, style::HAIRLINE));
        plot.dot(canvas, (*x, *y), 3.5, color, theme);
    }
}

/// What a policy has in cells that stand at places of the x axis.
pub(super) fn points<'c>(
    cells: impl IntoIterator<Item = &'c Cell>,
    name: &str,
    metric: &Metric,
    places: &[f64],
) -> Vec<(f64, f64, [f64; 2])> {
    let mut points: Vec<(f64, f64, [f64; 2])> = cells
        .into_iter()
        .zip(places)
        .filter_map(|(cell, x)| {
            let policy = cell.summary.policies.iter().find(|policy| policy.name == name)?;
            let (value, _, ci) = point(policy, metric)?;
            Some((*x, value, ci.unwrap_or([value; 2])))
        })
        .collect();
    points.sort_by(|a, b| a.0.total_cmp(&b.0));
    points
}

/// Numbers where all values have one unit, else one place after the other.
pub(super) fn abscissa(axis: &Sweep) -> Abscissa {
    let measured: Option<Vec<(f64, String)>> =
        axis.values.iter().map(|value| number_and_unit(value)).collect();
    if let Some(measured) = measured.filter(|all| all.windows(2).all(|pair| pair[0].1 == pair[1].1)) {
        let places: Vec<f64> = measured.iter().map(|(number, _)| *number).collect();
        let (low, high) = ends(places.iter().copied());
        let unit = measured.first().map_or("", |(_, unit)| unit.as_str());
        let title = if unit.is_empty() { axis.key.clone() } else { format!("{} ({unit})", axis.key) };
        let scale = if low > 0.0 && high >= LOG_FROM * low {
            Scale::log_covering(low, high)
        } else {
            Scale::covering(low, high, 0.04)
        };
        return Abscissa { places, scale, ticks: Vec::new(), title };
    }
    let n = axis.values.len() as f64;
    let places: Vec<f64> = (0..axis.values.len()).map(|i| i as f64).collect();
    let ticks = places
        .iter()
        .zip(&axis.values)
        .map(|(place, value)| Tick { value: *place, text: bare_text(value) })
        .collect();
    let scale = Scale::Linear { low: -0.3, high: n - 0.7 };
    Abscissa { places, scale, ticks, title: axis.key.clone() }
}

fn ends(values: impl Iterator<Item = f64>) -> (f64, f64) {
    values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
}

/// From zero on where zero is near.
pub(super) fn scale(values: impl Iterator<Item = f64>) -> Scale {
    let (low, high) = ends(values);
    if low > 0.0 && high > LOG_FROM * low {
        return Scale::log_covering(low, high);
    }
    match Scale::covering(low.min(0.0), high.max(0.0), 0.06) {
        Scale::Linear { high: end, .. } if low >= 0.0 => Scale::Linear { low: 0.0, high: end },
        Scale::Linear { low: end, .. } if high <= 0.0 => Scale::Linear { low: end, high: 0.0 },
        scale => scale,
    }
}
