//! What the studies of a run found, in sentences computed from their files: what drives the deviation, what breaks the
//! policy, where its lead holds.
use std::fmt::Write as _;

use serde_json::Value;

use super::super::number;
use super::super::summary::Summary;
use super::cell::shown;
use super::source::Table;

/// Items that a sentence names.
const MOST: usize = 3;
/// Runs that a sentence names.
const MOST_RUNS: usize = 4;

/// What a stress changes most in the policy, and who overtakes it.
pub(super) fn stress(json: &Value, policy: &str, summary: &Summary) -> Vec<String> {
    let Some(key) = json["metric"].as_str() else { return Vec::new() };
    let notional = notional(summary);
    let higher = crate::metric::by_key(key).is_some_and(|it| it.better == crate::metric::Better::Higher);
    let sign = if higher { -1.0 } else { 1.0 };
    let stresses: Vec<&Value> = json["stresses"].as_array().into_iter().flatten().collect();
    let mut worse: Vec<(f64, String)> = Vec::new();
    for stress in &stresses {
        let effects = stress["effects"].as_array().into_iter().flatten();
        let mut own = effects.filter(|it| it["policy"] == policy && it["metric"] == key);
        let Some(change) = own.next().map(|it| &it["change"]) else { continue };
        let (Some(value), Some(se)) = (change["value"].as_f64(), change["se"].as_f64()) else { continue };
        let end = |i: usize| change["ci"][i].as_f64().unwrap_or(0.0);
        // an interval that holds zero tells nothing
        if sign * value > 0.0 && end(0) * end(1) > 0.0 {
            let (scale, unit) = shown(key, change["unit"].as_str().unwrap_or_default(), notional);
            let words = number::plus_minus(value * scale, Some(se * scale));
            let plus = if value > 0.0 { "+" } else { "" };
            let unit = if unit.is_empty() { String::new() } else { format!(" {unit}") };
            worse.push((sign * value, format!("{} ({plus}{words}{unit})", name(stress))));
        }
    }
    worse.sort_by(|a, b| b.0.total_cmp(&a.0));
    let words = key.replace('_', " ");
    let mut found = Vec::new();
    if worse.is_empty() {
        found.push(format!(
            "none of {} stresses makes {words} of {policy} distinguishably worse",
            stresses.len()
        ));
    } else {
        let most: Vec<String> = worse.into_iter().take(MOST).map(|(_, words)| words).collect();
        found.push(format!("{words} of {policy} suffers most under {}", most.join(", ")));
    }
    let overtaken: Vec<String> = stresses
        .iter()
        .filter_map(|stress| {
            let flips = stress["flips"].as_array().into_iter().flatten();
            let certain = flips.filter(|flip| flip["certain"] == true && flip["ahead"] == policy);
            let by: Vec<&str> = certain.filter_map(|flip| flip["ahead_under_stress"].as_str()).collect();
            (!by.is_empty()).then(|| format!("{} (behind {})", name(stress), listed(&by)))
        })
        .collect();
    if summary.policies.len() > 1 {
        found.push(if overtaken.is_empty() {
            format!("no stress distinguishably puts another policy ahead of it by {words}")
        } else {
            let names: Vec<&str> = overtaken.iter().map(String::as_str).collect();
            format!("it loses its lead by {words} under {}", listed(&names))
        });
    }
    found
}

/// The parts of the policy's variance, the largest first.
pub(super) fn attribution(table: &Table, policy: &str) -> Option<String> {
    let column = |name: &str| table.column(name);
    let (whose, figure, part) = (column("policy")?, column("figure")?, column("part")?);
    let (value, se) = (column("value")?, column("se")?);
    let own = table.rows.iter().filter(|row| row[whose] == policy && row[figure] == "variance");
    let mut parts: Vec<(&str, f64, Option<f64>)> = Vec::new();
    for row in own {
        if parts.iter().all(|(known, ..)| *known != row[part]) {
            parts.push((&row[part], row[value].parse().ok()?, row[se].parse().ok()));
        }
    }
    let total = parts.iter().find(|(part, ..)| *part == "total").map(|(_, total, _)| *total)?;
    if total <= 0.0 {
        return None;
    }
    // what rounding leaves of sums that cancel is no part
    parts.retain(|(part, value, _)| *part != "total" && value.abs() > 1e-9 * total);
    parts.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
    let share = |(part, value, se): &(&str, f64, Option<f64>)| {
        let percent = number::plus_minus(100.0 * value / total, se.map(|se| 100.0 * se / total));
        format!("{part} {percent} %")
    };
    let most: Vec<String> = parts.iter().take(MOST).map(share).collect();
    Some(format!("of the variance of {policy}: {}", most.join(", ")))
}

