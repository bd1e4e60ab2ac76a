//! Density of the returns on a log axis: data as points with their error, every model as a line.
use crate::stats::sorted;

use super::super::axis::Scale;
use super::super::chart::NoChart;
use super::super::clip::Rect;
use super::super::drawing::Canvas;
use super::super::frame::Frame;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::{SeriesInput, legend, stroke};

/// Bins are joined outwards until they hold so many returns.
const FEWEST_IN_BIN: usize = 4;
const N_POINTS: usize = 400;
/// Small densities have long ticks.
const WIDE_AXIS: f64 = 80.0;

/// A point of the data: where, density, ends of its 95 % interval.
struct Bin {
    at: f64,
    density: f64,
    low: f64,
    high: f64,
}

/// Draws the chart.
///
/// # Errors
///
/// Where it cannot be drawn.
pub fn draw(input: &SeriesInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let (mean, variance) = input.returns.moments();
    let std = variance.sqrt();
    let values = sorted(&input.returns.values);
    let bins = bins(&values, mean, 0.25 * std);
    let reach = values.iter().map(|r| (r - mean).abs()).fold(0.0, f64::max).max(4.0 * std);
    let frame = Frame {
        title: "Density of returns, data and models".into(),
        subtitle: "Points: histogram of the log returns with 95 % intervals, bins joined in the tails; lines: law of \
                   one return under each fitted model; log axis"
            .into(),
        legend: legend(input.comparable(), theme),
        footer: input.footer(),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let rect = Rect { left: room.left + WIDE_AXIS, bottom: room.bottom - style::X_AXIS_HEIGHT, ..room };
    let top = bins.iter().map(|bin| bin.high).fold(0.0, f64::max);
    let bottom = bins.iter().map(|bin| bin.density).filter(|d| *d > 0.0).fold(top, f64::min);
    // densities per percent: returns are read in percent
    let (x, y) = (
        Scale::Linear { low: 100.0 * (mean - 1.03 * reach), high: 100.0 * (mean + 1.03 * reach) },
        Scale::Log { low: 0.15 * 0.01 * bottom, high: 0.01 * top * 1.8 },
    );
    let plot = Plot { rect, x, y };
    plot.y_axis(&mut canvas, theme, "Density (per % return)");
    plot.x_axis(&mut canvas, theme, "Log return (%)", false);
    let (low, high) = x.ends();
    for fit in input.comparable() {
        let point = |i: usize| {
            let x = low + (high - low) * i as f64 / (N_POINTS - 1) as f64;
            (x, 0.01 * fit.law.density(0.01 * x))
        };
        let curve: Vec<(f64, f64)> = (0..N_POINTS).map(point).collect();
        plot.line(&mut canvas, &curve, stroke(fit.model, theme));
    }
    for bin in &bins {
        let whisker = Stroke::solid(theme.ink, style::HAIRLINE).faded(0.6);
        plot.line(
            &mut canvas,
            &[(100.0 * bin.at, 0.01 * bin.low.max(1e-12)), (100.0 * bin.at, 0.01 * bin.high)],
            whisker,
        );
        plot.dot(&mut canvas, (100.0 * bin.at, 0.01 * bin.density), 3.0, theme.ink, theme);
    }
    Ok(canvas.into_svg()?)
}

/// Equal bins about the mean; from there outwards each is joined with the next until it holds enough.
fn bins(sorted: &[f64], mean: f64, width: f64) -> Vec<Bin> {
    let n = sorted.len() as f64;
    let count =
        |low: f64, high: f64| sorted.partition_point(|r| *r < high) - sorted.partition_point(|r| *r < low);
    let mut bins = Vec::new();
    for side in [-1.0, 1.0] {
        // the middle bin belongs to the upper side
        let mut inner = mean + side * 0.5 * width - if side > 0.0 { width } else { 0.0 };
        let ends = if side > 0.0 { sorted.last() } else { sorted.first() };
        let end = ends.copied().unwrap_or(mean);
        let mut outer = inner;
        while (end - outer) * side > 0.0 {
            outer += side * width;
            let (low, high) = (inner.min(outer), inner.max(outer));
            let inside = count(low, high);
            if inside >= FEWEST_IN_BIN || (end - outer) * side <= 0.0 {
                if inside > 0 {
                    bins.push(bin(sorted, low, high, inside, n));
                }
                inner = outer;
            }
        }
    }
    bins
}

/// A bin at the mean of its returns, with the exact Poisson interval's square-root approximation.
fn bin(sorted: &[f64], low: f64, high: f64, inside: usize, n: f64) -> Bin {
    let from = sorted.partition_point(|r| *r < low);
    let members = &sorted[from..from + inside];
    let count = inside as f64;
    let scale = 1.0 / (n * (high - low));
    let root = |shift: f64| (count.sqrt() + shift).max(0.05);
    Bin {
        at: members.iter().sum::<f64>() / count,
        density: count * scale,
        low: root(-0.98) * root(-0.98) * scale,
        high: root(0.98) * root(0.98) * scale,
    }
}
