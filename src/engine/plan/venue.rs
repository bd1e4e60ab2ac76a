//! What stands between orders and fills beyond the plain kernel, compiled.
use crate::book::{Settlement, Target};
use crate::market::congestion::{Congested, CongestionStep};
use crate::market::cost::ar1::RateStep;
use crate::market::cost::log_ou::LogOuStep;
use crate::market::cost::volatility_scaled::SpreadStep;
use crate::market::cost::{
    BaseFee, Funding, GasTerms, MovingRate, MovingSpread, PermanentTerms, PoolTerms, RandomBaseFee,
};
use crate::market::execution::Unfilled;
use crate::market::gauge::Gauge;
use crate::market::latency::Law;
use crate::market::shock;
use crate::policy::Rule;
use crate::scenario::{Asset, Scenario};
use crate::units::{Grid, Period};

/// Frictions and rules that are worked off path by path; a scenario without any has none of this.
#[derive(Debug, Clone)]
pub struct VenuePlan {
    /// One for each asset.
    pub assets: Vec<VenueAsset>,
    /// Whether all orders of a decision that are due together are one transaction.
    pub batch: bool,
    /// Its gas.
    pub batch_gas: Option<GasPlan>,
    /// Base fees that move, each once.
    pub fees: Vec<FeePlan>,
    /// Funding rates that move.
    pub rates: Vec<RateStep>,
    /// What makes frictions worse together.
    pub congestion: Option<CongestionStep>,
    /// Whether options pay by what the oracle shows.
    pub by_oracle: bool,
}

/// One asset's part.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of an asset")]
pub struct VenueAsset {
    /// Units an order is rounded to.
    pub lot: Option<f64>,
    /// Least notional of an order.
    pub min_trade: f64,
    /// Steps from decision to fill.
    pub delay: u64,
    /// Law of the delay, where it is not the same for all orders.
    pub waits: Option<Law>,
    /// Probability that an attempt fails.
    pub failure: f64,
    /// Its half-spread, where that moves.
    pub spread: Option<SpreadPlan>,
    /// Fee of an update of its pull feed, in currency.
    pub update_fee: f64,
    /// Notional that a step has room for.
    pub room: Option<f64>,
    /// Whether the rest waits.
    pub queues: bool,
    /// How much worse the mid may stand; infinite where any amount.
    pub tolerance: f64,
    /// Further tries of a failed transaction.
    pub retries: u32,
    /// Age in steps beyond which nothing is sent; infinite without a limit.
    pub staleness: f64,
    /// An impact model without volume refuses every charged trade.
    pub no_volume: bool,
    /// Permanent impact.
    pub permanent: Option<PermanentTerms>,
    /// Pool.
    pub pool: Option<PoolTerms>,
    /// Gas of its own transactions.
    pub gas: Option<GasPlan>,
    /// Paid for a step's short position, per notional.
    pub borrow: f64,
    /// Funding at boundaries.
    pub boundaries: Option<BoundaryPlan>,
    /// Whether its first trade pays.
    pub charge_initial: bool,
    /// Whether its unwind pays.
    pub charge_final: bool,
}

/// A half-spread that moves.
#[derive(Debug, Clone, PartialEq)]
pub struct SpreadPlan {
    /// What the costs of a fill hold already.
    pub at_rest: f64,
    /// Its law; `None` where congestion alone moves it.
    pub law: Option<SpreadStep>,
    /// Whether congestion moves it.
    pub congested: bool,
}

/// Funding at boundaries.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct BoundaryPlan {
    /// Steps between two boundaries.
    pub every: u64,
    /// Paid at one, per notional, where the rate stands still.
    pub paid: f64,
    /// Place of the rate among those that move.
    pub rate: Option<usize>,
}

/// A base fee that moves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct FeePlan {
    /// The gas asset.
    pub asset: usize,
    /// Its law.
    pub step: LogOuStep,
}

/// Gas of a transaction.
#[derive(Debug, Clone, Copy)]
pub struct GasPlan {
    /// In units of the gas asset, where the base fee stands still.
    pub units: f64,
    /// The gas asset.
    pub asset: usize,
    /// Place of the base fee among those that move.
    pub fee: Option<usize>,
    /// Added to the base fee, in gwei.
    pub tip_gwei: f64,
    /// Gas used.
    pub gas_units: f64,
}

