//! What the policies of a run say of each other, by name, as it stands in `summary.json`.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::engine::Outcome;
use crate::study::compare::{Comparison, LEVEL, Verdict};

use super::{Figure, keyed};

/// The figures of `b` minus those of `a`, path by path.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Contrast {
    /// Name of the first policy.
    pub a: String,
    /// Name of the second.
    pub b: String,
    /// By key, with paired errors.
    #[serde(with = "keyed")]
    #[schemars(with = "std::collections::BTreeMap<String, Figure>")]
    pub metrics: Vec<(String, Figure)>,
}

/// The policies by one figure.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Ranking {
    /// Key of the figure.
    pub metric: String,
    /// Chance that any claim of this ranking is false.
    pub level: f64,
    /// How the claims are judged together.
    pub method: String,
    /// Best first.
    pub places: Vec<Standing>,
}

/// A policy in a ranking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Standing {
    /// Its name.
    pub policy: String,
    /// `best`, `tied` (not distinguishable from the best), `worse` or `unjudged`.
    pub verdict: String,
}

/// Whether a policy is efficient in total cost and std.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Efficient {
    /// Its name.
    pub policy: String,
    /// Whether no other costs and varies no more, and less in one.
    pub efficient: bool,
    /// The tightest of those that do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dominated_by: Option<String>,
    /// Whether that one is distinguishably better in both.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub certain: Option<bool>,
}

/// The word in files.
fn word(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Best => "best",
        Verdict::Tied => "tied",
        Verdict::Worse => "worse",
        Verdict::Unjudged => "unjudged",
    }
}

/// A comparison with names in place of numbers.
pub(super) fn of(
    comparison: &Comparison,
    outcome: &Outcome,
) -> (Vec<Contrast>, Vec<Ranking>, Vec<Efficient>) {
    let name = |policy: usize| outcome.policies.get(policy).map_or_else(String::new, |it| it.name.clone());
    let notional = outcome.constants.notional;
    let contrasts = comparison.pairs.iter().map(|pair| Contrast {
        a: name(pair.a),
        b: name(pair.b),
        metrics: pair
            .metrics
            .iter()
            .map(|(metric, found)| {
                (metric.key.to_owned(), Figure::of(&found.estimate, metric.unit, notional))
            })
            .collect(),
    });
    let rankings = comparison.rankings.iter().map(|ranking| Ranking {
        metric: ranking.metric.key.into(),
        level: LEVEL,
        method: "holm".into(),
        places: ranking
            .places
            .iter()
            .map(|place| Standing { policy: name(place.policy), verdict: word(place.verdict).into() })
            .collect(),
    });
    let efficient = comparison.efficiency.iter().map(|it| Efficient {
        policy: name(it.policy),
        efficient: it.dominated_by.is_none(),
        dominated_by: it.dominated_by.map(name),
        certain: it.dominated_by.map(|_| it.certain),
    });
    (contrasts.collect(), rankings.collect(), efficient.collect())
}
