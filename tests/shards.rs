//! Runs that cannot be lost and can be divided: shards merged, runs killed and resumed leave the bytes of one run.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use driftband::report::folder::state::StateReader;

#[path = "support/bench.rs"]
mod bench;
#[path = "support/files.rs"]
mod files;
use bench::Bench;
use files::{MANIFEST, files};

/// Eight chunks.
const PATHS: &str = "500000";
const SCENARIO: &str = r#"
version = 1
name = "shard-test"
[run]
paths = 500
horizon = "4d"
step = "1d"
[[assets]]
symbol = "ETH"
spot = 3000.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[oracle]
deviation_threshold = "1%"
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 3000.0, quantity = -10.0 }]
[[policies]]
name = "daily"
kind = "periodic"
every = "1d"
"#;

impl Bench {
    /// What a command that must succeed said.
    #[track_caller]
    fn done(&self, words: &[&str]) -> String {
        let (code, text) = self.end(words);
        assert_eq!(code, Some(0), "{words:?}: {text}");
        text
    }

    /// What a command that must fail said.
    #[track_caller]
    fn fault(&self, code: i32, words: &[&str]) -> String {
        let (found, text) = self.end(words);
        assert_eq!(found, Some(code), "{words:?}: {text}");
        text
    }

    fn end(&self, words: &[&str]) -> (Option<i32>, String) {
        let Output { status, stderr, .. } = self.run(words);
        (status.code(), String::from_utf8(stderr).unwrap())
    }

    /// Shards `1..=of` of a run of so many paths, in `1`, `2`, ….
    fn shards(&self, paths: &str, of: u64, more: &[&str]) -> Vec<String> {
        let names: Vec<String> = (1..=of).map(|index| index.to_string()).collect();
        for name in &names {
            let shard = format!("{name}/{of}");
            let words = ["-q", "run", "s.toml", "--paths", paths, "--shard", &shard, "-o", name];
            self.done(&[&words[..], more].concat());
        }
        names
    }

    #[track_caller]
    fn merge(&self, shards: &[String], dir: &str) {
        let words: Vec<&str> = shards.iter().map(String::as_str).collect();
        self.done(&[&["-q", "merge", "-o", dir], &words[..]].concat());
    }
}

#[track_caller]
fn assert_same(one: &Path, other: &Path) {
    let (one, other) = (files(one, &MANIFEST), files(other, &MANIFEST));
    assert_eq!(one.keys().collect::<Vec<_>>(), other.keys().collect::<Vec<_>>());
    assert!(["state.bin", "summary.json", "worst.csv"].iter().all(|name| one.contains_key(*name)));
    let differ: Vec<_> = one.keys().filter(|name| one[*name] != other[*name]).collect();
    assert!(differ.is_empty(), "{differ:?}");
}

/// SplitMix64: the same tests at every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % n
    }

    fn shuffle<T>(&mut self, list: &mut [T]) {
        for at in (1..list.len()).rev() {
            list.swap(at, self.below(at as u64 + 1) as usize);
        }
    }
}

#[test]
fn seven_shards_in_any_order_are_one_run() {
    let bench = Bench::new(SCENARIO);
    bench.done(&["-q", "run", "s.toml", "--paths", PATHS, "-o", "whole", "-j", "2"]);
    let mut shards = bench.shards(PATHS, 7, &["-j", "1"]);
    let names: Vec<String> = files(&bench.path("3"), &MANIFEST).into_keys().collect();
    assert_eq!(names, ["scenario.toml", "state.bin"], "a shard has no figures");
    // a folder or its state will do
    shards[4] = "5/state.bin".into();
    let mut dice = Dice(3);
    for round in 0..2 {
        dice.shuffle(&mut shards);
        let dir = format!("merged-{round}");
        bench.merge(&shards, &dir);
        assert_same(&bench.path("whole"), &bench.path(&dir));
        assert!(!bench.path(&format!("{dir}.partial")).exists());
    }
    // a merged run is a run
    let again = bench.done(&["run", "s.toml", "--paths", PATHS, "-o", "merged-0"]);
    assert!(again.contains("holds this run already"), "{again}");
    let again = bench.done(&["run", "s.toml", "--paths", PATHS, "--shard", "2/7", "-o", "2"]);
    assert!(again.contains("holds this shard already"), "{again}");
    // a whole run is the only shard of its own
    bench.merge(&["whole".into()], "alone");
    assert_same(&bench.path("whole"), &bench.path("alone"));
    // a figure that moves is seen
    let mut changed = files(&bench.path("whole"), &MANIFEST);
    changed.get_mut("state.bin").unwrap()[1000] ^= 1;
    assert!(changed != files(&bench.path("alone"), &MANIFEST), "the comparison cannot fail");
}

