//! Probability that the shortfall exceeds x, on a logarithmic scale, with the 95 % and 99 % levels.
use super::super::axis::{Scale, Tick};
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand, fitted};
use super::super::frame::{Frame, Swatch};
use super::super::number;
use super::super::part::{Part, Quantity};
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};
use super::scope::{left_out, ordinary, steadiest};
use super::{ChartInput, NoChart, Sample, not_applicable};

const MOST_TOGETHER: usize = 6;
const MOST_PANELS: usize = 12;
/// Room right of the plot for the names of the levels.
const LEVEL_NAMES: f64 = 52.0;
const LEVELS: [(f64, &str, &str); 2] = [(0.05, "VaR 95", "var_95"), (0.01, "VaR 99", "var_99")];
const X: Quantity = Quantity { name: "shortfall", unit: "bps" };
const Y: Quantity = Quantity { name: "chance of more", unit: "%" };
const AXIS: &str = "Shortfall against the benchmark (bps of notional)";

/// Draws the chart: all policies in one plot, beyond six a panel each with the others in grey.
///
/// # Errors
///
/// Not applicable below twenty paths.
pub fn draw(input: &ChartInput<'_>, theme: &Theme) -> Result<String, NoChart> {
    let samples = input.samples()?;
    let n_paths = samples.iter().map(|sample| sample.sorted.len()).min().unwrap_or(0);
    if n_paths < 20 {
        return not_applicable(format!("{n_paths} paths have no tail"));
    }
    let shown = steadiest(input, MOST_PANELS);
    let widths: Vec<f64> = shown.iter().map(|policy| samples[*policy].width()).collect();
    let usual = ordinary(&widths);
    let detail = if shown.len() <= MOST_TOGETHER { 100 } else { 25 };
    let tails: Vec<Vec<(f64, f64)>> = shown.iter().map(|policy| curve(&samples[*policy], detail)).collect();
    let least = least_probability(n_paths);
    let x = range(&shown, samples, &usual, least);
    let wild: Vec<&str> = shown
        .iter()
        .zip(&usual)
        .filter(|(_, usual)| !**usual)
        .map(|(policy, _)| input.name(*policy))
        .collect();
    let cut = match wild.as_slice() {
        [] => String::new(),
        names => format!("; beyond the axis: {}", fitted(&names.join(", "), 300.0, style::SUBTITLE)),
    };
    let picture = Picture { input, samples, shown, tails, x, least };
    if picture.shown.len() <= MOST_TOGETHER {
        picture.together(&cut, theme)
    } else {
        picture.panels(&cut, theme)
    }
}

struct Picture<'a> {
    input: &'a ChartInput<'a>,
    samples: &'a [Sample],
    shown: Vec<usize>,
    tails: Vec<Vec<(f64, f64)>>,
    x: Scale,
    least: f64,
}

