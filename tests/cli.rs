//! The command line as a user meets it: exit codes, stdout is data, stderr is talk, files by thread count.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::process::{Command, Output, Stdio};
use std::time::Duration;

#[path = "support/bench.rs"]
mod bench;
#[path = "support/files.rs"]
mod files;
#[path = "support/said.rs"]
mod said;
#[macro_use]
#[path = "support/scenario.rs"]
mod scenario;
use bench::Bench;
use files::{MANIFEST, files};
use said::err;

const SCENARIO: &str = hedged_call!("cli-test", "300", "-10.0", "");

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn run_writes_a_folder_and_ends_with_a_table_and_a_line() {
    let bench = Bench::new(SCENARIO);
    let output = bench.run(&["run", "s.toml", "-o", "o"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let text = out(&output);
    assert!(
        text.contains("often") && text.contains("±") && text.contains("times tighter than rarely"),
        "{text}"
    );
    for name in [
        "manifest.json",
        "scenario.toml",
        "state.bin",
        "summary.json",
        "summary.csv",
        "distribution.csv",
        "timeline.csv",
        "worst.csv",
    ] {
        assert!(bench.path("o").join(name).is_file(), "{name}");
    }
    for chart in ["density", "spread", "tail", "frontier", "fan", "cost_stack"] {
        for end in ["svg", "png"] {
            assert!(bench.path("o/charts").join(format!("{chart}.{end}")).is_file(), "{chart}.{end}");
        }
    }
    assert!(!bench.path("o.partial").exists());
    // the same run again is not computed, and prints the same
    let again = bench.run(&["run", "s.toml", "-o", "o"]);
    assert_eq!((code(&again), out(&again)), (0, text));
    assert!(err(&again).contains("already"), "{}", err(&again));
}

#[test]
fn files_do_not_depend_on_threads_or_the_run() {
    let bench = Bench::new(SCENARIO);
    let mut all = Vec::new();
    for threads in ["1", "2", "5"] {
        let dir = format!("o{threads}");
        let output = bench.run(&["-q", "run", "s.toml", "-o", &dir, "-j", threads, "--paths-out", "csv"]);
        assert_eq!(code(&output), 0, "{}", err(&output));
        all.push(files(&bench.path(&dir), &MANIFEST));
    }
    assert!(all[0].contains_key("paths.csv"));
    assert!(all[0] == all[1] && all[0] == all[2], "files differ between thread counts");
    let before = files(&bench.path("o1"), &MANIFEST);
    assert_eq!(code(&bench.run(&["-q", "run", "s.toml", "-o", "o1", "--force", "--paths-out", "csv"])), 0);
    assert!(before == files(&bench.path("o1"), &MANIFEST), "files differ between two runs");
}

#[test]
fn stdout_is_data_and_quiet_is_quiet() {
    let bench = Bench::new(SCENARIO);
    let output = bench.run(&["--format", "json", "run", "s.toml", "-o", "o"]);
    let summary: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(summary["policies"][0]["name"], "often");
    assert!(summary["policies"][0]["metrics"]["std"]["se"].as_f64().unwrap() > 0.0);
    let output = bench.run(&["-qq", "run", "s.toml", "-o", "o2"]);
    assert_eq!(err(&output), "");
    assert!(out(&output).contains("often"));
}

#[test]
fn faults_of_scenario_and_usage_exit_with_2() {
    let bench = Bench::new(&SCENARIO.replace("fee = ", "fees = "));
    for words in [
        &["run", "s.toml"][..],
        &["check", "s.toml"],
        &["replay", "s.toml", "--path", "0", "--policy", "often"],
    ] {
        let output = bench.run(words);
        assert_eq!((code(&output), out(&output).as_str()), (2, ""), "{words:?}");
        let text = err(&output);
        assert!(
            text.contains("unknown key `fees`") && text.contains("s.toml:16:1") && text.contains("fee"),
            "{text}"
        );
    }
    assert!(!bench.path("output").exists());
    for words in [
        &["run", "missing.toml"][..],
        &["run", "."],
        &["run"],
        &["frobnicate"],
        &["run", "s.toml", "--nonsense"],
        &["validate", "--id", "Q7"],
        &["run", "s.toml", "--shard", "0/2"],
        &["run", "s.toml", "--shard", "3/2"],
        &["run", "s.toml", "--shard", "half"],
        &["merge"],
        &["merge", "o"],
        &["run", "s.toml", "--all", "--shard", "1/2"],
        &["sweep", "s.toml"],
        &["sweep", "s.toml", "--vary", "costs.fee=5"],
        &["sweep", "s.toml", "--vary", "costs.feee=[1]"],
        &["sweep", "s.toml", "--vary", "costs.fee=[0.1]", "--metric", "trades"],
        &["stress", "s.toml", "--only-own"],
        &["check", "s.toml", "--set", "nonsense"],
    ] {
        let output = bench.run(words);
        assert_eq!(code(&output), 2, "{words:?}: {}", err(&output));
        assert!(!err(&output).is_empty() && out(&output).is_empty(), "{words:?}");
    }
}

#[test]
fn mistyped_words_are_answered_with_the_right_ones() {
    let bench = Bench::new(SCENARIO);
    let often = ["--policy", "often", "--vary", "every=6h..2d"];
    let own_key = ["--policy", "often", "--vary", "evry=6h..2d"];
    for (words, meant) in [
        (&["rnu", "s.toml"][..], "a similar subcommand exists: 'run'"),
        (&["swep", "s.toml"], "a similar subcommand exists: 'sweep'"),
        (&["s.toml"], "to run the scenario: 'driftband run s.toml'"),
        (&["run", "s.tml"], "did you mean `./s.toml`?"),
        (&["run", "s.toml", "--al"], "a similar argument exists: '--all'"),
        (&["run", "s.toml", "--pahts", "9"], "a similar argument exists: '--paths'"),
        (&["run", "s.toml", "--paths-out", "cvs"], "a similar value exists: 'csv'"),
        (&["calibrate", "x.csv", "--models", "gmb"], "a similar value exists: 'gbm'"),
        (&["run", "s.toml", "--set", "costs.fe=0"], "--set costs.fee=0"),
        (&["run", "s.toml", "--set", "cost.fee=0"], "--set costs.fee=0"),
        (&["run", "s.toml", "--unset", "oracl"], "did you mean `oracle`?"),
        (&["run", "s.toml", "--set", "policies.oftn.every=1d"], "did you mean `often`?"),
        (&["run", "s.toml", "--set", "policies.often.evry=1d"], "--set policies.often.every=1d"),
        (
            &["run", "s.toml", "--set", "policies.often.kind=peroidic"],
            "--set policies.often.kind=\"periodic\"",
        ),
        (&["run", "s.toml", "--set", "limits.cvar99=5"], "--set limits.cvar_99=5"),
        (&["run", "s.toml", "--set", "run.precision={ sdt = '1%' }"], "--set run.precision={ std = '1%' }"),
        (&["sweep", "s.toml", "--vary", "costs.fees=[0.1]"], "costs.fee="),
        (
            &["sweep", "s.toml", "--vary", "costs.fee=[0.1]", "--metric", "cvar99"],
            "(did you mean `cvar_99`?)",
        ),
        (
            &["tune", "s.toml", "--policy", "oftn", "--vary", "every=6h..2d", "--minimize", "std"],
            "did you mean `often`?",
        ),
        (&[&["tune", "s.toml", "--minimize", "sdt"], &often[..]].concat(), "did you mean `std`?"),
        (&[&["tune", "s.toml", "--minimize", "std"], &own_key[..]].concat(), "policies.often.every="),
        (
            &["breakeven", "s.toml", "--key", "costs.fe", "--policies", "often,rarely"],
            "(did you mean `costs.fee`?)",
        ),
        (
            &["breakeven", "s.toml", "--key", "costs.fee", "--policies", "often,rarley"],
            "(did you mean `rarely`?)",
        ),
        (
            &["replay", "s.toml", "--path", "0", "--policy", "oftn"],
            "no policy `oftn` (did you mean `often`?): the scenario has often, rarely",
        ),
        (&["compare", "a", "b", "--metrics", "cvar99"], "(did you mean `cvar_99`?)"),
        (&["report", "o", "--table", "latex", "--metrics", "sdt"], "(did you mean `std`?)"),
    ] {
        let output = bench.run(words);
        assert_eq!(code(&output), 2, "{words:?}: {}", err(&output));
        assert!(err(&output).contains(meant), "{words:?} wants “{meant}”: {}", err(&output));
    }
}

#[test]
fn check_reads_many_files_and_speaks_json() {
    let bench = Bench::new(SCENARIO);
    fs::write(bench.path("bad.toml"), SCENARIO.replace("0.8 }", "-0.8 }")).unwrap();
    let output = bench.run(&["check", "s.toml", "bad.toml"]);
    assert_eq!(code(&output), 2);
    assert!(out(&output).starts_with("s.toml: ok, 2 policies on 1 asset"), "{}", out(&output));
    let output = bench.run(&["check", "s.toml", "bad.toml", "--format", "json"]);
    let reports: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert_eq!(reports[0]["ok"], true);
    assert_eq!(reports[1]["problems"][0]["path"], "assets.ETH.process.volatility");
}

#[test]
fn overrides_change_the_run_and_stand_in_the_folder() {
    let bench = Bench::new(SCENARIO);
    let words = [
        "-qq",
        "run",
        "s.toml",
        "-o",
        "o",
        "--paths",
        "200",
        "--seed",
        "7",
        "--set",
        "policies.often.every=12h",
    ];
    assert_eq!(code(&bench.run(&words)), 0);
    let text = fs::read_to_string(bench.path("o/scenario.toml")).unwrap();
    assert!(text.contains("paths = 200") && text.contains("seed = 7") && text.contains("12h"), "{text}");
    // what was run can be run again, to the same files
    fs::write(bench.path("again.toml"), &text).unwrap();
    assert_eq!(code(&bench.run(&["-qq", "run", "again.toml", "-o", "o2"])), 0);
    let (mut first, mut second) = (files(&bench.path("o"), &MANIFEST), files(&bench.path("o2"), &MANIFEST));
    first.remove("scenario.toml");
    second.remove("scenario.toml");
    assert!(first == second);
    let output = bench.run(&["check", "s.toml", "--set", "costs.fees=1"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("costs.fees"), "{}", err(&output));
}

#[test]
fn a_breached_limit_exits_with_3_every_time() {
    let bench = Bench::new(&format!("{SCENARIO}\n[limits]\npolicies = [\"often\"]\nstd = \"0.01 bps\"\n"));
    for _ in 0..2 {
        let output = bench.run(&["-q", "run", "s.toml", "-o", "o"]);
        assert_eq!(code(&output), 3, "{}", err(&output));
        assert!(err(&output).contains("often: std"), "{}", err(&output));
        assert!(out(&output).contains("often"));
    }
}

#[test]
fn a_run_that_cannot_fit_is_refused_with_the_figure() {
    let bench = Bench::new(SCENARIO);
    let output = bench.run(&["run", "s.toml", "--paths", "1000000000000", "--paths-out", "csv"]);
    assert_eq!(code(&output), 2, "{}", err(&output));
    assert!(err(&output).contains("GiB"), "{}", err(&output));
    let output = bench.run(&["run", "s.toml", "--set", "run.paths=1_000_000_000_000_000_000"]);
    assert_eq!(code(&output), 2, "{}", err(&output));
}

#[test]
fn replay_prints_the_ledger_and_draws_it() {
    let bench = Bench::new(SCENARIO);
    let words = ["replay", "s.toml", "--path", "17", "--policy", "often", "-o", "r"];
    let output = bench.run(&words);
    assert_eq!(code(&output), 0, "{}", err(&output));
    let text = out(&output);
    assert!(text.starts_with("j,S,oracle,age,order,filled,position,in_flight,displacement,target,cash,mark,settled,slices_left,cost_fee,"), "{text}");
    assert_eq!(text.lines().count(), 1 + 41);
    assert!(bench.path("r/replay-17-often-ETH.svg").is_file());
    let output = bench.run(&[
        "--format",
        "json",
        "replay",
        "s.toml",
        "--path",
        "17",
        "--policy",
        "often",
        "--no-chart",
    ]);
    let ledger: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    // the same deviation as in the run, to the bit
    assert_eq!(code(&bench.run(&["-qq", "run", "s.toml", "-o", "o", "--paths-out", "csv"])), 0);
    let paths = fs::read_to_string(bench.path("o/paths.csv")).unwrap();
    let row = paths.lines().find(|line| line.starts_with("often,17,")).unwrap();
    let deviation: f64 = row.split(',').nth(2).unwrap().parse().unwrap();
    assert_eq!(ledger["deviation"].as_f64().unwrap().to_bits(), deviation.to_bits());
    for (words, what) in [
        (["replay", "s.toml", "--path", "300", "--policy", "often"], "paths 0 to 299"),
        (["replay", "s.toml", "--path", "0", "--policy", "oftn"], "often, rarely"),
    ] {
        let output = bench.run(&words);
        assert_eq!(code(&output), 2);
        assert!(err(&output).contains(what), "{}", err(&output));
    }
}

#[test]
fn init_schema_completions() {
    let bench = Bench::new(SCENARIO);
    assert_eq!(code(&bench.run(&["init", "new.toml"])), 0);
    assert_eq!(code(&bench.run(&["check", "new.toml"])), 0);
    let output = bench.run(&["init", "new.toml"]);
    assert_eq!(code(&output), 2);
    assert!(err(&output).contains("--force"), "{}", err(&output));
    let schema: serde_json::Value = serde_json::from_str(&out(&bench.run(&["schema"]))).unwrap();
    assert!(schema["properties"]["policies"].is_object());
    assert!(out(&bench.run(&["completions", "bash"])).contains("driftband"));
}

#[test]
fn colour_obeys_the_user() {
    let bench = Bench::new(&SCENARIO.replace("fee = ", "fees = "));
    let plain = bench.run(&["check", "s.toml"]);
    assert!(!err(&plain).contains('\x1b'), "not a terminal");
    let forced = bench.run(&["check", "s.toml", "--color", "always"]);
    assert!(err(&forced).contains('\x1b'));
}

#[test]
fn a_closed_stdout_is_no_error() {
    let bench = Bench::new(SCENARIO);
    let mut child = bench.command(&["schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), err(&output).as_str()), (0, ""));
}

/// Interrupts a long run after so many milliseconds; what it said.
#[cfg(unix)]
fn interrupted(bench: &Bench, paths: &str, milliseconds: u64) -> String {
    let words = ["run", "s.toml", "-o", "o", "--paths", paths, "--set", "run.path_metrics=false", "--resume"];
    let child = bench.command(&words).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(milliseconds));
    let status = Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert!(status.success());
    let output = child.wait_with_output().unwrap();
    assert_eq!((code(&output), out(&output).as_str()), (130, ""), "{}", err(&output));
    assert!(!bench.path("o").exists());
    err(&output)
}

#[cfg(unix)]
#[test]
fn ctrl_c_keeps_whole_chunks_and_says_so() {
    let bench = Bench::new(SCENARIO);
    let mut wait = 500;
    let text = loop {
        let text = interrupted(&bench, "20000000", wait);
        if !text.contains("nothing was kept") {
            break text;
        }
        assert!(text.contains("no chunk of 65536 paths was finished"), "{text}");
        assert!(!bench.path("o.partial").exists(), "nothing is left behind");
        wait *= 2;
    };
    assert!(text.contains("of 20000000 paths"), "{text}");
    assert!(text.contains("of 306 chunks are kept in o.partial: --resume continues it"), "{text}");
    let left: Vec<_> =
        fs::read_dir(bench.path("o.partial")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(left, ["state.bin"]);
    // it goes on where it stood
    let more = interrupted(&bench, "20000000", wait);
    assert!(more.contains("resuming after") && more.contains("of 306 chunks"), "{more}");
    // another run does not take it up, and says so
    let output = bench.run(&["run", "s.toml", "-o", "o", "--resume"]);
    assert_eq!(code(&output), 1);
    assert!(
        err(&output)
            .contains("o.partial`: it is of 20000000 paths, not 300; without --resume it is discarded"),
        "{}",
        err(&output)
    );
    let output = bench.run(&["run", "s.toml", "-o", "o"]);
    assert_eq!(code(&output), 0, "{}", err(&output));
    assert!(err(&output).contains("discarding what another run had left"), "{}", err(&output));
    assert!(bench.path("o/state.bin").is_file() && !bench.path("o.partial").exists());
}
