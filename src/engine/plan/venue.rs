//! What stands between orders and fills beyond the plain kernel, compiled.
use crate::book::{Settlement, Target};
use crate::market::cost::log_ou::LogOuStep;
use crate::market::cost::{BaseFee, GasTerms, Impact, PermanentTerms, PoolTerms, RandomBaseFee};
use crate::market::execution::Unfilled;
use crate::policy::Rule;
use crate::scenario::{Asset, Scenario};
use crate::units::Period;

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
    /// Funding per notional at a boundary, and steps between boundaries.
    pub boundaries: Option<(f64, u64)>,
    /// Whether its first trade pays.
    pub charge_initial: bool,
    /// Whether its unwind pays.
    pub charge_final: bool,
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
        let ruled = scenario
            .policies
            .iter()
            .any(|policy| matches!(policy.rule, Rule::TriggerRule(_) | Rule::LeverageTarget(_)));
        let plain = scenario.assets.iter().all(|asset| is_plain(asset, n_steps));
        let needed = !plain || by_oracle || leverage || ruled;
        needed.then(|| Self { by_oracle, ..Self::of(scenario) })
    }

    /// The same for any scenario.
    pub(super) fn of(scenario: &Scenario) -> Self {
        let mut fees = Vec::new();
        Self {
            assets: scenario.assets.iter().map(|asset| VenueAsset::new(asset, scenario, &mut fees)).collect(),
            batch: scenario.batch_gas.is_some(),
            batch_gas: scenario.batch_gas.as_ref().map(|terms| GasPlan::new(terms, scenario, &mut fees)),
            fees,
            by_oracle: false,
        }
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
    let temporary = matches!(&asset.costs.impact, Some(Impact::SquareRoot(model)) if model.adv == Some(0.0));
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
            boundaries: costs.funding.boundaries().map(|(rate, every)| (rate * (every as f64 * dt), every)),
            charge_initial: costs.charge_initial.unwrap_or(scenario.charge_initial),
            charge_final: costs.charge_final.unwrap_or(scenario.charge_final),
        }
    }
}
