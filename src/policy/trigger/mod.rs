//! What sets off a policy of kind `rule`: any of a list.

mod band;
mod clock;
mod price_move;
mod relative_band;

pub use band::Band;
pub use clock::Clock;
pub use price_move::Move;
pub use relative_band::RelativeBand;

use super::{gas_aware_band, optimal_band};

registry! {
    /// One of the conditions that make a rule act.
    pub enum Trigger {
        "clock" => clock::Clock,
        "band" => band::Band,
        "relative_band" => relative_band::RelativeBand,
        "optimal_band" => optimal_band::OptimalBand,
        "gas_aware_band" => gas_aware_band::GasAwareBand,
        "move" => price_move::Move,
    } later { "whalley_wilmott", "zakamouline" }
}
