//! A figure of every policy in every run, and its difference to the first run: a row a policy, a dot a run, its 95 % interval.
use std::fmt::Write as _;

use crate::metric::Metric;

use super::super::axis::Scale;
use super::super::chart::rows::{Rows, canvas_height};
use super::super::chart::scope::{ordinary, with_zero};
use super::super::drawing::{Canvas, DrawingError};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::Part;
use super::super::studies::{axis_title, point, shown};
use super::super::style::{self, Stroke, Theme};
use super::super::summary::ENGINE_VERSION;
use super::Comparison;

/// Runs that can be told apart by colour.
const MOST_RUNS: usize = 7;
/// Rows that can be read.
const MOST_ROWS: usize = 24;

/// Value, standard error, interval; in shown units.
type Mark = (f64, Option<f64>, [f64; 2]);
/// By policy, by run.
type Marks = Vec<(String, Vec<Option<Mark>>)>;

/// What is drawn.
struct Picture<'c> {
    comparison: &'c Comparison,
    marks: Marks,
    title: String,
    subtitle: String,
    axis: String,
    /// Place of the first run drawn: differences have none for the first.
    first: usize,
}

/// The figure itself; none where no run has it.
pub(super) fn figures(
    comparison: &Comparison,
    metric: &Metric,
    theme: &Theme,
) -> Result<Option<String>, DrawingError> {
    let mark = |name: &str, run: usize| {
        let policy = comparison.sides[run].summary.policies.iter().find(|it| it.name == name)?;
        let (value, se, ci) = point(policy, metric)?;
        Some((value, se, ci.unwrap_or([value; 2])))
    };
    let runs = comparison.sides.len().min(MOST_RUNS);
    let row = |name: &str| (name.to_owned(), (0..runs).map(|run| mark(name, run)).collect());
    let marks = comparison.policies().into_iter().take(MOST_ROWS).map(row).collect();
    Picture {
        comparison,
        marks,
        title: format!("{} by policy and run", capital(metric)),
        subtitle: format!(
            "Dot = figure, line = its own 95% interval; what the runs share shows in the differences alone{}",
            left_out(comparison)
        ),
        axis: axis_title(metric),
        first: 0,
    }
    .draw(theme)
}

/// Its differences to the first run; none where the runs share no policy.
pub(super) fn differences(
    comparison: &Comparison,
    metric: &Metric,
    theme: &Theme,
) -> Result<Option<String>, DrawingError> {
    let scale = shown(metric, comparison.notional());
    let mark = |name: &str, run: usize| {
        let estimate = &comparison.changed(run, name, metric.key)?.difference.estimate;
        let value = estimate.value? * scale;
        let value = if value.abs() < 1e-8 { 0.0 } else { value };
        Some((
            value,
            estimate.se.map(|se| se * scale),
            estimate.ci.map_or([value; 2], |ci| ci.map(|end| end * scale)),
        ))
    };
    let runs = comparison.sides.len().min(MOST_RUNS);
    let row = |name: &str| (name.to_owned(), (1..runs).map(|run| mark(name, run)).collect());
    let marks: Marks = comparison.policies().into_iter().take(MOST_ROWS).map(row).collect();
    let methods: Vec<&str> = comparison.methods.iter().map(|(method, _)| *method).collect();
    let how = match methods.as_slice() {
        [first, rest @ ..] if rest.iter().all(|method| method == first) => (*first).to_owned(),
        _ => methods.join(", "),
    };
    let title = axis_title(metric);
    let mut letters = title.chars();
    let lower: String = letters.next().into_iter().flat_map(char::to_lowercase).collect();
    Picture {
        comparison,
        marks,
        title: format!("Change of {} against {}", metric.key.replace('_', " "), comparison.sides[0].label),
        subtitle: format!(
            "Dot = difference, line = its 95% interval ({how}); left of zero the figure is smaller{}",
            left_out(comparison)
        ),
        axis: format!("Change of: {lower}{}", letters.as_str()),
        first: 1,
    }
    .draw(theme)
}

fn left_out(comparison: &Comparison) -> String {
    let (runs, rows) = (comparison.sides.len(), comparison.policies().len());
    let mut words = String::new();
    if runs > MOST_RUNS {
        // writing to a String cannot fail
        let _ = write!(words, "; the first {MOST_RUNS} of {runs} runs");
    }
    if rows > MOST_ROWS {
        let _ = write!(words, "; the first {MOST_ROWS} of {rows} policies");
    }
    words
}

fn capital(metric: &Metric) -> String {
    axis_title(metric).split(" (").next().unwrap_or_default().to_owned()
}

