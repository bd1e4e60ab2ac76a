//! What stands around every plot: title, subtitle, legend, footer.
use super::clip::Rect;
use super::drawing::{Align, Canvas, Lettering, Stand, text_width};
use super::part::Part;
use super::style::{self, Color, Stroke, Theme};

/// What a legend entry shows before its name.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Swatch {
    /// A piece of the line.
    Line(Stroke),
    /// A filled square.
    Square(Color),
    /// A filled circle.
    Dot(Color),
}

/// The words around a plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Neutral: what is shown, not what is found.
    pub title: String,
    /// What the marks are.
    pub subtitle: String,
    /// Names and their marks.
    pub legend: Vec<(String, Swatch)>,
    /// Paths, seed, scenario, version.
    pub footer: String,
}

const LINE: f64 = 18.0;
const LEGEND_ROW: f64 = 22.0;

impl Frame {
    /// Height of everything above the plot.
    pub fn heading_height(&self) -> f64 {
        let below_subtitle = 74.0 + LINE * (self.subtitle_lines().len() as f64 - 1.0);
        let rows = self.legend_places().last().map_or(0.0, |(_, row)| *row as f64 + 1.0);
        below_subtitle + if rows > 0.0 { 2.0 + LEGEND_ROW * rows } else { 0.0 }
    }

    /// Draws the words; the rectangle left for plots and their axes.
    pub fn draw(&self, canvas: &mut Canvas, theme: &Theme) -> Rect {
        self.draw_by_policy(canvas, theme, &[])
    }

    /// The same with entries of the legend that belong to these policies.
    pub fn draw_by_policy(&self, canvas: &mut Canvas, theme: &Theme, policies: &[&str]) -> Rect {
        let left = style::HEADING_LEFT;
        let title = Lettering::new(style::TITLE, theme.ink).bold().at(Align::Left, Stand::Top);
        canvas.text(&self.title, (left, 18.0), title);
        let lines = self.subtitle_lines();
        for (i, line) in lines.iter().enumerate() {
            let letters = Lettering::new(style::SUBTITLE, theme.muted).at(Align::Left, Stand::Top);
            canvas.text(line, (left, 47.0 + LINE * i as f64), letters);
        }
        let first = 82.0 + LINE * (lines.len() as f64 - 1.0);
        for (i, ((name, swatch), (x, row))) in self.legend.iter().zip(self.legend_places()).enumerate() {
            let y = first + LEGEND_ROW * row as f64;
            let entry = |canvas: &mut Canvas| {
                draw_swatch(canvas, *swatch, (x, y));
                canvas.text(name, (x + 26.0, y), Lettering::new(style::LABEL, theme.ink));
            };
            match policies.get(i) {
                Some(policy) => canvas.part(Part::policy(policy), entry),
                None => entry(canvas),
            }
        }
        let footer = Lettering::new(style::FOOTER, theme.muted).at(Align::Right, Stand::Bottom);
        let (width, height) = (canvas.width(), canvas.height());
        canvas.text(&self.footer, (width - style::MARGIN_RIGHT, height - 8.0), footer);
        Rect {
            left: style::MARGIN_LEFT,
            top: self.heading_height(),
            right: width - style::MARGIN_RIGHT,
            bottom: height - style::MARGIN_BOTTOM,
        }
    }

    /// The subtitle broken at spaces to the width of the sheet.
    fn subtitle_lines(&self) -> Vec<String> {
        let room = f64::from(style::WIDTH) - style::HEADING_LEFT - style::MARGIN_RIGHT;
        let mut lines = vec![String::new()];
        for word in self.subtitle.split(' ') {
            let Some(line) = lines.last_mut() else { break };
            let longer = if line.is_empty() { word.to_owned() } else { format!("{line} {word}") };
            if line.is_empty() || text_width(&longer, style::SUBTITLE, false) <= room {
                *line = longer;
            } else {
                lines.push(word.to_owned());
            }
        }
        lines
    }

    /// Left edge and row of every legend entry.
    fn legend_places(&self) -> Vec<(f64, usize)> {
        let end = f64::from(style::WIDTH) - style::MARGIN_RIGHT;
        let (mut x, mut row) = (style::HEADING_LEFT, 0);
        let mut places = Vec::with_capacity(self.legend.len());
        for (name, _) in &self.legend {
            let width = 26.0 + text_width(name, style::LABEL, false);
            if x + width > end && x > style::HEADING_LEFT {
                (x, row) = (style::HEADING_LEFT, row + 1);
            }
            places.push((x, row));
            x += width + 22.0;
        }
        places
    }
}

fn draw_swatch(canvas: &mut Canvas, swatch: Swatch, (x, y): (f64, f64)) {
    match swatch {
        Swatch::Line(stroke) => {
            canvas.line(vec![(x, y), (x + 20.0, y)], Stroke { width: 3.0, alpha: 1.0, ..stroke });
        }
        Swatch::Square(color) => canvas.rectangle((x + 4.0, y - 6.0), (x + 16.0, y + 6.0), color),
        Swatch::Dot(color) => canvas.disc((x + 10.0, y), 5.0, color),
    }
}
