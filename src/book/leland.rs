//! Leland's delta: Black–Scholes at a volatility that allows for costs, higher or lower by the sign of the gamma.
use crate::math::{B, Lanes, exp, norm_cdf_with, select};

use super::valuation::{LegClock, LegTerms, Prices};

/// Leland's volatilities of every leg: where the net gamma is negative, zero, positive.
#[derive(Debug, Clone)]
pub struct LelandVolatility {
    /// By leg: `[short gamma, no gamma, long gamma]`.
    by_leg: Vec<[f64; 3]>,
}

/// Leland's volatilities for one hedge volatility: where the net gamma is negative, zero, positive.
#[inline(always)]
pub(super) fn leland(sigma: f64, cost: f64, root_interval: f64) -> [f64; 3] {
    // sqrt(8/π)
    const FACTOR: f64 = 1.595_769_121_605_730_7;
    let number = FACTOR * cost / (sigma * root_interval);
    let floor = |x: f64| if x > 0.01 { x } else { 0.01 };
    [sigma * floor(1.0 + number).sqrt(), sigma, sigma * floor(1.0 - number).sqrt()]
}

impl LelandVolatility {
    /// From the hedge volatilities and one-way costs by leg, and the rebalancing interval in years.
    pub fn new(volatility: &[f64], cost: &[f64], interval: f64) -> Self {
        let root = interval.sqrt();
        let by_leg = volatility.iter().zip(cost).map(|(sigma, cost)| leland(*sigma, *cost, root)).collect();
        Self { by_leg }
    }
}

/// Targets at Leland's volatility, chosen lane by lane from the sign of `gamma[asset]`.
#[inline(always)]
pub fn evaluate_leland<P: Prices>(
    legs: &[LegTerms],
    clocks: &[LegClock],
    volatility: &LelandVolatility,
    holdings: &[f64],
    prices: &P,
    gamma: &[Lanes],
    target: &mut [Lanes],
) {
    for (target, holding) in target.iter_mut().zip(holdings) {
        *target = Lanes::splat(-holding);
    }
    for (k, leg) in legs.iter().enumerate() {
        let clock = &clocks[k];
        if !clock.live {
            continue;
        }
        let [short, none, long] = volatility.by_leg[k].map(|sigma| clock.slope(sigma));
        let (x, sign, target) = (prices.x(leg.asset), &gamma[leg.asset], &mut target[leg.asset]);
        let weight = leg.quantity * clock.carry;
        for lane in 0..B {
            let (is_short, is_long) = (sign[lane] < 0.0, sign[lane] > 0.0);
            let pick =
                |short: f64, none: f64, long: f64| select(is_short, short, select(is_long, long, none));
            let (a, b) = (pick(short.a, none.a, long.a), pick(short.b, none.b, long.b));
            let d1 = a.mul_add(x[lane], b);
            let cdf = norm_cdf_with(d1, exp(-0.5 * d1 * d1)) - leg.shift;
            target[lane] = (-weight).mul_add(cdf, target[lane]);
        }
    }
}
