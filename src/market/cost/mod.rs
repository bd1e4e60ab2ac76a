//! What a fill costs, and what it costs to hold.
use serde::Serialize;

use super::execution::is_default;

pub mod ar1;
pub mod funding;
pub mod gas;
mod linear;
pub mod log_ou;
pub mod permanent;
pub mod pool;
pub mod spread;
mod square_root;
pub mod volatility_scaled;
pub use funding::{Funding, MovingRate, Rate};
pub use gas::{BaseFee, Gas, GasTerms, RandomBaseFee};
pub use linear::Linear;
pub use permanent::{PermanentImpact, PermanentTerms};
pub use pool::{Pool, PoolCost, PoolTerms};
pub use spread::{HalfSpread, MovingSpread};
pub use square_root::SquareRoot;

registry! {
    /// Market impact of a fill.
    pub enum Impact {
        "square_root" => square_root::SquareRoot,
        "linear" => linear::Linear,
    } later {}
}

impl Impact {
    /// Average daily volume in currency.
    pub fn adv(&self) -> Option<f64> {
        match self {
            Self::SquareRoot(model) => model.adv,
            Self::Linear(model) => model.adv,
        }
    }

    /// The same, to be filled in.
    pub fn adv_mut(&mut self) -> &mut Option<f64> {
        match self {
            Self::SquareRoot(model) => &mut model.adv,
            Self::Linear(model) => &mut model.adv,
        }
    }
}

/// Frictions of one asset; every one is charged on the notional at the true mid price.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Costs {
    /// Proportional fee, a fraction of the traded notional; negative: a rebate.
    pub fee: f64,
    /// Half of the bid–ask spread, a fraction of the traded notional.
    pub half_spread: f64,
    /// How it moves; it is then `half_spread` at the reference volatility.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub moving_spread: Option<MovingSpread>,
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
