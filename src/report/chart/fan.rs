//! Tracking deviation through time: 5–95 % and 25–75 % bands, median, sample paths; a panel for every policy.
use crate::engine::Timeline;

use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand, fitted};
use super::super::frame::Frame;
use super::super::label;
use super::super::number;
use super::super::part::{Part, Quantity};
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::scope::{left_out, ordinary, steadiest, with_zero};
use super::{ChartInput, NoChart, not_applicable};

const MOST_PANELS: usize = 6;
const MOST_SAMPLES: usize = 12;
/// Room right of a panel for the names of the quantiles.
const END_LABELS: f64 = 46.0;
/// Places in `TIMELINE_LEVELS` that are named at the end of a fan.
const NAMED: [(usize, &str); 5] = [(5, "95%"), (4, "75%"), (3, "median"), (2, "25%"), (1, "5%")];

/// Draws the chart.
///
/// # Errors
///
/// Not applicable without path metrics or with one path.
pub fn draw(input: &ChartInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    input.check()?;
    if input.outcome.n_paths < 2 {
        return not_applicable("one path has no bands");
    }
    let shown: Vec<usize> = steadiest(input, MOST_PANELS);
    let timelines: Vec<(usize, &Timeline)> = shown
        .into_iter()
        .filter_map(|policy| Some((policy, input.outcome.policies[policy].timeline.as_ref()?)))
        .filter(|(_, timeline)| timeline.years.len() > 1 && timeline.quantiles.len() == timeline.years.len())
        .collect();
    let Some((_, first)) = timelines.first() else {
        return not_applicable("the run has no path metrics");
    };
    let frame = Frame {
        title: "Tracking deviation over time".into(),
        subtitle: subtitle(first, timelines.len(), input.outcome.policies.len()),
        legend: Vec::new(),
        footer: input.footer(),
    };
    let n_columns = match timelines.len() {
        1 => 1,
        2 | 4 => 2,
        _ => 3,
    };
    let n_rows = timelines.len().div_ceil(n_columns);
    let row = if n_rows == 1 { 340.0 } else { 250.0 };
    let height = frame.heading_height() + row * n_rows as f64 + style::MARGIN_BOTTOM + 22.0;
    let mut canvas = Canvas::new(style::WIDTH, height.ceil() as u32, theme);
    let room = frame.draw(&mut canvas, theme);
    let scale = 1e4 / input.outcome.constants.notional;
    let (unit, per_year) = time_unit(first.years.last().copied().unwrap_or(1.0), input);
    let scales = scales(&timelines, scale);
    let cell = (room.width() - 14.0) / n_columns as f64;
    for (place, ((policy, timeline), (y, own))) in timelines.iter().zip(scales).enumerate() {
        let (left, top) = (
            room.left + 14.0 + cell * (place % n_columns) as f64,
            room.top + row * (place / n_columns) as f64,
        );
        let rect = Rect {
            left: left + 46.0,
            right: left + cell - END_LABELS,
            top: top + 26.0,
            bottom: top + row - 28.0,
        };
        let end = timeline.years.last().copied().unwrap_or(1.0) * per_year;
        let plot = Plot { rect, x: Scale::Linear { low: 0.0, high: end }, y };
        let own = if own { "  (own scale)" } else { "" };
        let name = fitted(input.name(*policy), rect.width() - 60.0, style::LABEL) + own;
        let x = Quantity { name: "after", unit };
        let y = Quantity { name: "deviation", unit: "bps" };
        axes(&mut canvas, &plot, theme);
        canvas.readable(&plot, &x, &y, |canvas| {
            canvas.part(Part::policy(input.name(*policy)), |canvas| {
                canvas.text(name, (rect.left, top + 13.0), Lettering::new(style::LABEL, theme.ink).bold());
                panel(canvas, &plot, timeline, (per_year, scale), theme, input.series(*policy));
            });
        });
    }
    let letters = Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Bottom);
    let middle = 0.5 * (room.top + room.bottom);
    canvas.text("Deviation (bps of notional)", (room.left + 6.0, middle), letters.upright());
    canvas.text(format!("Time ({unit})"), (0.5 * canvas.width(), room.bottom - 2.0), letters);
    Ok(canvas.into_svg()?)
}

fn subtitle(first: &Timeline, shown: usize, all: usize) -> String {
    let samples = match first.samples.len().min(MOST_SAMPLES) {
        0 => String::new(),
        n => format!(", grey = {n} sample paths"),
    };
    format!(
        "Bands = 5–95% and 25–75% of {} paths, line = median{samples}{}",
        number::count(first.n_paths),
        left_out(shown, all)
    )
}

