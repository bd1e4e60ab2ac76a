//! Spread of outcomes per policy: violin, quartile bar, 1–99 % line, median, and the figures beside them.
use crate::stats::{density, quantile_estimate};

use super::super::drawing::Canvas;
use super::super::frame::Frame;
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Stroke, Theme};
use super::density::beyond;
use super::rows::{self, Rows};
use super::scope::{body, left_out, ordinary, steadiest};
use super::{ChartInput, NoChart, Sample};

const MOST_ROWS: usize = 24;
const N_POINTS: usize = 301;
/// Where the columns of figures end, right of the plot.
const COLUMNS: [(f64, f64, &str); 3] = [(70.0, 0.01, "1%"), (140.0, 0.5, "median"), (210.0, 0.99, "99%")];

/// Draws the chart.
///
/// # Errors
///
/// Not applicable below two paths.
pub fn draw(input: &ChartInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let samples = input.samples()?;
    let shown = steadiest(input, MOST_ROWS);
    let widths: Vec<f64> = shown.iter().map(|policy| samples[*policy].width()).collect();
    let usual = ordinary(&widths);
    let names: Vec<&str> = shown.iter().map(|policy| input.name(*policy)).collect();
    let wild: Vec<&str> =
        names.iter().zip(&usual).filter(|(_, usual)| !**usual).map(|(name, _)| *name).collect();
    let frame = Frame {
        title: "Spread of outcomes by policy".into(),
        subtitle: format!(
            "Terminal deviation: shape = density, thick bar = 25–75%, thin line = 1–99%, dot = median{}{}",
            beyond(&wild),
            left_out(shown.len(), samples.len())
        ),
        legend: Vec::new(),
        footer: input.footer(),
    };
    let heading = frame.heading_height() + 12.0;
    let mut canvas = Canvas::new(style::WIDTH, rows::canvas_height(shown.len(), heading), theme);
    let mut room = frame.draw(&mut canvas, theme);
    room.top = heading;
    let rows = Rows::new(room, &names, body(&shown, samples, &usual), COLUMNS[2].0);
    rows.axes_by_policy(&mut canvas, theme, "Terminal deviation (bps of notional)", &names);
    rows.column_heads(&mut canvas, &COLUMNS.map(|(end, _, head)| (end, head)), theme);
    for (i, policy) in shown.iter().enumerate() {
        let sample = &samples[*policy];
        let [low, quarter, median, three_quarters, high] =
            [0.01, 0.25, 0.5, 0.75, 0.99].map(|p| figure(sample, p));
        let part = Part::policy(names[i]).saying(format!(
            "{}: median {median} bps; 25–75% {quarter} to {three_quarters}; 1–99% {low} to {high}",
            names[i]
        ));
        canvas.part(part, |canvas| {
            violin(canvas, &rows, i, sample, input.series(*policy), theme);
            let figures = COLUMNS.map(|(end, p, _)| (end, figure(sample, p)));
            rows.figures(canvas, i, &figures, theme);
        });
    }
    Ok(canvas.into_svg()?)
}

fn violin(canvas: &mut Canvas, rows: &Rows, i: usize, sample: &Sample, series: usize, theme: &Theme) {
    let y = rows.middle(i);
    let (fill, line) = (theme.fill(series), theme.line(series));
    let [low, quarter, median, three_quarters, high] =
        [0.01, 0.25, 0.5, 0.75, 0.99].map(|p| sample.quantile(p));
    let (start, end) = rows.plot.x.ends();
    let (from, to) = (sample.quantile(0.005).max(start), sample.quantile(0.995).min(end));
    let curve = density(&sample.sorted, from, to, N_POINTS).unwrap_or_default();
    let peak = curve.iter().map(|(_, height)| *height).fold(0.0, f64::max);
    if peak > 0.0 {
        let half = |height: f64| 0.42 * height / peak;
        let mut outline: Vec<(f64, f64)> = curve.iter().map(|(x, height)| (*x, y + half(*height))).collect();
        outline.extend(curve.iter().rev().map(|(x, height)| (*x, y - half(*height))));
        rows.plot.area(canvas, &outline, fill, style::VIOLIN);
    }
    // a bar as high as the row allows, at most nine pixels
    let bar = (0.36 * rows.height()).min(9.0);
    rows.plot.line(canvas, &[(low, y), (high, y)], Stroke::solid(line, style::HAIRLINE + 0.5));
    rows.plot.line(canvas, &[(quarter, y), (three_quarters, y)], Stroke::solid(line, bar));
    let place = rows.plot.at(median, y);
    if rows.plot.rect.holds(place) {
        // the ring shows the median of a policy without any spread too
        canvas.disc(place, 0.5 * bar + 0.5, line);
        canvas.disc(place, 0.5 * bar - 1.0, theme.background);
    }
    rows.arrows(canvas, i, (low, high), theme);
}

/// A quantile to the digits that its interval supports.
fn figure(sample: &Sample, p: f64) -> String {
    let estimate = quantile_estimate(&sample.sorted, p);
    match (estimate.value, estimate.se) {
        (Some(value), Some(se)) => number::with_error(value, Some(se)).0,
        (Some(value), None) => number::significant(value, 2),
        _ => "–".into(),
    }
}
