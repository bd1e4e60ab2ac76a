//! Bad scenarios and the exact text they get. `UPDATE_GOLDEN=1` rewrites the texts.
#![cfg(feature = "cli")]
use std::fs;
use std::path::{Path, PathBuf};

use driftband::cli::diagnostics::{Ink, render, to_json};
use driftband::scenario::{Disk, Overrides, Problem, Severity, parse_with};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics")
}

fn cases() -> Vec<PathBuf> {
    let mut cases: Vec<PathBuf> = fs::read_dir(folder())
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    cases.sort();
    cases
}

/// Lines `#set KEY=VALUE` and `#unset KEY` at the top of a case are its command line.
fn overrides(text: &str) -> Overrides {
    text.lines().map_while(|line| line.strip_prefix('#')).fold(Overrides::default(), |all, line| {
        match line.split_once(' ') {
            Some(("set", change)) => all.set_text(change).expect("KEY=VALUE"),
            Some(("unset", key)) => all.unset(key),
            _ => all,
        }
    })
}

fn problems(text: &str) -> Vec<Problem> {
    match parse_with(text, &overrides(text), &Disk::new(folder())) {
        Ok(parsed) => parsed.warnings,
        Err(problems) => problems,
    }
}

#[test]
fn every_bad_scenario_gets_its_text() {
    let update = std::env::var_os("UPDATE_GOLDEN").is_some();
    let mut wrong = Vec::new();
    for case in cases() {
        let text = fs::read_to_string(&case).expect("UTF-8");
        let name = case.file_name().expect("a name").to_string_lossy().into_owned();
        let found =
            render(&text, &name, &problems(&text), Ink::Plain).replace(&*folder().to_string_lossy(), ".");
        let golden = case.with_extension("txt");
        if update {
            fs::write(&golden, &found).expect("a writable folder");
        } else if fs::read_to_string(&golden).unwrap_or_default() != found {
            wrong.push(format!("=== {name}\n{found}"));
        }
    }
    assert!(wrong.is_empty(), "{} texts differ:\n{}", wrong.len(), wrong.join("\n"));
    assert!(cases().len() >= 30);
}

#[test]
fn every_place_is_inside_its_text_and_every_problem_has_words() {
    for case in cases() {
        let text = fs::read_to_string(&case).expect("UTF-8");
        for problem in problems(&text) {
            let source = problem.origin.as_deref().unwrap_or(&text);
            assert!(source.get(problem.span.clone()).is_some(), "{}: {problem:?}", case.display());
            assert!(problem.also.iter().all(|(span, _)| source.get(span.clone()).is_some()), "{problem:?}");
            assert!(!problem.title.is_empty() && !problem.label.is_empty(), "{problem:?}");
            assert_ne!(problem.code, "E099", "{}: {problem:?}", case.display());
        }
    }
}

#[test]
fn the_contract_s_own_example_is_sound() {
    let text = fs::read_to_string(folder().join("contract-example.toml")).expect("the example");
    let found: Vec<Problem> =
        problems(&text).into_iter().filter(|problem| problem.severity == Severity::Error).collect();
    assert_eq!(found, []);
}

#[test]
fn json_counts_lines_and_columns_from_one() {
    let text = fs::read_to_string(folder().join("units.toml")).expect("a case");
    let json = to_json(&text, "units.toml", &problems(&text));
    let first = &json[0];
    let line = text.lines().nth(first["line"].as_u64().expect("a line") as usize - 1).expect("that line");
    let column = first["column"].as_u64().expect("a column") as usize;
    assert_eq!(&line[column - 1..column], "\"");
    assert_eq!(first["severity"], "error");
}
