//! From tallies to figures with their errors.
use crate::metric::{METRICS, Metric, by_key};
use crate::stats::{
    BIN_ERROR, Binned, BlockBootstrap, Estimate, Moments, RatioSections, SectionMoments, Units,
    cvar_estimate, few_tail_paths, quantile, quantile_estimate, ranked, sorted, var_estimate,
};

use super::by_units;
use super::columns::Column;
use super::outcome::{Paired, PathTable, PolicyOutcome, Worst};
use super::plan::{Plan, PolicyPlan};
use super::tally::{PolicyTally, Storage};
use super::units;

/// How a figure is made.
#[derive(Debug, Clone, Copy)]
pub(super) enum Recipe {
    Mean(Column),
    Std,
    Skew,
    Kurtosis,
    Quantile(f64),
    Var(f64),
    Cvar(f64),
    /// Root of the mean square of the deviation.
    Rms,
    /// std over notional and root of time.
    TeCross,
    TeRms,
    GapRms,
    OracleError,
    OracleAge,
    /// Tracking error times traded weight in natural units.
    Efficiency,
}

/// The recipe of a registered figure; every key of `METRICS` has one (a test sees to it).
fn recipe(key: &str) -> Option<Recipe> {
    Some(match key {
        "mean" => Recipe::Mean(Column::Deviation),
        "std" => Recipe::Std,
        "skew" => Recipe::Skew,
        "kurtosis_excess" => Recipe::Kurtosis,
        "q01" => Recipe::Quantile(0.01),
        "q05" => Recipe::Quantile(0.05),
        "q50" => Recipe::Quantile(0.5),
        "q95" => Recipe::Quantile(0.95),
        "q99" => Recipe::Quantile(0.99),
        "var_95" => Recipe::Var(0.95),
        "var_99" => Recipe::Var(0.99),
        "cvar_95" => Recipe::Cvar(0.95),
        "cvar_99" => Recipe::Cvar(0.99),
        "rms_deviation" => Recipe::Rms,
        "te_cross" => Recipe::TeCross,
        "te_path_rms" => Recipe::TeRms,
        "gap_rms" => Recipe::GapRms,
        "oracle_error_rms" => Recipe::OracleError,
        "oracle_age_at_trade" => Recipe::OracleAge,
        "efficiency_constant" => Recipe::Efficiency,
        other => Recipe::Mean(Column::ALL.iter().copied().find(|column| column.name() == other)?),
    })
}

/// The largest tail share of a CVaR among the figures.
const DEEPEST_TAIL: f64 = 1.0 - 0.95;

/// Levels of all quantiles among the figures.
fn levels() -> Vec<f64> {
    let of = |metric: &Metric| match recipe(metric.key)? {
        Recipe::Quantile(p) => Some(p),
        Recipe::Var(a) | Recipe::Cvar(a) => Some(1.0 - a),
        _ => None,
    };
    METRICS.iter().filter_map(of).collect()
}

/// Blocks of consecutive windows that stand for the dependence of a history's paths.
#[derive(Debug, Clone, Copy)]
pub(super) struct Windows {
    /// Windows that begin within one horizon.
    pub(super) overlap: usize,
}

/// Everything found for one policy, as figures.
pub(super) fn summarise(
    plan: &Plan,
    policy: &PolicyPlan,
    tally: PolicyTally,
    windows: Option<Windows>,
    keep: bool,
) -> PolicyOutcome {
    let units = plan.units;
    let ascending = match units {
        Units::Paths => ranked(&tally.deviations, &levels(), DEEPEST_TAIL),
        // intervals over units read order statistics that only they know
        _ => sorted(&tally.deviations),
    };
    let shape = SectionMoments::over(units, &tally.deviations);
    let moments = tally.shape.as_ref().map_or(*shape.whole(), |shape| shape.moments);
    let binned = tally.shape.as_ref().map(|shape| shape.histogram.ascending());
    let found = Found { plan, tally: &tally, ascending: &ascending, shape: &shape, moments: &moments };
    let (metrics, mut variance_ratios) = found.figures(policy, binned.as_ref(), windows);
    if units == Units::Paths {
        variance_ratios.clear();
    }
    let plain_mean = metrics.iter().find(|(metric, _)| metric.key == "mean").map(|(_, mean)| mean);
    let controlled = plain_mean.and_then(|mean| units::controlled(units, &tally.control, mean, mean.value?));
    let worst =
        tally.least.kept().iter().map(|(deviation, path)| Worst { path: *path, deviation: *deviation });
    PolicyOutcome {
        name: policy.name.clone(),
        kind: policy.kind,
        metrics,
        binned,
        timeline: plan.path_metrics.then(|| tally.timeline.outcome(plan)),
        worst: worst.collect(),
        variance_ratios,
        controlled,
        efficiency: plan.efficiency.ok().map(|terms| terms.of(policy, plan.n_assets())),
        paired: paired(units, windows.is_some(), &tally),
        deviations: tally.deviations,
        paths: tally.table.filter(|_| keep).map(|values| path_table(plan, policy, values)),
    }
}

