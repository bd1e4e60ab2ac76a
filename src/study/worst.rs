//! The worst paths of a run, and what they have in common: their blocks are run again with someone looking on.
use std::collections::{BTreeMap, BTreeSet};

use crate::engine::{Execution, Glance, Outcome, PolicyOutcome, RunError, Seen, Watch, run_again};
use crate::math::{B, Lanes};
use crate::metric::Unit;
use crate::scenario::Scenario;
use crate::stats::{Estimate, MeanTally, Units};

/// What may drive a deviation.
#[derive(Debug, PartialEq, Eq)]
pub struct Driver {
    /// Its column in `worst.csv`, its key in `summary.json`.
    pub key: &'static str,
    /// Unit of its value.
    pub unit: Unit,
    /// Whether it exists only where policies see prices through an oracle.
    pub of_oracle: bool,
    source: Source,
}

/// Where a driver comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Source {
    /// A column of the watch: the market's, the same for every policy.
    Watched(usize),
    /// A figure of the run by path, and with a mean over all its paths.
    Figure,
}

const fn driver(key: &'static str, unit: Unit, of_oracle: bool, source: Source) -> Driver {
    Driver { key, unit, of_oracle, source }
}

/// Every driver, in the order of the files.
///
/// `realised_volatility` is `√(Σ_j r_ij²/(m n dt))` over the m assets' log returns `r_ij` of the n steps, `largest_gap`
/// `max_ij |r_ij|`; `oracle_age` and `oracle_error` are the largest age in seconds and the largest `|P_ij/S_ij − 1|` of
/// what policies saw at the steps `0 < j < n`, over the assets that have an oracle. The rest are the figures of that name.
pub const DRIVERS: [Driver; 7] = [
    driver("cost_total", Unit::Currency, false, Source::Figure),
    driver("realised_volatility", Unit::PerSqrtYear, false, Source::Watched(0)),
    driver("largest_gap", Unit::Ratio, false, Source::Watched(1)),
    driver("oracle_age", Unit::Seconds, true, Source::Watched(2)),
    driver("oracle_error", Unit::Ratio, true, Source::Watched(3)),
    driver("cost_gas", Unit::Currency, false, Source::Figure),
    driver("trades", Unit::Count, false, Source::Figure),
];

/// Paths behind the market's means over all: the first of the run.
pub const SAMPLE: u64 = 1 << 10;

/// The worst paths of one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstOf {
    /// Name of the policy.
    pub policy: String,
    /// The lowest deviation first.
    pub paths: Vec<WorstPath>,
    /// What they have in common, in the order of [`DRIVERS`].
    pub means: Vec<DriverMeans>,
}

/// One of the worst paths.
#[derive(Debug, Clone, PartialEq)]
pub struct WorstPath {
    /// Number of the path, from 0: `replay` shows it.
    pub path: u64,
    /// Terminal deviation in currency.
    pub deviation: f64,
    /// In the order of [`DRIVERS`]; absent where it does not exist.
    pub drivers: [Option<f64>; DRIVERS.len()],
}

/// A driver over the worst paths against all.
#[derive(Debug, Clone, PartialEq)]
pub struct DriverMeans {
    /// Which.
    pub driver: &'static Driver,
    /// Its mean over the worst paths. The error is that of a mean given where the tail begins.
    pub worst: Estimate,
    /// Its mean over all paths, or over the first of them.
    pub all: Estimate,
    /// How many.
    pub n_all: u64,
}

/// The worst paths of every policy, as many as `run.worst` asks for; none where it asks for none.
///
/// A row is the same whatever other policies run beside its own.
///
/// # Errors
///
/// Those of [`run_again`]; a path that does not end where it ended in the run is a bug and says so.
pub fn worst(
    scenario: &Scenario,
    outcome: &Outcome,
    execution: &Execution,
) -> Result<Vec<WorstOf>, RunError> {
    if outcome.policies.iter().all(|policy| policy.worst.is_empty()) {
        return Ok(Vec::new());
    }
    let seen = again(scenario, outcome, execution)?;
    let has_oracle = scenario.assets.iter().any(|asset| asset.oracle.is_some());
    let policies = outcome.policies.iter().enumerate();
    policies
        .map(|(index, policy)| {
            let paths = paths(policy, index, &seen, has_oracle)?;
            let means = DRIVERS.iter().enumerate();
            let means = means.map(|(k, driver)| compared((k, driver), &paths, &seen, policy, outcome));
            Ok(WorstOf { policy: policy.name.clone(), means: means.collect(), paths })
        })
        .collect()
}

