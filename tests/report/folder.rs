//! The output folder: whole or not there, the same bytes for the same run, recognised when finished.
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use driftband::engine::Outcome;
use driftband::report::folder::{FolderError, Inputs, Provenance, Written, finished, preflight, write};
use driftband::report::summary::{ENGINE_VERSION, STREAM_VERSION};
use driftband::scenario::Limit;
use serde_json::Value;

use crate::synthetic;

fn put_with(dir: &Path, outcome: &Outcome, hash: &str, png_scale: f32) -> Result<Written, FolderError> {
    let limit =
        Limit { metric: "cvar_99".into(), bound: 0.01, of_notional: true, policies: vec!["daily".into()] };
    let scenario = synthetic::scenario(outcome, vec![limit]);
    let provenance = Provenance { git: None, threads: 2, wall_seconds: 0.5, paths_asked: outcome.n_paths };
    let inputs = Inputs {
        scenario: &scenario,
        text: "version = 1\n",
        hash,
        outcome,
        worst: &[],
        provenance: &provenance,
        png_scale: Some(png_scale),
    };
    write(dir, &inputs)
}

fn put(dir: &Path, outcome: &Outcome, hash: &str) -> Result<Written, FolderError> {
    put_with(dir, outcome, hash, 0.5)
}

/// Every file below a folder with its bytes.
fn contents(dir: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut open = vec![dir.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                let name = path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn four(n_paths: u64) -> Outcome {
    synthetic::outcome(&synthetic::four(), n_paths)
}

#[test]
fn a_folder_holds_what_it_promises() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("deep/er/run-1");
    let written = put(&dir, &synthetic::with_paths(four(500)), "cafe").unwrap();
    assert!(written.charts_left_out.is_empty() && written.leftover.is_none());
    let files = contents(&dir);
    for name in [
        "manifest.json",
        "scenario.toml",
        "summary.json",
        "summary.csv",
        "distribution.csv",
        "timeline.csv",
        "paths.csv",
        "charts/fan.svg",
        "charts/frontier.png",
    ] {
        assert!(files.contains_key(name), "{name}");
    }
    assert_eq!(fs::read_dir(dir.parent().unwrap()).unwrap().count(), 1, "nothing beside the folder");
    let manifest: Value = serde_json::from_slice(&files["manifest.json"]).unwrap();
    assert_eq!(manifest["files"].as_array().unwrap().len(), files.len() - 1);
    assert_eq!(manifest["git"], Value::Null);
    assert_eq!(manifest["stream_version"], STREAM_VERSION);
    for name in files.keys().filter(|name| name.split('.').next_back() == Some("csv")) {
        let text = String::from_utf8(files[name].clone()).unwrap();
        assert!(!text.contains('\r') && !text.contains("NaN") && text.ends_with('\n'), "{name}");
        let widths: Vec<usize> = text.lines().map(|line| line.split(',').count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]) && widths.len() > 4, "{name}");
    }
    let counted: f64 = String::from_utf8(files["distribution.csv"].clone())
        .unwrap()
        .lines()
        .filter(|line| line.starts_with("hourly,histogram"))
        .map(|line| line.split(',').nth(5).unwrap().parse::<f64>().unwrap())
        .sum();
    assert_eq!(counted, 500.0);
}

#[test]
fn the_summary_has_its_schema() {
    let place = tempfile::tempdir().unwrap();
    put(&place.path().join("run"), &four(2000), "cafe").unwrap();
    let text = fs::read_to_string(place.path().join("run/summary.json")).unwrap();
    let summary: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(summary["schema"], 1);
    assert_eq!(summary["scenario"]["hash"], "cafe");
    let policy = &summary["policies"][0];
    let std = &policy["metrics"]["std"];
    assert_eq!(std["unit"], "currency");
    let bps = std["value"].as_f64().unwrap() / synthetic::NOTIONAL * 1e4;
    assert!((std["bps"].as_f64().unwrap() - bps).abs() < 1e-9);
    assert_eq!(std["ci"].as_array().unwrap().len(), 2);
    assert_eq!(policy["metrics"]["skew"]["value"], Value::Null);
    assert_eq!(policy["metrics"]["skew"]["reason"], "made up");
    assert!(policy["costs"]["funding"]["value"].is_number());
    assert!(policy["constants"]["T"].is_number() && policy["constants"]["premiums"].is_array());
    assert_eq!(summary["relative"]["tight"], "hourly");
    assert_eq!(summary["breaches"][0]["policy"], "daily");
    assert!(!text.contains("NaN") && !text.contains("inf"));
}

