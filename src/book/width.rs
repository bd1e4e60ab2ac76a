//! Whalley and Wilmott's half-width over a block, without its factor: what all policies of one valuation share.
//!
//! The width is `(3κ/2a)^{1/3} · (e^{−rτ} S Γ²)^{1/3}`: risk aversion a and cost κ stand in a factor of each policy, the
//! rest is the same for all of them. Source: Whalley & Wilmott, Mathematical Finance 7 (1997) 307–324.
use crate::math::{B, Lanes, exp, ln};

use super::valuation::{LegClock, LegTerms, SQRT_TWO_PI};

const THIRD: f64 = 1.0 / 3.0;

/// `(e^{−rτ} S Γ²)^{1/3}` of a single leg at log prices `x`; `discount` is −rτ. A dead leg has the width 0.
///
/// With `Γ = g e^{−d1²/2}/S` and `g = quantity · e^{−qτ}/(σ√(2πτ))` the logarithm needs no logarithm:
/// `exp((2 ln|g| − rτ − x − d1²)/3)`.
#[inline(always)]
pub fn of_one_leg(
    leg: &LegTerms,
    clock: &LegClock,
    volatility: f64,
    discount: f64,
    x: &Lanes,
    width: &mut Lanes,
) {
    if !clock.live {
        *width = Lanes::ZERO;
        return;
    }
    let slope = clock.slope(volatility);
    let peak = (leg.quantity * clock.carry / (SQRT_TWO_PI * slope.v)).abs();
    let base = 2.0_f64.mul_add(ln(peak), discount);
    for lane in 0..B {
        let d1 = slope.a.mul_add(x[lane], slope.b);
        width[lane] = exp((-d1).mul_add(d1, base - x[lane]) * THIRD);
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
