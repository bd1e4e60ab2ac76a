//! Terminal deviation per policy as smooth densities: over each other where few and alike, else a row each.
use crate::stats::density;

use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Canvas, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::{Part, Quantity};
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::rows::{self, Rows};
use super::scope::{body, left_out, ordinary, steadiest};
use super::{ChartInput, NoChart, Sample};

const MOST_OVER_EACH_OTHER: usize = 4;
const MOST_ROWS: usize = 24;
const N_POINTS: usize = 301;
const AXIS: &str = "Terminal deviation (bps of notional; positive: better than the benchmark)";

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
    let (least, most) = widths.iter().fold((f64::INFINITY, 0.0_f64), |(a, b), w| (a.min(*w), b.max(*w)));
    let alike = least > 0.0 && most <= 8.0 * least && shown.iter().all(|policy| !samples[*policy].constant());
    let range = body(&shown, samples, &usual);
    if alike && shown.len() <= MOST_OVER_EACH_OTHER {
        over_each_other(input, samples, &shown, range, theme)
    } else {
        in_rows(input, samples, &shown, &usual, range, theme)
    }
}

fn over_each_other(
    input: &ChartInput<'_>,
    samples: &[Sample],
    shown: &[usize],
    x: Scale,
    theme: &Theme,
) -> Result<String, NoChart> {
    let names = |policy: &usize| {
        let stroke = Stroke::solid(theme.line(*policy), style::SERIES);
        (fitted(input.name(*policy), 400.0, style::LABEL), Swatch::Line(stroke))
    };
    let frame = Frame {
        title: "Terminal deviation by policy".into(),
        subtitle: "Kernel density of the terminal deviation; dashed = mean".into(),
        legend: shown.iter().map(names).collect(),
        footer: input.footer(),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let policies: Vec<&str> = shown.iter().map(|policy| input.name(*policy)).collect();
    let room = frame.draw_by_policy(&mut canvas, theme, &policies);
    let (low, high) = x.ends();
    let curves: Vec<Vec<(f64, f64)>> = shown
        .iter()
        .map(|policy| density(&samples[*policy].sorted, low, high, N_POINTS).unwrap_or_default())
        .collect();
    let peak = curves.iter().flatten().map(|(_, y)| *y).fold(0.0, f64::max);
    let rect =
        Rect { left: room.left + style::Y_AXIS_WIDTH, bottom: room.bottom - style::X_AXIS_HEIGHT, ..room };
    let plot = Plot { rect, x, y: Scale::Linear { low: 0.0, high: (peak * 1.06).max(f64::MIN_POSITIVE) } };
    plot.y_axis(&mut canvas, theme, "Density (per bps)");
    plot.x_axis(&mut canvas, theme, AXIS, false);
    if x.holds(0.0) {
        plot.upright(&mut canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE + 0.5));
    }
    for (policy, curve) in shown.iter().zip(&curves) {
        let mut outline = curve.clone();
        outline.extend([(high, 0.0), (low, 0.0)]);
        canvas.part(Part::policy(input.name(*policy)), |canvas| {
            plot.area(canvas, &outline, theme.fill(*policy), theme.density);
        });
    }
    let x = Quantity { name: "deviation", unit: "bps" };
    let y = Quantity { name: "density", unit: "per bps" };
    canvas.readable(&plot, &x, &y, |canvas| {
        for (policy, curve) in shown.iter().zip(&curves) {
            let stroke = Stroke::solid(theme.line(*policy), style::SERIES);
            let part = Part::policy(input.name(*policy)).curve("");
            canvas.part(part, |canvas| plot.line(canvas, curve, stroke));
        }
    });
    for (policy, curve) in shown.iter().zip(&curves) {
        let Some((mean, se)) = input.bps(*policy, "mean") else { continue };
        let dashed = Stroke::solid(theme.line(*policy), style::HAIRLINE + 0.5).dashed(style::MEAN_DASH);
        canvas.part(mean_of(input.name(*policy), mean, se), |canvas| {
            plot.line(canvas, &[(mean, 0.0), (mean, height(curve, mean))], dashed);
        });
    }
    Ok(canvas.into_svg()?)
}

/// The part of a policy's mean, with its figure in words.
fn mean_of(name: &str, mean: f64, se: Option<f64>) -> Part {
    Part::policy(name).saying(format!("{name}: mean deviation {} bps", number::plus_minus(mean, se)))
}

