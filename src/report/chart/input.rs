//! What every chart is drawn from: the run, and its deviations in basis points, sorted once.
use crate::stats::{quantile, sorted};

use super::super::number;
use super::{NoChart, Outcome, Scenario, not_applicable};

/// Values that stand for a sample which is not kept.
const MOST_DRAWN: u64 = 1 << 18;

/// A run, ready to be drawn.
#[derive(Debug)]
pub struct ChartInput<'a> {
    /// What was run.
    pub scenario: &'a Scenario,
    /// What was found.
    pub outcome: &'a Outcome,
    samples: Vec<Sample>,
}

/// Terminal deviations of one policy, in bps of notional.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// Ascending.
    pub sorted: Vec<f64>,
}

impl Sample {
    /// Type 7 quantile; 0 for an empty sample, which [`ChartInput::samples`] refuses.
    pub fn quantile(&self, p: f64) -> f64 {
        quantile(&self.sorted, p).unwrap_or(0.0)
    }
    /// Length of the 0.5–99.5 % range.
    pub fn width(&self) -> f64 {
        self.quantile(0.995) - self.quantile(0.005)
    }
    /// Whether all values are equal, up to rounding.
    pub fn constant(&self) -> bool {
        let (Some(low), Some(high)) = (self.sorted.first(), self.sorted.last()) else { return true };
        high - low <= 1e-12 * low.abs().max(high.abs())
    }
}

impl<'a> ChartInput<'a> {
    /// Sorts the deviations of every policy.
    pub fn new(scenario: &'a Scenario, outcome: &'a Outcome) -> Self {
        let scale = 1e4 / outcome.constants.notional;
        let in_bps = |values: &[f64]| values.iter().map(|value| value * scale).collect::<Vec<f64>>();
        let samples = outcome
            .policies
            .iter()
            .map(|policy| match &policy.binned {
                Some(binned) => Sample { sorted: in_bps(&binned.thinned(MOST_DRAWN)) },
                None => Sample { sorted: sorted(&in_bps(&policy.deviations)) },
            })
            .collect();
        Self { scenario, outcome, samples }
    }

    /// Deviations by policy, in the order of the scenario.
    ///
    /// # Errors
    ///
    /// Where there is no distribution to show.
    pub fn samples(&self) -> Result<&[Sample], NoChart> {
        self.check()?;
        if self.samples.iter().any(|sample| sample.sorted.len() < 2) {
            return not_applicable("one path has no distribution");
        }
        if self.samples.iter().any(|sample| sample.sorted.iter().any(|value| !value.is_finite())) {
            return not_applicable("a deviation is not finite");
        }
        Ok(&self.samples)
    }

    /// Whether figures can be shown in bps of notional at all.
    ///
    /// # Errors
    ///
    /// Where there is no policy or no positive notional.
    pub fn check(&self) -> Result<(), NoChart> {
        let notional = self.outcome.constants.notional;
        if !(notional > 0.0 && notional.is_finite()) {
            return not_applicable("the notional is not positive");
        }
        if self.outcome.policies.is_empty() {
            return not_applicable("there are no policies");
        }
        Ok(())
    }

    /// Value and standard error of a currency figure in bps of notional.
    pub fn bps(&self, policy: usize, key: &str) -> Option<(f64, Option<f64>)> {
        let estimate = self.outcome.policies.get(policy)?.metric(key)?;
        let scale = 1e4 / self.outcome.constants.notional;
        let value = estimate.value? * scale;
        value.is_finite().then_some((value, estimate.se.map(|se| se * scale)))
    }

    /// Ends of the 95 % interval of a currency figure in bps of notional.
    pub fn interval(&self, policy: usize, key: &str) -> Option<[f64; 2]> {
        let ends = self.outcome.policies.get(policy)?.metric(key)?.ci?;
        Some(ends.map(|end| end * 1e4 / self.outcome.constants.notional))
    }

    /// Colour of a policy, the same in every chart; one for all where there are more policies than colours and
    /// every policy has its own row or panel.
    pub fn series(&self, policy: usize) -> usize {
        if self.outcome.policies.len() > 7 { 0 } else { policy }
    }

    /// Name of a policy.
    pub fn name(&self, policy: usize) -> &'a str {
        self.outcome.policies.get(policy).map_or("", |policy| policy.name.as_str())
    }

    /// Paths, seed, scenario, version: what every chart states.
    pub fn footer(&self) -> String {
        let n_paths = self.outcome.n_paths;
        let paths = if n_paths == 1 { "path" } else { "paths" };
        format!(
            "{} {paths} · seed {} · {} · driftband v{}",
            number::count(n_paths),
            self.scenario.run.seed,
            self.scenario.name,
            env!("CARGO_PKG_VERSION")
        )
    }
}
