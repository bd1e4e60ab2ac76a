//! What a fill costs, and what it costs to hold.
use serde::Serialize;

use super::execution::is_default;

pub mod funding;
pub mod gas;
pub mod log_ou;
pub mod permanent;
pub mod pool;
mod square_root;
pub use funding::Funding;
pub use gas::{BaseFee, Gas, GasTerms, RandomBaseFee};
pub use permanent::{PermanentImpact, PermanentTerms};
pub use pool::{Pool, PoolTerms};
pub use square_root::SquareRoot;

registry! {
    /// Market impact of a fill.
    pub enum Impact {
        "square_root" => square_root::SquareRoot,
    } later { "linear" }
}

/// Frictions of one asset; every one is charged on the notional at the true mid price.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Costs {
    /// Proportional fee, a fraction of the traded notional; negative: a rebate.
    pub fee: f64,
    /// Half of the bid–ask spread, a fraction of the traded notional.
    pub half_spread: f64,
    /// Fixed fee of every fill, in currency.
    pub fixed_fee: f64,
    /// Funding of a perpetual.
    pub funding: Funding,
    /// Market impact; its `adv` is filled in.
    pub impact: Option<Impact>,
    /// Average daily volume in currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adv: Option<f64>,
    /// Permanent impact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permanent_impact: Option<PermanentTerms>,
    /// Constant-product pool.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pool: Option<PoolTerms>,
    /// Annual rate paid for a short position, simple.
    #[serde(skip_serializing_if = "is_default")]
    pub borrow: f64,
    /// Gas of a transaction of this asset alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gas: Option<GasTerms>,
    /// Whether this asset's first trade pays, where it differs from the run's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_initial: Option<bool>,
    /// Whether this asset's unwind pays, where it differs from the run's rule.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charge_final: Option<bool>,
}