/// Two chunks, three shards: the last has nothing to do. Figures by path come through too.
#[test]
fn a_shard_without_chunks_is_fine() {
    let bench = Bench::new(SCENARIO);
    let more = ["--paths-out", "csv"];
    bench.done(&["-q", "run", "s.toml", "--paths", "70000", "-o", "whole", "--paths-out", "csv"]);
    let shards = bench.shards("70000", 3, &more);
    assert!(fs::metadata(bench.path("3/state.bin")).unwrap().len() < 500);
    bench.merge(&shards, "merged");
    assert_same(&bench.path("whole"), &bench.path("merged"));
    assert!(bench.path("merged/paths.csv").is_file());
}

#[test]
fn the_folder_of_a_shard_is_named_after_it() {
    let bench = Bench::new(SCENARIO);
    let said = bench.done(&["run", "s.toml", "--shard", "2/3"]);
    let folder = fs::read_dir(bench.path("output")).unwrap().next().unwrap().unwrap().file_name();
    let folder = folder.into_string().unwrap();
    assert!(folder.starts_with("shard-test-") && folder.ends_with("-shard-2-of-3"), "{folder}");
    assert!(said.contains(&folder), "{said}");
    let path = bench.path("output").join(&folder).join("manifest.json");
    let manifest: serde_json::Value = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    assert_eq!((&manifest["shard"], &manifest["paths_done"]), (&"2/3".into(), &0.into()));
    assert!(Path::new(manifest["scenario_file"].as_str().unwrap()).ends_with("s.toml"));
    assert!(manifest["hash"].as_str().unwrap().len() == 64);
}

/// Runs on data: windows of a history, and one path.
#[test]
fn shards_find_the_data_of_their_scenario() {
    let bench = Bench::new(SCENARIO);
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    fs::create_dir_all(bench.path("here/data")).unwrap();
    for entry in fs::read_dir(source.join("data")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, bench.path("here/data").join(path.file_name().unwrap())).unwrap();
    }
    for name in ["06-crypto-basket-history", "11-replay-2017-rally"] {
        fs::copy(source.join(format!("{name}.toml")), bench.path("here/s.toml")).unwrap();
        let force = |dir| ["-q", "run", "here/s.toml", "--force", "-o", dir];
        bench.done(&force("whole"));
        for (shard, dir) in [("1/2", "a"), ("2/2", "b")] {
            bench.done(&[&force(dir)[..], &["--shard", shard]].concat());
        }
        bench.done(&["-q", "merge", "b", "a", "-o", "merged"]);
        assert_same(&bench.path("whole"), &bench.path("merged"));
    }
    fs::rename(bench.path("here"), bench.path("there")).unwrap();
    let text = bench.fault(2, &["merge", "a", "b", "-o", "moved"]);
    assert!(text.contains("data/") && text.contains("--scenario FILE") && text.contains("/here`"), "{text}");
    assert!(!bench.path("moved").exists() && !bench.path("moved.partial").exists());
    bench.done(&["-q", "merge", "a", "b", "-o", "moved", "--scenario", "there/s.toml"]);
    assert_same(&bench.path("whole"), &bench.path("moved"));
    // states without their folders
    for name in ["a", "b"] {
        fs::copy(bench.path(name).join("state.bin"), bench.path(&format!("{name}.bin"))).unwrap();
    }
    let text = bench.fault(2, &["merge", "a.bin", "b.bin", "-o", "bare"]);
    assert!(text.contains("no shard lies in a folder with its `scenario.toml`"), "{text}");
    let text = bench.fault(2, &["merge", "a.bin", "b.bin", "-o", "bare", "--scenario", "s.toml"]);
    assert!(text.contains("`s.toml` is another scenario than the shards'"), "{text}");
    bench.done(&["-q", "merge", "a.bin", "b.bin", "-o", "bare", "--scenario", "there/s.toml"]);
    assert_same(&bench.path("whole"), &bench.path("bare"));
}

