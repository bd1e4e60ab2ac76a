//! Hedge volatilities that differ from path to path: estimates of what is seen, and the processes' own.
use crate::book::by_lane::{LaneLeg, to_leland};
use crate::book::valuation::{LegClock, Net, Prices, Wants};
use crate::book::volatility::ewma::Estimate;
use crate::book::volatility::oracle_volatility::LEAST;
use crate::book::width;
use crate::book::zakamouline::{self, Position};
use crate::math::{B, Lanes};

use super::plan::{AdjustmentPlan, BookPlan, LaneTerms, OptionsPlan, Plan, Source, View};
use super::state::{BlockState, MarketState, Sight};

/// Volatilities of a step, path by path.
#[derive(Debug, Clone, Default)]
pub struct Volatilities {
    /// One for each tracker.
    pub estimates: Vec<Estimate>,
    /// The process's own by asset; empty where nobody asks.
    pub own: Vec<Lanes>,
}

impl Volatilities {
    pub(super) fn new(plan: &Plan) -> Self {
        let BookPlan::Options(book) = &plan.book else { return Self::default() };
        let asked = book.valuations.asks_own();
        Self {
            estimates: vec![Estimate::default(); book.valuations.trackers.len()],
            own: vec![Lanes::ZERO; if asked { plan.n_assets() } else { 0 }],
        }
    }

    #[inline(always)]
    fn of(&self, source: Source) -> Lanes {
        match source {
            Source::Constant(value) => Lanes::splat(value),
            Source::Estimated(place) => self.estimates[place].sigma,
            Source::Own(asset) => self.own[asset],
        }
    }
}

/// Sets every volatility to the start of the paths.
#[inline(always)]
pub(super) fn start(plan: &Plan, state: &mut BlockState) {
    let BookPlan::Options(book) = &plan.book else { return };
    let BlockState { market, feeds, volatilities, .. } = state;
    let sight = Sight::new(plan, View::Seen, market, feeds);
    for (plan, estimate) in book.valuations.trackers.iter().zip(&mut volatilities.estimates) {
        plan.tracker.start(sight.x(plan.asset), estimate);
    }
    own(plan, 0, market, &mut volatilities.own);
}

/// Moves every volatility to step `j`.
#[inline(always)]
pub(super) fn advance(plan: &Plan, j: u64, state: &mut BlockState) {
    let BookPlan::Options(book) = &plan.book else { return };
    let BlockState { market, feeds, volatilities, .. } = state;
    let sight = Sight::new(plan, View::Seen, market, feeds);
    for (tracker, estimate) in book.valuations.trackers.iter().zip(&mut volatilities.estimates) {
        tracker.tracker.advance(tracker.weight, plan.dt, sight.x(tracker.asset), estimate);
    }
    own(plan, j, market, &mut volatilities.own);
}

/// The processes' own volatilities, with which the step after `j` begins.
#[inline(always)]
fn own(plan: &Plan, j: u64, market: &MarketState, own: &mut [Lanes]) {
    for ((asset, price), sigma) in plan.prices.assets.iter().zip(&market.prices).zip(own) {
        let strength = asset.strength_at(j + 1);
        for lane in 0..B {
            let root = asset.volatility.unwrap_or(price.variance[lane].sqrt()) * strength;
            sigma[lane] = if root > LEAST { root } else { LEAST };
        }
    }
}

/// What a valuation at such volatilities reads beside prices.
#[derive(Debug, Clone, Copy)]
pub(super) struct LaneScene<'a> {
    pub(super) book: &'a OptionsPlan,
    pub(super) j: u64,
    pub(super) clocks: &'a [LegClock],
    pub(super) volatilities: &'a Volatilities,
}

