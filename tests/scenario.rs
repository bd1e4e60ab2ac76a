//! The scenario layer from outside: defaults, units, overrides, hashes, data, and that no text makes it panic.
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use driftband::book::{HedgeVolatility, Target};
use driftband::market::oracle::Latency;
use driftband::market::series::Feed;
use driftband::policy::{Destination, Rule};
use driftband::scenario::{
    LoadError, Memory, Overrides, Parsed, Problem, Scenario, load, parse, parse_with, schema, starter,
};
use driftband::units::{Amount, PerAsset, Period};

const BASE: &str = r#"
version = 1
name = "base"
[run]
paths = 1000
horizon = "30d"
step = "10min"
[[assets]]
symbol = "ETH"
spot = 3000
process = { kind = "gbm", drift = 0.04, volatility = 0.8 }
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = "70%"
legs = [{ type = "call", strike = 3000, quantity = -100 }, { type = "spot", quantity = 5 }]
[[policies]]
name = "hourly"
kind = "periodic"
every = "1h"
[[policies]]
name = "band"
kind = "band"
width = "5%"
"#;

fn no_files() -> Memory {
    Memory::default()
}

fn sound(text: &str) -> Parsed {
    parse(text, &no_files()).unwrap_or_else(|problems| panic!("{problems:#?}"))
}

fn with(overrides: &[&str]) -> Result<Parsed, Vec<Problem>> {
    let all =
        overrides.iter().fold(Overrides::default(), |all, change| match change.strip_prefix("unset ") {
            Some(key) => all.unset(key),
            None => all.set_text(change).expect("KEY=VALUE"),
        });
    parse_with(BASE, &all, &no_files())
}

fn rule<'s>(scenario: &'s Scenario, name: &str) -> &'s Rule {
    &scenario.policies.iter().find(|policy| policy.name == name).expect("that policy").rule
}

#[test]
fn defaults_are_the_documented_ones() {
    let scenario = sound(BASE).scenario;
    assert_eq!((scenario.run.seed, scenario.run.path_metrics, scenario.run.warmup), (42, true, 0));
    assert_eq!((scenario.run.grid.n_steps, scenario.run.grid.days_per_year), (4320, 365.0));
    assert_eq!((scenario.rate, scenario.charge_initial, scenario.charge_final), (0.0, true, true));
    assert_eq!(scenario.correlation, [[1.0]]);
    let asset = &scenario.assets[0];
    assert_eq!(
        (asset.spot, asset.dividend_yield, asset.delay, asset.oracle.is_none()),
        (3000.0, 0.0, 0, true)
    );
    assert_eq!((asset.costs.fee, asset.costs.impact.is_none()), (0.0, true));
    assert!(!asset.costs.funding.is_charged());
    let Target::Options(strategy) = &scenario.target else { panic!("options") };
    let leg = &strategy.legs[0];
    assert_eq!((leg.asset, leg.expiry, leg.premium), (0, 4320, None));
    assert_eq!((leg.premium_volatility, leg.mark_volatility, leg.hedge_volatility), (Some(0.7), 0.7, None));
    assert_eq!(
        (strategy.hedge_volatility.as_slice(), strategy.model_rate),
        ([Some(HedgeVolatility::Constant(0.8))].as_slice(), 0.0)
    );
    assert_eq!((strategy.legs[1].strike, strategy.legs[1].mark_volatility), (0.0, 0.0));
    let Rule::Band(band) = rule(&scenario, "band") else { panic!("a band") };
    assert_eq!((band.to, band.monitor_every), (Some(Destination::Edge), Some(Period::Steps(1))));
    assert_eq!(band.width, PerAsset::One(Amount::Share(0.05)));
    let Rule::Periodic(periodic) = rule(&scenario, "hourly") else { panic!("periodic") };
    assert_eq!(periodic.every, Period::Steps(6));
}

#[test]
fn a_basket_is_not_charged_at_its_ends() {
    let text = BASE.split("[target]").next().expect("a head").to_owned()
        + "[target]\nkind = \"basket\"\nvalue = 1e6\nweights = { ETH = \"60%\" }\n[[policies]]\nname = \"b\"\nkind = \"band\"\nwidth = \"5%\"\n";
    let scenario = sound(&text).scenario;
    assert!(!scenario.charge_initial && !scenario.charge_final);
    let Rule::Band(band) = rule(&scenario, "b") else { panic!("a band") };
    assert_eq!((&band.width, band.to), (&PerAsset::One(Amount::Plain(0.05)), None));
}

