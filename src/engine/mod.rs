//! Replays every policy on the same paths. The only place that names `rayon`; prints nothing.
//!
//! Blocks of 128 paths run step by step under one SIMD dispatch ([`run`]); their partials fold in block order, so a
//! number depends on the scenario and the seed alone.
mod account;
mod audit;
mod block;
mod columns;
mod decide;
mod fill;
mod market;
mod marks;
pub mod outcome;
pub mod plan;
mod record;
mod run;
pub mod state;
mod step;
mod summary;
mod tally;
mod value;

pub use audit::{NotFinite, Unbalanced};
pub use block::Level;
pub use outcome::{Constants, Outcome, PathTable, PolicyOutcome, Timeline};
pub use record::{Recording, StepRecord, record};
pub use run::{CHUNK_PATHS, Execution, RunError, run};
