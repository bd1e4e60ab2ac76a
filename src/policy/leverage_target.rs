//! The policy of an on-chain leveraged token: leverage drifts between two bounds and is drawn back a little at a time.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::decision::{BookTerms, Decision, Recentering};
use crate::units::{Fraction, Period};

/// Keeps a basket's leverage `L = Σ h_i P_i / V` between `min` and `max` around the sum of its weights. Baskets only.
///
/// Inside, at every multiple of `every`, `L' = max(min(L (1 − speed) + target · speed, max), min)`; outside, at every look,
/// `L'` is the nearer bound. A rebalance trades every asset to `w_i L'/target`. The first trade is to the target.
///
/// Source: the rule of the Flexible Leverage Index (Index Coop and Scalara, 2021).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct LeverageTarget {
    /// Least leverage.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub min: f64,
    /// Greatest leverage.
    #[schemars(range(min = -100.0, max = 100.0))]
    pub max: f64,
    /// Part of the way to the target that a rebalance goes, above 0, at most 1.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    pub speed: Fraction,
    /// Time between two rebalances inside the bounds.
    pub every: Period,
    /// Time between two looks at the bounds; default: one step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub monitor_every: Option<Period>,
}

impl LeverageTarget {
    /// When it acts.
    pub fn decision(&self, book: &BookTerms) -> Decision {
        let recentering = Recentering {
            target: book.weights.map_or(1.0, |weights| weights.iter().sum()),
            min: self.min,
            max: self.max,
            speed: self.speed.0,
            every: self.every.steps(),
            monitor_every: self.monitor_every.map_or(1, Period::steps),
        };
        Decision { recentering: Some(recentering), ..Decision::resting(true) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leverage_goes_where_a_hand_calculation_puts_it() {
        let rule = Recentering { target: 2.0, min: 1.7, max: 2.3, speed: 0.05, every: 4, monitor_every: 2 };
        let near = |found: Option<f64>, expected: f64| (found.expect("a trade") - expected).abs() < 1e-15;
        // inside, on the clock: a twentieth of the way
        assert!(near(rule.aim(4, 2.2), 2.19) && near(rule.aim(8, 1.8), 1.81));
        // inside, between: nothing; a bound itself is inside
        assert_eq!((rule.aim(5, 2.2), rule.aim(6, 1.8), rule.aim(6, 2.3)), (None, None, None));
        // outside, at a look: to the nearer bound, on the clock too
        assert!(near(rule.aim(6, 2.5), 2.3) && near(rule.aim(2, 1.2), 1.7) && near(rule.aim(4, 2.5), 2.3));
        assert_eq!(rule.aim(7, 2.5), None);
        // a whole step is to the target
        assert!(near(Recentering { speed: 1.0, ..rule }.aim(4, 2.2), 2.0));
        // a short basket
        let short = Recentering { target: -1.0, min: -1.4, max: -0.6, ..rule };
        assert!(near(short.aim(4, -1.2), -1.19) && near(short.aim(6, -2.0), -1.4));
    }
}
