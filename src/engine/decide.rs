//! Policies see the visible price and their own book, and order.
use crate::book::valuation::Net;
use crate::market::oracle::FeedState;
use crate::math::{B, Lanes};
use crate::policy::Destination;
use crate::policy::decision::{Action, Width};

use super::fill::{Beyond, FillTerms, Order, Scaled, Sight, Whole, Widths, trade};
use super::plan::{BasketPlan, BookPlan, Now, Plan, PolicyPlan};
use super::state::{Account, MarketState, Scratch};
use super::step::indicator;

/// What stands around a decision at step `j`.
pub(super) struct Scene<'a> {
    pub(super) now: Now,
    pub(super) market: &'a MarketState,
    pub(super) feeds: &'a [FeedState],
    pub(super) nets: &'a [Net],
}

impl<'a> Scene<'a> {
    /// Visible price of an asset: all that a policy may know of the market.
    #[inline(always)]
    fn sight(&self, plan: &Plan, i: usize) -> Sight<'a> {
        let dust = plan.dust;
        // beside an oracle, an asset without one is seen at age 0
        if plan.prices.any_oracle {
            let feed = &self.feeds[i];
            Sight { p: &feed.seen, posted: Some((&feed.seen_at, self.now.j as f64)), dust }
        } else {
            Sight { p: &self.market.prices[i].s, posted: None, dust }
        }
    }

    #[inline(always)]
    fn terms(&self, plan: &Plan, i: usize) -> FillTerms<'a> {
        FillTerms {
            s: &self.market.prices[i].s,
            discount: self.now.discount,
            cost: plan.prices.assets[i].cost,
        }
    }

    #[inline(always)]
    fn trade<O: Order>(&self, plan: &Plan, i: usize, order: &O, target: &Lanes, account: &mut Account) {
        let asset = &plan.prices.assets[i];
        trade(asset.delay, self.now.j, order, target, self.sight(plan, i), self.terms(plan, i), i, account);
    }
}

/// Orders of one policy at one step; fills them where there is no delay.
#[inline(always)]
pub(super) fn decide(
    plan: &Plan,
    policy: &PolicyPlan,
    action: Action,
    scene: &Scene,
    scratch: &mut Scratch,
    account: &mut Account,
) {
    match &plan.book {
        BookPlan::Options(_) => decide_options(plan, policy, action, scene, account),
        BookPlan::Basket(book) => decide_basket(plan, book, policy, action, scene, scratch, account),
    }
}

#[inline(always)]
fn decide_options(plan: &Plan, policy: &PolicyPlan, action: Action, scene: &Scene, account: &mut Account) {
    let Some(target) = policy.target else { return };
    for i in 0..plan.n_assets() {
        let hedge = &scene.nets[target.seen].target[i];
        match (action, &policy.decision.band) {
            (Action::Watch, Some(watch)) => {
                let edge = watch.to == Destination::Edge;
                match &watch.width {
                    Width::Absolute(widths) => beyond(plan, scene, i, widths[i], edge, hedge, account),
                    Width::Followed(factors) => {
                        let shared = &scene.nets[target.width.0].width[i];
                        beyond(plan, scene, i, Scaled(factors[i], shared), edge, hedge, account);
                    }
                    // of a target weight, which options do not have; a rule's, which is decided elsewhere
                    Width::Relative(_) | Width::Narrower(..) => {}
                }
            }
            _ => scene.trade(plan, i, &Whole, hedge, account),
        }
    }
}

/// Orders of one asset outside a band, to its edge or its center.
#[inline(always)]
fn beyond<W: Widths>(
    plan: &Plan,
    scene: &Scene,
    i: usize,
    width: W,
    edge: bool,
    hedge: &Lanes,
    account: &mut Account,
) {
    if edge {
        scene.trade(plan, i, &Beyond::<W, true>(width), hedge, account);
    } else {
        scene.trade(plan, i, &Beyond::<W, false>(width), hedge, account);
    }
}

/// A basket trades all assets to target, or none.
#[inline(always)]
fn decide_basket(
    plan: &Plan,
    book: &BasketPlan,
    policy: &PolicyPlan,
    action: Action,
    scene: &Scene,
    scratch: &mut Scratch,
    account: &mut Account,
) {
    let Scratch { value, fires, target, .. } = scratch;
    value_seen(plan, scene, account, value);
    *fires = Lanes::splat(indicator(action == Action::Trade));
    if action == Action::Watch {
        // one division for all weights
        let mut inverse = Lanes::ZERO;
        for lane in 0..B {
            inverse[lane] = 1.0 / value[lane];
        }
        for (i, weight) in book.weights.iter().enumerate() {
            let width = policy.basket_width(i, *weight).unwrap_or(f64::INFINITY);
            let (p, effective) = (scene.sight(plan, i).p, account.holdings[i].effective());
            for lane in 0..B {
                let gap = (effective[lane] * p[lane]).mul_add(inverse[lane], -weight);
                fires[lane] = if gap.abs() > width { 1.0 } else { fires[lane] };
            }
        }
    }
    for (i, weight) in book.weights.iter().enumerate() {
        let p = scene.sight(plan, i).p;
        for lane in 0..B {
            target[lane] = weight * value[lane] / p[lane];
        }
        scene.trade(plan, i, &Fired { fires }, target, account);
    }
}

/// Value of a basket at the prices seen.
#[inline(always)]
fn value_seen(plan: &Plan, scene: &Scene, account: &Account, value: &mut Lanes) {
    for lane in 0..B {
        value[lane] = account.cash[lane] * scene.now.growth;
    }
    for (i, holding) in account.holdings.iter().enumerate() {
        let p = scene.sight(plan, i).p;
        for lane in 0..B {
            value[lane] = holding.held[lane].mul_add(p[lane], value[lane]);
        }
    }
}

/// The whole gap on lanes that fire.
struct Fired<'a> {
    fires: &'a Lanes,
}
impl Order for Fired<'_> {
    #[inline(always)]
    fn units(&self, lane: usize, gap: f64) -> (f64, bool) {
        (gap, self.fires[lane] != 0.0)
    }
}
