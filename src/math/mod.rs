//! Lane mathematics: elementary functions that give the same bits on every platform, and small matrices.
//!
//! The functions of one number are free of branches and of calls into the platform's library. Inside a loop
//! `for lane in 0..B` the compiler turns them into vector instructions, and since every product and sum
//! that may round once is an explicit `mul_add`, SSE2, AVX2 and AVX-512 agree to the last bit. Without
//! fused multiply-add in hardware they are still right, only 8 to 10 times slower.
//!
//! Coefficients are least-maximum fits of relative error, made in 90-digit arithmetic for this crate
//! (`tests/data/fit.py`); the errors quoted hold for a million arguments against 42-digit values
//! (`tests/data/math_reference.py`).
mod box_muller;
mod cholesky;
mod eigenvalues;
mod exponential;
mod lanes;
mod logarithm;
mod normal;
mod polynomial;
mod quantile;

pub use box_muller::{box_muller, radius, turned};
pub use cholesky::{NotPositive, semidefinite_cholesky};
pub use eigenvalues::symmetric_eigenvalues;
pub use exponential::{exp, exp_each, exp_minus_half_square};
pub use lanes::{B, Lanes, select};
pub use logarithm::ln;
pub use normal::{norm_cdf, norm_cdf_with, norm_pdf};
pub use quantile::{norm_inv, norm_inv_fast};
