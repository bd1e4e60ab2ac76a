//! Decisions on an option book: each asset has its own gap, trigger and order.
use crate::policy::Destination;
use crate::policy::decision::{Action, Triggers, Width};

use super::super::plan::TargetIndex;
use super::super::state::Account;
use super::attempt::{filtered, send};
use super::scene::Scene;
use super::state::{Count, Venue};

/// Orders of one path.
#[inline(always)]
pub(super) fn decide(
    scene: &Scene<'_>,
    action: Action,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) {
    let Some(target) = scene.policy.target else { return };
    match &scene.policy.decision.triggers {
        Some(triggers) => triggered(Case { scene, triggers, target, lane }, action, account, venue),
        None => {
            for i in 0..scene.plan.n_assets() {
                let gap = gap(scene, target, i, lane, account);
                let units = plain(scene, action, target, i, lane, gap);
                order(scene, i, units, lane, account, venue);
            }
        }
    }
}

/// Target less held and in flight.
#[inline(always)]
fn gap(scene: &Scene<'_>, target: TargetIndex, asset: usize, lane: usize, account: &Account) -> f64 {
    scene.nets[target.seen].target[asset][lane] - account.holdings[asset].effective[lane]
}

/// Order of a policy of one band or clock.
#[inline(always)]
fn plain(scene: &Scene<'_>, action: Action, target: TargetIndex, asset: usize, lane: usize, gap: f64) -> f64 {
    match (action, &scene.policy.decision.band) {
        (Action::Watch, Some(watch)) => {
            let width = match &watch.width {
                Width::Absolute(widths) => widths[asset],
                Width::Followed(factors) => factors[asset] * scene.nets[target.width.0].width[asset][lane],
                // of a target weight, which options do not have; a rule's
                Width::Relative(_) | Width::Narrower(..) => f64::INFINITY,
            };
            let units = if watch.to == Destination::Edge { gap - width.copysign(gap) } else { gap };
            if gap.abs() > width { units } else { 0.0 }
        }
        (Action::Rest, _) => 0.0,
        _ => gap,
    }
}

/// What a rule's orders of one path are decided on.
#[derive(Clone, Copy)]
struct Case<'a> {
    scene: &'a Scene<'a>,
    triggers: &'a Triggers,
    target: TargetIndex,
    lane: usize,
}

impl Case<'_> {
    /// Half-width that the valuation of the policy makes of an asset; 0 where no band follows one.
    #[inline(always)]
    fn followed(&self, asset: usize) -> f64 {
        let Self { scene, triggers, target, lane } = *self;
        if triggers.follow() { scene.nets[target.width.0].width[asset][lane] } else { 0.0 }
    }

    /// Whether a clock or a move of an asset's price fires.
    #[inline(always)]
    fn goes_to_center(&self, asset: usize, venue: &Venue) -> bool {
        let Self { scene, triggers, lane, .. } = *self;
        let (j, last) = (scene.now.j, venue.paths[lane].last_price[asset]);
        triggers.ticks(j) || triggers.moved(j, scene.seen(asset, lane), last)
    }

    /// Whether anything sets all assets off, and whether all of them go to their center.
    #[inline(always)]
    fn all_fire(&self, account: &Account, venue: &Venue) -> (bool, bool) {
        let Self { scene, triggers, target, lane } = *self;
        let j = scene.now.j;
        // orders set the step of all, so that the first asset's is everyone's
        if j - venue.paths[lane].last_order[0] < triggers.min_interval {
            return (false, false);
        }
        let (mut fired, mut to_center) = (false, false);
        for i in 0..scene.plan.n_assets() {
            to_center |= self.goes_to_center(i, venue);
            fired |=
                triggers.breached(j, i, gap(scene, target, i, lane, account), self.followed(i)).is_some();
        }
        (fired || to_center, to_center)
    }

    /// The half-width at which an asset's order ends, none where it has none; `to_center` where all trade together.
    #[inline(always)]
    fn stop(&self, i: usize, gap: f64, to_center: bool, venue: &Venue) -> Option<f64> {
        let Self { scene, triggers, lane, .. } = *self;
        let j = scene.now.j;
        let breached = triggers.breached(j, i, gap, self.followed(i));
        if triggers.all {
            let narrowest = || triggers.narrowest(i, self.followed(i));
            return if to_center { Some(0.0) } else { breached.or_else(|| Some(narrowest())) };
        }
        if j - venue.paths[lane].last_order[i] < triggers.min_interval {
            return None;
        }
        if self.goes_to_center(i, venue) { Some(0.0) } else { breached }
    }
}

