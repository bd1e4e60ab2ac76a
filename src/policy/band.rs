//! The policy that trades when the gap leaves a band.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Destination;
use super::decision::{BookTerms, Decision, Watch, Width};
use crate::units::{Amount, PerAsset, Period};

/// Trades when `|gap| > width` (strictly), to the center or to the edge of the band.
///
/// Options: the gap is in units of underlying of the whole position. Baskets: in weight points, any asset's gap
/// triggers a trade of all assets to target.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Band {
    /// Half-width. Options: units, "5%" of Σ|quantity| of the asset, or a table by symbol. Baskets: weight points.
    #[schemars(range(min = 0.0))]
    pub width: PerAsset<Amount>,
    /// Where to trade to; default: the edge. Options only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<Destination>,
    /// Time between two looks; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

/// Half-widths by asset: a share is of the asset's Σ|quantity|.
pub(super) fn absolute(width: &PerAsset<Amount>, book: &BookTerms) -> Width {
    let of = |(symbol, quantity): (&String, &f64)| match width.of(symbol) {
        Some(Amount::Plain(units)) => units,
        Some(Amount::Share(share)) => share * quantity,
        // an asset without a width is none the policy hedges
        None => f64::INFINITY,
    };
    Width::Absolute(book.symbols.iter().zip(book.quantities).map(of).collect())
}

impl Band {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let watch = Watch {
            width: absolute(&self.width, book),
            every: self.monitor_every.map_or(1, Period::steps),
            to: self.to.unwrap_or(book.band_to),
        };
        Decision { band: Some(watch), ..Decision::resting(true) }
    }
}
