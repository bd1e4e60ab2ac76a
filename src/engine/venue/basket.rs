//! Decisions on a basket: one rebalance of all assets or of those that drifted, whole or in slices.
use crate::policy::decision::{Action, Recentering, Triggers};

use super::super::plan::BasketPlan;
use super::super::state::Account;
use super::attempt::{filtered, send};
use super::scene::Scene;
use super::state::{Count, Venue};

/// Orders of one path.
#[inline(always)]
pub(super) fn decide(
    scene: &Scene<'_>,
    book: &BasketPlan,
    action: Action,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) {
    if venue.paths[lane].slices.most() > 0 {
        slice(scene, lane, account, venue);
        return;
    }
    if action == Action::Rest {
        return;
    }
    let value = value_seen(scene, lane, account);
    if value.is_nan() || value <= 0.0 {
        return;
    }
    let mut orders = std::mem::take(&mut venue.orders);
    let decision = &scene.policy.decision;
    let wants = match (&decision.triggers, &decision.recentering) {
        (Some(triggers), _) => {
            let waits = scene.now.j - last_order(venue, lane) < triggers.min_interval;
            !waits && triggered(scene, book, triggers, value, lane, account, venue, &mut orders)
        }
        (None, Some(own)) => recentered(scene, book, *own, value, lane, account, &mut orders),
        (None, None) => plain(scene, book, action, value, lane, account, &mut orders),
    };
    let mut above_dust = false;
    for (i, order) in orders.iter().enumerate() {
        above_dust |= order.abs() * scene.seen(i, lane) > scene.plan.dust;
    }
    if wants && above_dust {
        let slices = scene.policy.decision.triggers.as_ref().map_or(1, |triggers| triggers.slices);
        begin(scene, &orders, slices, lane, account, venue);
    }
    venue.orders = orders;
}

/// Value of the portfolio at the prices seen.
#[inline(always)]
fn value_seen(scene: &Scene<'_>, lane: usize, account: &Account) -> f64 {
    let mut value = account.cash[lane] * scene.now.growth;
    for (i, holding) in account.holdings.iter().enumerate() {
        value = holding.held[lane].mul_add(scene.seen(i, lane), value);
    }
    value
}

/// Step of the last rebalance that sent something.
#[inline(always)]
fn last_order(venue: &Venue, lane: usize) -> u64 {
    venue.paths[lane].last_order.first().copied().unwrap_or(0)
}

/// Weight of an asset, flight included, less its target.
#[inline(always)]
fn drift(scene: &Scene<'_>, book: &BasketPlan, i: usize, value: f64, lane: usize, account: &Account) -> f64 {
    // as the plain path does it: the same bits
    (account.holdings[i].effective[lane] * scene.seen(i, lane)).mul_add(1.0 / value, -book.weights[i])
}

/// Units to an asset's target.
#[inline(always)]
fn to_target(
    scene: &Scene<'_>,
    book: &BasketPlan,
    i: usize,
    value: f64,
    lane: usize,
    account: &Account,
) -> f64 {
    book.weights[i] * value / scene.seen(i, lane) - account.holdings[i].effective[lane]
}

/// A policy of one band or clock: all assets to target, or none.
#[inline(always)]
fn plain(
    scene: &Scene<'_>,
    book: &BasketPlan,
    action: Action,
    value: f64,
    lane: usize,
    account: &Account,
    orders: &mut [f64],
) -> bool {
    let mut fires = action == Action::Trade;
    for (i, weight) in book.weights.iter().enumerate() {
        let width = scene.policy.basket_width(i, *weight).unwrap_or(f64::INFINITY);
        fires |= drift(scene, book, i, value, lane, account).abs() > width;
    }
    for (i, order) in orders.iter_mut().enumerate() {
        *order = if fires { to_target(scene, book, i, value, lane, account) } else { 0.0 };
    }
    fires
}

/// A leverage drawn back to its target or its bounds: every asset in proportion.
#[inline(always)]
fn recentered(
    scene: &Scene<'_>,
    book: &BasketPlan,
    own: Recentering,
    value: f64,
    lane: usize,
    account: &Account,
    orders: &mut [f64],
) -> bool {
    let mut exposure = 0.0;
    for (i, holding) in account.holdings.iter().enumerate() {
        exposure = holding.effective[lane].mul_add(scene.seen(i, lane), exposure);
    }
    let Some(aim) = own.aim(scene.now.j, exposure / value) else { return false };
    let scale = aim / own.target;
    for (i, order) in orders.iter_mut().enumerate() {
        let wanted = book.weights[i] * scale * value / scene.seen(i, lane);
        *order = wanted - account.holdings[i].effective[lane];
    }
    true
}

