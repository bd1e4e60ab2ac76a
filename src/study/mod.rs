//! Runs made of runs.
pub mod replay;
