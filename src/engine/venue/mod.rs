//! Orders worked off path by path: lots, caps, queues, gas, pools, failures, rules, liquidation.
//!
//! A scenario that needs none of it never comes here. Where a friction is on but does nothing, the same arithmetic in
//! the same order gives the plain kernel's bits.
mod attempt;
mod basket;
mod carry;
mod close;
mod open;
mod options;
mod pool;
mod scene;
mod state;

pub(super) use carry::settlement;
pub(super) use close::{before_last, close};
pub(super) use open::open;
pub(super) use state::{Count, Stage, Venue};

use crate::math::B;
use crate::policy::decision::Action;

use super::plan::BookPlan;
use super::state::{Account, Scratch};
use scene::Scene;
pub(super) use scene::Sights;

/// Step `j = 1 … n−1` of one policy after the accrual that all share.
#[inline(always)]
pub(super) fn live(sights: Sights<'_>, audit: bool, scratch: &mut Scratch, account: &mut Account) {
    let Some(scene) = Scene::new(sights) else { return };
    // taken out for the step, so that account and venue can change side by side
    let Some(mut venue) = account.venue.take() else { return };
    pool::arbitrage(&scene, &mut venue);
    carry::carry(&scene, account, &mut venue);
    close::liquidate(&scene, account, &mut venue);
    carry::settle(&scene, audit, account);
    account.begin_step();
    let basket = matches!(scene.plan.book, BookPlan::Basket(_));
    if basket {
        account.note_value(scene.now, scene.market, scratch);
    }
    let action = scene.policy.decision.at(scene.now.j);
    for lane in 0..B {
        work(&scene, action, lane, account, &mut venue);
    }
    if account.holdings.len() == 1 {
        // one asset may fill several times a step
        for lane in 0..B {
            account.rebalances[lane] += account.any_fill[lane];
            account.any_fill[lane] = 0.0;
        }
    }
    account.end_step(basket, scratch);
    account.venue = Some(venue);
}

/// One path's step: what waits is worked off, then what is decided on top of it.
#[inline(always)]
fn work(scene: &Scene, action: Action, lane: usize, account: &mut Account, venue: &mut Venue) {
    let path = &mut venue.paths[lane];
    let rests = action == Action::Rest && path.slices.most() == 0;
    if path.wiped.is_some() || (rests && path.pending.is_empty()) {
        return;
    }
    path.used.fill(0.0);
    attempt::work_off(scene, lane, account, venue);
    match &scene.plan.book {
        BookPlan::Options(_) if action == Action::Rest && venue.paths[lane].slices.most() == 0 => {}
        BookPlan::Options(_) => options::decide(scene, action, lane, account, venue),
        BookPlan::Basket(book) => basket::decide(scene, book, action, lane, account, venue),
    }
    attempt::work_off(scene, lane, account, venue);
}
