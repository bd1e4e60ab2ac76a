//! Volatility clustering: autocorrelation of absolute returns, data and models.
use crate::calibrate::{Model, autocorrelation};

use super::super::axis::Scale;
use super::super::chart::NoChart;
use super::super::clip::Rect;
use super::super::drawing::Canvas;
use super::super::frame::Frame;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::{SeriesInput, legend, stroke};

const MOST_LAG: usize = 60;

/// Draws the chart.
///
/// # Errors
///
/// Where it cannot be drawn.
pub fn draw(input: &SeriesInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let mean = input.returns.moments().0;
    let absolute: Vec<f64> = input.returns.values.iter().map(|r| (r - mean).abs()).collect();
    let data = autocorrelation(&absolute, MOST_LAG.min(absolute.len() / 4));
    let noise = 1.96 / (absolute.len() as f64).sqrt();
    // independent returns are the zero line
    let clustered = || input.comparable().filter(|fit| !fit.law.path.is_empty());
    let flat: Vec<&str> =
        input.comparable().filter(|fit| fit.law.path.is_empty()).map(|fit| fit.model.kind()).collect();
    let zero = if flat.is_empty() { String::new() } else { format!("; zero line: {}", flat.join(", ")) };
    let frame = Frame {
        title: "Volatility clustering, data and models".into(),
        subtitle: format!(
            "Autocorrelation of |log return| by lag; band: 95 % of it where returns are independent{zero}"
        ),
        legend: legend(clustered(), theme),
        footer: input.footer(),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let rect =
        Rect { left: room.left + style::Y_AXIS_WIDTH, bottom: room.bottom - style::X_AXIS_HEIGHT, ..room };
    let drawn = || clustered().flat_map(|fit| fit.goodness.clustering.iter()).chain(&data);
    let (low, high) = drawn().fold((-1.2 * noise, 2.0 * noise), |(a, b), v| (a.min(*v), b.max(*v)));
    let lags = data.len() as f64;
    let plot =
        Plot { rect, x: Scale::Linear { low: 0.0, high: lags + 0.5 }, y: Scale::covering(low, high, 0.03) };
    plot.y_axis(&mut canvas, theme, "Autocorrelation");
    plot.x_axis(&mut canvas, theme, &axis(input), false);
    plot.area(
        &mut canvas,
        &[(0.0, -noise), (lags + 0.5, -noise), (lags + 0.5, noise), (0.0, noise)],
        theme.axis,
        0.18,
    );
    plot.level(&mut canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE + 0.5));
    for (i, value) in data.iter().enumerate() {
        let lag = (i + 1) as f64;
        let stem = Stroke::solid(theme.ink, style::HAIRLINE).faded(0.35);
        plot.line(&mut canvas, &[(lag, 0.0), (lag, *value)], stem);
    }
    for fit in clustered() {
        let curve: Vec<(f64, f64)> =
            fit.goodness.clustering.iter().enumerate().map(|(i, value)| ((i + 1) as f64, *value)).collect();
        plot.line(&mut canvas, &curve, stroke(fit.model, theme));
    }
    for (i, value) in data.iter().enumerate() {
        plot.dot(&mut canvas, ((i + 1) as f64, *value), 3.0, theme.ink, theme);
    }
    Ok(canvas.into_svg()?)
}

fn axis(input: &SeriesInput<'_>) -> String {
    let unit = crate::calibrate::duration(input.returns.spacing.days * 86_400.0);
    let heston = input.fits.iter().any(|fit| fit.model == Model::Heston && fit.summed.is_some());
    let aside = if heston { "; heston is fitted to days and left out" } else { "" };
    format!("Lag (returns of {unit}{aside})")
}
