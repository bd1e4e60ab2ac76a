//! One row a policy: names on the left, a shared value axis, arrows where a row reaches beyond it.
use super::super::axis::Scale;
use super::super::clip::Rect;
use super::super::drawing::{Align, Canvas, Lettering, Stand, fitted, text_width};
use super::super::part::Part;
use super::super::plot::Plot;
use super::super::style::{self, Stroke, Theme};

/// Rows from above to below in one plot; row `i` has its middle at [`Rows::middle`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows {
    /// x is the value; y counts rows.
    pub plot: Plot,
    n: usize,
}

/// Height of the canvas for so many rows below a heading.
pub fn canvas_height(n: usize, heading: f64) -> u32 {
    let row = match n {
        0..=6 => 52.0,
        7..=12 => 36.0,
        _ => 26.0,
    };
    let rows = (row * n as f64).max(110.0);
    (heading + rows + style::X_AXIS_HEIGHT + style::MARGIN_BOTTOM + 8.0).ceil() as u32
}

impl Rows {
    /// Lays out rows with these names in the room; `right` is kept free for figures.
    pub fn new(room: Rect, names: &[&str], x: Scale, right: f64) -> Self {
        let widest = names.iter().map(|name| text_width(name, style::LABEL, false)).fold(0.0, f64::max);
        let rect = Rect {
            left: room.left + widest.clamp(40.0, style::NAME_WIDTH) + 16.0,
            right: room.right - right,
            bottom: room.bottom - style::X_AXIS_HEIGHT,
            top: room.top,
        };
        let n = names.len();
        Self { plot: Plot { rect, x, y: Scale::Linear { low: -0.5, high: n as f64 - 0.5 } }, n }
    }

    /// Height of the middle of row `i` on the y scale.
    pub fn middle(&self, i: usize) -> f64 {
        (self.n - 1 - i) as f64
    }

    /// Height of a row in pixels.
    pub fn height(&self) -> f64 {
        self.plot.rect.height() / self.n as f64
    }

    /// Grid, value axis, zero line and names.
    pub fn axes(&self, canvas: &mut Canvas, theme: &Theme, title: &str, names: &[&str]) {
        self.grid(canvas, theme, title);
        for (i, name) in names.iter().enumerate() {
            self.name(canvas, theme, i, name);
        }
    }

    /// The same where the names are those of policies.
    pub fn axes_by_policy(&self, canvas: &mut Canvas, theme: &Theme, title: &str, names: &[&str]) {
        self.grid(canvas, theme, title);
        for (i, name) in names.iter().enumerate() {
            canvas.part(Part::policy(name), |canvas| self.name(canvas, theme, i, name));
        }
    }

    fn grid(&self, canvas: &mut Canvas, theme: &Theme, title: &str) {
        self.plot.x_axis(canvas, theme, title, true);
        if self.plot.x.holds(0.0) {
            self.plot.upright(canvas, 0.0, Stroke::solid(theme.axis, style::HAIRLINE + 0.5));
        }
    }

    fn name(&self, canvas: &mut Canvas, theme: &Theme, i: usize, name: &str) {
        let (_, y) = self.plot.at(0.0, self.middle(i));
        let letters = Lettering::new(style::LABEL, theme.ink).at(Align::Right, Stand::Middle);
        let name = fitted(name, style::NAME_WIDTH, style::LABEL);
        canvas.text(name, (self.plot.rect.left - 12.0, y), letters);
    }

    /// Arrow heads at the edges that the range `low..high` of row `i` crosses, in ink: they stand on the row's marks.
    pub fn arrows(&self, canvas: &mut Canvas, i: usize, (low, high): (f64, f64), theme: &Theme) {
        let (_, y) = self.plot.at(0.0, self.middle(i));
        let (start, end) = self.plot.x.ends();
        let Rect { left, right, .. } = self.plot.rect;
        let mut head = |tip: f64, base: f64| {
            canvas.area(vec![(tip, y), (base, y - 6.0), (base, y + 6.0)], theme.ink, 1.0);
        };
        if low < start {
            head(left - 1.0, left + 9.0);
        }
        if high > end {
            head(right + 1.0, right - 9.0);
        }
    }

    /// Figures of row `i` in columns that end at these distances right of the plot.
    pub fn figures(&self, canvas: &mut Canvas, i: usize, columns: &[(f64, String)], theme: &Theme) {
        let (_, y) = self.plot.at(0.0, self.middle(i));
        for (end, text) in columns {
            let letters = Lettering::new(style::TICK, theme.ink).at(Align::Right, Stand::Middle);
            canvas.text(text, (self.plot.rect.right + end, y), letters);
        }
    }

    /// Heads of the columns of figures, above the first row.
    pub fn column_heads(&self, canvas: &mut Canvas, columns: &[(f64, &str)], theme: &Theme) {
        for (end, text) in columns {
            let letters = Lettering::new(style::TICK, theme.muted).at(Align::Right, Stand::Bottom);
            canvas.text(*text, (self.plot.rect.right + end, self.plot.rect.top - 4.0), letters);
        }
    }
}
