//! Fills against a constant-product pool.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A pool of two reserves whose product a trade leaves unchanged, at the market price before every fill.
///
/// Quote reserve `X = depth`, asset reserve `Y = X/S`, fee φ on the input. Both figures are against the mid.
/// Buying `u < Y`: net input `N = S·Y·u/(Y − u)`, impact `N − u·S`, fee `N·φ/(1 − φ)`. Selling `u`: with
/// `e = (1 − φ)·u`, fee `φ·u·S`, impact `S·e²/(Y + e)`. More than the pool holds is refused.
///
/// With `persistent = true` every policy has a pool of its own that stays where it was traded to. Its liquidity is that
/// of `depth` at the start, `X·Y = depth²/S_0` for good (fees are paid out), and its price `p = X/Y` begins at `S_0`. At
/// each step, once the market is at `S`, arbitrage trades it back to `[S(1 − φ), S/(1 − φ)]`, the prices at which another
/// unit gains nothing. Buying `u` then pays the net input `N = X·u/(Y − u)`, impact `N − u·S`; selling receives
/// `X·e/(Y + e)`, impact `e·S − X·e/(Y + e)`: signed, a pool may stand better than the market. What an arbitrageur gains is
/// nobody's in the run.
///
/// Sources: Angeris and Chitra, Improved Price Oracles: Constant Function Market Makers (2020); Milionis, Moallemi and
/// Roughgarden, Automated Market Making and Arbitrage Profits in the Presence of Fees (2023), section 2 (the band).
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
    /// Whether it stays where it was traded to, but for arbitrage to within its fee of the market; default: it stands at
    /// the market before every fill.
    #[serde(default)]
    pub persistent: Option<bool>,
}

impl Pool {
    /// Key by key: its own values, where missing those of `below`.
    #[must_use]
    pub fn over(&self, below: Option<&Self>) -> Self {
        below.map_or(*self, |below| Self {
            depth: self.depth.or(below.depth),
            fee: self.fee.or(below.fee),
            persistent: self.persistent.or(below.persistent),
        })
    }
}

/// A pool, checked.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PoolTerms {
    /// Quote reserve in currency.
    pub depth: f64,
    /// Fee on what is paid in.
    pub fee: f64,
    /// Whether it stays where it was traded to.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub persistent: bool,
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
        let Self { depth, fee, .. } = *self;
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

    /// The pool at a price of its own, `depth` being its quote reserve at the price `first`: the product of its reserves
    /// is the same.
    #[inline(always)]
    #[must_use]
    pub fn at(&self, price: f64, first: f64) -> Self {
        Self { depth: self.depth * (price / first).sqrt(), ..*self }
    }

    /// Cost of trading `units` at mid `s` where the pool stands at `price`; `None` where it holds no more than that.
    #[inline(always)]
    pub fn cost_at(&self, price: f64, units: f64, s: f64) -> Option<PoolCost> {
        let along = self.cost(units, price)?;
        Some(if units > 0.0 {
            PoolCost { impact: units.mul_add(price - s, along.impact), ..along }
        } else {
            let entered = (1.0 - self.fee) * -units;
            PoolCost { fee: self.fee * -units * s, impact: entered.mul_add(s - price, along.impact) }
        })
    }

    /// Price of the pool, which stood at `price`, after a trade of `units` that it holds.
    #[inline(always)]
    pub fn moved(&self, price: f64, units: f64) -> f64 {
        let reserve = self.depth / price;
        let entered = if units > 0.0 { -units } else { (1.0 - self.fee) * -units };
        let ratio = reserve / (reserve + entered);
        price * ratio * ratio
    }

    /// Price to which arbitrage brings a pool that stands at `price`, the market being at `s`.
    #[inline(always)]
    pub fn arbitraged(&self, price: f64, s: f64) -> f64 {
        let kept = 1.0 - self.fee;
        let (low, high) = (s * kept, s / kept);
        let above = if price > low { price } else { low };
        if above < high { above } else { high }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What goes in and comes out by the invariant itself.
    #[test]
    fn costs_are_those_of_the_invariant() {
        let pool = PoolTerms { depth: 1e6, fee: 0.003, persistent: false };
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
    /// Both reserves followed by hand through purchases, sales and moves of the market.
    #[test]
    fn a_pool_that_stays_keeps_its_product() {
        let (terms, first) = (PoolTerms { depth: 1e6, fee: 0.003, persistent: true }, 2000.0);
        let mut price = first;
        for (s, traded) in [(2000.0, 12.0), (2010.0, -3.0), (1900.0, 40.0), (1890.0, 5.0), (2300.0, -70.0)] {
            price = terms.arbitraged(price, s);
            // what an arbitrageur would still gain on a unit: nothing either way
            assert!(
                price * 0.997 <= s * (1.0 + 1e-12) && price / 0.997 >= s * (1.0 - 1e-12),
                "{price} at {s}"
            );
            let (mut quote, mut units) = ((5e8 * price).sqrt(), (5e8 / price).sqrt());
            let pool = terms.at(price, first);
            assert!((pool.depth / quote - 1.0).abs() < 1e-12);
            let cost = pool.cost_at(price, traded, s).expect("it holds as much");
            if traded > 0.0 {
                let net = (traded * s + cost.fee + cost.impact) * 0.997;
                (quote, units) = (quote + net, units - traded);
            } else {
                let received = -traded * s - cost.fee - cost.impact;
                (quote, units) = (quote - received, units - traded * 0.997);
            }
            assert!((quote * units / 5e8 - 1.0).abs() < 1e-12, "{traded} at {s}: {}", quote * units);
            price = pool.moved(price, traded);
            assert!((price / (quote / units) - 1.0).abs() < 1e-12, "{traded} at {s}: {price}");
            // a first trade after arbitrage never gains
            assert!(cost.fee + cost.impact > 0.0, "{traded} at {s}: {cost:?}");
        }
    }

    #[test]
    fn at_the_market_it_is_the_pool_that_is_reset() {
        let reset = PoolTerms { depth: 1e6, fee: 0.003, persistent: false };
        let stays = PoolTerms { persistent: true, ..reset };
        for units in [3.0, -3.0, 499.0, 501.0] {
            assert_eq!(stays.at(1700.0, 1700.0).cost_at(1700.0, units, 1700.0), reset.cost(units, 1700.0));
        }
        let free = PoolTerms { fee: 0.0, ..stays };
        assert_eq!(free.arbitraged(1500.0, 1700.0).to_bits(), 1700.0_f64.to_bits());
    }
}
