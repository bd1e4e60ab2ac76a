//! Which policy is best in a figure, which cannot be told from it, which are worse; and which are efficient.
use crate::engine::Outcome;
use crate::metric::{Better, Metric, Unit, by_key};
use crate::stats::{Difference, holm};

use super::{COMPARED, Windows, differences};

/// Chance that any claim of a ranking is false.
pub const LEVEL: f64 = 0.05;
/// Up to so many policies every pair is compared; of more, each with the best alone.
pub const MOST_FULL: usize = 20;

/// Where a policy stands in a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It has the best figure.
    Best,
    /// Not distinguishable from the best.
    Tied,
    /// Some policy is distinguishably better.
    Worse,
    /// Its difference to the best has no error.
    Unjudged,
}

/// A policy in a ranking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Its place in the scenario.
    pub policy: usize,
    /// How it stands.
    pub verdict: Verdict,
}

/// The policies by one figure, best first.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranking {
    /// The figure.
    pub metric: &'static Metric,
    /// Those that have it.
    pub places: Vec<Place>,
}

/// One pair of policies and what is between them.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The first.
    pub a: usize,
    /// The second; differences are its figure minus the first's.
    pub b: usize,
    /// By figure, in the order of `COMPARED`.
    pub metrics: Vec<(&'static Metric, Difference)>,
}

/// How a policy stands in cost against risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Efficiency {
    /// Its place in the scenario.
    pub policy: usize,
    /// A policy that costs no more and varies no more, and less in one of the two: the one of the least std.
    pub dominated_by: Option<usize>,
    /// Whether that one is distinguishably better in both.
    pub certain: bool,
}

/// Everything that the policies of a run say of each other.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Comparison {
    /// Pairs in the order of the scenario.
    pub pairs: Vec<Ranked>,
    /// By figure, in the order of `COMPARED`; those that two policies have.
    pub rankings: Vec<Ranking>,
    /// Policies that have cost and std, in the order of the scenario.
    pub efficiency: Vec<Efficiency>,
}

/// Whether `(cost, risk)` of one policy is no worse than the other's in both, and better in one.
pub fn dominates(one: (f64, f64), other: (f64, f64)) -> bool {
    one.0 <= other.0 && one.1 <= other.1 && one != other
}

/// Compares every pair of policies in every figure of `COMPARED`.
///
/// A ranking claims a pair to differ at the family-wise level `LEVEL` over **all** pairs of its figure, by Holm's
/// procedure; so what it says of the best holds although the best was picked from the same paths.
pub fn compare(outcome: &Outcome, seed: u64) -> Comparison {
    let n = outcome.policies.len();
    let windows = outcome.overlap.map(|overlap| Windows { overlap, seed });
    let sides: Vec<_> = outcome.policies.iter().collect();
    let mut comparison = Comparison::default();
    let mut claims = Vec::new();
    for metric in COMPARED.iter().filter_map(|key| by_key(key)) {
        let order = order(outcome, metric);
        let Some(&best) = order.first().filter(|_| n > 1) else { continue };
        let pairs: Vec<(usize, usize)> = if n <= MOST_FULL {
            (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect()
        } else {
            (0..n).filter(|i| *i != best).map(|i| (i.min(best), i.max(best))).collect()
        };
        let found = differences(metric.key, &sides, &pairs, windows);
        let refs: Vec<&Difference> = found.iter().collect();
        let differ = holm(&refs, n * (n - 1) / 2, LEVEL, noise(outcome, metric));
        let judged =
            Judged { pairs: &pairs, found: &found, differ: &differ, higher: metric.better == Better::Higher };
        if order.len() > 1 {
            let place = |policy: &usize| Place { policy: *policy, verdict: judged.verdict(*policy, best) };
            comparison.rankings.push(Ranking { metric, places: order.iter().map(place).collect() });
        }
        claims.push((metric.key, pairs.iter().copied().zip(differ).collect::<Vec<_>>()));
        for ((a, b), difference) in pairs.into_iter().zip(found) {
            match comparison.pairs.iter_mut().find(|pair| (pair.a, pair.b) == (a, b)) {
                Some(pair) => pair.metrics.push((metric, difference)),
                None => comparison.pairs.push(Ranked { a, b, metrics: vec![(metric, difference)] }),
            }
        }
    }
    comparison.pairs.sort_by_key(|pair| (pair.a, pair.b));
    comparison.efficiency = efficiency(outcome, &claims);
    comparison
}

/// A pair of policies in one figure.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Claim {
    /// The first.
    pub a: usize,
    /// The second.
    pub b: usize,
    /// How much better the first is; negative: the second is.
    pub lead: f64,
    /// Whether they differ distinguishably, all pairs of the figure judged together.
    pub certain: bool,
}

