//! What leaves the folder: `summary.json` against its own JSON Schema, tables for papers and tickets, the manual.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

#[path = "support/bench.rs"]
mod bench;
use bench::Bench;

const SCENARIO: &str = r#"
version = 1
name = "export-test"
[run]
paths = 300
horizon = "10d"
step = "6h"
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
legs = [{ type = "call", strike = 3000.0, quantity = -8.0 }]
[limits]
std = "1 bps"
[[policies]]
name = "often_6h"
kind = "periodic"
every = "6h"
[[policies]]
name = "rarely"
kind = "periodic"
every = "2d"
[[policies]]
name = "never"
kind = "none"
"#;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

impl Bench {
    /// What a command printed; a broken limit is no fault here.
    #[track_caller]
    fn out(&self, words: &[&str]) -> String {
        let output = self.run(words);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(matches!(output.status.code(), Some(0 | 3)), "{words:?}: {told}");
        String::from_utf8(output.stdout).unwrap()
    }
}

/// What a schema finds wrong with a value.
fn faults(schema: &Value, value: &Value) -> Option<String> {
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("summary.schema.json", schema.clone()).unwrap();
    let place = compiler.compile("summary.schema.json", &mut schemas).unwrap();
    schemas.validate(value, place).err().map(|fault| fault.to_string())
}

/// The same schema without leave for keys that it does not name.
fn strict(schema: &Value) -> Value {
    match schema {
        Value::Object(table) => {
            let mut strict: serde_json::Map<String, Value> =
                table.iter().map(|(key, value)| (key.clone(), self::strict(value))).collect();
            if table.contains_key("properties") && !table.contains_key("additionalProperties") {
                strict.insert("additionalProperties".into(), json!(false));
            }
            Value::Object(strict)
        }
        Value::Array(items) => Value::Array(items.iter().map(strict).collect()),
        other => other.clone(),
    }
}

fn summary(path: &Path) -> Value {
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

#[test]
fn every_summary_is_as_its_schema_says() {
    let bench = Bench::new(SCENARIO);
    let printed: Value = serde_json::from_str(&bench.out(&["schema", "summary"])).unwrap();
    let file = root().join("docs/summary.schema.json");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        fs::write(&file, format!("{printed:#}\n")).unwrap();
    }
    let schema = summary(&file);
    assert!(printed == schema, "docs/summary.schema.json is not what `driftband schema summary` prints");
    assert_eq!(schema["properties"]["schema"]["const"], driftband::report::summary::SCHEMA);
    let strict = strict(&schema);
    bench.out(&["run", "s.toml", "-q", "-o", "options"]);
    bench.out(&["run", "s.toml", "-q", "-o", "one-path", "--paths", "1"]);
    for name in [
        "05-crypto-basket-bootstrap",
        "06-crypto-basket-history",
        "11-replay-2017-rally",
        "26-leveraged-token",
    ] {
        let scenario = root().join(format!("scenarios/{name}.toml"));
        let few: &[&str] =
            if name.starts_with("05") || name.starts_with("26") { &["--paths", "200"] } else { &[] };
        bench.out(&[&["run", scenario.to_str().unwrap(), "-q", "-o", name], few].concat());
    }
    for run in
        fs::read_dir(bench.path("")).unwrap().map(|entry| entry.unwrap().path()).filter(|path| path.is_dir())
    {
        let value = summary(&run.join("summary.json"));
        assert_eq!(faults(&schema, &value), None, "{}", run.display());
        assert_eq!(faults(&strict, &value), None, "{}: a key that the schema does not name", run.display());
    }
    // the checks can fail
    let good = summary(&bench.path("options/summary.json"));
    let spoiled = |pointer: &str, value: Value| {
        let mut bad = good.clone();
        *bad.pointer_mut(pointer).unwrap() = value;
        bad
    };
    for bad in [
        spoiled("/schema", json!(2)),
        spoiled("/policies/0/metrics/std/value", json!("much")),
        spoiled("/policies/0/metrics/std/ci", json!([1.0])),
        spoiled("/scenario/seed", json!(-1)),
        spoiled("/breaches", json!(null)),
    ] {
        assert!(faults(&schema, &bad).is_some());
    }
    let mut bad = good.clone();
    bad["policies"][0].as_object_mut().unwrap().remove("constants");
    assert!(faults(&schema, &bad).unwrap().contains("constants"));
    let mut more = good;
    more["policies"][0]["colour"] = json!("green");
    assert_eq!(faults(&schema, &more), None, "adding keys keeps the schema");
    assert!(faults(&strict, &more).is_some());
}

