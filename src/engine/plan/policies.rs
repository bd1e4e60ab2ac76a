//! Policies, compiled: when they act and which valuation they follow.
use crate::book::{HedgeVolatility, LegKind, Strategy, Target};
use crate::policy::decision::{BookTerms, Decision, Width};
use crate::policy::{Destination, Policy};
use crate::scenario::Scenario;

use super::BookPlan;

/// One policy.
#[derive(Debug, Clone)]
pub struct PolicyPlan {
    /// Name in the scenario.
    pub name: String,
    /// Registered name of its rule.
    pub kind: &'static str,
    /// When it acts.
    pub decision: Decision,
    /// Valuation of its target at the prices it sees, and at the true ones (options with a hedge volatility).
    pub target: Option<TargetIndex>,
    /// Whether its deltas know the process's own volatility.
    pub all_knowing: bool,
    /// Half-width in weight points by asset (baskets), infinite without a band.
    pub weight_bands: Vec<f64>,
}

/// Valuations behind a policy's target.
#[derive(Debug, Clone, Copy)]
pub struct TargetIndex {
    /// At the prices it sees.
    pub seen: usize,
    /// At the true prices.
    pub truth: usize,
    /// Where the width of a band that follows one is found, seen and true: its own valuation, or that of Black and
    /// Scholes' delta.
    pub width: (usize, usize),
}

impl PolicyPlan {
    pub(super) fn new(policy: &Policy, scenario: &Scenario, book: &mut BookPlan) -> Self {
        let symbols: Vec<String> = scenario.assets.iter().map(|asset| asset.symbol.clone()).collect();
        let n = symbols.len();
        let (quantities, weights, band_to) = match &scenario.target {
            Target::Options(strategy) => (quantities(strategy, n), None, Destination::Edge),
            Target::Basket(basket) => (vec![1.0; n], Some(basket.weights.as_slice()), Destination::Center),
        };
        let terms = BookTerms { symbols: &symbols, quantities: &quantities, weights, band_to };
        let decision = policy.rule.decision(&terms);
        let mut all_knowing = false;
        let target = match (book, &scenario.target) {
            (BookPlan::Options(plan), Target::Options(strategy)) => {
                volatilities(policy, strategy).map(|volatility| {
                    all_knowing = decision.opens && volatility.iter().any(HedgeVolatility::leaks);
                    let tilt = policy.minimum_variance.as_ref().or(strategy.minimum_variance.as_ref());
                    plan.valuations.target(&volatility, tilt, decision.adjustment.as_ref())
                })
            }
            _ => None,
        };
        let (name, kind) = (policy.name.clone(), policy.rule.name());
        let mut plan = Self { name, kind, decision, target, all_knowing, weight_bands: Vec::new() };
        let weights = weights.unwrap_or_default().iter().enumerate();
        plan.weight_bands =
            weights.map(|(i, weight)| plan.basket_width(i, *weight).unwrap_or(f64::INFINITY)).collect();
        plan
    }

    /// Half-width of a basket's band in weight points.
    #[inline(always)]
    pub fn basket_width(&self, asset: usize, weight: f64) -> Option<f64> {
        match &self.decision.band.as_ref()?.width {
            Width::Absolute(widths) => Some(widths[asset]),
            Width::Relative(fraction) => Some(fraction * weight.abs()),
            Width::Followed(_) | Width::Narrower(..) => None,
        }
    }
}

/// Σ|quantity| of the options of every asset.
fn quantities(strategy: &Strategy, n_assets: usize) -> Vec<f64> {
    let mut sum = vec![0.0; n_assets];
    for leg in strategy.legs.iter().filter(|leg| leg.kind != LegKind::Spot) {
        sum[leg.asset] += leg.quantity.abs();
    }
    sum
}

/// Hedge volatility of every option leg: its own, else the policy's, else the strategy's; `None` where one is missing.
fn volatilities(policy: &Policy, strategy: &Strategy) -> Option<Vec<HedgeVolatility>> {
    let of = |asset: usize| match &policy.hedge_volatility {
        Some(own) => Some(own[asset].clone()),
        None => strategy.hedge_volatility[asset].clone(),
    };
    let options = strategy.legs.iter().filter(|leg| leg.kind != LegKind::Spot);
    options.map(|leg| leg.hedge_volatility.map(HedgeVolatility::Constant).or_else(|| of(leg.asset))).collect()
}
