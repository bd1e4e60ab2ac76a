//! Why a policy deviates: its deviation split path by path into what each group of frictions brings.
//!
//! The scenario runs again and again on the same random numbers, its frictions switched on one group after the other; a
//! part is the deviation with its group less that without, so the parts of a path add up to its deviation. A part holds
//! the trades that its group changes and the interest on what it costs.
use crate::engine::{Execution, RunError, run};
use crate::scenario::Scenario;
use crate::stats::Units;

mod figures;
mod ladder;
mod orders;

pub use figures::{Figure, Split, split};
pub use ladder::Part;
pub use orders::{Averaged, Group, MOST_GROUPS, Orders};

use ladder::{Ideal, Switches, ideals, rung};

/// No more paths than these are taken apart.
pub const MOST_PATHS: u64 = 1 << 18;
/// Numbers that all parts may take together: half a GiB.
const MOST_VALUES: u64 = 1 << 26;

/// The deviations of a scenario, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct Attribution {
    /// Paths taken apart: the first so many of the run.
    pub n_paths: u64,
    /// Paths of the run.
    pub of_paths: u64,
    /// Currency that fractions are of.
    pub notional: f64,
    /// Windows of a history that begin within one horizon of each other.
    pub overlap: Option<usize>,
    /// Which paths are independent of each other.
    pub units: Units,
    /// Seed of the run, also that of a block bootstrap.
    pub seed: u64,
    /// Whether it is a book of options; else a basket.
    pub options: bool,
    /// One for each policy, in the order of the scenario.
    pub policies: Vec<PolicyParts>,
    /// The same for every set of its groups, where the scenario asks for averages over their orders.
    pub orders: Option<Orders>,
}

impl Attribution {
    /// Averages over all orders of the groups by figure, of the policy at that place; none where they were not asked for.
    pub fn averages(&self, policy: usize) -> Option<Vec<Averaged>> {
        self.orders.as_ref().map(|orders| orders.split(self, policy))
    }
}

/// The deviation of one policy, taken apart.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyParts {
    /// Name in the scenario.
    pub name: String,
    /// Terminal deviation by path, in currency.
    pub deviation: Vec<f64>,
    /// By part in the order of [`Part::ALL`], by path; or why there are none.
    pub parts: Result<Vec<Vec<f64>>, String>,
}

/// Paths of a scenario that are taken apart: its first [`MOST_PATHS`], fewer with very many policies, in whole units.
pub fn paths_of(scenario: &Scenario) -> u64 {
    let sets = if scenario.shapley { 3 + (1 << orders::groups(scenario).len()) } else { 0 };
    let each = (Part::ALL.len() + 2 + sets) as u64 * scenario.policies.len().max(1) as u64;
    let most = scenario.run.paths.min(MOST_PATHS).min((MOST_VALUES / each).max(1));
    scenario.run.sampling.rounded_down(most)
}

/// Runs that taking a scenario apart needs: a group that it does not have costs none.
pub fn n_runs(scenario: &Scenario) -> u64 {
    let (ideal, _) = ideals(scenario);
    let rungs = Part::ALL.map(|part| rung(scenario, Switches::up_to(part)));
    let changes = rungs[1..].windows(2).filter(|pair| pair[0] != pair[1]).count();
    let sets = if scenario.shapley { orders::sets(scenario, &orders::groups(scenario)) } else { Vec::new() };
    let further = sets.iter().filter(|set| !rungs[1..].contains(set)).count();
    u64::from(ideal.is_some()) + 1 + (changes + further) as u64
}

/// Takes the deviations of a scenario apart; `told` hears of every run before it begins.
///
/// A group that the scenario does not have costs no run, and its part is exactly zero.
///
/// # Errors
///
/// Those of [`run`].
pub fn attribute(
    scenario: &Scenario,
    execution: &Execution,
    told: &dyn Fn(Part),
) -> Result<Attribution, RunError> {
    let mut base = scenario.clone();
    base.run.paths = paths_of(scenario);
    let execution = Execution { keep_paths: false, ..*execution };
    let n = base.run.paths as usize;
    let (ideal, whose) = ideals(&base);
    let mut of_ideal = Vec::new();
    if let Some(ideal) = ideal {
        told(Part::Model);
        of_ideal = run(&ideal, &execution)?.policies.into_iter().map(|policy| policy.deviations).collect();
    }
    let mut parts: Vec<Result<Vec<Vec<f64>>, String>> = whose
        .into_iter()
        .map(|ideal| match ideal {
            Ideal::Benchmark => Ok(vec![vec![0.0; n]]),
            Ideal::Policy(at) => Ok(vec![of_ideal[at].clone()]),
            Ideal::Missing(why) => Err(why),
        })
        .collect();
    let mut before: Vec<Vec<f64>> = parts
        .iter()
        .map(|parts| parts.as_ref().map_or_else(|_| vec![0.0; n], |all| all[0].clone()))
        .collect();
    drop(of_ideal);
    let mut known: Option<Scenario> = None;
    let mut found = None;
    let mut kept: Vec<(Scenario, Vec<Vec<f64>>)> = Vec::new();
    for part in Part::ALL.into_iter().skip(1) {
        let next = rung(&base, Switches::up_to(part));
        if known.as_ref() == Some(&next) {
            parts.iter_mut().flatten().for_each(|parts| parts.push(vec![0.0; n]));
            continue;
        }
        told(part);
        let outcome = run(&next, &execution)?;
        for ((parts, before), policy) in parts.iter_mut().zip(&mut before).zip(&outcome.policies) {
            if let Ok(parts) = parts {
                parts.push(policy.deviations.iter().zip(&*before).map(|(with, less)| with - less).collect());
            }
            before.clone_from(&policy.deviations);
        }
        if base.shapley {
            kept.push((next.clone(), before.clone()));
        }
        known = Some(next);
        let units = outcome.policies.first().map_or(Units::Paths, |policy| policy.paired.units);
        found = Some((outcome.constants.notional, outcome.overlap, units));
    }
    let (notional, overlap, units) = found.unwrap_or((1.0, None, Units::Paths));
    let deviations_of = |set: &Scenario| {
        if let Some((_, known)) = kept.iter().find(|(scenario, _)| scenario == set) {
            return Ok(known.clone());
        }
        told(Part::Holding);
        Ok(run(set, &execution)?.policies.into_iter().map(|policy| policy.deviations).collect())
    };
    let orders = if base.shapley { Some(Orders::new(&base, deviations_of)?) } else { None };
    let policies = base.policies.iter().zip(before).zip(parts);
    let policies = policies.map(|((policy, deviation), parts)| PolicyParts {
        name: policy.name.clone(),
        deviation,
        parts,
    });
    Ok(Attribution {
        n_paths: base.run.paths,
        of_paths: scenario.run.paths,
        notional,
        overlap,
        units,
        seed: base.run.seed,
        options: matches!(base.target, crate::book::Target::Options(_)),
        policies: policies.collect(),
        orders,
    })
}
