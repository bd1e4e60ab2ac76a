//! Test: the walk and serde accept the same trees, and what the walk repairs serde can always read.
use proptest::prelude::*;
use serde_json::Value;

use super::load::read;
use super::walk::{Repair, walk};
use super::{schema, starter, tree};

const SEEDS: [&str; 4] = [
    include_str!("starter.toml"),
    include_str!("../../tests/diagnostics/contract-example.toml"),
    "version = 1\nname = \"b\"\n[run]\npaths = 1\nhorizon = \"1d\"\nsteps = 4\n[[assets]]\nsymbol = \"A\"\nspot = 1\noracle = \"none\"\n\
     process = { kind = \"bootstrap\", file = \"f\", mean_block = \"6h\" }\ncosts = { fee = 0 }\n[costs]\nfee = { A = 0.1 }\n\
     impact = { kind = \"square_root\", coefficient = 1, daily_volatility = 1, adv = 1 }\n\
     [target]\nkind = \"basket\"\nvalue = 1\nweights = { A = \"50%\" }\n[[policies]]\nname = \"p\"\nkind = \"band\"\nwidth = { A = 0.1 }\n",
    "version = 1\nname = \"c\"\n[run]\npaths = 1\nhorizon = \"1d\"\nsteps = 4\n[market]\n\
     congestion = { asset = \"A\", reference_volatility = 1, half_life = \"6h\", gas = 1 }\n\
     [[assets]]\nsymbol = \"A\"\nspot = 1\nprocess = { kind = \"gbm\", drift = 0, volatility = 1 }\n\
     costs = { half_spread = { kind = \"volatility_scaled\", at = 0.1, reference_volatility = 1 } }\n\
     [execution]\ndelay = { kind = \"geometric\", mean = \"1h\" }\nfailure = \"2%\"\n[costs]\n\
     funding = { rate = { kind = \"ar1\", mean = 0.1, persistence = 0.5, std = 1 }, interval = \"6h\" }\n\
     half_spread = { A = { kind = \"volatility_scaled\", at = \"2 bps\", reference_volatility = 1, min = 0 } }\n\
     impact = { kind = \"linear\", coefficient = 1, daily_volatility = 1, adv = 1 }\n\
     [target]\nkind = \"basket\"\nvalue = 1\nweights = { A = 1 }\n[[policies]]\nname = \"p\"\nkind = \"hold\"\n",
];

const VALUES: [&str; 20] = [
    "1",
    "-1",
    "0.5",
    "\"1h\"",
    "\"5 bps\"",
    "\"ETH\"",
    "\"none\"",
    "true",
    "[]",
    "[1]",
    "{}",
    "{ A = 1 }",
    "1979-05-27",
    "99999999999999999999",
    "1e999",
    "\"gbm\"",
    "{ kind = \"gbm\" }",
    "[{}]",
    "{ gbm = { drift = 0, volatility = 1 } }",
    "0x10",
];

const KEYS: [&str; 12] = [
    "kind",
    "every",
    "width",
    "volatility",
    "fee",
    "gbm",
    "rule",
    "name",
    "x",
    "to",
    "costs",
    "min_interval",
];

/// A seed with one value, key or line changed.
fn mutated() -> impl Strategy<Value = String> {
    let change = (0..SEEDS.len(), any::<prop::sample::Index>(), 0..4_u8, 0..VALUES.len(), 0..KEYS.len());
    change.prop_map(|(seed, place, how, value, key)| {
        let mut lines: Vec<String> = SEEDS[seed].lines().map(str::to_owned).collect();
        let with_value: Vec<usize> = (0..lines.len()).filter(|i| lines[*i].contains('=')).collect();
        let at = with_value[place.index(with_value.len())];
        let (before, after) =
            lines[at].split_once('=').map(|(a, b)| (a.to_owned(), b.to_owned())).expect("a line with =");
        match how {
            0 => lines[at] = format!("{before}= {}", VALUES[value]),
            1 => lines[at] = format!("{} ={after}", KEYS[key]),
            2 => lines.insert(at, format!("{} = {}", KEYS[key], VALUES[value])),
            _ => {
                lines.remove(at);
            }
        }
        lines.join("\n")
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_walk_and_serde_accept_the_same(text in mutated()) {
        let (tree, errors) = tree::parse(&text);
        if !errors.is_empty() {
            return Ok(());
        }
        let kept = walk(schema::tree(), tree.clone(), text.len(), Repair::Keep);
        // ranges, names and what is not available yet are no business of serde
        let structural = kept.problems.iter().filter(|p| matches!(p.code, "E001" | "E002" | "E003" | "E004" | "E005"));
        let refused: Vec<_> = structural.collect();
        let later = kept.problems.iter().any(|problem| problem.unavailable && problem.path.ends_with(char::is_numeric));
        let by_serde = read(kept.tree);
        // serde alone reads a list as a struct, field by field
        let by_position = refused.iter().any(|problem| problem.label.ends_with("found a list"));
        // a later kind has no variant to be read into
        if !later && !by_position && (!refused.is_empty() || kept.problems.iter().all(|problem| problem.unavailable)) {
            prop_assert_eq!(refused.is_empty(), by_serde.is_ok(), "{}\n{:?}\n{:?}", text, refused, by_serde.err());
        }
        let repaired = walk(schema::tree(), tree, text.len(), Repair::StandIn);
        let by_serde = read(repaired.tree);
        prop_assert!(by_serde.is_ok(), "{}\n{:?}", text, by_serde.err());
    }
}

#[test]
fn the_starter_has_no_structural_fault() {
    let (tree, errors) = tree::parse(starter());
    assert!(errors.is_empty());
    let walked = walk(schema::tree(), tree, starter().len(), Repair::Keep);
    assert!(walked.problems.is_empty(), "{:?}", walked.problems);
    assert!(read(walked.tree).is_ok());
}

#[test]
fn ranges_reach_optional_and_by_symbol_values() {
    let at = |path: &str| schema::tree().pointer(path).and_then(Value::as_f64);
    assert_eq!(at("/properties/costs/properties/fee/minimum"), Some(-1.0));
    assert_eq!(at("/properties/costs/properties/fee/additionalProperties/minimum"), Some(-1.0));
    assert_eq!(at("/properties/run/properties/paths/minimum"), Some(1.0));
    assert_eq!(at("/properties/oracle/properties/deviation_threshold/exclusiveMinimum"), Some(0.0));
    assert!(!schema::tree().to_string().contains("\"null\""), "TOML knows no null");
    assert!(!schema::tree().to_string().contains("$ref"), "the walk follows no references");
}