#[test]
fn shards_that_do_not_belong_together_are_named() {
    let bench = Bench::new(SCENARIO);
    bench.shards("140000", 3, &[]);
    let make = |dir: &str, words: &[&str]| {
        bench.done(&[&["-q", "run", "s.toml", "--paths", "140000", "-o", dir], words].concat());
    };
    make("seed", &["--shard", "3/3", "--seed", "7"]);
    make("fee", &["--shard", "3/3", "--set", "costs.fee=0.1"]);
    make("table", &["--shard", "3/3", "--paths-out", "csv"]);
    make("of", &["--shard", "3/4"]);
    let copy = |from: &str, to: &str| {
        fs::create_dir_all(bench.path(to)).unwrap();
        fs::copy(bench.path(from).join("state.bin"), bench.path(to).join("state.bin")).unwrap();
    };
    copy("2", "double");
    for (words, what) in [
        (
            &["1", "2", "seed"][..],
            "`seed/state.bin` cannot be merged: its seed is 7, not 42 as that of `1/state.bin`",
        ),
        (&["1", "2", "fee"], "`fee/state.bin` cannot be merged: it is of another scenario (hash "),
        (&["1", "2", "table"], "it was run with --paths-out, not without as that of `1/state.bin`"),
        (&["1", "2", "of"], "`of/state.bin` cannot be merged: it is one of 4 shards, not of 3 as that of"),
        (&["2", "1", "double", "3"], "`double/state.bin` cannot be merged: `2/state.bin` is shard 2/3 too"),
        (&["1", "3"], "error: shard 2 of 3 is missing"),
        (&["2"], "error: shards 1, 3 of 3 are missing"),
    ] {
        let text = bench.fault(2, &[&["merge", "-o", "merged"], words].concat());
        assert!(text.contains(what), "{words:?}: {text}");
        assert!(!bench.path("merged").exists() && !bench.path("merged.partial").exists());
    }
}

#[test]
fn damaged_shards_are_named_with_their_record() {
    let bench = Bench::new(SCENARIO);
    bench.shards("140000", 2, &[]);
    let whole = fs::read(bench.path("1/state.bin")).unwrap();
    let merge = |bytes: &[u8], code: i32| {
        fs::write(bench.path("1/state.bin"), bytes).unwrap();
        let text = bench.fault(code, &["merge", "2", "1", "-o", "merged"]);
        assert!(text.contains("1/state.bin`"), "{text}");
        assert!(!bench.path("merged").exists() && !bench.path("merged.partial").exists());
        text
    };
    let with = |at: usize, bytes: &[u8]| {
        let mut all = whole.clone();
        all[at..at + bytes.len()].copy_from_slice(bytes);
        all
    };
    let text = merge(b"nothing of the kind", 1);
    assert!(text.contains("it is no state of driftband"), "{text}");
    let text = merge(&with(9, &[9, 0, 0, 0]), 1);
    assert!(text.contains("its format is version 9, this driftband reads 6"), "{text}");
    for length in [0, 5, 11, 30, 60] {
        let text = merge(&whole[..length], 1);
        assert!(text.contains("it ends inside its header"), "{length}: {text}");
    }
    let text = merge(&with(60, &[0xff]), 1);
    assert!(text.contains("header: its checksum is wrong"), "{text}");
    // the middle of the first chunk, and the last byte
    let text = merge(&with(100_000, &[0xff; 8]), 1);
    assert!(text.contains("record 1: its checksum is wrong"), "{text}");
    let text = merge(&with(whole.len() - 1, &[whole[whole.len() - 1] ^ 1]), 1);
    assert!(text.contains("record 2: its checksum is wrong"), "{text}");
    let text = merge(&whole[..whole.len() - 1], 2);
    assert!(text.contains("it holds 1 of its 2 chunks; run it with --resume"), "{text}");
    let text = merge(&[&whole[..], &whole[..9]].concat(), 1);
    assert!(text.contains("record 3: the file ends inside it"), "{text}");
    fs::write(bench.path("1/state.bin"), &whole).unwrap();
    bench.merge(&["2".into(), "1".into()], "merged");
}

/// Reads a state to its end.
fn read(path: &Path) -> Result<u64, String> {
    let mut reader = StateReader::open(path).map_err(|error| error.to_string())?;
    let _ = reader.count().map_err(|error| error.to_string())?;
    let mut n_parts = 0;
    while reader.next_part().map_err(|error| error.to_string())?.is_some() {
        n_parts += 1;
    }
    Ok(n_parts)
}

