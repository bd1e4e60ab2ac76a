//! What breaks a policy: runs under stress against the run as it is, path by path.
use crate::engine::{Outcome, PolicyOutcome};
use crate::metric::{Metric, by_key};
use crate::stats::{Difference, Estimate};

use super::compare::{COMPARED, Windows, claims, differences};

mod catalogue;

pub use catalogue::{Entry, FUNDING_CAP, catalogue};

/// How a stress changes one figure of one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct Effect {
    /// Place of the policy in the base case.
    pub policy: usize,
    /// The figure.
    pub metric: &'static Metric,
    /// Its value in the base case.
    pub base: Option<f64>,
    /// Its value under the stress.
    pub stressed: Option<f64>,
    /// The second minus the first.
    pub change: Difference,
}

/// Two policies that change places: `a` is ahead in the base case, `b` under the stress.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flip {
    /// Name of the one.
    pub a: String,
    /// Name of the other.
    pub b: String,
    /// Whether both orders are distinguishable.
    pub certain: bool,
}

/// Which paths stand behind an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Draws {
    /// Seed of the run.
    pub seed: u64,
    /// Paths of the run.
    pub n_paths: u64,
}

/// Changes of every compared figure, by policy and then in the order of `COMPARED`.
///
/// Path `i` under stress has the draws of path `i` in the base case, whatever the stress does to the laws, so the
/// differences are paired; runs of other seeds or numbers of paths have no paired error, and say so.
pub fn effects(base: (&Outcome, Draws), stressed: (&Outcome, Draws)) -> Vec<Effect> {
    let windows = base
        .0
        .overlap
        .filter(|overlap| stressed.0.overlap == Some(*overlap))
        .map(|overlap| Windows { overlap, seed: base.1.seed });
    let paired = base.1 == stressed.1 && base.0.overlap == stressed.0.overlap;
    let mut effects = Vec::new();
    for (policy, before) in base.0.policies.iter().enumerate() {
        let after = stressed.0.policies.iter().find(|after| after.name == before.name);
        for metric in COMPARED.iter().filter_map(|key| by_key(key)) {
            let value = |side: &PolicyOutcome| side.metric(metric.key).and_then(|estimate| estimate.value);
            let (old, new) = (value(before), after.and_then(value));
            let change = match after {
                None => Difference::without(Estimate::undefined("the stressed run has no such policy")),
                Some(after) if paired => {
                    let mut found = differences(metric.key, &[before, after], &[(0, 1)], windows);
                    found.pop().unwrap_or_else(|| Difference::without(Estimate::undefined("no difference")))
                }
                Some(_) => Difference::without(match old.zip(new) {
                    Some((old, new)) => {
                        Estimate::without_interval(new - old, "the two runs do not share their paths")
                    }
                    None => Estimate::undefined("the figure is undefined in one of the runs"),
                }),
            };
            effects.push(Effect { policy, metric, base: old, stressed: new, change });
        }
    }
    effects
}

/// Pairs of policies that change places in a figure, those for certain first.
pub fn flips(base: (&Outcome, Draws), stressed: (&Outcome, Draws), metric: &Metric) -> Vec<Flip> {
    let after = claims(stressed.0, stressed.1.seed, metric);
    let place = |outcome: &Outcome, name: &str| outcome.policies.iter().position(|it| it.name == name);
    let mut flips: Vec<Flip> = claims(base.0, base.1.seed, metric)
        .into_iter()
        .filter_map(|claim| {
            let name = |policy: usize| base.0.policies[policy].name.clone();
            let (ahead, behind) = if claim.lead > 0.0 { (claim.a, claim.b) } else { (claim.b, claim.a) };
            let (one, other) = (place(stressed.0, &name(ahead))?, place(stressed.0, &name(behind))?);
            let now = after.iter().find(|now| (now.a, now.b) == (one.min(other), one.max(other)))?;
            let lead = if now.a == one { now.lead } else { -now.lead };
            let certain = claim.certain && now.certain;
            (claim.lead != 0.0 && lead < 0.0).then(|| Flip { a: name(ahead), b: name(behind), certain })
        })
        .collect();
    flips.sort_by_key(|flip| !flip.certain);
    flips
}
