//! When to trade and where to: policies see an observation (oracle view, clock, own book), never the true price.
use serde::Serialize;

use crate::book::HedgeVolatility;
use crate::book::delta::Regression;

pub mod band;
pub mod decision;
pub mod efficiency;
pub mod gas_aware_band;
pub mod hold;
pub mod leland;
pub mod leverage_target;
pub mod none;
pub mod optimal_band;
pub mod periodic;
pub mod proportional;
pub mod relative_band;
pub mod rule;
pub mod time_or_band;
pub mod trigger;
pub mod whalley_wilmott;
pub mod zakamouline;

registry! {
    /// Every rule a policy can follow.
    pub enum Rule {
        "none" => none::NoTrade,
        "hold" => hold::Hold,
        "periodic" => periodic::Periodic,
        "proportional" => proportional::Proportional,
        "band" => band::Band,
        "relative_band" => relative_band::RelativeBand,
        "optimal_band" => optimal_band::OptimalBand,
        "gas_aware_band" => gas_aware_band::GasAwareBand,
        "leverage_target" => leverage_target::LeverageTarget,
        "whalley_wilmott" => whalley_wilmott::WhalleyWilmott,
        "zakamouline" => zakamouline::Zakamouline,
        "leland" => leland::Leland,
        "time_or_band" => time_or_band::TimeOrBand,
        "rule" => rule::TriggerRule,
    } later {}
}

/// Where a band policy trades to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Destination {
    /// The target itself.
    Center,
    /// The nearer edge of the band.
    Edge,
}

/// A policy of a scenario, checked: periods in steps.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Policy {
    /// Unique name.
    pub name: String,
    /// What it does.
    pub rule: Rule,
    /// Its own hedge volatility by asset, where it overrides the target's.
    pub hedge_volatility: Option<Vec<HedgeVolatility>>,
    /// How variance moves with price, by asset, for its minimum-variance deltas, where it overrides the target's; without
    /// covariance they are Black and Scholes'.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minimum_variance: Option<Vec<Regression>>,
}
