//! Quantities with units as they stand in a scenario, and the grid of time they resolve to.
mod fault;
mod fraction;
mod grid;
mod per_asset;
mod period;

pub use fault::Fault;
pub use fraction::{Amount, Fraction};
pub use grid::Grid;
pub use per_asset::PerAsset;
pub use period::Period;
