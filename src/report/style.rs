//! Every size, colour and dash of the charts.

/// Width of every canvas, in pixels.
pub const WIDTH: u32 = 960;
/// Height of a canvas with one plot.
pub const HEIGHT: u32 = 540;
/// Height of a scatter plot.
pub const SCATTER_HEIGHT: u32 = 600;
/// Height of a heat map.
pub const HEAT_HEIGHT: u32 = 560;

/// Left edge of title, subtitle and legend.
pub const HEADING_LEFT: f64 = 24.0;
/// Space left of the axis labels.
pub const MARGIN_LEFT: f64 = 20.0;
/// Space right of the plot.
pub const MARGIN_RIGHT: f64 = 24.0;
/// Space below the x axis title, where the footer stands.
pub const MARGIN_BOTTOM: f64 = 26.0;
/// Height of tick labels and title below a plot.
pub const X_AXIS_HEIGHT: f64 = 44.0;
/// Width of tick labels and title beside a plot.
pub const Y_AXIS_WIDTH: f64 = 58.0;
/// The most a policy's name may take beside its row.
pub const NAME_WIDTH: f64 = 190.0;

/// Type size of the title.
pub const TITLE: f64 = 20.0;
/// Type size of the subtitle.
pub const SUBTITLE: f64 = 13.5;
/// Type size of legends, names and figures beside marks.
pub const LABEL: f64 = 13.0;
/// Type size of axis titles.
pub const AXIS_TITLE: f64 = 12.5;
/// Type size of ticks.
pub const TICK: f64 = 12.0;
/// Type size of the footer and of notes inside a plot.
pub const FOOTER: f64 = 11.0;

/// Width of a series.
pub const SERIES: f64 = 2.0;
/// Width of reference lines, grids and whiskers.
pub const HAIRLINE: f64 = 1.0;
/// Opacity of the wide band of a fan.
pub const FAN_OUTER: f64 = 0.18;
/// Opacity of the narrow band of a fan.
pub const FAN_INNER: f64 = 0.30;
/// Opacity of a violin.
pub const VIOLIN: f64 = 0.25;
/// Opacity of sample paths.
pub const SAMPLE_PATH: f64 = 0.45;

/// Dashes of a mean.
pub const MEAN_DASH: (f64, f64) = (4.0, 3.0);
/// Dashes of a level.
pub const LEVEL_DASH: (f64, f64) = (3.0, 4.0);
/// Dashes of the efficient set.
pub const EFFICIENT_DASH: (f64, f64) = (5.0, 4.0);

/// Red, green, blue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Color(pub u8, pub u8, pub u8);

const fn hex(rgb: u32) -> Color {
    Color((rgb >> 16) as u8, (rgb >> 8) as u8, rgb as u8)
}

/// Colours of one appearance.
#[derive(Debug, Clone, PartialEq)]
pub struct Theme {
    /// Behind everything.
    pub background: Color,
    /// Titles and names.
    pub ink: Color,
    /// Subtitles, ticks, footers.
    pub muted: Color,
    /// Grid lines.
    pub grid: Color,
    /// Axis and reference lines.
    pub axis: Color,
    /// Fills, one a policy.
    pub fills: [Color; 7],
    /// Lines of the same policies: as the fills, but dark enough for a thin line on the background.
    pub lines: [Color; 7],
    /// Opacity of a filled density.
    pub density: f64,
}

impl Theme {
    /// Dark marks on white.
    pub const fn light() -> Self {
        let series = [0x00_72B2, 0xD5_5E00, 0x00_9E73, 0xCC_79A7, 0xE6_9F00, 0x56_B4E9, 0x6B_7280];
        Self {
            background: hex(0xFF_FFFF),
            ink: hex(0x11_1827),
            muted: hex(0x4B_5563),
            grid: hex(0xE5_E7EB),
            axis: hex(0x9C_A3AF),
            fills: colors(series),
            // the fifth and sixth fill have a contrast of 2.3 on white: as lines they are darkened to 3.4
            lines: colors([0x00_72B2, 0xD5_5E00, 0x00_9E73, 0xCC_79A7, 0xB8_7F00, 0x2E_93CC, 0x6B_7280]),
            density: 0.12,
        }
    }

    /// Light marks on a dark ground.
    pub const fn dark() -> Self {
        let series = [0x4D_A3E0, 0xFF_8A4C, 0x34_D3A0, 0xE9_A3CB, 0xF5_C04A, 0x8F_D3FF, 0x9C_A3AF];
        Self {
            background: hex(0x0F_172A),
            ink: hex(0xF1_F5F9),
            muted: hex(0x94_A3B8),
            grid: hex(0x1E_293B),
            axis: hex(0x47_5569),
            fills: colors(series),
            lines: colors(series),
            density: 0.18,
        }
    }

    /// Fill of the series at that place of the scenario; grey beyond the seventh.
    pub fn fill(&self, series: usize) -> Color {
        self.fills[series.min(6)]
    }

    /// Line of the series at that place of the scenario; grey beyond the seventh.
    pub fn line(&self, series: usize) -> Color {
        self.lines[series.min(6)]
    }
}

/// Colours of a heat map, from the least to the largest.
pub const HEAT: [Color; 7] =
    colors([0xF7_FBFF, 0xD6_E6F4, 0xAB_D0E6, 0x6A_AED6, 0x37_87C0, 0x10_5BA4, 0x08_306B]);

const fn colors(rgb: [u32; 7]) -> [Color; 7] {
    [hex(rgb[0]), hex(rgb[1]), hex(rgb[2]), hex(rgb[3]), hex(rgb[4]), hex(rgb[5]), hex(rgb[6])]
}

/// A line's look.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Stroke {
    /// Colour.
    pub color: Color,
    /// Opacity.
    pub alpha: f64,
    /// Width in pixels.
    pub width: f64,
    /// Lengths of dash and gap; none for a solid line.
    pub dash: Option<(f64, f64)>,
}

impl Stroke {
    /// A solid line.
    pub const fn solid(color: Color, width: f64) -> Self {
        Self { color, alpha: 1.0, width, dash: None }
    }

    /// The same line, dashed.
    #[must_use]
    pub const fn dashed(self, dash: (f64, f64)) -> Self {
        Self { dash: Some(dash), ..self }
    }

    /// The same line, translucent.
    #[must_use]
    pub const fn faded(self, alpha: f64) -> Self {
        Self { alpha, ..self }
    }
}
