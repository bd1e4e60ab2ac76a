//! Kou's double-exponential jump diffusion.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Geometric Brownian motion with double-exponential jumps of the log price.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Kou {
    /// Annual drift of the price, jumps compensated: E[S_T] = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Annual volatility between jumps.
    #[schemars(range(min = 0.0, max = 100.0))]
    pub volatility: f64,
    /// Expected number of jumps per year.
    #[schemars(range(min = 0.0, max = 100_000.0))]
    pub jumps_per_year: f64,
    /// Probability that a jump goes up.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub p_up: f64,
    /// Rate of the exponential law of upward jumps (mean 1/eta_up); above 1, else the price has no mean.
    #[schemars(extend("exclusiveMinimum" = 1.0))]
    pub eta_up: f64,
    /// Rate of the exponential law of downward jumps (mean 1/eta_down).
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub eta_down: f64,
}