/// Who has the mildest worst case, where that is distinguishably not the policy with the least standard deviation.
pub(super) fn tail(summary: &Summary) -> Option<(&'static str, String)> {
    let places = |key: &str| {
        let ranking = summary.rankings.iter().find(|ranking| ranking.metric == key)?;
        Some(ranking.places.as_slice())
    };
    let tight = &places("std")?.first()?.policy;
    let [mild, others @ ..] = places("cvar_99")? else { return None };
    if !others.iter().any(|place| place.policy == *tight && place.verdict == "worse") {
        return None;
    }
    let bps = |name: &str, key: &str| {
        let policy = summary.policies.iter().find(|policy| policy.name == name)?;
        let figure = policy.metric(key)?;
        let scale = 1e4 / policy.constants.notional;
        Some(number::plus_minus(figure.value? * scale, figure.se.map(|se| se * scale)))
    };
    let mild = &mild.policy;
    let mut words = format!(
        "{mild} loses {} bps on the worst 1 % of paths, {tight} {}; it costs {} bps, {tight} {}",
        bps(mild, "cvar_99")?,
        bps(tight, "cvar_99")?,
        bps(mild, "cost_total")?,
        bps(tight, "cost_total")?
    );
    let tied = others.iter().filter(|place| place.verdict == "tied");
    let tied: Vec<&str> = tied.map(|place| place.policy.as_str()).collect();
    if !tied.is_empty() {
        let _ = write!(words, "; not distinguishable from it: {}", listed(&tied));
    }
    Some(("Mildest worst case", words))
}

/// In how many runs of a grid each policy is the best.
pub(super) fn sweep(json: &Value) -> Option<String> {
    let key = json["metric"].as_str()?;
    let mut firsts: Vec<(&str, usize)> = Vec::new();
    let (mut runs, mut open) = (0, 0);
    for cell in json["cells"].as_array()? {
        let rankings = cell["rankings"].as_array().into_iter().flatten();
        let Some(places) =
            rankings.into_iter().find(|it| it["metric"] == key).and_then(|it| it["places"].as_array())
        else {
            continue;
        };
        let best = places.first()?["policy"].as_str()?;
        runs += 1;
        open += usize::from(places.iter().any(|place| place["verdict"] == "tied"));
        match firsts.iter_mut().find(|(known, _)| *known == best) {
            Some((_, n)) => *n += 1,
            None => firsts.push((best, 1)),
        }
    }
    firsts.sort_by_key(|first| std::cmp::Reverse(first.1));
    let names: Vec<String> =
        firsts.iter().take(MOST_RUNS).map(|(name, n)| format!("{name} in {n}")).collect();
    let words = key.replace('_', " ");
    let tied = match open {
        0 => "; nowhere is another as good".to_owned(),
        n => format!("; in {n} of them another cannot be told from the best"),
    };
    (runs > 0).then(|| format!("of {runs} runs the best by {words} is {}{tied}", names.join(", ")))
}

/// What the worst paths of the policy have more of than all paths.
pub(super) fn worst(policy: &str, summary: &Summary) -> Option<String> {
    let own = summary.policies.iter().find(|it| it.name == policy)?.worst_drivers.as_ref()?;
    let mut found: Vec<(f64, String)> = Vec::new();
    for (key, driver) in &own.drivers {
        let (Some(worst), Some(all)) = (driver.worst.value, driver.all.value) else { continue };
        let (Some(of_worst), Some(of_all)) = (driver.worst.se, driver.all.se) else { continue };
        if !(worst > 0.0 && all > 0.0) {
            continue;
        }
        let ratio = worst / all;
        let relative = ((of_worst / worst).powi(2) + (of_all / all).powi(2)).sqrt();
        // farther from 1 than its error can explain, and than anybody would care for
        if (ratio - 1.0).abs() > (1.96 * ratio * relative).max(0.05) {
            let words = number::plus_minus(ratio, Some(ratio * relative).filter(|se| *se > 0.0));
            found.push((ratio.max(1.0 / ratio), format!("{} {words} times", key.replace('_', " "))));
        }
    }
    found.sort_by(|a, b| b.0.total_cmp(&a.0));
    let most: Vec<String> = found.into_iter().take(MOST).map(|(_, words)| words).collect();
    let n = own.paths;
    (!most.is_empty())
        .then(|| format!("on the {n} worst paths of {policy}: {} that of all paths", most.join(", ")))
}

fn name(stress: &Value) -> &str {
    stress["name"].as_str().unwrap_or_default()
}

fn listed(names: &[&str]) -> String {
    let mut words: Vec<String> = names.iter().take(MOST).map(|name| (*name).to_owned()).collect();
    if names.len() > MOST {
        words.push(format!("and {} more", names.len() - MOST));
    }
    words.join(", ")
}

fn notional(summary: &Summary) -> f64 {
    summary.policies.first().map_or(1.0, |policy| policy.constants.notional)
}
