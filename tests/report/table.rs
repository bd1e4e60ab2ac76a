//! The terminal table, the line people quote, and the limits.
use driftband::engine::Outcome;
use driftband::report::limits::breaches;
use driftband::report::summary::Summary;
use driftband::report::table::{relative_line, render};
use driftband::scenario::Limit;

use crate::synthetic::{self, Made, made};

fn summary(outcome: &Outcome) -> Summary {
    Summary::of(&synthetic::scenario(outcome, vec![]), "cafe", outcome)
}

fn line(policies: &[Made]) -> Option<String> {
    relative_line(&summary(&synthetic::outcome(policies, 20_000)))
}

#[test]
fn a_table_reads_at_a_glance() {
    let text = render(&summary(&synthetic::outcome(&synthetic::four(), 20_000)));
    let expected = "\
policy                     mean             std         CVaR 99     total cost          trades   by std
hourly            −23.05 ± 0.08   11.34 ± 0.08    75.2 ± 0.9     22.10 ± 0.05   340.00 ± 0.12
";
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 6, "{text}");
    let place = |line: &str| {
        line.char_indices()
            .filter(|(_, c)| *c == '±')
            .map(|(at, _)| line[..at].chars().count())
            .collect::<Vec<_>>()
    };
    assert!(lines[1..5].iter().all(|line| place(line) == place(lines[1])), "{text}");
    assert_eq!(
        lines[0].split_whitespace().collect::<Vec<_>>(),
        expected.lines().next().unwrap().split_whitespace().collect::<Vec<_>>()
    );
    assert_eq!(
        lines[5],
        "bps of notional (600 000), trades per path, ± standard error; 20 000 paths, seed 42"
    );
    assert!(lines[1].contains('\u{2212}') && !text.contains('\u{a0}'));
}

#[test]
fn undefined_figures_are_dashes() {
    let text = render(&summary(&synthetic::outcome(&synthetic::four(), 1)));
    assert!(text.contains('–') && !text.contains("NaN"), "{text}");
    assert_eq!(render(&summary(&synthetic::outcome(&[], 5))), "no policies\n");
}

#[test]
fn the_tightest_is_set_against_the_loosest() {
    let text = line(&synthetic::four()).unwrap();
    assert!(text.starts_with("hourly tracks 2.6"), "{text}");
    assert!(text.ends_with(" times tighter than daily, for 3.4 times the cost"), "{text}");
    assert!(text.contains(" ± 0.0"), "{text}");

    assert_eq!(line(&synthetic::four()[..1]), None);
    let flat = made("flat", "hold", -3.0, 0.0, 1.0);
    assert_eq!(line(&[flat, made("daily", "periodic", -9.0, 24.0, 5.0)]), None);
    // costs without an error have four digits, as everywhere
    let free =
        line(&[made("none", "none", 0.0, 900.0, 0.0), made("daily", "periodic", -9.0, 24.0, 5.0)]).unwrap();
    assert!(free.ends_with("tighter than none, for a cost of 6.500 bps against 0"), "{free}");
    let paid = Made { funding: -30.0, ..made("paid", "band", 0.0, 24.0, 5.0) };
    let paid = line(&[paid, made("daily", "periodic", -9.0, 80.0, 5.0)]).unwrap();
    assert!(paid.ends_with("for a cost of −23.50 bps against 6.500"), "{paid}");
    let alike = line(&[made("a", "band", 0.0, 24.0, 5.0), made("b", "band", -9.0, 24.01, 5.0)]).unwrap();
    assert!(alike.contains("cannot be told apart"), "{alike}");
}

#[test]
fn limits_are_broken_on_their_side() {
    let outcome = synthetic::outcome(&synthetic::four(), 20_000);
    let limit = |metric: &str, bound: f64, policies: &[&str]| Limit {
        metric: metric.into(),
        bound,
        of_notional: true,
        policies: policies.iter().map(|name| (*name).to_owned()).collect(),
    };
    let broken = |limit: Limit| -> Vec<String> {
        let scenario = synthetic::scenario(&outcome, vec![limit]);
        breaches(&scenario, &outcome).into_iter().map(|breach| breach.policy).collect()
    };
    assert_eq!(broken(limit("cvar_99", 0.01, &[])), ["daily"]);
    assert!(broken(limit("cvar_99", 0.01, &["hourly"])).is_empty());
    assert_eq!(broken(limit("mean", -0.002, &[])), ["hourly"]);
    assert_eq!(broken(limit("q01", -0.01, &[])), ["daily"]);
    assert!(broken(limit("mean", -0.01, &[])).is_empty());
    assert_eq!(broken(limit("q99", 0.003, &[])), ["daily"]);
    assert_eq!(broken(limit("skew", 0.0, &["hourly"])), ["hourly"], "what cannot be judged has not passed");
    let scenario = synthetic::scenario(&outcome, vec![limit("skew", 0.0, &["hourly"])]);
    assert!(breaches(&scenario, &outcome)[0].to_string().contains("cannot be judged"));
    let scenario = synthetic::scenario(&outcome, vec![limit("cvar_99", 0.01, &[])]);
    let words = breaches(&scenario, &outcome)[0].to_string();
    assert!(words.starts_with("daily: cvar_99 ") && words.ends_with(" is above its limit 6000"), "{words}");
}