/// Paths that were run again: each with the policies beside it, by their places in the scenario.
type Again = BTreeMap<u64, (Vec<usize>, Seen)>;

/// Runs the sample and every policy's worst paths again, each block under no more policies than have one in it.
fn again(scenario: &Scenario, outcome: &Outcome, execution: &Execution) -> Result<Again, RunError> {
    let block = |path: u64| path / B as u64;
    let mut by_block: BTreeMap<u64, (BTreeSet<usize>, BTreeSet<u64>)> = BTreeMap::new();
    for path in 0..SAMPLE.min(outcome.n_paths) {
        by_block.entry(block(path)).or_default().1.insert(path);
    }
    for (index, policy) in outcome.policies.iter().enumerate() {
        for worst in &policy.worst {
            let (policies, paths) = by_block.entry(block(worst.path)).or_default();
            policies.insert(index);
            paths.insert(worst.path);
        }
    }
    let mut by_policies: BTreeMap<Vec<usize>, BTreeSet<u64>> = BTreeMap::new();
    for (policies, paths) in by_block.into_values() {
        // the market needs somebody to run for
        let policies = if policies.is_empty() { vec![0] } else { policies.into_iter().collect() };
        by_policies.entry(policies).or_default().extend(paths);
    }
    let watch: &(dyn Fn() -> Box<dyn Watch> + Sync) = &|| Box::new(MarketWatch::new());
    let mut all = Again::new();
    for (policies, paths) in by_policies {
        let mut part = scenario.clone();
        part.policies = policies.iter().map(|index| scenario.policies[*index].clone()).collect();
        for seen in run_again(&part, execution, &paths, watch)? {
            all.insert(seen.path, (policies.clone(), seen));
        }
    }
    Ok(all)
}

fn paths(
    policy: &PolicyOutcome,
    index: usize,
    seen: &Again,
    has_oracle: bool,
) -> Result<Vec<WorstPath>, RunError> {
    let row = |worst: &crate::engine::Worst| {
        let found = seen.get(&worst.path).and_then(|(policies, seen)| {
            let place = policies.iter().position(|policy| *policy == index)?;
            Some((place, seen))
        });
        let again = found.and_then(|(place, seen)| seen.figure(place, "deviation"));
        let Some((place, seen)) =
            found.filter(|_| again.map(f64::to_bits) == Some(worst.deviation.to_bits()))
        else {
            let what = format!(
                "path {} of policy `{}` ended at {} and, run again, at {again:?}: a bug",
                worst.path, policy.name, worst.deviation
            );
            return Err(RunError::Misfit { chunk: worst.path / crate::engine::CHUNK_PATHS, what });
        };
        let value = |driver: &Driver| match driver.source {
            _ if driver.of_oracle && !has_oracle => None,
            Source::Watched(column) => seen.watched.get(column).copied(),
            Source::Figure => seen.figure(place, driver.key),
        };
        let mut drivers = [None; DRIVERS.len()];
        for (place, driver) in drivers.iter_mut().zip(&DRIVERS) {
            *place = value(driver);
        }
        Ok(WorstPath { path: worst.path, deviation: worst.deviation, drivers })
    };
    policy.worst.iter().map(row).collect()
}

