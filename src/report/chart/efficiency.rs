//! The efficiency constant of every policy against that of its rule without frictions.
use super::super::axis::Scale;
use super::super::drawing::Canvas;
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Stroke, Theme};
use super::rows::{self, Rows};
use super::{ChartInput, NoChart};

/// A policy's row.
struct Row {
    policy: usize,
    value: f64,
    se: Option<f64>,
    theory: Option<f64>,
}

/// Draws the chart.
///
/// # Errors
///
/// Not meant where no policy has such a constant.
pub fn draw(input: &ChartInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let rows = measured(input);
    let Some(terms) = rows.first().and_then(|row| input.outcome.policies[row.policy].efficiency) else {
        return Err(NoChart::NotMeant);
    };
    let several = if rows.len() > 1 { "; a smaller C trades less for the same tracking error" } else { "" };
    let percent = |x: f64| number::significant(100.0 * x, 3);
    let frame = Frame {
        title: "Efficiency constant".into(),
        subtitle: format!(
            "C = TE·turnover/(σv), σ {} %, √v {} % a year; figures: C ± standard error{several}",
            percent(terms.volatility),
            percent(terms.gap_variance.sqrt())
        ),
        legend: vec![
            ("measured".into(), Swatch::Square(theme.fill(input.series(0)))),
            (
                "this rule in theory, no frictions".into(),
                Swatch::Line(Stroke::solid(theme.ink, style::SERIES)),
            ),
        ],
        footer: input.footer(),
    };
    let height = rows::canvas_height(rows.len(), frame.heading_height());
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let room = frame.draw(&mut canvas, theme);
    let names: Vec<&str> = rows.iter().map(|row| input.name(row.policy)).collect();
    let most = rows.iter().map(|row| row.value.max(row.theory.unwrap_or(0.0))).fold(0.0, f64::max);
    let lines = Rows::new(room, &names, Scale::Linear { low: 0.0, high: 1.05 * most }, 118.0);
    lines.axes_by_policy(&mut canvas, theme, "C", &names);
    for (i, row) in rows.iter().enumerate() {
        let words = words(input, row);
        canvas.part(Part::policy(input.name(row.policy)).saying(words), |canvas| {
            let y = lines.middle(i);
            let corners = [(0.0, y - 0.3), (row.value, y - 0.3), (row.value, y + 0.3), (0.0, y + 0.3)];
            lines.plot.area(canvas, &corners, theme.fill(input.series(row.policy)), 1.0);
            if let Some(expected) = row.theory {
                let mark = [(expected, y - 0.4), (expected, y + 0.4)];
                lines.plot.line(canvas, &mark, Stroke::solid(theme.ink, 3.0));
            }
            lines.figures(canvas, i, &[(112.0, number::plus_minus(row.value, row.se))], theme);
        });
    }
    Ok(canvas.into_svg()?)
}

/// Every policy that has the figure, in the order of the scenario.
fn measured(input: &ChartInput<'_>) -> Vec<Row> {
    let policies = input.outcome.policies.iter().enumerate();
    let row = |(policy, found): (usize, &crate::engine::PolicyOutcome)| {
        let estimate = found.metric("efficiency_constant")?;
        let theory = found.efficiency?.theory;
        Some(Row { policy, value: estimate.value?, se: estimate.se, theory })
    };
    policies.filter_map(row).collect()
}

/// "monthly: C 0.551 ± 0.002, in theory 0.564"
fn words(input: &ChartInput<'_>, row: &Row) -> String {
    let measured = number::plus_minus(row.value, row.se);
    let theory =
        row.theory.map_or("no closed form".into(), |it| format!("in theory {}", number::significant(it, 3)));
    format!("{}: C {measured}, {theory}", input.name(row.policy))
}
