//! Policies, compiled: when they act and which valuation they follow.
use crate::book::{LegKind, Strategy, Target};
use crate::policy::decision::{BookTerms, Decision, Width};
use crate::policy::{Destination, Policy};
use crate::scenario::Scenario;

use super::{BookPlan, View};

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
}

/// Valuations behind a policy's target.
#[derive(Debug, Clone, Copy)]
pub struct TargetIndex {
    /// At the prices it sees.
    pub seen: usize,
    /// At the true prices.
    pub truth: usize,
    /// Where its gamma is found, seen and true (its own valuation, or the one under Leland's).
    pub gamma: (usize, usize),
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
        let target = match (book, &scenario.target) {
            (BookPlan::Options(plan), Target::Options(strategy)) => {
                volatilities(policy, strategy).map(|volatility| {
                    let leland = decision.leland.as_ref();
                    let mut find = |view, leland| plan.valuations.find(volatility.clone(), view, leland);
                    TargetIndex {
                        seen: find(View::Seen, leland),
                        truth: find(View::True, leland),
                        gamma: (find(View::Seen, None), find(View::True, None)),
                    }
                })
            }
            _ => None,
        };
        Self { name: policy.name.clone(), kind: policy.rule.name(), decision, target }
    }

    /// Half-width of a basket's band in weight points.
    #[inline(always)]
    pub fn basket_width(&self, asset: usize, weight: f64) -> Option<f64> {
        match &self.decision.band.as_ref()?.width {
            Width::Absolute(widths) => Some(widths[asset]),
            Width::Relative(fraction) => Some(fraction * weight.abs()),
            Width::WhalleyWilmott(_) => None,
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
fn volatilities(policy: &Policy, strategy: &Strategy) -> Option<Vec<f64>> {
    let of = |asset: usize| match &policy.hedge_volatility {
        Some(own) => Some(own[asset]),
        None => strategy.hedge_volatility[asset],
    };
    let options = strategy.legs.iter().filter(|leg| leg.kind != LegKind::Spot);
    options.map(|leg| leg.hedge_volatility.or_else(|| of(leg.asset))).collect()
}