#[test]
fn one_meaning_has_one_hash() {
    let hash = |changes: &[&str]| with(changes).expect("sound").hash;
    let plain = sound(BASE).hash;
    assert_eq!(plain.len(), 64);
    assert_eq!(hash(&["policies.hourly.every=60min"]), plain);
    assert_eq!(hash(&["policies.hourly.every=6 steps"]), plain);
    assert_eq!(hash(&["unset run.step", "run.steps=4320"]), plain);
    assert_eq!(hash(&["run.seed=42", "costs.fee=0 bps"]), plain);
    assert_eq!(hash(&["assets.ETH.spot=3e3"]), plain);
    assert_ne!(hash(&["run.seed=43"]), plain);
    assert_ne!(hash(&["policies.hourly.every=2h"]), plain);
    // the order of tables and keys says nothing
    let (head, policies) = BASE.split_once("[[policies]]").expect("policies");
    let (run, rest) = head.split_once("[[assets]]").expect("assets");
    let (top, run) = run.split_once("[run]").expect("run");
    let reordered = format!("{top}[[assets]]{rest}[[policies]]{policies}\n[run]{run}");
    assert_eq!(sound(&reordered).hash, plain);
}

#[test]
fn overrides_reach_every_kind_of_key() {
    let parsed = with(&[
        "policies.hourly.every=2h",
        "assets.ETH.process.volatility=0.5",
        "target.legs.0.strike=2500",
        "costs.fee=5 bps",
        "oracle.heartbeat=1h",
        "run.seed=7",
        "policies.1.width={ ETH = 3 }",
    ])
    .unwrap_or_else(|problems| panic!("{problems:#?}"));
    let again = sound(&parsed.text_as_run);
    assert_eq!(again.scenario, parsed.scenario, "{}", parsed.text_as_run);
    assert_eq!(again.hash, parsed.hash);
    assert_eq!(parsed.scenario.assets[0].costs.fee, 0.0005);
    assert_eq!(parsed.scenario.run.seed, 7);
    let Target::Options(strategy) = &parsed.scenario.target else { panic!("options") };
    assert_eq!(strategy.legs[0].strike, 2500.0);
    assert_eq!(sound(BASE).text_as_run, BASE);
}

#[test]
fn a_replaced_value_leaves_the_rest_of_the_text_alone() {
    let text = starter();
    let overrides = Overrides::default()
        .set("costs.fee", "7 bps")
        .set("run.seed", "1")
        .unset("run.paths")
        .set("run.paths", "5");
    let parsed = parse_with(text, &overrides, &no_files()).expect("sound");
    assert!(parsed.text_as_run.contains("fee = \"7 bps\"\n"), "{}", parsed.text_as_run);
    assert!(parsed.text_as_run.contains("# A scenario for driftband"), "comments stay");
}

#[test]
fn tables_of_an_asset_are_laid_over_those_for_all() {
    let text = BASE.replace(
        "process =",
        "oracle = { heartbeat = \"2h\" }\ncosts = { fee = 0.001 }\nexecution = { delay = \"20min\" }\nprocess =",
    ) + "[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"1h\"\nlatency = \"10min\"\n[costs]\nfee = 0.5\nhalf_spread = 0.25\n";
    let asset = &sound(&text).scenario.assets[0];
    let oracle = asset.oracle.as_ref().expect("an oracle");
    assert_eq!(oracle.deviation_threshold.map(|threshold| threshold.0), Some(0.01));
    assert_eq!(oracle.heartbeat, Some(Period::Steps(12)));
    assert_eq!(oracle.latency, Some(Latency::Fixed(Period::Steps(1))));
    assert_eq!((asset.costs.fee, asset.costs.half_spread, asset.delay), (0.001, 0.25, 2));
    let without = text.replace("oracle = { heartbeat = \"2h\" }", "oracle = \"none\"");
    assert_eq!(sound(&without).scenario.assets[0].oracle, None);
}

#[test]
fn a_singular_correlation_is_sound() {
    let second =
        "[[assets]]\nsymbol = \"W\"\nspot = 1\nprocess = { kind = \"gbm\", drift = 0, volatility = 0.5 }\n";
    let text = BASE
        .replace("[target]", &format!("{second}[market]\ncorrelation = [[1, 1], [1, 1]]\n[target]"))
        .replace("{ type =", "{ asset = \"ETH\", type =");
    assert_eq!(sound(&text).scenario.correlation, [[1.0, 1.0], [1.0, 1.0]]);
}

