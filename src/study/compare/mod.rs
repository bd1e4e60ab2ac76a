//! Differences between policies, or between runs of one policy, on the same paths, with their intervals.
use crate::engine::PolicyOutcome;
use crate::stats::{
    BlockBootstrap, Difference, Estimate, Influence, Influenced, MeanTally, Moments, SectionTally, Units,
    cvar_estimate, difference_over, influence_errors_over, sorted, var_estimate,
};

mod rank;
mod runs;

pub use rank::{
    Claim, Comparison, Efficiency, LEVEL, MOST_FULL, Place, Ranked, Ranking, Verdict, claims, compare,
    dominates,
};
pub use runs::{Between, Changed, FinishedRun, Method, between, method};

/// Keys of the figures that are compared.
pub const COMPARED: [&str; 11] = [
    "mean",
    "std",
    "rms_deviation",
    "var_95",
    "var_99",
    "cvar_95",
    "cvar_99",
    "te_cross",
    "te_path_mean",
    "te_path_rms",
    "cost_total",
];

/// Windows of a history that overlap: their differences are resampled in blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Windows {
    /// Windows that begin within one horizon.
    pub overlap: usize,
    /// Of the resampling.
    pub seed: u64,
}

/// What a figure is made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    Deviation,
    Cost,
    Te,
}

fn source(key: &str) -> Source {
    match key {
        "cost_total" => Source::Cost,
        "te_path_mean" | "te_path_rms" => Source::Te,
        _ => Source::Deviation,
    }
}

/// `figure(b) − figure(a)` for every pair `(a, b)` of `sides`, path `i` of one being path `i` of the other.
///
/// Figures of the terminal deviation by influence functions over the paths; total cost and tracking error, whose paths
/// are not kept, by 50 sections; overlapping windows by a block bootstrap of the difference. A figure that is
/// undefined on one side has no difference, and says why.
pub fn differences(
    key: &str,
    sides: &[&PolicyOutcome],
    pairs: &[(usize, usize)],
    windows: Option<Windows>,
) -> Vec<Difference> {
    let errors = match windows {
        Some(windows) => resampled(key, sides, pairs, windows),
        None if source(key) == Source::Deviation && sides.iter().all(|side| side.binned.is_none()) => {
            by_influence(key, sides, pairs)
        }
        None => by_section(key, sides, pairs),
    };
    let missing =
        |pair: &(usize, usize)| undefined(key, [sides[pair.0], sides[pair.1]]).map(Difference::without);
    pairs.iter().zip(errors).map(|(pair, found)| missing(pair).unwrap_or(found)).collect()
}

/// Why there is no difference of a figure that one side does not have.
fn undefined(key: &str, sides: [&PolicyOutcome; 2]) -> Option<Estimate> {
    sides.into_iter().find_map(|side| {
        let estimate = side.metric(key);
        let reason = estimate.and_then(|estimate| estimate.reason.clone());
        estimate.is_none_or(|estimate| estimate.value.is_none()).then(|| {
            let reason = reason.unwrap_or_else(|| "the run did not make this figure".into());
            Estimate::undefined(format!("{}: {reason}", side.name))
        })
    })
}

fn value(side: &PolicyOutcome, key: &str) -> Option<f64> {
    side.metric(key).and_then(|estimate| estimate.value)
}

/// Difference of the values as the runs report them; 0 where one is undefined, which the caller says.
fn plain(key: &str, a: &PolicyOutcome, b: &PolicyOutcome) -> f64 {
    value(b, key).zip(value(a, key)).map_or(0.0, |(b, a)| b - a)
}

