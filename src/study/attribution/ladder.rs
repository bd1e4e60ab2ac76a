//! The same scenario with its frictions switched on one group after the other.
use crate::book::{Benchmark, LegKind, Settlement, Strategy, Target};
use crate::market::congestion::CongestionTerms;
use crate::market::cost::{Costs, Funding};
use crate::market::execution::Execution as Venue;
use crate::policy::periodic::Periodic;
use crate::policy::{Policy, Rule};
use crate::scenario::{Asset, Scenario};
use crate::units::Period;

/// A part of the deviation, in the order in which the parts are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// Options: the same hedge volatility, rebalanced at every step. Baskets: `constant_mix_step` against the benchmark
    /// chosen.
    Model,
    /// The policy, frictionless and with perfect sight, less that.
    Discretisation,
    /// What it sees: the oracle, its refusals, options settled by it.
    Oracle,
    /// Time from decision to fill.
    Delay,
    /// Lots, least trades, caps, slippage limits, failed transactions.
    Fills,
    /// Proportional and fixed fees.
    Fees,
    /// Half-spreads.
    Spread,
    /// Temporary and permanent impact, pools with their fee.
    Impact,
    /// Gas, and updates of a pull feed.
    Gas,
    /// Funding and borrowing.
    Holding,
}

impl Part {
    /// All of them, in their order.
    pub const ALL: [Self; 10] = [
        Self::Model,
        Self::Discretisation,
        Self::Oracle,
        Self::Delay,
        Self::Fills,
        Self::Fees,
        Self::Spread,
        Self::Impact,
        Self::Gas,
        Self::Holding,
    ];

    /// Name in files and charts.
    pub fn name(self) -> &'static str {
        match self {
            Self::Model => "model",
            Self::Discretisation => "discretisation",
            Self::Oracle => "oracle",
            Self::Delay => "delay",
            Self::Fills => "fills",
            Self::Fees => "fees",
            Self::Spread => "spread",
            Self::Impact => "impact",
            Self::Gas => "gas",
            Self::Holding => "holding",
        }
    }

    /// What it is, in one phrase, for a book of options or a basket.
    pub fn what(self, options: bool) -> &'static str {
        match self {
            Self::Model if options => {
                "the policy's own hedge volatility, rebalanced at every step without frictions"
            }
            Self::Model => "constant_mix_step against the benchmark chosen",
            Self::Discretisation => "the policy, frictionless and with perfect sight, less that",
            Self::Oracle => "what the policy sees: the oracle, what it refuses, options settled by it",
            Self::Delay => "time from decision to fill",
            Self::Fills => "lots, least trades, caps, slippage limits, failed transactions",
            Self::Fees => "proportional and fixed fees",
            Self::Spread => "half-spread",
            Self::Impact => "temporary and permanent impact, pools with their fee",
            Self::Gas => "gas, and updates of a pull feed",
            Self::Holding => "funding and borrowing",
        }
    }
}

/// Which parts are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Switches(u16);

impl Switches {
    /// Every part up to one.
    pub(super) fn up_to(last: Part) -> Self {
        Self::of(Part::ALL.into_iter().filter(|part| *part <= last))
    }

    /// These parts; the model and the policy itself always are.
    pub(super) fn of(parts: impl IntoIterator<Item = Part>) -> Self {
        let always = [Part::Model, Part::Discretisation];
        Self(parts.into_iter().chain(always).fold(0, |all, part| all | 1 << part as u16))
    }

    fn on(self, part: Part) -> bool {
        self.0 >> part as u16 & 1 == 1
    }

    fn all(self) -> bool {
        Part::ALL.into_iter().all(|part| self.on(part))
    }
}

/// The scenario with those parts switched on; with all of them it is the scenario as it is.
///
/// Paths, seed and laws of prices stay, so that path i has the same random numbers in each. Path metrics are off: they
/// change no deviation.
pub(super) fn rung(scenario: &Scenario, switches: Switches) -> Scenario {
    let on = |part: Part| switches.on(part);
    let mut changed = scenario.clone();
    changed.run.path_metrics = false;
    changed.congestion = scenario.congestion.as_ref().and_then(|terms| congestion(terms, switches));
    changed.assets = scenario.assets.iter().map(|asset| of_asset(asset, switches)).collect();
    if !on(Part::Gas) {
        // one transaction for all orders fails as one, whatever it costs
        let fails = on(Part::Fills) && scenario.assets.iter().any(|asset| !asset.execution.is_plain());
        changed.batch_gas = changed.batch_gas.filter(|_| fails);
        changed.batch_gas.iter_mut().for_each(|gas| gas.gas_units = 0.0);
    }
    if let Target::Options(strategy) = &mut changed.target
        && !on(Part::Oracle)
    {
        strategy.settlement = Settlement::True;
    }
    changed
}