fn on_data(process: &str, extra: &str) -> String {
    format!(
        "version = 1\nname = \"d\"\n[run]\nhorizon = \"4d\"\nstep = \"2d\"\n{extra}\n[[assets]]\nsymbol = \"A\"\nspot = 50\nprocess = {process}\n\
         [target]\nkind = \"basket\"\nvalue = 1\nweights = {{ A = 1 }}\n[[policies]]\nname = \"h\"\nkind = \"hold\"\n"
    )
}

fn prices() -> Memory {
    let mut text = "time,A\n".to_owned();
    for day in 1..=12 {
        let price = if day == 8 { String::new() } else { (90 + day * day).to_string() };
        writeln!(text, "2020-01-{day:02},{price}").expect("memory");
    }
    Memory(BTreeMap::from([("p.csv".to_owned(), text.into_bytes())]))
}

#[test]
fn history_becomes_windows() {
    let parsed = parse(&on_data("{ kind = \"history\", file = \"p.csv\" }", ""), &prices()).expect("sound");
    let Feed::Windows { starts, rows_per_step, raw, .. } = &parsed.scenario.assets[0].feed else {
        panic!("windows")
    };
    // a window needs rows s … s+4 without day 8 (row 7)
    assert_eq!((starts.as_ref(), *rows_per_step, *raw), ([0, 1, 2].as_slice(), 2, false));
    assert_eq!(parsed.scenario.run.paths, 3);
    assert_eq!(parsed.warnings.len(), 1);
    assert_eq!(parsed.scenario.data[0].path, "p.csv");
    let other = Memory(BTreeMap::from([("p.csv".to_owned(), {
        let mut bytes = prices().0["p.csv"].clone();
        bytes.push(b'\n');
        bytes
    })]));
    let again = parse(&on_data("{ kind = \"history\", file = \"p.csv\" }", ""), &other).expect("sound");
    assert_ne!(again.hash, parsed.hash, "the data's bytes are in the hash");
    let one = on_data("{ kind = \"history\", file = \"p.csv\", start = \"2020-01-02\" }", "")
        .replace("spot = 50\n", "");
    let one = parse(&one, &prices()).expect("sound").scenario;
    assert_eq!((one.assets[0].spot, one.run.paths), (94.0, 1));
    assert!(matches!(one.assets[0].feed, Feed::Windows { raw: true, .. }));
}

#[test]
fn bootstrap_becomes_blocks() {
    let text = on_data(
        "{ kind = \"bootstrap\", file = \"p.csv\", mean_block = \"4d\", demean = true }",
        "paths = 9",
    );
    let scenario = parse(&text, &prices()).expect("sound").scenario;
    let Feed::Blocks { returns, admissible, next, end_probability } = &scenario.assets[0].feed else {
        panic!("blocks")
    };
    assert_eq!(admissible.as_ref(), [0, 1, 2, 3, 4, 8, 9]);
    assert_eq!((next[0], next[3], next[8], *end_probability), (2, u32::MAX, u32::MAX, 0.5));
    // E[S_T/S_0] over both steps
    let grown = |row: u32| returns[row as usize].exp_m1() + 1.0;
    let mean = admissible.iter().map(|row| grown(*row)).sum::<f64>() / 7.0;
    let expected = admissible.iter().map(|row| {
        let onward = next[*row as usize];
        grown(*row) * if onward == u32::MAX { mean } else { 0.5 * mean + 0.5 * grown(onward) }
    });
    assert!((expected.sum::<f64>() / 7.0 - 1.0).abs() < 1e-13);
}

#[test]
fn a_path_brings_its_own_spot() {
    let text = on_data("{ kind = \"path\", prices = [3, 4, 5] }", "").replace("spot = 50\n", "");
    let scenario = sound(&text).scenario;
    assert_eq!((scenario.assets[0].spot, scenario.run.paths), (3.0, 1));
    assert!(matches!(&scenario.assets[0].feed, Feed::Path(prices) if prices.len() == 3));
}

