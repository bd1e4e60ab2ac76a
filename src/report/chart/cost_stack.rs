//! Mean cost by name and policy, largest total first, with the total and its error.
use crate::metric::COSTS;

use super::super::axis::Scale;
use super::super::drawing::{Align, Canvas, Lettering, Stand, text_width};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Theme};
use super::rows::{self, Rows};
use super::{ChartInput, NoChart, not_applicable};

const MOST_ROWS: usize = 24;

/// Costs of one policy in bps of notional.
struct Row {
    policy: usize,
    /// By place in `COSTS`.
    parts: Vec<f64>,
    total: f64,
    se: Option<f64>,
}

impl Row {
    /// Ends of the bar: the sum of what was received, below zero, and of what was paid.
    fn ends(&self) -> (f64, f64) {
        let sum = |sign: f64| self.parts.iter().filter(|part| **part * sign > 0.0).sum::<f64>();
        (sum(-1.0), sum(1.0))
    }
}

/// Draws the chart.
///
/// # Errors
///
/// Not applicable where no policy pays or receives anything.
pub fn draw(input: &ChartInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    input.check()?;
    let n_policies = input.outcome.policies.len();
    let mut bars: Vec<Row> = (0..n_policies).filter_map(|policy| row(input, policy)).collect();
    if bars.iter().all(|row| row.parts.iter().all(|part| *part == 0.0)) {
        return not_applicable("no policy pays a cost");
    }
    bars.sort_by(|a, b| b.total.total_cmp(&a.total));
    bars.truncate(MOST_ROWS);
    let used: Vec<usize> =
        (0..COSTS.len()).filter(|cost| bars.iter().any(|row| row.parts[*cost] != 0.0)).collect();
    let dropped = if bars.len() < n_policies {
        format!("; the {} of {n_policies} dearest policies", bars.len())
    } else {
        String::new()
    };
    let frame = Frame {
        title: "Mean cost by name".into(),
        subtitle: format!(
            "Mean cost per path; left of zero = received; figure = total ± standard error{dropped}"
        ),
        legend: used
            .iter()
            .map(|cost| (COSTS[*cost].replace('_', " "), Swatch::Square(theme.fill(series(&used, *cost)))))
            .collect(),
        footer: input.footer(),
    };
    let height = rows::canvas_height(bars.len(), frame.heading_height());
    let mut canvas = Canvas::new(style::WIDTH, height, theme);
    let room = frame.draw(&mut canvas, theme);
    let names: Vec<&str> = bars.iter().map(|row| input.name(row.policy)).collect();
    let figures: Vec<String> = bars.iter().map(|row| number::plus_minus(row.total, row.se)).collect();
    let widest = figures.iter().map(|text| text_width(text, style::AXIS_TITLE, true)).fold(0.0, f64::max);
    let (low, high) =
        bars.iter().map(Row::ends).fold((0.0_f64, 0.0_f64), |(a, b), (low, high)| (a.min(low), b.max(high)));
    let x = match Scale::covering(low, high, 0.03) {
        Scale::Linear { high, .. } if low == 0.0 => Scale::Linear { low: 0.0, high },
        Scale::Linear { low, .. } if high == 0.0 => Scale::Linear { low, high: 0.0 },
        scale => scale,
    };
    let rows = Rows::new(room, &names, x, widest + 16.0);
    rows.axes_by_policy(&mut canvas, theme, "Mean cost (bps of notional)", &names);
    for (i, (row, figure)) in bars.iter().zip(&figures).enumerate() {
        let part = Part::policy(names[i]).saying(words(input, row, figure));
        canvas.part(part, |canvas| {
            bar(canvas, &rows, i, row, &used, theme);
            // beside the bar's end, where the eye is
            let (x, y) = rows.plot.at(row.ends().1.max(0.0), rows.middle(i));
            let letters = Lettering::new(style::AXIS_TITLE, theme.ink).bold().at(Align::Left, Stand::Middle);
            canvas.text(figure, (x + 8.0, y), letters);
        });
    }
    Ok(canvas.into_svg()?)
}

/// "hourly: total cost 92.7 ± 0.2 bps; fee 45.0 ± 0.1, spread 9.00 ± 0.02"
fn words(input: &ChartInput<'_>, row: &Row, total: &str) -> String {
    let part = |(name, part): (&&str, &f64)| {
        let (value, se) = input.bps(row.policy, &format!("cost_{name}")).filter(|_| *part != 0.0)?;
        Some(format!("{} {}", name.replace('_', " "), number::plus_minus(value, se)))
    };
    let parts: Vec<String> = COSTS.iter().zip(&row.parts).filter_map(part).collect();
    format!("{}: total cost {total} bps; {}", input.name(row.policy), parts.join(", "))
}

/// Color of a cost: its own while there are colors for all that are used, else by its place among them.
fn series(used: &[usize], cost: usize) -> usize {
    const COLORS: usize = 6;
    let place = || used.iter().position(|other| *other == cost).unwrap_or(cost);
    if used.iter().all(|other| *other < COLORS) { cost } else { place() }
}

fn row(input: &ChartInput<'_>, policy: usize) -> Option<Row> {
    let (total, se) = input.bps(policy, "cost_total")?;
    let part = |name: &&str| input.bps(policy, &format!("cost_{name}")).map_or(0.0, |(value, _)| value);
    Some(Row { policy, parts: COSTS.iter().map(part).collect(), total, se })
}

fn bar(canvas: &mut Canvas, rows: &Rows, i: usize, row: &Row, used: &[usize], theme: &Theme) {
    let y = rows.middle(i);
    let (mut received, mut paid) = (0.0, 0.0);
    for (cost, part) in row.parts.iter().enumerate().filter(|(_, part)| **part != 0.0) {
        let end = if *part < 0.0 { &mut received } else { &mut paid };
        let (from, to) = (*end, *end + part);
        *end = to;
        let corners = [(from, y - 0.3), (to, y - 0.3), (to, y + 0.3), (from, y + 0.3)];
        rows.plot.area(canvas, &corners, theme.fill(series(used, cost)), 1.0);
    }
    // with something received the bar's end is not the total: a diamond is
    if received < 0.0 {
        let (x, y) = rows.plot.at(row.total, y);
        for (r, color) in [(7.5, theme.background), (6.0, theme.ink)] {
            canvas.area(vec![(x - r, y), (x, y - r), (x + r, y), (x, y + r)], color, 1.0);
        }
    }
}
