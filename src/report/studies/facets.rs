//! Three swept keys or more: a panel for every choice of the others, in it a line a policy over the key of most values.
use crate::metric::{Metric, by_key};
use crate::scenario::bare_text;

use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, DrawingError, Lettering, Stand, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::part::Part;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::line::{Abscissa, Charts, MOST_LINES, Series, abscissa, lines, points, scale};
use super::sweep::Grid;
use super::{axis_title, footer};

/// More panels are no longer one picture.
const MOST_PANELS: usize = 24;
/// Panels beside each other.
const COLUMNS: usize = 3;
const PANEL_HEIGHT: f64 = 190.0;
/// Room above a panel for what it fixes.
const CAPTION: f64 = 20.0;

/// The cells of one choice of the other keys.
struct Panel<'g> {
    caption: String,
    series: Vec<Series<'g>>,
}

/// Draws the charts.
pub(super) fn draw(grid: &Grid, metric: &Metric, theme: &Theme) -> Result<Charts, DrawingError> {
    let across = across(grid);
    let n_panels: usize = grid
        .axes
        .iter()
        .enumerate()
        .filter(|(at, _)| *at != across)
        .map(|(_, axis)| axis.values.len())
        .product();
    if n_panels > MOST_PANELS {
        let why =
            format!("no chart shows {n_panels} panels, at most {MOST_PANELS}; sweep.csv has every cell");
        return Ok((Vec::new(), vec![why]));
    }
    let (mut charts, mut missing) = (Vec::new(), Vec::new());
    let cost = by_key("cost_total").filter(|cost| cost.key != metric.key);
    for metric in [Some(metric), cost].into_iter().flatten() {
        match one(grid, across, metric, theme)? {
            Some(svg) => charts.push((format!("facets-{}", metric.key), svg)),
            None => missing.push(format!("no chart of {}: no policy has it in two cells", metric.key)),
        }
    }
    Ok((charts, missing))
}

/// The axis of most values, the last of several.
fn across(grid: &Grid) -> usize {
    (0..grid.axes.len()).max_by_key(|at| grid.axes[*at].values.len()).unwrap_or(0)
}

/// Panels in the order of the cells; every panel has the cells of the whole axis, in its order.
fn panels<'g>(grid: &'g Grid, across: usize, metric: &Metric, x: &Abscissa) -> Vec<Panel<'g>> {
    let others = |values: &[String]| -> Vec<String> {
        values.iter().enumerate().filter(|(at, _)| *at != across).map(|(_, value)| value.clone()).collect()
    };
    let mut choices: Vec<Vec<String>> = Vec::new();
    for cell in &grid.cells {
        let choice = others(&cell.values);
        if !choices.contains(&choice) {
            choices.push(choice);
        }
    }
    let keys: Vec<String> = others(&grid.axes.iter().map(|axis| axis.key.clone()).collect::<Vec<_>>());
    let panel = |choice: Vec<String>| {
        let words: Vec<String> = keys
            .iter()
            .zip(&choice)
            .map(|(key, value)| format!("{} = {}", key.rsplit('.').next().unwrap_or(key), bare_text(value)))
            .collect();
        let series = grid.policies().into_iter().take(MOST_LINES).map(|name| {
            let cells = grid.cells.iter().filter(|cell| others(&cell.values) == choice);
            Series { name, points: points(cells, name, metric, &x.places) }
        });
        Panel { caption: words.join(", "), series: series.collect() }
    };
    choices.into_iter().map(panel).collect()
}

fn one(grid: &Grid, across: usize, metric: &Metric, theme: &Theme) -> Result<Option<String>, DrawingError> {
    let x = abscissa(&grid.axes[across]);
    let panels = panels(grid, across, metric, &x);
    let values = || panels.iter().flat_map(|panel| &panel.series).flat_map(|series| &series.points);
    let several = panels.iter().flat_map(|panel| &panel.series).any(|series| series.points.len() > 1);
    if !several || !values().any(|(_, value, _)| *value != 0.0) {
        return Ok(None);
    }
    let y = scale(values().flat_map(|(_, value, ci)| [*value, ci[0], ci[1]]));
    let policies = grid.policies();
    let shown: Vec<&str> = policies.iter().copied().take(MOST_LINES).collect();
    let left_out = match policies.len() {
        all if all > MOST_LINES => format!("; the first {MOST_LINES} of {all} policies"),
        _ => String::new(),
    };
    let legend = shown
        .iter()
        .enumerate()
        .map(|(i, name)| ((*name).to_owned(), Swatch::Line(Stroke::solid(theme.line(i), style::SERIES))));
    let frame = Frame {
        title: format!(
            "{} over {}",
            axis_title(metric).split(" (").next().unwrap_or_default(),
            fitted(&grid.axes[across].key, 600.0, style::TITLE)
        ),
        subtitle: format!(
            "One panel a choice of the other keys, all on one scale; one run a value, the same random numbers in each; whiskers = 95% interval{left_out}"
        ),
        legend: legend.collect(),
        footer: footer(&grid.base),
    };
    let rows = panels.len().div_ceil(COLUMNS);
    let height =
        frame.heading_height() + rows as f64 * PANEL_HEIGHT + style::X_AXIS_HEIGHT + style::MARGIN_BOTTOM;
    let mut canvas = Canvas::new(style::WIDTH, height.ceil() as u32, theme);
    let room = frame.draw_by_policy(&mut canvas, theme, &shown);
    let columns = panels.len().min(COLUMNS);
    let width = room.width() / columns as f64;
    for (at, panel) in panels.iter().enumerate() {
        let (row, column) = (at / COLUMNS, at % COLUMNS);
        let (left, top) = (room.left + width * column as f64, room.top + PANEL_HEIGHT * row as f64);
        let rect = Rect {
            left: left + style::Y_AXIS_WIDTH,
            top: top + CAPTION,
            right: left + width - 12.0,
            bottom: top + PANEL_HEIGHT - 24.0,
        };
        let title = if column == 0 { axis_title(metric) } else { String::new() };
        // what stands below a panel belongs to the lowest of its column
        let lowest = at + COLUMNS >= panels.len();
        draw_panel(&mut canvas, &Plot { rect, x: x.scale, y }, panel, (&title, lowest.then_some(&x)), theme);
    }
    canvas.into_svg().map(Some)
}

fn draw_panel(
    canvas: &mut Canvas,
    plot: &Plot,
    panel: &Panel<'_>,
    (title, x): (&str, Option<&Abscissa>),
    theme: &Theme,
) {
    let letters = Lettering::new(style::LABEL, theme.ink).at(Align::Left, Stand::Bottom);
    let caption = fitted(&panel.caption, plot.rect.width(), style::LABEL);
    canvas.text(caption, (plot.rect.left, plot.rect.top - 5.0), letters);
    plot.y_axis(canvas, theme, title);
    match x {
        Some(x) if x.ticks.is_empty() => plot.x_axis(canvas, theme, &x.title, false),
        Some(x) => plot.x_axis_at(canvas, theme, &x.title, &x.ticks),
        None => plot.x_axis_at(canvas, theme, "", &[]),
    }
    for (i, series) in panel.series.iter().enumerate() {
        canvas.part(Part::policy(series.name), |canvas| lines(canvas, plot, series, i, theme));
    }
}
