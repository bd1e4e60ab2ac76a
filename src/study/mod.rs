//! Runs made of runs, and what they say of each other.
pub mod compare;
pub mod replay;
pub mod stress;
pub mod sweep;
pub mod validate;
pub mod worst;