/// What the differences between policies are made of.
fn paired(units: Units, by_window: bool, tally: &PolicyTally) -> Paired {
    let of_windows = |table: &Vec<Vec<f64>>| {
        [Column::CostTotal, Column::TrackingError].map(|column| table[column as usize].clone())
    };
    Paired {
        units,
        windows: tally.table.as_ref().filter(|_| by_window).map(of_windows),
        deviation: tally.paired.deviation.clone(),
        cost: tally.paired.cost.clone(),
        te: tally.paired.te.clone(),
    }
}

/// Figures by path; a column whose figure is undefined holds nothing.
fn path_table(plan: &Plan, policy: &PolicyPlan, mut values: Vec<Vec<f64>>) -> PathTable {
    for (column, values) in Column::ALL.iter().zip(&mut values) {
        let metric = by_key(column.name());
        if metric.is_some_and(|metric| undefined(plan, policy, metric).is_some()) {
            values.fill(f64::NAN);
        }
    }
    PathTable { columns: Column::ALL.iter().map(|column| column.name()).collect(), values }
}

/// What a policy's figures are made of.
struct Found<'a> {
    plan: &'a Plan,
    tally: &'a PolicyTally,
    ascending: &'a [f64],
    shape: &'a SectionMoments,
    moments: &'a Moments,
}

impl Found<'_> {
    /// Every figure in its order, and what it is worth that paths are not independent.
    fn figures(
        &self,
        policy: &PolicyPlan,
        binned: Option<&Binned>,
        windows: Option<Windows>,
    ) -> (Vec<(&'static Metric, Estimate)>, Vec<Option<f64>>) {
        let figure = |metric| match (undefined(self.plan, policy, metric), recipe(metric.key)) {
            (Some(reason), _) => (Estimate::undefined(reason), None),
            (None, None) => (Estimate::undefined("not made by this engine"), None),
            (None, Some(recipe)) => self.figure(recipe, binned, windows),
        };
        let found = METRICS.iter().map(|metric| (metric, figure(metric)));
        found.map(|(metric, (estimate, ratio))| ((metric, estimate), ratio)).unzip()
    }

    /// A figure and, where paths are not independent, what that is worth.
    fn figure(
        &self,
        recipe: Recipe,
        binned: Option<&Binned>,
        windows: Option<Windows>,
    ) -> (Estimate, Option<f64>) {
        let Self { plan, tally, ascending, shape, moments } = *self;
        let mut figure = binned
            .and_then(|binned| from_bins(recipe, tally, binned, moments))
            .unwrap_or_else(|| estimate(plan, recipe, tally, ascending, shape, moments));
        if let Some(windows) = windows {
            figure = resampled(plan, recipe, tally, windows, &figure);
        }
        let Some(by_unit) = &tally.units else { return (figure, None) };
        let facts = by_units::Facts { units: plan.units, by_unit, tally, ascending, shape };
        let plain = by_units::plain_error(&facts, recipe, &figure);
        let figure = by_units::estimate(&facts, recipe, &figure, moments, te_scale(plan));
        let ratio = variance_ratio(plain, figure.se);
        (figure, ratio)
    }
}

/// How many times larger the variance behind the first error is.
pub(super) fn variance_ratio(plain: Option<f64>, se: Option<f64>) -> Option<f64> {
    let ratio = (plain? / se?) * (plain? / se?);
    ratio.is_finite().then_some(ratio)
}

