//! The registry of charts. To add one: a file beside this one, its `mod` line and its row in `CHARTS`.
use crate::engine::Outcome;
use crate::scenario::Scenario;

use super::drawing::DrawingError;
use super::style::Theme;

pub mod cost_stack;
pub mod density;
pub mod efficiency;
pub mod fan;
pub mod frontier;
pub mod input;
pub mod replay;
pub mod rows;
pub mod scope;
pub mod spread;
pub mod tail;

pub use input::{ChartInput, Sample};

/// A chart of a run.
#[derive(Debug, Clone, Copy)]
pub struct Chart {
    /// Name of its files.
    pub name: &'static str,
    /// Draws it as SVG.
    pub draw: fn(&ChartInput<'_>, &Theme) -> Result<String, NoChart>,
}

/// Every chart of a run, in the order of the report. `replay` shows one path and has its own input.
pub const CHARTS: &[Chart] = &[
    Chart { name: "frontier", draw: frontier::draw },
    Chart { name: "spread", draw: spread::draw },
    Chart { name: "density", draw: density::draw },
    Chart { name: "tail", draw: tail::draw },
    Chart { name: "fan", draw: fan::draw },
    Chart { name: "cost_stack", draw: cost_stack::draw },
    Chart { name: "efficiency", draw: efficiency::draw },
];

/// Why there is no picture.
#[derive(Debug, thiserror::Error)]
pub enum NoChart {
    /// The run has nothing for this chart to show.
    #[error("{0}")]
    NotApplicable(String),
    /// The chart is for other scenarios than this: not worth a word.
    #[error("the chart is not meant for this scenario")]
    NotMeant,
    /// It could not be drawn.
    #[error(transparent)]
    Failed(#[from] DrawingError),
}

/// Shorthand for a chart that does not apply.
fn not_applicable<T>(reason: impl Into<String>) -> Result<T, NoChart> {
    Err(NoChart::NotApplicable(reason.into()))
}
