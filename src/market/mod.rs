//! What the world does, whoever trades in it: prices, oracles, costs, execution.
pub mod correlation;
pub mod cost;
pub mod execution;
pub mod oracle;
pub mod price;
pub mod series;
pub mod shock;