impl GasPlan {
    /// Its base fee joins `fees` where it moves and is not there yet.
    fn new(terms: &GasTerms, scenario: &Scenario, fees: &mut Vec<FeePlan>) -> Self {
        let &GasTerms { gas_units, tip_gwei, asset, .. } = terms;
        let (base_fee, fee) = match &terms.base_fee {
            BaseFee::Constant(base_fee) => (*base_fee, None),
            BaseFee::Random(RandomBaseFee::LogOu(law)) => {
                let grid = &scenario.run.grid;
                let volatility = scenario.assets[asset].process.volatility_at_start(grid);
                let plan = FeePlan { asset, step: law.on(grid, asset, volatility) };
                let at = fees.iter().position(|each| *each == plan).unwrap_or_else(|| {
                    fees.push(plan);
                    fees.len() - 1
                });
                (law.mean, Some(at))
            }
        };
        Self { units: GasTerms::units(base_fee, tip_gwei, gas_units), asset, fee, tip_gwei, gas_units }
    }
}

impl VenuePlan {
    /// The extensions of a scenario; `None` where the plain kernel runs it.
    pub(super) fn new(scenario: &Scenario) -> Option<Self> {
        let by_oracle =
            matches!(&scenario.target, Target::Options(all) if all.settlement == Settlement::Oracle);
        let leverage = matches!(&scenario.target, Target::Basket(basket) if basket.leverage);
        let n_steps = scenario.run.grid.n_steps;
        let ruled = scenario.policies.iter().any(|policy| {
            matches!(policy.rule, Rule::TriggerRule(_) | Rule::LeverageTarget(_) | Rule::Proportional(_))
        });
        let plain = scenario.assets.iter().all(|asset| is_plain(asset, n_steps));
        let needed = !plain || by_oracle || leverage || ruled || scenario.congestion.is_some();
        needed.then(|| Self { by_oracle, ..Self::of(scenario) })
    }

    /// The same for any scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let congestion = scenario.congestion.as_ref().map(|terms| {
            let first = terms.law.reference_volatility;
            terms.on(gauge(scenario, terms.asset, terms.law.half_life, first))
        });
        let (mut fees, mut rates) = (Vec::new(), Vec::new());
        let assets = scenario.assets.iter().enumerate().map(|(i, asset)| {
            let mut plan = VenueAsset::new(asset, scenario, &mut fees);
            plan.boundaries = boundaries(asset, i, scenario.run.grid.dt(), &mut rates);
            plan.spread = spread(scenario, i, congestion.as_ref());
            let stretched = congestion.as_ref().is_some_and(|step| step.moves(Congested::Delay));
            plan.waits = waits(asset, stretched, &scenario.run.grid);
            plan
        });
        Self {
            assets: assets.collect(),
            batch: scenario.batch_gas.is_some(),
            batch_gas: scenario.batch_gas.as_ref().map(|terms| GasPlan::new(terms, scenario, &mut fees)),
            fees,
            rates,
            congestion,
            by_oracle: false,
        }
    }
}

/// What shows how volatile an asset is; its first value where the law does not say it is `first`, a year.
fn gauge(scenario: &Scenario, asset: usize, half_life: Option<Period>, first: f64) -> Gauge {
    let (grid, own) = (&scenario.run.grid, &scenario.assets[asset]);
    let struck: Vec<&shock::Shock> =
        scenario.shocks.iter().filter(|shock| shock.strikes(&own.symbol)).collect();
    let strengths =
        shock::windows(&struck).into_iter().map(|(from, to, acting)| (from, to, shock::strength(&acting)));
    let own_law = half_life.is_none().then(|| Gauge::own(own.process.own_variance(), strengths.collect()));
    own_law.flatten().unwrap_or_else(|| {
        let first = own.process.volatility_at_start(grid).unwrap_or(first);
        Gauge::realised(half_life.unwrap_or(Period::Steps(1)), grid, first)
    })
}

