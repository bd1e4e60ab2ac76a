//! What the worst paths of a policy have in common, as it stands in `summary.json`.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::study::worst::WorstOf;

use super::{Figure, keyed};

/// Means over the worst paths against means over all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct WorstDrivers {
    /// How many are the worst.
    pub paths: u64,
    /// By driver.
    #[serde(with = "keyed")]
    #[schemars(with = "std::collections::BTreeMap<String, Contrasted>")]
    pub drivers: Vec<(String, Contrasted)>,
}

/// One driver.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contrasted {
    /// Mean over the worst paths.
    pub worst: Figure,
    /// Mean over all paths of the run, or over the first of them.
    pub all: Figure,
    /// How many those are.
    pub all_paths: u64,
}

impl WorstDrivers {
    /// With names in place of rows.
    pub(super) fn of(worst: &WorstOf, notional: f64) -> Self {
        let row = |means: &crate::study::worst::DriverMeans| {
            let figure = |estimate| Figure::of(estimate, means.driver.unit, notional);
            let found =
                Contrasted { worst: figure(&means.worst), all: figure(&means.all), all_paths: means.n_all };
            (means.driver.key.to_owned(), found)
        };
        Self { paths: worst.paths.len() as u64, drivers: worst.means.iter().map(row).collect() }
    }
}