fn by_influence(key: &str, sides: &[&PolicyOutcome], pairs: &[(usize, usize)]) -> Vec<Difference> {
    let lengths = |&(a, b): &(usize, usize)| (sides[a].deviations.len(), sides[b].deviations.len());
    let found: Vec<Option<Influence>> = sides.iter().map(|side| influence(key, side)).collect();
    let usable: Vec<(usize, usize)> = pairs
        .iter()
        .copied()
        .filter(|pair| lengths(pair).0 == lengths(pair).1)
        .filter(|(a, b)| found[*a].is_some() && found[*b].is_some())
        .collect();
    // a side that is in no usable pair has no influence to be asked for
    let mut place = vec![usize::MAX; sides.len()];
    let mut samples = Vec::new();
    for side in usable.iter().flat_map(|(a, b)| [*a, *b]) {
        if let (usize::MAX, Some(influence)) = (place[side], found[side]) {
            place[side] = samples.len();
            samples.push(Influenced { values: &sides[side].deviations, influence });
        }
    }
    let placed: Vec<(usize, usize)> = usable.iter().map(|(a, b)| (place[*a], place[*b])).collect();
    let units = units(sides);
    let mut errors = influence_errors_over(units, &samples, &placed).into_iter();
    pairs
        .iter()
        .map(|pair| {
            let difference = plain(key, sides[pair.0], sides[pair.1]);
            let (n_a, n_b) = lengths(pair);
            if n_a != n_b {
                let why = format!("{n_a} and {n_b} paths are not pairs");
                return Difference::without(Estimate::without_interval(difference, why));
            }
            let se = if usable.contains(pair) { errors.next().flatten() } else { None };
            if se.is_none() && n_a > 1 {
                let why = "one of the two figures has no error of its own";
                return Difference::without(Estimate::without_interval(difference, why));
            }
            difference_over(difference, se)
        })
        .collect()
}

/// The influence function of a figure on this sample; none where the figure has no error.
pub(super) fn influence(key: &str, side: &PolicyOutcome) -> Option<Influence> {
    let (mean, std) = (value(side, "mean")?, value(side, "std").unwrap_or(0.0));
    let n = side.deviations.len() as f64;
    let var = |p: f64, key: &str| {
        let estimate = side.metric(key)?;
        let (quantile, se) = (-estimate.value?, estimate.se? * stretch(side, key)?);
        Some(Influence::Var { quantile, p, sparsity: se * (n / (p * (1.0 - p))).sqrt() })
    };
    let cvar = |p: f64, var: &str, key: &str| {
        side.metric(key)?.se?;
        Some(Influence::Cvar { quantile: -value(side, var)?, p, cvar: value(side, key)? })
    };
    match key {
        "mean" => Some(Influence::Mean { mean }),
        "std" => Some(Influence::Std { mean, std, scale: 1.0 }),
        "te_cross" => {
            let scale = if std > 0.0 { value(side, key)? / std } else { 0.0 };
            Some(Influence::Std { mean, std, scale })
        }
        "rms_deviation" => Some(Influence::Rms { rms: value(side, key)? }),
        "var_95" => var(1.0 - 0.95, key),
        "var_99" => var(1.0 - 0.99, key),
        "cvar_95" => cvar(1.0 - 0.95, "var_95", key),
        "cvar_99" => cvar(1.0 - 0.99, "var_99", key),
        _ => None,
    }
}

/// The independent units of the paths; runs of different ones are no pairs.
fn units(sides: &[&PolicyOutcome]) -> Units {
    sides.first().map_or(Units::Paths, |side| side.paired.units)
}

/// How many times larger the error of a figure would be with independent paths: what its density is read from.
fn stretch(side: &PolicyOutcome, key: &str) -> Option<f64> {
    if side.paired.units == Units::Paths {
        return Some(1.0);
    }
    let place = side.metrics.iter().position(|(metric, _)| metric.key == key)?;
    side.variance_ratios.get(place).copied().flatten().map(f64::sqrt)
}