impl Picture<'_> {
    fn together(&self, cut: &str, theme: &Theme) -> Result<String, NoChart> {
        let entry = |policy: &usize| {
            let name = fitted(self.input.name(*policy), 400.0, style::LABEL);
            (name, Swatch::Line(series(theme, *policy)))
        };
        let frame = Frame {
            title: "Shortfall tail by policy".into(),
            subtitle: format!(
                "Probability that the shortfall exceeds x (log scale); dots = 95% and 99% value at risk, dashed = their levels{cut}"
            ),
            legend: self.shown.iter().map(entry).collect(),
            footer: self.input.footer(),
        };
        let mut canvas = Canvas::new(style::WIDTH, style::HEIGHT, theme);
        let policies: Vec<&str> = self.shown.iter().map(|policy| self.input.name(*policy)).collect();
        let room = frame.draw_by_policy(&mut canvas, theme, &policies);
        let rect = Rect {
            left: room.left + style::Y_AXIS_WIDTH + 4.0,
            right: room.right - LEVEL_NAMES,
            bottom: room.bottom - style::X_AXIS_HEIGHT,
            top: room.top + 4.0,
        };
        let plot = self.plot(rect);
        plot.y_ticks(&mut canvas, theme, &probability_ticks(self.least));
        y_title(&mut canvas, rect, theme);
        plot.x_axis(&mut canvas, theme, AXIS, false);
        levels(&mut canvas, &plot, self.least, true, theme);
        canvas.readable(&plot, &X, &Y, |canvas| {
            for (policy, tail) in self.shown.iter().zip(&self.tails) {
                let part = Part::policy(self.input.name(*policy)).curve("");
                canvas.part(part, |canvas| plot.line(canvas, tail, series(theme, *policy)));
            }
        });
        for policy in &self.shown {
            self.dots(&mut canvas, &plot, *policy, 5.0, theme);
        }
        Ok(canvas.into_svg()?)
    }

    /// A panel for every policy, the others in grey behind it.
    fn panels(&self, cut: &str, theme: &Theme) -> Result<String, NoChart> {
        let frame = Frame {
            title: "Shortfall tail by policy".into(),
            subtitle: format!(
                "Probability that the shortfall exceeds x (log scale), one policy a panel, the others grey; dots = 95% and 99% value at risk{cut}{}",
                left_out(self.shown.len(), self.samples.len())
            ),
            legend: Vec::new(),
            footer: self.input.footer(),
        };
        let n_columns = if self.shown.len() > 9 { 4 } else { 3 };
        let n_rows = self.shown.len().div_ceil(n_columns);
        let height = frame.heading_height() + 190.0 * n_rows as f64 + style::MARGIN_BOTTOM + 26.0;
        let mut canvas = Canvas::new(style::WIDTH, height.ceil() as u32, theme);
        let room = frame.draw(&mut canvas, theme);
        let cell = (room.width() - 20.0) / n_columns as f64;
        for (place, policy) in self.shown.iter().enumerate() {
            let (left, top) = (
                room.left + 20.0 + cell * (place % n_columns) as f64,
                room.top + 190.0 * (place / n_columns) as f64,
            );
            let rect =
                Rect { left: left + 44.0, right: left + cell - 6.0, top: top + 24.0, bottom: top + 164.0 };
            let plot = self.plot(rect);
            let name = fitted(self.input.name(*policy), rect.width(), style::LABEL);
            let part = || Part::policy(self.input.name(*policy));
            canvas.part(part(), |canvas| {
                canvas.text(name, (rect.left, top + 12.0), Lettering::new(style::LABEL, theme.ink));
            });
            plot.y_ticks(&mut canvas, theme, &probability_ticks(self.least));
            plot.x_axis(&mut canvas, theme, "", false);
            levels(&mut canvas, &plot, self.least, false, theme);
            let grey = Stroke::solid(theme.axis, style::HAIRLINE).faded(style::SAMPLE_PATH);
            for (other, tail) in self.shown.iter().zip(&self.tails) {
                let part = Part::policy(self.input.name(*other));
                canvas.part(part, |canvas| plot.line(canvas, tail, grey));
            }
            canvas.readable(&plot, &X, &Y, |canvas| {
                let stroke = Stroke::solid(theme.lines[0], style::SERIES);
                canvas.part(part().curve(""), |canvas| plot.line(canvas, &self.tails[place], stroke));
            });
            self.dots(&mut canvas, &plot, *policy, 4.0, theme);
        }
        let whole = Rect { left: room.left + 64.0, bottom: room.bottom - 20.0, ..room };
        y_title(&mut canvas, whole, theme);
        let letters = Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Middle);
        canvas.text(AXIS, (0.5 * (whole.left + whole.right), room.bottom - 8.0), letters);
        Ok(canvas.into_svg()?)
    }

    fn plot(&self, rect: Rect) -> Plot {
        Plot { rect, x: self.x, y: Scale::Log { low: self.least, high: 1.0 } }
    }

    /// Value at risk on its level; beyond the axis an arrow would say no more than the curve.
    fn dots(&self, canvas: &mut Canvas, plot: &Plot, policy: usize, radius: f64, theme: &Theme) {
        let color = if self.shown.len() <= MOST_TOGETHER { theme.line(policy) } else { theme.lines[0] };
        let name = self.input.name(policy);
        for (level, head, key) in LEVELS.into_iter().filter(|(level, ..)| *level > self.least) {
            let loss = -self.samples[policy].quantile(level);
            let figure = self.input.bps(policy, key);
            let words =
                figure.map(|(value, se)| format!("{name}: {head} {} bps", number::plus_minus(value, se)));
            let part = Part::policy(name).saying(words.unwrap_or_else(|| name.to_owned()));
            canvas.part(part, |canvas| plot.dot(canvas, (loss, level), radius, color, theme));
        }
    }
}