/// One scale for all ordinary policies; a wild one has its own and says so.
fn scales(timelines: &[(usize, &Timeline)], scale: f64) -> Vec<(Scale, bool)> {
    let ends: Vec<(f64, f64)> = timelines
        .iter()
        .map(|(_, timeline)| {
            let bands = timeline.quantiles.iter();
            let (low, high) =
                bands.fold((0.0_f64, 0.0_f64), |(low, high), q| (low.min(q[1]), high.max(q[5])));
            // sample paths may widen the range by half, not set it
            let shown =
                timeline.samples.iter().take(MOST_SAMPLES).flatten().filter(|value| value.is_finite());
            let (least, most) =
                shown.fold((low, high), |(low, high), value| (low.min(*value), high.max(*value)));
            let room = 0.5 * (high - low);
            (least.max(low - room) * scale, most.min(high + room) * scale)
        })
        .collect();
    let widths: Vec<f64> = ends.iter().map(|(low, high)| high - low).collect();
    let usual = ordinary(&widths);
    let shared = ends
        .iter()
        .zip(&usual)
        .filter(|(_, usual)| **usual)
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), ((a, b), _)| (low.min(*a), high.max(*b)));
    let covering = |ends: (f64, f64)| {
        let (low, high) = with_zero(ends);
        Scale::covering(low, high, 0.04)
    };
    ends.iter()
        .zip(&usual)
        .map(|(ends, usual)| if *usual { (covering(shared), false) } else { (covering(*ends), true) })
        .collect()
}

fn axes(canvas: &mut Canvas, plot: &Plot, theme: &Theme) {
    let ticks = plot.y.ticks(((plot.rect.height() / 28.0) as usize).max(2));
    plot.y_ticks(canvas, theme, &ticks);
    plot.x_axis(canvas, theme, "", false);
}

fn panel(
    canvas: &mut Canvas,
    plot: &Plot,
    timeline: &Timeline,
    (per_year, scale): (f64, f64),
    theme: &Theme,
    series: usize,
) {
    let times: Vec<f64> = timeline.years.iter().map(|years| years * per_year).collect();
    let at = |level: usize| -> Vec<(f64, f64)> {
        times.iter().zip(&timeline.quantiles).map(|(t, q)| (*t, q[level] * scale)).collect()
    };
    for sample in timeline.samples.iter().take(MOST_SAMPLES) {
        let path: Vec<(f64, f64)> = times.iter().zip(sample).map(|(t, value)| (*t, value * scale)).collect();
        plot.line(canvas, &path, Stroke::solid(theme.axis, style::HAIRLINE).faded(style::SAMPLE_PATH));
    }
    for (low, high, alpha, name) in
        [(1, 5, style::FAN_OUTER, "5–95% of paths"), (2, 4, style::FAN_INNER, "25–75%")]
    {
        let mut outline = at(high);
        outline.extend(at(low).into_iter().rev());
        let part = Part::default().curve(name);
        canvas.part(part, |canvas| plot.area(canvas, &outline, theme.fill(series), alpha));
    }
    plot.level(canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE));
    let stroke = Stroke::solid(theme.line(series), style::SERIES);
    canvas.part(Part::default().curve("median"), |canvas| plot.line(canvas, &at(3), stroke));
    end_labels(canvas, plot, timeline, scale, theme);
}

/// Names of the quantiles at the end of a fan, at least 13 pixels apart.
fn end_labels(canvas: &mut Canvas, plot: &Plot, timeline: &Timeline, scale: f64, theme: &Theme) {
    let Some(last) = timeline.quantiles.last() else { return };
    let wishes = NAMED.map(|(level, _)| plot.at(0.0, last[level] * scale).1);
    let (top, bottom) = (plot.rect.top, plot.rect.bottom);
    let heights = label::spread(&wishes.map(|y| y.clamp(top, bottom)), 13.0, top, bottom);
    for (((level, name), wish), y) in NAMED.into_iter().zip(wishes).zip(heights) {
        let color = if level == 3 { theme.ink } else { theme.muted };
        let x = plot.rect.right;
        let wish = wish.clamp(top, bottom);
        canvas.line(vec![(x, wish), (x + 6.0, y)], Stroke::solid(theme.axis, style::HAIRLINE));
        canvas.text(name, (x + 8.0, y), Lettering::new(style::FOOTER, color));
    }
}

/// Unit of the time axis, and how many of it make a year.
fn time_unit(years: f64, input: &ChartInput<'_>) -> (&'static str, f64) {
    let days = input.scenario.run.grid.days_per_year;
    match years * days {
        d if d > 3.0 * days => ("years", 1.0),
        d if d > 2.0 => ("days", days),
        d if d * 24.0 > 2.0 => ("hours", days * 24.0),
        _ => ("minutes", days * 1440.0),
    }
}