impl Picture<'_> {
    fn draw(mut self, theme: &Theme) -> Result<Option<String>, DrawingError> {
        self.marks.retain(|(_, marks)| marks.iter().any(Option::is_some));
        if self.marks.is_empty() {
            return Ok(None);
        }
        let n = self.marks[0].1.len();
        let labels: Vec<&str> =
            self.comparison.sides[self.first..][..n].iter().map(|side| side.label.as_str()).collect();
        let frame = Frame {
            title: self.title.clone(),
            subtitle: self.subtitle.clone(),
            legend: labels
                .iter()
                .enumerate()
                .map(|(i, label)| ((*label).to_owned(), Swatch::Dot(theme.fill(self.first + i))))
                .collect(),
            footer: format!(
                "{} runs · {} · driftband v{ENGINE_VERSION}",
                self.comparison.sides.len(),
                paths(self.comparison)
            ),
        };
        let heading = frame.heading_height() + 4.0;
        let height = canvas_height(self.marks.len(), heading)
            .max((heading + (13.0 * n as f64 + 12.0) * self.marks.len() as f64 + 80.0) as u32);
        let mut canvas = Canvas::new(style::WIDTH, height, theme);
        let mut room = frame.draw(&mut canvas, theme);
        room.top = heading;
        let names: Vec<&str> = self.marks.iter().map(|(name, _)| name.as_str()).collect();
        let layout = Rows::new(room, &names, self.scale(), 0.0);
        layout.axes_by_policy(&mut canvas, theme, &self.axis, &names);
        for (i, (name, marks)) in self.marks.iter().enumerate() {
            for (run, mark) in marks.iter().enumerate() {
                let Some((value, se, ci)) = mark else { continue };
                let words = format!("{name}, {}: {}", labels[run], number::plus_minus(*value, *se));
                canvas.part(Part::policy(name).saying(words), |canvas| {
                    one(canvas, &layout, (i, run, n), (*value, *ci), self.first, theme);
                });
            }
        }
        canvas.into_svg().map(Some)
    }

    /// An axis over the rows that are not far wider than the others.
    fn scale(&self) -> Scale {
        let size = |marks: &Vec<Option<Mark>>| {
            marks.iter().flatten().map(|(value, ..)| value.abs()).fold(0.0, f64::max)
        };
        let sizes: Vec<f64> = self.marks.iter().map(|(_, marks)| size(marks)).collect();
        let usual = ordinary(&sizes);
        let (low, high) = self
            .marks
            .iter()
            .zip(&usual)
            .filter(|(_, usual)| **usual)
            .flat_map(|((_, marks), _)| {
                marks.iter().flatten().flat_map(|(value, _, ci)| [*value, ci[0], ci[1]])
            })
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)));
        let (low, high) = if self.first > 0 { (low.min(0.0), high.max(0.0)) } else { with_zero((low, high)) };
        Scale::covering(low, high, 0.04)
    }
}

/// A dot with its interval; an arrow head where it leaves the plot.
fn one(
    canvas: &mut Canvas,
    layout: &Rows,
    (row, run, n): (usize, usize, usize),
    (value, ci): (f64, [f64; 2]),
    first: usize,
    theme: &Theme,
) {
    let step = 0.6 / n as f64;
    let y = layout.middle(row) + step * ((n as f64 - 1.0) / 2.0 - run as f64);
    let (start, end) = layout.plot.x.ends();
    if value < start || value > end {
        let (edge, tip) = if value < start { (start, -1.0) } else { (end, 1.0) };
        let (x, middle) = layout.plot.at(edge, y);
        let head = vec![(x + tip, middle), (x - 8.0 * tip, middle - 5.0), (x - 8.0 * tip, middle + 5.0)];
        canvas.area(head, theme.fill(first + run), 1.0);
        return;
    }
    let line = Stroke::solid(theme.line(first + run), style::SERIES);
    layout.plot.line(canvas, &[(ci[0].max(start), y), (ci[1].min(end), y)], line);
    layout.plot.dot(canvas, (value, y), 4.5, theme.fill(first + run), theme);
}

fn paths(comparison: &Comparison) -> String {
    let all: Vec<u64> = comparison.sides.iter().map(|side| side.summary.scenario.paths).collect();
    let (least, most) = (all.iter().min().copied().unwrap_or(0), all.iter().max().copied().unwrap_or(0));
    if least == most {
        format!("{} paths each", number::count(least))
    } else {
        format!("{} to {} paths", number::count(least), number::count(most))
    }
}
