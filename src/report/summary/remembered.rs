//! A finished run taken up again from its figures and what its chunks keep, to be set against another one.
use crate::engine::{Kept, PolicyOutcome};
use crate::metric::by_key;
use crate::policy::Rule;
use crate::stats::Estimate;
use crate::study::compare::FinishedRun;

use super::{Figure, PolicySummary, Summary};

impl Summary {
    /// The run with what its chunks keep of every policy, or why they keep nothing.
    pub fn remembered(&self, kept: Result<Vec<Kept>, String>) -> FinishedRun {
        let wrong = || format!("its chunks are not those of {} policies", self.policies.len());
        let kept =
            kept.and_then(|kept| if kept.len() == self.policies.len() { Ok(kept) } else { Err(wrong()) });
        let (kept, lost) = match kept {
            Ok(kept) => (kept, None),
            Err(why) => (vec![Kept::default(); self.policies.len()], Some(why)),
        };
        FinishedRun {
            seed: self.scenario.seed,
            n_paths: self.scenario.paths,
            stream_version: self.stream_version,
            overlap: self.overlap,
            units: self.units,
            notional: self.policies.first().map_or(1.0, |policy| policy.constants.notional),
            policies: self.policies.iter().zip(kept).map(|(policy, kept)| policy.remembered(kept)).collect(),
            lost,
        }
    }
}

impl PolicySummary {
    fn remembered(&self, kept: Kept) -> PolicyOutcome {
        let metric = |(key, figure): &(String, Figure)| Some((by_key(key)?, figure.estimate()));
        let known = |(key, _): &&(String, Figure)| by_key(key).is_some();
        PolicyOutcome {
            name: self.name.clone(),
            kind: Rule::NAMES.iter().find(|name| **name == self.kind).copied().unwrap_or_default(),
            controlled: None,
            efficiency: None,
            variance_ratios: self.metrics.iter().filter(known).map(|(_, it)| it.variance_ratio).collect(),
            metrics: self.metrics.iter().filter_map(metric).collect(),
            deviations: kept.deviations,
            binned: kept.binned,
            timeline: None,
            paths: None,
            paired: kept.paired,
            worst: Vec::new(),
        }
    }
}

impl Figure {
    fn estimate(&self) -> Estimate {
        Estimate { value: self.value, se: self.se, ci: self.ci, reason: self.reason.clone() }
    }
}
