//! A basket of assets held at target weights, and what it is measured against.
use serde::{Deserialize, Serialize};

/// What the basket is measured against: frictionless, at true prices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Benchmark {
    /// The same weights, rebalanced at every step.
    #[default]
    ConstantMixStep,
    /// The same weights, rebalanced continuously: closed form, needs volatilities and correlations.
    ConstantMixContinuous,
    /// Bought at the start and held.
    BuyAndHold,
}

/// A basket, checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basket {
    /// Initial value in currency.
    pub value: f64,
    /// Target weight by asset; the rest to 1 is cash, or debt.
    pub weights: Vec<f64>,
    /// Whether weights may be negative or sum to more than 1.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub leverage: bool,
    /// What it is measured against.
    pub benchmark: Benchmark,
}
