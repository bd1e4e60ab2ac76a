//! A run with someone looking on after every step: for sums over a path that no figure of the run holds.
use crate::market::price::PriceState;
use crate::math::{B, Lanes};
use crate::scenario::Scenario;

use super::block::{self, Observer};
use super::fold::Fold;
use super::outcome::Outcome;
use super::plan::Plan;
use super::run::{Execution, RunError};
use super::shard::Shard;
use super::simulation::{Onlooker, Simulation};
use super::state::{Account, BlockState};
use super::step::Job;

/// Looks on while a block of paths runs, and keeps what it wants of every step.
///
/// One is made for each block. It sees and cannot touch: the run's own figures are the same bits without it.
pub trait Watch: Send {
    /// After all of step `j`, from 0 to the last.
    fn after_step(&mut self, glance: &Glance<'_>);

    /// What it kept: columns of one number a path.
    fn columns(&self) -> Vec<Lanes>;
}

/// A block after a step; policies and assets stand in the order of the scenario.
#[derive(Debug, Clone, Copy)]
pub struct Glance<'a> {
    plan: &'a Plan,
    state: &'a BlockState,
    j: u64,
}

impl<'a> Glance<'a> {
    /// The step.
    pub fn step(&self) -> u64 {
        self.j
    }

    /// First step that counts in path metrics.
    pub fn warmup(&self) -> u64 {
        self.plan.warmup
    }

    /// Last step.
    pub fn last(&self) -> u64 {
        self.plan.n_steps
    }

    /// One step in years.
    pub fn dt(&self) -> f64 {
        self.plan.dt
    }

    fn asset(&self, asset: usize) -> &'a PriceState {
        &self.state.market.prices[asset]
    }

    fn account(&self, policy: usize) -> &'a Account {
        &self.state.accounts[policy]
    }

    /// True price.
    pub fn price(&self, asset: usize) -> &'a Lanes {
        &self.asset(asset).s
    }

    /// Its logarithm.
    pub fn log_price(&self, asset: usize) -> &'a Lanes {
        &self.asset(asset).x
    }

    /// One step in seconds.
    pub fn step_seconds(&self) -> f64 {
        self.plan.step_seconds
    }

    /// Number of assets.
    pub fn n_assets(&self) -> usize {
        self.plan.n_assets()
    }

    /// Where an asset has an oracle: the price it shows, and the step of that price. Not of the last step.
    pub fn seen(&self, asset: usize) -> Option<(&'a Lanes, &'a Lanes)> {
        self.plan.prices.assets[asset].oracle.as_ref()?;
        let feed = self.state.feeds.get(asset)?;
        Some((&feed.seen, &feed.seen_at))
    }

    /// Units held after the step's trades.
    pub fn held(&self, policy: usize, asset: usize) -> &'a Lanes {
        &self.account(policy).holdings[asset].held
    }

    /// Fills of one asset so far.
    pub fn trades(&self, policy: usize, asset: usize) -> &'a Lanes {
        &self.account(policy).holdings[asset].trades
    }

    /// Marked portfolio after the step's trades, at the last step before the unwind (with `path_metrics`).
    pub fn mark(&self, policy: usize) -> &'a Lanes {
        &self.account(policy).path.mark
    }

    /// Benchmark of a basket.
    pub fn benchmark(&self) -> &'a Lanes {
        &self.state.benchmark
    }

    /// Σ|q|S/V so far (baskets).
    pub fn turnover_weight(&self, policy: usize) -> &'a Lanes {
        &self.account(policy).turnover_weight
    }
}

/// A watch as the kernel knows it.
struct Watching<'a>(&'a mut dyn Watch);

impl Observer for Watching<'_> {
    fn after_step(&mut self, plan: &Plan, state: &BlockState, j: u64) {
        self.0.after_step(&Glance { plan, state, j });
    }
}

impl Onlooker for Box<dyn Watch> {
    fn run(&mut self, execution: &Execution, plan: &Plan, job: Job, state: &mut BlockState) -> bool {
        let mut watching = Watching(self.as_mut());
        block::watch(execution.level, plan, job, state, &mut watching, execution.stop)
    }
}

/// Runs a scenario with a watch on every block: its outcome, and the watches' columns by path.
///
/// # Errors
///
/// Those of [`super::run`].
pub fn run_watched(
    scenario: &Scenario,
    execution: &Execution,
    watch: &(dyn Fn() -> Box<dyn Watch> + Sync),
) -> Result<(Outcome, Vec<Vec<f64>>), RunError> {
    let mut fold = Fold::new(scenario, execution)?;
    let simulation = Simulation::new(scenario, Shard::WHOLE, execution)?;
    let mut columns: Vec<Vec<f64>> = Vec::new();
    let n_paths = scenario.run.paths as usize;
    for chunk in Shard::WHOLE.chunks(scenario.run.paths) {
        let (part, watches) = simulation.chunk_of(chunk, watch)?;
        fold.take(part)?;
        for watch in watches {
            let kept = watch.columns();
            columns.resize_with(kept.len(), Vec::new);
            for (column, lanes) in columns.iter_mut().zip(&kept) {
                let left = n_paths - column.len();
                column.extend_from_slice(&lanes[..left.min(B)]);
            }
        }
    }
    Ok((fold.finish()?, columns))
}
