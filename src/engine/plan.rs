//! A scenario compiled for the hot loop: plain numbers, shared work found once.
mod hedges;
mod policies;
mod prices;
mod schedule;
mod valuations;
mod venue;

pub use hedges::{AdjustmentPlan, LaneTerms, Source, TrackerPlan};
pub use policies::{PolicyPlan, TargetIndex};
pub use prices::{AssetPlan, FillCost, PricesPlan};
pub use valuations::{Method, ValuationPlan, ValuationsPlan, View};
pub use venue::{BoundaryPlan, FeePlan, GasPlan, SpreadPlan, VenueAsset, VenuePlan};

use crate::book::benchmark::{Track, TrackTerms};
use crate::book::valuation::Wants;
use crate::book::{Basket, LegKind, Strategy, Target};
use crate::market::price::Kernel;
use crate::math::exp;
use crate::metric;
use crate::policy::decision::Action;
use crate::scenario::{Asset, Scenario};
use crate::stats::Units;

use super::control::ControlPlan;
use super::efficiency::EfficiencyTerms;
use super::outcome::Constants;
use super::units::units;
use schedule::Schedule;

/// Most times a timeline holds.
const TIMELINE_TIMES: u64 = 101;

/// Everything a block needs.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a run")]
pub struct Plan {
    /// Number of steps.
    pub n_steps: u64,
    /// One step in years.
    pub dt: f64,
    /// One step in seconds.
    pub step_seconds: f64,
    /// Rate on cash.
    pub rate: f64,
    /// Seed of every draw.
    pub seed: u64,
    /// Market and oracles.
    pub prices: PricesPlan,
    /// Whether first trades pay.
    pub charge_initial: bool,
    /// Whether the unwind pays.
    pub charge_final: bool,
    /// What is tracked.
    pub book: BookPlan,
    /// One for each policy.
    pub policies: Vec<PolicyPlan>,
    /// What is worked off path by path; `None` = the plain kernel does everything.
    pub venue: Option<VenuePlan>,
    /// Whether marks are made at every step.
    pub path_metrics: bool,
    /// First step that counts in path metrics.
    pub warmup: u64,
    /// Smallest notional an order may have.
    pub dust: f64,
    /// Constants of the scenario.
    pub constants: Constants,
    /// Steps of the timeline.
    pub times: Vec<u64>,
    /// Whether holding anything costs or earns more than interest on cash.
    pub accrues: bool,
    /// Whether it is a basket of several assets of which every order fills at once.
    pub by_weight: bool,
    /// Whether moreover its prices are Brownian throughout, and its benchmark is rebalanced at every step.
    pub walks: bool,
    /// Which paths are independent of each other.
    pub units: Units,
    /// What controls the mean deviation, where the scenario asks for it.
    pub control: Option<ControlPlan>,
    /// What the efficiency constant is measured in, or why there is none.
    pub efficiency: Result<EfficiencyTerms, &'static str>,
    /// Clocks of all steps, where they are few enough to be kept.
    clock: Vec<Now>,
    /// Who acts when.
    schedule: Schedule,
}

/// Most steps whose clocks are kept: a block's step is then free of scalar exponentials.
pub(super) const KEPT_CLOCKS: u64 = 1 << 17;

/// What a step's time is worth; made once a step for all policies.
#[derive(Debug, Clone, Copy)]
pub struct Now {
    /// Step.
    pub j: u64,
    /// e^{−r t_j}: turns cash of the step into the discounted cash that is carried.
    pub discount: f64,
    /// e^{r t_j}.
    pub growth: f64,
    /// e^{r t_{j−1}}.
    pub growth_before: f64,
}

impl Now {
    /// The clocks that are kept: those of the first steps.
    fn kept(n_steps: u64, rate: f64, dt: f64) -> Vec<Self> {
        (0..=n_steps).take(KEPT_CLOCKS as usize).map(|j| Self::new(j, rate, dt)).collect()
    }

    /// The clock of step `j` at an annual rate, steps of `dt` years.
    fn new(j: u64, rate: f64, dt: f64) -> Self {
        let at = |j: u64| rate * (j as f64 * dt);
        Self { j, discount: exp(-at(j)), growth: exp(at(j)), growth_before: exp(at(j.saturating_sub(1))) }
    }
}

/// What is tracked, compiled.
#[derive(Debug, Clone)]
pub enum BookPlan {
    /// Legs and their valuations.
    Options(OptionsPlan),
    /// Weights and benchmark.
    Basket(BasketPlan),
}

/// An options strategy, compiled.
#[derive(Debug, Clone)]
pub struct OptionsPlan {
    /// Cash at the start: premiums received.
    pub premium: f64,
    /// Shared Black–Scholes work.
    pub valuations: ValuationsPlan,
    /// Units of the asset itself in the strategy, by asset.
    pub holdings: Vec<f64>,
    /// e^{q dt} − 1 by asset: what a holding earns in a step.
    pub holding_yield: Vec<f64>,
    /// Rate of the Black–Scholes model.
    pub model_rate: f64,
}

