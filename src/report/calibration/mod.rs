//! A calibration as people read it: charts of data against model, the terminal table, the files.
pub mod clustering;
pub mod density;
pub mod feed;
pub mod residuals;
pub mod table;
pub mod tables;

use crate::calibrate::{Fit, Model, Returns, duration};

use super::frame::Swatch;
use super::style::{self, Stroke, Theme};

/// Fits of one column and its returns, ready to be drawn.
#[derive(Debug, Clone, Copy)]
pub struct SeriesInput<'a> {
    /// The data.
    pub returns: &'a Returns,
    /// Fits, in the order of the report.
    pub fits: &'a [Fit],
    /// Name of the file.
    pub file: &'a str,
}

impl SeriesInput<'_> {
    /// What every chart states.
    pub(super) fn footer(&self) -> String {
        format!(
            "{} returns of {} · {} · {} · driftband v{}",
            super::number::count(self.returns.len() as u64),
            duration(self.returns.spacing.days * 86_400.0),
            self.returns.name,
            self.file,
            env!("CARGO_PKG_VERSION")
        )
    }

    /// Fits to the returns as they are: those to sums of them have another scale.
    pub(super) fn comparable(&self) -> impl Iterator<Item = &Fit> {
        self.fits.iter().filter(|fit| fit.summed.is_none())
    }
}

/// The line of a model: a colour of its own in every chart, dashes where the colours run low.
pub(super) fn stroke(model: Model, theme: &Theme) -> Stroke {
    let place = Model::ALL.iter().position(|candidate| *candidate == model).unwrap_or(0);
    let solid = Stroke::solid(theme.line(if model == Model::Gbm { 6 } else { place - 1 }), style::SERIES);
    if model == Model::Heston { solid.dashed((7.0, 4.0)) } else { solid }
}

/// Legend of the fits.
pub(super) fn legend<'a>(fits: impl Iterator<Item = &'a Fit>, theme: &Theme) -> Vec<(String, Swatch)> {
    let mut entries = vec![("data".to_owned(), Swatch::Dot(theme.ink))];
    entries.extend(fits.map(|fit| (fit.model.kind().to_owned(), Swatch::Line(stroke(fit.model, theme)))));
    entries
}

/// A name that is safe in a file's name.
pub fn file_name(text: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' || c == '_' { c } else { '_' };
    text.chars().map(safe).take(64).collect()
}