/// Who leads whom in a figure, as the ranking of [`compare`] judges it; every pair of at most `MOST_FULL` policies.
pub fn claims(outcome: &Outcome, seed: u64, metric: &Metric) -> Vec<Claim> {
    let n = outcome.policies.len().min(MOST_FULL);
    let windows = outcome.overlap.map(|overlap| Windows { overlap, seed });
    let sides: Vec<_> = outcome.policies.iter().collect();
    let pairs: Vec<(usize, usize)> = (0..n).flat_map(|a| (a + 1..n).map(move |b| (a, b))).collect();
    let found = differences(metric.key, &sides, &pairs, windows);
    let refs: Vec<&Difference> = found.iter().collect();
    let all = outcome.policies.len() * outcome.policies.len().saturating_sub(1) / 2;
    let differ = holm(&refs, all, LEVEL, noise(outcome, metric));
    let sign = if metric.better == Better::Higher { -1.0 } else { 1.0 };
    pairs
        .into_iter()
        .zip(&found)
        .zip(differ)
        .filter_map(|(((a, b), difference), certain)| {
            Some(Claim { a, b, lead: sign * difference.estimate.value?, certain })
        })
        .collect()
}

/// What rounding alone makes of equal figures: a billionth of a basis point.
fn noise(outcome: &Outcome, metric: &Metric) -> f64 {
    if metric.unit == Unit::Currency { 1e-13 * outcome.constants.notional } else { 1e-13 }
}

/// Policies that have the figure, best first.
fn order(outcome: &Outcome, metric: &Metric) -> Vec<usize> {
    let value =
        |policy: &usize| outcome.policies[*policy].metric(metric.key).and_then(|estimate| estimate.value);
    let mut order: Vec<(usize, f64)> =
        (0..outcome.policies.len()).filter_map(|policy| Some((policy, value(&policy)?))).collect();
    let sign = if metric.better == Better::Higher { -1.0 } else { 1.0 };
    order.sort_by(|a, b| (sign * a.1).total_cmp(&(sign * b.1)).then(a.0.cmp(&b.0)));
    order.into_iter().map(|(policy, _)| policy).collect()
}

/// The pairs of one figure and which of them differ.
struct Judged<'a> {
    pairs: &'a [(usize, usize)],
    found: &'a [Difference],
    differ: &'a [bool],
    higher: bool,
}

impl Judged<'_> {
    fn verdict(&self, policy: usize, best: usize) -> Verdict {
        if policy == best {
            return Verdict::Best;
        }
        let of = |(pair, _): &(&(usize, usize), usize)| pair.0 == policy || pair.1 == policy;
        let own = || self.pairs.iter().zip(0..).filter(of);
        // positive where the other side of the pair is better
        let loss = |pair: &(usize, usize), at: usize| {
            let difference = self.found[at].estimate.value.unwrap_or(0.0);
            let own_minus_other = if pair.1 == policy { difference } else { -difference };
            if self.higher { -own_minus_other } else { own_minus_other }
        };
        if own().any(|(pair, at)| self.differ[at] && loss(pair, at) > 0.0) {
            return Verdict::Worse;
        }
        let to_best = own().find(|(pair, _)| pair.0 == best || pair.1 == best);
        match to_best {
            Some((_, at)) if self.found[at].estimate.se.is_some() => Verdict::Tied,
            _ => Verdict::Unjudged,
        }
    }
}

type Claims = [(&'static str, Vec<((usize, usize), bool)>)];

fn efficiency(outcome: &Outcome, claims: &Claims) -> Vec<Efficiency> {
    let value =
        |policy: usize, key: &str| outcome.policies[policy].metric(key).and_then(|estimate| estimate.value);
    let points: Vec<(usize, (f64, f64))> = (0..outcome.policies.len())
        .filter_map(|policy| Some((policy, (value(policy, "cost_total")?, value(policy, "std")?))))
        .collect();
    let claimed = |key: &str, a: usize, b: usize| {
        let of_key = claims.iter().find(|(known, _)| *known == key);
        of_key.is_some_and(|(_, pairs)| pairs.contains(&((a.min(b), a.max(b)), true)))
    };
    points
        .iter()
        .map(|(policy, own)| {
            let better = points.iter().filter(|(_, other)| dominates(*other, *own));
            let dominated_by = better.min_by(|a, b| a.1.1.total_cmp(&b.1.1)).map(|(other, _)| *other);
            let certain = dominated_by
                .is_some_and(|other| claimed("cost_total", *policy, other) && claimed("std", *policy, other));
            Efficiency { policy: *policy, dominated_by, certain }
        })
        .collect()
}