/// The half-spread of an asset, where anything moves it.
fn spread(scenario: &Scenario, asset: usize, congestion: Option<&CongestionStep>) -> Option<SpreadPlan> {
    let costs = &scenario.assets[asset].costs;
    let congested = congestion.is_some_and(|step| step.moves(Congested::HalfSpread));
    let law = costs.moving_spread.as_ref().map(|MovingSpread::VolatilityScaled(law)| {
        law.on(gauge(scenario, asset, law.half_life, law.reference_volatility))
    });
    let moves = law.is_some() || congested;
    moves.then_some(SpreadPlan { at_rest: costs.half_spread, law, congested })
}

/// Funding at boundaries; a rate that moves joins `rates`.
fn boundaries(asset: &Asset, index: usize, dt: f64, rates: &mut Vec<RateStep>) -> Option<BoundaryPlan> {
    let (rate, every) = asset.costs.funding.boundaries()?;
    let paid = rate.unwrap_or(0.0) * (every as f64 * dt);
    let rate = match &asset.costs.funding {
        Funding::Moving { rate: MovingRate::Ar1(law), .. } => {
            rates.push(law.on(every, dt, index));
            Some(rates.len() - 1)
        }
        _ => None,
    };
    Some(BoundaryPlan { every, paid, rate })
}

/// Law of the delay, where orders do not all take the same time.
fn waits(asset: &Asset, stretched: bool, grid: &Grid) -> Option<Law> {
    match &asset.random_delay {
        Some(law) => Some(law.law(grid)),
        None => stretched.then_some(Law::Fixed(asset.delay as f64)),
    }
}

/// Whether an asset's orders fill as the plain kernel fills them.
fn is_plain(asset: &Asset, n_steps: u64) -> bool {
    let costs = &asset.costs;
    let fresh = asset.oracle.as_ref().is_none_or(|oracle| oracle.staleness_limit.is_none());
    asset.execution.is_plain()
        && fresh
        // orders that never fill are still counted
        && asset.delay < n_steps
        && asset.random_delay.is_none()
        && costs.moving_spread.is_none()
        && asset.oracle.as_ref().is_none_or(|oracle| oracle.update_fee.is_none())
        && costs.permanent_impact.is_none()
        && costs.pool.is_none()
        && costs.gas.is_none()
        && costs.borrow == 0.0
        && costs.funding.boundaries().is_none()
        && costs.charge_initial.is_none()
        && costs.charge_final.is_none()
        && !no_volume(asset)
}

/// Whether a model of impact has no volume to trade in.
fn no_volume(asset: &Asset) -> bool {
    let temporary = asset.costs.impact.as_ref().is_some_and(|impact| impact.adv() == Some(0.0));
    temporary || asset.costs.permanent_impact.as_ref().is_some_and(|terms| terms.adv == 0.0)
}

impl VenueAsset {
    fn new(asset: &Asset, scenario: &Scenario, fees: &mut Vec<FeePlan>) -> Self {
        let (costs, execution, grid) = (&asset.costs, &asset.execution, &scenario.run.grid);
        let dt = grid.dt();
        let volume = costs.adv.unwrap_or(0.0) * dt * grid.days_per_year;
        let limit = asset.oracle.as_ref().and_then(|oracle| oracle.staleness_limit);
        Self {
            lot: execution.lot,
            min_trade: execution.min_trade.unwrap_or(0.0),
            delay: asset.delay,
            waits: None,
            failure: execution.failure.unwrap_or(0.0),
            spread: None,
            update_fee: asset.oracle.as_ref().and_then(|oracle| oracle.update_fee).unwrap_or(0.0),
            room: execution.participation.map(|share| share * volume),
            queues: execution.unfilled == Unfilled::Queue,
            tolerance: execution.slippage_tolerance.unwrap_or(f64::INFINITY),
            retries: execution.retries,
            staleness: limit.map_or(f64::INFINITY, |limit: Period| limit.steps() as f64),
            no_volume: no_volume(asset),
            permanent: costs.permanent_impact,
            pool: costs.pool,
            gas: costs.gas.as_ref().map(|terms| GasPlan::new(terms, scenario, fees)),
            borrow: costs.borrow * dt,
            boundaries: None,
            charge_initial: costs.charge_initial.unwrap_or(scenario.charge_initial),
            charge_final: costs.charge_final.unwrap_or(scenario.charge_final),
        }
    }
}