#[test]
fn the_same_run_makes_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    let (a, b) = (place.path().join("a"), place.path().join("b"));
    put(&a, &four(300), "cafe").unwrap();
    put(&b, &four(300), "cafe").unwrap();
    assert_eq!(contents(&a), contents(&b));
}

#[test]
fn a_policy_s_part_does_not_depend_on_the_others() {
    let place = tempfile::tempdir().unwrap();
    let (a, b) = (place.path().join("all"), place.path().join("two"));
    put(&a, &four(300), "cafe").unwrap();
    put(&b, &synthetic::outcome(&synthetic::four()[..2], 300), "cafe").unwrap();
    let object = |dir: &Path| {
        let text = fs::read_to_string(dir.join("summary.json")).unwrap();
        let start = text.find("      \"name\": \"daily\"").unwrap();
        text[start..start + text[start..].find("\n    }").unwrap()].to_owned()
    };
    assert_eq!(object(&a), object(&b));
    for name in ["summary.csv", "distribution.csv"] {
        let rows = |dir: &Path| -> Vec<String> {
            let text = fs::read_to_string(dir.join(name)).unwrap();
            text.lines().filter(|line| line.starts_with("daily,")).map(str::to_owned).collect()
        };
        assert!(rows(&a).len() > 10);
        assert_eq!(rows(&a), rows(&b), "{name}");
    }
}

#[test]
fn a_finished_run_is_recognised() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("run");
    assert!(finished(&dir, "cafe", ENGINE_VERSION).unwrap().is_none());
    let written = put(&dir, &four(300), "cafe").unwrap();
    let found = finished(&dir, "cafe", ENGINE_VERSION).unwrap().unwrap();
    assert!(found == written.summary, "the summary reads back to the same bits");
    assert_eq!(found.breaches.len(), 1, "the state it exited with");
    assert!(finished(&dir, "beef", ENGINE_VERSION).unwrap().is_none());
    assert!(finished(&dir, "cafe", "0.0.0").unwrap().is_none());

    // a changed figure must not be printed as the run's
    let path = dir.join("summary.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen('1', "2", 1)).unwrap();
    assert!(matches!(finished(&dir, "cafe", ENGINE_VERSION), Err(FolderError::Damaged { .. })));
    let error = finished(&dir, "cafe", ENGINE_VERSION).unwrap_err().to_string();
    assert!(error.starts_with("read the finished run `") && error.contains("summary.json"), "{error}");
    fs::write(&path, text).unwrap();
    fs::remove_file(dir.join("charts/fan.svg")).unwrap();
    assert!(finished(&dir, "cafe", ENGINE_VERSION).unwrap().is_none(), "a missing picture is made again");
}

#[test]
fn a_failure_leaves_the_finished_run_and_nothing_else() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("run");
    put(&dir, &four(300), "cafe").unwrap();
    let before = contents(&dir);
    // no picture has no pixels: fails after the tables and the first SVG are written
    put_with(&dir, &four(200), "beef", 0.0).unwrap_err();
    assert_eq!(contents(&dir), before);
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);

    put(&dir, &four(200), "beef").unwrap();
    assert!(finished(&dir, "beef", ENGINE_VERSION).unwrap().is_some());
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}

#[test]
fn other_people_s_files_are_not_replaced() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("thesis");
    fs::create_dir(&dir).unwrap();
    preflight(&dir).unwrap();
    fs::write(dir.join("chapter-1.tex"), "x").unwrap();
    assert!(matches!(put(&dir, &four(60), "cafe"), Err(FolderError::NotARun { .. })));
    assert_eq!(contents(&dir).len(), 1);

    let file = place.path().join("file");
    fs::write(&file, "x").unwrap();
    let error = put(&file.join("run"), &four(60), "cafe").unwrap_err().to_string();
    assert!(error.contains("file/run") || error.contains("file"), "{error}");
    assert!(put(Path::new(".."), &four(60), "cafe").unwrap_err().to_string().contains("`..`"));
}

#[test]
fn a_crash_between_the_renames_is_mended() {
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("run");
    put(&dir, &four(60), "cafe").unwrap();
    fs::rename(&dir, place.path().join("run.old")).unwrap();
    fs::create_dir(place.path().join("run.partial")).unwrap();
    fs::write(place.path().join("run.partial/summary.json"), "half").unwrap();
    assert!(finished(&dir, "cafe", ENGINE_VERSION).unwrap().is_some());
    put(&dir, &four(60), "beef").unwrap();
    assert_eq!(fs::read_dir(place.path()).unwrap().count(), 1);
}
