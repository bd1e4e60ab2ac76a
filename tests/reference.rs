//! The engine against the reference: golden traces, exact values, Monte Carlo cases, market traces.
//!
//! Every entry is said as scenario text and goes through the parser. `DRIFTBAND_REFERENCE_DIR=<folder>` judges another
//! folder of files in the same formats, all of them: `traces*.json`, `exact*.json`, `cases*.json`,
//! `market_traces*.json`.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use driftband::engine::{Outcome, PolicyOutcome, Recording};
use driftband::scenario::Scenario;
use driftband::study::replay::{replay, table};
use serde_json::Value;

mod reference_support;
mod simulate;

use reference_support::entries::{entries, folder};
use reference_support::findings::Findings;
use reference_support::text::scenario_text;
use simulate::{figure, in_words, outcome, parsed, scenario};

/// Kinds of files: the beginning of their names.
const KINDS: [&str; 4] = ["traces", "exact", "cases", "market_traces"];

/// Entries of one kind. The repository's own folder has all kinds; another may leave kinds out, not all.
fn entries_of(kind: &str) -> Vec<(String, Value)> {
    let found = entries(kind);
    let (folder, own) = folder();
    eprintln!("{}: {} entries of {kind}*.json", folder.display(), found.len());
    let all: usize = KINDS.iter().map(|kind| entries(kind).len()).sum();
    assert!(all > 0, "{} holds no reference entry", folder.display());
    assert!(!own || !found.is_empty(), "{} holds no {kind}*.json", folder.display());
    found
}

#[test]
fn golden_traces_agree_to_a_billionth() {
    let mut findings = Findings::default();
    for (name, entry) in entries_of("traces") {
        let scenario = scenario(&scenario_text(&entry["spec"], None));
        compare_trace(&mut findings, &name, &entry["expected"], &scenario, false);
        compare_run(&mut findings, &name, &entry["expected"], &scenario);
    }
    report(&findings, "traces");
}

#[test]
fn market_traces_agree_to_a_billionth() {
    let mut findings = Findings::default();
    let mut refused = 0;
    for (name, entry) in entries_of("market_traces") {
        match parsed(entry["scenario"].as_str().unwrap(), &[]) {
            Ok(scenario) => {
                compare_trace(&mut findings, &name, &entry["expected"], &scenario, true);
                compare_run(&mut findings, &name, &entry["expected"], &scenario);
                compare_counts(&mut findings, &name, &entry["expected"], &scenario);
            }
            Err(problems) => {
                refused += 1;
                findings.fault(&name, "scenario", in_words(&problems), "a scenario");
            }
        }
    }
    eprintln!("market traces refused: {refused}");
    report(&findings, "market_traces");
}

#[test]
fn exact_values_lie_within_their_errors() {
    let mut findings = Findings::default();
    for (name, entry) in entries_of("exact") {
        judge(&mut findings, &entry, |findings, outcome| compare_exact(findings, &name, &entry, outcome));
    }
    report(&findings, "exact");
}

#[test]
fn cases_lie_within_their_errors() {
    let mut findings = Findings::default();
    for (name, entry) in entries_of("cases") {
        judge(&mut findings, &entry, |findings, outcome| {
            compare_case(findings, &name, &entry["expected"], outcome);
        });
    }
    report(&findings, "cases");
}

fn report(findings: &Findings, kind: &str) {
    eprintln!("{kind}: {} numbers compared", findings.compared());
    if findings.compared() > 0 || folder().1 {
        findings.assert_none();
    }
}

/// Runs an entry and compares. What is outside with one seed and inside with two others is noise.
fn judge(findings: &mut Findings, entry: &Value, compare: impl Fn(&mut Findings, &Outcome)) {
    let with_seed = |seed: Option<u64>| {
        let mut found = Findings::default();
        compare(&mut found, &outcome(&scenario(&scenario_text(&entry["spec"], seed))));
        found
    };
    let mut found = with_seed(None);
    if !found.disagreements().is_empty() {
        let others: Vec<_> = [1_000_003, 2_000_003]
            .map(|seed| with_seed(Some(seed)).disagreements())
            .into_iter()
            .flatten()
            .collect();
        let is_noise = |entry: &str, field: &str| !others.iter().any(|(e, f)| e == entry && f == field);
        eprintln!("outside with the first seed:\n{}", found.table());
        found.forgive(is_noise);
    }
    findings.absorb(found);
}

