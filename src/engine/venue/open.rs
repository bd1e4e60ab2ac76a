//! The initial trade: at once at `S_0`, rounded and refused like any other, never capped, late or stale.
use crate::math::B;

use super::super::plan::BookPlan;
use super::super::state::Account;
use super::attempt::{charge, filtered, pay, pay_gas, update_fee};
use super::pool;
use super::scene::{Scene, Sights};
use super::state::{Count, Stage, Venue};

/// Opens every position of a policy that makes the initial trade.
#[inline(always)]
pub(in super::super) fn open(sights: Sights<'_>, account: &mut Account) {
    let Some(scene) = Scene::new(sights) else { return };
    let Some(mut venue) = account.venue.take() else { return };
    venue.reset();
    pool::start(&scene, &mut venue);
    for path in &mut venue.paths {
        for (i, price) in path.last_price.iter_mut().enumerate() {
            *price = scene.plan.prices.assets[i].s0;
        }
    }
    if scene.policy.decision.opens {
        for lane in 0..B {
            trade(&scene, lane, account, &mut venue);
        }
    }
    account.venue = Some(venue);
}

/// Units that a policy opens with.
#[inline(always)]
fn wanted(scene: &Scene<'_>, asset: usize, lane: usize) -> f64 {
    match (&scene.plan.book, &scene.policy.target) {
        (BookPlan::Options(_), Some(target)) => scene.nets[target.seen].target[asset][lane],
        (BookPlan::Options(_), None) => 0.0,
        (BookPlan::Basket(book), _) => book.weights[asset] * book.value / scene.plan.prices.assets[asset].s0,
    }
}

#[inline(always)]
fn trade(scene: &Scene<'_>, lane: usize, account: &mut Account, venue: &mut Venue) {
    let mut batch_pays = false;
    for (i, asset) in scene.plan.prices.assets.iter().enumerate() {
        let ordered = filtered(scene, i, wanted(scene, i, lane), asset.s0, lane, venue);
        let terms = scene.asset(i);
        let pays = terms.charge_initial;
        let refuses = terms.no_volume || pool::lacks(scene, i, ordered, lane, venue);
        let refused = ordered != 0.0 && pays && refuses;
        let q = if refused { 0.0 } else { ordered };
        if refused {
            venue.count(Count::Refused, lane);
        }
        let mut cost = 0.0;
        if pays && q != 0.0 {
            batch_pays = true;
            cost = charge(scene, i, q, lane, account, venue);
            if !scene.venue.batch {
                pay_gas(scene, terms.gas, lane, account, venue);
            }
            pay(scene, update_fee(scene, i, lane, venue), lane, account);
        }
        venue.note_spread(Stage::Initial, scene.wider(i, lane) * (q.abs() * asset.s0), lane);
        let holding = &mut account.holdings[i];
        holding.held[lane] = q;
        holding.effective[lane] = q;
        // the same on every path
        holding.initial = q.abs() * asset.s0;
        if let Some(record) = &mut holding.record {
            record[0][lane] = ordered;
            record[1][lane] = q;
        }
        account.cash[lane] -= q.mul_add(asset.s0, cost);
    }
    if batch_pays && scene.venue.batch {
        pay_gas(scene, scene.venue.batch_gas, lane, account, venue);
    }
}
