//! An options strategy: European legs and holdings of the assets themselves.
use serde::{Deserialize, Serialize};

use super::HedgeVolatility;
use super::delta::Regression;

/// What a leg pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum LegKind {
    /// max(S − K, 0) at its expiry.
    Call,
    /// max(K − S, 0) at its expiry.
    Put,
    /// The asset itself, held to the horizon.
    Spot,
}

/// Whose price options pay by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Settlement {
    /// The true price at expiry.
    #[default]
    True,
    /// What the oracle shows at expiry.
    Oracle,
}

impl Settlement {
    /// Whether it is the default, which stays out of a scenario's hash.
    #[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
    fn is_true(&self) -> bool {
        *self == Self::True
    }
}

/// One leg, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Leg {
    /// Index of its asset.
    pub asset: usize,
    /// Call, put or holding.
    pub kind: LegKind,
    /// Strike in currency (0 for a holding).
    pub strike: f64,
    /// Units; negative is short.
    pub quantity: f64,
    /// Step at which it expires (`n_steps` = the horizon).
    pub expiry: u64,
    /// Price per unit received or paid at the start, where the scenario states it.
    pub premium: Option<f64>,
    /// Volatility of its fair premium (its own or the strategy's), where one is stated.
    pub premium_volatility: Option<f64>,
    /// Its own hedge volatility, where the leg states one.
    pub hedge_volatility: Option<f64>,
    /// Volatility at which it is marked (0 for a holding).
    pub mark_volatility: f64,
}

/// A strategy, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Strategy {
    /// At least one leg.
    pub legs: Vec<Leg>,
    /// Hedge volatility by asset, for legs without their own; `None` where no leg or policy needs it.
    pub hedge_volatility: Vec<Option<HedgeVolatility>>,
    /// How variance moves with price, by asset, for minimum-variance deltas; `None` where they are Black and Scholes'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_variance: Option<Vec<Regression>>,
    /// Rate of the Black–Scholes model: premiums, deltas and marks.
    pub model_rate: f64,
    /// Whose price options pay by.
    #[serde(skip_serializing_if = "Settlement::is_true")]
    pub settlement: Settlement,
}
