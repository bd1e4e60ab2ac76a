//! Parts that no order favours: what a group of frictions brings, averaged over every order of switching them on.
//!
//! With g groups the deviation is known for each of the 2^g sets S of them. A group's part is its Shapley value,
//! `φ_k = Σ_S |S|!(g − |S| − 1)!/g! · (D(S ∪ k) − D(S))` over the sets without it: the mean of what it adds over all g!
//! orders. Parts add up on every path to the deviation less model and discretisation. Source: Shapley, A Value for n-Person
//! Games (1953), in Contributions to the Theory of Games II.
use crate::engine::RunError;
use crate::scenario::Scenario;

use super::figures::{Figure, values};
use super::ladder::{Part, Switches, rung};
use super::{Attribution, Split};

/// No more groups than these are ordered: 120 orders, 32 runs.
pub const MOST_GROUPS: usize = 5;

/// Parts that are switched on together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Name in files: that of its part, or `costs`.
    pub name: String,
    /// What is in it.
    pub parts: Vec<Part>,
}

/// The deviations of a scenario under every set of its groups.
#[derive(Debug, Clone, PartialEq)]
pub struct Orders {
    /// Those that the scenario has, in the order of the ladder.
    pub groups: Vec<Group>,
    /// By policy, by set (bit k: group k is on), by path, in currency.
    deviations: Vec<Vec<Vec<f64>>>,
}

/// What the groups add to a figure.
#[derive(Debug, Clone, PartialEq)]
pub struct Averaged {
    /// The figure, and what adds up to it: the policy without frictions, then by group the average over all orders.
    pub split: Split,
    /// Least and greatest value by group over the orders.
    pub spread: Vec<(f64, f64)>,
}

/// The groups of a scenario: one for each part that it has, or where these are more than [`MOST_GROUPS`], its fees, spread,
/// impact and gas as one.
pub(super) fn groups(scenario: &Scenario) -> Vec<Group> {
    let frictions = Part::ALL.into_iter().filter(|part| *part > Part::Discretisation);
    let before = |part: Part| Part::ALL.into_iter().rev().find(|other| *other < part);
    let has = |part: &Part| {
        let less = before(*part).map_or(Switches::of([]), Switches::up_to);
        rung(scenario, Switches::up_to(*part)) != rung(scenario, less)
    };
    let present: Vec<Part> = frictions.filter(has).collect();
    let is_cost = |part: Part| matches!(part, Part::Fees | Part::Spread | Part::Impact | Part::Gas);
    let mut groups: Vec<Group> = Vec::new();
    for part in &present {
        let merged = present.len() > MOST_GROUPS && is_cost(*part);
        let name = if merged { "costs" } else { part.name() };
        match groups.last_mut().filter(|group| group.name == name) {
            Some(group) => group.parts.push(*part),
            None => groups.push(Group { name: name.into(), parts: vec![*part] }),
        }
    }
    groups
}

/// The scenario with every set of the groups switched on, the empty one first.
pub(super) fn sets(scenario: &Scenario, groups: &[Group]) -> Vec<Scenario> {
    let of = |set: usize| {
        let on = groups.iter().enumerate().filter(|(k, _)| set >> k & 1 == 1);
        rung(scenario, Switches::of(on.flat_map(|(_, group)| group.parts.iter().copied())))
    };
    (0..1_usize << groups.len()).map(of).collect()
}

impl Orders {
    /// Runs what is not known yet: `deviations_of` gives the deviations of a scenario by policy and path.
    pub(super) fn new(
        scenario: &Scenario,
        mut deviations_of: impl FnMut(&Scenario) -> Result<Vec<Vec<f64>>, RunError>,
    ) -> Result<Self, RunError> {
        let groups = groups(scenario);
        let mut deviations = vec![Vec::new(); scenario.policies.len()];
        for set in sets(scenario, &groups) {
            for (by_set, found) in deviations.iter_mut().zip(deviations_of(&set)?) {
                by_set.push(found);
            }
        }
        Ok(Self { groups, deviations })
    }