/// Statistics of a case: where they stand, and the key of the figure.
const STATISTICS: [(&str, &str); 25] = [
    ("/deviation/mean", "mean"),
    ("/deviation/std", "std"),
    ("/deviation/skew", "skew"),
    ("/deviation/kurtosis_excess", "kurtosis_excess"),
    ("/deviation/q01", "q01"),
    ("/deviation/q05", "q05"),
    ("/deviation/q50", "q50"),
    ("/deviation/q95", "q95"),
    ("/deviation/q99", "q99"),
    ("/deviation/var95", "var_95"),
    ("/deviation/cvar95", "cvar_95"),
    ("/deviation/var99", "var_99"),
    ("/deviation/cvar99", "cvar_99"),
    ("/tracking_error/te_cross", "te_cross"),
    ("/tracking_error/te_path_mean", "te_path_mean"),
    ("/cost/fee_prop", "cost_fee"),
    ("/cost/fee_fixed", "cost_fixed"),
    ("/cost/spread", "cost_spread"),
    ("/cost/impact", "cost_impact"),
    ("/cost/funding", "cost_funding"),
    ("/cost/total", "cost_total"),
    ("/trades", "trades"),
    ("/rebalances", "rebalances"),
    ("/turnover", "turnover"),
    ("/oracle_updates", "oracle_updates"),
];

/// Combined standard errors allowed (5 where tails are heavy).
const ERRORS: f64 = 4.0;
const ERRORS_OF_HEAVY_TAILS: f64 = 5.0;

/// Differences of rounding, where both standard errors vanish.
fn rounding(wanted: f64) -> f64 {
    1e-9 * wanted.abs().max(1.0)
}

fn estimate(findings: &mut Findings, name: &str, policy: &PolicyOutcome, key: &str) -> Option<(f64, f64)> {
    let found = policy.metric(key).and_then(|estimate| estimate.value.zip(estimate.se));
    if found.is_none() {
        findings.fault(name, key, format!("{:?}", policy.metric(key)), "a value with its standard error");
    }
    found
}

fn compare_case(findings: &mut Findings, name: &str, expected: &Value, outcome: &Outcome) {
    let policy = &outcome.policies[0];
    let kurtosis = expected.pointer("/deviation/kurtosis_excess/value").and_then(Value::as_f64);
    let errors = if kurtosis.is_some_and(|kurtosis| kurtosis > 5.0) { ERRORS_OF_HEAVY_TAILS } else { ERRORS };
    for (place, key) in STATISTICS {
        let wanted = expected.pointer(place);
        let number = |part: &str| wanted.and_then(|wanted| wanted[part].as_f64());
        let (Some(wanted), Some(wanted_error)) = (number("value"), number("se")) else {
            findings.fault(name, place, "missing in the reference", "value and se");
            continue;
        };
        if let Some((value, error)) = estimate(findings, name, policy, key) {
            let tolerance = errors * error.hypot(wanted_error);
            findings.number(name, key, value, wanted, tolerance.max(rounding(wanted)));
        }
    }
    compare_constants(findings, name, &expected["constants"], &outcome.constants);
}

fn compare_exact(findings: &mut Findings, name: &str, entry: &Value, outcome: &Outcome) {
    let policy = &outcome.policies[0];
    let basket = entry["spec"]["kind"] == "basket";
    for (key, wanted) in entry["exact"].as_object().unwrap() {
        let key = match key.as_str() {
            "var95" => "var_95",
            "var99" => "var_99",
            "cvar95" => "cvar_95",
            "cvar99" => "cvar_99",
            other => other,
        };
        let wanted = wanted.as_f64().unwrap();
        let errors = if basket && key == "std" { ERRORS_OF_HEAVY_TAILS } else { ERRORS };
        if let Some((value, error)) = estimate(findings, name, policy, key) {
            findings.number(name, key, value, wanted, (errors * error).max(rounding(wanted)));
        }
    }
}

