//! One number for each path of a block.
use std::ops::{Deref, DerefMut};

/// Lanes of a block: the number of paths that are simulated side by side.
pub const B: usize = 128;

/// One number for each path of a block, on cache lines of its own: a vector of eight never straddles two.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C, align(64))]
pub struct Lanes([f64; B]);

impl Lanes {
    /// Zero on every path.
    pub const ZERO: Self = Self([0.0; B]);

    /// The same number on every path.
    #[inline(always)]
    pub const fn splat(value: f64) -> Self {
        Self([value; B])
    }
}

impl Default for Lanes {
    fn default() -> Self {
        Self::ZERO
    }
}

impl From<[f64; B]> for Lanes {
    fn from(values: [f64; B]) -> Self {
        Self(values)
    }
}

impl Deref for Lanes {
    type Target = [f64; B];
    #[inline(always)]
    fn deref(&self) -> &[f64; B] {
        &self.0
    }
}

impl DerefMut for Lanes {
    #[inline(always)]
    fn deref_mut(&mut self) -> &mut [f64; B] {
        &mut self.0
    }
}

/// One of two numbers by a condition on lane data: a select, never a branch.
///
/// A chain of `if`s on the same condition may be compiled into two arms with stores of their own, several times slower.
#[inline(always)]
pub fn select(condition: bool, yes: f64, no: f64) -> f64 {
    std::hint::select_unpredictable(condition, yes, no)
}
