//! Whalley and Wilmott's half-width over a block, without its factor: what all policies of one valuation share.
//!
//! The width is `(3κ/2a)^{1/3} · (e^{−rτ} S Γ²)^{1/3}`: risk aversion a and cost κ stand in a factor of each policy, the
//! rest is the same for all of them. Source: Whalley & Wilmott, Mathematical Finance 7 (1997) 307–324.
use crate::math::{B, Lanes, exp, ln};

use super::valuation::{LegClock, LegTerms, SQRT_TWO_PI};

const THIRD: f64 = 1.0 / 3.0;

/// What the width of a single leg is made of at one step and volatility, whatever the price.
///
/// With `Γ = g e^{−d1²/2}/S` and `g = quantity · e^{−qτ}/(σ√(2πτ))` the logarithm needs no logarithm of a price:
/// `exp((2 ln|g| − rτ − x − d1²)/3)`, `d1 = a·x + b`.
#[derive(Debug, Clone, Copy)]
pub struct OneLeg {
    a: f64,
    b: f64,
    /// `2 ln|g| − rτ`.
    base: f64,
    live: bool,
}

impl OneLeg {
    /// Of a leg at a step; `discount` is −rτ.
    #[inline(always)]
    pub fn new(leg: &LegTerms, clock: &LegClock, volatility: f64, discount: f64) -> Self {
        if !clock.live {
            return Self { a: 0.0, b: 0.0, base: 0.0, live: false };
        }
        let slope = clock.slope(volatility);
        let peak = (leg.quantity * clock.carry / (SQRT_TWO_PI * slope.v)).abs();
        Self { a: slope.a, b: slope.b, base: 2.0_f64.mul_add(ln(peak), discount), live: true }
    }

    /// `(e^{−rτ} S Γ²)^{1/3}` at log prices `x`; 0 of a dead leg.
    #[inline(always)]
    pub fn widths(&self, x: &Lanes, width: &mut Lanes) {
        if !self.live {
            *width = Lanes::ZERO;
            return;
        }
        for lane in 0..B {
            let d1 = self.a.mul_add(x[lane], self.b);
            width[lane] = exp((-d1).mul_add(d1, self.base - x[lane]) * THIRD);
        }
    }
}

/// `(e^{−rτ} S Γ²)^{1/3}` from the gamma of a position at log prices `x`; `discount` is −rτ. Γ = 0 gives the width 0.
#[inline(always)]
pub fn of_gamma(discount: f64, x: &Lanes, gamma: &Lanes, width: &mut Lanes) {
    for lane in 0..B {
        let twice = 2.0 * ln(gamma[lane].abs());
        width[lane] = exp((twice + (discount + x[lane])) * THIRD);
    }
}
