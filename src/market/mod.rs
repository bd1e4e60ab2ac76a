//! What the world does, whoever trades in it: prices, oracles, costs, execution.
pub mod congestion;
pub mod correlation;
pub mod correlation_presets;
pub mod cost;
pub mod execution;
pub mod gauge;
pub mod latency;
pub mod oracle;
pub mod price;
pub mod series;
pub mod shock;

registry! {
    /// How long a post or an order is on its way, drawn for each.
    pub enum RandomLatency {
        "geometric" => latency::Geometric,
        "lognormal" => latency::Lognormal,
    } later {}
}