fn compared(
    (k, driver): (usize, &'static Driver),
    paths: &[WorstPath],
    seen: &Again,
    policy: &PolicyOutcome,
    outcome: &Outcome,
) -> DriverMeans {
    let values: Vec<f64> = paths.iter().filter_map(|path| path.drivers[k]).collect();
    let (worst, all, n_all) = if values.is_empty() {
        let none = Estimate::undefined("there is no oracle");
        (none.clone(), none, 0)
    } else {
        let worst = mean(&values, outcome.overlap);
        match driver.source {
            Source::Watched(column) => {
                let sample = seen.range(..SAMPLE);
                let values: Vec<f64> =
                    sample.filter_map(|(_, (_, seen))| seen.watched.get(column).copied()).collect();
                (worst, mean_over(policy.paired.units, &values, outcome.overlap), values.len() as u64)
            }
            Source::Figure => {
                let missing = || Estimate::undefined("the run did not make this figure");
                (worst, policy.metric(driver.key).cloned().unwrap_or_else(missing), outcome.n_paths)
            }
        }
    };
    DriverMeans { driver, worst, all, n_all }
}

/// The same over the independent units of the first paths of a run.
fn mean_over(units: Units, values: &[f64], overlap: Option<usize>) -> Estimate {
    let plain = mean(values, overlap);
    match (units, plain.value, units.law_of_mean(values)) {
        (Units::Paths, ..) | (_, None, _) => plain,
        (_, Some(value), Some(law)) => law.estimate(value),
        (_, Some(value), None) => Estimate::without_interval(value, "there are too few units of paths"),
    }
}

/// Mean with its error; windows that overlap are not independent, and a few of them have none.
fn mean(values: &[f64], overlap: Option<usize>) -> Estimate {
    let estimate = MeanTally::from_slice(values).mean_estimate();
    match (overlap, estimate.value) {
        (Some(_), Some(value)) => {
            Estimate::without_interval(value, "windows of a history that overlap depend on each other")
        }
        _ => estimate,
    }
}

/// What the market did on the paths of a block.
#[derive(Debug)]
struct MarketWatch {
    /// Log price of the step before, by asset.
    before: Vec<Lanes>,
    /// Sum of squared log returns.
    square: Lanes,
    gap: Lanes,
    age: Lanes,
    error: Lanes,
    /// `m n dt` of the returns so far.
    years: f64,
}

fn raise(most: &mut Lanes, by: impl Fn(usize) -> f64) {
    for lane in 0..B {
        let x = by(lane);
        if x > most[lane] {
            most[lane] = x;
        }
    }
}

impl MarketWatch {
    fn new() -> Self {
        let zero = Lanes::ZERO;
        Self { before: Vec::new(), square: zero, gap: zero, age: zero, error: zero, years: 0.0 }
    }

    fn returns(&mut self, glance: &Glance<'_>) {
        let Self { before, square, gap, years, .. } = self;
        for (asset, before) in before.iter_mut().enumerate() {
            let now = glance.log_price(asset);
            for lane in 0..B {
                let moved = now[lane] - before[lane];
                square[lane] += moved * moved;
            }
            raise(gap, |lane| (now[lane] - before[lane]).abs());
            *before = *now;
            *years += glance.dt();
        }
    }

    fn sight(&mut self, glance: &Glance<'_>) {
        let Self { age, error, .. } = self;
        let (now, step) = (glance.step() as f64, glance.step_seconds());
        for asset in 0..glance.n_assets() {
            let Some((seen, posted)) = glance.seen(asset) else { continue };
            let truth = glance.price(asset);
            raise(age, |lane| (now - posted[lane]) * step);
            raise(error, |lane| (seen[lane] / truth[lane] - 1.0).abs());
        }
    }
}

impl Watch for MarketWatch {
    fn after_step(&mut self, glance: &Glance<'_>) {
        if glance.step() == 0 {
            self.before = (0..glance.n_assets()).map(|asset| *glance.log_price(asset)).collect();
            return;
        }
        self.returns(glance);
        if glance.step() < glance.last() {
            self.sight(glance);
        }
    }

    fn columns(&self) -> Vec<Lanes> {
        let mut volatility = self.square;
        for lane in 0..B {
            volatility[lane] = (volatility[lane] / self.years).sqrt();
        }
        vec![volatility, self.gap, self.age, self.error]
    }
}
