//! Runs made of runs.
pub mod replay;
pub mod validate;
