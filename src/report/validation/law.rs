//! The law of the hedging error: its standard deviation against the number of hedges, with a fitted slope.
use super::super::axis::Scale;
use super::super::chart::NoChart;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand};
use super::super::frame::{Frame, Swatch};
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::{footer, group};
use crate::study::validate::Finding;

/// Draws the chart.
///
/// # Errors
///
/// Not applicable where fewer than three points of the law were measured.
pub fn draw(findings: &[Finding], theme: &Theme) -> Result<String, NoChart> {
    let points: Vec<(f64, f64, f64, f64)> = group(findings, "L").into_iter().filter_map(point).collect();
    if points.len() < 3 {
        return Err(NoChart::NotApplicable("the law of the hedging error was not measured".into()));
    }
    let (slope, level) = fitted(&points);
    let (measured, rule) = (theme.line(0), theme.line(1));
    let frame = Frame {
        title: "Hedging error and number of hedges".into(),
        subtitle: format!(
            "Standard deviation of a short one-month call, hedged N times; dots: simulated, whiskers: 95 % interval; \
             fitted slope in logs {slope:.4}; dashed: √(π/4)·vega·σ/√N, which is its leading order"
        ),
        legend: vec![
            ("simulated, and fitted line".into(), Swatch::Line(Stroke::solid(measured, style::SERIES))),
            (
                "leading order".into(),
                Swatch::Line(Stroke::solid(rule, style::SERIES).dashed(style::EFFICIENT_DASH)),
            ),
        ],
        footer: footer("200 000 paths · seed 7"),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let rect =
        Rect { left: room.left + style::Y_AXIS_WIDTH, bottom: room.bottom - style::X_AXIS_HEIGHT, ..room };
    let ends = |of: fn(&(f64, f64, f64, f64)) -> f64| {
        points.iter().map(of).fold((f64::INFINITY, 0.0_f64), |(a, b), v| (a.min(v), b.max(v)))
    };
    let ((x_low, x_high), (y_low, y_high)) = (ends(|p| p.0), ends(|p| p.1.max(p.3)));
    let plot =
        Plot { rect, x: Scale::log_covering(x_low, x_high), y: Scale::log_covering(0.95 * y_low, y_high) };
    plot.y_axis(&mut canvas, theme, "Standard deviation (currency)");
    plot.x_axis(&mut canvas, theme, "1/√N", true);
    let leading: Vec<(f64, f64)> = points.iter().map(|(x, .., theory)| (*x, *theory)).collect();
    plot.line(&mut canvas, &leading, Stroke::solid(rule, style::SERIES).dashed(style::EFFICIENT_DASH));
    let fit: Vec<(f64, f64)> = [x_low, x_high].map(|x| (x, level * power(x, slope))).to_vec();
    plot.line(&mut canvas, &fit, Stroke::solid(measured, style::SERIES));
    for (x, value, se, _) in &points {
        let whisker = [(*x, value - 1.96 * se), (*x, value + 1.96 * se)];
        plot.line(&mut canvas, &whisker, Stroke::solid(theme.ink, style::HAIRLINE));
        plot.dot(&mut canvas, (*x, *value), 5.0, measured, theme);
        let (right, below) = plot.at(*x, *value);
        let letters = Lettering::new(style::TICK, theme.ink).at(Align::Left, Stand::Top);
        canvas.text(format!("N = {:.0}", 1.0 / (x * x)), (right + 8.0, below + 6.0), letters);
    }
    Ok(canvas.into_svg()?)
}

/// 1/√N, measured, error and theory; N stands in the name of the check.
fn point(finding: &Finding) -> Option<(f64, f64, f64, f64)> {
    let n: f64 = finding.check.id.get(1..)?.parse().ok()?;
    (finding.measured.value > 0.0)
        .then(|| (1.0 / n.sqrt(), finding.measured.value, finding.measured.se, finding.theory))
}

fn power(x: f64, exponent: f64) -> f64 {
    crate::math::exp(exponent * crate::math::ln(x))
}

/// Least squares of ln y = ln level + slope·ln x.
fn fitted(points: &[(f64, f64, f64, f64)]) -> (f64, f64) {
    let n = points.len() as f64;
    let logs: Vec<(f64, f64)> =
        points.iter().map(|(x, y, ..)| (crate::math::ln(*x), crate::math::ln(*y))).collect();
    let (mx, my) = logs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + x / n, b + y / n));
    let (sxy, sxx) =
        logs.iter().fold((0.0, 0.0), |(a, b), (x, y)| (a + (x - mx) * (y - my), b + (x - mx) * (x - mx)));
    let slope = sxy / sxx;
    (slope, crate::math::exp(my - slope * mx))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_power_law_is_fitted_exactly() {
        let points: Vec<_> = [0.1, 0.2, 0.4].map(|x: f64| (x, 3.0 * x.sqrt(), 0.0, 0.0)).to_vec();
        let (slope, level) = fitted(&points);
        assert!((slope - 0.5).abs() < 1e-12 && (level - 3.0).abs() < 1e-12, "{slope} {level}");
    }
}