    /// By group the average over all orders, path by path.
    pub fn parts(&self, policy: usize) -> Vec<Vec<f64>> {
        let (by_set, n) = (&self.deviations[policy], self.groups.len());
        let average = |k: usize| {
            let mut part = vec![0.0; by_set[0].len()];
            for set in without(k, n) {
                let weight = weight(set.count_ones() as usize, n);
                let pairs = by_set[set | 1 << k].iter().zip(&by_set[set]);
                part.iter_mut().zip(pairs).for_each(|(sum, (with, less))| *sum += weight * (with - less));
            }
            part
        };
        (0..n).map(average).collect()
    }

    /// What each group adds to every figure of a policy's deviation, and how far that depends on the order.
    pub(super) fn split(&self, attribution: &Attribution, policy: usize) -> Vec<Averaged> {
        let by_set = &self.deviations[policy];
        let whole = by_set.last().map_or(&[][..], Vec::as_slice);
        let parts: Vec<Vec<f64>> = [by_set[0].clone()].into_iter().chain(self.parts(policy)).collect();
        let averages = super::figures::of_parts(attribution, whole, &parts);
        let spreads: Vec<Vec<Vec<f64>>> = (0..self.groups.len())
            .map(|k| self.marginals(by_set, k))
            .map(|all| extremes(whole, &all))
            .collect();
        let figure = |(at, split): (usize, Split)| {
            let spread = spreads.iter().map(|by_figure| (by_figure[at][0], by_figure[at][1])).collect();
            Averaged { split, spread }
        };
        averages.into_iter().enumerate().map(figure).collect()
    }

    /// What group `k` adds to each set without it, by path.
    fn marginals(&self, by_set: &[Vec<f64>], k: usize) -> Vec<Vec<f64>> {
        let of = |set: usize| {
            by_set[set | 1 << k].iter().zip(&by_set[set]).map(|(with, less)| with - less).collect()
        };
        without(k, self.groups.len()).map(of).collect()
    }
}

/// Least and greatest of what parts add to a figure, for each figure; a figure is linear in its parts, so that those of
/// the sets are those of the orders.
fn extremes(whole: &[f64], marginals: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let of = |figure: Figure| {
        let found = values(figure, whole, marginals);
        let least = found.iter().copied().fold(f64::INFINITY, f64::min);
        vec![least, found.into_iter().fold(f64::NEG_INFINITY, f64::max)]
    };
    Figure::ALL.into_iter().map(of).collect()
}

/// Sets of `n` groups that group `k` is not in.
fn without(k: usize, n: usize) -> impl Iterator<Item = usize> {
    (0..1_usize << n).filter(move |set| set >> k & 1 == 0)
}

/// Share of the orders of `n` groups in which just those of a set of that size stand before another one.
fn weight(size: usize, n: usize) -> f64 {
    let factorial = |m: usize| (1..=m).product::<usize>() as f64;
    factorial(size) * factorial(n - size - 1) / factorial(n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(name: &str) -> Group {
        Group { name: name.into(), parts: Vec::new() }
    }

    /// Three groups whose worth is known by set: averaged by hand over the six orders.
    #[test]
    fn parts_are_the_means_over_all_orders() {
        let worth = [0.0, 1.0, 2.0, 7.0, -1.0, 3.0, 4.0, 12.0];
        let orders = Orders {
            groups: ["a", "b", "c"].map(group).into(),
            deviations: vec![worth.iter().map(|value| vec![*value]).collect()],
        };
        let all = [[0, 1, 2], [0, 2, 1], [1, 0, 2], [1, 2, 0], [2, 0, 1], [2, 1, 0]];
        let mut mean = [0.0; 3];
        for order in all {
            let mut set = 0_usize;
            for k in order {
                mean[k] += (worth[set | 1 << k] - worth[set]) / 6.0;
                set |= 1 << k;
            }
        }
        let parts = orders.parts(0);
        for k in 0..3 {
            assert!((parts[k][0] - mean[k]).abs() < 1e-12, "{k}: {} for {}", parts[k][0], mean[k]);
        }
        assert!((parts.iter().map(|part| part[0]).sum::<f64>() - 12.0).abs() < 1e-12);
        for n in 1..=MOST_GROUPS {
            let sum: f64 = without(0, n).map(|set| weight(set.count_ones() as usize, n)).sum();
            assert!((sum - 1.0).abs() < 1e-12, "{n}: {sum}");
        }
    }
}