/// Orders of a rule: by each asset's own triggers, or all together.
#[inline(always)]
fn triggered(case: Case, action: Action, account: &mut Account, venue: &mut Venue) {
    let Case { scene, triggers, target, lane } = case;
    let slicing = venue.paths[lane].slices.most() > 0;
    let mut to_center = false;
    if triggers.all && !slicing {
        let (fire, center) = case.all_fire(account, venue);
        if !fire {
            return;
        }
        to_center = center;
    }
    let mut any = false;
    for i in 0..scene.plan.n_assets() {
        if slicing && venue.paths[lane].slices.left[i] > 0 {
            any |= slice(scene, triggers.slices, i, lane, account, venue).is_some_and(|sent| sent != 0.0);
            continue;
        }
        // while all go on with their slices, nothing else begins
        if action == Action::Rest || (slicing && triggers.all) {
            continue;
        }
        let gap = gap(scene, target, i, lane, account);
        let Some(stop) = case.stop(i, gap, to_center, venue) else { continue };
        let short_of = if triggers.inward < 1.0 { (1.0 - triggers.inward) * stop } else { 0.0 };
        let size = triggers.share * (gap.abs() - short_of);
        let units = if size > 0.0 { size.copysign(gap) } else { 0.0 };
        any |= begin(scene, triggers.slices, i, units, lane, account, venue);
    }
    if any && triggers.all {
        note_all(scene, lane, venue);
    }
}

/// An order of any asset is the last of all.
#[inline(always)]
fn note_all(scene: &Scene<'_>, lane: usize, venue: &mut Venue) {
    let path = &mut venue.paths[lane];
    for i in 0..path.last_price.len() {
        path.last_price[i] = scene.seen(i, lane);
        path.last_order[i] = scene.now.j;
    }
}

/// Sends an order whole, or begins one in slices with the first of them; whether something was sent.
///
/// A price too old for the first slice, or an order below dust, begins nothing; a first slice that is too small goes out with
/// the next.
#[inline(always)]
fn begin(
    scene: &Scene<'_>,
    slices: u64,
    asset: usize,
    units: f64,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) -> bool {
    if slices == 1 {
        return order(scene, asset, units, lane, account, venue).is_some_and(|sent| sent != 0.0);
    }
    if units.abs() * scene.seen(asset, lane) <= scene.plan.dust {
        return false;
    }
    let parts = &mut venue.paths[lane].slices;
    parts.wanted[asset] = units;
    parts.sent[asset] = 0.0;
    parts.left[asset] = slices;
    let sent = slice(scene, slices, asset, lane, account, venue);
    if sent.is_none() {
        venue.paths[lane].slices.left[asset] = 0;
    }
    sent.is_some_and(|sent| sent != 0.0)
}

/// Sends the next slice of an asset's order, with what was kept back of those before; as [`order`].
#[inline(always)]
fn slice(
    scene: &Scene<'_>,
    slices: u64,
    asset: usize,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) -> Option<f64> {
    let units = venue.paths[lane].slices.next(asset, slices);
    let sent = order(scene, asset, units, lane, account, venue);
    venue.paths[lane].slices.sent[asset] += sent.unwrap_or(0.0);
    sent
}

/// Filters and sends an order: the units sent, 0 where nothing of it is left; none where the price is too old.
#[inline(always)]
fn order(
    scene: &Scene<'_>,
    asset: usize,
    units: f64,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) -> Option<f64> {
    let units = filtered(scene, asset, units, scene.seen(asset, lane), lane, venue);
    if units != 0.0 && scene.age(asset, lane) > scene.asset(asset).staleness {
        venue.count(Count::StaleRefusals, lane);
        return None;
    }
    if units != 0.0 {
        send(scene, asset, units, lane, account, venue);
    }
    Some(units)
}