#[test]
fn faults_of_structure_and_of_meaning_come_in_one_run() {
    let text = BASE
        .replace("drift = 0.04", "drfit = 0.04")
        .replace("\"1h\"", "\"15min\"")
        .replace("quantity = 5", "quantity = 5, strike = 1");
    let problems = parse(&text, &no_files()).expect_err("three faults");
    let codes: Vec<&str> = problems.iter().map(|problem| problem.code).collect();
    assert_eq!(codes, ["E001", "E009", "E007"], "{problems:#?}");
}

#[test]
fn the_starter_and_the_schema_are_sound() {
    assert!(sound(starter()).warnings.is_empty());
    let schema = schema();
    assert_eq!(schema["type"], "object");
    assert!(schema["properties"]["policies"]["items"]["oneOf"].as_array().is_some_and(|all| all.len() >= 8));
}

#[test]
fn a_file_that_is_no_scenario_says_why() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).expect("a writable folder");
        path
    };
    let why = |path: &Path| match load(path, &Overrides::default()) {
        Err(LoadError::File(why)) => why,
        other => panic!("{other:?}"),
    };
    file("scenario.toml", BASE.as_bytes());
    assert!(why(&folder.path().join("scenaro.toml")).contains("did you mean"));
    assert!(why(folder.path()).contains("is a folder"));
    assert!(why(&file("latin.toml", b"a = 1\nb = \"\xe9\"\n")).contains("byte 11, on line 2"));
    assert!(why(&file("large.toml", &vec![b'#'; 50 << 20])).contains("larger than 1 MiB (50 MiB)"));
    assert!(load(&folder.path().join("scenario.toml"), &Overrides::default()).is_ok());
}

#[test]
fn odd_texts_are_read_or_refused_in_words() {
    assert!(parse(&BASE.replace('\n', "\r\n"), &no_files()).is_ok(), "CRLF");
    assert!(parse(&format!("\u{feff}{BASE}"), &no_files()).is_ok(), "a byte order mark");
    for text in [
        "a.".repeat(50_000) + "a = 1",
        "a = ".to_owned() + &"[".repeat(50_000),
        "a = ".to_owned() + &"{ b = ".repeat(50_000),
        "[".to_owned() + &"a.".repeat(50_000) + "a]",
        format!("{BASE}\n[x]\n{}", "[[policies]]\n".repeat(20_000)),
    ] {
        assert!(!parse(&text, &no_files()).expect_err("no scenario").is_empty());
    }
}

/// A small generator: the test needs other texts, not good random numbers.
struct Dice(u64);
impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % sides.max(1)
    }
}

/// Put anywhere in a text.
const PIECES: &[&str] = &[
    "",
    "\"",
    "[",
    "]",
    "[[",
    "{",
    "}",
    "=",
    ".",
    ",",
    "\n",
    "nan",
    "-inf",
    "1e999",
    "-1",
    "0",
    "\"0s\"",
    "\"1 step\"",
    "\"9e9y\"",
    "18446744073709551615",
    "\"18446744073709551615 steps\"",
    "\"500y\"",
    "é",
    "\u{0}",
    "path",
    "history",
    "bootstrap",
    "[[assets]]\n",
    "a.b.c = 1\n",
    "\"5%\"",
    "kind",
    "none",
    "true",
    "1979-05-27",
    "'''",
    "# ",
    "0x",
    "_",
];

/// Put in the place of a value.
const VALUES: &[&str] = &[
    "0",
    "-1",
    "1",
    "0.5",
    "1e300",
    "nan",
    "inf",
    "true",
    "[]",
    "{}",
    "[1]",
    "\"\"",
    "\"0s\"",
    "\"1 step\"",
    "\"3 steps\"",
    "\"1ns\"",
    "\"400y\"",
    "\"9e9y\"",
    "\"18446744073709551615 steps\"",
    "18446744073709551615",
    "\"5%\"",
    "\"-5%\"",
    "\"ETH\"",
    "\"none\"",
    "\"basket\"",
    "\"options\"",
    "\"band\"",
    "\"gbm\"",
    "\"history\"",
    "\"path\"",
    "\"edge\"",
    "\"spot\"",
    "{ ETH = 1 }",
    "{ A = \"1%\" }",
    "{ kind = \"path\", prices = [1, 2, 3] }",
    "1979-05-27",
    "10_000_000",
];