fn compare_constants(
    findings: &mut Findings,
    name: &str,
    wanted: &Value,
    found: &driftband::engine::Constants,
) {
    let mut number = |field: &str, found: Option<f64>, wanted: &Value| match (found, wanted.as_f64()) {
        (Some(found), Some(wanted)) => {
            findings.number(name, field, found, wanted, 1e-9 * wanted.abs().max(1e-6));
        }
        (None, None) => {}
        (found, _) => findings.fault(name, field, format!("{found:?}"), wanted.to_string()),
    };
    number("T", Some(found.years), &wanted["T"]);
    number("notional", Some(found.notional), &wanted["notional"]);
    number("premium_gross", found.premium_gross, &wanted["premium_gross"]);
    let premiums = found.premiums.clone().unwrap_or_default();
    let wanted = wanted["premiums"].as_array().cloned().unwrap_or_default();
    number("premiums", Some(premiums.len() as f64), &(wanted.len() as f64).into());
    for (index, wanted) in wanted.iter().enumerate() {
        number(&format!("premiums[{index}]"), premiums.get(index).copied(), wanted);
    }
}

/// Replays the one path and compares every field of every step, then the sums.
fn compare_trace(findings: &mut Findings, name: &str, expected: &Value, scenario: &Scenario, market: bool) {
    let recording = replay(scenario, 0, &scenario.policies[0].name).unwrap();
    let notional = expected.pointer("/constants/notional").and_then(Value::as_f64).unwrap();
    let wanted = expected["steps"].as_array().unwrap();
    findings.number(name, "steps", recording.steps.len() as f64, wanted.len() as f64, 0.0);
    let symbols: Vec<String> = scenario.assets.iter().map(|asset| asset.symbol.clone()).collect();
    let (columns, rows) = table(&recording, &symbols);
    let spots: &[f64] = &recording.steps[0].price;
    for (step, row) in wanted.iter().zip(&rows) {
        compare_step(
            findings,
            name,
            step,
            &columns,
            row,
            &Scale { notional, spots, symbols: &symbols, market },
        );
    }
    compare_sums(findings, name, expected, &recording, notional);
    compare_constants(findings, name, &expected["constants"], &recording.constants);
}

/// What a step's tolerances rest on.
struct Scale<'a> {
    notional: f64,
    spots: &'a [f64],
    symbols: &'a [String],
    market: bool,
}

/// Fields of every step: the reference's name, and the column's.
const FIELDS: [(&str, &str, Kind); 22] = [
    ("S", "S", Kind::Plain),
    ("oracle", "oracle", Kind::Plain),
    ("order", "order", Kind::Units),
    ("filled", "filled", Kind::Units),
    ("position", "position", Kind::Units),
    ("cash", "cash", Kind::Money),
    ("mark", "mark", Kind::Money),
    ("cost_fee_prop", "cost_fee", Kind::Money),
    ("cost_fee_fixed", "cost_fixed", Kind::Money),
    ("cost_spread", "cost_spread", Kind::Money),
    ("cost_impact", "cost_impact", Kind::Money),
    ("cost_funding", "cost_funding", Kind::Money),
    ("age", "age", Kind::Later(Place::Asset)),
    ("in_flight", "in_flight", Kind::Later(Place::Asset)),
    ("displacement", "displacement", Kind::Later(Place::Asset)),
    ("settled", "settled", Kind::Later(Place::Whole)),
    ("slices_left", "slices_left", Kind::Later(Place::Whole)),
    ("cost_impact_permanent", "cost_impact_permanent", Kind::Later(Place::Whole)),
    ("cost_gas", "cost_gas", Kind::Later(Place::Whole)),
    ("cost_borrow", "cost_borrow", Kind::Later(Place::Whole)),
    ("cost_fee_pool", "cost_fee_pool", Kind::Later(Place::Whole)),
    ("cost_impact_pool", "cost_impact_pool", Kind::Later(Place::Whole)),
];

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Plain,
    Units,
    Money,
    /// Only in traces of market rules, and not in all of them.
    Later(Place),
}

/// Whether a field is a list by asset.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Whole,
    Asset,
}