/// A rule: how far each asset goes; false where nothing fires.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one call from one place; a struct would only rename them")]
fn triggered(
    scene: &Scene<'_>,
    book: &BasketPlan,
    triggers: &Triggers,
    value: f64,
    lane: usize,
    account: &Account,
    venue: &Venue,
    orders: &mut [f64],
) -> bool {
    let (j, n) = (scene.now.j, orders.len());
    let last = &venue.paths[lane].last_price;
    let mut to_center = triggers.ticks(j);
    for (i, last) in last.iter().enumerate() {
        to_center |= triggers.moved(j, scene.seen(i, lane), *last);
    }
    let outward = 1.0 - triggers.inward;
    let mut nearest = None;
    for i in 0..n {
        let gap = -drift(scene, book, i, value, lane, account);
        if let Some(edge) = edge(triggers, j, i, gap, to_center) {
            let part = if edge > 0.0 { edge / gap.abs() } else { 0.0 };
            nearest = Some(nearest.map_or(part, |other| if part < other { part } else { other }));
        }
    }
    let Some(nearest) = nearest else { return false };
    if !triggers.all && drifted(scene, book, triggers, to_center, value, lane, account, orders) {
        return true;
    }
    let part = triggers.share * (1.0 - outward * nearest);
    for (i, order) in orders.iter_mut().enumerate() {
        *order = part * to_target(scene, book, i, value, lane, account);
    }
    true
}

/// Only those assets go that left their bands, and cash takes the difference; false where cash would not bear it.
#[inline(always)]
#[expect(clippy::too_many_arguments, reason = "one call from one place; a struct would only rename them")]
fn drifted(
    scene: &Scene<'_>,
    book: &BasketPlan,
    triggers: &Triggers,
    to_center: bool,
    value: f64,
    lane: usize,
    account: &Account,
    orders: &mut [f64],
) -> bool {
    let (j, outward) = (scene.now.j, 1.0 - triggers.inward);
    let (mut after, mut cash) = (value, 1.0);
    for (i, order) in orders.iter_mut().enumerate() {
        let p = scene.seen(i, lane);
        let gap = -drift(scene, book, i, value, lane, account);
        *order = match edge(triggers, j, i, gap, to_center) {
            Some(edge) if edge > 0.0 && outward > 0.0 => {
                (gap.abs() - outward * edge).copysign(gap) * value / p
            }
            Some(_) => to_target(scene, book, i, value, lane, account),
            None => 0.0,
        };
        after -= (account.holdings[i].effective[lane] + *order) * p;
        cash -= book.weights[i];
    }
    let floor = if cash < 0.0 { cash * value } else { 0.0 };
    after >= floor - scene.plan.dust
}

/// The edge at which an asset would stop: 0 where clock or move fired, none where it is inside its bands.
#[inline(always)]
fn edge(triggers: &Triggers, j: u64, asset: usize, gap: f64, to_center: bool) -> Option<f64> {
    if to_center { Some(0.0) } else { triggers.breached(j, asset, gap, 0.0) }
}

/// Begins a rebalance: its first slice, unless a price is too old for it.
#[inline(always)]
fn begin(
    scene: &Scene<'_>,
    orders: &[f64],
    slices: u64,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) {
    let path = &mut venue.paths[lane];
    path.slices.wanted.copy_from_slice(orders);
    path.slices.sent.fill(0.0);
    path.slices.left.fill(slices);
    if !slice(scene, lane, account, venue) {
        venue.paths[lane].slices.left.fill(0);
    }
}

/// Sends the next slice; false where a price was too old.
#[inline(always)]
fn slice(scene: &Scene<'_>, lane: usize, account: &mut Account, venue: &mut Venue) -> bool {
    let n = scene.plan.n_assets();
    let slices = scene.policy.decision.triggers.as_ref().map_or(1, |triggers| triggers.slices);
    let mut orders = std::mem::take(&mut venue.parts);
    let mut any = false;
    for i in 0..n {
        let units = venue.paths[lane].slices.next(i, slices);
        orders[i] = filtered(scene, i, units, scene.seen(i, lane), lane, venue);
        any |= orders[i] != 0.0;
    }
    let mut stale = false;
    for i in 0..n {
        stale |= any && scene.age(i, lane) > scene.asset(i).staleness;
    }
    if stale {
        venue.count(Count::StaleRefusals, lane);
    } else if any {
        for i in (0..n).filter(|i| orders[*i] != 0.0) {
            send(scene, i, orders[i], lane, account, venue);
            venue.paths[lane].slices.sent[i] += orders[i];
        }
        let path = &mut venue.paths[lane];
        for i in 0..n {
            path.last_price[i] = scene.seen(i, lane);
            path.last_order[i] = scene.now.j;
        }
    }
    venue.parts = orders;
    !stale
}
