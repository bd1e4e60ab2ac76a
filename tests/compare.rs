//! `compare`: finished runs side by side. Paired errors against the paths themselves, unpaired and bounded ones against the
//! figures' own errors, and what is refused.
#![cfg(feature = "cli")]
#![expect(clippy::print_stdout, reason = "errors beside those they are held against")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

#[path = "support/bench.rs"]
mod bench;
#[path = "support/results.rs"]
mod results;
#[path = "support/said.rs"]
mod said;
#[macro_use]
#[path = "support/scenario.rs"]
mod scenario;
use bench::Bench;
use said::err;

const SCENARIO: &str = hedged_call!(
    "compare-test",
    "700",
    "-8.0",
    r#"[[stress]]
name = "dear"
set = { "costs.fee" = "1%", "costs.fixed_fee" = 1 }
"#
);

impl Bench {
    /// What a command that must be refused said.
    #[track_caller]
    fn refused(&self, code: i32, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(code), "{words:?}: {}", err(&output));
        err(&output)
    }
}

/// Rows of a CSV file, each by its head.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let heads: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let row =
        |record: csv::StringRecord| heads.iter().cloned().zip(record.iter().map(str::to_owned)).collect();
    reader.records().map(|record| row(record.unwrap())).collect()
}

/// Terminal deviations of a policy by path.
fn deviations(path: &Path, policy: &str) -> Vec<f64> {
    let own = rows(path).into_iter().filter(|row| row["policy"] == policy);
    own.map(|row| row["deviation"].parse().unwrap()).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Standard deviation with N − 1.
fn std(values: &[f64]) -> f64 {
    let mean = mean(values);
    let squares: f64 = values.iter().map(|x| (x - mean) * (x - mean)).sum();
    (squares / (values.len() as f64 - 1.0)).sqrt()
}

/// A difference of `comparison.json`.
fn difference<'j>(found: &'j Value, b: &str, policy: &str) -> &'j Value {
    let all = found["differences"].as_array().unwrap();
    all.iter().find(|it| it["b"] == b && it["policy"] == policy).unwrap()
}

#[track_caller]
fn close(found: &Value, wanted: f64) {
    let found = found.as_f64().unwrap();
    assert!((found - wanted).abs() <= 1e-9 * wanted.abs(), "{found} for {wanted}");
}

#[test]
fn shared_random_numbers_are_paired_path_by_path() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "cheap", "--paths-out", "csv"]);
    bench.out(&["run", "s.toml", "-q", "-o", "dear", "--paths-out", "csv", "--set", "costs.fee=\"40 bps\""]);
    let text = bench.out(&["compare", "cheap", "dear", "-o", "c"]);
    assert!(text.contains("costs.fee   5 bps   40 bps"), "{text}");
    assert!(text.contains("dear: paired intervals: the same seed and number of paths"), "{text}");
    let found = bench.json("c/comparison.json");
    for policy in ["often", "rarely"] {
        let [a, b] =
            ["cheap", "dear"].map(|run| deviations(&bench.path(&format!("{run}/paths.csv")), policy));
        let n = a.len() as f64;
        let it = difference(&found, "dear", policy);
        assert_eq!(it["method"], "paired");
        // the mean's: the spread of the differences
        let apart: Vec<f64> = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        close(&it["metrics"]["mean"]["value"], mean(&apart));
        close(&it["metrics"]["mean"]["se"], std(&apart) / n.sqrt());
        // the std's: that of its influence function on either side
        let influence = |values: &[f64]| -> Vec<f64> {
            let (m, s) = (mean(values), std(values));
            values.iter().map(|x| ((x - m) * (x - m) - s * s) / (2.0 * s)).collect()
        };
        let apart: Vec<f64> = influence(&a).iter().zip(influence(&b)).map(|(a, b)| b - a).collect();
        close(&it["metrics"]["std"]["value"], std(&b) - std(&a));
        close(&it["metrics"]["std"]["se"], std(&apart) / n.sqrt());
    }
    // far sharper than the two errors on their own
    let own = |run: usize| found["runs"][run]["policies"][0]["metrics"]["mean"]["se"].as_f64().unwrap();
    let paired = difference(&found, "dear", "often")["metrics"]["mean"]["se"].as_f64().unwrap();
    println!("se of the mean's difference: paired {paired:.3}, unpaired {:.3}", own(0).hypot(own(1)));
    assert!(paired < 0.7 * own(0).hypot(own(1)));
    let certain = &difference(&found, "dear", "often")["metrics"]["mean"]["certain"];
    assert_eq!(*certain, true);
}

