//! Runs that go on until their errors are met: where they end, what they find there, and what they say.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use driftband::engine::{ChunkPart, Execution, Outcome, Precise, RunError, run};
use driftband::scenario::Scenario;
use serde_json::Value;
use tempfile::TempDir;

mod simulate;
use simulate::{figure, outcome, scenario};

fn text(run: &str) -> String {
    format!(
        r#"
version = 1
name = "precise"
[run]
{run}
horizon = "10d"
step = "1d"
[[assets]]
symbol = "ETH"
spot = 3000.0
process = {{ kind = "gbm", drift = 0.0, volatility = 0.8 }}
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{{ type = "call", strike = 3000.0, quantity = -10.0 }}]
[[policies]]
name = "daily"
kind = "periodic"
every = "1d"
[[policies]]
name = "once"
kind = "hold"
"#
    )
}

fn precise(run: &str) -> Scenario {
    scenario(&text(run))
}

#[test]
fn a_run_ends_at_the_first_look_that_is_sure() {
    let asked = precise("precision = { std = \"0.6%\" }\nmax_paths = 1_000_000");
    let found = run(&asked, &Execution::default()).unwrap();
    let reached = found.precision.as_ref().unwrap();
    assert!(reached.met && reached.goals.len() == 2);
    assert!(found.n_paths > 10_112 && found.n_paths.is_multiple_of(10_112), "{}", found.n_paths);
    assert!((found.n_paths / 10_112).is_power_of_two());
    assert_eq!((reached.pilot.paths, reached.max_paths), (10_112, 1_000_000));
    // the law of large numbers was right to a factor of two
    let needed = reached.pilot.needed.unwrap();
    assert!(needed <= found.n_paths * 3 / 2 && needed * 3 > found.n_paths, "{needed} {}", found.n_paths);
    let worst = |outcome: &Outcome| {
        outcome.policies.iter().map(|p| figure(p, "std")).map(|(std, se)| se / std).fold(0.0, f64::max)
    };
    assert!(worst(&found) <= 0.006);
    // the same paths as a run of that length finds, and none too many
    let plain = run(&precise(&format!("paths = {}", found.n_paths)), &Execution::default()).unwrap();
    assert_eq!(plain.policies, found.policies);
    assert_eq!((plain.n_paths, plain.precision.is_none()), (found.n_paths, true));
    let before = outcome(&precise(&format!("paths = {}", found.n_paths / 2)));
    assert!(worst(&before) > 0.006);
    // and again on another number of threads
    let again = run(&asked, &Execution { threads: Some(1), ..Execution::default() }).unwrap();
    assert_eq!(again, found);
}

#[test]
fn pairs_replicates_and_controls_end_sooner_where_they_help() {
    let n = |extra: &str| {
        let asked = precise(&format!("precision = {{ mean = \"1 bps\" }}\nmax_paths = 4_000_000\n{extra}"));
        let found = run(&asked, &Execution::default()).unwrap();
        assert!(found.precision.as_ref().unwrap().met, "{extra}");
        found.n_paths
    };
    let (plain, sobol) = (n(""), n("sampling = \"sobol\""));
    let control = n("control_variates = true");
    assert!(sobol < plain && control == 10_112, "{plain} {sobol} {control}");
    assert!((sobol / 32).is_power_of_two());
    assert!(n("sampling = \"antithetic\"").is_multiple_of(128));
}

#[test]
fn what_cannot_be_met_ends_at_the_budget() {
    let asked = precise("precision = { std = \"0.1%\", cost_total = 0.001 }\nmax_paths = 25_000");
    let found = run(&asked, &Execution::default()).unwrap();
    let reached = found.precision.as_ref().unwrap();
    assert_eq!((found.n_paths, reached.met), (25_000, false));
    assert!(reached.pilot.needed.unwrap() > 25_000);
    assert!(reached.goals.iter().all(|goal| !goal.met && goal.needed.unwrap() > 25_000));
    // a share of what cannot be told from zero is no error to ask for
    let asked = precise("precision = { skew = \"1%\", mean = \"1%\" }\nmax_paths = 10");
    let found = outcome(&asked);
    let goals = &found.precision.as_ref().unwrap().goals;
    assert_eq!(found.n_paths, 10);
    assert!(goals.iter().any(|goal| goal.reason.is_some()), "{goals:?}");
    // what is the same on every path is known at once
    let asked = precise("precision = { trades = \"1%\", oracle_error_rms = \"1%\" }\nmax_paths = 100_000");
    assert_eq!(run(&asked, &Execution::default()).unwrap().n_paths, 10_112);
}

#[test]
fn a_run_that_was_cut_finds_what_it_would_have_found() {
    let asked = precise("precision = { std = \"0.28%\" }\nmax_paths = 400_000");
    let whole = run(&asked, &Execution::default()).unwrap();
    assert!(whole.n_paths > 131_072, "{}", whole.n_paths);
    let mut chunks: Vec<ChunkPart> = Vec::new();
    let mut first = Precise::new(&asked, &Execution::default()).unwrap().unwrap();
    while chunks.len() < 2 {
        let keep = |part: &ChunkPart| -> Result<(), RunError> {
            chunks.push(part.clone());
            Ok(())
        };
        first.advance(keep).unwrap();
    }
    for kept in [1, 2] {
        let mut resumed = Precise::new(&asked, &Execution::default()).unwrap().unwrap();
        for part in &chunks[..kept] {
            resumed.keep(part.clone()).unwrap();
        }
        assert!(resumed.keep(chunks[0].clone()).is_err(), "not the next one");
        let found = loop {
            let (outcome, done) = resumed.advance(|_| Ok::<(), RunError>(())).unwrap();
            if done {
                break outcome;
            }
        };
        assert_eq!(found, whole, "{kept} chunks kept");
    }
}