/// Fixed colour of the policy; from the fifth on dashed, since colours become hard to tell apart.
fn series(theme: &Theme, policy: usize) -> Stroke {
    let stroke = Stroke::solid(theme.line(policy), style::SERIES);
    match policy {
        0..4 => stroke,
        4 => stroke.dashed((9.0, 4.0)),
        5 => stroke.dashed((3.0, 3.0)),
        _ => stroke.dashed((14.0, 3.0)),
    }
}

fn y_title(canvas: &mut Canvas, rect: Rect, theme: &Theme) {
    let letters = Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Bottom).upright();
    canvas.text("P(shortfall > x)", (rect.left - 54.0, 0.5 * (rect.top + rect.bottom)), letters);
}

fn levels(canvas: &mut Canvas, plot: &Plot, least: f64, named: bool, theme: &Theme) {
    for (level, name, _) in LEVELS.into_iter().filter(|(level, ..)| *level > least) {
        let stroke = Stroke::solid(theme.axis, style::HAIRLINE).dashed(style::LEVEL_DASH);
        plot.level(canvas, level, stroke);
        if named {
            let (_, y) = plot.at(0.0, level);
            canvas.text(name, (plot.rect.right + 8.0, y), Lettering::new(style::TICK, theme.muted));
        }
    }
}

/// The power of ten down to which so many paths say something, at least 0.01 %.
fn least_probability(n_paths: usize) -> f64 {
    match n_paths {
        10_000.. => 1e-4,
        1000..10_000 => 1e-3,
        _ => 1e-2,
    }
}

fn probability_ticks(least: f64) -> Vec<Tick> {
    [(1.0, "100%"), (0.1, "10%"), (0.01, "1%"), (1e-3, "0.1%"), (1e-4, "0.01%")]
        .into_iter()
        .filter(|(value, _)| *value >= least * 0.999)
        .map(|(value, text)| Tick { value, text: text.into() })
        .collect()
}

/// From no shortfall to the tail's end of the ordinary policies.
fn range(shown: &[usize], samples: &[Sample], usual: &[bool], least: f64) -> Scale {
    let ordinary: Vec<&Sample> =
        shown.iter().zip(usual).filter(|(_, usual)| **usual).map(|(policy, _)| &samples[*policy]).collect();
    let high = ordinary.iter().map(|sample| -sample.quantile(least)).fold(f64::NEG_INFINITY, f64::max);
    let start = ordinary.iter().map(|sample| -sample.quantile(0.995)).fold(f64::INFINITY, f64::min);
    let low = if high <= 0.0 || start > 0.4 * high { start } else { 0.0 };
    let low = low.min(high);
    match Scale::covering(low, high, 0.0) {
        Scale::Linear { high, .. } if high > low => Scale::Linear { low, high: high + 0.03 * (high - low) },
        scale => scale,
    }
}

/// `P(shortfall > x)` from the best outcome to the worst: all of the last `n_all` order statistics, above them one
/// whenever the probability has changed by a share `1/n_all`.
fn curve(sample: &Sample, n_all: usize) -> Vec<(f64, f64)> {
    let n = sample.sorted.len();
    let point = |i: usize| (-sample.sorted[i], i as f64 / n as f64);
    // i values are worse than sorted[i]
    let mut points = Vec::with_capacity(8 * n_all);
    let mut i = 1;
    while i < n {
        points.push(point(i));
        i += (i / n_all).max(1);
    }
    points.push(point(n - 1));
    points.reverse();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_curve_falls_and_keeps_the_last_hundred() {
        let sample = Sample { sorted: (0..20_000).map(|i| f64::from(i) - 10_000.0).collect() };
        let tail = curve(&sample, 100);
        assert!(tail.windows(2).all(|pair| pair[0].0 <= pair[1].0 && pair[0].1 >= pair[1].1));
        assert!(tail.len() > 500 && tail.len() < 700, "{}", tail.len());
        assert_eq!(tail.last(), Some(&(9999.0, 1.0 / 20_000.0)));
    }
}