/// A basket, compiled.
#[derive(Debug, Clone)]
pub struct BasketPlan {
    /// Cash at the start.
    pub value: f64,
    /// Target weight by asset.
    pub weights: Vec<f64>,
    /// Benchmark.
    pub track: Track,
    /// Whether weights may be negative or sum to more than 1.
    pub leverage: bool,
}

/// An option book: what its legs are worth at the start, and what values them.
fn options(strategy: &Strategy, scenario: &Scenario, prices: &PricesPlan) -> (BookPlan, Constants) {
    let grid = scenario.run.grid;
    let mut notional = 0.0;
    let mut premiums = Vec::new();
    let (mut premium, mut premium_gross) = (0.0, 0.0);
    for leg in &strategy.legs {
        let spot = prices.assets[leg.asset].s0;
        let fair = valuations::premium(leg, strategy, scenario, spot);
        premiums.push(fair);
        premium -= leg.quantity * fair;
        notional += spot * leg.quantity.abs();
        if leg.kind != LegKind::Spot {
            premium_gross += leg.quantity.abs() * fair;
        }
    }
    let earned = |asset: &Asset| exp(asset.dividend_yield * grid.dt()) - 1.0;
    let plan = OptionsPlan {
        premium,
        valuations: ValuationsPlan::new(strategy, scenario),
        model_rate: strategy.model_rate,
        holdings: valuations::holdings(strategy, prices.assets.len()),
        holding_yield: scenario.assets.iter().map(earned).collect(),
    };
    let (premium_gross, premiums) = (Some(premium_gross), Some(premiums));
    (BookPlan::Options(plan), Constants { years: grid.years(), notional, premium_gross, premiums })
}

/// A basket and its benchmark.
fn track(basket: &Basket, scenario: &Scenario, prices: &PricesPlan) -> (BookPlan, Constants) {
    let grid = scenario.run.grid;
    let start: Vec<(f64, f64)> = prices.assets.iter().map(|asset| (asset.s0, asset.x0)).collect();
    let volatilities: Vec<f64> =
        scenario.assets.iter().map(|a| a.process.constant_volatility().unwrap_or(0.0)).collect();
    let yields: Vec<f64> = scenario.assets.iter().map(|a| a.dividend_yield).collect();
    let terms = TrackTerms {
        start: &start,
        dividend_yields: &yields,
        volatilities: &volatilities,
        correlation: &scenario.correlation,
        rate: scenario.rate,
        dt: grid.dt(),
    };
    let plan = BasketPlan {
        value: basket.value,
        weights: basket.weights.clone(),
        track: Track::new(basket, terms),
        leverage: basket.leverage,
    };
    let (years, notional) = (grid.years(), basket.value);
    (BookPlan::Basket(plan), Constants { years, notional, premium_gross: None, premiums: None })
}

impl Plan {
    /// Compiles a checked scenario.
    ///
    /// # Errors
    ///
    /// Says what the scenario holds that cannot be run; `scenario::parse` lets none of it through.
    pub fn new(scenario: &Scenario) -> Result<Self, String> {
        let (grid, sampling) = (scenario.run.grid, scenario.run.sampling);
        let (n_paths, whole) = (scenario.run.paths, sampling.rounded_up(scenario.run.paths));
        if n_paths != whole {
            return Err(format!("{n_paths} paths are no whole number of units, {whole} would be"));
        }
        let prices = PricesPlan::new(scenario)?;
        let (book, constants) = match &scenario.target {
            Target::Options(strategy) => options(strategy, scenario, &prices),
            Target::Basket(basket) => track(basket, scenario, &prices),
        };
        let mut plan = Self {
            n_steps: grid.n_steps,
            dt: grid.dt(),
            step_seconds: grid.step_seconds(),
            rate: scenario.rate,
            seed: scenario.run.seed,
            units: units(scenario.run.sampling),
            control: ControlPlan::new(scenario, &prices),
            efficiency: EfficiencyTerms::new(scenario),
            prices,
            charge_initial: scenario.charge_initial,
            charge_final: scenario.charge_final,
            book,
            policies: Vec::new(),
            venue: VenuePlan::new(scenario),
            path_metrics: scenario.run.path_metrics,
            warmup: scenario.run.warmup,
            dust: 1e-9 * constants.notional,
            constants,
            times: times(grid.n_steps),
            accrues: false,
            by_weight: false,
            walks: false,
            clock: Now::kept(grid.n_steps, scenario.rate, grid.dt()),
            schedule: Schedule::default(),
        };
        plan.add_policies(scenario);
        Ok(plan)
    }

    /// Compiles the policies, and what follows from them for all.
    fn add_policies(&mut self, scenario: &Scenario) {
        let policies =
            scenario.policies.iter().map(|policy| PolicyPlan::new(policy, scenario, &mut self.book));
        self.policies = policies.collect();
        if let BookPlan::Options(book) = &mut self.book {
            let follows = self.policies.iter().filter(|policy| policy.decision.follows_width());
            let followed = follows.filter_map(|policy| policy.target).flat_map(|at| [at.width.0, at.width.1]);
            book.valuations.keep_widths(&followed.collect::<Vec<_>>());
        }
        self.accrues = self.accrues();
        self.by_weight = self.by_weight();
        self.walks = self.by_weight && self.walks();
        self.schedule = Schedule::new(self);
    }

