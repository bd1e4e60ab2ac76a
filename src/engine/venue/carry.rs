//! What holding costs beyond the plain accrual, and what expiring options pay.
use crate::market::oracle::FeedState;
use crate::math::{B, Lanes};

use super::super::plan::{BookPlan, Plan};
use super::super::state::{Account, MarketState};
use super::scene::Scene;
use super::state::{Count, Venue};

/// Price that options on an asset pay by: the true one, or what the oracle shows.
#[inline(always)]
pub(in super::super) fn settlement<'a>(
    plan: &Plan,
    market: &'a MarketState,
    feeds: &'a [FeedState],
    asset: usize,
) -> &'a Lanes {
    let by_oracle = plan.venue.as_ref().is_some_and(|venue| venue.by_oracle);
    if by_oracle && plan.prices.any_oracle { &feeds[asset].seen } else { &market.prices[asset].s }
}

/// Funding at a boundary and borrow of the step, on the position held into it.
#[inline(always)]
pub(super) fn carry(scene: &Scene<'_>, account: &mut Account, venue: &mut Venue) {
    let discount = scene.now.discount;
    for (i, (asset, prices)) in scene.venue.assets.iter().zip(&scene.plan.prices.assets).enumerate() {
        let (held, s) = (&account.holdings[i].held, &scene.market.prices[i].s);
        if let Some(boundary) = asset.boundaries
            && scene.now.j.is_multiple_of(boundary.every)
        {
            let standing = Lanes::splat(boundary.paid);
            let rates = &scene.market.conditions.rates;
            let rate = boundary.rate.map_or(&standing, |rate| &rates[rate].paid);
            for lane in 0..B {
                let paid = rate[lane] * held[lane] * s[lane];
                account.cash[lane] = (-discount).mul_add(paid, account.cash[lane]);
                account.funding[lane] += paid;
                if held[lane] != 0.0 {
                    venue.counts[Count::FundingSettlements as usize][lane] += 1.0;
                }
            }
        }
        // nothing is lent for a perpetual
        if asset.borrow != 0.0 && !prices.perpetual {
            for lane in 0..B {
                let short = if held[lane] < 0.0 { -held[lane] } else { 0.0 };
                let paid = asset.borrow * short * s[lane];
                account.cash[lane] = (-discount).mul_add(paid, account.cash[lane]);
                venue.borrow[lane] += paid;
            }
        }
    }
}

/// Legs that expire at step `j < n` settle in cash.
#[inline(always)]
pub(super) fn settle(scene: &Scene<'_>, audit: bool, account: &mut Account) {
    let BookPlan::Options(book) = &scene.plan.book else { return };
    for leg in book.valuations.legs.iter().filter(|leg| leg.expiry == scene.now.j) {
        let s = scene.settlement(leg.asset);
        for lane in 0..B {
            let paid = leg.quantity * leg.payoff(s[lane]);
            account.cash[lane] = scene.now.discount.mul_add(paid, account.cash[lane]);
            if audit {
                account.audit.payoffs[lane] += paid;
            }
        }
    }
}