fn compare_step(
    findings: &mut Findings,
    name: &str,
    wanted: &Value,
    columns: &[String],
    row: &[Option<f64>],
    scale: &Scale,
) {
    let j = wanted["j"].as_u64().unwrap();
    let basket = columns.iter().any(|column| column == "benchmark");
    let benchmark = basket.then_some(("benchmark", "benchmark", Kind::Money));
    let n_assets = scale.symbols.len();
    for (field, column, kind) in FIELDS.into_iter().chain(benchmark) {
        let label = format!("{field} at {j}");
        let later = matches!(kind, Kind::Later(_));
        if later && (!scale.market || wanted.get(field).is_none()) {
            continue;
        }
        let Some(value) = wanted.get(field) else {
            findings.fault(name, &label, "missing in the reference", "a number");
            continue;
        };
        let whole = matches!(kind, Kind::Money | Kind::Later(Place::Whole));
        for asset in 0..if whole { 1 } else { n_assets } {
            let symbol = &scale.symbols[asset];
            let by_asset = !whole && n_assets > 1;
            let column = if by_asset { format!("{column}_{symbol}") } else { column.to_owned() };
            let found = columns.iter().position(|other| *other == column).and_then(|index| row[index]);
            let wanted = if value.is_array() { value[asset].as_f64() } else { value.as_f64() };
            match (found, wanted) {
                (Some(found), Some(wanted)) => {
                    let spot = scale.spots[asset];
                    let absolute = match kind {
                        Kind::Plain => 0.0,
                        Kind::Later(_) if matches!(field, "age" | "slices_left") => 0.0,
                        Kind::Later(_) if field == "displacement" => 1e-9 * spot,
                        Kind::Units | Kind::Later(Place::Asset) => 1e-9 * scale.notional / spot,
                        Kind::Money | Kind::Later(Place::Whole) => 1e-9 * scale.notional,
                    };
                    findings.number(name, &label, found, wanted, 1e-9 * wanted.abs() + absolute);
                }
                (None, None) => {}
                (found, wanted) => findings.fault(name, &label, format!("{found:?}"), format!("{wanted:?}")),
            }
        }
    }
    for (count, wanted) in wanted.get("counts").and_then(Value::as_object).into_iter().flatten() {
        let found = columns.iter().position(|column| column == count).and_then(|index| row[index]);
        let label = format!("{count} at {j}");
        match (found, wanted.as_f64()) {
            (Some(found), Some(wanted)) => findings.number(name, &label, found, wanted, 0.0),
            (found, wanted) => findings.fault(name, &label, format!("{found:?}"), format!("{wanted:?}")),
        }
    }
    unknown_fields(findings, name, wanted, scale.market);
}

/// Fields that nobody compares.
fn unknown_fields(findings: &mut Findings, name: &str, wanted: &Value, market: bool) {
    for (field, value) in wanted.as_object().unwrap() {
        let known = |(name, _, kind): &(&str, &str, Kind)| {
            name == field && (market || !matches!(kind, Kind::Later(_)))
        };
        let counts = market && field == "counts";
        if field != "j" && field != "benchmark" && !counts && !FIELDS.iter().any(known) {
            findings.fault(name, field, "unknown to this test", value.to_string());
        }
    }
}

fn compare_sums(findings: &mut Findings, name: &str, expected: &Value, recording: &Recording, notional: f64) {
    let last = recording.steps.last().unwrap();
    let money = |wanted: f64| 1e-9 * wanted.abs() + 1e-9 * notional;
    let relative = |wanted: f64| 1e-9 * wanted.abs();
    let count = |_: f64| 0.0;
    let updates = |wanted: f64| 1e-12 * wanted;
    let mut number = |field: &str, found: Option<f64>, tolerance: &dyn Fn(f64) -> f64| match (
        found,
        expected.pointer(field).and_then(Value::as_f64),
    ) {
        (Some(found), Some(wanted)) => findings.number(name, field, found, wanted, tolerance(wanted)),
        (None, None) if expected.pointer(field).is_some() => {}
        (found, wanted) => findings.fault(name, field, format!("{found:?}"), format!("{wanted:?}")),
    };
    number("/deviation", Some(recording.deviation), &money);
    number("/te_path", recording.te_path, &relative);
    number("/trades", Some(recording.trades), &count);
    number("/rebalances", Some(recording.rebalances), &count);
    number("/turnover", Some(recording.turnover), &relative);
    // a mean over assets: a third has no exact double
    number("/oracle_updates", Some(recording.oracle_updates), &updates);
    for (index, cost) in ["fee_prop", "fee_fixed", "spread", "impact", "funding"].iter().enumerate() {
        number(&format!("/cost/{cost}"), Some(last.costs[index]), &money);
    }
}