/// What congestion still moves; none where that is nothing.
fn congestion(terms: &CongestionTerms, switches: Switches) -> Option<CongestionTerms> {
    let mut terms = terms.clone();
    let law = &mut terms.law;
    for (exponent, part) in [
        (&mut law.delay, Part::Delay),
        (&mut law.failure, Part::Fills),
        (&mut law.half_spread, Part::Spread),
        (&mut law.gas, Part::Gas),
    ] {
        *exponent = exponent.filter(|_| switches.on(part));
    }
    let moves = [law.delay, law.failure, law.half_spread, law.gas];
    (switches.all() || moves.iter().flatten().any(|exponent| *exponent != 0.0)).then_some(terms)
}

fn of_asset(asset: &Asset, switches: Switches) -> Asset {
    let on = |part: Part| switches.on(part);
    let mut asset = asset.clone();
    if !on(Part::Oracle) {
        asset.oracle = None;
    }
    if let Some(oracle) = asset.oracle.as_mut().filter(|_| !on(Part::Gas)) {
        oracle.update_fee = None;
    }
    if !on(Part::Delay) {
        asset.delay = 0;
        asset.random_delay = None;
    }
    if !on(Part::Fills) {
        asset.execution = Venue::default();
    }
    strip(&mut asset.costs, switches);
    asset
}

/// Takes the costs away that are not yet on; the volume stays, which caps on participation need too.
fn strip(costs: &mut Costs, switches: Switches) {
    let off = |part: Part| !switches.on(part);
    if off(Part::Fees) {
        (costs.fee, costs.fixed_fee) = (0.0, 0.0);
    }
    if off(Part::Spread) {
        (costs.half_spread, costs.moving_spread) = (0.0, None);
    }
    if off(Part::Impact) {
        (costs.impact, costs.permanent_impact, costs.pool) = (None, None, None);
    }
    if off(Part::Gas) {
        costs.gas = None;
    }
    if off(Part::Holding) {
        (costs.funding, costs.borrow) = (Funding::default(), 0.0);
    }
}

/// What the hedge of every step is for each policy.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Ideal {
    /// Its deviation is zero by definition: the benchmark is the ideal.
    Benchmark,
    /// That of this policy of the ideal scenario.
    Policy(usize),
    /// There is none.
    Missing(String),
}

/// The scenario in which every different hedge of the policies is rebalanced at every step, frictionless, and which of
/// its policies is whose ideal; no scenario where nothing is to be run.
pub(super) fn ideals(scenario: &Scenario) -> (Option<Scenario>, Vec<Ideal>) {
    let mut ideal = rung(scenario, Switches::up_to(Part::Model));
    ideal.policies = Vec::new();
    let mut whose = Vec::with_capacity(scenario.policies.len());
    for policy in &scenario.policies {
        whose.push(match &scenario.target {
            Target::Basket(basket) if basket.benchmark == Benchmark::ConstantMixStep => Ideal::Benchmark,
            Target::Options(strategy) if !has_hedge(policy, strategy) => {
                Ideal::Missing("without a hedge_volatility there is no hedge of every step".into())
            }
            _ => {
                let every_step = Policy {
                    rule: Rule::Periodic(Periodic { every: Period::Steps(1) }),
                    name: policy.name.clone(),
                    hedge_volatility: policy.hedge_volatility.clone(),
                    minimum_variance: policy.minimum_variance.clone(),
                };
                let same = |other: &Policy| {
                    other.hedge_volatility == every_step.hedge_volatility
                        && other.minimum_variance == every_step.minimum_variance
                };
                let at = ideal.policies.iter().position(same).unwrap_or_else(|| {
                    ideal.policies.push(every_step);
                    ideal.policies.len() - 1
                });
                Ideal::Policy(at)
            }
        });
    }
    ((!ideal.policies.is_empty()).then_some(ideal), whose)
}

/// Whether every option leg has a hedge volatility under the policy.
fn has_hedge(policy: &Policy, strategy: &Strategy) -> bool {
    let of = |asset: usize| policy.hedge_volatility.is_some() || strategy.hedge_volatility[asset].is_some();
    strategy
        .legs
        .iter()
        .all(|leg| leg.kind == LegKind::Spot || leg.hedge_volatility.is_some() || of(leg.asset))
}
