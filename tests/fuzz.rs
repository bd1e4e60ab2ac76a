//! Mutated scenarios through the whole way: none may panic, ask for runaway memory or run off the numbers unnoticed.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![expect(clippy::print_stdout, reason = "a test says how many mutants it tried")]
use std::fs;
use std::path::Path;

use driftband::engine::{Execution, RunError, run};
use driftband::scenario::{Disk, Overrides, parse_with};
use rand::SeedableRng;
use rand::{Rng as _, RngExt as _};
use rand_xoshiro::Xoshiro256PlusPlus;

/// Path-steps times policies and assets that a mutant may cost; beyond, it is checked and planned but not run.
const BUDGET: u64 = 50_000;

fn scenario_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios")
}

fn seeds() -> Vec<String> {
    let mut files: Vec<_> =
        fs::read_dir(scenario_folder()).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut texts: Vec<String> = files
        .into_iter()
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .map(|path| fs::read_to_string(path).unwrap())
        .collect();
    texts.push(driftband::scenario::starter().to_owned());
    texts
}

/// Words that a mutation puts in the place of a number or a piece of text.
const WORDS: &[&str] = &[
    "0",
    "-1",
    "1e308",
    "-1e308",
    "1e-308",
    "nan",
    "inf",
    "-inf",
    "0.0",
    "1",
    "2",
    "3",
    "0.5",
    "1e18",
    "1e9",
    "\"\"",
    "\"1 step\"",
    "\"2 steps\"",
    "\"0 steps\"",
    "\"1h\"",
    "\"100%\"",
    "\"-5 bps\"",
    "\"1e300 bps\"",
    "\"500y\"",
    "true",
    "[]",
    "{}",
    "\"none\"",
    "\"edge\"",
    "\"perpetual\"",
    "\"gbm\"",
    "\"heston\"",
    "\"hold\"",
    "\"buy_and_hold\"",
    "\"constant_mix_continuous\"",
    "0xff",
    "9223372036854775807",
    "1979-05-27",
];

/// One to three small changes: a value replaced, a line dropped, doubled or moved, a byte changed.
fn mutate(text: &str, random: &mut Xoshiro256PlusPlus) -> String {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for _ in 0..random.random_range(1..=3) {
        let at = random.random_range(0..lines.len());
        match random.random_range(0..10) {
            0 => drop(lines.remove(at)),
            1 => {
                let line = lines[at].clone();
                lines.insert(at, line);
            }
            2 => {
                let to = random.random_range(0..lines.len());
                lines.swap(at, to);
            }
            3 => {
                let mut bytes = lines[at].clone().into_bytes();
                if !bytes.is_empty() {
                    let place = random.random_range(0..bytes.len());
                    bytes[place] = random.random_range(32..127);
                }
                lines[at] = String::from_utf8_lossy(&bytes).into_owned();
            }
            _ => {
                let line = lines[at].clone();
                let starts: Vec<usize> = line.match_indices("= ").map(|(place, _)| place + 2).collect();
                if starts.is_empty() {
                    continue;
                }
                let start = starts[random.random_range(0..starts.len())];
                let end = line[start..].find([',', '}', '#', ']']).map_or(line.len(), |place| start + place);
                let word = WORDS[random.random_range(0..WORDS.len())];
                lines[at] = format!("{}{word} {}", &line[..start], &line[end..]);
            }
        }
        if lines.is_empty() {
            lines.push(String::new());
        }
    }
    lines.join("\n")
}

/// Checks that many mutants and runs the sound ones at two paths, or the fewest they may have; returns how many were sound, and how many ran.
fn fuzz(count: u64, seed: u64) -> (u64, u64) {
    let seeds = seeds();
    let folder = Disk::new(scenario_folder());
    let mut random = Xoshiro256PlusPlus::seed_from_u64(seed);
    let (mut sound, mut ran) = (0, 0);
    for _ in 0..count {
        let text = mutate(&seeds[random.random_range(0..seeds.len())], &mut random);
        // the first check is of the mutant as it stands, the second makes it small enough to run
        let Ok(parsed) = parse_with(&text, &Overrides::default(), &folder) else { continue };
        sound += 1;
        let mut scenario = parsed.scenario;
        let execution = Execution { threads: Some(1), memory_limit: 256 << 20, ..Execution::default() };
        let fixed = scenario.assets.iter().any(|asset| matches!(asset.process.name(), "path" | "history"));
        if !fixed {
            scenario.run.paths = scenario.run.sampling.rounded_up(2);
        }
        let work = scenario.run.grid.n_steps * (scenario.policies.len() * scenario.assets.len()) as u64;
        if work > BUDGET {
            continue;
        }
        match run(&scenario, &execution) {
            Ok(outcome) => {
                ran += 1;
                for policy in &outcome.policies {
                    for (metric, estimate) in &policy.metrics {
                        let numbers = [estimate.value, estimate.se]
                            .into_iter()
                            .chain(estimate.ci.iter().flat_map(|ci| ci.iter().copied().map(Some)));
                        assert!(numbers.flatten().all(f64::is_finite), "{} of\n{text}", metric.key);
                        assert!(
                            estimate.value.is_some() || estimate.reason.is_some(),
                            "{} of\n{text}",
                            metric.key
                        );
                    }
                }
            }
            Err(RunError::NotFinite(_) | RunError::Memory { .. }) => {}
            Err(other) => panic!("{other} of\n{text}"),
        }
    }
    (sound, ran)
}

#[test]
fn mutants_do_not_panic() {
    let (sound, ran) = fuzz(2_000, random_start());
    println!("{sound} of 2000 mutants are sound, {ran} ran");
    assert!(sound > 100 && ran > 50, "the mutants are too wild to test anything: {sound} sound, {ran} ran");
}

#[test]
#[ignore = "slow: 10^5 mutants"]
fn many_mutants_do_not_panic() {
    let halves = [7, 8].map(|seed| std::thread::spawn(move || fuzz(50_000, seed)));
    let (sound, ran) =
        halves.into_iter().map(|half| half.join().unwrap()).fold((0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    println!("{sound} of 100000 mutants are sound, {ran} ran");
    assert!(sound > 10_000 && ran > 5_000);
}

fn random_start() -> u64 {
    Xoshiro256PlusPlus::seed_from_u64(1).next_u64()
}
