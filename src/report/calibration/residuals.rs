//! Residuals against the normal law: how far each quantile lies off where the model puts it.
use crate::math::norm_inv;
use crate::stats::{quantile, sorted};

use super::super::axis::Scale;
use super::super::chart::NoChart;
use super::super::clip::Rect;
use super::super::drawing::Canvas;
use super::super::frame::Frame;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::{SeriesInput, legend, stroke};

const N_POINTS: usize = 121;

/// Draws the chart: a detrended normal quantile plot (S. van Buuren and M. Fredriks, 2001, Statistics in Medicine 20).
///
/// # Errors
///
/// Where it cannot be drawn.
pub fn draw(input: &SeriesInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let n = input.returns.len() as f64;
    let mut entries = legend(input.fits.iter(), theme);
    entries.remove(0);
    let frame = Frame {
        title: "Standardised residuals by model".into(),
        subtitle: "Quantile of the residuals less the normal quantile; band: 95 % at each point for a model that fits; rising \
                   out of it on the right and falling on the left: tails fatter than the model’s"
            .into(),
        legend: entries,
        footer: input.footer(),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let rect =
        Rect { left: room.left + style::Y_AXIS_WIDTH, bottom: room.bottom - style::X_AXIS_HEIGHT, ..room };
    let end = -norm_inv((2.0 / n).min(0.1));
    let at = |i: usize| -end + 2.0 * end * i as f64 / (N_POINTS - 1) as f64;
    let curves: Vec<Vec<(f64, f64)>> = input
        .fits
        .iter()
        .map(|fit| {
            let residuals = sorted(&fit.goodness.residuals);
            let off = |x: f64| quantile(&residuals, crate::math::norm_cdf(x)).map(|q| (x, q - x));
            (0..N_POINTS).filter_map(|i| off(at(i))).collect()
        })
        .collect();
    let band = |x: f64| {
        let p = crate::math::norm_cdf(x);
        1.96 * (p * (1.0 - p) / n).sqrt() / crate::math::norm_pdf(x)
    };
    let most = curves.iter().flatten().map(|(_, y)| y.abs()).fold(band(end), f64::max).min(2.5);
    let plot = Plot {
        rect,
        x: Scale::Linear { low: -end * 1.02, high: end * 1.02 },
        y: Scale::covering(-most, most, 0.04),
    };
    plot.y_axis(&mut canvas, theme, "Residual less normal quantile (σ)");
    plot.x_axis(&mut canvas, theme, "Normal quantile (σ)", false);
    let mut outline: Vec<(f64, f64)> = (0..N_POINTS).map(|i| (at(i), band(at(i)))).collect();
    outline.extend((0..N_POINTS).rev().map(|i| (at(i), -band(at(i)))));
    plot.area(&mut canvas, &outline, theme.axis, 0.18);
    plot.level(&mut canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE + 0.5));
    for (fit, curve) in input.fits.iter().zip(&curves) {
        plot.line(&mut canvas, curve, stroke(fit.model, theme));
    }
    Ok(canvas.into_svg()?)
}
