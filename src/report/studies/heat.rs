//! Two keys swept: the figure of a policy over both, a cell a run, and who is best where.
use crate::metric::Metric;
use crate::scenario::bare_text;

use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, DrawingError, Lettering, Stand, fitted, text_width};
use super::super::frame::Frame;
use super::super::number;
use super::super::part::Part;
use super::super::style::{self, Color, HEAT, HEAT_HEIGHT, Stroke, Theme};
use super::line::Charts;
use super::sweep::{Cell, Grid};
use super::{axis_title, footer, point};

/// A map a policy, of so many at most.
const MOST_MAPS: usize = 12;
/// Between two cells.
const GAP: f64 = 1.0;
const BAR: f64 = 14.0;

/// What stands in a cell: what its colour means, and words.
struct Filled {
    value: f64,
    words: Vec<String>,
}

/// Draws the charts: the best policy of every cell, then a map a policy.
pub(super) fn draw(grid: &Grid, metric: &Metric, theme: &Theme) -> Result<Charts, DrawingError> {
    let policies = grid.policies();
    let (mut charts, mut missing) = (Vec::new(), Vec::new());
    if policies.len() > 1 {
        let best = |cell: &Cell| {
            let ranking = cell.summary.rankings.iter().find(|ranking| ranking.metric == metric.key)?;
            let name = &ranking.places.first()?.policy;
            let mut filled = of_policy(cell, name, metric)?;
            filled.words.insert(0, name.clone());
            Some(filled)
        };
        let title = format!("Best policy by {}", metric.key);
        if let Some(svg) = map(grid, metric, (&title, Part::default()), &best, theme)? {
            charts.push((format!("heat-{}-best", metric.key), svg));
        }
    }
    for name in policies.iter().take(MOST_MAPS) {
        let title = format!("{} of {name}", title(metric));
        let part = Part::policy(name);
        match map(grid, metric, (&title, part), &|cell| of_policy(cell, name, metric), theme)? {
            Some(svg) => charts.push((format!("heat-{}-{name}", metric.key), svg)),
            None => missing.push(format!("no map of {name}: it has no {}", metric.key)),
        }
    }
    if policies.len() > MOST_MAPS {
        missing.push(format!("maps of the first {MOST_MAPS} of {} policies only", policies.len()));
    }
    Ok((charts, missing))
}

fn title(metric: &Metric) -> String {
    axis_title(metric).split(" (").next().unwrap_or_default().to_owned()
}

fn of_policy(cell: &Cell, name: &str, metric: &Metric) -> Option<Filled> {
    let policy = cell.summary.policies.iter().find(|policy| policy.name == name)?;
    let (value, se, _) = point(policy, metric)?;
    Some(Filled { value, words: vec![number::with_error(value, se).0] })
}

fn map(
    grid: &Grid,
    metric: &Metric,
    (title, part): (&str, Part),
    fill: &dyn Fn(&Cell) -> Option<Filled>,
    theme: &Theme,
) -> Result<Option<String>, DrawingError> {
    let [down, across] = [&grid.axes[0], &grid.axes[1]];
    let filled: Vec<Option<Filled>> = grid.cells.iter().map(fill).collect();
    let (low, high) = filled
        .iter()
        .flatten()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), it| (low.min(it.value), high.max(it.value)));
    if low > high {
        return Ok(None);
    }
    let base = if grid.cells.iter().any(Cell::is_base) { "; outlined = the scenario as it is" } else { "" };
    let frame = Frame {
        title: title.to_owned(),
        subtitle: format!("{} per run, the same random numbers in each{base}", axis_title(metric)),
        legend: Vec::new(),
        footer: footer(&grid.base),
    };
    let mut canvas = Canvas::new(style::WIDTH, HEAT_HEIGHT, theme);
    let room = frame.draw(&mut canvas, theme);
    let names: Vec<String> = down.values.iter().map(|value| bare_text(value)).collect();
    let widest = names.iter().map(|name| text_width(name, style::TICK, false)).fold(0.0, f64::max);
    let rect = Rect {
        left: room.left + 30.0 + widest.min(style::NAME_WIDTH) + 8.0,
        right: room.right - 84.0,
        top: room.top + 6.0,
        bottom: room.bottom - style::X_AXIS_HEIGHT,
    };
    let size = (rect.width() / across.values.len() as f64, rect.height() / down.values.len() as f64);
    let corner =
        |row: usize, column: usize| (rect.left + size.0 * column as f64, rect.top + size.1 * row as f64);
    canvas.part(part, |canvas| {
        for (index, it) in filled.iter().enumerate() {
            let (x, y) = corner(index / across.values.len(), index % across.values.len());
            let share = it.as_ref().map(|it| if high > low { (it.value - low) / (high - low) } else { 0.0 });
            canvas.part(Part::fixed(), |canvas| {
                square(canvas, (x, y), size, it.as_ref(), share.map(shade), theme);
            });
        }
    });
    if let Some(index) = grid.cells.iter().position(Cell::is_base) {
        let (x, y) = corner(index / across.values.len(), index % across.values.len());
        let (right, bottom) = (x + size.0 - GAP, y + size.1 - GAP);
        let outline = vec![(x, y), (right, y), (right, bottom), (x, bottom), (x, y), (right, y)];
        canvas.line(outline, Stroke::solid(Theme::light().fill(1), 3.0));
    }
    axes(&mut canvas, rect, size, (&names, down.key.as_str()), across, theme);
    bar(&mut canvas, rect, (low, high), theme);
    canvas.into_svg().map(Some)
}

