//! driftband: which rebalancing policy tracks best, at what cost, how sure are we, and what breaks it?
//!
//! A scenario (TOML) names price processes, an oracle, frictions, what is tracked (an options strategy or a
//! basket) and a list of policies. Every policy is replayed on the same simulated paths.
//!
//! ```text
//! text ─scenario→ Scenario ─engine→ Outcome ─study→ findings ─report→ files, charts, page
//! ```
//!
//! Modules stand in layers; each uses only those listed before it.
#[macro_use]
mod registry;
pub mod units;

pub mod math;

pub mod rng;

pub mod stats;

pub mod market;

pub mod book;

pub mod policy;

pub mod metric;

pub mod scenario;

pub mod engine;

pub mod study;

#[cfg(feature = "calibrate")]
pub mod calibrate;

#[cfg(feature = "report")]
pub mod report;

#[cfg(feature = "cli")]
pub mod cli;