    /// Whether it is a basket of several assets, traded at once and not path by path.
    fn by_weight(&self) -> bool {
        let (assets, basket) = (&self.prices.assets, matches!(self.book, BookPlan::Basket(_)));
        basket && self.venue.is_none() && assets.len() > 1 && assets.iter().all(|asset| asset.delay == 0)
    }

    /// Whether all prices are Brownian throughout, and the benchmark is rebalanced at every step.
    fn walks(&self) -> bool {
        let BookPlan::Basket(book) = &self.book else { return false };
        let plain = |asset: &AssetPlan| {
            matches!(asset.kernel, Kernel::Gbm(_)) && asset.stressed.is_empty() && asset.gaps.is_empty()
        };
        let PricesPlan { assets, stressed, .. } = &self.prices;
        book.track.is_recursive() && !book.leverage && stressed.is_empty() && assets.iter().all(plain)
    }

    /// Whether holding anything earns or costs more than cash does.
    fn accrues(&self) -> bool {
        let of_legs = match &self.book {
            BookPlan::Options(book) => {
                book.holdings.iter().zip(&book.holding_yield).any(|(units, rate)| units * rate != 0.0)
            }
            BookPlan::Basket(_) => false,
        };
        let of_hedge = |asset: &AssetPlan| {
            asset.carry() != 0.0 || asset.funding != 0.0 || (asset.perpetual && self.rate != 0.0)
        };
        of_legs || self.prices.assets.iter().any(of_hedge)
    }

    /// The same for a basket of the plain kernel with every path worked off by itself, which sees a portfolio lose all
    /// its value; the kernel does not look. `None` where the plan does so already, and for options.
    pub fn careful(&self, scenario: &Scenario) -> Option<Self> {
        let plain = self.venue.is_none() && matches!(self.book, BookPlan::Basket(_));
        plain.then(|| Self {
            venue: Some(VenuePlan::of(scenario)),
            by_weight: false,
            walks: false,
            ..self.clone()
        })
    }

    /// The clock of step `j`.
    #[inline(always)]
    pub fn now(&self, j: u64) -> Now {
        match self.clock.get(j as usize) {
            Some(now) => *now,
            None => Now::new(j, self.rate, self.dt),
        }
    }

    /// Sets what every policy does at step `j`, and what every valuation must give.
    #[inline(always)]
    pub(super) fn schedule(&self, j: u64, actions: &mut [Action], wants: &mut [Wants]) {
        self.schedule.set(self, j, actions, wants);
    }

    /// Whether an asset's first trade and its unwind are charged.
    pub fn charges(&self, asset: usize) -> (bool, bool) {
        match &self.venue {
            Some(venue) => (venue.assets[asset].charge_initial, venue.assets[asset].charge_final),
            None => (self.charge_initial, self.charge_final),
        }
    }

    /// What the book's own holding of an asset earns in a step, per unit of price.
    #[inline(always)]
    pub fn holding_yield(&self, asset: usize) -> f64 {
        match &self.book {
            BookPlan::Options(book) => book.holdings[asset] * book.holding_yield[asset],
            BookPlan::Basket(_) => 0.0,
        }
    }

    /// Whether option legs pay at step `j`.
    #[inline(always)]
    pub fn settles_at(&self, j: u64) -> bool {
        match &self.book {
            BookPlan::Options(book) => book.valuations.legs.iter().any(|leg| leg.expiry == j),
            BookPlan::Basket(_) => false,
        }
    }

    /// Whether some hedge volatility differs from path to path.
    pub fn moves(&self) -> bool {
        matches!(&self.book, BookPlan::Options(book) if book.valuations.moves())
    }

    /// Number of assets.
    pub fn n_assets(&self) -> usize {
        self.prices.assets.len()
    }

    /// Whether a policy's target is known: always for baskets, with a hedge volatility for options.
    pub fn has_target(&self, policy: &PolicyPlan) -> bool {
        matches!(self.book, BookPlan::Basket(_)) || policy.target.is_some()
    }

    /// Whether a figure is defined for every policy of this target (`Some(reason)` where it is not).
    pub fn undefined(&self, metric: &metric::Metric) -> Option<&'static str> {
        if metric.path_metric && !self.path_metrics {
            return Some("path_metrics = false");
        }
        match (&self.book, metric.key) {
            (_, "efficiency_constant") => self.efficiency.err(),
            (BookPlan::Options(_), "log_deviation" | "turnover_weight") => Some("baskets only"),
            _ => None,
        }
    }
}

/// At most 101 steps, evenly spread, first and last included.
fn times(n_steps: u64) -> Vec<u64> {
    let last = TIMELINE_TIMES - 1;
    if n_steps <= last {
        (0..=n_steps).collect()
    } else {
        (0..=last).map(|k| (u128::from(k) * u128::from(n_steps) / u128::from(last)) as u64).collect()
    }
}
