//! Market, oracles and frictions, compiled.
use std::sync::Arc;

use crate::market::correlation::Mixer;
use crate::market::cost::{Costs, Impact};
use crate::market::execution::HedgeInstrument;
use crate::market::oracle;
use crate::market::price::bootstrap::{Dates, Resample};
use crate::market::price::history::Replay;
use crate::market::price::{Kernel, Process};
use crate::market::series::Feed;
use crate::market::shock::{self, Shock};
use crate::math::{exp, ln};
use crate::scenario::{Asset, Scenario};
use crate::units::Grid;

use super::super::sampling::SamplingPlan;

/// All assets' prices.
#[derive(Debug, Clone)]
pub struct PricesPlan {
    /// One for each asset.
    pub assets: Vec<AssetPlan>,
    /// Correlates the Gaussian drivers; `None` = independent.
    pub mixer: Option<Mixer>,
    /// Others in its place, on the steps `from < j ≤ to` of a shock.
    pub stressed: Vec<(u64, u64, Option<Mixer>)>,
    /// Dates drawn for all bootstrapped assets.
    pub dates: Option<Dates>,
    /// Whether some asset is seen through an oracle.
    pub any_oracle: bool,
    /// How the normals of the paths hang together; `None` = they do not.
    pub sampling: Option<SamplingPlan>,
}

/// One asset.
#[derive(Debug, Clone)]
pub struct AssetPlan {
    /// Price at the start.
    pub s0: f64,
    /// Its logarithm.
    pub x0: f64,
    /// Variance at the start, where it moves.
    pub initial_variance: f64,
    /// Law of its price.
    pub kernel: Kernel,
    /// Laws in its place, on the steps `from < j ≤ to` of a shock.
    pub stressed: Vec<(u64, u64, Kernel)>,
    /// What shocks multiply its volatility by, on their steps `from < j ≤ to`.
    pub strengths: Vec<(u64, u64, f64)>,
    /// Volatility between jumps, where it is constant; else the root of the variance.
    pub volatility: Option<f64>,
    /// Moves of the log price on top of it, by step.
    pub gaps: Vec<(u64, f64)>,
    /// What policies see; `None` = the true price.
    pub oracle: Option<oracle::View>,
    /// Steps from decision to fill.
    pub delay: usize,
    /// Whether an order of the life can fill before the end.
    pub fills: bool,
    /// What a fill costs.
    pub cost: FillCost,
    /// Funding of one step per notional held.
    pub funding: f64,
    /// e^{q dt} − 1 on a spot position, 0 on a perpetual.
    pub yield_per_step: f64,
    /// Whether the position earns interest on the margin balance.
    pub perpetual: bool,
}

/// Cost of a fill of notional `nt`: `proportional·nt + fixed + impact·sqrt(nt)·nt`, or `impact·nt·nt` at the end.
#[derive(Debug, Clone, Copy, Default)]
pub struct FillCost {
    /// Fraction of the notional: fee and half-spread together.
    pub proportional: f64,
    /// The fee's part of it.
    pub fee: f64,
    /// The half-spread's part of it.
    pub half_spread: f64,
    /// Currency per fill.
    pub fixed: f64,
    /// Factor of the impact; 0 = none.
    pub impact: f64,
    /// Whether the impact is linear in the order, not its square root.
    pub linear: bool,
}

impl FillCost {
    fn new(costs: &Costs) -> Self {
        let (impact, linear) = match &costs.impact {
            Some(Impact::SquareRoot(model)) => (model.factor(), false),
            Some(Impact::Linear(model)) => (model.factor(), true),
            None => (0.0, false),
        };
        Self {
            proportional: costs.fee + costs.half_spread,
            fee: costs.fee,
            half_spread: costs.half_spread,
            fixed: costs.fixed_fee,
            impact,
            linear,
        }
    }

    /// Cost of a fill in currency.
    #[inline(always)]
    pub fn of(&self, notional: f64) -> f64 {
        let fixed = if notional > 0.0 { self.fixed } else { 0.0 };
        self.proportional.mul_add(notional, fixed) + self.impact_of(notional)
    }

    /// The impact's part.
    #[inline(always)]
    pub fn impact_of(&self, notional: f64) -> f64 {
        let share = if self.linear { notional } else { notional.sqrt() };
        self.impact * share * notional
    }
}

impl PricesPlan {
    pub(super) fn new(scenario: &Scenario) -> Result<Self, String> {
        let grid = scenario.run.grid;
        let assets: Result<Vec<_>, String> = scenario
            .assets
            .iter()
            .enumerate()
            .map(|(index, asset)| AssetPlan::new(asset, index, grid, &scenario.shocks))
            .collect();
        let assets = assets?;
        let mixer = Mixer::new(&scenario.correlation).map_err(|fault| fault.to_string())?;
        let joined: Vec<&Shock> =
            scenario.shocks.iter().filter(|shock| matches!(shock, Shock::Correlation(_))).collect();
        let mut stressed = Vec::new();
        for (from, to, acting) in shock::windows(&joined) {
            let matrix = shock::correlated(&scenario.correlation, &acting);
            stressed.push((from, to, Mixer::new(&matrix).map_err(|fault| fault.to_string())?));
        }
        let dates = scenario.assets.iter().find_map(|asset| match &asset.feed {
            Feed::Blocks { admissible, next, end_probability, .. } => {
                Some(Dates::new(Arc::clone(admissible), Arc::clone(next), *end_probability))
            }
            _ => None,
        });
        let any_oracle = assets.iter().any(|asset| asset.oracle.is_some());
        let sampling = SamplingPlan::new(scenario, &assets);
        Ok(Self { assets, mixer, stressed, dates, any_oracle, sampling })
    }
}

