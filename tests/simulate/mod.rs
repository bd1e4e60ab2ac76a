//! What every simulating test does: text to scenario, scenario to outcome, never around the parser.
use std::collections::BTreeMap;
use std::fmt::Write as _;

use driftband::engine::{Execution, Outcome, PolicyOutcome, run};
use driftband::scenario::{Memory, Problem, Scenario, parse};

/// The checked scenario of a text whose data files are held in memory.
pub(crate) fn parsed(text: &str, files: &[(&str, &str)]) -> Result<Scenario, Vec<Problem>> {
    let held: BTreeMap<String, Vec<u8>> =
        files.iter().map(|(name, bytes)| ((*name).to_owned(), bytes.as_bytes().to_vec())).collect();
    parse(text, &Memory(held)).map(|parsed| parsed.scenario)
}

/// The checked scenario of a text that must be right.
#[track_caller]
pub(crate) fn scenario(text: &str) -> Scenario {
    scenario_with(text, &[])
}

/// The same, with data files.
#[track_caller]
pub(crate) fn scenario_with(text: &str, files: &[(&str, &str)]) -> Scenario {
    match parsed(text, files) {
        Ok(scenario) => scenario,
        Err(problems) => panic!("{}\n{text}", in_words(&problems)),
    }
}

/// Every problem on a line of its own.
pub(crate) fn in_words(problems: &[Problem]) -> String {
    problems.iter().fold(String::new(), |mut text, problem| {
        let _ = writeln!(text, "{problem} (at `{}`)", problem.path);
        text
    })
}

/// What a scenario finds, deviations by path included.
#[track_caller]
pub(crate) fn outcome(scenario: &Scenario) -> Outcome {
    match run(scenario, &Execution { keep_paths: true, ..Execution::default() }) {
        Ok(outcome) => outcome,
        Err(fault) => panic!("{}: {fault}", scenario.name),
    }
}

/// Value and standard error of a figure that must have both.
#[track_caller]
pub(crate) fn figure(policy: &PolicyOutcome, key: &str) -> (f64, f64) {
    let found = policy.metric(key).and_then(|estimate| estimate.value.zip(estimate.se));
    match found {
        Some(figure) => figure,
        None => panic!("{}: no value or no standard error of `{key}`: {:?}", policy.name, policy.metric(key)),
    }
}
