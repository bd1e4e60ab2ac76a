//! Liquidation of a basket without value, and the unwind at the end.
use crate::math::{B, Lanes};

use super::super::account::settle_rest;
use super::super::plan::{BookPlan, Plan};
use super::super::state::{Account, PathMetrics};
use super::attempt::{charge, gas, update_fee};
use super::pool;
use super::scene::{Scene, Sights};
use super::state::{Count, Kept, Stage, Venue};

/// Closes baskets whose value at true prices is gone; what is in flight or not yet sent is cancelled.
#[inline(always)]
pub(super) fn liquidate(scene: &Scene<'_>, account: &mut Account, venue: &mut Venue) {
    if !matches!(scene.plan.book, BookPlan::Basket(_)) {
        return;
    }
    for lane in 0..B {
        if let Some(step) = venue.paths[lane].wiped {
            let kept = &mut venue.paths[lane].kept;
            if scene.now.j > step && kept.squares.is_none() {
                kept.squares = Some(account.path.squares[lane]);
            }
            continue;
        }
        let mut value = account.cash[lane] * scene.now.growth;
        for (i, holding) in account.holdings.iter().enumerate() {
            value = holding.held[lane].mul_add(scene.mid(i, lane), value);
        }
        if value > 0.0 {
            continue;
        }
        wipe_out(scene, lane, account, venue);
    }
}

/// Closes one basket at the true mid and keeps its path figures as they stand.
#[inline(always)]
fn wipe_out(scene: &Scene<'_>, lane: usize, account: &mut Account, venue: &mut Venue) {
    let mut cash = account.cash[lane] * scene.now.growth;
    unwind(scene, lane, &mut cash, account, venue);
    account.cash[lane] = cash * scene.now.discount;
    let path = &mut venue.paths[lane];
    path.pending.clear();
    path.slices.left.fill(0);
    path.wiped = Some(scene.now.j);
    let gone = account.path.mark[lane] <= 0.0;
    path.kept = Kept {
        squares: gone.then_some(account.path.squares[lane]),
        last_return: scene.now.j - u64::from(gone),
        gap: account.path.gap[lane],
        outside: account.path.outside[lane],
    };
    for holding in &mut account.holdings {
        holding.effective[lane] = 0.0;
    }
    venue.count(Count::WipedOut, lane);
}

/// Sells everything at the true mid; costs where the unwind is charged, gas after all of them.
#[inline(always)]
fn unwind(scene: &Scene<'_>, lane: usize, cash: &mut f64, account: &mut Account, venue: &mut Venue) {
    let (mut pays, mut paid) = (false, 0.0);
    for i in 0..scene.plan.n_assets() {
        let terms = scene.asset(i);
        let (held, s) = (account.holdings[i].held[lane], scene.mid(i, lane));
        *cash = held.mul_add(s, *cash);
        // without volume, or short of more than the pool holds: done free
        let refused = pool::lacks(scene, i, -held, lane, venue);
        if terms.charge_final && refused && !terms.no_volume {
            venue.count(Count::Refused, lane);
        }
        let free = terms.charge_final && (refused || terms.no_volume);
        account.holdings[i].last[lane] = if free { 0.0 } else { held.abs() * s };
        venue.note_spread(Stage::Final, scene.wider(i, lane) * account.holdings[i].last[lane], lane);
        account.holdings[i].held[lane] = 0.0;
        if terms.charge_final && !free && held != 0.0 {
            *cash -= charge(scene, i, -held, lane, account, venue);
            pays = true;
            if !scene.venue.batch {
                paid += gas(scene, terms.gas, lane, venue);
            }
            paid += update_fee(scene, i, lane, venue);
        }
    }
    if pays && scene.venue.batch {
        paid += gas(scene, scene.venue.batch_gas, lane, venue);
    }
    *cash -= paid;
}

/// After the accrual of the last step: carry, liquidation, and what is still in flight is dropped.
#[inline(always)]
pub(in super::super) fn before_last(sights: Sights<'_>, account: &mut Account) {
    let Some(scene) = Scene::new(sights) else { return };
    let Some(mut venue) = account.venue.take() else { return };
    pool::arbitrage(&scene, &mut venue);
    super::carry::carry(&scene, account, &mut venue);
    liquidate(&scene, account, &mut venue);
    for (lane, path) in venue.paths.iter_mut().enumerate() {
        venue.counts[Count::Dropped as usize][lane] += path.pending.len() as f64;
        path.pending.clear();
        path.slices.left.fill(0);
    }
    account.venue = Some(venue);
}

/// The unwind, and the payoffs of the legs that live to the end.
#[inline(always)]
pub(in super::super) fn close(sights: Sights<'_>, audit: bool, benchmark: &Lanes, account: &mut Account) {
    let Some(scene) = Scene::new(sights) else { return };
    let Some(mut venue) = account.venue.take() else { return };
    let growth = scene.now.growth;
    let mut value = Lanes::ZERO;
    for lane in 0..B {
        value[lane] = account.cash[lane] * growth;
        if venue.paths[lane].wiped.is_none() {
            unwind(&scene, lane, &mut value[lane], account, &mut venue);
        }
    }
    account.final_value = value;
    match &scene.plan.book {
        BookPlan::Options(book) => {
            let payoffs = audit.then_some(&mut account.audit.payoffs);
            let at = |asset| scene.settlement(asset);
            settle_rest(scene.plan, book, scene.market, at, &mut value, payoffs);
            account.deviation = value;
        }
        BookPlan::Basket(_) => {
            for lane in 0..B {
                account.deviation[lane] = value[lane] - benchmark[lane];
            }
        }
    }
    for (lane, path) in venue.paths.iter().enumerate() {
        if let Some(step) = path.wiped {
            shorten(scene.plan, step, path.kept, lane, &mut account.path);
        }
    }
    account.venue = Some(venue);
}

/// Path figures of a liquidated path stop at its liquidation, the last return the one into it.
///
/// The estimators divide by the steps of the whole run: what is handed to them is scaled up by as much.
#[inline(always)]
fn shorten(plan: &Plan, step: u64, kept: Kept, lane: usize, path: &mut PathMetrics) {
    let all = (plan.n_steps - plan.warmup) as f64;
    let lived = step.saturating_sub(plan.warmup) as f64;
    let returns = kept.last_return.saturating_sub(plan.warmup) as f64;
    let scale = |sum: f64, all: f64, lived: f64| if lived > 0.0 { sum * (all / lived) } else { 0.0 };
    path.squares[lane] = scale(kept.squares.unwrap_or(path.squares[lane]), all - 1.0, returns - 1.0);
    path.gap[lane] = scale(kept.gap, all, lived);
    path.outside[lane] = scale(kept.outside, all, lived);
}
