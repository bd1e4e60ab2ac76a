//! `driftband validate` as a user meets it: table, JSON, folder, exit codes.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::process::Output;

use serde_json::Value;
use tempfile::TempDir;

#[path = "support/program.rs"]
mod program;

fn run(dir: &TempDir, words: &[&str]) -> Output {
    program::driftband(dir.path(), &[&["validate"], words].concat()).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

#[test]
fn the_table_names_theory_value_and_verdict() {
    let dir = TempDir::new().unwrap();
    let output = run(&dir, &["--id", "O12,O10"]);
    let table = text(&output.stdout);
    assert_eq!(output.status.code(), Some(0), "{table}");
    assert!(table.starts_with("id ") && table.contains("O12a ") && table.contains("0.7284188"), "{table}");
    assert!(table.ends_with("7 of 7 checks pass\n"), "{table}");
    // progress is talk
    assert!(text(&output.stderr).contains("1 of 2: O10a"), "{}", text(&output.stderr));
    assert!(text(&run(&dir, &["--id", "O12", "-q"]).stderr).is_empty());
}

#[test]
fn the_object_holds_numbers() {
    let dir = TempDir::new().unwrap();
    let output = run(&dir, &["--id", "o12a", "--format", "json", "-j", "1"]);
    let found: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(found["failed"], 0);
    assert_eq!(found["checks"].as_array().unwrap().len(), 1);
    let check = &found["checks"][0];
    assert_eq!((check["id"].as_str(), check["verdict"].as_str()), (Some("O12a"), Some("pass")));
    assert!((check["measured"].as_f64().unwrap() - 0.294_596).abs() < 1e-5 && check["z"].is_null());
}

#[test]
fn a_folder_holds_table_and_charts() {
    let dir = TempDir::new().unwrap();
    let output = run(&dir, &["--id", "L,K3", "-o", "found"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    for file in [
        "validation.json",
        "validation.csv",
        "manifest.json",
        "charts/hedging-error.svg",
        "charts/hedging-error.png",
        "charts/efficiency.svg",
    ] {
        assert!(dir.path().join("found").join(file).metadata().unwrap().len() > 100, "{file}");
    }
    let rows = std::fs::read_to_string(dir.path().join("found/validation.csv")).unwrap();
    assert_eq!(rows.lines().count(), 7, "{rows}");
    // only its own folder is replaced
    std::fs::create_dir(dir.path().join("other")).unwrap();
    std::fs::write(dir.path().join("other/notes.txt"), "mine").unwrap();
    assert_eq!(run(&dir, &["--id", "O12", "-o", "other"]).status.code(), Some(1));
    assert!(dir.path().join("other/notes.txt").exists());
    let output = run(&dir, &["--id", "O12", "-o", "bare"]);
    assert!(text(&output.stderr).contains("no efficiency chart"), "{}", text(&output.stderr));
}

#[test]
fn unknown_names_are_refused_with_those_there_are() {
    let dir = TempDir::new().unwrap();
    let output = run(&dir, &["--id", "Q7"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("no check `Q7`") && text(&output.stderr).contains("B1a"));
    let output = run(&dir, &["--id", "D4a", "--quick"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("--quick"));
}
