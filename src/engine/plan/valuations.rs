//! Black–Scholes work that policies share: one valuation for each set of volatilities and price view.
use crate::book::valuation::{LegClock, LegTerms, LelandVolatility};
use crate::book::{Leg, LegKind, Strategy};
use crate::scenario::Scenario;

use super::KEPT_CLOCKS;

/// Which prices a valuation reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// What the policies see.
    Seen,
    /// The true price.
    True,
}

/// One valuation.
#[derive(Debug, Clone)]
pub struct ValuationPlan {
    /// By option leg.
    pub volatility: Vec<f64>,
    /// Prices it reads.
    pub view: View,
    /// Leland's volatilities, chosen by the sign of the gamma of another valuation.
    pub leland: Option<(usize, LelandVolatility)>,
    /// Identifies Leland's terms among valuations of the same volatilities.
    leland_key: Option<(u64, Vec<f64>)>,
}

/// All valuations of a strategy.
#[derive(Debug, Clone)]
pub struct ValuationsPlan {
    /// The option legs.
    pub legs: Vec<LegTerms>,
    /// Every distinct valuation; a Leland valuation stands after the one it reads.
    pub list: Vec<ValuationPlan>,
    /// The one that marks the legs.
    pub mark: usize,
    /// Clocks of the legs by step, where they are few enough to be kept.
    clocks: Vec<LegClock>,
    /// By asset, the option leg on it where there is just one.
    pub only_leg: Vec<Option<usize>>,
    model_rate: f64,
    any_oracle: bool,
    dt: f64,
}

impl ValuationsPlan {
    pub(super) fn new(strategy: &Strategy, scenario: &Scenario) -> Self {
        let options = strategy.legs.iter().filter(|leg| leg.kind != LegKind::Spot);
        let legs: Vec<LegTerms> = options
            .clone()
            .filter_map(|leg| {
                LegTerms::new(leg, strategy.model_rate, scenario.assets[leg.asset].dividend_yield)
            })
            .collect();
        let marks: Vec<f64> = options.map(|leg| leg.mark_volatility).collect();
        let any_oracle = scenario.assets.iter().any(|asset| asset.oracle.is_some());
        let grid = scenario.run.grid;
        let kept = if grid.n_steps * legs.len() as u64 <= KEPT_CLOCKS { 0..grid.n_steps } else { 0..0 };
        let clocks = kept.flat_map(|j| legs.iter().map(move |leg| leg.clock(j, grid.dt()))).collect();
        let only_leg = (0..scenario.assets.len()).map(|asset| only_leg(&legs, asset)).collect();
        let (model_rate, dt) = (strategy.model_rate, grid.dt());
        let mut plan = Self { legs, list: Vec::new(), mark: 0, clocks, only_leg, model_rate, any_oracle, dt };
        plan.mark = plan.find(marks, View::True, None);
        plan
    }

    /// The valuation with these volatilities, added where it is new.
    pub(super) fn find(
        &mut self,
        volatility: Vec<f64>,
        view: View,
        leland: Option<&(u64, Vec<f64>)>,
    ) -> usize {
        let view = if self.any_oracle { view } else { View::True };
        let known = |plan: &ValuationPlan| {
            plan.volatility == volatility && plan.view == view && plan.leland_key.as_ref() == leland
        };
        if let Some(index) = self.list.iter().position(known) {
            return index;
        }
        let terms = leland.map(|(every, cost)| {
            let by_leg: Vec<f64> = self.legs.iter().map(|leg| cost[leg.asset]).collect();
            let terms = LelandVolatility::new(&volatility, &by_leg, *every as f64 * self.dt);
            (self.find(volatility.clone(), view, None), terms)
        });
        self.list.push(ValuationPlan { volatility, view, leland: terms, leland_key: leland.cloned() });
        self.list.len() - 1
    }

    /// Sets the clocks of the legs to step `j`.
    #[inline(always)]
    pub fn set_clocks(&self, j: u64, clocks: &mut [LegClock]) {
        let n = self.legs.len();
        if let Some(kept) = self.clocks.get(j as usize * n..(j as usize + 1) * n) {
            clocks.copy_from_slice(kept);
        } else {
            for (clock, leg) in clocks.iter_mut().zip(&self.legs) {
                *clock = leg.clock(j, self.dt);
            }
        }
    }

    /// −rτ of a Whalley–Wilmott width, τ the time to the last expiry of the options on an asset that live at step `j`.
    #[inline(always)]
    pub fn log_discount(&self, asset: usize, j: u64) -> f64 {
        let live = self.legs.iter().filter(|leg| leg.asset == asset && leg.expiry > j);
        let last = live.map(|leg| leg.expiry).max().unwrap_or(j);
        -self.model_rate * ((last - j) as f64 * self.dt)
    }
}

/// The option leg on an asset where there is just one.
fn only_leg(legs: &[LegTerms], asset: usize) -> Option<usize> {
    let mut on_asset = legs.iter().enumerate().filter(|(_, leg)| leg.asset == asset);
    let first = on_asset.next().map(|(k, _)| k);
    if on_asset.next().is_some() { None } else { first }
}

/// Units of the asset itself in a strategy, by asset.
pub(super) fn holdings(strategy: &Strategy, n_assets: usize) -> Vec<f64> {
    let mut holdings = vec![0.0; n_assets];
    for leg in strategy.legs.iter().filter(|leg| leg.kind == LegKind::Spot) {
        holdings[leg.asset] += leg.quantity;
    }
    holdings
}

/// Premium of one unit of a leg.
pub(super) fn premium(leg: &Leg, strategy: &Strategy, scenario: &Scenario, spot: f64) -> f64 {
    if let Some(premium) = leg.premium {
        return premium;
    }
    let dividend_yield = scenario.assets[leg.asset].dividend_yield;
    match (LegTerms::new(leg, strategy.model_rate, dividend_yield), leg.premium_volatility) {
        (Some(terms), Some(sigma)) => terms.price(spot, sigma, leg.expiry as f64 * scenario.run.grid.dt()),
        _ => spot,
    }
}
