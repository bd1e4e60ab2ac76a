//! Heston's stochastic volatility.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Heston's model, stepped by Andersen's quadratic-exponential scheme.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Heston {
    /// Annual drift of the price: E[S_T] = S_0 exp(drift T).
    #[schemars(range(min = -100.0, max = 100.0))]
    pub drift: f64,
    /// Variance at the start (0.64 is a volatility of 80 %).
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub initial_variance: f64,
    /// Variance it returns to.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub long_run_variance: f64,
    /// Speed of that return, per year.
    #[schemars(range(max = 10_000.0), extend("exclusiveMinimum" = 0.0))]
    pub mean_reversion: f64,
    /// Volatility of the variance.
    #[schemars(range(min = 0.0, max = 1000.0))]
    pub vol_of_vol: f64,
    /// Correlation of the price's and the variance's Brownian motions.
    #[schemars(range(min = -1.0, max = 1.0))]
    pub correlation: f64,
}