fn square(
    canvas: &mut Canvas,
    (x, y): (f64, f64),
    size: (f64, f64),
    filled: Option<&Filled>,
    color: Option<Color>,
    theme: &Theme,
) {
    let color = color.unwrap_or(theme.grid);
    canvas.rectangle((x, y), (x + size.0 - GAP, y + size.1 - GAP), color);
    let empty = vec!["–".to_owned()];
    let words = filled.map_or(&empty, |it| &it.words);
    let ink = if luminance(color) < 140.0 { Color(255, 255, 255) } else { Theme::light().ink };
    let line = style::LABEL + 4.0;
    // where rows are low the figure stands alone
    let words = if line * words.len() as f64 > size.1 { &words[words.len() - 1..] } else { &words[..] };
    let middle = y + 0.5 * size.1 - 0.5 * line * (words.len() as f64 - 1.0);
    for (i, text) in words.iter().enumerate() {
        let letters = Lettering::new(style::LABEL, ink).at(Align::Center, Stand::Middle);
        let text = fitted(text, size.0 - 6.0, style::LABEL);
        canvas.text(text, (x + 0.5 * size.0, middle + line * i as f64), letters);
    }
}

fn axes(
    canvas: &mut Canvas,
    rect: Rect,
    size: (f64, f64),
    (names, down): (&[String], &str),
    across: &crate::scenario::Sweep,
    theme: &Theme,
) {
    for (i, name) in names.iter().enumerate() {
        let letters = Lettering::new(style::TICK, theme.muted).at(Align::Right, Stand::Middle);
        let place = (rect.left - 8.0, rect.top + size.1 * (i as f64 + 0.5));
        canvas.text(fitted(name, style::NAME_WIDTH, style::TICK), place, letters);
    }
    for (i, value) in across.values.iter().enumerate() {
        let letters = Lettering::new(style::TICK, theme.muted).at(Align::Center, Stand::Top);
        let place = (rect.left + size.0 * (i as f64 + 0.5), rect.bottom + 7.0);
        canvas.text(fitted(&bare_text(value), size.0 - 4.0, style::TICK), place, letters);
    }
    let title = Lettering::new(style::AXIS_TITLE, theme.muted);
    let middle = 0.5 * (rect.left + rect.right);
    canvas.text(&across.key, (middle, rect.bottom + 26.0), title.at(Align::Center, Stand::Top));
    let place = (style::MARGIN_LEFT + 14.0, 0.5 * (rect.top + rect.bottom));
    canvas.text(down, place, title.at(Align::Center, Stand::Bottom).upright());
}

/// The colours and the figures at their ends.
fn bar(canvas: &mut Canvas, rect: Rect, (low, high): (f64, f64), theme: &Theme) {
    const STEPS: u32 = 64;
    let x = rect.right + 16.0;
    let height = rect.height() / f64::from(STEPS);
    for i in 0..STEPS {
        let top = rect.bottom - height * f64::from(i + 1);
        // a quarter of a pixel more, so that no seam shows
        let end = (top + height + 0.25).min(rect.bottom);
        canvas.rectangle((x, top), (x + BAR, end), shade((f64::from(i) + 0.5) / f64::from(STEPS)));
    }
    let letters = Lettering::new(style::TICK, theme.muted).at(Align::Left, Stand::Middle);
    let steps = if high > low { 4 } else { 0 };
    for i in 0..=steps {
        let share = f64::from(i) / f64::from(steps.max(1));
        let value = low + share * (high - low);
        let text = number::significant(value, 3);
        canvas.text(text, (x + BAR + 6.0, rect.bottom - share * rect.height()), letters);
    }
}

/// Colour at a share of the way from the least to the largest.
fn shade(share: f64) -> Color {
    let place = share.clamp(0.0, 1.0) * (HEAT.len() - 1) as f64;
    let below = (place as usize).min(HEAT.len() - 2);
    let t = place - below as f64;
    let mix = |a: u8, b: u8| (f64::from(a) + t * (f64::from(b) - f64::from(a))).round() as u8;
    let (a, b) = (HEAT[below], HEAT[below + 1]);
    Color(mix(a.0, b.0), mix(a.1, b.1), mix(a.2, b.2))
}

/// Perceived brightness, 0 to 255 (ITU-R BT.601).
fn luminance(Color(red, green, blue): Color) -> f64 {
    0.299 * f64::from(red) + 0.587 * f64::from(green) + 0.114 * f64::from(blue)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_run_from_light_to_dark_and_their_words_can_be_read() {
        assert_eq!(shade(0.0), HEAT[0]);
        assert_eq!(shade(1.0), HEAT[6]);
        assert_eq!(shade(0.5), HEAT[3]);
        let all: Vec<f64> = (0..=100).map(|i| luminance(shade(f64::from(i) / 100.0))).collect();
        assert!(all.windows(2).all(|pair| pair[1] < pair[0]));
    }
}