fn by_section(key: &str, sides: &[&PolicyOutcome], pairs: &[(usize, usize)]) -> Vec<Difference> {
    pairs
        .iter()
        .map(|&(a, b)| {
            let (a, b) = (sides[a], sides[b]);
            let difference = plain(key, a, b);
            let without = |why: &str| Difference::without(Estimate::without_interval(difference, why));
            let figure: fn(&MeanTally) -> Option<f64> = match key {
                "mean" | "cost_total" | "te_path_mean" => MeanTally::mean,
                "std" | "te_cross" => MeanTally::std,
                "rms_deviation" | "te_path_rms" => MeanTally::rms,
                _ => return without("its paired error needs every deviation, which are not kept"),
            };
            let (Some(of_a), Some(of_b)) = (sections(key, a), sections(key, b)) else {
                return without("the run kept nothing to pair the paths by");
            };
            // what the figure is a multiple of its section's by: 1, but for te_cross
            let scale = |side: &PolicyOutcome| match value(side, "std") {
                Some(std) if key == "te_cross" && std > 0.0 => value(side, key).unwrap_or(0.0) / std,
                _ => 1.0,
            };
            let scales = [scale(a), scale(b)];
            SectionTally::difference_over(units(sides), [of_a, of_b], difference, scales, figure)
        })
        .collect()
}

fn sections<'a>(key: &str, side: &'a PolicyOutcome) -> Option<&'a SectionTally> {
    match source(key) {
        Source::Deviation => side.paired.deviation.as_deref(),
        Source::Cost => side.paired.cost.as_deref(),
        Source::Te => side.paired.te.as_deref(),
    }
}

/// By a block bootstrap: every side on the same resampled histories.
fn resampled(
    key: &str,
    sides: &[&PolicyOutcome],
    pairs: &[(usize, usize)],
    windows: Windows,
) -> Vec<Difference> {
    let by_side: Vec<Option<Vec<f64>>> = sides
        .iter()
        .map(|side| {
            let n = side.deviations.len();
            let bootstrap = BlockBootstrap::of_windows(n, windows.overlap, windows.seed);
            if bootstrap.fault(n).is_some() || value(side, key).is_none() {
                return None;
            }
            bootstrap.replicates_of(n, |index| on_windows(key, side, index))
        })
        .collect();
    pairs
        .iter()
        .map(|&(a, b)| {
            let difference = plain(key, sides[a], sides[b]);
            let without = |why: String| Difference::without(Estimate::without_interval(difference, why));
            let (n_a, n_b) = (sides[a].deviations.len(), sides[b].deviations.len());
            if n_a != n_b {
                return without(format!("{n_a} and {n_b} windows are not pairs"));
            }
            let (Some(of_a), Some(of_b)) = (&by_side[a], &by_side[b]) else {
                let bootstrap = BlockBootstrap::of_windows(n_a, windows.overlap, windows.seed);
                let why = "the figure is undefined on a resampled history";
                return without(bootstrap.fault(n_a).unwrap_or_else(|| why.into()));
            };
            let replicates: Vec<f64> = of_b.iter().zip(of_a).map(|(b, a)| b - a).collect();
            Difference::without(BlockBootstrap::around_replicates(difference, &replicates))
        })
        .collect()
}

/// A figure on resampled windows.
fn on_windows(key: &str, side: &PolicyOutcome, index: &[usize]) -> Option<f64> {
    let pick =
        |values: &[f64]| index.iter().map(|path| values.get(*path).copied()).collect::<Option<Vec<f64>>>();
    let of = |source: Source| match source {
        Source::Deviation => pick(&side.deviations),
        Source::Cost => pick(&side.paired.windows.as_ref()?[0]),
        Source::Te => pick(&side.paired.windows.as_ref()?[1]),
    };
    let values = of(source(key))?;
    let tally = || MeanTally::from_slice(&values);
    match key {
        "mean" | "cost_total" | "te_path_mean" => tally().mean(),
        "std" => tally().std(),
        "te_cross" => {
            let std = value(side, "std")?;
            let scale = if std > 0.0 { value(side, key)? / std } else { 0.0 };
            Some(scale * Moments::from_slice(&values).std()?)
        }
        "rms_deviation" | "te_path_rms" => tally().rms(),
        "var_95" => var_estimate(&sorted(&values), 0.95).value,
        "var_99" => var_estimate(&sorted(&values), 0.99).value,
        "cvar_95" => cvar_estimate(&sorted(&values), 0.95).value,
        "cvar_99" => cvar_estimate(&sorted(&values), 0.99).value,
        _ => None,
    }
}
