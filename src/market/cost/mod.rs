//! What a fill costs, and what it costs to hold.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

mod square_root;
pub use square_root::SquareRoot;

registry! {
    /// Market impact of a fill.
    pub enum Impact {
        "square_root" => square_root::SquareRoot,
    } later { "linear" }
}

/// Frictions of one asset; every one is charged on the notional at the true mid price.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Costs {
    /// Proportional fee, a fraction of the traded notional.
    pub fee: f64,
    /// Half of the bid–ask spread, a fraction of the traded notional.
    pub half_spread: f64,
    /// Fixed fee of every fill, in currency.
    pub fixed_fee: f64,
    /// Annual funding rate, simple; longs pay a positive rate.
    pub funding: f64,
    /// Market impact.
    pub impact: Option<Impact>,
}