#[test]
fn what_stress_found_is_found_again() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["stress", "s.toml", "-q", "-o", "run", "--only-own"]);
    let stressed = rows(&bench.path("run/studies/stress/stress.csv"));
    let cells = bench.path("run/studies/stress/cells");
    let cell = fs::read_dir(cells).unwrap().next().unwrap().unwrap().path();
    bench.out(&["compare", "run", cell.to_str().unwrap(), "-o", "c"]);
    let found = rows(&bench.path("c/differences.csv"));
    assert_eq!(found.len(), stressed.len());
    for (one, other) in found.iter().zip(&stressed) {
        assert_eq!((&one["policy"], &one["metric"]), (&other["policy"], &other["metric"]));
        assert_eq!(one["value"], other["change"], "{one:?}");
        for key in ["se", "ci_low", "ci_high", "unit"] {
            assert_eq!(one[key], other[key], "{key} of {one:?}");
        }
    }
}

#[test]
fn what_is_not_shared_is_not_paired() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "one"]);
    bench.out(&["run", "s.toml", "-q", "-o", "seed", "--seed", "7"]);
    bench.out(&["run", "s.toml", "-q", "-o", "more", "--paths", "900"]);
    bench.out(&["run", "s.toml", "-q", "-o", "lost", "--set", "costs.fee=\"9 bps\""]);
    fs::remove_file(bench.path("lost/state.bin")).unwrap();
    bench.out(&["compare", "one", "seed", "more", "lost", "-o", "c", "-q"]);
    let found = bench.json("c/comparison.json");
    let se =
        |run: usize, key: &str| found["runs"][run]["policies"][0]["metrics"][key]["se"].as_f64().unwrap();
    for (run, name, method, why) in [
        (1, "seed", "unpaired", "seeds 42 and 7: no random number is shared"),
        (2, "more", "bound", "only the first 700 paths have the same random numbers"),
        (3, "lost", "bound", "the random numbers are shared, but its state.bin is gone"),
    ] {
        let it = difference(&found, name, "often");
        assert_eq!(it["method"], method);
        assert!(it["because"].as_str().unwrap().starts_with(why), "{it}");
        for key in ["mean", "std", "cvar_99", "cost_total", "te_path_mean"] {
            let (a, b) = (se(0, key), se(run, key));
            close(&it["metrics"][key]["se"], if method == "bound" { a + b } else { a.hypot(b) });
        }
    }
    // a bound holds what pairing would have found
    bench.out(&["run", "s.toml", "-q", "-o", "lost", "--force", "--set", "costs.fee=\"9 bps\""]);
    bench.out(&["compare", "one", "lost", "-o", "d", "-q"]);
    let paired = bench.json("d/comparison.json");
    let (bound, paired) = (difference(&found, "lost", "often"), difference(&paired, "lost", "often"));
    assert_eq!(bound["metrics"]["std"]["value"], paired["metrics"]["std"]["value"]);
    assert!(bound["metrics"]["std"]["se"].as_f64() > paired["metrics"]["std"]["se"].as_f64());
}

#[test]
fn another_notional_is_scaled_to_the_first() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "small"]);
    // costs are proportional: every amount of a book twice as large is twice as large, to the bit
    bench.out(&["run", "s.toml", "-q", "-o", "large", "--set", "target.legs.0.quantity=-16.0"]);
    bench.out(&["compare", "small", "large", "-o", "c", "-q"]);
    let found = bench.json("c/comparison.json");
    let notes = found["notes"].to_string();
    assert!(notes.contains("the notional of large is 48000, that of small is 24000"), "{notes}");
    for policy in ["often", "rarely"] {
        let metrics = difference(&found, "large", policy)["metrics"].as_object().unwrap();
        assert_eq!(metrics.len(), 11);
        for (key, figure) in metrics {
            assert_eq!(figure["value"].as_f64(), Some(0.0), "{policy} {key}: {figure}");
            assert_eq!(figure["certain"], false);
            let se = figure["se"].as_f64().unwrap();
            assert!(se < 1e-9, "{policy} {key}: {figure}");
        }
    }
}

#[test]
fn windows_of_one_history_are_paired_by_their_blocks() {
    let bench = Bench::new(SCENARIO);
    let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let file = scenarios.join("06-crypto-basket-history.toml");
    let file = file.to_str().unwrap();
    bench.out(&["run", file, "-q", "-o", "one"]);
    bench.out(&["run", file, "-q", "-o", "two", "--set", "costs.fee=\"50 bps\""]);
    assert!(bench.json("one/summary.json")["overlap"].as_u64() > Some(1));
    bench.out(&["compare", "one", "two", "-o", "c", "-q"]);
    let found = bench.json("c/comparison.json");
    let differences = found["differences"].as_array().unwrap();
    assert!(differences.len() > 1);
    for it in differences {
        assert_eq!(it["method"], "paired");
        let cost = &it["metrics"]["cost_total"];
        let trades = cost["value"].as_f64().unwrap() != 0.0;
        // fewer than ten disjoint windows have no error, and the reason is said
        assert!(!trades || cost["se"].as_f64().is_some() || cost["reason"].is_string(), "{cost}");
    }
    let simulated = bench.out(&["run", "s.toml", "-q", "-o", "simulated"]);
    assert!(!simulated.is_empty());
    bench.out(&["compare", "one", "simulated", "-o", "d", "-q"]);
    let notes = bench.json("d/comparison.json")["notes"].to_string();
    assert!(notes.contains("have no policy of the same name"), "{notes}");
}

