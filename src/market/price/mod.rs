//! Price processes. To add one: a file beside this one, its `mod` line, its row in the registry and in `Kernel`.
use crate::math::Lanes;

pub mod bootstrap;
pub mod gbm;
pub mod heston;
pub mod history;
mod jumps;
pub mod kou;
pub mod merton;
pub mod path;

pub use jumps::{JumpClock, JumpState};

registry! {
    /// Every price process a scenario can name.
    pub enum Process {
        "gbm" => gbm::Gbm,
        "merton" => merton::Merton,
        "kou" => kou::Kou,
        "heston" => heston::Heston,
        "path" => path::Path,
        "history" => history::History,
        "bootstrap" => bootstrap::Bootstrap,
    } later { "bates", "garch", "regime", "ornstein_uhlenbeck" }
}

/// A process ready to be stepped over a block of paths; met once per block and step.
#[derive(Debug, Clone)]
pub enum Kernel {
    /// Exact log-normal step.
    Gbm(gbm::Step),
    /// Log-normal step with rare jumps (Merton, Kou).
    Jumps(gbm::Step, JumpClock),
    /// Quadratic-exponential step.
    Heston(Box<heston::Step>),
    /// Prices given by data.
    Data(history::Replay),
    /// Returns drawn in blocks from data.
    Blocks(bootstrap::Resample),
}

impl Kernel {
    /// Whether it consumes a correlated normal a step.
    pub fn is_gaussian(&self) -> bool {
        matches!(self, Self::Gbm(_) | Self::Jumps(..) | Self::Heston(_))
    }
}

impl Process {
    /// The annual volatility of a process that has one constant volatility and no jumps.
    pub fn constant_volatility(&self) -> Option<f64> {
        match self {
            Self::Gbm(model) => Some(model.volatility),
            Self::Path(model) => model.volatility,
            _ => None,
        }
    }

    /// Annual drift of the expected price, where the law fixes it: E(S_T) = S_0 exp(drift·T).
    pub fn drift(&self) -> Option<f64> {
        match self {
            Self::Gbm(model) => Some(model.drift),
            Self::Merton(model) => Some(model.drift),
            Self::Kou(model) => Some(model.drift),
            Self::Heston(model) => Some(model.drift),
            Self::Path(_) | Self::History(_) | Self::Bootstrap(_) => None,
        }
    }
}

/// State of one asset's price over a block: structure of arrays, reset for every block.
#[derive(Debug, Clone)]
pub struct PriceState {
    /// Log price.
    pub x: Lanes,
    /// Price.
    pub s: Lanes,
    /// Instantaneous variance (Heston).
    pub variance: Lanes,
    /// Coming jumps (Merton, Kou).
    pub jumps: JumpState,
}
