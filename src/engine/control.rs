//! A control variate for every path: what the prices' surprises did to it, whose mean is zero.
use pulp::NullaryFnOnce;

use crate::book::valuation::LegTerms;
use crate::book::{Basket, Benchmark, LegKind, Strategy, Target};
use crate::market::price::Process;
use crate::math::{B, Lanes, exp};
use crate::scenario::Scenario;
use crate::units::Grid;

use super::block::{Level, Observer};
use super::plan::{Plan, PricesPlan};
use super::state::BlockState;

/// The control, compiled.
///
/// With `μ_i` the drift of asset `i` the surprise of a step is `S_ij − S_i,j−1·e^{μ_i dt}`, of mean zero given all before
/// it. The control is the sum over the steps of
///
/// ```text
/// e^{m(T − t_j)} · Σ_i (h_i,j−1 − b_i,j−1) · surprise_ij
/// ```
///
/// `h` the units held over the step and `b` the benchmark's: the discrete `∫ x σ dW` of the tracking exposure `x`, a
/// martingale transform with mean exactly zero whatever the policy, oracle, delays and costs. Baskets: `b_i = w_i B/S_i`
/// (`w_i V_0/S_i0` for `buy_and_hold`), `m = Σ w_i μ_i + (1 − Σ w_i) r`. Options: `b = 0`, `m = r`, and the legs add
/// `Σ quantity·e^{r(T − T_e)}·(payoff − E payoff)`, the mean by the log-normal law: the hedge without costs.
///
/// Source: P. Glasserman (2004), "Monte Carlo Methods in Financial Engineering", §4.1; M. Clewlow and A. Carverhill (1994),
/// "On the simulation of contingent claims", Journal of Derivatives 2(2) (hedges as controls).
#[derive(Debug, Clone)]
pub struct ControlPlan {
    /// e^{μ dt} by asset.
    growth: Vec<f64>,
    /// The exponent m, per year.
    rate: f64,
    book: Exposure,
}

/// What stands against the units held.
#[derive(Debug, Clone)]
enum Exposure {
    /// Weights of a benchmark that is rebalanced.
    Mix(Vec<f64>),
    /// Units of a benchmark that is held.
    Units(Vec<f64>),
    /// Legs with the means of their payoffs, and units of the assets themselves with theirs.
    Legs(Vec<Leg>, Vec<f64>),
}

impl Exposure {
    /// What stands against the units held of asset `i`, at its price and the benchmark's value.
    #[inline(always)]
    fn tracked(&self, i: usize, price: &Lanes, benchmark: &Lanes) -> Lanes {
        match self {
            Self::Mix(weights) => {
                let mut tracked = Lanes::ZERO;
                for lane in 0..B {
                    tracked[lane] = weights[i] * benchmark[lane] / price[lane];
                }
                tracked
            }
            Self::Units(units) => Lanes::splat(units[i]),
            Self::Legs(_, units) => Lanes::splat(-units[i]),
        }
    }
}

#[derive(Debug, Clone)]
struct Leg {
    terms: LegTerms,
    /// Step of expiry, at most the last.
    expiry: u64,
    mean: f64,
}

impl ControlPlan {
    /// None where the scenario asks for none.
    pub(super) fn new(scenario: &Scenario, prices: &PricesPlan) -> Option<Self> {
        if !scenario.run.control_variates {
            return None;
        }
        let grid = scenario.run.grid;
        let drifts: Vec<f64> =
            scenario.assets.iter().map(|asset| drift(&asset.process)).collect::<Option<_>>()?;
        let (rate, book) = match &scenario.target {
            Target::Basket(basket) => of_basket(basket, scenario.rate, &drifts, prices),
            Target::Options(strategy) => (scenario.rate, of_options(strategy, grid, &drifts, prices)?),
        };
        Some(Self { growth: drifts.iter().map(|drift| exp(drift * grid.dt())).collect(), rate, book })
    }
}

/// The exponent and the benchmark's weights or units.
fn of_basket(basket: &Basket, rate: f64, drifts: &[f64], prices: &PricesPlan) -> (f64, Exposure) {
    let invested: f64 = basket.weights.iter().sum();
    let drift: f64 = basket.weights.iter().zip(drifts).map(|(weight, drift)| weight * drift).sum();
    let units = || basket.weights.iter().zip(&prices.assets).map(|(w, asset)| w * basket.value / asset.s0);
    let book = match basket.benchmark {
        Benchmark::BuyAndHold => Exposure::Units(units().collect()),
        Benchmark::ConstantMixStep | Benchmark::ConstantMixContinuous => {
            Exposure::Mix(basket.weights.clone())
        }
    };
    (drift + (1.0 - invested) * rate, book)
}

