//! Price processes. To add one: a file beside this one, its `mod` line, its row in the registry and in `Kernel`.
use crate::math::Lanes;

pub mod bates;
pub mod bootstrap;
pub(crate) mod chain;
mod figures;
pub mod garch;
pub mod gbm;
pub mod heston;
pub mod history;
mod jumps;
pub mod kou;
pub mod merton;
mod mixing;
pub mod ornstein_uhlenbeck;
pub mod path;
pub mod presets;
pub mod regime;

pub use figures::OwnVariance;
pub use jumps::{JumpClock, JumpState};

registry! {
    /// Every price process a scenario can name.
    pub enum Process {
        "gbm" => gbm::Gbm,
        "merton" => merton::Merton,
        "kou" => kou::Kou,
        "heston" => heston::Heston,
        "bates" => bates::Bates,
        "garch" => garch::Garch,
        "regime" => regime::Regime,
        "ornstein_uhlenbeck" => ornstein_uhlenbeck::OrnsteinUhlenbeck,
        "path" => path::Path,
        "history" => history::History,
        "bootstrap" => bootstrap::Bootstrap,
    } later {}
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
    /// Quadratic-exponential step with rare jumps (Bates).
    Bates(Box<heston::Step>, JumpClock),
    /// Mean-reverting step with rare jumps.
    Reverting(ornstein_uhlenbeck::Step, JumpClock),
    /// Step inside a period whose variance the last one made.
    Garch(Box<garch::Step>),
    /// Log-normal step of the state that a chain is in.
    Regime(Box<regime::Step>),
    /// Prices given by data.
    Data(history::Replay),
    /// Returns drawn in blocks from data.
    Blocks(bootstrap::Resample),
}

impl Kernel {
    /// Whether it consumes a correlated normal a step.
    pub fn is_gaussian(&self) -> bool {
        !matches!(self, Self::Data(_) | Self::Blocks(_))
    }

    /// Whether it consumes a uniform a step for its variance.
    pub fn has_variance(&self) -> bool {
        matches!(self, Self::Heston(_) | Self::Bates(..))
    }

    /// The clock of its jumps.
    pub fn jumps(&self) -> Option<&JumpClock> {
        match self {
            Self::Jumps(_, clock) | Self::Bates(_, clock) | Self::Reverting(_, clock) => Some(clock),
            _ => None,
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
    /// Instantaneous annual variance, where it moves.
    pub variance: Lanes,
    /// Coming jumps.
    pub jumps: JumpState,
    /// The period it is in (GARCH).
    pub garch: Option<Box<garch::GarchState>>,
    /// The state it is in (regimes).
    pub regime: Option<Box<regime::RegimeState>>,
}

impl PriceState {
    /// Room for the state of that law.
    pub fn new(kernel: &Kernel) -> Self {
        let zero = Lanes::ZERO;
        Self {
            x: zero,
            s: zero,
            variance: zero,
            jumps: JumpState::default(),
            garch: matches!(kernel, Kernel::Garch(_)).then(Box::default),
            regime: matches!(kernel, Kernel::Regime(_)).then(Box::default),
        }
    }
}
