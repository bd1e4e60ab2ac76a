//! What is tracked: option strategies and baskets, with their targets, marks, payoffs and benchmarks.
use serde::Serialize;

pub mod basket;
pub mod benchmark;
pub mod by_lane;
pub mod delta;
pub mod leland;
pub mod options;
pub mod valuation;
pub mod volatility;
pub mod width;
pub mod zakamouline;

pub use basket::{Basket, Benchmark};
pub use options::{Leg, LegKind, Settlement, Strategy};
pub use volatility::HedgeVolatility;

/// What the portfolio is meant to follow.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Target {
    /// A list of option legs, hedged with the assets.
    Options(Strategy),
    /// A basket of assets at target weights.
    Basket(Basket),
}