fn in_rows(
    input: &ChartInput<'_>,
    samples: &[Sample],
    shown: &[usize],
    usual: &[bool],
    x: Scale,
    theme: &Theme,
) -> Result<String, NoChart> {
    let wild: Vec<&str> = shown
        .iter()
        .zip(usual)
        .filter(|(_, usual)| !**usual)
        .map(|(policy, _)| input.name(*policy))
        .collect();
    let frame = Frame {
        title: "Terminal deviation by policy".into(),
        subtitle: format!(
            "Kernel density of the terminal deviation, every row to its own height; dashed = mean{}{}",
            beyond(&wild),
            left_out(shown.len(), samples.len())
        ),
        legend: Vec::new(),
        footer: input.footer(),
    };
    let height = rows::canvas_height(shown.len(), frame.heading_height());
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let room = frame.draw(&mut canvas, theme);
    let names: Vec<&str> = shown.iter().map(|policy| input.name(*policy)).collect();
    let rows = Rows::new(room, &names, x, 0.0);
    rows.axes_by_policy(&mut canvas, theme, AXIS, &names);
    for (i, policy) in shown.iter().enumerate() {
        let sample = &samples[*policy];
        let mean = input.bps(*policy, "mean");
        let part = mean.map_or_else(|| Part::policy(names[i]), |(mean, se)| mean_of(names[i], mean, se));
        canvas.part(part, |canvas| {
            row(canvas, &rows, i, sample, input.series(*policy), theme);
            if let Some((mean, _)) = mean.filter(|_| !sample.constant()) {
                let base = rows.middle(i) - 0.42;
                let dashed = Stroke::solid(theme.ink, style::HAIRLINE).dashed(style::MEAN_DASH);
                rows.plot.line(canvas, &[(mean, base), (mean, base + 0.84)], dashed);
            }
        });
    }
    Ok(canvas.into_svg()?)
}

/// One density on its own base line; a single value is a spike.
fn row(canvas: &mut Canvas, rows: &Rows, i: usize, sample: &Sample, series: usize, theme: &Theme) {
    let base = rows.middle(i) - 0.42;
    let stroke = Stroke::solid(theme.line(series), style::SERIES);
    let (low, high) = rows.plot.x.ends();
    let curve = density(&sample.sorted, low, high, N_POINTS * 2).unwrap_or_default();
    let peak = curve.iter().map(|(_, y)| *y).fold(0.0, f64::max);
    // a spread below one pixel is drawn as what it looks like: a spike
    let pixel = (high - low) / rows.plot.rect.width();
    if sample.constant() || peak <= 0.0 || sample.width() < 2.0 * pixel {
        let x = sample.quantile(0.5);
        rows.plot.line(canvas, &[(x, base), (x, base + 0.84)], stroke);
        rows.arrows(canvas, i, (x, x), theme);
        return;
    }
    // the line only where there is something: along the base it would be a false axis
    let body: Vec<(f64, f64)> =
        curve.iter().map(|(x, y)| (*x, base + 0.84 * y / peak)).filter(|(_, y)| *y > base + 0.003).collect();
    let mut outline = body.clone();
    outline.extend(body.last().map(|(x, _)| (*x, base)));
    outline.extend(body.first().map(|(x, _)| (*x, base)));
    rows.plot.area(canvas, &outline, theme.fill(series), 0.35);
    rows.plot.line(canvas, &body, Stroke { width: 1.5, ..stroke });
    rows.arrows(canvas, i, (sample.quantile(0.05), sample.quantile(0.95)), theme);
}

/// A sentence about the policies whose range is cut.
pub(super) fn beyond(wild: &[&str]) -> String {
    if wild.is_empty() {
        return String::new();
    }
    format!("; beyond the axis (arrows): {}", fitted(&wild.join(", "), 300.0, style::SUBTITLE))
}

/// Height of a curve at `x`, between its points.
fn height(curve: &[(f64, f64)], x: f64) -> f64 {
    let after = curve.partition_point(|(at, _)| *at < x);
    match (curve.get(after.wrapping_sub(1)), curve.get(after)) {
        (Some((x0, y0)), Some((x1, y1))) if x1 > x0 => y0 + (y1 - y0) * (x - x0) / (x1 - x0),
        _ => 0.0,
    }
}