/// Every flipped byte and every cut is seen; nothing panics, and no length is believed.
#[test]
fn the_reader_believes_no_damaged_file() {
    let bench = Bench::new(SCENARIO);
    bench.done(&["-q", "run", "s.toml", "--paths", "200", "-o", "o"]);
    let whole = fs::read(bench.path("o/state.bin")).unwrap();
    let path = bench.path("damaged.bin");
    let check = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        read(&path)
    };
    assert_eq!(check(&whole), Ok(1));
    let mut dice = Dice(11);
    let mut damaged = whole.clone();
    for round in 0..4000 {
        // the start, where lengths stand, more often than the rest
        let near = if round % 2 == 0 { 300 } else { whole.len() as u64 };
        let at = dice.below(near) as usize;
        damaged[at] ^= 1 << dice.below(8);
        let fault = check(&damaged).unwrap_err();
        assert!(fault.starts_with("read `") && fault.contains("damaged.bin`: "), "{fault}");
        damaged[at] = whole[at];
    }
    for _ in 0..500 {
        let length = dice.below(whole.len() as u64) as usize;
        // cut between two records: that the chunk is missing is for the merge to see
        assert!(check(&whole[..length]).is_err_and(|fault| fault.contains("ends inside")) || length > 60);
        let noise: Vec<u8> = (0..dice.below(400)).map(|_| dice.below(256) as u8).collect();
        assert!(check(&noise).is_err());
        assert!(check(&[&whole[..], &noise, &[1]].concat()).is_err());
    }
}

/// Kills a run at `n` moments, resuming after each; the folder is that of a run nobody touched.
#[expect(clippy::disallowed_methods, reason = "a kill needs a moment")]
fn killed(n: u32, seed: u64) {
    let bench = Bench::new(SCENARIO);
    let words = ["-q", "run", "s.toml", "--paths", PATHS, "-j", "2"];
    let start = Instant::now();
    bench.done(&[&words[..], &["-o", "whole"]].concat());
    let length = start.elapsed().as_micros() as u64;
    let mut dice = Dice(seed);
    let mut resumed = 0;
    for _ in 0..n {
        // now and then more than once
        for _ in 0..=dice.below(2) {
            let mut child = bench.command(&[&words[..], &["-o", "o", "--resume"]].concat()).spawn().unwrap();
            std::thread::sleep(Duration::from_micros(dice.below(length)));
            child.kill().unwrap();
            child.wait().unwrap();
        }
        let said = bench.done(&["run", "s.toml", "--paths", PATHS, "-o", "o", "--resume"]);
        resumed += u32::from(said.contains("resuming after"));
        assert_same(&bench.path("whole"), &bench.path("o"));
        assert!(!bench.path("o.partial").exists() && !bench.path("o.old").exists());
        fs::remove_dir_all(bench.path("o")).unwrap();
    }
    assert!(resumed > 0, "no kill met a run in work");
}

#[test]
fn killed_runs_go_on_to_the_same_bytes() {
    killed(5, 1);
}

#[test]
#[ignore = "slow: twenty kills"]
fn killed_runs_go_on_to_the_same_bytes_twenty_times() {
    killed(20, 2);
}

/// A run with its first chunks on the disk, as a crash leaves them, cut anywhere.
#[test]
fn a_half_written_record_is_dropped() {
    let bench = Bench::new(SCENARIO);
    let words = ["run", "s.toml", "--paths", "140000"];
    bench.done(&[&words[..], &["-q", "-o", "whole"]].concat());
    let state = fs::read(bench.path("whole/state.bin")).unwrap();
    let resume = [&words[..], &["-o", "o", "--resume"]].concat();
    let leave = |bytes: &[u8]| {
        let _ = fs::remove_dir_all(bench.path("o"));
        fs::create_dir_all(bench.path("o.partial/charts")).unwrap();
        fs::write(bench.path("o.partial/summary.json"), "half").unwrap();
        fs::write(bench.path("o.partial/state.bin"), bytes).unwrap();
    };
    let mut dice = Dice(5);
    for _ in 0..6 {
        leave(&state[..dice.below(state.len() as u64) as usize]);
        bench.done(&resume);
        assert_same(&bench.path("whole"), &bench.path("o"));
    }
    // all of the file's length, but not all of its bytes: power was lost
    let mut torn = state.clone();
    let end = torn.len();
    torn[end - 5000..].fill(0);
    leave(&torn);
    let said = bench.done(&resume);
    assert!(said.contains("resuming after 2 of 3 chunks"), "{said}");
    assert_same(&bench.path("whole"), &bench.path("o"));
    // every chunk is there: nothing is left to simulate
    leave(&state);
    assert!(bench.done(&resume).contains("resuming after 3 of 3 chunks"));
    assert_same(&bench.path("whole"), &bench.path("o"));
    // damage that no interruption explains is not repaired in silence
    let mut damaged = state.clone();
    damaged[100_000] ^= 1;
    leave(&damaged);
    let text = bench.fault(1, &resume);
    assert!(text.contains("o.partial/state.bin`: record 1: its checksum is wrong"), "{text}");
    // without --resume chunks are not thrown away in silence
    leave(&state[..state.len() - 1]);
    let said = bench.done(&[&words[..], &["-o", "o"]].concat());
    let wanted = "discarding 2 of 3 chunks of an earlier run; --resume would have continued it";
    assert!(said.contains(wanted), "{said}");
    assert_same(&bench.path("whole"), &bench.path("o"));
}