fn driftband(dir: &Path, words: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_driftband"));
    command.args(words).current_dir(dir).env_remove("NO_COLOR").stdin(Stdio::null());
    command.output().unwrap()
}

#[test]
fn the_command_says_what_was_reached() {
    let bench = TempDir::new().unwrap();
    let dir = bench.path();
    let put = |run: &str| fs::write(dir.join("s.toml"), text(run)).unwrap();
    let stderr = |out: &Output| String::from_utf8_lossy(&out.stderr).into_owned();
    put("precision = { std = \"0.8%\" }\nmax_paths = 1_000_000");
    let out = driftband(dir, &["-q", "run", "s.toml", "-o", "a"]);
    assert_eq!(out.status.code(), Some(0), "{}", stderr(&out));
    assert!(stderr(&out).contains("after 10112 paths about"), "{}", stderr(&out));
    assert!(stderr(&out).contains("the standard errors asked for are met with"), "{}", stderr(&out));
    let summary: Value = serde_json::from_slice(&fs::read(dir.join("a/summary.json")).unwrap()).unwrap();
    assert_eq!(summary["precision"]["met"], true);
    let n = summary["scenario"]["paths"].as_u64().unwrap();
    assert!(n > 10_112 && n < 1_000_000);
    // a finished run is not made again, and its paths are read back
    let again = driftband(dir, &["-q", "run", "s.toml", "-o", "a"]);
    assert!(again.status.success() && stderr(&again).contains("holds this run already"));
    assert_eq!(out.stdout, again.stdout);

    put("precision = { std = \"0.01%\" }\nmax_paths = 12_000\n");
    for _ in 0..2 {
        let out = driftband(dir, &["-q", "run", "s.toml", "-o", "b"]);
        assert_eq!(out.status.code(), Some(4), "{}", stderr(&out));
        assert!(stderr(&out).contains("more than max_paths = 12000") || stderr(&out).contains("already"));
        assert!(stderr(&out).contains("max_paths = 12000 ended the run"), "{}", stderr(&out));
    }
    // a broken limit comes first
    let limited = text("precision = { std = \"0.01%\" }\nmax_paths = 12_000") + "[limits]\nstd = 1.0\n";
    fs::write(dir.join("s.toml"), limited).unwrap();
    assert_eq!(driftband(dir, &["-q", "run", "s.toml"]).status.code(), Some(3));

    put("precision = { std = \"0.01%\" }\nmax_paths = 12_000");
    for words in
        [vec!["run", "s.toml", "--shard", "1/2"], vec!["run", "s.toml", "--all"], vec!["stress", "s.toml"]]
    {
        let out = driftband(dir, &words);
        assert_eq!(out.status.code(), Some(2), "{words:?}");
        assert!(stderr(&out).contains("--paths N puts N in"), "{words:?}: {}", stderr(&out));
    }
    let out = driftband(dir, &["-q", "run", "s.toml", "--paths", "500", "-o", "c"]);
    assert_eq!(out.status.code(), Some(0), "{}", stderr(&out));
    let summary: Value = serde_json::from_slice(&fs::read(dir.join("c/summary.json")).unwrap()).unwrap();
    assert_eq!((summary["scenario"]["paths"].as_u64(), summary.get("precision")), (Some(500), None));
}

#[test]
fn an_interrupted_run_goes_on_to_the_same_files() {
    let bench = TempDir::new().unwrap();
    let dir = bench.path();
    // long enough to be cut
    let long = text("precision = { std = \"0.28%\" }\nmax_paths = 400_000")
        .replace("step = \"1d\"", "step = \"1h\"");
    fs::write(dir.join("s.toml"), long).unwrap();
    let whole = driftband(dir, &["-q", "run", "s.toml", "-o", "whole", "--keep-state"]);
    assert!(whole.status.success(), "{}", String::from_utf8_lossy(&whole.stderr));
    // killed after its first chunk, whenever that is
    let mut child = Command::new(env!("CARGO_BIN_EXE_driftband"))
        .args(["-q", "run", "s.toml", "-o", "cut", "--keep-state", "-j", "1"])
        .current_dir(dir)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let state = dir.join("cut.partial/state.bin");
    while fs::metadata(&state).map_or(0, |file| file.len()) < 1_000_000 {
        if child.try_wait().unwrap().is_some() {
            break;
        }
        std::thread::sleep(std::time::Duration::from_millis(1));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(state.exists(), "it was not faster than the test");
    let resumed = driftband(dir, &["-q", "run", "s.toml", "-o", "cut", "--keep-state", "--resume"]);
    let words = String::from_utf8_lossy(&resumed.stderr);
    assert!(resumed.status.success() && words.contains("resuming after"), "{words}");
    for name in ["summary.json", "summary.csv", "worst.csv", "timeline.csv", "state.bin", "distribution.csv"]
    {
        assert!(
            fs::read(dir.join("whole").join(name)).unwrap() == fs::read(dir.join("cut").join(name)).unwrap(),
            "{name}"
        );
    }
}
