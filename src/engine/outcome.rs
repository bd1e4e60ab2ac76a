//! What a run found: the plain value that studies and reports read.
use crate::metric::Metric;
use crate::stats::{Binned, Estimate, SectionTally, Units};

use super::precision::Reached;

/// Everything a run found.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// Paths simulated.
    pub n_paths: u64,
    /// Plain numbers of the scenario.
    pub constants: Constants,
    /// One for each policy, in the order of the scenario.
    pub policies: Vec<PolicyOutcome>,
    /// Windows of a history that begin within one horizon of each other: paths that overlap are not independent.
    pub overlap: Option<usize>,
    /// What a reader must know before the figures: few paths in a tail, overlapping windows, dropped rows.
    pub notes: Vec<String>,
    /// What became of the errors asked for, where they were.
    pub precision: Option<Reached>,
}

/// Plain numbers of the scenario, in currency and years.
#[derive(Debug, Clone, PartialEq)]
pub struct Constants {
    /// Horizon in years.
    pub years: f64,
    /// Options: Σ over assets of S_0 Σ|quantity|. Basket: initial value.
    pub notional: f64,
    /// Σ|quantity|·premium (options only).
    pub premium_gross: Option<f64>,
    /// Premium per unit of every leg (options only).
    pub premiums: Option<Vec<f64>>,
}

/// What a run found for one policy.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyOutcome {
    /// Name in the scenario.
    pub name: String,
    /// Registered name of its rule.
    pub kind: &'static str,
    /// Every figure of `metric::METRICS`, in that order.
    pub metrics: Vec<(&'static Metric, Estimate)>,
    /// Terminal deviation by path, in currency; empty where there are too many to keep.
    pub deviations: Vec<f64>,
    /// Terminal deviations in ascending order, each known to its bin, where they are not kept by path.
    pub binned: Option<Binned>,
    /// Tracking deviation through time (with `path_metrics`).
    pub timeline: Option<Timeline>,
    /// Figures by path, where they were asked for.
    pub paths: Option<PathTable>,
    /// What comparisons with another policy or run need besides.
    pub paired: Paired,
    /// The lowest deviations, lowest first, ties by path: as many as `run.worst` asks for.
    pub worst: Vec<Worst>,
    /// By figure, as in `metrics`: how many times larger its variance would be with as many independent paths; empty where
    /// the paths are independent.
    pub variance_ratios: Vec<Option<f64>>,
    /// The mean deviation by a control variate, where the scenario asks for it.
    pub controlled: Option<Controlled>,
    /// What its efficiency constant is measured in, and what theory says of it; absent where the run has no such constant.
    pub efficiency: Option<Efficiency>,
}

/// Terms of the efficiency constant `C = TE·turnover/(σv)`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Efficiency {
    /// σ: annual volatility of the risky asset, or of one of the two against the other.
    pub volatility: f64,
    /// v: `w²(1 − w)²σ²`, the variance a year that the weight gap gains.
    pub gap_variance: f64,
    /// The constant of this rule without costs on a fine grid, where it has a closed form.
    pub theory: Option<f64>,
}

/// The mean deviation with what a control of known mean explains of it taken out.
#[derive(Debug, Clone, PartialEq)]
pub struct Controlled {
    /// `mean − slope·(mean of the control − 0)`.
    pub mean: Estimate,
    /// How far the deviation moves with the control.
    pub slope: f64,
    /// How many times larger the variance of the plain mean is; absent where one of the two has none.
    pub variance_ratio: Option<f64>,
}

/// A deviation and its path.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Worst {
    /// Number of the path, from 0.
    pub path: u64,
    /// Terminal deviation in currency.
    pub deviation: f64,
}

/// What a comparison on the same paths needs of figures whose paths are not kept.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Paired {
    /// Which paths are independent of each other.
    pub units: Units,
    /// Terminal deviation by section, where its paths are not kept.
    pub deviation: Option<Box<SectionTally>>,
    /// Total cost by section.
    pub cost: Option<Box<SectionTally>>,
    /// Tracking error of a path by section (with `path_metrics`).
    pub te: Option<Box<SectionTally>>,
    /// Total cost and tracking error by path, where windows of a history overlap.
    pub windows: Option<[Vec<f64>; 2]>,
}

impl PolicyOutcome {
    /// The estimate of one figure.
    pub fn metric(&self, key: &str) -> Option<&Estimate> {
        self.metrics.iter().find(|(metric, _)| metric.key == key).map(|(_, estimate)| estimate)
    }
}

/// Levels of the timeline's quantiles.
pub const TIMELINE_LEVELS: [f64; 7] = [0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99];

/// Tracking deviation at at most 101 times.
#[derive(Debug, Clone, PartialEq)]
pub struct Timeline {
    /// The first so many paths of the run stand behind the quantiles.
    pub n_paths: u64,
    /// Times in years from the start.
    pub years: Vec<f64>,
    /// By time: the quantiles at `TIMELINE_LEVELS`, in currency.
    pub quantiles: Vec<[f64; 7]>,
    /// A few sample paths: by path, by time, in currency.
    pub samples: Vec<Vec<f64>>,
}

/// Figures by path.
#[derive(Debug, Clone, PartialEq)]
pub struct PathTable {
    /// Column names.
    pub columns: Vec<&'static str>,
    /// By column, by path.
    pub values: Vec<Vec<f64>>,
}

impl PathTable {
    /// One figure of every path, by the name of its column in `paths.csv`.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let place = self.columns.iter().position(|column| *column == name)?;
        self.values.get(place).map(Vec::as_slice)
    }
}
