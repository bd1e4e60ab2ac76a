//! Bars of many policies: a panel a policy, all on one scale, the names of the rows once at the left.
use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand, fitted, text_width};
use super::super::frame::Frame;
use super::super::number;
use super::super::part::Part;
use super::super::plot::Plot;
use super::super::style::{self, Color, Stroke, Theme};

/// From so many policies on their bars stand in panels: beside each other in a row they could not be told apart.
pub(super) const FROM: usize = 5;
/// More panels are no longer one picture.
pub(super) const MOST: usize = 24;
/// Room above a panel for the policy and its total.
const CAPTION: f64 = 22.0;
/// Between panels.
const GAP: f64 = 18.0;
const ROW: f64 = 17.0;
/// Share of a row that a bar fills.
const BAR: f64 = 0.7;
/// Between a plot and its figures.
const BESIDE: f64 = 8.0;

/// A bar between two values, the half-width of the interval of its end, its figure, and what it says.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bar {
    pub(super) from: f64,
    pub(super) to: f64,
    pub(super) half: f64,
    pub(super) figure: String,
    pub(super) words: String,
}

impl Bar {
    /// A bar of that height from `from` on; its figure has the digits that its error supports.
    pub(super) fn new(from: f64, (value, se): (f64, Option<f64>), half: f64, name: &str) -> Self {
        // what rounding leaves of sums that cancel is nothing
        let value = if value.abs() < 1e-8 { 0.0 } else { value };
        let se = se.filter(|se| *se > 1e-8);
        let figure = if value == 0.0 && se.is_none() { "0".into() } else { number::with_error(value, se).0 };
        Self {
            from,
            to: from + value,
            half,
            figure,
            words: format!("{name} {}", number::plus_minus(value, se)),
        }
    }
}

/// The bars of one policy, a row each; none where a row has no value.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panel<'a> {
    pub(super) policy: &'a str,
    /// What stands beside its name.
    pub(super) figure: String,
    pub(super) bars: Vec<Option<Bar>>,
    pub(super) color: Color,
}

/// The colour of a policy of `n`: its own where there is one for each, else one for all.
pub(super) fn color(theme: &Theme, policy: usize, n: usize) -> Color {
    theme.fill(if n > theme.fills.len() { 0 } else { policy })
}

/// Panels in rows of two or three.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Panels<'a> {
    /// Names of the rows from top to bottom.
    pub(super) rows: Vec<&'a str>,
    pub(super) each: Vec<Panel<'a>>,
    pub(super) x: Scale,
    /// Of the axis that all share.
    pub(super) title: String,
    /// Whether each bar begins where the one above it ends, and the last is their sum.
    pub(super) joined: bool,
}

