//! Black–Scholes work that policies share: one valuation for each set of volatilities and price view.
use crate::book::delta::Regression;
use crate::book::leland::LelandVolatility;
use crate::book::valuation::{LegClock, LegTerms};
use crate::book::width::OneLeg;
use crate::book::{HedgeVolatility, Leg, LegKind, Strategy};
use crate::policy::decision::Adjustment;
use crate::scenario::Scenario;

use super::hedges::{AdjustmentPlan, LaneTerms, Source, TrackerPlan};
use super::{KEPT_CLOCKS, TargetIndex};

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
    /// Prices it reads.
    pub view: View,
    /// How it is made.
    pub method: Method,
    /// What it is found by.
    key: Hedge,
    /// Widths by step and asset, where a policy follows them and they are few enough to be kept.
    widths: Vec<OneLeg>,
}

impl ValuationPlan {
    /// What is kept of the width of an asset with one leg at step `j`.
    #[inline(always)]
    pub fn kept_width(&self, j: u64, asset: usize, n_assets: usize) -> Option<&OneLeg> {
        self.widths.get(j as usize * n_assets + asset)
    }
}

/// How a valuation is made.
#[derive(Debug, Clone)]
pub enum Method {
    /// At constant volatilities, by option leg.
    Plain(Vec<f64>),
    /// At Leland's volatilities, chosen by the sign of the gamma of another valuation.
    Leland(usize, LelandVolatility),
    /// At a volatility that differs from path to path.
    ByLane(LaneTerms),
}

impl Method {
    /// The valuation whose gamma it reads; it stands before it.
    pub fn base(&self) -> Option<usize> {
        match self {
            Self::Plain(_) => None,
            Self::Leland(base, _) => Some(*base),
            Self::ByLane(terms) => terms.adjustment.as_ref().map(|(base, _)| *base),
        }
    }
}

/// What a target is made of, before prices.
#[derive(Debug, Clone, PartialEq)]
struct Hedge {
    /// Hedge volatility by option leg.
    sources: Vec<Source>,
    /// How variance moves with price, by option leg; empty for Black and Scholes' deltas.
    tilt: Vec<Regression>,
    adjustment: Option<Adjustment>,
}

