//! Two checks on every block: states are finite, and money is conserved.
use crate::math::Lanes;
use crate::metric::COSTS;

use super::block::{Level, Observer, watch};
use super::plan::{BookPlan, Plan};
use super::state::{Account, BlockState};
use super::step::Job;

/// A state that left the numbers.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "{what} is not finite at seed {seed}, path {path}, step {step}: the scenario's parameters are too extreme"
)]
pub struct NotFinite {
    /// Price of an asset, or a policy's portfolio.
    pub what: String,
    /// Seed of the run.
    pub seed: u64,
    /// Path that did it.
    pub path: u64,
    /// First step at which it is seen.
    pub step: u64,
}

/// A ledger that does not add up.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error(
    "the ledger of policy `{policy}` does not add up on path {path} (seed {seed}): {parts} from its parts, {whole} from \
     its cash; this is a bug, please report it"
)]
pub struct Unbalanced {
    /// Name of the policy.
    pub policy: String,
    /// Path that did it.
    pub path: u64,
    /// Seed of the run.
    pub seed: u64,
    /// From gains, interest, yields, costs and payoffs.
    pub parts: f64,
    /// From the cash that the run carried.
    pub whole: f64,
}

/// Finds the first lane whose deviation is not finite, and the step and model that made it so.
pub(super) fn check_finite(
    plan: &Plan,
    job: Job,
    n_lanes: usize,
    state: &mut BlockState,
) -> Result<(), NotFinite> {
    // `&`, so that a block is looked at side by side; which path it is, is asked where one is
    let sound =
        |account: &Account| account.deviation[..n_lanes].iter().fold(true, |all, x| all & x.is_finite());
    if state.accounts.iter().all(sound) {
        return Ok(());
    }
    let bad =
        (0..n_lanes).find(|&lane| state.accounts.iter().any(|account| !account.deviation[lane].is_finite()));
    let Some(lane) = bad else { return Ok(()) };
    let mut finder = Finder { lane, found: None };
    watch(Level::Baseline, plan, job, state, &mut finder, None);
    let (step, what) = finder.found.unwrap_or((plan.n_steps, "a terminal deviation".into()));
    Err(NotFinite { what, seed: plan.seed, path: job.first_path + lane as u64, step })
}

struct Finder {
    lane: usize,
    found: Option<(u64, String)>,
}

impl Observer for Finder {
    fn after_step(&mut self, plan: &Plan, state: &BlockState, j: u64) {
        if self.found.is_some() {
            return;
        }
        let lane = self.lane;
        for (i, price) in state.market.prices.iter().enumerate() {
            // a price of 0 is as much an end as an infinite one: its logarithm is
            if !(price.s[lane].is_finite() && price.x[lane].is_finite() && price.variance[lane].is_finite()) {
                self.found = Some((j, format!("the price of asset {i}")));
                return;
            }
        }
        for (policy, account) in plan.policies.iter().zip(&state.accounts) {
            if !account.cash[lane].is_finite() || account.holdings.iter().any(|h| !h.held[lane].is_finite()) {
                self.found = Some((j, format!("the portfolio of policy `{}`", policy.name)));
                return;
            }
        }
    }
}

/// Both sides of the ledger identity of one path: from the parts, and from the cash that was carried.
pub(super) fn ledger(
    plan: &Plan,
    state: &BlockState,
    policy: usize,
    costs: &[Lanes; COSTS.len()],
    lane: usize,
) -> (f64, f64) {
    let account = &state.accounts[policy];
    let audit = &account.audit;
    let costs: f64 = costs.iter().map(|cost| cost[lane]).sum();
    let flows = audit.gains[lane] + audit.interest[lane] + audit.dividends[lane] - costs;
    match &plan.book {
        BookPlan::Options(book) => (book.premium + flows + audit.payoffs[lane], account.deviation[lane]),
        BookPlan::Basket(book) => (book.value + flows - state.benchmark[lane], account.deviation[lane]),
    }
}

pub(super) fn check_ledger(
    plan: &Plan,
    job: Job,
    n_lanes: usize,
    state: &BlockState,
) -> Result<(), Unbalanced> {
    for (p, policy) in plan.policies.iter().enumerate() {
        let account = &state.accounts[p];
        let costs = account.costs(plan);
        for lane in 0..n_lanes {
            let (parts, whole) = ledger(plan, state, p, &costs, lane);
            let audit = &account.audit;
            // large sums that cancel cannot be exact to more than their own rounding
            let size = audit.gains[lane].abs() + audit.payoffs[lane].abs() + account.final_value[lane].abs();
            if (parts - whole).abs() > 1e-9 * (plan.constants.notional + 1e-3 * size) {
                return Err(Unbalanced {
                    policy: policy.name.clone(),
                    path: job.first_path + lane as u64,
                    seed: plan.seed,
                    parts,
                    whole,
                });
            }
        }
    }
    Ok(())
}
