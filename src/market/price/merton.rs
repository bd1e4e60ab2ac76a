//! Merton's jump diffusion.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Geometric Brownian motion with normally distributed jumps of the log price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Merton {
    /// Annual drift of the price, jumps compensated: E[S_T] = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Annual volatility between jumps.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
    /// Expected number of jumps per year.
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub jumps_per_year: f64,
    /// Mean of the jump of the log price.
    #[schemars(range(min = -10.0, max = 10.0))]
    pub jump_mean: f64,
    /// Standard deviation of the jump of the log price.
    #[schemars(range(min = 0.0, max = 10.0))]
    pub jump_std: f64,
}