/// Why a figure is not defined for this policy.
fn undefined(plan: &Plan, policy: &PolicyPlan, metric: &Metric) -> Option<&'static str> {
    if let Some(reason) = plan.undefined(metric) {
        return Some(reason);
    }
    match metric.key {
        "time_out_of_band" if policy.decision.band.is_none() => Some("the policy has no band"),
        "gap_rms" | "time_out_of_band" if !plan.has_target(policy) => Some("no hedge_volatility"),
        "te_path_mean" | "te_path_rms" if plan.n_steps - plan.warmup < 2 => Some("fewer than two steps"),
        _ => None,
    }
}

fn estimate(
    plan: &Plan,
    recipe: Recipe,
    tally: &PolicyTally,
    ascending: &[f64],
    shape: &SectionMoments,
    moments: &Moments,
) -> Estimate {
    let ratios = &tally.ratios;
    match recipe {
        Recipe::Mean(Column::Deviation) => moments.mean_estimate(),
        Recipe::Mean(column) => tally.means[column as usize].mean_estimate(),
        Recipe::Std => moments.std_estimate(),
        Recipe::TeCross => moments.std_estimate().scaled(te_scale(plan)),
        Recipe::Skew => shape.estimate(Moments::skew),
        Recipe::Kurtosis => shape.estimate(Moments::kurtosis_excess),
        Recipe::Rms => shape.estimate(Moments::root_mean_square),
        Recipe::Quantile(p) => quantile_estimate(ascending, p),
        Recipe::Var(a) => var_estimate(ascending, a),
        Recipe::Cvar(a) => cvar_estimate(ascending, a),
        Recipe::TeRms => root(ratios.te_square.as_deref()),
        Recipe::GapRms => root(ratios.gap_square.as_deref()),
        Recipe::OracleError | Recipe::OracleAge if !plan.prices.any_oracle => Estimate::known(0.0),
        Recipe::OracleError => root(ratios.oracle_error.as_deref()),
        Recipe::OracleAge => counted(ratios.oracle_age.as_deref(), RatioSections::ratio),
        Recipe::Efficiency => efficiency(plan, tally),
    }
}

fn efficiency(plan: &Plan, tally: &PolicyTally) -> Estimate {
    match &plan.efficiency {
        Ok(terms) => terms.estimate(plan.units, &tally.joint),
        Err(reason) => Estimate::undefined(*reason),
    }
}

/// A figure of the deviations where they are not kept by path; none for the others.
fn from_bins(recipe: Recipe, tally: &PolicyTally, binned: &Binned, moments: &Moments) -> Option<Estimate> {
    let bare = |value: Option<f64>| match value {
        Some(value) => {
            Estimate::without_interval(value, "its error needs every deviation, which are not kept")
        }
        None => Estimate::undefined("nothing varies"),
    };
    Some(match recipe {
        Recipe::Skew => bare(moments.skew()),
        Recipe::Kurtosis => bare(moments.kurtosis_excess()),
        Recipe::Rms => root(tally.ratios.deviation_square.as_deref()),
        Recipe::Quantile(p) => binned.quantile_estimate(p),
        Recipe::Var(a) => binned.var_estimate(a),
        Recipe::Cvar(a) => binned.cvar_estimate(a),
        _ => return None,
    })
}

fn counted(sections: Option<&RatioSections>, figure: impl Fn(&RatioSections) -> Estimate) -> Estimate {
    sections.map_or_else(|| Estimate::undefined("it was not counted"), figure)
}

fn root(sections: Option<&RatioSections>) -> Estimate {
    counted(sections, RatioSections::root)
}

/// 1/(notional √T).
fn te_scale(plan: &Plan) -> f64 {
    1.0 / (plan.constants.notional * plan.constants.years.sqrt())
}

/// The same figure with the interval of a block bootstrap over the windows' starts.
fn resampled(
    plan: &Plan,
    recipe: Recipe,
    tally: &PolicyTally,
    windows: Windows,
    plain: &Estimate,
) -> Estimate {
    let (Some(value), Some(table)) = (plain.value, &tally.table) else { return plain.clone() };
    let n = tally.deviations.len();
    let bootstrap = BlockBootstrap::of_windows(n, windows.overlap, plan.seed);
    bootstrap.estimate(n, |index| point(plan, recipe, table, index)).around(value)
}