/// Targets, and what else is wanted, at volatilities that differ from path to path; `gamma` is that of the valuation that
/// an adjustment reads.
#[inline(always)]
pub(super) fn evaluate<P: Prices>(
    scene: &LaneScene<'_>,
    terms: &LaneTerms,
    gamma: Option<&[Lanes]>,
    prices: &P,
    wants: Wants,
    net: &mut Net,
) {
    let LaneScene { book, clocks, volatilities, .. } = *scene;
    let legs = &book.valuations.legs;
    for (target, holding) in net.target.iter_mut().zip(&book.holdings) {
        *target = Lanes::splat(-holding);
    }
    if wants.gamma {
        net.gamma.fill(Lanes::ZERO);
    }
    for asset in 0..net.target.len() {
        let (x, s) = (prices.x(asset), prices.s(asset));
        let factor = zakamouline(scene, terms, gamma, asset, prices, &mut net.width[asset]);
        for (k, leg) in legs.iter().enumerate() {
            let clock = &clocks[k];
            if leg.asset != asset || !clock.live {
                continue;
            }
            let mut sigma = volatilities.of(terms.sources[k]);
            adjust(terms, gamma, factor.as_ref(), asset, &mut sigma);
            let tau = (leg.expiry - scene.j) as f64 * book.valuations.dt();
            let tilt = if terms.tilt[k].covariance == 0.0 { 0.0 } else { terms.tilt[k].tilt(tau) };
            let by_lane = LaneLeg { leg, clock, sigma: &sigma, tilt };
            by_lane.add(wants.gamma, x, s, &mut net.target[asset], &mut net.gamma[asset]);
            if wants.width && factor.is_none() && book.valuations.only_leg[asset] == Some(k) {
                by_lane.width(book.valuations.log_discount(asset, scene.j), x, &mut net.width[asset]);
            }
        }
        if wants.width && factor.is_none() {
            common_width(scene, asset, x, net);
        }
    }
}

/// Turns a volatility into the one that pays for costs, where the policy has such.
#[inline(always)]
fn adjust(
    terms: &LaneTerms,
    gamma: Option<&[Lanes]>,
    factor: Option<&Lanes>,
    asset: usize,
    sigma: &mut Lanes,
) {
    match (&terms.adjustment, gamma, factor) {
        (Some((_, AdjustmentPlan::Leland { cost, interval })), Some(gamma), _) => {
            to_leland(cost[asset], *interval, &gamma[asset], sigma);
        }
        (_, _, Some(factor)) => {
            for lane in 0..B {
                sigma[lane] *= factor[lane];
            }
        }
        _ => {}
    }
}

/// Whalley–Wilmott width of an asset with several legs, or with none that lives.
#[inline(always)]
fn common_width(scene: &LaneScene<'_>, asset: usize, x: &Lanes, net: &mut Net) {
    let valuations = &scene.book.valuations;
    match valuations.only_leg[asset] {
        Some(k) if scene.clocks[k].live => {}
        Some(_) => net.width[asset] = Lanes::ZERO,
        None => {
            let discount = valuations.log_discount(asset, scene.j);
            width::of_gamma(discount, x, &net.gamma[asset], &mut net.width[asset]);
        }
    }
}

/// Zakamouline's width of an asset, and the factor of its legs' volatilities; without a live leg the width is 0.
#[inline(always)]
fn zakamouline<P: Prices>(
    scene: &LaneScene<'_>,
    terms: &LaneTerms,
    gamma: Option<&[Lanes]>,
    asset: usize,
    prices: &P,
    width: &mut Lanes,
) -> Option<Lanes> {
    let (Some((_, AdjustmentPlan::Zakamouline(own))), Some(gamma)) = (&terms.adjustment, gamma) else {
        return None;
    };
    let mut factor = Lanes::splat(1.0);
    let Some((k, tau)) = scene.book.valuations.longest(asset, scene.j) else {
        *width = Lanes::ZERO;
        return Some(factor);
    };
    let sigma = scene.volatilities.of(terms.sources[k]);
    let position = Position {
        tau,
        discount: -scene.book.model_rate * tau,
        x: prices.x(asset),
        s: prices.s(asset),
        sigma: &sigma,
        gamma: &gamma[asset],
    };
    let terms: &zakamouline::Terms = &own[asset];
    terms.evaluate(&position, width, &mut factor);
    Some(factor)
}
