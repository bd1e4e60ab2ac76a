//! (empty)
pub mod diagnostics;
