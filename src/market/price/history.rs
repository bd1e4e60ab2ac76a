//! Real prices, replayed.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use std::sync::Arc;

use crate::math::{B, Lanes, ln};
use crate::units::Period;

/// A CSV of prices replayed: one path for each admissible start (rolling windows), or one given window.
///
/// A start is admissible where the whole window stands in the file without a gap, for every asset. Windows are
/// scaled to begin at the asset's `spot`; a single window without `spot` keeps its prices. Windows overlap, so
/// intervals come from a block bootstrap over starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct History {
    /// CSV file, relative to the scenario, with a `time` column (ISO 8601).
    pub file: String,
    /// Column of the CSV file; default: the symbol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Time of the one window's first price; absent: every admissible start.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// Time between the starts of two windows; default: one row of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stride: Option<Period>,
}

/// Prices given by data, ready to be replayed.
#[derive(Debug, Clone)]
pub enum Replay {
    /// The same price for every lane: one given path of `n_steps + 1` prices.
    Path(Arc<[f64]>),
    /// Path `k` is the window that begins at row `starts[k]`.
    Windows {
        /// Prices by row.
        prices: Arc<[f64]>,
        /// First row of every window.
        starts: Arc<[usize]>,
        /// Rows from one step to the next.
        rows_per_step: usize,
        /// Price every window is scaled to at its start; `None` keeps the prices as they stand.
        spot: Option<f64>,
    },
}

impl Replay {
    /// Sets price and log price at step `j`. Lanes beyond the last window repeat it; the engine does not count them.
    #[inline(always)]
    pub fn advance(&self, first_path: u64, j: u64, x: &mut Lanes, s: &mut Lanes) {
        match self {
            Self::Path(prices) => {
                let price = prices[j as usize];
                *s = Lanes::splat(price);
                *x = Lanes::splat(ln(price));
            }
            Self::Windows { prices, starts, rows_per_step, spot } => {
                for lane in 0..B {
                    let start = starts[(first_path as usize + lane).min(starts.len() - 1)];
                    let price = prices[start + j as usize * rows_per_step];
                    s[lane] = spot.map_or(price, |spot| spot * (price / prices[start]));
                }
                for lane in 0..B {
                    x[lane] = ln(s[lane]);
                }
            }
        }
    }
}