/// A figure of resampled paths.
fn point(plan: &Plan, recipe: Recipe, table: &[Vec<f64>], index: &[usize]) -> Option<f64> {
    let mean = |column: Column| {
        let values = &table[column as usize];
        index.iter().map(|path| values[*path]).sum::<f64>() / index.len() as f64
    };
    let deviations =
        || -> Vec<f64> { index.iter().map(|path| table[Column::Deviation as usize][*path]).collect() };
    let value = match recipe {
        Recipe::Mean(column) => mean(column),
        Recipe::Std => Moments::from_slice(&deviations()).std()?,
        Recipe::TeCross => Moments::from_slice(&deviations()).std()? * te_scale(plan),
        Recipe::Skew => Moments::from_slice(&deviations()).skew()?,
        Recipe::Kurtosis => Moments::from_slice(&deviations()).kurtosis_excess()?,
        Recipe::Rms => Moments::from_slice(&deviations()).root_mean_square()?,
        Recipe::Quantile(p) => quantile(&sorted(&deviations()), p)?,
        Recipe::Var(a) => var_estimate(&sorted(&deviations()), a).value?,
        Recipe::Cvar(a) => cvar_estimate(&sorted(&deviations()), a).value?,
        Recipe::TeRms => {
            let squares = &table[Column::TrackingError as usize];
            (index.iter().map(|path| squares[*path] * squares[*path]).sum::<f64>() / index.len() as f64)
                .sqrt()
        }
        Recipe::GapRms => mean(Column::GapSquare).sqrt(),
        Recipe::OracleError => mean(Column::OracleErrorSquare).sqrt(),
        Recipe::OracleAge => mean(Column::AgeSum) / mean(Column::Orders),
        Recipe::Efficiency => {
            let squares = &table[Column::TrackingError as usize];
            let te_square = index.iter().map(|path| squares[*path] * squares[*path]).sum::<f64>();
            plan.efficiency.ok()?.value(te_square / index.len() as f64, mean(Column::TurnoverWeight))
        }
    };
    value.is_finite().then_some(value)
}

/// What a reader must know before the figures.
pub(super) fn notes(plan: &Plan, n_paths: u64, windows: Option<Windows>, storage: Storage) -> Vec<String> {
    let mut notes = Vec::new();
    let knowing: Vec<&str> =
        plan.policies.iter().filter(|policy| policy.all_knowing).map(|policy| policy.name.as_str()).collect();
    if !knowing.is_empty() {
        notes.push(format!(
            "hedged with the process's own volatility (`oracle_volatility`), which no hedger knows: {}",
            knowing.join(", ")
        ));
    }
    notes.extend(by_units::note(plan));
    if n_paths == 1 {
        // a single path has no distribution to speak of
        return notes;
    }
    for (a, percent) in [(0.95, "95 %"), (0.99, "99 %")] {
        if few_tail_paths(n_paths, a) {
            let tail = (n_paths as f64 * (1.0 - a)).round();
            notes.push(format!(
                "only {tail} of {n_paths} paths lie in the {percent} tail: its figures are rough"
            ));
        }
    }
    if storage == Storage::Binned {
        notes.push(format!(
            "too many deviations to keep one by one: quantiles, VaR, CVaR and charts come from a histogram with a \
             relative error of at most 1/{:.0}; intervals allow for it",
            1.0 / BIN_ERROR
        ));
    }
    if let Some(windows) = windows {
        let disjoint = n_paths as usize / windows.overlap.max(1);
        notes.push(format!(
            "{n_paths} overlapping windows of one history hold about {disjoint} disjoint ones; intervals come from a \
             block bootstrap over their starts{}",
            if disjoint < 10 { " and are not printed below 10" } else { "" }
        ));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_registered_figure_has_a_recipe() {
        for metric in METRICS {
            assert!(recipe(metric.key).is_some(), "{}", metric.key);
        }
        assert!(recipe("no_such_figure").is_none());
        let deep = |key| matches!(recipe(key), Some(Recipe::Cvar(a)) if 1.0 - a > DEEPEST_TAIL);
        assert!(!METRICS.iter().any(|metric| deep(metric.key)), "a tail that is not in order");
    }
}