/// All valuations of a strategy.
#[derive(Debug, Clone)]
pub struct ValuationsPlan {
    /// The option legs.
    pub legs: Vec<LegTerms>,
    /// Every distinct valuation; one that is adjusted for costs stands after the one it reads.
    pub list: Vec<ValuationPlan>,
    /// Volatilities estimated from prices seen, each once.
    pub trackers: Vec<TrackerPlan>,
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
        let mut plan = Self {
            legs,
            list: Vec::new(),
            trackers: Vec::new(),
            mark: 0,
            clocks,
            only_leg,
            model_rate,
            any_oracle,
            dt,
        };
        let sources = marks.into_iter().map(Source::Constant).collect();
        plan.mark = plan.find(Hedge { sources, tilt: Vec::new(), adjustment: None }, View::True);
        plan
    }

    /// The valuations of a policy's target: hedge volatilities by option leg, how variance moves with price by asset, and what it makes of costs.
    pub(super) fn target(
        &mut self,
        volatility: &[HedgeVolatility],
        regression: Option<&Vec<Regression>>,
        adjustment: Option<&Adjustment>,
    ) -> TargetIndex {
        let assets: Vec<usize> = self.legs.iter().map(|leg| leg.asset).collect();
        let sources: Vec<Source> = volatility
            .iter()
            .zip(&assets)
            .map(|(own, asset)| Source::new(own, *asset, &mut self.trackers))
            .collect();
        let mut tilt: Vec<Regression> = match regression {
            Some(by_asset) => assets.iter().map(|asset| by_asset[*asset]).collect(),
            None => Vec::new(),
        };
        if tilt.iter().all(|tilt| tilt.covariance == 0.0) {
            tilt.clear();
        }
        let plain = Hedge { sources, tilt: Vec::new(), adjustment: None };
        let own = Hedge { tilt, adjustment: adjustment.cloned(), ..plain.clone() };
        // Zakamouline's width is his own; that of others is made of Black and Scholes' gamma
        let wide =
            if matches!(adjustment, Some(Adjustment::Zakamouline { .. })) { own.clone() } else { plain };
        let mut find = |hedge: &Hedge, view| self.find(hedge.clone(), view);
        TargetIndex {
            seen: find(&own, View::Seen),
            truth: find(&own, View::True),
            width: (find(&wide, View::Seen), find(&wide, View::True)),
        }
    }

    /// The valuation of that hedge, added where it is new.
    fn find(&mut self, key: Hedge, view: View) -> usize {
        let view = if self.any_oracle { view } else { View::True };
        if let Some(index) = self.list.iter().position(|plan| plan.key == key && plan.view == view) {
            return index;
        }
        let base = Hedge { tilt: Vec::new(), adjustment: None, ..key.clone() };
        let adjustment = key.adjustment.as_ref().map(|adjustment| (self.find(base, view), adjustment));
        let constants: Option<Vec<f64>> = key.sources.iter().map(Source::constant).collect();
        let by_leg = |cost: &[f64]| self.legs.iter().map(|leg| cost[leg.asset]).collect::<Vec<f64>>();
        let method = match (constants.filter(|_| key.tilt.is_empty()), adjustment) {
            (Some(volatility), None) => Method::Plain(volatility),
            (Some(volatility), Some((base, Adjustment::Leland { every, cost }))) => {
                let terms = LelandVolatility::new(&volatility, &by_leg(cost), *every as f64 * self.dt);
                Method::Leland(base, terms)
            }
            (_, adjustment) => Method::ByLane(LaneTerms {
                sources: key.sources.clone(),
                tilt: if key.tilt.is_empty() {
                    vec![Regression::default(); self.legs.len()]
                } else {
                    key.tilt.clone()
                },
                adjustment: adjustment.map(|(base, own)| (base, AdjustmentPlan::new(own, self.dt))),
            }),
        };
        self.list.push(ValuationPlan { view, method, key, widths: Vec::new() });
        self.list.len() - 1
    }

    /// Keeps the widths of valuations that some policy follows, where the clocks are kept: a block's step is then free of
    /// logarithms.
    pub(super) fn keep_widths(&mut self, followed: &[usize]) {
        let n_assets = self.only_leg.len();
        let n_steps = self.clocks.len() / self.legs.len().max(1);
        if n_steps * n_assets > KEPT_CLOCKS as usize || self.only_leg.iter().any(Option::is_none) {
            return;
        }
        for index in followed {
            let Method::Plain(volatility) = &self.list[*index].method else { continue };
            let widths =
                (0..n_steps).flat_map(|j| self.only_leg.iter().flatten().enumerate().map(move |at| (j, at)));
            let width = |(j, (asset, leg)): (usize, (usize, &usize))| {
                let clock = &self.clocks[j * self.legs.len() + leg];
                self.width(j as u64, asset, *leg, volatility[*leg], clock)
            };
            self.list[*index].widths = widths.map(width).collect();
        }
    }

    /// The width at step `j` of an asset with one leg.
    #[inline(always)]
    pub fn width(&self, j: u64, asset: usize, leg: usize, volatility: f64, clock: &LegClock) -> OneLeg {
        OneLeg::new(&self.legs[leg], clock, volatility, self.log_discount(asset, j))
    }

    /// One step in years.
    pub fn dt(&self) -> f64 {
        self.dt
    }

    /// Whether some volatility differs from path to path.
    pub fn moves(&self) -> bool {
        self.list.iter().any(|valuation| matches!(valuation.method, Method::ByLane(_)))
    }

    /// Whether some hedge knows the processes' own volatilities.
    pub fn asks_own(&self) -> bool {
        let own = |source: &Source| matches!(source, Source::Own(_));
        self.list.iter().any(|valuation| valuation.key.sources.iter().any(own))
    }

    /// The option leg on an asset that lives longest at step `j`, and its time to expiry in years.
    #[inline(always)]
    pub fn longest(&self, asset: usize, j: u64) -> Option<(usize, f64)> {
        let mut longest: Option<(usize, u64)> = None;
        for (k, leg) in self.legs.iter().enumerate() {
            if leg.asset == asset && leg.expiry > j && longest.is_none_or(|(_, expiry)| leg.expiry > expiry) {
                longest = Some((k, leg.expiry));
            }
        }
        longest.map(|(k, expiry)| (k, (expiry - j) as f64 * self.dt))
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
