//! Job D as one would first write it: path by path, with the usual crates. What the engine is compared
//! with.
//!
//! A short one-year call on geometric Brownian motion, 252 steps, delta hedged under up to eight policies,
//! each trade at proportional cost. Not tuned, except that the delta of a step is computed once for all policies.
#![expect(clippy::disallowed_methods, reason = "the naive program uses the library of the platform")]

use rand::SeedableRng;
use rand_distr::{Distribution, StandardNormal};
use rand_xoshiro::Xoshiro256PlusPlus;
use statrs::distribution::{Continuous, ContinuousCDF, Normal};

/// Steps of a path; it lasts one year.
pub(crate) const STEPS: u32 = 252;
const SPOT: f64 = 100.0;
const STRIKE: f64 = 100.0;
const RATE: f64 = 0.02;
const VOLATILITY: f64 = 0.2;
const DRIFT: f64 = 0.05;
/// Of the value of every trade, the first and the last included.
const COST: f64 = 1e-3;

/// When a hedger trades back to the delta.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Policy {
    /// When the holdings are off by more than this.
    Band(f64),
    /// Every so many steps.
    Every(u32),
    /// Outside the band of Whalley and Wilmott for this risk aversion.
    WhalleyWilmott(f64),
}

/// The policies of job D; a job with P policies takes the first P.
pub(crate) const POLICIES: [Policy; 8] = [
    Policy::Band(0.05),
    Policy::Every(1),
    Policy::Every(5),
    Policy::Every(21),
    Policy::Band(0.02),
    Policy::Band(0.1),
    Policy::WhalleyWilmott(1.0),
    Policy::WhalleyWilmott(0.1),
];

/// One hedger's books: shares, and cash discounted to the start.
struct Book {
    shares: f64,
    cash: f64,
}

impl Book {
    /// Buys `shares` at `price`, in discounted money.
    fn buy(&mut self, shares: f64, price: f64) {
        self.shares += shares;
        self.cash -= price * (shares + COST * shares.abs());
    }
}

fn d1(spot: f64, remaining: f64) -> f64 {
    let carry = (RATE + 0.5 * VOLATILITY * VOLATILITY) * remaining;
    ((spot / STRIKE).ln() + carry) / (VOLATILITY * remaining.sqrt())
}

impl Policy {
    fn trades(self, normal: &Normal, step: u32, spot: f64, remaining: f64, gap: f64) -> bool {
        match self {
            Policy::Band(width) => gap.abs() > width,
            Policy::Every(period) => step.is_multiple_of(period),
            Policy::WhalleyWilmott(aversion) => {
                let gamma = normal.pdf(d1(spot, remaining)) / (spot * VOLATILITY * remaining.sqrt());
                let cube = 1.5 * (-RATE * remaining).exp() * COST * spot * gamma * gamma / aversion;
                gap.abs() > cube.cbrt()
            }
        }
    }
}

/// Discounted replication error at the end of one path, for each of the policies.
pub(crate) fn replication_errors(policies: &[Policy], seed: u64, path: u64) -> Vec<f64> {
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed ^ path.wrapping_mul(0x9E37_79B9_7F4A_7C15));
    let normal = Normal::standard();
    let dt = 1.0 / f64::from(STEPS);

    let start = d1(SPOT, 1.0);
    let premium = SPOT * normal.cdf(start) - STRIKE * (-RATE).exp() * normal.cdf(start - VOLATILITY);
    let mut books: Vec<Book> = policies.iter().map(|_| Book { shares: 0.0, cash: premium }).collect();
    for book in &mut books {
        book.buy(normal.cdf(start), SPOT);
    }

    let mut spot = SPOT;
    for step in 1..=STEPS {
        let z: f64 = StandardNormal.sample(&mut generator);
        spot *= ((DRIFT - 0.5 * VOLATILITY * VOLATILITY) * dt + VOLATILITY * dt.sqrt() * z).exp();
        if step == STEPS {
            break;
        }
        let time = f64::from(step) * dt;
        let remaining = 1.0 - time;
        let delta = normal.cdf(d1(spot, remaining));
        let price = (-RATE * time).exp() * spot;
        for (book, policy) in books.iter_mut().zip(policies) {
            let gap = delta - book.shares;
            if policy.trades(&normal, step, spot, remaining, gap) {
                book.buy(gap, price);
            }
        }
    }

    let discount = (-RATE).exp();
    let payoff = discount * (spot - STRIKE).max(0.0);
    books
        .iter_mut()
        .map(|book| {
            book.buy(-book.shares, discount * spot);
            book.cash - payoff
        })
        .collect()
}