fn fuzz(n: usize, seed: u64) {
    let seeds = [
        BASE.to_owned(),
        starter().to_owned(),
        include_str!("diagnostics/contract-example.toml").to_owned(),
        include_str!("diagnostics/later.toml").to_owned(),
        on_data("{ kind = \"history\", file = \"p.csv\", stride = \"1 step\" }", ""),
        on_data(
            "{ kind = \"bootstrap\", file = \"p.csv\", mean_block = \"4d\", demean = true }",
            "paths = 9",
        ),
        on_data("{ kind = \"path\", file = \"p.csv\", column = \"A\" }", ""),
    ];
    let files = prices();
    let mut dice = Dice(seed);
    let (mut n_read, mut n_sound) = (0, 0);
    for _ in 0..n {
        // half of the texts change whole values, which TOML still reads
        let mut text = seeds[dice.roll(seeds.len())].clone();
        let by_value = dice.roll(2) == 0;
        for _ in 0..=dice.roll(3) {
            let (at, to) = if by_value {
                let values: Vec<(usize, usize)> = text
                    .match_indices("= ")
                    .map(|(at, _)| {
                        (at + 2, text[at..].find(['\n', ',', '}']).map_or(text.len(), |end| at + end))
                    })
                    .filter(|(at, to)| at <= to)
                    .collect();
                values[dice.roll(values.len())]
            } else {
                let at = text.floor_char_boundary(dice.roll(text.len() + 1));
                (at, text.floor_char_boundary((at + dice.roll(12)).min(text.len())))
            };
            let pieces = if by_value { VALUES } else { PIECES };
            text.replace_range(at..to, pieces[dice.roll(pieces.len())]);
        }
        let parsed = parse(&text, &files);
        n_sound += usize::from(parsed.is_ok());
        if let Err(problems) = parsed {
            n_read += usize::from(problems.iter().all(|problem| problem.code != "E000"));
            for problem in &problems {
                assert!(text.get(problem.span.clone()).is_some(), "{problem:?}\n{text}");
                assert_ne!(problem.code, "E099", "{problem:?}\n{text}");
            }
        }
    } // most texts must get beyond the syntax, else nothing is tested
    assert!(n_read > n / 4 && n_sound > n / 50, "{n_read} read, {n_sound} sound of {n}");
}

#[test]
fn no_override_makes_it_panic_and_what_ran_can_be_run_again() {
    let keys = [
        "",
        ".",
        "run",
        "run.step",
        "run.steps",
        "assets",
        "assets.0",
        "assets.ETH",
        "assets.ETH.process",
        "assets.ETH.spot",
        "assets.BTC.spot",
        "policies",
        "policies.hourly",
        "policies.hourly.every",
        "policies.band.width",
        "target.legs",
        "target.legs.0",
        "target.legs.1.quantity",
        "target.legs.9",
        "costs.fee",
        "oracle",
        "oracle.heartbeat",
        "x.y.z",
        "name",
        "é",
        "limits.std",
    ];
    let values = [
        "1",
        "1h",
        "5 bps",
        "{ ETH = 1 }",
        "[]",
        "[[assets]]",
        "none",
        "",
        "é",
        "\"",
        "{ kind = \"path\" }",
        "2020-01-01",
        "30d",
    ];
    let mut n_sound = 0;
    for key in keys {
        for change in values.iter().map(Some).chain([None]) {
            let overrides = Overrides::default().set("run.seed", "7");
            let overrides = match change {
                Some(value) => overrides.set(key, value),
                None => overrides.unset(key),
            };
            match parse_with(BASE, &overrides, &no_files()) {
                Ok(parsed) => {
                    n_sound += 1;
                    let again = sound(&parsed.text_as_run);
                    assert_eq!(again.hash, parsed.hash, "{key} {change:?}\n{}", parsed.text_as_run);
                }
                Err(problems) => {
                    for problem in &problems {
                        let source = problem.origin.as_deref().unwrap_or(BASE);
                        assert!(source.get(problem.span.clone()).is_some(), "{key} {change:?} {problem:?}");
                        assert_ne!(problem.code, "E099", "{key} {change:?} {problem:?}");
                    }
                }
            }
        }
    }
    assert!(n_sound > 15, "{n_sound}");
}

#[test]
fn no_text_makes_it_panic() {
    fuzz(2_000, 1);
}

#[test]
#[ignore = "slow: 100 000 mutated scenarios"]
fn no_text_makes_it_panic_at_length() {
    fuzz(100_000, 2);
}
