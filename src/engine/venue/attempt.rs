//! Transactions: what is due is tried, filled, left waiting or given up.
use crate::market::congestion::Congested;
use crate::market::cost::GasTerms;
use crate::market::execution::to_lots;
use crate::market::latency::Law;
use crate::rng::Purpose;

use super::super::plan::GasPlan;
use super::super::state::Account;
use super::pool;
use super::scene::Scene;
use super::state::{Count, Leg, Stage, Venue};

/// Rounds an order to what may be sent: lots, dust, least size; 0 where nothing is left.
#[inline(always)]
pub(super) fn filtered(
    scene: &Scene<'_>,
    asset: usize,
    units: f64,
    seen: f64,
    lane: usize,
    venue: &mut Venue,
) -> f64 {
    let terms = scene.asset(asset);
    let units = to_lots(units, terms.lot);
    let size = units.abs() * seen;
    if size.is_nan() || size <= scene.plan.dust {
        return 0.0;
    }
    if size < terms.min_trade {
        venue.count(Count::BelowMinimum, lane);
        return 0.0;
    }
    units
}

/// Sends an order: it is in flight until it fills or is given up.
#[inline(always)]
pub(super) fn send(
    scene: &Scene<'_>,
    asset: usize,
    units: f64,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) {
    let now = scene.now.j;
    let due = now.saturating_add(delay(scene, asset, lane));
    let mid = scene.mid(asset, lane);
    let path = &mut venue.paths[lane];
    path.pending.push(Leg { due, first_due: due, decided: now, asset, units, mid, tries: 0 });
    path.last_price[asset] = scene.seen(asset, lane);
    path.last_order[asset] = now;
    let holding = &mut account.holdings[asset];
    holding.effective[lane] += units;
    if scene.plan.prices.any_oracle {
        holding.orders[lane] += 1.0;
        holding.age[lane] += scene.age(asset, lane);
    }
    if let Some(record) = &mut holding.record {
        record[0][lane] = units;
    }
}

/// Steps until an order that is decided now is tried.
#[inline(always)]
fn delay(scene: &Scene<'_>, asset: usize, lane: usize) -> u64 {
    let terms = scene.asset(asset);
    let Some(law) = terms.waits else { return terms.delay };
    let uniform = match law {
        Law::Fixed(_) => 0.5,
        _ => scene.draw(Purpose::Execution, asset, scene.now.j, 0, lane),
    };
    law.scaled(uniform, scene.congested(Congested::Delay, lane)) as u64
}

/// Whether an attempt fails by chance: one draw for a transaction, the same for every policy that waited as long.
#[inline(always)]
fn fails_by_chance(scene: &Scene<'_>, leg: &Leg, probability: f64, lane: usize) -> bool {
    if probability == 0.0 {
        return false;
    }
    let waited = (scene.now.j - leg.decided) as u32 ^ ((leg.first_due - leg.decided) as u32) << 16;
    let uniform = scene.draw(Purpose::Failure, leg.asset, scene.now.j, waited, lane);
    uniform < probability * scene.congested(Congested::Failure, lane)
}

/// Tries every transaction of a path that is due now, the oldest decision first.
#[inline(always)]
pub(super) fn work_off(scene: &Scene<'_>, lane: usize, account: &mut Account, venue: &mut Venue) {
    let now = scene.now.j;
    let mut done = false;
    // transactions of different assets do not meet: asset by asset, as the plain kernel sums them
    let rounds = if scene.venue.batch { 1 } else { scene.plan.n_assets() };
    for round in 0..rounds {
        for at in 0..venue.paths[lane].pending.len() {
            let leg = venue.paths[lane].pending[at];
            let mine = scene.venue.batch || leg.asset == round;
            if mine && leg.due == now && leg.units != 0.0 {
                attempt(scene, at, lane, account, venue);
                done = true;
            }
        }
    }
    if !done {
        return;
    }
    let path = &mut venue.paths[lane];
    path.pending.retain(|leg| leg.units != 0.0);
    for (i, holding) in account.holdings.iter_mut().enumerate() {
        // with nothing in flight no rounding of what was given up may stay
        if !path.pending.iter().any(|leg| leg.asset == i) {
            holding.effective[lane] = holding.held[lane];
        }
    }
}

