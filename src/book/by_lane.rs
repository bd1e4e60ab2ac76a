//! Black–Scholes targets at a volatility that differs from path to path: an estimate, one adjusted for costs, one whose
//! delta leans on the correlation of price and volatility. A constant volatility gives the bits of
//! [`super::valuation::evaluate`].
use crate::math::{B, Lanes, exp, ln, norm_cdf_with};

use super::leland::leland;
use super::valuation::{LegClock, LegTerms, SQRT_TWO_PI};

/// One leg at its volatility by path.
#[derive(Debug, Clone, Copy)]
pub struct LaneLeg<'a> {
    /// The leg.
    pub leg: &'a LegTerms,
    /// Its time; it must live.
    pub clock: &'a LegClock,
    /// Volatilities, above 0.
    pub sigma: &'a Lanes,
    /// `∂σ/∂S · σS` along the line on which volatility and price move together, 0 of Black–Scholes.
    pub tilt: f64,
}

impl LaneLeg<'_> {
    /// Adds the leg's share of a target hedge `−Σ quantity (Δ + tilt/(σS) ∂V/∂σ)` and of a position gamma; the vega is
    /// `S e^{−qτ} φ(d1) √τ`.
    #[inline(always)]
    pub fn add(&self, want_gamma: bool, x: &Lanes, s: &Lanes, target: &mut Lanes, gamma: &mut Lanes) {
        match (want_gamma, self.tilt != 0.0) {
            (false, false) => self.add_to::<false, false>(x, s, target, gamma),
            (false, true) => self.add_to::<false, true>(x, s, target, gamma),
            (true, false) => self.add_to::<true, false>(x, s, target, gamma),
            (true, true) => self.add_to::<true, true>(x, s, target, gamma),
        }
    }

    #[inline(always)]
    fn add_to<const GAMMA: bool, const TILT: bool>(
        &self,
        x: &Lanes,
        s: &Lanes,
        target: &mut Lanes,
        gamma: &mut Lanes,
    ) {
        let Self { leg, clock, sigma, tilt } = *self;
        let weight = leg.quantity * clock.carry;
        let lean = weight * clock.root_tau * tilt / SQRT_TWO_PI;
        for lane in 0..B {
            let v = sigma[lane] * clock.root_tau;
            let a = 1.0 / v;
            let d1 = a.mul_add(x[lane], a.mul_add(clock.forward, 0.5 * v));
            let e = exp(-0.5 * d1 * d1);
            let cdf = norm_cdf_with(d1, e) - leg.shift;
            target[lane] = (-weight).mul_add(cdf, target[lane]);
            if TILT {
                target[lane] -= lean * e / sigma[lane];
            }
            if GAMMA {
                gamma[lane] = (weight / (SQRT_TWO_PI * v)).mul_add(e / s[lane], gamma[lane]);
            }
        }
    }

    /// Whalley–Wilmott width without its factor, as [`super::width::OneLeg`].
    #[inline(always)]
    pub fn width(&self, discount: f64, x: &Lanes, width: &mut Lanes) {
        let Self { leg, clock, sigma, .. } = *self;
        for lane in 0..B {
            let v = sigma[lane] * clock.root_tau;
            let a = 1.0 / v;
            let d1 = a.mul_add(x[lane], a.mul_add(clock.forward, 0.5 * v));
            let peak = (leg.quantity * clock.carry / (SQRT_TWO_PI * v)).abs();
            let base = 2.0_f64.mul_add(ln(peak), discount);
            width[lane] = exp((-d1).mul_add(d1, base - x[lane]) * (1.0 / 3.0));
        }
    }
}

/// Turns hedge volatilities into Leland's, by the sign of the gamma of the position; the interval is in years.
#[inline(always)]
pub fn to_leland(cost: f64, interval: f64, gamma: &Lanes, sigma: &mut Lanes) {
    let root = interval.sqrt();
    for lane in 0..B {
        let [short, none, long] = leland(sigma[lane], cost, root);
        let (is_short, is_long) = (gamma[lane] < 0.0, gamma[lane] > 0.0);
        sigma[lane] = if is_short {
            short
        } else if is_long {
            long
        } else {
            none
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::options::{Leg, LegKind};

    const TAU: f64 = 0.25;

    fn leg(kind: LegKind, quantity: f64) -> (LegTerms, LegClock) {
        let leg = Leg {
            asset: 0,
            kind,
            strike: 100.0,
            quantity,
            expiry: 4,
            premium: None,
            premium_volatility: None,
            hedge_volatility: None,
            mark_volatility: 0.3,
        };
        let terms = LegTerms::new(&leg, 0.03, 0.01).expect("an option");
        (terms, terms.clock(0, TAU / 4.0))
    }

    /// −dV/dS where the volatility moves along, `dσ = ρξ/(2σS) dS`, by differences of the price.
    fn along(terms: &LegTerms, s: f64, sigma: f64, rho: f64, xi: f64) -> f64 {
        let h = 1e-4 * s;
        let moved = |ds: f64| terms.price(s + ds, sigma + 0.5 * rho * xi / (sigma * s) * ds, TAU);
        -terms.quantity * (moved(h) - moved(-h)) / (2.0 * h)
    }

    #[test]
    fn a_minimum_variance_delta_is_the_slope_along_the_line_of_regression() {
        for (kind, s, sigma, rho, xi) in [
            (LegKind::Call, 100.0, 0.3, -0.7, 0.6),
            (LegKind::Put, 90.0, 0.5, -0.4, 2.0),
            (LegKind::Call, 120.0, 0.2, 0.5, 0.3),
        ] {
            let (terms, clock) = leg(kind, -3.0);
            let (x, prices) = (Lanes::splat(ln(s)), Lanes::splat(s));
            let (sigmas, mut target, mut gamma) = (Lanes::splat(sigma), Lanes::ZERO, Lanes::ZERO);
            let by_lane = LaneLeg { leg: &terms, clock: &clock, sigma: &sigmas, tilt: 0.5 * rho * xi };
            by_lane.add(true, &x, &prices, &mut target, &mut gamma);
            let slope = along(&terms, s, sigma, rho, xi);
            assert!((target[5] - slope).abs() < 1e-6, "{kind:?}: {} against {slope}", target[5]);
            let mut plain = Lanes::ZERO;
            LaneLeg { tilt: 0.0, ..by_lane }.add(false, &x, &prices, &mut plain, &mut gamma);
            assert!((plain[5] - target[5]).abs() > 1e-2, "the tilt does nothing");
        }
    }
}
