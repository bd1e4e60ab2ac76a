//! Stresses that every scenario is offered: those that apply, as changes by key; the others with the reason.
use crate::market::price::Process;
use crate::market::shock::Shock;
use crate::scenario::{Asset, Scenario, Stress, Written, schema};

/// Simple annual funding at ±0.30 % every eight hours, the cap seen on venues (365 days).
pub const FUNDING_CAP: f64 = 0.003 * 3.0 * 365.0;

/// A stress of the catalogue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Its name.
    pub name: &'static str,
    /// What it does, in words.
    pub what: String,
    /// Its changes, or why it does not apply.
    pub stress: Result<Stress, String>,
}

type Changes = Result<Vec<(String, String)>, String>;

/// The catalogue for this scenario, `written` being its text as run.
pub fn catalogue(scenario: &Scenario, written: &Written) -> Vec<Entry> {
    let n = scenario.run.grid.n_steps;
    // one place of the run for all that happens at a time: a third of the way, room behind it
    let time = Time { at: (n / 3).max(1), until: (n / 3).max(1) + (n / 8).max(1) };
    let by = |size: &str, list: Vec<(String, String)>, missing: &str| -> Changes {
        if list.is_empty() { Err(format!("there is no {missing} to {size}")) } else { Ok(list) }
    };
    let fees = [written.scaled("costs.fee", 5.0), written.scaled("costs.pool.fee", 5.0)].concat();
    // a rebate five times as large is no stress
    let fees = fees.into_iter().filter(|(_, value)| !value.trim_matches('"').starts_with('-')).collect();
    let depth =
        ["costs.adv", "costs.impact.adv", "costs.pool.depth"].map(|key| written.scaled(key, 0.1)).concat();
    let window = format!("steps {} to {}", time.at, time.until);
    let all: Vec<(&'static str, String, Changes)> = vec![
        (
            "price-gap",
            format!("prices fall by 20 % at step {}", time.at),
            shocks(written, &[gap(scenario, &time)]),
        ),
        (
            "volatility-x3",
            format!("three times the volatility, {window}"),
            shocks(written, &[storm(scenario, &time)]),
        ),
        (
            "correlation-1",
            format!("correlations go to 1, {window}"),
            shocks(written, &[together(scenario, &time)]),
        ),
        ("oracle-outage", format!("the oracle is silent, {window}"), outage(scenario, written, &time)),
        (
            "frozen-in-gap",
            format!("prices fall by 20 % at step {} and the oracle is silent, {window}", time.at),
            outage(scenario, written, &time).and_then(|mut outage| {
                outage.extend(shocks(written, &[gap(scenario, &time)])?);
                Ok(outage)
            }),
        ),
        (
            "gas-x50",
            "fifty times the gas".into(),
            by("raise", written.scaled("costs.gas.gas_units", 50.0), "gas"),
        ),
        (
            "depth-tenth",
            "a tenth of the depth and volume".into(),
            by("shrink", depth, "pool, impact or volume"),
        ),
        ("fees-x5", "five times the fee".into(), by("raise", fees, "proportional fee")),
        (
            "funding-cap",
            "funding at its cap, 0.3 % every 8 h, with its sign".into(),
            by("raise", written.raised("costs.funding", FUNDING_CAP), "funding"),
        ),
        (
            "delay-x10",
            "ten times the delay".into(),
            by("lengthen", written.scaled("execution.delay", 10.0), "delay"),
        ),
        ("failures-30", "30 % of transactions fail".into(), failures()),
    ];
    all.into_iter()
        .map(|(name, what, changes)| {
            let stress = changes.map(|set| Stress { name: name.into(), set, unset: Vec::new() });
            Entry { name, what, stress }
        })
        .collect()
}

/// When it happens, in steps.
struct Time {
    at: u64,
    until: u64,
}

/// Whether the price is drawn, not given.
fn simulated(asset: &Asset) -> bool {
    !matches!(asset.process, Process::Path(_) | Process::History(_) | Process::Bootstrap(_))
}

/// The key that says whom a shock strikes; empty for all.
fn struck(scenario: &Scenario) -> Result<String, String> {
    let symbols: Vec<String> = scenario
        .assets
        .iter()
        .filter(|asset| simulated(asset))
        .map(|asset| format!("{:?}", asset.symbol))
        .collect();
    if symbols.is_empty() {
        return Err("every price is given, not simulated".into());
    }
    let all = symbols.len() == scenario.assets.len();
    Ok(if all { String::new() } else { format!(", assets = [{}]", symbols.join(", ")) })
}

fn gap(scenario: &Scenario, time: &Time) -> Result<String, String> {
    let whom = struck(scenario)?;
    Ok(format!("{{ kind = \"gap\", at = \"{} steps\", size = \"-20%\"{whom} }}", time.at))
}

fn storm(scenario: &Scenario, time: &Time) -> Result<String, String> {
    let whom = struck(scenario)?;
    Ok(format!(
        "{{ kind = \"volatility\", from = \"{} steps\", to = \"{} steps\", factor = 3{whom} }}",
        time.at, time.until
    ))
}

fn together(scenario: &Scenario, time: &Time) -> Result<String, String> {
    if scenario.assets.iter().filter(|asset| simulated(asset)).count() < 2 {
        return Err("there are no two simulated prices".into());
    }
    if scenario.shocks.iter().any(|shock| matches!(shock, Shock::Correlation(shock) if shock.share.0 == 1.0))
    {
        return Err("the scenario brings it already".into());
    }
    Ok(format!(
        "{{ kind = \"correlation\", from = \"{} steps\", to = \"{} steps\", share = \"100%\" }}",
        time.at, time.until
    ))
}

/// The scenario's own shocks and these.
fn shocks(written: &Written, more: &[Result<String, String>]) -> Changes {
    more.iter()
        .map(|shock| {
            let shock = shock.clone()?;
            written.appended("shocks", "shocks", &shock).ok_or_else(|| "`shocks` is no list".to_owned())
        })
        .collect()
}

/// A window without posts, for every asset that has an oracle.
fn outage(scenario: &Scenario, written: &Written, time: &Time) -> Changes {
    let window = format!("{{ from = \"{} steps\", to = \"{} steps\" }}", time.at, time.until);
    let seen: Vec<&Asset> = scenario.assets.iter().filter(|asset| asset.oracle.is_some()).collect();
    if seen.is_empty() {
        return Err("there is no oracle: policies see the true price".into());
    }
    seen.into_iter()
        .map(|asset| {
            let key = format!("assets.{}.oracle.outages", asset.symbol);
            written
                .appended(&key, "oracle.outages", &window)
                .ok_or_else(|| format!("the outages of {} are random already", asset.symbol))
        })
        .collect()
}

/// Available where this version knows the key.
fn failures() -> Changes {
    if schema().pointer("/properties/execution/properties/failure").is_none() {
        return Err("this version has no transactions that fail by chance".into());
    }
    Ok(vec![("execution.failure".into(), "0.3".into())])
}
