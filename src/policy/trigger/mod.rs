//! What sets off a policy of kind `rule`: any of a list.

mod band;
mod clock;
mod price_move;
mod relative_band;
mod whalley_wilmott;
mod zakamouline;

pub use band::Band;
pub use clock::Clock;
pub use price_move::Move;
pub use relative_band::RelativeBand;
pub use whalley_wilmott::WhalleyWilmott;
pub use zakamouline::Zakamouline;

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
        "whalley_wilmott" => whalley_wilmott::WhalleyWilmott,
        "zakamouline" => zakamouline::Zakamouline,
    } later {}
}

impl Trigger {
    /// Whether its band follows the gamma of an option book.
    pub fn follows_gamma(&self) -> bool {
        matches!(self, Self::WhalleyWilmott(_) | Self::Zakamouline(_))
    }
}
