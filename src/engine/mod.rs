//! Replays every policy on the same paths. The only place that names `rayon`; prints nothing.
pub mod outcome;
pub mod plan;

pub use outcome::{Constants, Outcome, PathTable, PolicyOutcome, Timeline};