/// What LaTeX would stumble over in a table of ours.
fn stumbles(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut columns = 0;
    for line in text.lines().filter(|line| !line.starts_with('%') && !line.is_empty()) {
        if let Some(rest) = line.strip_prefix("\\begin{tabular}{") {
            columns = rest.trim_end_matches('}').len();
            continue;
        }
        if ["\\toprule", "\\midrule", "\\bottomrule", "\\end{tabular}"].contains(&line) {
            continue;
        }
        let Some(row) = line.strip_suffix(" \\\\") else {
            found.push(format!("no end of a row: {line}"));
            continue;
        };
        // what stands behind a backslash is a sign or a command
        let bare: String = {
            let mut chars = row.chars().peekable();
            let mut bare = String::new();
            while let Some(c) = chars.next() {
                if c == '\\' {
                    chars.next();
                } else {
                    bare.push(c);
                }
            }
            bare
        };
        if bare.matches('&').count() + 1 != columns {
            found.push(format!("{columns} columns: {line}"));
        }
        let special = |c: char| matches!(c, '_' | '%' | '#' | '~' | '\u{a0}' | '\u{2212}' | '±' | '×');
        if bare.chars().any(special) || bare.matches('$').count() % 2 == 1 {
            found.push(format!("a special sign: {line}"));
        }
        if bare.matches('{').count() != bare.matches('}').count() {
            found.push(format!("a brace: {line}"));
        }
    }
    if columns == 0 {
        found.push("no tabular".into());
    }
    found
}

#[test]
fn a_run_is_a_table_to_paste() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "run"]);
    let latex = bench.out(&["report", "run", "--table", "latex"]);
    assert_eq!(stumbles(&latex), Vec::<String>::new(), "{latex}");
    assert!(latex.starts_with("% needs \\usepackage{booktabs}\n\\begin{tabular}{lrrrr}\n\\toprule\npolicy & mean (bps) & std (bps)"), "{latex}");
    assert!(latex.contains("often\\_6h & $"), "{latex}");
    assert!(!stumbles(&latex.replace("often\\_6h", "often_6h")).is_empty(), "the check cannot fail");
    assert!(!stumbles(&latex.replacen(" & ", " ", 1)).is_empty(), "the check cannot fail");
    let markdown =
        bench.out(&["report", "run", "--table", "markdown", "--metrics", "std,trades,time_out_of_band"]);
    let lines: Vec<&str> = markdown.lines().collect();
    assert_eq!(lines[0], "| policy | std (bps) | trades | time out of band (%) |");
    assert_eq!(lines[1], "|:--|--:|--:|--:|");
    assert!(lines[2].starts_with("| often\\_6h | ") && lines[2].ends_with(" | – |"), "{}", lines[2]);
    assert!(lines[4].contains("| 0 |"), "{}", lines[4]);
    let tidy = bench.out(&["report", "run", "--table", "csv"]);
    assert_eq!(
        tidy,
        fs::read_to_string(bench.path("run/summary.csv")).unwrap(),
        "all figures are summary.csv"
    );
    let refused = bench.run(&["report", "run", "--table", "csv", "--metrics", "speed"]);
    let told = String::from_utf8(refused.stderr).unwrap();
    assert!(
        refused.status.code() == Some(2) && told.contains("`speed` is no figure of a run: mean, std"),
        "{told}"
    );
}

#[test]
fn a_comparison_is_two_tables_to_paste() {
    let bench = Bench::new(SCENARIO);
    bench.out(&["run", "s.toml", "-q", "-o", "50%_a & b"]);
    bench.out(&["run", "s.toml", "-q", "-o", "two|{x}", "--seed", "7"]);
    let words = ["compare", "50%_a & b", "two|{x}", "-o", "c", "--metrics", "std,te_path_mean"];
    let latex = bench.out(&[&words[..], &["--table", "latex"]].concat());
    assert_eq!(stumbles(&latex), Vec::<String>::new(), "{latex}");
    assert_eq!(latex.matches("\\begin{tabular}{llrr}").count(), 2, "{latex}");
    assert!(latex.contains("50\\%\\_a \\& b"), "{latex}");
    let markdown = bench.out(&[&words[..], &["--table", "markdown"]].concat());
    assert!(markdown.contains("two\\|{x}"), "{markdown}");
    for line in markdown.lines().filter(|line| line.starts_with('|')) {
        assert_eq!(line.replace("\\|", "").matches('|').count(), 5, "{line}");
    }
    let tidy = bench.out(&[&words[..], &["--table", "csv"]].concat());
    let mut reader = csv::Reader::from_reader(tidy.as_bytes());
    let methods: Vec<String> = reader.records().map(|row| row.unwrap()[9].to_owned()).collect();
    assert_eq!(methods.len(), 3 * 2 * 2 + 3 * 2);
    assert_eq!(methods.iter().filter(|method| *method == "unpaired").count(), 6);
}

#[test]
fn the_manual_has_every_command() {
    let bench = Bench::new(SCENARIO);
    let main = bench.out(&["man"]);
    assert!(main.contains(".TH driftband 1") && main.contains("compare"), "{main}");
    bench.out(&["man", "manual/man1"]);
    let help = bench.out(&["--help"]);
    // a description may go on in the next line, further in
    let own = |line: &&str| line.strip_prefix("  ").is_some_and(|rest| !rest.starts_with(' '));
    let below = help.lines().skip_while(|line| *line != "Commands:").skip(1);
    let commands = below.take_while(|line| !line.is_empty()).filter(own);
    let names: Vec<String> =
        commands.filter_map(|line| line.split_whitespace().next().map(str::to_owned)).collect();
    assert!(names.len() > 15, "{help}");
    for name in names.iter().filter(|name| *name != "help") {
        let page = fs::read_to_string(bench.path(&format!("manual/man1/driftband-{name}.1"))).unwrap();
        assert!(page.contains(".SH SYNOPSIS"), "{name}");
    }
}
