//! What trading costs just now where that moves: base fees, funding rates, half-spreads, congestion; the same for all
//! policies of a path.
use crate::market::congestion::{Congested, CongestionState};
use crate::market::cost::ar1::RateState;
use crate::market::cost::log_ou::FeeState;
use crate::market::gauge::GaugeState;
use crate::market::price::PriceState;
use crate::math::{B, Lanes};

use super::plan::{Plan, SpreadPlan, VenuePlan};

/// The conditions of a block's paths.
#[derive(Debug, Clone)]
pub struct Conditions {
    /// Base fees that move.
    pub fees: Vec<FeeState>,
    /// Funding rates that move.
    pub rates: Vec<RateState>,
    /// By asset: what its half-spread is above that at rest; empty where it stands still.
    pub wider: Vec<Option<Box<Lanes>>>,
    gauges: Vec<GaugeState>,
    /// Congestion, where there is any.
    pub congestion: Option<Box<CongestionState>>,
}

impl Conditions {
    /// Bytes that those of a plan take.
    pub fn bytes(plan: &Plan) -> f64 {
        let Some(venue) = &plan.venue else { return 0.0 };
        let n_spreads = venue.assets.iter().filter(|asset| asset.spread.is_some()).count();
        let spread = size_of::<Lanes>() + size_of::<GaugeState>();
        let congestion = usize::from(venue.congestion.is_some()) * size_of::<CongestionState>();
        (venue.fees.len() * size_of::<FeeState>()
            + venue.rates.len() * size_of::<RateState>()
            + n_spreads * spread
            + congestion) as f64
    }

    /// Room for those of a plan.
    pub fn new(plan: &Plan) -> Self {
        let venue = plan.venue.as_ref();
        let count = |n: fn(&VenuePlan) -> usize| venue.map_or(0, n);
        let moves = venue.map_or(&[][..], |venue| &venue.assets).iter().map(|asset| asset.spread.is_some());
        Self {
            fees: vec![FeeState::default(); count(|venue| venue.fees.len())],
            rates: vec![RateState::default(); count(|venue| venue.rates.len())],
            wider: moves.map(|moves| moves.then(|| Box::new(Lanes::ZERO))).collect(),
            gauges: vec![GaugeState::default(); count(|venue| venue.assets.len())],
            congestion: venue.and_then(|venue| venue.congestion.as_ref()).map(|_| Box::default()),
        }
    }

    /// What congestion multiplies a friction of one path by.
    #[inline(always)]
    pub fn factor(&self, of: Congested, lane: usize) -> f64 {
        self.congestion.as_ref().map_or(1.0, |congestion| congestion.factor(of)[lane])
    }

    /// At the start of the block's paths.
    pub(super) fn start(&mut self, plan: &Plan, first_path: u64, prices: &[PriceState]) {
        let Some(venue) = &plan.venue else { return };
        for (fee, state) in venue.fees.iter().zip(&mut self.fees) {
            fee.step.start(plan.seed, first_path, plan.prices.assets[fee.asset].x0, state);
        }
        if let (Some(step), Some(state)) = (&venue.congestion, &mut self.congestion) {
            step.start(&prices[step.asset], state);
        }
        for (i, asset) in venue.assets.iter().enumerate() {
            let Some(spread) = &asset.spread else { continue };
            if let Some(law) = &spread.law {
                law.gauge.start(&prices[i], &mut self.gauges[i]);
            }
            self.widen(i, spread);
        }
    }

    /// At step `j`, the prices of which are known.
    #[inline(always)]
    pub(super) fn advance(&mut self, plan: &Plan, first_path: u64, j: u64, prices: &[PriceState]) {
        let Some(venue) = &plan.venue else { return };
        for (fee, state) in venue.fees.iter().zip(&mut self.fees) {
            fee.step.advance(plan.seed, first_path, j, &prices[fee.asset].x, state);
        }
        for (rate, state) in venue.rates.iter().zip(&mut self.rates) {
            rate.advance(plan.seed, first_path, j, state);
        }
        if let (Some(step), Some(state)) = (&venue.congestion, &mut self.congestion) {
            step.advance(j, &prices[step.asset], state);
        }
        for (i, asset) in venue.assets.iter().enumerate() {
            let Some(spread) = &asset.spread else { continue };
            if let Some(law) = &spread.law {
                law.gauge.advance(j, &prices[i], &mut self.gauges[i]);
            }
            self.widen(i, spread);
        }
    }

    /// The half-spread of an asset at what its gauge and congestion show, less that at rest.
    #[inline(always)]
    fn widen(&mut self, asset: usize, spread: &SpreadPlan) {
        let mut now = Lanes::splat(spread.at_rest);
        if let Some(law) = &spread.law {
            law.shown(&self.gauges[asset], &mut now);
        }
        let Some(wider) = &mut self.wider[asset] else { return };
        if let Some(congestion) = self.congestion.as_ref().filter(|_| spread.congested) {
            let factor = congestion.factor(Congested::HalfSpread);
            for lane in 0..B {
                now[lane] *= factor[lane];
            }
        }
        for lane in 0..B {
            wider[lane] = now[lane] - spread.at_rest;
        }
    }
}
