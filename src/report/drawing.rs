//! The one drawing path: a list of marks, to SVG by plotters, and from that SVG to PNG by resvg.
use std::sync::{Arc, LazyLock};

use plotters::backend::SVGBackend;
use plotters::coord::Shift;
use plotters::drawing::{DrawingArea, IntoDrawingArea};
use plotters::element::{Circle, PathElement, Polygon, Text};
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{
    Color as _, FontStyle, FontTransform, IntoFont, RGBAColor, RGBColor, TextStyle, register_font,
};
use resvg::{tiny_skia, usvg};

pub use super::lettering::{Align, Lettering, Stand};
use super::part::{END, Part, Quantity};
use super::plot::Plot;
use super::style::{Color, Stroke, Theme};

/// plotters rounds every coordinate to whole pixels: it draws so many times larger, and the view box shrinks it.
const K: u32 = 4;
/// plotters takes the height of a line for the size of its font: larger by this.
const PLOTTERS_FONT_SCALE: f64 = 1.24;
/// What ends an SVG.
const FOOT: &str = "</svg>";
/// Ascent and descent of IBM Plex Sans in em: its measuring backend scales that, and not the em, to a size.
const FONT_HEIGHT: f64 = 1.3;
/// The whole stack is the family: an SVG elsewhere falls back on what is there.
const FAMILY: &str = "IBM Plex Sans, Inter, Segoe UI, Helvetica Neue, Arial, sans-serif";
pub(super) const REGULAR: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-Regular.ttf");
pub(super) const SEMI_BOLD: &[u8] = include_bytes!("../../assets/fonts/IBMPlexSans-SemiBold.ttf");

/// Whether plotters could read both faces.
static FONTS: LazyLock<bool> = LazyLock::new(|| {
    register_font(FAMILY, FontStyle::Normal, REGULAR).is_ok()
        && register_font(FAMILY, FontStyle::Bold, SEMI_BOLD).is_ok()
});

static FONT_DATABASE: LazyLock<Arc<usvg::fontdb::Database>> = LazyLock::new(|| {
    let mut database = usvg::fontdb::Database::new();
    database.load_font_data(REGULAR.to_vec());
    database.load_font_data(SEMI_BOLD.to_vec());
    Arc::new(database)
});

/// Why a picture could not be made; completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum DrawingError {
    /// The SVG writer failed.
    #[error("draw the chart: {0}")]
    Svg(String),
    /// The SVG could not be turned into pixels.
    #[error("turn the chart into pixels: {0}")]
    Png(String),
}

#[derive(Debug, Clone, PartialEq)]
enum Mark {
    Line(Vec<(f64, f64)>, Stroke),
    Area(Vec<(f64, f64)>, Color, f64),
    Disc((f64, f64), f64, Color),
    Text(String, (f64, f64), Lettering),
    Begin(Part),
    End,
}

/// Marks in the order they are painted, in pixels from the upper left corner.
#[derive(Debug, Clone, PartialEq)]
pub struct Canvas {
    width: u32,
    height: u32,
    background: Color,
    marks: Vec<Mark>,
}

impl Canvas {
    /// An empty sheet.
    pub fn new(width: u32, height: u32, theme: &Theme) -> Self {
        Self { width, height, background: theme.background, marks: Vec::new() }
    }
    /// Width in pixels.
    pub fn width(&self) -> f64 {
        f64::from(self.width)
    }
    /// Height in pixels.
    pub fn height(&self) -> f64 {
        f64::from(self.height)
    }
    /// A line through the points.
    pub fn line(&mut self, points: Vec<(f64, f64)>, stroke: Stroke) {
        self.marks.push(Mark::Line(points, stroke));
    }
    /// A filled polygon.
    pub fn area(&mut self, points: Vec<(f64, f64)>, color: Color, alpha: f64) {
        self.marks.push(Mark::Area(points, color, alpha));
    }
    /// A filled rectangle between two corners.
    pub fn rectangle(&mut self, from: (f64, f64), to: (f64, f64), color: Color) {
        self.area(vec![from, (to.0, from.1), to, (from.0, to.1)], color, 1.0);
    }
    /// A filled circle.
    pub fn disc(&mut self, center: (f64, f64), radius: f64, color: Color) {
        self.marks.push(Mark::Disc(center, radius, color));
    }
    /// A line of text.
    pub fn text(&mut self, text: impl Into<String>, point: (f64, f64), lettering: Lettering) {
        self.marks.push(Mark::Text(text.into(), point, lettering));
    }