/// Legs of the transaction that begins at place `at`.
#[inline(always)]
fn members(scene: &Scene<'_>, pending: &[Leg], at: usize) -> std::ops::Range<usize> {
    if scene.venue.batch {
        let same = pending[at..].iter().take_while(|leg| leg.decided == pending[at].decided);
        at..at + same.count()
    } else {
        at..at + 1
    }
}

#[inline(always)]
fn attempt(scene: &Scene<'_>, at: usize, lane: usize, account: &mut Account, venue: &mut Venue) {
    let now = scene.now.j;
    let range = members(scene, &venue.paths[lane].pending, at);
    let first = venue.paths[lane].pending[at];
    let first_due = first.first_due;
    let with = |leg: &Leg| leg.due == now && leg.first_due == first_due && leg.units != 0.0;
    let (mut fails, mut tries, mut retries, mut probability) = (false, 0, u32::MAX, 0.0);
    for leg in venue.paths[lane].pending[range.clone()].iter().filter(|leg| with(leg)) {
        let terms = scene.asset(leg.asset);
        let worse = 1.0_f64.copysign(leg.units) * (scene.mid(leg.asset, lane) / leg.mid - 1.0);
        fails |= worse > terms.tolerance;
        tries = leg.tries;
        retries = retries.min(terms.retries);
        probability = if terms.failure > probability { terms.failure } else { probability };
    }
    fails |= fails_by_chance(scene, &first, probability, lane);
    let gas = if scene.venue.batch { scene.venue.batch_gas } else { scene.asset(first.asset).gas };
    if fails {
        let again = tries < retries;
        for place in range {
            if with(&venue.paths[lane].pending[place]) {
                put_off(now, again, place, lane, account, venue);
            }
        }
        count_failure(again, lane, venue);
        pay_gas(scene, gas, lane, account, venue);
        return;
    }
    let mut filled = false;
    for place in range {
        let leg = venue.paths[lane].pending[place];
        if with(&leg) {
            filled |= fill_leg(scene, place, lane, account, venue);
        }
    }
    if filled {
        venue.count(Count::Transactions, lane);
        pay_gas(scene, gas, lane, account, venue);
    }
}

/// Tries a failed leg again in the next step, or gives it up.
#[inline(always)]
fn put_off(now: u64, again: bool, place: usize, lane: usize, account: &mut Account, venue: &mut Venue) {
    let leg = &mut venue.paths[lane].pending[place];
    if again {
        leg.due = now + 1;
        leg.tries += 1;
    } else {
        account.holdings[leg.asset].effective[lane] -= leg.units;
        leg.units = 0.0;
    }
}

/// A failed transaction counts as one, and as given up where it is not tried again.
#[inline(always)]
fn count_failure(again: bool, lane: usize, venue: &mut Venue) {
    venue.count(Count::Reverted, lane);
    venue.count(Count::Transactions, lane);
    if !again {
        venue.count(Count::Failed, lane);
    }
}

/// Units of a leg that a step has room for, and what is left over: the cap is on the notional of a step.
#[inline(always)]
fn within_cap(scene: &Scene<'_>, leg: &Leg, used: f64, s: f64) -> (f64, f64) {
    let terms = scene.asset(leg.asset);
    let Some(room) = terms.room.filter(|_| !terms.no_volume) else { return (leg.units, 0.0) };
    let left = room - used;
    let left = if left > 0.0 { left } else { 0.0 };
    if leg.units.abs() * s <= left + scene.plan.dust {
        return (leg.units, 0.0);
    }
    let part = to_lots((left / s).copysign(leg.units), terms.lot);
    let units = if part.abs() * s > scene.plan.dust { part } else { 0.0 };
    (units, leg.units - units)
}

