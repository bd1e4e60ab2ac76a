//! Random numbers without state: every draw is a pure function of (seed, path, step, stream).
//!
//! A counter is encrypted with the seed as key. To replay one path, resume a run, share it among machines
//! or change the number of threads is to ask for the same counters in another order, so no number changes.
//! There is no clock and no entropy of the operating system.
//!
//! | what | from |
//! |---|---|
//! | numbers for a block of paths, every step | [`uniform_pair`], [`normal_quad`] |
//! | one number now and then | [`draw`] |
//! | one number of an address with tries | [`Address::first`] |
//! | quasi-random points and the walks they drive | [`Sobol`], [`Bridge`] |
//! | samplers of `rand_distr`, which consume as many numbers as they like | [`Draws`] |
mod block;
mod bridge;
mod draws;
mod joe_kuo;
mod philox;
mod sampling;
mod sobol;
mod stream;

pub use block::{normal_quad, uniform_pair, unit};
pub use bridge::Bridge;
pub use draws::{Address, Draws};
pub use philox::{draw, philox};
pub use sampling::{N_REPLICATES, Sampling};
pub use sobol::{MOST_DIMENSIONS, MOST_POINTS, Sobol};
pub use stream::{COMMON, Purpose, Stream};
