//! What stands around a policy at a step.
use crate::book::valuation::Net;
use crate::market::congestion::Congested;
use crate::market::oracle::FeedState;
use crate::rng::{Address, COMMON, Purpose, Stream, unit};

use super::super::plan::{Now, Plan, PolicyPlan, VenueAsset, VenuePlan};
use super::super::state::MarketState;

/// Everything a policy's step reads.
#[derive(Clone, Copy)]
pub(in super::super) struct Sights<'a> {
    pub(in super::super) plan: &'a Plan,
    pub(in super::super) policy: &'a PolicyPlan,
    pub(in super::super) now: Now,
    /// First path of the block.
    pub(in super::super) first_path: u64,
    pub(in super::super) market: &'a MarketState,
    pub(in super::super) feeds: &'a [FeedState],
    pub(in super::super) nets: &'a [Net],
}

/// The same with the venue at hand.
#[derive(Clone, Copy)]
pub(super) struct Scene<'a> {
    pub(super) plan: &'a Plan,
    pub(super) venue: &'a VenuePlan,
    pub(super) policy: &'a PolicyPlan,
    pub(super) now: Now,
    first_path: u64,
    pub(super) market: &'a MarketState,
    feeds: &'a [FeedState],
    pub(super) nets: &'a [Net],
}

impl<'a> Scene<'a> {
    #[inline(always)]
    pub(super) fn new(sights: Sights<'a>) -> Option<Self> {
        let Sights { plan, policy, now, first_path, market, feeds, nets } = sights;
        plan.venue.as_ref().map(|venue| Self { plan, venue, policy, now, first_path, market, feeds, nets })
    }

    #[inline(always)]
    pub(super) fn asset(&self, asset: usize) -> &'a VenueAsset {
        &self.venue.assets[asset]
    }

    /// True mid price.
    #[inline(always)]
    pub(super) fn mid(&self, asset: usize, lane: usize) -> f64 {
        self.market.prices[asset].s[lane]
    }

    /// Visible price.
    #[inline(always)]
    pub(super) fn seen(&self, asset: usize, lane: usize) -> f64 {
        if self.plan.prices.any_oracle { self.feeds[asset].seen[lane] } else { self.mid(asset, lane) }
    }

    /// Age of the visible price in steps.
    #[inline(always)]
    pub(super) fn age(&self, asset: usize, lane: usize) -> f64 {
        if self.plan.prices.assets[asset].oracle.is_some() {
            self.now.j as f64 - self.feeds[asset].seen_at[lane]
        } else {
            0.0
        }
    }

    /// What congestion multiplies a friction by.
    #[inline(always)]
    pub(super) fn congested(&self, of: Congested, lane: usize) -> f64 {
        self.market.conditions.factor(of, lane)
    }

    /// What the half-spread of an asset is above that at rest.
    #[inline(always)]
    pub(super) fn wider(&self, asset: usize, lane: usize) -> f64 {
        self.market.conditions.wider[asset].as_ref().map_or(0.0, |wider| wider[lane])
    }

    /// A uniform number of one path for the orders of an asset; those of a batch share theirs.
    #[inline(always)]
    pub(super) fn draw(&self, purpose: Purpose, asset: usize, step: u64, attempt: u32, lane: usize) -> f64 {
        let index = if self.venue.batch { COMMON } else { asset as u32 };
        let address = Address {
            seed: self.plan.seed,
            stream: Stream::new(purpose, index),
            path: self.first_path.wrapping_add(lane as u64),
            step: step as u32,
            attempt,
        };
        unit(address.first().0)
    }

    /// Price that options on an asset pay by.
    #[inline(always)]
    pub(super) fn settlement(&self, asset: usize) -> &'a crate::math::Lanes {
        super::carry::settlement(self.plan, self.market, self.feeds, asset)
    }
}
