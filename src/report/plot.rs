//! A rectangle with two scales: grid, ticks, axis titles, and marks in data coordinates, cut at its edge.
use super::axis::{Scale, Tick};
use super::clip::{self, Rect};
use super::drawing::{Align, Canvas, Lettering, Stand, text_width};
use super::style::{self, Color, Stroke, Theme};

/// Where data stand on a canvas.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plot {
    /// Edges in pixels.
    pub rect: Rect,
    /// From left to right.
    pub x: Scale,
    /// From below to above.
    pub y: Scale,
}

impl Plot {
    /// Pixels of a point of the data.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64) {
        let Rect { left, bottom, .. } = self.rect;
        (left + self.x.share(x) * self.rect.width(), bottom - self.y.share(y) * self.rect.height())
    }

    /// A line through points of the data.
    pub fn line(&self, canvas: &mut Canvas, points: &[(f64, f64)], stroke: Stroke) {
        let points: Vec<_> = points.iter().map(|(x, y)| self.at(*x, *y)).collect();
        for part in clip::line(&points, self.rect) {
            canvas.line(part, stroke);
        }
    }

    /// A polygon of points of the data.
    pub fn area(&self, canvas: &mut Canvas, points: &[(f64, f64)], color: Color, alpha: f64) {
        let points: Vec<_> = points.iter().map(|(x, y)| self.at(*x, *y)).collect();
        let inside = clip::area(&points, self.rect);
        if inside.len() > 2 {
            canvas.area(inside, color, alpha);
        }
    }

    /// A dot with a ring of background; nothing where it lies outside.
    pub fn dot(&self, canvas: &mut Canvas, point: (f64, f64), radius: f64, color: Color, theme: &Theme) {
        let place = self.at(point.0, point.1);
        if self.rect.holds(place) {
            canvas.disc(place, radius + 1.0, theme.background);
            canvas.disc(place, radius, color);
        }
    }

    /// A line across the plot at one value of x.
    pub fn upright(&self, canvas: &mut Canvas, x: f64, stroke: Stroke) {
        let (low, high) = self.y.ends();
        self.line(canvas, &[(x, low), (x, high)], stroke);
    }

    /// A line across the plot at one value of y.
    pub fn level(&self, canvas: &mut Canvas, y: f64, stroke: Stroke) {
        let (low, high) = self.x.ends();
        self.line(canvas, &[(low, y), (high, y)], stroke);
    }

    /// Ticks, title and line of the x axis; grid lines where x is the value axis.
    pub fn x_axis(&self, canvas: &mut Canvas, theme: &Theme, title: &str, grid: bool) {
        if grid {
            self.x_grid(canvas, theme);
        }
        self.x_axis_at(canvas, theme, title, &self.x_ticks());
    }

    /// Upright lines at the ticks of the horizontal axis.
    pub fn x_grid(&self, canvas: &mut Canvas, theme: &Theme) {
        let Rect { bottom, top, .. } = self.rect;
        for Tick { value, .. } in self.x_ticks() {
            let x = self.at(value, 0.0).0;
            canvas.line(vec![(x, top), (x, bottom)], Stroke::solid(theme.grid, style::HAIRLINE));
        }
    }

    /// Line and title of the x axis, and texts at given values of x.
    pub fn x_axis_at(&self, canvas: &mut Canvas, theme: &Theme, title: &str, ticks: &[Tick]) {
        let Rect { left, right, bottom, .. } = self.rect;
        for Tick { value, text } in ticks {
            let x = self.at(*value, 0.0).0;
            canvas.line(vec![(x, bottom), (x, bottom + 4.0)], Stroke::solid(theme.axis, style::HAIRLINE));
            let letters = Lettering::new(style::TICK, theme.muted).at(Align::Center, Stand::Top);
            canvas.text(text, (x, bottom + 7.0), letters);
        }
        canvas.line(vec![(left, bottom), (right, bottom)], Stroke::solid(theme.axis, style::HAIRLINE));
        let letters = Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Top);
        canvas.text(title, (0.5 * (left + right), bottom + 26.0), letters);
    }

    /// As many ticks as stand apart.
    fn x_ticks(&self) -> Vec<Tick> {
        let fits = |ticks: &[Tick]| {
            let width =
                ticks.iter().map(|tick| text_width(&tick.text, style::TICK, false)).fold(0.0, f64::max);
            ticks.windows(2).all(|pair| {
                (self.x.share(pair[1].value) - self.x.share(pair[0].value)) * self.rect.width() > width + 14.0
            })
        };
        let most = ((self.rect.width() / 75.0) as usize).max(4);
        (1..=most).rev().map(|n| self.x.ticks(n)).find(|ticks| fits(ticks)).unwrap_or_default()
    }

    /// Grid lines, ticks and title of the y axis; no axis line.
    pub fn y_axis(&self, canvas: &mut Canvas, theme: &Theme, title: &str) {
        let ticks = self.y.ticks(((self.rect.height() / 38.0) as usize).max(2));
        self.y_ticks(canvas, theme, &ticks);
        let widest = ticks.iter().map(|tick| text_width(&tick.text, style::TICK, false)).fold(0.0, f64::max);
        let x = (self.rect.left - 8.0 - widest - 10.0).max(8.0);
        let letters =
            Lettering::new(style::AXIS_TITLE, theme.muted).at(Align::Center, Stand::Bottom).upright();
        canvas.text(title, (x, 0.5 * (self.rect.top + self.rect.bottom)), letters);
    }

    /// Grid lines and texts at given values of y.
    pub fn y_ticks(&self, canvas: &mut Canvas, theme: &Theme, ticks: &[Tick]) {
        for Tick { value, text } in ticks {
            let y = self.at(0.0, *value).1;
            canvas.line(
                vec![(self.rect.left, y), (self.rect.right, y)],
                Stroke::solid(theme.grid, style::HAIRLINE),
            );
            let letters = Lettering::new(style::TICK, theme.muted).at(Align::Right, Stand::Middle);
            canvas.text(text, (self.rect.left - 8.0, y), letters);
        }
    }
}