/// The run of the one path finds the costs and counts of the market rules by name.
fn compare_counts(findings: &mut Findings, name: &str, expected: &Value, scenario: &Scenario) {
    let outcome = outcome(scenario);
    let notional = outcome.constants.notional;
    let value = |key: &str| outcome.policies[0].metric(key).and_then(|estimate| estimate.value);
    let mut compared = |key: &str, wanted: &Value, absolute: f64| match (value(key), wanted.as_f64()) {
        (Some(found), Some(wanted)) => {
            findings.number(name, &format!("run: {key}"), found, wanted, 1e-9 * wanted.abs() + absolute);
        }
        (found, _) => findings.fault(name, &format!("run: {key}"), format!("{found:?}"), wanted.to_string()),
    };
    for (cost, wanted) in expected["cost"].as_object().unwrap() {
        let cost = match cost.as_str() {
            "fee_prop" => "fee",
            "fee_fixed" => "fixed",
            other => other,
        };
        compared(&format!("cost_{cost}"), wanted, 1e-9 * notional);
    }
    for (count, wanted) in expected["counts"].as_object().unwrap() {
        compared(count, wanted, 0.0);
    }
}

/// The run of the one path finds what its replay shows.
fn compare_run(findings: &mut Findings, name: &str, expected: &Value, scenario: &Scenario) {
    let outcome = outcome(scenario);
    let notional = outcome.constants.notional;
    let policy = &outcome.policies[0];
    let value = |key: &str| policy.metric(key).and_then(|estimate| estimate.value);
    let pairs = [
        ("/deviation", "mean"),
        ("/te_path", "te_path_mean"),
        ("/trades", "trades"),
        ("/rebalances", "rebalances"),
        ("/turnover", "turnover"),
        ("/oracle_updates", "oracle_updates"),
        ("/cost/fee_prop", "cost_fee"),
        ("/cost/fee_fixed", "cost_fixed"),
        ("/cost/spread", "cost_spread"),
        ("/cost/impact", "cost_impact"),
        ("/cost/funding", "cost_funding"),
    ];
    for (place, key) in pairs {
        let wanted = expected.pointer(place).and_then(Value::as_f64);
        match (value(key), wanted) {
            (Some(found), Some(wanted)) => {
                let absolute = if key == "mean" || key.starts_with("cost") { 1e-9 * notional } else { 1e-12 };
                findings.number(name, &format!("run: {key}"), found, wanted, 1e-9 * wanted.abs() + absolute);
            }
            (found, wanted) => {
                findings.fault(name, &format!("run: {key}"), format!("{found:?}"), format!("{wanted:?}"));
            }
        }
    }
}

