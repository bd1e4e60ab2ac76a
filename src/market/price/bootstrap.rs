//! Paths drawn from real returns: the stationary block bootstrap.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::sync::Arc;

use crate::math::{B, Lanes, ln};
use crate::rng::{Purpose, Stream, draw, unit};
use crate::units::Period;

/// Stationary block bootstrap of the log returns of a CSV of prices; all assets draw the same dates.
///
/// Blocks begin at a uniformly drawn row and have geometric lengths with mean `mean_block`; a gap in the file ends
/// a block. Draws two words a block (stream `Bootstrap`, shared by all assets). It cannot make a step that the file
/// does not hold: every figure is conditional on the series.
/// Source: Politis & Romano, Journal of the American Statistical Association 89 (1994) 1303–1313.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bootstrap {
    /// CSV file, relative to the scenario, with a `time` column (ISO 8601).
    pub file: String,
    /// Column of the CSV file; default: the symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Mean length of a block.
    pub mean_block: Period,
    /// Shift the returns so that E(S_T) = S_0.
    #[serde(default)]
    pub demean: bool,
}

/// The returns of one asset, ready to be drawn.
#[derive(Debug, Clone)]
pub struct Resample {
    /// Log return of the step that begins at a row.
    pub returns: Arc<[f64]>,
}

impl Resample {
    /// Adds the return of the row that every lane stands at.
    #[inline(always)]
    pub fn advance(&self, rows: &[u32; B], x: &mut Lanes) {
        for lane in 0..B {
            x[lane] += self.returns[rows[lane] as usize];
        }
    }
}

/// The dates that all assets of a scenario draw together.
#[derive(Debug, Clone)]
pub struct Dates {
    admissible: Arc<[u32]>,
    next: Arc<[u32]>,
    /// ln(1 − probability that a block ends after a step); −∞ when every block is one step long.
    ln_continue: f64,
    stream: Stream,
}

/// Where every lane stands in the file.
#[derive(Debug, Clone)]
pub struct DatesState {
    /// Row of the step to come.
    pub rows: [u32; B],
    left: [u32; B],
    block: [u32; B],
}

impl Default for DatesState {
    fn default() -> Self {
        Self { rows: [0; B], left: [0; B], block: [0; B] }
    }
}

impl Dates {
    /// Dates over `admissible` rows, `next` the row that follows in the same block (`u32::MAX`: none).
    pub fn new(admissible: Arc<[u32]>, next: Arc<[u32]>, end_probability: f64) -> Self {
        Self {
            admissible,
            next,
            ln_continue: ln(1.0 - end_probability),
            stream: Stream::new(Purpose::Bootstrap, 0),
        }
    }

    /// Opens a lane's next block.
    fn open(&self, seed: u64, path: u64, lane: usize, state: &mut DatesState) {
        let (place, length) = draw(seed, self.stream, path, state.block[lane]);
        state.block[lane] += 1;
        let count = self.admissible.len();
        let index = ((unit(place) * count as f64) as usize).min(count - 1);
        state.rows[lane] = self.admissible[index];
        // geometric: P(more than k further steps) = (1 − p)^k
        let further = if self.ln_continue == 0.0 {
            f64::INFINITY
        } else {
            (ln(unit(length)) / self.ln_continue).floor()
        };
        state.left[lane] = if further < f64::from(u32::MAX) { further as u32 } else { u32::MAX };
    }

    /// Opens every lane's first block.
    pub fn start(&self, seed: u64, first_path: u64, state: &mut DatesState) {
        *state = DatesState::default();
        for lane in 0..B {
            self.open(seed, first_path.wrapping_add(lane as u64), lane, state);
        }
    }

    /// Moves every lane to the row of its next step.
    #[inline(never)]
    pub fn advance(&self, seed: u64, first_path: u64, state: &mut DatesState) {
        for lane in 0..B {
            let next = self.next[state.rows[lane] as usize];
            if state.left[lane] == 0 || next == u32::MAX {
                self.open(seed, first_path.wrapping_add(lane as u64), lane, state);
            } else {
                state.left[lane] -= 1;
                state.rows[lane] = next;
            }
        }
    }
}