/// The legs with the means of their payoffs; none where a mean is not known.
fn of_options(strategy: &Strategy, grid: Grid, drifts: &[f64], prices: &PricesPlan) -> Option<Exposure> {
    let mut legs = Vec::new();
    for leg in strategy.legs.iter().filter(|leg| leg.kind != LegKind::Spot) {
        let (drift, asset) = (drifts[leg.asset], &prices.assets[leg.asset]);
        // the forward measure of the true drift: no yield, no discount
        let terms = LegTerms::new(leg, drift, 0.0)?;
        let expiry = leg.expiry.min(grid.n_steps);
        let years = expiry as f64 * grid.dt();
        let mean = terms.price(asset.s0, asset.volatility?, years) * exp(drift * years);
        legs.push(Leg { terms, expiry, mean });
    }
    let mut units = vec![0.0; prices.assets.len()];
    for leg in strategy.legs.iter().filter(|leg| leg.kind == LegKind::Spot) {
        units[leg.asset] += leg.quantity;
    }
    Some(Exposure::Legs(legs, units))
}

/// The drift of the price, where that is the mean of its next step's growth.
fn drift(process: &Process) -> Option<f64> {
    match process {
        Process::Gbm(law) => Some(law.drift),
        Process::Merton(law) => Some(law.drift),
        Process::Kou(law) => Some(law.drift),
        Process::Heston(law) => Some(law.drift),
        Process::Bates(law) => Some(law.drift),
        _ => None,
    }
}

/// Adds up the control of every policy while a block runs.
pub(super) struct ControlObserver<'a> {
    control: &'a ControlPlan,
    level: Level,
    /// By policy.
    pub(super) sums: Vec<Lanes>,
    prices: Vec<Lanes>,
    /// Tracking exposure in units by policy, by asset.
    exposures: Vec<Vec<Lanes>>,
}

impl<'a> ControlObserver<'a> {
    pub(super) fn new(control: &'a ControlPlan, plan: &Plan, level: Level) -> Self {
        let (n_policies, n_assets) = (plan.policies.len(), plan.n_assets());
        Self {
            control,
            level,
            sums: vec![Lanes::ZERO; n_policies],
            prices: vec![Lanes::ZERO; n_assets],
            exposures: vec![vec![Lanes::ZERO; n_assets]; n_policies],
        }
    }
}

impl Observer for ControlObserver<'_> {
    fn after_step(&mut self, plan: &Plan, state: &BlockState, j: u64) {
        let level = self.level;
        level.run(Step { observer: self, plan, state, j });
    }
}

struct Step<'a, 'b> {
    observer: &'a mut ControlObserver<'b>,
    plan: &'a Plan,
    state: &'a BlockState,
    j: u64,
}

impl NullaryFnOnce for Step<'_, '_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let Self { observer, plan, state, j } = self;
        let ControlObserver { control, sums, prices, exposures, .. } = observer;
        let worth = exp(control.rate * ((plan.n_steps - j) as f64 * plan.dt));
        for (i, (before, price)) in prices.iter_mut().zip(&state.market.prices).enumerate() {
            if j > 0 {
                let mut surprise = Lanes::ZERO;
                for lane in 0..B {
                    surprise[lane] = worth * before[lane].mul_add(-control.growth[i], price.s[lane]);
                }
                for (sum, exposures) in sums.iter_mut().zip(exposures.iter()) {
                    for lane in 0..B {
                        sum[lane] = exposures[i][lane].mul_add(surprise[lane], sum[lane]);
                    }
                }
            }
            *before = price.s;
            let tracked = control.book.tracked(i, &price.s, &state.benchmark);
            for (exposures, account) in exposures.iter_mut().zip(&state.accounts) {
                for lane in 0..B {
                    exposures[i][lane] = account.holdings[i].held[lane] - tracked[lane];
                }
            }
        }
        if let Exposure::Legs(legs, _) = &control.book {
            for leg in legs.iter().filter(|leg| leg.expiry == j) {
                let s = &state.market.prices[leg.terms.asset].s;
                for sum in sums.iter_mut() {
                    for lane in 0..B {
                        sum[lane] += leg.terms.quantity * worth * (leg.terms.payoff(s[lane]) - leg.mean);
                    }
                }
            }
        }
    }
}
