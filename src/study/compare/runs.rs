//! Differences of a policy between finished runs: paired where they share their random numbers, unpaired where they do not,
//! bounded where they may.
use crate::engine::PolicyOutcome;
use crate::metric::{Metric, Unit, by_key};
use crate::stats::{Difference, ErrorLaw, Estimate, Units, holm};

use super::{COMPARED, LEVEL, Windows, differences, undefined, value};

/// A finished run as far as it is set against others.
#[derive(Debug, Clone, PartialEq)]
pub struct FinishedRun {
    /// Of every draw.
    pub seed: u64,
    /// Paths simulated.
    pub n_paths: u64,
    /// Version of the random streams.
    pub stream_version: u32,
    /// Windows of a history that begin within one horizon of each other.
    pub overlap: Option<usize>,
    /// Which of its paths are independent of each other.
    pub units: Units,
    /// In currency.
    pub notional: f64,
    /// In the order of the scenario.
    pub policies: Vec<PolicyOutcome>,
    /// Why nothing is kept by path.
    pub lost: Option<String>,
}

/// How the error of a difference is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Path by path: what the paths have in common cancels.
    Paired,
    /// `√(se_a² + se_b²)`: the two runs have nothing in common.
    Unpaired,
    /// `se_a + se_b`, the largest error that any dependence allows (Cauchy–Schwarz): the interval holds too often.
    Bound,
}

impl Method {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Paired => "paired",
            Self::Unpaired => "unpaired",
            Self::Bound => "bound",
        }
    }
}

/// A policy that the first run and another one have.
#[derive(Debug, Clone, PartialEq)]
pub struct Between {
    /// Place of the other run.
    pub run: usize,
    /// Place of the policy in the first run, and in the other.
    pub policy: [usize; 2],
    /// How the errors are found.
    pub method: Method,
    /// The figure of the other run minus that of the first, by figure, in the order of `COMPARED`.
    pub metrics: Vec<Changed>,
}

/// One figure between two runs.
#[derive(Debug, Clone, PartialEq)]
pub struct Changed {
    /// Which.
    pub metric: &'static Metric,
    /// With its error; amounts are those of the first run's notional.
    pub difference: Difference,
    /// Whether it differs distinguishably, all policies and runs of the figure judged together at `LEVEL`.
    pub certain: bool,
}

/// How errors of differences between two runs are found, and why so.
pub fn method(a: &FinishedRun, b: &FinishedRun) -> (Method, String) {
    let lost = || a.lost.as_ref().or(b.lost.as_ref());
    let bound = |why: String| (Method::Bound, why);
    match (a.overlap, b.overlap) {
        (None, Some(_)) | (Some(_), None) => {
            return (Method::Unpaired, "one is made of windows of a history, the other is simulated".into());
        }
        (Some(_), Some(_)) if a.n_paths != b.n_paths || a.overlap != b.overlap => {
            return bound("both are made of windows of a history, which may be the same in part".into());
        }
        (None, None) if a.seed != b.seed => {
            return (
                Method::Unpaired,
                format!("seeds {} and {}: no random number is shared", a.seed, b.seed),
            );
        }
        _ => {}
    }
    if a.stream_version != b.stream_version {
        return bound(format!(
            "the same seed in streams of versions {} and {}: some random numbers may be shared",
            a.stream_version, b.stream_version
        ));
    }
    if a.n_paths != b.n_paths {
        let fewer = a.n_paths.min(b.n_paths);
        return bound(format!("only the first {fewer} paths have the same random numbers"));
    }
    if a.units != b.units {
        return bound("the paths are not sampled alike: some random numbers may be shared".into());
    }
    match lost() {
        Some(why) => bound(format!("the random numbers are shared, but {why}")),
        None => {
            (Method::Paired, "the same seed and number of paths: path i of one is path i of the other".into())
        }
    }
}

/// Every run against the first, policy by policy of the same name.
///
/// Amounts of a run with another notional are scaled to that of the first, so that a difference in basis points is one of
/// basis points. All policies and runs of a figure are judged together by Holm's procedure.
pub fn between(runs: &[FinishedRun]) -> Vec<Between> {
    let Some((first, others)) = runs.split_first() else { return Vec::new() };
    let mut found = Vec::new();
    for (run, other) in (1..).zip(others) {
        let (method, _) = method(first, other);
        let factor = first.notional / other.notional;
        for (a, policy) in first.policies.iter().enumerate() {
            let Some(b) = other.policies.iter().position(|it| it.name == policy.name) else { continue };
            let scaled = (factor != 1.0).then(|| scaled(&other.policies[b], factor));
            let sides = [policy, scaled.as_ref().unwrap_or(&other.policies[b])];
            let windows = first.overlap.map(|overlap| Windows { overlap, seed: first.seed });
            let changed =
                |metric| Changed { metric, difference: one(metric, sides, method, windows), certain: false };
            let metrics = COMPARED.iter().filter_map(|key| by_key(key)).map(changed).collect();
            found.push(Between { run, policy: [a, b], method, metrics });
        }
    }
    judge(&mut found, first.notional);
    found
}

fn one(metric: &Metric, [a, b]: [&PolicyOutcome; 2], method: Method, windows: Option<Windows>) -> Difference {
    if method == Method::Paired {
        let found = differences(metric.key, &[a, b], &[(0, 1)], windows).pop();
        return found.unwrap_or_else(|| Difference::without(Estimate::undefined("there is no difference")));
    }
    if let Some(reason) = undefined(metric.key, [a, b]) {
        return Difference::without(reason);
    }
    let error = |side: &PolicyOutcome| side.metric(metric.key).and_then(|estimate| estimate.se);
    let difference = value(b, metric.key).zip(value(a, metric.key)).map_or(0.0, |(b, a)| b - a);
    match error(a).zip(error(b)) {
        Some((a, b)) => {
            let se = if method == Method::Bound { a + b } else { (a * a + b * b).sqrt() };
            Difference::with_error(difference, ErrorLaw::normal(se))
        }
        None => Difference::without(Estimate::without_interval(
            difference,
            "one of the two figures has no error of its own",
        )),
    }
}

/// A policy whose amounts are those of another notional.
fn scaled(policy: &PolicyOutcome, factor: f64) -> PolicyOutcome {
    let mut policy = policy.clone();
    let times = |x: &mut Option<f64>| *x = x.map(|x| x * factor);
    for (metric, estimate) in &mut policy.metrics {
        if metric.unit == Unit::Currency {
            times(&mut estimate.value);
            times(&mut estimate.se);
            estimate.ci = estimate.ci.map(|ci| ci.map(|end| end * factor));
        }
    }
    for deviation in &mut policy.deviations {
        *deviation *= factor;
    }
    let paired = &mut policy.paired;
    for sections in [&mut paired.deviation, &mut paired.cost].into_iter().flatten() {
        **sections = sections.scaled(factor);
    }
    if let Some([cost, _]) = &mut paired.windows {
        for cost in cost {
            *cost *= factor;
        }
    }
    policy
}

fn judge(found: &mut [Between], notional: f64) {
    for place in 0..COMPARED.len() {
        let Some(metric) = by_key(COMPARED[place]) else { continue };
        // what rounding alone makes of equal figures: a billionth of a basis point
        let noise = if metric.unit == Unit::Currency { 1e-13 * notional } else { 1e-13 };
        let differences: Vec<&Difference> = found.iter().map(|it| &it.metrics[place].difference).collect();
        let certain = holm(&differences, differences.len(), LEVEL, noise);
        for (between, certain) in found.iter_mut().zip(certain) {
            between.metrics[place].certain = certain;
        }
    }
}