impl Panels<'_> {
    fn columns(&self) -> usize {
        if self.each.len() < 5 { 2 } else { 3 }
    }

    /// Height of a panel without its caption.
    fn inner(&self) -> f64 {
        ROW * self.rows.len() as f64
    }

    /// The sheet with its heading and all panels.
    pub(super) fn sheet(&self, frame: &Frame, theme: &Theme) -> Canvas {
        let n = self.each.len().div_ceil(self.columns()) as f64;
        let panels = n * (CAPTION + self.inner()) + (n - 1.0).max(0.0) * GAP;
        let height = frame.heading_height() + panels + style::X_AXIS_HEIGHT + style::MARGIN_BOTTOM;
        let mut canvas = Canvas::new(style::WIDTH, height.ceil() as u32, theme);
        let room = frame.draw(&mut canvas, theme);
        self.draw(&mut canvas, room, theme);
        canvas
    }

    fn draw(&self, canvas: &mut Canvas, room: Rect, theme: &Theme) {
        let widest = self.rows.iter().map(|name| text_width(name, style::TICK, false)).fold(0.0, f64::max);
        let names = widest.clamp(40.0, style::NAME_WIDTH);
        let columns = self.columns();
        let figures = self.each.iter().flat_map(|panel| panel.bars.iter().flatten());
        let beside =
            figures.map(|bar| text_width(&bar.figure, style::FOOTER, false)).fold(0.0, f64::max) + BESIDE;
        let left = room.left + names + 12.0;
        let width = (room.right - left - GAP * (columns as f64 - 1.0)) / columns as f64;
        for (at, panel) in self.each.iter().enumerate() {
            let (row, column) = (at / columns, at % columns);
            let top = room.top + (CAPTION + self.inner() + GAP) * row as f64 + CAPTION;
            let left = left + (width + GAP) * column as f64;
            let rect = Rect { left, right: left + width - beside, top, bottom: top + self.inner() };
            let n = self.rows.len() as f64;
            let plot = Plot { rect, x: self.x, y: Scale::Linear { low: -0.5, high: n - 0.5 } };
            if column == 0 {
                self.names(canvas, &plot, theme);
            }
            // ticks belong to the lowest panel of a column
            self.grid(canvas, &plot, at + columns >= self.each.len(), theme);
            canvas.part(Part::policy(panel.policy), |canvas| {
                self.one(canvas, &plot, panel, beside, theme);
            });
        }
        let letters = Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Top);
        let middle = 0.5 * (left + room.right);
        let lowest = canvas.height() - style::MARGIN_BOTTOM - style::X_AXIS_HEIGHT;
        canvas.text(&self.title, (middle, lowest + 26.0), letters);
    }

    fn names(&self, canvas: &mut Canvas, plot: &Plot, theme: &Theme) {
        for (i, name) in self.rows.iter().enumerate() {
            let (_, y) = plot.at(0.0, self.middle(i));
            let letters = Lettering::new(style::TICK, theme.ink).at(Align::Right, Stand::Middle);
            let name = fitted(name, style::NAME_WIDTH, style::TICK);
            canvas.text(name, (plot.rect.left - 10.0, y), letters);
        }
    }

    fn grid(&self, canvas: &mut Canvas, plot: &Plot, lowest: bool, theme: &Theme) {
        plot.x_grid(canvas, theme);
        if lowest {
            plot.x_axis(canvas, theme, "", false);
        }
        if self.x.holds(0.0) {
            plot.upright(canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE));
        }
    }

    /// Where row `i` stands.
    fn middle(&self, i: usize) -> f64 {
        (self.rows.len() - 1 - i) as f64
    }

    fn one(&self, canvas: &mut Canvas, plot: &Plot, panel: &Panel<'_>, beside: f64, theme: &Theme) {
        let Rect { left, top, .. } = plot.rect;
        let right = plot.rect.right + beside;
        let taken = text_width(&panel.figure, style::TICK, false);
        let letters = Lettering::new(style::TICK, theme.muted).at(Align::Right, Stand::Bottom);
        canvas.text(&panel.figure, (right, top - 4.0), letters);
        let name = fitted(panel.policy, right - left - taken - 10.0, style::LABEL);
        let letters = Lettering::new(style::LABEL, theme.ink).bold().at(Align::Left, Stand::Bottom);
        canvas.text(name, (left, top - 3.0), letters);
        let last = panel.bars.len().saturating_sub(1);
        for (i, bar) in panel.bars.iter().enumerate() {
            let Some(bar) = bar else { continue };
            let alpha = if self.joined && i < last { 0.6 } else { 1.0 };
            let place = Place { y: self.middle(i), half: 0.5 * BAR, color: panel.color, alpha };
            canvas.part(Part::default().saying(&bar.words), |canvas| {
                draw(canvas, plot, place, bar, theme);
                let letters = Lettering::new(style::FOOTER, theme.muted).at(Align::Right, Stand::Middle);
                canvas.text(&bar.figure, (right, plot.at(0.0, place.y).1), letters);
            });
            if self.joined && i < last {
                let below = self.middle(i + 1) + 0.5 * BAR;
                let end = if i + 1 == last {
                    panel.bars[last].as_ref().map_or(bar.to, |bar| bar.to)
                } else {
                    bar.to
                };
                let joint = [(bar.to, place.y - place.half), (end, below)];
                plot.line(canvas, &joint, Stroke::solid(panel.color, style::HAIRLINE));
            }
        }
    }
}

/// Where a bar stands and how it looks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    /// Its middle, in rows.
    pub(super) y: f64,
    /// Half of its height, in rows.
    pub(super) half: f64,
    pub(super) color: Color,
    pub(super) alpha: f64,
}

/// A bar with its whisker; an arrow head where it leaves the plot.
pub(super) fn draw(canvas: &mut Canvas, plot: &Plot, place: Place, bar: &Bar, theme: &Theme) {
    let Place { y, half, color, alpha } = place;
    let Bar { from, to, half: reach, .. } = *bar;
    let corners = [(from, y - half), (to, y - half), (to, y + half), (from, y + half)];
    plot.area(canvas, &corners, color, alpha);
    let (start, end) = plot.x.ends();
    if to < start || to > end {
        let (edge, tip) = if to < start { (start, -1.0) } else { (end, 1.0) };
        let (x, middle) = plot.at(edge, y);
        let head = vec![(x + tip, middle), (x - 8.0 * tip, middle - 5.0), (x - 8.0 * tip, middle + 5.0)];
        // a bar that lies beyond as a whole is not the one that leaves
        let leaves = (start..=end).contains(&from);
        canvas.area(head, if leaves { theme.ink } else { theme.axis }, 1.0);
    } else if plot.at(to + reach, y).0 - plot.at(to - reach, y).0 > 2.0 {
        plot.line(canvas, &[(to - reach, y), (to + reach, y)], Stroke::solid(theme.ink, style::HAIRLINE));
    }
}
