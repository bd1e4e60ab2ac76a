//! The answer of a run in plain words, computed from its summary: who is best, who cannot be told from it, who is worse.
use super::number;
use super::summary::{Efficient, Figure, PolicySummary, Standing, Summary};

/// Names that a sentence lists before it counts the others.
const MOST_NAMES: usize = 6;

/// Up to four sentences; none where there is nothing to compare.
///
/// Everything in them is judged together: a policy that is called worse is distinguishably so at the family-wise level of
/// the ranking, and no digit is finer than its error supports.
pub fn lines(summary: &Summary) -> Vec<String> {
    let Some(ranking) = summary.rankings.iter().find(|ranking| ranking.metric == "std") else {
        return Vec::new();
    };
    let [best, others @ ..] = ranking.places.as_slice() else { return Vec::new() };
    let Some(tight) = policy(summary, &best.policy) else { return Vec::new() };
    let with = |verdict: &str| -> Vec<&Standing> {
        others.iter().filter(|standing| standing.verdict == verdict).collect()
    };
    let (tied, worse, unjudged) = (with("tied"), with("worse"), with("unjudged"));
    let mut lines = vec![first(tight, &tied, others.len())];
    if !worse.is_empty() {
        let told = listed(&worse, |standing| against(summary, tight, &standing.policy));
        lines.push(format!("looser: {told}"));
    }
    if !unjudged.is_empty() {
        let names = listed(&unjudged, |standing| standing.policy.clone());
        lines.push(format!("too few paths to judge {names}"));
    }
    lines.extend(efficient(&summary.efficient));
    let percent = plain(&number::significant(100.0 * ranking.level, 1));
    lines.push(format!(
        "(judged on the same paths, all pairs of policies together: at most {percent} % chance of any false claim)"
    ));
    lines
}

fn policy<'s>(summary: &'s Summary, name: &str) -> Option<&'s PolicySummary> {
    summary.policies.iter().find(|policy| policy.name == name)
}

/// "tightest: hourly, std 49.5 ± 0.3 bps for a cost of 92.7 ± 0.2 bps; not distinguishable: whalley-wilmott"
fn first(tight: &PolicySummary, tied: &[&Standing], others: usize) -> String {
    let bps = |key: &str| {
        let figure = tight.metric(key)?;
        let scale = 1e4 / tight.constants.notional;
        // what rounding leaves of sums that cancel is no figure
        let quiet = |x: f64| if (x * scale).abs() < 1e-8 { 0.0 } else { x * scale };
        Some(number::plus_minus(quiet(figure.value?), figure.se.map(quiet)))
    };
    let std = bps("std").unwrap_or_default();
    let cost = bps("cost_total").filter(|cost| cost != "0");
    let cost = cost.map_or_else(String::new, |cost| format!(" for a cost of {cost} bps"));
    let end = if tied.is_empty() {
        String::new()
    } else if tied.len() == others {
        let all = if others == 1 { "the other policy" } else { "every other policy" };
        format!("; {all} is not distinguishable from it")
    } else {
        format!("; not distinguishable: {}", listed(tied, |standing| standing.policy.clone()))
    };
    plain(&format!("tightest: {}, std {std} bps{cost}{end}", tight.name))
}

/// "daily (2.91 ± 0.02 times the std, 0.24 times the cost)"
fn against(summary: &Summary, tight: &PolicySummary, name: &str) -> String {
    let Some(loose) = policy(summary, name) else { return name.to_owned() };
    let Some(std) = ratio(summary, tight, loose, "std") else { return name.to_owned() };
    let value = |policy: &PolicySummary| policy.metric("cost_total").and_then(|figure| figure.value);
    // two digits: the price of a choice is told here, not judged
    let cost = match (value(tight), value(loose)) {
        (Some(a), Some(b)) if a > 0.0 && b > 0.0 => {
            format!(", {} times the cost", number::significant(b / a, 2))
        }
        _ => String::new(),
    };
    plain(&format!("{name} ({std} times the std{cost})"))
}

/// A figure of `loose` over that of `tight`, both positive, with the error that their paired difference gives it.
fn ratio(summary: &Summary, tight: &PolicySummary, loose: &PolicySummary, key: &str) -> Option<String> {
    let (one, other) = (tight.metric(key)?, loose.metric(key)?);
    let (a, b) = (one.value?, other.value?);
    if !(a > 1e-12 * tight.constants.notional && b > 0.0) {
        return None;
    }
    let difference = difference(summary, &tight.name, &loose.name, key).and_then(|figure| figure.se);
    let se = match (one.se, other.se, difference) {
        (Some(se_a), Some(se_b), Some(se_d)) => {
            let covariance = 0.5 * (se_a * se_a + se_b * se_b - se_d * se_d);
            let relative = se_a * se_a / (a * a) + se_b * se_b / (b * b) - 2.0 * covariance / (a * b);
            Some(b / a * relative.max(0.0).sqrt()).filter(|se| *se > 0.0)
        }
        _ => None,
    };
    Some(se.map_or_else(|| number::significant(b / a, 2), |se| number::plus_minus(b / a, Some(se))))
}

fn difference<'s>(summary: &'s Summary, one: &str, other: &str, key: &str) -> Option<&'s Figure> {
    let pair = summary
        .differences
        .iter()
        .find(|pair| (pair.a == one && pair.b == other) || (pair.a == other && pair.b == one))?;
    pair.metrics.iter().find(|(known, _)| known == key).map(|(_, figure)| figure)
}

/// "efficient in cost and std: hourly, daily; dominated: every-4h (by delta-band)"
fn efficient(policies: &[Efficient]) -> Option<String> {
    if policies.len() < 2 {
        return None;
    }
    let (best, dominated): (Vec<&Efficient>, Vec<&Efficient>) =
        policies.iter().partition(|policy| policy.efficient);
    let told = |it: &Efficient| {
        let by = it.dominated_by.as_deref().unwrap_or_default();
        let doubt = if it.certain == Some(true) { "" } else { ", not for certain" };
        format!("{} (by {by}{doubt})", it.policy)
    };
    let names = listed(&best, |it| it.policy.clone());
    Some(if dominated.is_empty() {
        format!("efficient in cost and std: {names}; none is dominated")
    } else {
        format!("efficient in cost and std: {names}; dominated: {}", listed(&dominated, |it| told(it)))
    })
}

/// The first few in words, and how many more there are.
fn listed<T>(items: &[&T], word: impl Fn(&&T) -> String) -> String {
    let mut words: Vec<String> = items.iter().take(MOST_NAMES).map(word).collect();
    if items.len() > MOST_NAMES {
        words.push(format!("and {} more", items.len() - MOST_NAMES));
    }
    words.join(", ")
}

/// Ordinary spaces: a terminal breaks no lines, and its text is searched and copied.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}
