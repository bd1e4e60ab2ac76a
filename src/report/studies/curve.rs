//! The charts of searches: an objective or a difference over one key, its paired error as a band, what was found marked.
use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Canvas, DrawingError};
use super::super::frame::{Frame, Swatch};
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::breakeven::Contest;
use super::footer;
use super::tune::Search;
use crate::scenario::Range;

/// Half of a 95 % interval in errors.
const Z: f64 = 1.959_964;
/// Opacity of an interval of the key.
const INTERVAL: f64 = 0.10;

/// One place of a curve: x, y, half of its interval.
type Mark = (f64, f64, f64);

/// The words of a chart.
struct Words {
    title: String,
    subtitle: String,
    y_title: String,
    footer: String,
    legend: Vec<(String, Swatch)>,
}

/// What is drawn besides the curve.
struct Signs {
    /// Intervals of the key, shaded.
    intervals: Vec<[f64; 2]>,
    /// Values of the key with their lines.
    uprights: Vec<(f64, Stroke)>,
    /// A second curve, dashed.
    theory: Vec<(f64, f64)>,
    /// Whether zero is drawn.
    zero: bool,
}

/// The objective over the parameter.
pub(super) fn tuned(search: &Search, theme: &Theme) -> Result<String, DrawingError> {
    let (tuned, scale) = (&search.tuned, search.scale());
    let marks: Vec<Mark> = tuned
        .points
        .iter()
        .zip(&tuned.differences)
        .map(|(point, difference)| {
            (point.x, point.sample.value * scale, Z * difference.estimate.se.unwrap_or(0.0) * scale)
        })
        .collect();
    let best = Stroke::solid(theme.line(1), style::SERIES);
    let theory = Stroke::solid(theme.line(2), style::SERIES).dashed(style::MEAN_DASH);
    let mut legend = vec![
        (search.policy.clone(), Swatch::Line(Stroke::solid(theme.line(0), style::SERIES))),
        (format!("best: {}", search.range.bare(tuned.points[tuned.best].x)), Swatch::Line(best)),
    ];
    let mut uprights = vec![(tuned.points[tuned.best].x, best)];
    if let Some(found) = &search.theory {
        legend.push((
            format!("theory: {}", search.range.bare(search.range.snap(found.x))),
            Swatch::Line(theory),
        ));
        uprights.push((found.x, theory));
    }
    let [low, high] = tuned.tied;
    let words = Words {
        title: format!("Objective over {}", search.key),
        subtitle: "One run a value, the same random numbers in each; band = 95% interval of the difference to the best; \
                   shaded: not distinguishable from the best"
            .into(),
        y_title: format!("{}{}", search.objective, bracketed(search.unit())),
        footer: footer(&search.base),
        legend,
    };
    let signs = Signs {
        intervals: vec![[low.unwrap_or(search.range.low), high.unwrap_or(search.range.high)]],
        uprights,
        theory: search
            .theory
            .as_ref()
            .map_or_else(Vec::new, |theory| theory.curve.iter().map(|(x, y)| (*x, y * scale)).collect()),
        zero: false,
    };
    draw(&search.range, &search.key, &marks, &words, &signs, theme)
}

/// The difference over the key.
pub(super) fn contested(contest: &Contest, theme: &Theme) -> Result<String, DrawingError> {
    let scale = contest.scale();
    let marks: Vec<Mark> = contest
        .found
        .gaps
        .iter()
        .filter_map(|gap| {
            let estimate = &gap.difference.estimate;
            Some((gap.x, estimate.value? * scale, Z * estimate.se.unwrap_or(0.0) * scale))
        })
        .collect();
    let found = Stroke::solid(theme.line(1), style::SERIES);
    let [a, b] = &contest.policies;
    let mut legend =
        vec![(format!("{b} minus {a}"), Swatch::Line(Stroke::solid(theme.line(0), style::SERIES)))];
    let crossings = &contest.found.crossings;
    for one in crossings {
        let at = contest.range.bare(contest.range.snap(one.at));
        legend.push((format!("break-even: {at}"), Swatch::Line(found)));
    }
    let words = Words {
        title: format!("Difference of two policies over {}", contest.key),
        subtitle: "One run a value, the same paths for both policies; band = 95% interval; shaded: interval of the break-even"
            .into(),
        y_title: format!("{}{}", contest.objective, bracketed(contest.unit())),
        footer: footer(&contest.base),
        legend,
    };
    let ends =
        |one: &[Option<f64>; 2]| [one[0].unwrap_or(contest.range.low), one[1].unwrap_or(contest.range.high)];
    let signs = Signs {
        intervals: crossings.iter().map(|one| ends(&one.interval)).collect(),
        uprights: crossings.iter().map(|one| (one.at, found)).collect(),
        theory: Vec::new(),
        zero: true,
    };
    draw(&contest.range, &contest.key, &marks, &words, &signs, theme)
}

fn bracketed(unit: &str) -> String {
    if unit.is_empty() { String::new() } else { format!(" ({} of notional)", unit.trim()) }
}

fn draw(
    range: &Range,
    key: &str,
    marks: &[Mark],
    words: &Words,
    signs: &Signs,
    theme: &Theme,
) -> Result<String, DrawingError> {
    let frame = Frame {
        title: words.title.clone(),
        subtitle: words.subtitle.clone(),
        legend: words.legend.clone(),
        footer: words.footer.clone(),
    };
    let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let rect = Rect {
        left: room.left + style::Y_AXIS_WIDTH,
        bottom: room.bottom - style::X_AXIS_HEIGHT,
        top: room.top + 8.0,
        right: room.right - 8.0,
    };
    let zero = signs.zero.then_some(0.0);
    let heights = marks.iter().flat_map(|(_, y, half)| [y - half, y + half]).chain(zero);
    let (low, high) =
        heights.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), y| (low.min(y), high.max(y)));
    let x = if range.is_log() {
        Scale::log_covering(range.low, range.high)
    } else {
        Scale::covering(range.low, range.high, 0.04)
    };
    let plot = Plot { rect, x, y: Scale::covering(low, high, 0.06) };
    plot.y_axis(&mut canvas, theme, &words.y_title);
    let title = if range.unit.is_empty() { key.to_owned() } else { format!("{key} ({})", range.unit) };
    plot.x_axis(&mut canvas, theme, &title, false);
    let (bottom, top) = plot.y.ends();
    for [from, to] in &signs.intervals {
        plot.area(
            &mut canvas,
            &[(*from, bottom), (*to, bottom), (*to, top), (*from, top)],
            theme.fill(1),
            INTERVAL,
        );
    }
    if signs.zero {
        plot.level(&mut canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE));
    }
    let upper = marks.iter().map(|(x, y, half)| (*x, y + half));
    let lower = marks.iter().rev().map(|(x, y, half)| (*x, y - half));
    plot.area(&mut canvas, &upper.chain(lower).collect::<Vec<_>>(), theme.fill(0), style::FAN_OUTER);
    for (x, stroke) in &signs.uprights {
        plot.upright(&mut canvas, *x, *stroke);
    }
    plot.line(
        &mut canvas,
        &signs.theory,
        Stroke::solid(theme.line(2), style::HAIRLINE).dashed(style::MEAN_DASH),
    );
    let line: Vec<(f64, f64)> = marks.iter().map(|(x, y, _)| (*x, *y)).collect();
    plot.line(&mut canvas, &line, Stroke::solid(theme.line(0), style::SERIES));
    for point in line {
        plot.dot(&mut canvas, point, 3.0, theme.line(0), theme);
    }
    canvas.into_svg()
}