    /// Marks that belong together.
    pub fn part<T>(&mut self, part: Part, draw: impl FnOnce(&mut Self) -> T) -> T {
        self.marks.push(Mark::Begin(part));
        let drawn = draw(self);
        self.marks.push(Mark::End);
        drawn
    }
    /// Marks of a plot whose curves can be read off.
    pub fn readable<T>(
        &mut self,
        plot: &Plot,
        x: &Quantity,
        y: &Quantity,
        draw: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.part(Part::plot(plot, x, y, f64::from(K)), draw)
    }

    /// The sheet as SVG; the same marks make the same bytes.
    ///
    /// # Errors
    ///
    /// Where plotters cannot use its fonts.
    pub fn into_svg(self) -> Result<String, DrawingError> {
        if !*FONTS {
            return Err(DrawingError::Svg("the fonts cannot be read".into()));
        }
        let sheet = self.elements(&[], true)?;
        let (head, foot) = sheet.split_at(sheet.rfind(FOOT).unwrap_or(sheet.len()));
        let drawn = format!("width=\"{}\" height=\"{}\"", self.width * K, self.height * K);
        let shown = format!("width=\"{}\" height=\"{}\"", self.width, self.height);
        let mut svg = head.replacen(&drawn, &shown, 1);
        // plotters knows no groups: what stands between two of their tags is drawn on a sheet of its own
        for run in self.marks.split_inclusive(|mark| matches!(mark, Mark::Begin(_) | Mark::End)) {
            let (marks, tag) = match run {
                [marks @ .., Mark::Begin(part)] => (marks, part.begin()),
                [marks @ .., Mark::End] => (marks, END.into()),
                marks => (marks, String::new()),
            };
            if !marks.is_empty() {
                let drawn = self.elements(marks, false)?;
                let from = drawn.find('\n').map_or(0, |end| end + 1);
                svg.push_str(&drawn[from..drawn.rfind(FOOT).unwrap_or(drawn.len())]);
            }
            svg.push_str(&tag);
        }
        svg.push_str(foot);
        Ok(svg)
    }

    /// A whole SVG with these marks.
    fn elements(&self, marks: &[Mark], background: bool) -> Result<String, DrawingError> {
        let failed = |error: &dyn std::error::Error| DrawingError::Svg(error.to_string());
        let mut svg = String::new();
        {
            let size = (self.width * K, self.height * K);
            let area = SVGBackend::with_string(&mut svg, size).into_drawing_area();
            if background {
                area.fill(&rgb(self.background)).map_err(|error| failed(&error))?;
            }
            Self::paint(marks, &area).map_err(|error| failed(&error))?;
            area.present().map_err(|error| failed(&error))?;
        }
        Ok(svg)
    }

    fn paint(
        marks: &[Mark],
        area: &DrawingArea<SVGBackend<'_>, Shift>,
    ) -> Result<(), impl std::error::Error + use<>> {
        for mark in marks {
            match mark {
                Mark::Begin(_) | Mark::End => {}
                Mark::Line(points, stroke) => {
                    let style =
                        color(stroke.color, stroke.alpha).stroke_width(pixel(stroke.width).max(1) as u32);
                    for part in stroke.dash.map_or_else(|| vec![points.clone()], |dash| dashes(points, dash))
                    {
                        area.draw(&PathElement::new(pixels(&part), style))?;
                    }
                }
                Mark::Area(points, fill, alpha) => {
                    area.draw(&Polygon::new(pixels(points), color(*fill, *alpha)))?;
                }
                Mark::Disc((x, y), radius, fill) => {
                    area.draw(&Circle::new((pixel(*x), pixel(*y)), pixel(*radius), rgb(*fill).filled()))?;
                }
                Mark::Text(text, (x, y), lettering) => {
                    area.draw(&Text::new(text.as_str(), (pixel(*x), pixel(*y)), text_style(*lettering)))?;
                }
            }
        }
        Ok::<(), plotters::drawing::DrawingAreaErrorKind<std::io::Error>>(())
    }
}

