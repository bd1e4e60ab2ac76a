//! How a text looks and where it stands on its point.
use super::style::Color;

/// Where a text stands on its point, horizontally.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Align {
    /// The text begins at the point.
    Left,
    /// The point is its middle.
    Center,
    /// The text ends at the point.
    Right,
}

/// Where a text stands on its point, vertically.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stand {
    /// Below the point.
    Top,
    /// At its height.
    Middle,
    /// Above the point.
    Bottom,
}

/// A text's look and place.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lettering {
    /// Size in pixels.
    pub size: f64,
    /// Colour.
    pub color: Color,
    /// Semi-bold rather than regular.
    pub bold: bool,
    /// Horizontal place.
    pub align: Align,
    /// Vertical place.
    pub stand: Stand,
    /// Read from below.
    pub upright: bool,
}

impl Lettering {
    /// Regular letters that begin at their point, at its height.
    pub const fn new(size: f64, color: Color) -> Self {
        Self { size, color, bold: false, align: Align::Left, stand: Stand::Middle, upright: false }
    }
    /// Semi-bold.
    #[must_use]
    pub const fn bold(self) -> Self {
        Self { bold: true, ..self }
    }
    /// Placed otherwise on its point.
    #[must_use]
    pub const fn at(self, align: Align, stand: Stand) -> Self {
        Self { align, stand, ..self }
    }
    /// Turned to read from below.
    #[must_use]
    pub const fn upright(self) -> Self {
        Self { upright: true, ..self }
    }
}
