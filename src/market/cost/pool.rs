//! Fills against a constant-product pool.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pool of two reserves whose product a trade leaves unchanged, at the market price before every fill.
///
/// Quote reserve `X = depth`, asset reserve `Y = X/S`, fee φ on the input. Both figures are against the mid.
/// Buying `u < Y`: net input `N = S·Y·u/(Y − u)`, impact `N − u·S`, fee `N·φ/(1 − φ)`. Selling `u`: with
/// `e = (1 − φ)·u`, fee `φ·u·S`, impact `S·e²/(Y + e)`. More than the pool holds is refused.
///
/// Source: Angeris and Chitra, Improved Price Oracles: Constant Function Market Makers (2020).
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Pool {
    /// Quote reserve in currency: what the pool holds of it on its side of the pair.
    #[serde(default)]
    #[schemars(range(max = 1e300), extend("exclusiveMinimum" = 0.0))]
    pub depth: Option<f64>,
    /// Fee on what is paid in; default 0.
    #[serde(default)]
    #[schemars(range(min = 0.0, max = 0.99))]
    pub fee: Option<crate::units::Fraction>,
}

impl Pool {
    /// Key by key: its own values, where missing those of `below`.
    #[must_use]
    pub fn over(&self, below: Option<&Self>) -> Self {
        below.map_or(*self, |below| Self { depth: self.depth.or(below.depth), fee: self.fee.or(below.fee) })
    }
}

/// A pool, checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PoolTerms {
    /// Quote reserve in currency.
    pub depth: f64,
    /// Fee on what is paid in.
    pub fee: f64,
}

/// What a fill of a pool costs against the mid, in currency.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct PoolCost {
    /// Fee on what was paid in.
    pub fee: f64,
    /// Impact along the curve.
    pub impact: f64,
}

impl PoolTerms {
    /// Cost of trading `units` (negative: selling) at mid `s`; `None` where the pool holds no more than that.
    #[inline(always)]
    pub fn cost(&self, units: f64, s: f64) -> Option<PoolCost> {
        let Self { depth, fee } = *self;
        let reserve = depth / s;
        if units > 0.0 {
            let left = reserve - units;
            if left <= 0.0 {
                return None;
            }
            let net = s * units * (reserve / left);
            Some(PoolCost { fee: net * (fee / (1.0 - fee)), impact: s * units * (units / left) })
        } else {
            let sold = -units;
            let entered = (1.0 - fee) * sold;
            Some(PoolCost { fee: fee * sold * s, impact: s * entered * (entered / (reserve + entered)) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What goes in and comes out by the invariant itself.
    #[test]
    fn costs_are_those_of_the_invariant() {
        let pool = PoolTerms { depth: 1e6, fee: 0.003 };
        let (s, reserve) = (2000.0, 500.0);
        for units in [0.001, 1.0, 30.0, 499.0] {
            let bought = pool.cost(units, s).expect("it holds as much");
            let paid = units * s + bought.fee + bought.impact;
            let out = reserve * (1.0 - pool.fee) * paid / (1e6 + (1.0 - pool.fee) * paid);
            assert!((out - units).abs() < 1e-9 * units, "{units}: {out}");
            let sold = pool.cost(-units, s).expect("a sale always fills");
            let entered = (1.0 - pool.fee) * units;
            let received = 1e6 * entered / (reserve + entered);
            assert!((units * s - sold.fee - sold.impact - received).abs() < 1e-9 * received, "{units}");
        }
        assert!(pool.cost(500.0, s).is_none() && pool.cost(-5000.0, s).is_some());
    }
}
