//! Pools that fills go against: at the market, or each policy's own where it was traded to.
use crate::market::cost::{PoolCost, PoolTerms};
use crate::math::{B, Lanes};

use super::scene::Scene;
use super::state::Venue;

/// Every pool that stays begins at the first price.
#[inline(always)]
pub(super) fn start(scene: &Scene<'_>, venue: &mut Venue) {
    for (price, asset) in venue.pool.iter_mut().zip(&scene.plan.prices.assets) {
        *price = Lanes::splat(asset.s0);
    }
}

/// Arbitrage brings every pool that stays back to within its fee of the market.
#[inline(always)]
pub(super) fn arbitrage(scene: &Scene<'_>, venue: &mut Venue) {
    for (i, asset) in scene.venue.assets.iter().enumerate() {
        let Some(pool) = asset.pool.filter(|pool| pool.persistent) else { continue };
        let (price, s) = (&mut venue.pool[i], &scene.market.prices[i].s);
        for lane in 0..B {
            price[lane] = pool.arbitraged(price[lane], s[lane]);
        }
    }
}

/// A pool as a path meets it, and its own price.
#[inline(always)]
fn standing(
    scene: &Scene<'_>,
    pool: PoolTerms,
    asset: usize,
    lane: usize,
    venue: &Venue,
) -> (PoolTerms, f64) {
    let price = venue.pool[asset][lane];
    (pool.at(price, scene.plan.prices.assets[asset].s0), price)
}

/// What a fill costs in the asset's pool; `None` where there is none, or it does not hold as much.
#[inline(always)]
pub(super) fn quote(
    scene: &Scene<'_>,
    asset: usize,
    units: f64,
    lane: usize,
    venue: &Venue,
) -> Option<PoolCost> {
    let (pool, s) = (scene.asset(asset).pool?, scene.mid(asset, lane));
    if pool.persistent {
        let (pool, price) = standing(scene, pool, asset, lane, venue);
        pool.cost_at(price, units, s)
    } else {
        pool.cost(units, s)
    }
}

/// Whether the asset's pool holds too little for a fill.
#[inline(always)]
pub(super) fn lacks(scene: &Scene<'_>, asset: usize, units: f64, lane: usize, venue: &Venue) -> bool {
    scene.asset(asset).pool.is_some() && quote(scene, asset, units, lane, venue).is_none()
}

/// Books what a charged fill pays in the asset's pool, and leaves the pool where it was traded to; what it paid.
#[inline(always)]
pub(super) fn trade(scene: &Scene<'_>, asset: usize, units: f64, lane: usize, venue: &mut Venue) -> f64 {
    let Some(paid) = quote(scene, asset, units, lane, venue) else { return 0.0 };
    venue.fee_pool[lane] += paid.fee;
    venue.impact_pool[lane] += paid.impact;
    if let Some(pool) = scene.asset(asset).pool.filter(|pool| pool.persistent) {
        let (pool, price) = standing(scene, pool, asset, lane, venue);
        venue.pool[asset][lane] = pool.moved(price, units);
    }
    paid.fee + paid.impact
}
