//! Figures of a process that others ask for: its volatility, its drift.
use super::Process;
use crate::units::Grid;

/// The annual variance of a law's diffusion at a step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum OwnVariance {
    /// It stands still.
    Constant(f64),
    /// It moves: `PriceState::variance`.
    Moving,
    /// The law has none: prices from data.
    Unknown,
}

impl Process {
    /// The variance of the law's own diffusion, jumps apart.
    pub fn own_variance(&self) -> OwnVariance {
        let square = |volatility: f64| OwnVariance::Constant(volatility * volatility);
        match self {
            Self::Gbm(model) => square(model.volatility),
            Self::Merton(model) => square(model.volatility),
            Self::Kou(model) => square(model.volatility),
            Self::OrnsteinUhlenbeck(model) => square(model.volatility),
            Self::Heston(_) | Self::Bates(_) | Self::Garch(_) | Self::Regime(_) => OwnVariance::Moving,
            Self::Path(_) | Self::History(_) | Self::Bootstrap(_) => OwnVariance::Unknown,
        }
    }

    /// The annual volatility of a process that has one constant volatility and no jumps.
    pub fn constant_volatility(&self) -> Option<f64> {
        match self {
            Self::Gbm(model) => Some(model.volatility),
            Self::Path(model) => model.volatility,
            _ => None,
        }
    }

    /// The annual volatility between jumps of a process in which it is constant.
    pub fn constant_diffusion(&self) -> Option<f64> {
        match self {
            Self::Gbm(model) => Some(model.volatility),
            Self::Merton(model) => Some(model.volatility),
            Self::Kou(model) => Some(model.volatility),
            Self::OrnsteinUhlenbeck(model) => Some(model.volatility),
            _ => None,
        }
    }

    /// Whether it has a volatility of its own: prices from data have none.
    pub fn has_volatility(&self) -> bool {
        !matches!(self, Self::Path(_) | Self::History(_) | Self::Bootstrap(_))
    }

    /// Correlation ρ of price and variance, volatility ξ of the variance and speed κ of its return, where it has a law of
    /// its own.
    pub fn variance_law(&self) -> Option<[f64; 3]> {
        match self {
            Self::Heston(model) => Some([model.correlation, model.vol_of_vol, model.mean_reversion]),
            Self::Bates(model) => Some([model.correlation, model.vol_of_vol, model.mean_reversion]),
            _ => None,
        }
    }

    /// Variance at the start of a process whose variance moves; else 0.
    pub fn initial_variance(&self) -> f64 {
        match self {
            Self::Heston(model) => model.initial_variance,
            Self::Bates(model) => model.initial_variance,
            _ => 0.0,
        }
    }

    /// Annual drift of the expected price, where the law fixes it: E(S_T) = S_0 exp(drift·T).
    pub fn drift(&self) -> Option<f64> {
        match self {
            Self::Gbm(model) => Some(model.drift),
            Self::Merton(model) => Some(model.drift),
            Self::Kou(model) => Some(model.drift),
            Self::Heston(model) => Some(model.drift),
            Self::Bates(model) => Some(model.drift),
            Self::Garch(model) if model.nu.is_none() => Some(model.drift),
            Self::Regime(model) => {
                let first = model.states.first()?.drift;
                model.states.iter().all(|state| state.drift == first).then_some(first)
            }
            Self::Garch(_)
            | Self::OrnsteinUhlenbeck(_)
            | Self::Path(_)
            | Self::History(_)
            | Self::Bootstrap(_) => None,
        }
    }

    /// Annual volatility at the start, jumps included; `None` for real prices that do not say it.
    pub fn volatility_at_start(&self, grid: &Grid) -> Option<f64> {
        let normal = |rate: f64, mean: f64, std: f64| rate * (mean * mean + std * std);
        let variance = match self {
            Self::Gbm(model) => model.volatility * model.volatility,
            Self::Merton(model) => {
                model.volatility * model.volatility
                    + normal(model.jumps_per_year, model.jump_mean, model.jump_std)
            }
            Self::Kou(model) => {
                let square = |eta: f64| 2.0 / (eta * eta);
                let of_jumps =
                    model.p_up * square(model.eta_up) + (1.0 - model.p_up) * square(model.eta_down);
                model.volatility * model.volatility + model.jumps_per_year * of_jumps
            }
            Self::Heston(model) => model.initial_variance,
            Self::Bates(model) => {
                model.initial_variance + normal(model.jumps_per_year, model.jump_mean, model.jump_std)
            }
            Self::Garch(model) => model.initial_variance(grid),
            Self::Regime(model) => model.initial_variance(grid),
            Self::OrnsteinUhlenbeck(model) => {
                model.volatility * model.volatility
                    + normal(model.jumps_per_year, model.jump_mean, model.jump_std)
            }
            Self::Path(model) => model.volatility? * model.volatility?,
            Self::History(_) | Self::Bootstrap(_) => return None,
        };
        Some(variance.sqrt())
    }
}
