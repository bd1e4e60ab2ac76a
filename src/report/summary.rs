//! The figures of a run as they stand in `summary.json`; also what the terminal table is made from.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::{Outcome, PolicyOutcome};
use crate::metric::{COSTS, METRICS, Unit};
use crate::scenario::Scenario;
use crate::stats::{BlockBootstrap, Estimate, Moments, Units, std_ratio_over};
use crate::study::compare::compare;
use crate::study::worst::WorstOf;

use super::limits::{Breach, breaches};

mod compared;
mod keyed;
mod precise;
mod remembered;
mod schema;
mod worst;

pub use compared::{Contrast, Efficient, Ranking, Standing};
pub use precise::{Controlled, Goal, Precision, pilot_words};
pub use schema::schema;
pub use worst::{Contrasted, WorstDrivers};

/// Version of the layout of `summary.json`: adding keys keeps it, removing or changing one raises it.
pub const SCHEMA: u32 = 1;
/// Version of the random streams: a change that moves any number at a fixed seed raises it.
pub const STREAM_VERSION: u32 = 2;
/// Version of this crate.
pub const ENGINE_VERSION: &str = env!("CARGO_PKG_VERSION");

/// A finished run.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    /// Layout of this file.
    pub schema: u32,
    /// Version of the crate that ran.
    pub engine_version: String,
    /// Version of the random streams.
    pub stream_version: u32,
    /// What was run.
    pub scenario: Identity,
    /// One for each policy; none depends on the others.
    pub policies: Vec<PolicySummary>,
    /// The policy of the smallest against the one of the largest std.
    pub relative: Option<Relative>,
    /// Every pair of policies on the same paths.
    #[serde(default)]
    pub differences: Vec<Contrast>,
    /// The policies by each compared figure, best first.
    #[serde(default)]
    pub rankings: Vec<Ranking>,
    /// Which policies no other beats in total cost and std.
    #[serde(default)]
    pub efficient: Vec<Efficient>,
    /// What became of the errors asked for, where they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Limits that are broken.
    pub breaches: Vec<Breach>,
    /// Windows of a history that begin within one horizon of each other; none where paths are simulated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub overlap: Option<usize>,
    /// Which paths are independent of each other, where not every single one is.
    #[serde(default, skip_serializing_if = "Units::are_paths")]
    pub units: Units,
    /// What a reader must know before the figures.
    pub notes: Vec<String>,
}

/// Which scenario.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Identity {
    /// Its name.
    pub name: String,
    /// SHA-256 of the checked scenario and its data.
    pub hash: String,
    /// Seed of every draw.
    pub seed: u64,
    /// Paths simulated.
    pub paths: u64,
}

/// Figures of one policy.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PolicySummary {
    /// Name in the scenario.
    pub name: String,
    /// Registered name of its rule.
    pub kind: String,
    /// By key, in the order of the registry.
    #[serde(with = "keyed")]
    #[schemars(with = "std::collections::BTreeMap<String, Figure>")]
    pub metrics: Vec<(String, Figure)>,
    /// By name of the cost.
    #[serde(with = "keyed")]
    #[schemars(with = "std::collections::BTreeMap<String, Figure>")]
    pub costs: Vec<(String, Figure)>,
    /// Plain numbers of the scenario.
    pub constants: PlainNumbers,
    /// What its worst paths have in common, where the run looked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worst_drivers: Option<WorstDrivers>,
    /// Its mean deviation by a control variate, where the scenario asks for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub controlled: Option<Controlled>,
    /// What its efficiency constant is measured in and set against, where the run has such a constant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub efficiency: Option<Efficiency>,
}

/// Terms of the efficiency constant `C = TE·turnover/(σv)`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Efficiency {
    /// σ: annual volatility of the risky asset, or of one of the two against the other.
    pub volatility: f64,
    /// v: `w²(1 − w)²σ²`, the variance a year that the weight gap gains.
    pub gap_variance: f64,
    /// The constant of this rule without costs on a fine grid; null where it has no closed form.
    pub theory: Option<f64>,
}

/// One figure; an undefined one is null and says why.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize, JsonSchema)]
pub struct Figure {
    /// The figure.
    pub value: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its 95 % interval.
    pub ci: Option<[f64; 2]>,
    /// Unit of all of them.
    pub unit: String,
    /// A currency value in bps of notional.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bps: Option<f64>,
    /// Why something is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How many times larger its variance would be with as many independent paths, where paths are not independent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub variance_ratio: Option<f64>,
    /// Whether intervals like its own hold the truth less than nine times in ten.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub indicative: bool,
}

/// Horizon, notional and premiums.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct PlainNumbers {
    /// Horizon in years.
    #[serde(rename = "T")]
    pub years: f64,
    /// Notional in currency.
    pub notional: f64,
    /// Σ|quantity|·premium (options).
    pub premium_gross: Option<f64>,
    /// Premium per unit of every leg (options).
    pub premiums: Option<Vec<f64>>,
}

/// Smallest against largest std.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Relative {
    /// Policy of the smallest std.
    pub tight: String,
    /// Policy of the largest.
    pub loose: String,
    /// Largest over smallest, with its paired error.
    pub ratio: Figure,
    /// Mean total cost of the tight policy in currency.
    pub tight_cost: Option<f64>,
    /// Mean total cost of the loose policy in currency.
    pub loose_cost: Option<f64>,
}

impl Figure {
    /// An estimate with its unit, and in bps where it is currency.
    pub fn of(estimate: &Estimate, unit: Unit, notional: f64) -> Self {
        let bps = (unit == Unit::Currency).then_some(estimate.value).flatten().map(|v| v / notional * 1e4);
        Self {
            value: estimate.value,
            se: estimate.se,
            ci: estimate.ci,
            unit: unit.name().into(),
            bps: bps.filter(|bps| bps.is_finite()),
            reason: estimate.reason.clone(),
            variance_ratio: None,
            indicative: false,
        }
    }
}

