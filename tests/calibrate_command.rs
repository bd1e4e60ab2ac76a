//! `calibrate` as a user meets it: exit codes, faults with their lines, the folder, the same bytes twice.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Output;

use tempfile::TempDir;

#[path = "support/program.rs"]
mod program;

fn run(dir: &Path, words: &[&str]) -> Output {
    program::driftband(dir, words).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Prices that wander, with calm and wild stretches.
fn prices(n: u32) -> String {
    let mut text = "time,ETH,BTC\n".to_owned();
    let (mut a, mut b, mut noise) = (100.0_f64, 900.0_f64, 7_u32);
    for day in 0..n {
        let mut next = || {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            f64::from(noise >> 8) / f64::from(1_u32 << 24) - 0.5
        };
        let wild = if day % 90 < 30 { 0.15 } else { 0.05 };
        a *= 1.0 + wild * (next() + next() + next());
        b *= 1.0 + 0.5 * wild * (next() + next() + next());
        writeln!(text, "{},{a},{b}", date(day)).unwrap();
    }
    text
}

fn date(day: u32) -> String {
    format!("{}-{:02}-{:02}", 2000 + day / 336, day / 28 % 12 + 1, day % 28 + 1)
}

#[test]
fn prices_become_a_folder_and_tables() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("p.csv"), prices(500)).unwrap();
    let words =
        ["calibrate", "p.csv", "--interval", "rows", "-c", "ETH", "--models", "gbm,garch,regime", "-o", "o"];
    let output = run(dir.path(), &words);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    assert!(out.contains("ETH: 499 returns") && out.contains("process = { kind = \"garch\""), "{out}");
    let folder = dir.path().join("o");
    for name in ["calibration.toml", "calibration.json", "calibration.csv", "manifest.json"] {
        assert!(folder.join(name).is_file(), "{name}");
    }
    for chart in ["ETH-density", "ETH-clustering", "ETH-residuals"] {
        assert!(folder.join(format!("charts/{chart}.svg")).is_file());
        assert!(folder.join(format!("charts/{chart}.png")).is_file());
    }
    let table = fs::read_to_string(folder.join("calibration.csv")).unwrap();
    assert!(table.starts_with("series,model,parameter,value,se,unit\nETH,gbm,drift,"), "{table}");
    let before = fs::read(folder.join("calibration.json")).unwrap();
    assert_eq!(run(dir.path(), &words).status.code(), Some(0));
    assert_eq!(before, fs::read(folder.join("calibration.json")).unwrap());
    assert!(!dir.path().join("o.partial").exists() && !dir.path().join("o.old").exists());
}

#[test]
fn updates_become_an_oracle() {
    let dir = TempDir::new().unwrap();
    let mut feed = "time,answer\n".to_owned();
    let mut price = 100.0;
    for hour in 0..200_u32 {
        price *= if hour % 3 == 0 { 1.0061 } else { 1.0 - 0.0031 };
        let (day, minute) = (1 + hour / 24, if hour % 3 == 0 { 20 } else { 0 });
        writeln!(feed, "2024-01-{day:02}T{:02}:{minute:02}:00Z,{price}", hour % 24).unwrap();
    }
    fs::write(dir.path().join("f.csv"), feed).unwrap();
    let output = run(dir.path(), &["calibrate", "f.csv", "--no-folder", "--format", "json"]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let out = text(&output.stdout);
    assert!(out.contains("\"feeds\"") && out.contains("[oracle]"), "{out}");
    assert!(!dir.path().join("output").exists());
}

#[test]
fn all_faults_are_told_at_once_and_nothing_is_written() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("p.csv"), "time,ETH\n2020-01-01,1\nsoon,2\n2020-01-02,-4\n").unwrap();
    let output = run(dir.path(), &["calibrate", "p.csv", "--interval", "5", "-o", "o"]);
    assert_eq!(output.status.code(), Some(2));
    let said = text(&output.stderr);
    for words in [
        "command line: --interval: `5` has no unit",
        "p.csv:3: `soon` is no time",
        "p.csv:4: `-4` in column `ETH` is no positive number",
        "3 faults in p.csv",
    ] {
        assert!(said.contains(words), "{said}");
    }
    assert!(!dir.path().join("o").exists() && output.stdout.is_empty());
    let output = run(dir.path(), &["calibrate", "p.csv", "-c", "eth", "-o", "o"]);
    assert!(text(&output.stderr).contains("did you mean `ETH`?"));
}

#[test]
fn what_is_no_calibration_is_not_overwritten() {
    let dir = TempDir::new().unwrap();
    fs::write(dir.path().join("p.csv"), prices(300)).unwrap();
    fs::create_dir(dir.path().join("o")).unwrap();
    fs::write(dir.path().join("o/manifest.json"), "{\"hash\": \"of a run\"}").unwrap();
    let output = run(dir.path(), &["calibrate", "p.csv", "--interval", "rows", "--models", "gbm", "-o", "o"]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stderr));
    assert!(dir.path().join("o/manifest.json").is_file());
}