/// Fills what a step has room for; whether it was anything.
#[inline(always)]
fn fill_leg(scene: &Scene<'_>, place: usize, lane: usize, account: &mut Account, venue: &mut Venue) -> bool {
    let leg = venue.paths[lane].pending[place];
    let terms = scene.asset(leg.asset);
    let s = scene.mid(leg.asset, lane);
    let (units, mut rest) = within_cap(scene, &leg, venue.paths[lane].used[leg.asset], s);
    let lacks = units != 0.0 && pool::lacks(scene, leg.asset, units, lane, venue);
    let filled = if terms.no_volume || lacks {
        venue.count(Count::Refused, lane);
        rest = 0.0;
        account.holdings[leg.asset].effective[lane] -= leg.units;
        false
    } else {
        if rest != 0.0 {
            if terms.queues {
                venue.count(Count::Queued, lane);
            } else {
                venue.count(Count::Cancelled, lane);
                account.holdings[leg.asset].effective[lane] -= rest;
                rest = 0.0;
            }
        }
        if units != 0.0 {
            fill(scene, leg.asset, units, lane, account, venue);
            pay(scene, update_fee(scene, leg.asset, lane, venue), lane, account);
        }
        units != 0.0
    };
    let leg = &mut venue.paths[lane].pending[place];
    leg.units = rest;
    leg.due = scene.now.j + 1;
    filled
}

/// A fill during life: position, cash and costs of it.
#[inline(always)]
fn fill(scene: &Scene<'_>, asset: usize, units: f64, lane: usize, account: &mut Account, venue: &mut Venue) {
    let s = scene.mid(asset, lane);
    let value = units * s;
    let notional = value.abs();
    let cost = charge(scene, asset, units, lane, account, venue);
    venue.note_spread(Stage::Life, scene.wider(asset, lane) * notional, lane);
    let holding = &mut account.holdings[asset];
    holding.held[lane] += units;
    holding.turnover[lane] += notional;
    holding.trades[lane] += 1.0;
    if let Some(record) = &mut holding.record {
        record[1][lane] += units;
    }
    account.any_fill[lane] = 1.0;
    account.cash[lane] = (-scene.now.discount).mul_add(value + cost, account.cash[lane]);
    venue.paths[lane].used[asset] += notional;
}

/// What a charged fill costs in currency, booked by name; it leaves its displacement behind.
#[inline(always)]
pub(super) fn charge(
    scene: &Scene<'_>,
    asset: usize,
    units: f64,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) -> f64 {
    let (terms, plain) = (scene.asset(asset), &scene.plan.prices.assets[asset].cost);
    let s = scene.mid(asset, lane);
    let notional = units.abs() * s;
    let mut cost = plain.of(notional);
    account.impact[lane] += plain.impact_of(notional);
    if terms.spread.is_some() {
        let wider = scene.wider(asset, lane) * notional;
        venue.wider[lane] += wider;
        cost += wider;
    }
    if terms.pool.is_some() {
        cost += pool::trade(scene, asset, units, lane, venue);
    }
    if let Some(permanent) = &terms.permanent {
        let displacement = &mut venue.displacement[asset][lane];
        let shift = permanent.shift(units, s);
        let paid = units * (*displacement + 0.5 * shift);
        *displacement += shift;
        venue.permanent[lane] += paid;
        cost += paid;
    }
    cost
}

/// Gas of one transaction in currency, at the true price of the gas asset; booked, not yet paid.
#[inline(always)]
pub(super) fn gas(scene: &Scene<'_>, gas: Option<GasPlan>, lane: usize, venue: &mut Venue) -> f64 {
    let paid = gas.map_or(0.0, |gas| {
        let units = match gas.fee {
            None => gas.units,
            Some(fee) => {
                GasTerms::units(scene.market.conditions.fees[fee].gwei[lane], gas.tip_gwei, gas.gas_units)
            }
        };
        units * scene.congested(Congested::Gas, lane) * scene.mid(gas.asset, lane)
    });
    venue.gas[lane] += paid;
    paid
}

/// Pays the gas of one transaction from cash.
#[inline(always)]
pub(super) fn pay_gas(
    scene: &Scene<'_>,
    terms: Option<GasPlan>,
    lane: usize,
    account: &mut Account,
    venue: &mut Venue,
) {
    pay(scene, gas(scene, terms, lane, venue), lane, account);
}

/// Fee of updating the pull feed of an asset, which a transaction that fills carries with it; booked, not yet paid.
#[inline(always)]
pub(super) fn update_fee(scene: &Scene<'_>, asset: usize, lane: usize, venue: &mut Venue) -> f64 {
    let fee = scene.asset(asset).update_fee;
    venue.gas[lane] += fee;
    fee
}

#[inline(always)]
pub(super) fn pay(scene: &Scene<'_>, paid: f64, lane: usize, account: &mut Account) {
    account.cash[lane] = (-scene.now.discount).mul_add(paid, account.cash[lane]);
}
