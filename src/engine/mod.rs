//! Replays every policy on the same paths. The only place that names `rayon`; prints nothing.
//!
//! Blocks of 128 paths run step by step under one SIMD dispatch; their partials fold in block order into a chunk of
//! 65 536 paths, and the chunks in their order into the outcome, so a number depends on the scenario and the seed alone.
mod account;
mod again;
mod audit;
mod block;
mod by_section;
mod by_time;
mod by_units;
mod chunk;
mod columns;
mod conditions;
mod control;
mod decide;
mod efficiency;
mod fill;
mod fold;
mod in_order;
mod kept;
mod market;
mod marks;
mod memory;
pub mod outcome;
pub mod plan;
mod precision;
mod record;
mod run;
mod sampling;
mod shard;
mod simulation;
mod span;
pub mod state;
mod step;
mod summary;
mod tally;
mod units;
mod value;
mod venue;
mod volatility;
mod watch;
mod weights;

pub use again::{Seen, run_again};
pub use audit::{NotFinite, Unbalanced};
pub use block::Level;
pub use chunk::{CHUNK_PATHS, ChunkPart, NotAChunk, n_chunks, paths_of};
pub use efficiency::EfficiencyTerms;
pub use fold::{Fold, outcome_of};
pub use kept::{Kept, kept};
pub use outcome::{
    Constants, Controlled, Efficiency, Outcome, Paired, PathTable, PolicyOutcome, Timeline, Worst,
};
pub use precision::{Achieved, Pilot, Precise, Reached};
pub use record::{Recording, StepRecord, record};
pub use run::{Execution, RunError, ordered_map, run};
pub use shard::{NoShard, Shard};
pub use simulation::Simulation;
pub use watch::{Glance, Watch, run_watched};