impl PricesPlan {
    /// What correlates the drivers at step `j`.
    #[inline(always)]
    pub fn mixer_at(&self, j: u64) -> Option<&Mixer> {
        let acting = self.stressed.iter().find(|(from, to, _)| *from < j && j <= *to);
        acting.map_or(self.mixer.as_ref(), |(.., mixer)| mixer.as_ref())
    }
}

impl AssetPlan {
    fn new(asset: &Asset, index: usize, grid: Grid, shocks: &[Shock]) -> Result<Self, String> {
        let dt = grid.dt();
        let (s0, law) = kernel(asset, index, &grid, 1.0)?;
        let struck: Vec<&Shock> = shocks.iter().filter(|shock| shock.strikes(&asset.symbol)).collect();
        let (mut stressed, mut strengths) = (Vec::new(), Vec::new());
        for (from, to, acting) in shock::windows(&struck) {
            let strength = shock::strength(&acting);
            if strength != 1.0 {
                stressed.push((from, to, kernel(asset, index, &grid, strength)?.1));
                strengths.push((from, to, strength));
            }
        }
        let gaps = struck.iter().filter_map(|shock| match shock {
            Shock::Gap(gap) => Some((gap.at.steps(), ln(1.0 + gap.size.0))),
            _ => None,
        });
        let perpetual = asset.hedge_instrument == HedgeInstrument::Perpetual;
        Ok(Self {
            s0,
            x0: ln(s0),
            initial_variance: asset.process.initial_variance(),
            kernel: law,
            stressed,
            strengths,
            volatility: asset.process.constant_diffusion(),
            gaps: gaps.collect(),
            oracle: asset.oracle.as_ref().map(|oracle| {
                oracle::View::new(oracle, &grid, index, asset.process.volatility_at_start(&grid))
            }),
            delay: asset.delay.min(grid.n_steps) as usize,
            fills: asset.delay < grid.n_steps,
            cost: FillCost::new(&asset.costs),
            funding: asset.costs.funding.continuous() * dt,
            yield_per_step: if perpetual { 0.0 } else { exp(asset.dividend_yield * dt) - 1.0 },
            perpetual,
        })
    }

    /// Its law at step `j`.
    #[inline(always)]
    pub fn kernel_at(&self, j: u64) -> &Kernel {
        let acting = self.stressed.iter().find(|(from, to, _)| *from < j && j <= *to);
        acting.map_or(&self.kernel, |(.., kernel)| kernel)
    }

    /// Whether a plain run can pay cost `k` of [`crate::metric::COSTS`] on it.
    pub fn pays(&self, k: usize) -> bool {
        let cost = &self.cost;
        let rates = [cost.fee, cost.fixed, cost.half_spread, cost.impact, self.funding];
        rates.get(k).is_some_and(|rate| *rate != 0.0)
    }

    /// What its volatility is multiplied by over the step that ends at `j`.
    #[inline(always)]
    pub fn strength_at(&self, j: u64) -> f64 {
        self.strengths
            .iter()
            .find(|(from, to, _)| *from < j && j <= *to)
            .map_or(1.0, |(.., strength)| *strength)
    }

    /// What holding costs or earns in a step beside interest, per notional.
    pub fn carry(&self) -> f64 {
        self.yield_per_step - self.funding
    }
}

/// Price at the start and kernel of an asset.
fn kernel(asset: &Asset, index: usize, grid: &Grid, strength: f64) -> Result<(f64, Kernel), String> {
    let kernel = match (&asset.process, &asset.feed) {
        (Process::Path(_), Feed::Path(prices)) => {
            return Ok((prices[0], Kernel::Data(Replay::Path(Arc::clone(prices)))));
        }
        (Process::History(_), Feed::Windows { prices, starts, rows_per_step, raw }) => {
            let replay = Replay::Windows {
                prices: Arc::clone(prices),
                starts: Arc::clone(starts),
                rows_per_step: *rows_per_step,
                spot: (!raw).then_some(asset.spot),
            };
            let s0 = if *raw { prices[starts[0]] } else { asset.spot };
            return Ok((s0, Kernel::Data(replay)));
        }
        (Process::Bootstrap(_), Feed::Blocks { returns, .. }) => {
            Kernel::Blocks(Resample { returns: Arc::clone(returns) })
        }
        (process, _) => law(process, index, grid, strength)
            .ok_or_else(|| format!("{}: `{}` has no data", asset.symbol, process.name()))?,
    };
    Ok((asset.spot, kernel))
}

/// Kernel of a process that needs no data.
fn law(process: &Process, index: usize, grid: &Grid, strength: f64) -> Option<Kernel> {
    let dt = grid.dt();
    Some(match process {
        Process::Gbm(model) => Kernel::Gbm(model.step(dt, strength)),
        Process::Merton(model) => {
            let (step, clock) = model.step(dt, strength, index);
            Kernel::Jumps(step, clock)
        }
        Process::Kou(model) => {
            let (step, clock) = model.step(dt, strength, index);
            Kernel::Jumps(step, clock)
        }
        Process::Heston(model) => Kernel::Heston(Box::new(model.step(dt, strength))),
        Process::Bates(model) => {
            let (step, clock) = model.step(dt, strength, index);
            Kernel::Bates(Box::new(step), clock)
        }
        Process::Garch(model) => Kernel::Garch(Box::new(model.step(grid, strength, index))),
        Process::Regime(model) => Kernel::Regime(Box::new(model.step(grid, strength, index))),
        Process::OrnsteinUhlenbeck(model) => {
            let (step, clock) = model.step(dt, strength, index);
            Kernel::Reverting(step, clock)
        }
        Process::Path(_) | Process::History(_) | Process::Bootstrap(_) => return None,
    })
}