#[test]
fn only_the_same_run_is_resumed() {
    let bench = Bench::new(SCENARIO);
    bench.done(&["-q", "run", "s.toml", "-o", "whole"]);
    let state = fs::read(bench.path("whole/state.bin")).unwrap();
    fs::create_dir_all(bench.path("o.partial")).unwrap();
    fs::write(bench.path("o.partial/state.bin"), &state).unwrap();
    for (words, what) in [
        (&["--seed", "3"][..], "its seed is 42, not 3"),
        (&["--paths", "501"], "it is of 500 paths, not 501"),
        (&["--set", "costs.fee=0.1"], "it is of another scenario (hash "),
        (&["--paths-out", "csv"], "it was run without --paths-out, not with"),
        (&["--shard", "1/2"], "it is shard 1/1, not 1/2"),
    ] {
        let text = bench.fault(1, &[&["run", "s.toml", "-o", "o", "--resume"], words].concat());
        assert!(text.contains("o.partial`: ") && text.contains(what), "{text}");
        assert_eq!(fs::read(bench.path("o.partial/state.bin")).unwrap(), state, "it is still there");
    }
    let said = bench.done(&["run", "s.toml", "-o", "fresh", "--resume"]);
    assert!(said.contains("nothing to resume"), "{said}");
}

/// The state of a finished run may go; what was asked for by name must be there.
#[test]
fn the_state_is_kept_on_request() {
    let bench = Bench::new(SCENARIO);
    bench.done(&["-q", "run", "s.toml", "-o", "o"]);
    fs::remove_file(bench.path("o/state.bin")).unwrap();
    assert!(bench.done(&["run", "s.toml", "-o", "o"]).contains("holds this run already"));
    bench.done(&["run", "s.toml", "-o", "o", "--keep-state"]);
    assert!(bench.path("o/state.bin").is_file());
}

/// A disk that is full stops the run; with more room it goes on.
#[cfg(target_os = "linux")]
#[test]
#[ignore = "slow: mounts a file system, as root only"]
fn a_full_disk_loses_nothing() {
    let bench = Bench::new(SCENARIO);
    let disk = bench.path("disk");
    fs::create_dir(&disk).unwrap();
    let mount = |options: &str| {
        let words = ["-t", "tmpfs", "-o", options, "none"];
        Command::new("mount").args(words).arg(&disk).output().is_ok_and(|output| output.status.success())
    };
    if !mount("size=2m") {
        eprintln!("skipped: no file system can be mounted here");
        return;
    }
    let words = ["run", "s.toml", "--paths", PATHS];
    let text = bench.fault(1, &[&words[..], &["-o", "disk/o"]].concat());
    let room = mount("remount,size=64m");
    let said = bench.done(&[&words[..], &["-o", "disk/o", "--resume"]].concat());
    bench.done(&[&words[..], &["-q", "-o", "whole"]].concat());
    let found = (files(&bench.path("whole"), &MANIFEST), files(&bench.path("disk/o"), &MANIFEST));
    let _ = Command::new("umount").arg(&disk).output();
    assert!(room && text.contains("disk/o.partial/state.bin`") && text.contains("No space left"), "{text}");
    assert!(said.contains("resuming after"), "{said}");
    assert!(found.0 == found.1, "files differ after a full disk");
}
