//! The efficiency constant of every policy: measured against theory.
use super::super::axis::Scale;
use super::super::chart::NoChart;
use super::super::chart::rows::{self, Rows};
use super::super::drawing::Canvas;
use super::super::frame::{Frame, Swatch};
use super::super::style::{self, Stroke, Theme};
use super::{footer, group};
use crate::study::validate::Finding;

/// Draws the chart.
///
/// # Errors
///
/// Not applicable where no constant was measured.
pub fn draw(findings: &[Finding], theme: &Theme) -> Result<String, NoChart> {
    let mut constants = group(findings, "K");
    constants.retain(|finding| finding.measured.value.is_finite() && finding.measured.se.is_finite());
    if constants.is_empty() {
        return Err(NoChart::NotApplicable("no efficiency constant was measured".into()));
    }
    constants.sort_by(|a, b| b.measured.value.total_cmp(&a.measured.value));
    let frame = Frame {
        title: "Efficiency constant by policy".into(),
        subtitle: "C = TE·turnover/(σv) without frictions: a smaller C trades less for the same tracking error; figure: C ± standard \
                   error of the simulation"
            .into(),
        legend: vec![
            ("simulated".into(), Swatch::Square(theme.fill(0))),
            ("theory".into(), Swatch::Line(Stroke::solid(theme.line(1), style::SERIES))),
        ],
        footer: footer("one asset, half of the value"),
    };
    let height = rows::canvas_height(constants.len(), frame.heading_height());
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let room = frame.draw(&mut canvas, theme);
    let names: Vec<&str> =
        constants.iter().map(|finding| finding.check.what.trim_start_matches("C of ")).collect();
    let most = constants.iter().map(|finding| finding.measured.value.max(finding.theory)).fold(0.0, f64::max);
    let rows = Rows::new(room, &names, Scale::Linear { low: 0.0, high: 1.05 * most }, 110.0);
    rows.axes(&mut canvas, theme, "C", &names);
    for (i, finding) in constants.iter().enumerate() {
        let (y, value) = (rows.middle(i), finding.measured.value);
        let corners = [(0.0, y - 0.3), (value, y - 0.3), (value, y + 0.3), (0.0, y + 0.3)];
        rows.plot.area(&mut canvas, &corners, theme.fill(0), 1.0);
        let mark = [(finding.theory, y - 0.4), (finding.theory, y + 0.4)];
        rows.plot.line(&mut canvas, &mark, Stroke::solid(theme.line(1), 3.0));
        let figure = format!("{value:.4} ± {:.4}", finding.measured.se);
        rows.figures(&mut canvas, i, &[(104.0, figure)], theme);
    }
    Ok(canvas.into_svg()?)
}