/// Width of a text in pixels.
pub fn text_width(text: &str, size: f64, bold: bool) -> f64 {
    let style = if bold { FontStyle::Bold } else { FontStyle::Normal };
    let font = (FAMILY, size * f64::from(K) * FONT_HEIGHT, style).into_font();
    // without a font (`into_svg` then says so) a guess keeps the layout finite
    let guess = 0.55 * size * text.chars().count() as f64;
    if !*FONTS {
        return guess;
    }
    font.layout_box(text).map_or(guess, |((left, _), (right, _))| f64::from(right - left) / f64::from(K))
}

/// The text, cut with an ellipsis where it is wider than `width`.
pub fn fitted(text: &str, width: f64, size: f64) -> String {
    if text_width(text, size, false) <= width {
        return text.into();
    }
    let letters: Vec<char> = text.chars().collect();
    let cut = |n: usize| letters[..n].iter().collect::<String>() + "…";
    let n = (1..letters.len()).rev().find(|n| text_width(&cut(*n), size, false) <= width).unwrap_or(1);
    cut(n)
}

/// The picture of an SVG, `scale` times its size in pixels.
///
/// # Errors
///
/// Where the SVG is none, or too large for memory.
pub fn png(svg: &str, scale: f32) -> Result<Vec<u8>, DrawingError> {
    let options = usvg::Options {
        fontdb: Arc::clone(&FONT_DATABASE),
        font_family: "IBM Plex Sans".into(),
        ..usvg::Options::default()
    };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| DrawingError::Png(error.to_string()))?;
    let (width, height) = ((tree.size().width() * scale) as u32, (tree.size().height() * scale) as u32);
    let mut pixels = tiny_skia::Pixmap::new(width, height)
        .ok_or_else(|| DrawingError::Png(format!("{width}×{height} pixels are none or too many")))?;
    resvg::render(&tree, tiny_skia::Transform::from_scale(scale, scale), &mut pixels.as_mut());
    pixels.encode_png().map_err(|error| DrawingError::Png(error.to_string()))
}

/// Pieces of a line: dashes of one length, gaps of another.
fn dashes(points: &[(f64, f64)], (dash, gap): (f64, f64)) -> Vec<Vec<(f64, f64)>> {
    let Some(&start) = points.first() else { return Vec::new() };
    let (mut pieces, mut piece, mut left, mut drawing) = (Vec::new(), vec![start], dash, true);
    for pair in points.windows(2) {
        let (mut from, to) = (pair[0], pair[1]);
        loop {
            let (dx, dy) = (to.0 - from.0, to.1 - from.1);
            let length = (dx * dx + dy * dy).sqrt();
            if length < left {
                left -= length;
                if drawing {
                    piece.push(to);
                }
                break;
            }
            from = (from.0 + dx * left / length, from.1 + dy * left / length);
            if drawing {
                piece.push(from);
                pieces.push(std::mem::take(&mut piece));
            } else {
                piece = vec![from];
            }
            drawing = !drawing;
            left = if drawing { dash } else { gap };
        }
    }
    if piece.len() > 1 {
        pieces.push(piece);
    }
    pieces
}

fn pixel(length: f64) -> i32 {
    (length * f64::from(K)).round() as i32
}

fn pixels(points: &[(f64, f64)]) -> Vec<(i32, i32)> {
    points.iter().map(|(x, y)| (pixel(*x), pixel(*y))).collect()
}

fn rgb(Color(red, green, blue): Color) -> RGBColor {
    RGBColor(red, green, blue)
}

fn color(tone: Color, alpha: f64) -> RGBAColor {
    rgb(tone).mix(alpha)
}

fn text_style(lettering: Lettering) -> TextStyle<'static> {
    let weight = if lettering.bold { FontStyle::Bold } else { FontStyle::Normal };
    let size = lettering.size * f64::from(K) * PLOTTERS_FONT_SCALE;
    let mut font = (FAMILY, size, weight).into_font();
    if lettering.upright {
        font = font.transform(FontTransform::Rotate270);
    }
    let horizontal = match lettering.align {
        Align::Left => HPos::Left,
        Align::Center => HPos::Center,
        Align::Right => HPos::Right,
    };
    let vertical = match lettering.stand {
        Stand::Top => VPos::Top,
        Stand::Middle => VPos::Center,
        Stand::Bottom => VPos::Bottom,
    };
    let mut style = TextStyle::from(font).pos(Pos::new(horizontal, vertical));
    // `TextStyle::color` borrows its argument
    style.color = plotters::style::Color::to_backend_color(&rgb(lettering.color));
    style
}
