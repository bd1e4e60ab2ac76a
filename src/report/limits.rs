//! `[limits]`: which policies break a threshold of the scenario.
use std::fmt;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::Outcome;
use crate::metric::{Better, Metric, Unit, by_key};
use crate::scenario::Scenario;

use super::number;

/// A figure on the wrong side of its limit, or one that does not exist: what cannot be judged has not passed.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Breach {
    /// Name of the policy.
    pub policy: String,
    /// Key of the figure.
    pub metric: String,
    /// Its point estimate, in the unit of the metric; none where the figure is undefined.
    pub value: Option<f64>,
    /// The limit, in the same unit.
    pub bound: f64,
    /// Whether the figure must not fall below the limit, rather than not rise above it.
    pub floor: bool,
}

impl fmt::Display for Breach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { policy, metric, value, bound, floor } = self;
        let side = if *floor { "below" } else { "above" };
        let bound = number::significant(*bound, 4);
        let Some(value) = value else {
            return write!(f, "{policy}: {metric} is undefined, so that its limit {bound} cannot be judged");
        };
        let value = number::significant(*value, 4);
        write!(f, "{policy}: {metric} {value} is {side} its limit {bound}")
    }
}

/// Every breach, by limit and in the order of the policies.
pub fn breaches(scenario: &Scenario, outcome: &Outcome) -> Vec<Breach> {
    let mut found = Vec::new();
    for limit in &scenario.limits {
        let Some(metric) = by_key(&limit.metric) else { continue };
        let scale =
            if limit.of_notional && metric.unit == Unit::Currency { outcome.constants.notional } else { 1.0 };
        let bound = limit.bound * scale;
        let named = |name: &String| limit.policies.is_empty() || limit.policies.contains(name);
        for policy in outcome.policies.iter().filter(|policy| named(&policy.name)) {
            let value = policy.metric(metric.key).and_then(|estimate| estimate.value);
            let floor = is_floor(metric);
            if value.is_none_or(|value| if floor { value < bound } else { value > bound }) {
                let (policy, metric) = (policy.name.clone(), metric.key.to_owned());
                found.push(Breach { policy, metric, value, bound, floor });
            }
        }
    }
    found
}

/// A mean and a low quantile must not fall below their limit; everything else must not rise above it.
fn is_floor(metric: &Metric) -> bool {
    metric.better == Better::Higher && !matches!(metric.key, "q95" | "q99")
}
