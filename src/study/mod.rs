//! Runs made of runs, and what they say of each other.
pub mod attribution;
pub mod breakeven;
pub mod compare;
pub mod explain;
pub mod leading;
pub mod objective;
pub mod replay;
mod root;
pub mod stress;
pub mod sweep;
pub mod tune;
pub mod validate;
pub mod worst;