/// Every figure of the page, with its policy as the page calls it.
fn cells(page: &str) -> Vec<(String, String, f64)> {
    let mut found = Vec::new();
    for (at, _) in page.match_indices("\" data-metric=\"") {
        let policy = page[..at].rsplit_once("data-policy=\"").unwrap().1.to_owned();
        let tag = &page[at..at + page[at..].find('>').unwrap()];
        let read = |name: &str| tag.split_once(&format!("{name}=\"")).unwrap().1.split_once('"').unwrap().0;
        found.push((policy, read("data-metric").to_owned(), read("data-v").parse().unwrap()));
    }
    found
}

#[test]
fn the_page_shows_the_figures_of_the_file_and_the_bytes_are_the_same_again() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "one"]);
    bench.out(&["run", "s.toml", "-q", "-o", "two", "--set", "costs.fee=\"40 bps\""]);
    bench.out(&["compare", "one", "two", "-o", "c", "-q"]);
    bench.out(&["compare", "one", "two", "-o", "d", "-q"]);
    for file in ["report.html", "comparison.json", "comparison.csv", "differences.csv", "manifest.json"] {
        let read = |dir: &str| fs::read(bench.path(&format!("{dir}/{file}"))).unwrap();
        assert!(read("c") == read("d"), "{file}");
    }
    let page = fs::read_to_string(bench.path("c/report.html")).unwrap();
    let found = bench.json("c/comparison.json");
    let cells = cells(&page);
    assert_eq!(cells.len(), 2 * 2 * 4 + 2 * 4, "policies by runs by figures, and their differences");
    for (policy, key, value) in cells {
        let (policy, run) = policy.split_once(" in ").unwrap();
        let wanted = if let Some((b, _)) = run.split_once(" − ") {
            difference(&found, b, policy)["metrics"][&key]["value"].as_f64()
        } else {
            let side = found["runs"].as_array().unwrap().iter().find(|side| side["label"] == run).unwrap();
            let policies = side["policies"].as_array().unwrap();
            let own = policies.iter().find(|it| it["name"] == policy).unwrap();
            own["metrics"][&key]["value"].as_f64()
        };
        assert_eq!(wanted, Some(value), "{policy} {run} {key}");
    }
    for chart in ["figure-std", "difference-std", "figure-cost_total", "difference-cost_total"] {
        assert!(page.contains(&format!("data-chart=\"{chart}\"")), "{chart}");
        assert!(bench.path(&format!("c/charts/{chart}.png")).is_file());
    }
    // another folder of ours is replaced, another one's is not
    fs::create_dir(bench.path("mine")).unwrap();
    fs::write(bench.path("mine/letter.txt"), "dear").unwrap();
    let told = bench.refused(1, &["compare", "one", "two", "-o", "mine"]);
    assert!(told.contains("it holds files but no finished run"), "{told}");
    let told = bench.refused(1, &["compare", "one", "two", "-o", "one"]);
    assert!(told.contains("replace `one`"), "{told}");
}

#[test]
fn what_cannot_be_compared_is_said() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "one"]);
    let told = bench.refused(2, &["compare", "one"]);
    assert!(told.contains("RUN"), "{told}");
    let told = bench.refused(2, &["compare", "one", "./one"]);
    assert!(told.contains("`./one` is named twice"), "{told}");
    let told = bench.refused(2, &["compare", "one", "two", "--metrics", "std,speed"]);
    assert!(told.contains("`speed` is no figure that runs are compared by: mean, std,"), "{told}");
    let told = bench.refused(1, &["compare", "one", "nowhere"]);
    assert!(told.contains("read the finished run `nowhere`: it has no manifest.json"), "{told}");
    bench.out(&["run", "s.toml", "-q", "-o", "part", "--shard", "1/2", "--paths", "140000"]);
    let told = bench.refused(1, &["compare", "one", "part"]);
    assert!(
        told.contains("it is shard 1/2, which has no figures; `driftband merge` makes the run"),
        "{told}"
    );
    bench.out(&["run", "s.toml", "-q", "-o", "two", "--seed", "3"]);
    let file = bench.path("two/summary.json");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replacen("\"seed\": 3", "\"seed\": 4", 1)).unwrap();
    let told = bench.refused(1, &["compare", "one", "two"]);
    assert!(told.contains("summary.json") && told.contains("it has changed since it was written"), "{told}");
    // a state of another run is not believed
    bench.out(&["run", "s.toml", "-q", "-o", "three", "--set", "costs.fee=\"9 bps\""]);
    fs::copy(bench.path("one/state.bin"), bench.path("three/state.bin")).unwrap();
    bench.out(&["compare", "one", "three", "-o", "c", "-q"]);
    let it = &bench.json("c/comparison.json")["differences"][0];
    assert_eq!(it["method"], "bound");
    assert!(it["because"].as_str().unwrap().contains("its state.bin is of another run"), "{it}");
}
