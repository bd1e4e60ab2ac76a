//! Real price series, checked and ready to be replayed; reading files is the scenario's work.
use std::sync::Arc;

/// Rows of one CSV file on a regular clock: one price per row and column, gaps as NaN rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    /// Prices of one asset by row; a missing value is NaN.
    pub prices: Vec<f64>,
    /// Whether the next row stands one interval later (false at a gap and at the end).
    pub contiguous: Vec<bool>,
    /// Seconds since 1970 of every row.
    pub times: Vec<i64>,
    /// Interval between two rows in nanoseconds.
    pub interval_nanos: u64,
}

/// Where an asset's prices come from, beside its process's own law.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Feed {
    /// From the process's law.
    #[default]
    Model,
    /// One given path of `n_steps + 1` prices.
    Path(Arc<[f64]>),
    /// Windows of a series: path `k` starts at row `starts[k]`; the same starts for all assets.
    Windows {
        /// Prices by row.
        prices: Arc<[f64]>,
        /// First row of every window.
        starts: Arc<[usize]>,
        /// Rows from one step to the next.
        rows_per_step: usize,
        /// Keep the prices as they stand (one window); else every window is scaled to start at `spot`.
        raw: bool,
    },
    /// Stationary block bootstrap over the rows of a series.
    Blocks {
        /// Log return of a whole step that begins at a row (0 where none begins).
        returns: Arc<[f64]>,
        /// Rows at which a whole step may begin, the same for all assets.
        admissible: Arc<[u32]>,
        /// By row: the row where the next step of the same block begins, or `u32::MAX` where the block must end.
        next: Arc<[u32]>,
        /// Probability that a block ends after a step.
        end_probability: f64,
    },
}