impl PolicySummary {
    /// The figure of that key.
    pub fn metric(&self, key: &str) -> Option<&Figure> {
        self.metrics.iter().find(|(known, _)| known == key).map(|(_, figure)| figure)
    }

    fn of(policy: &PolicyOutcome, outcome: &Outcome) -> Self {
        let constants = &outcome.constants;
        let missing = Estimate::undefined("the run did not make this figure");
        let ratio = |key: &str| {
            let place = policy.metrics.iter().position(|(metric, _)| metric.key == key)?;
            policy.variance_ratios.get(place).copied().flatten()
        };
        let figure = |key: &str, unit| Figure {
            variance_ratio: ratio(key),
            indicative: precise::indicative(key, policy, outcome),
            ..Figure::of(policy.metric(key).unwrap_or(&missing), unit, constants.notional)
        };
        Self {
            name: policy.name.clone(),
            kind: policy.kind.into(),
            metrics: METRICS
                .iter()
                .map(|metric| (metric.key.to_owned(), figure(metric.key, metric.unit)))
                .collect(),
            costs: COSTS
                .iter()
                .map(|name| ((*name).to_owned(), figure(&format!("cost_{name}"), Unit::Currency)))
                .collect(),
            constants: PlainNumbers {
                years: constants.years,
                notional: constants.notional,
                premium_gross: constants.premium_gross,
                premiums: constants.premiums.clone(),
            },
            worst_drivers: None,
            controlled: policy
                .controlled
                .as_ref()
                .map(|found| precise::controlled(found, constants.notional)),
            efficiency: policy.efficiency.map(|it| Efficiency {
                volatility: it.volatility,
                gap_variance: it.gap_variance,
                theory: it.theory,
            }),
        }
    }
}

impl Summary {
    /// The summary of a run; `hash` is that of the checked scenario and its data.
    pub fn of(scenario: &Scenario, hash: &str, outcome: &Outcome) -> Self {
        let comparison = compare(outcome, scenario.run.seed);
        let (differences, rankings, efficient) = compared::of(&comparison, outcome);
        Self {
            schema: SCHEMA,
            engine_version: ENGINE_VERSION.into(),
            stream_version: STREAM_VERSION,
            scenario: Identity {
                name: scenario.name.clone(),
                hash: hash.into(),
                seed: scenario.run.seed,
                paths: outcome.n_paths,
            },
            policies: outcome.policies.iter().map(|policy| PolicySummary::of(policy, outcome)).collect(),
            relative: relative(outcome, scenario.run.seed),
            differences,
            rankings,
            efficient,
            precision: outcome.precision.as_ref().map(Precision::of),
            breaches: breaches(scenario, outcome),
            overlap: outcome.overlap,
            units: outcome.policies.first().map_or(Units::Paths, |policy| policy.paired.units),
            notes: precise::notes(outcome),
        }
    }

    /// The same with what the worst paths of each policy have in common.
    #[must_use]
    pub fn with_worst(mut self, worst: &[WorstOf]) -> Self {
        for policy in &mut self.policies {
            let own = worst.iter().find(|worst| worst.policy == policy.name);
            policy.worst_drivers = own.map(|worst| WorstDrivers::of(worst, policy.constants.notional));
        }
        self
    }
}

/// None with one policy, and where the smallest std is zero but for rounding.
fn relative(outcome: &Outcome, seed: u64) -> Option<Relative> {
    let std = |policy: &PolicyOutcome| policy.metric("std").and_then(|estimate| estimate.value);
    let with_std: Vec<(f64, &PolicyOutcome)> =
        outcome.policies.iter().filter_map(|policy| Some((std(policy)?, policy))).collect();
    let (least, tight) = with_std.iter().min_by(|a, b| a.0.total_cmp(&b.0))?;
    let (most, loose) = with_std.iter().max_by(|a, b| a.0.total_cmp(&b.0))?;
    // below a billionth of a basis point stands rounding, not risk
    let noise = 1e-13 * outcome.constants.notional;
    if !(*least > noise && most > least) {
        return None;
    }
    let cost = |policy: &PolicyOutcome| policy.metric("cost_total").and_then(|estimate| estimate.value);
    let ratio = if tight.binned.is_some() {
        Estimate::without_interval(most / least, "its paired error needs every deviation, which are not kept")
    } else {
        ratio_of_std(tight, loose, outcome.overlap, seed)
    };
    ratio.value?;
    Some(Relative {
        tight: tight.name.clone(),
        loose: loose.name.clone(),
        ratio: Figure::of(&ratio, Unit::Ratio, outcome.constants.notional),
        tight_cost: cost(tight),
        loose_cost: cost(loose),
    })
}

/// Paired ratio `std(loose)/std(tight)`; overlapping windows depend on each other, so that blocks of them are resampled.
fn ratio_of_std(tight: &PolicyOutcome, loose: &PolicyOutcome, overlap: Option<usize>, seed: u64) -> Estimate {
    let units = tight.paired.units;
    let (tight, loose) = (&tight.deviations, &loose.deviations);
    let plain = std_ratio_over(units, tight, loose);
    let (Some(overlap), Some(value)) = (overlap, plain.value) else { return plain };
    let std = |values: &[f64], index: &[usize]| {
        Moments::from_slice(&index.iter().map(|path| values[*path]).collect::<Vec<f64>>()).std()
    };
    let found = BlockBootstrap::of_windows(tight.len(), overlap, seed).estimate(tight.len(), |index| {
        let ratio = std(loose, index)? / std(tight, index)?;
        ratio.is_finite().then_some(ratio)
    });
    found.around(value)
}