/// Words that the entries here leave out, and those kept apart use.
#[test]
fn the_whole_language_of_specs_is_scenario_text() {
    let options = |process: Value, policy: Value| {
        serde_json::json!({
            "name": "H1_odd.name", "kind": "option_hedge", "horizon": 0.1, "steps": 8.0, "rate": 0.01, "dividend_yield": 0.02,
            "process": process, "policy": policy, "oracle": { "deviation": null, "heartbeat_steps": 3, "outages": [[1, 2.0]] },
            "option": { "legs": [{ "type": "put", "strike": 90, "qty": 2, "premium": 1.5 }], "premium_vol": 0.3,
                        "hedge_vol": 0.3, "mark_vol": 0.4, "model_rate": 0.0 },
            "frictions": { "impact": null, "exec_delay": 1.0 },
        })
    };
    let basket = |process: Value, benchmark: &str, policy: Value| {
        serde_json::json!({
            "name": "h2", "kind": "basket", "horizon": 0.1, "steps": 2, "process": process, "policy": policy,
            "weights": [0.5, 0.25], "value0": 1000, "benchmark": benchmark, "frictions": { "fee_prop": 0.001 },
        })
    };
    let gbm = serde_json::json!({ "kind": "gbm", "s0": 100, "mu": 0.1, "sigma": 0.2 });
    let multi = serde_json::json!({
        "kind": "gbm_multi", "s0": [100, 5], "mu": [0, 0.1], "sigma": [0.2, 0.4], "corr": [[1, 0.5], [0.5, 1]]
    });
    let path = serde_json::json!({
        "kind": "path", "prices": [[1, 2], [1.1, 2.1], [1.2, 2.2]], "sigma": [0.2, 0.4], "corr": [[1, 0.5], [0.5, 1]]
    });
    let policy = |kind: &str| serde_json::json!({ "kind": kind });
    let specs = [
        (options(gbm.clone(), policy("none")), "none"),
        (options(gbm.clone(), policy("static")), "hold"),
        (
            options(gbm, serde_json::json!({ "kind": "time_or_band", "every": 4, "band": 0.1 })),
            "time_or_band",
        ),
        (basket(multi.clone(), "buy_and_hold", policy("buy_and_hold")), "hold"),
        (
            basket(
                multi.clone(),
                "constant_mix_step",
                serde_json::json!({ "kind": "relative_band", "band": 0.1 }),
            ),
            "relative_band",
        ),
        (
            basket(
                multi,
                "constant_mix_continuous",
                serde_json::json!({ "kind": "time_or_band", "every": 2, "band": 0.1, "to": "center" }),
            ),
            "time_or_band",
        ),
        (
            basket(path, "constant_mix_continuous", serde_json::json!({ "kind": "periodic", "every": 1 })),
            "periodic",
        ),
    ];
    for (spec, rule) in specs {
        let scenario = scenario(&scenario_text(&spec, Some(5)));
        assert_eq!(scenario.policies[0].rule.name(), rule);
        assert_eq!(scenario.run.grid.n_steps, spec["steps"].as_f64().unwrap() as u64);
    }
}

/// A wrong number, a missing one and a wrong cost are seen.
#[test]
fn the_comparison_can_fail() {
    let Some((name, entry)) = entries_of("traces").into_iter().next() else { return };
    let scenario = scenario(&scenario_text(&entry["spec"], None));
    let found_in = |expected: &Value| {
        let mut findings = Findings::default();
        compare_trace(&mut findings, &name, expected, &scenario, false);
        findings.disagreements().into_iter().map(|(_, field)| field).collect::<Vec<_>>()
    };
    let mut wrong = entry["expected"].clone();
    let cash = wrong["steps"][3]["cash"].as_f64().unwrap();
    let notional = wrong["constants"]["notional"].as_f64().unwrap();
    wrong["steps"][3]["cash"] = (cash + 3e-9 * notional + 3e-9 * cash.abs()).into();
    assert!(found_in(&wrong).contains(&"cash at 3".to_owned()));
    wrong["steps"][4].as_object_mut().unwrap().remove("order");
    assert!(found_in(&wrong).contains(&"order at 4".to_owned()));
    wrong["trades"] = (wrong["trades"].as_f64().unwrap() + 1.0).into();
    assert!(found_in(&wrong).contains(&"/trades".to_owned()));
}

/// A statistic beyond its errors and a missing one are seen.
#[test]
fn the_judgement_can_fail() {
    let Some((name, entry)) = entries_of("cases").into_iter().next() else { return };
    let outcome = outcome(&scenario(&scenario_text(&entry["spec"], None)));
    let mut wrong = entry["expected"].clone();
    let (std, error) = figure(&outcome.policies[0], "std");
    wrong["deviation"]["std"]["value"] = (std + 9.0 * error).into();
    wrong["turnover"] = Value::Null;
    let mut findings = Findings::default();
    compare_case(&mut findings, &name, &wrong, &outcome);
    let fields: Vec<_> = findings.disagreements().into_iter().map(|(_, field)| field).collect();
    assert!(fields.contains(&"std".to_owned()) && fields.contains(&"/turnover".to_owned()), "{fields:?}");
}
