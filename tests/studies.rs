//! `sweep`, `stress` and `run --all` as a user meets them: files, words, caching, kills, faults.
#![cfg(feature = "cli")]
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

#[path = "support/bench.rs"]
mod bench;
#[path = "support/files.rs"]
mod files;
#[path = "support/results.rs"]
mod results;
#[path = "support/said.rs"]
mod said;
#[macro_use]
#[path = "support/scenario.rs"]
mod scenario;
use bench::Bench;
use files::{MANIFEST, files};
use said::err;

const SCENARIO: &str = hedged_call!(
    "study-test",
    "400",
    "-10.0",
    r#"[[sweep]]
key = "costs.fee"
values = ["0 bps", "5 bps", "5%"]
[[sweep]]
key = "policies.rarely.every"
values = ["2d", "1d"]
[[stress]]
name = "dear"
set = { "costs.fee" = "5%", "costs.fixed_fee" = 1 }
[[stress]]
name = "seeing"
unset = ["oracle"]
"#
);

#[test]
fn a_sweep_is_the_product_of_its_axes_with_one_luck() {
    let bench = Bench::new(SCENARIO);
    let text = bench.out(&["sweep", "s.toml", "-o", "o"]);
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("costs.fee   policies.rarely.every   best"), "{text}");
    assert_eq!(lines.iter().filter(|line| line.contains("often") && line.contains('±')).count(), 4, "{text}");
    assert!(text.contains("often *") && text.contains("* the scenario as it is"), "{text}");
    assert!(text.contains("often is best by std in 4 of 6 cells, rarely in 2"), "{text}");
    let found = bench.json("o/studies/sweep/sweep.json");
    let cells = found["cells"].as_array().unwrap();
    assert_eq!(cells.len(), 6);
    assert_eq!(cells.iter().filter(|cell| cell["base"] == true).count(), 1);
    assert_eq!(cells[3]["values"]["policies.rarely.every"], "1d");
    // the paths are everybody's: a policy that the swept key does not touch has the same figures
    let std =
        |cell: usize, policy: usize| cells[cell]["policies"][policy]["metrics"]["std"]["value"].as_f64();
    assert_eq!(std(2, 0), std(3, 0));
    assert_ne!(std(2, 1), std(3, 1));
    // a cell is the run that its values make
    bench.out(&[
        "run",
        "s.toml",
        "-o",
        "alone",
        "--set",
        "costs.fee=5%",
        "--set",
        "policies.rarely.every=1d",
    ]);
    let mut alone = bench.json("alone/summary.json");
    // cells have no charts, no page and no worst paths
    for policy in alone["policies"].as_array_mut().unwrap() {
        assert!(policy.as_object_mut().unwrap().remove("worst_drivers").is_some());
    }
    let cell = cells[5]["folder"].as_str().unwrap();
    assert_eq!(bench.json(&format!("o/studies/sweep/{cell}/summary.json")), alone);
    // a row a cell, policy and figure
    let csv = fs::read_to_string(bench.path("o/studies/sweep/sweep.csv")).unwrap();
    let head = "cell,costs.fee,policies.rarely.every,policy,metric,value,se,ci_low,ci_high,unit";
    assert_eq!(csv.lines().next(), Some(head));
    let metrics = alone["policies"][0]["metrics"].as_object().unwrap().len();
    assert_eq!(csv.lines().count(), 1 + 6 * 2 * metrics);
    let row = csv.lines().find(|line| line.starts_with("5,5%,1d,often,std,")).unwrap();
    let value: f64 = row.split(',').nth(5).unwrap().parse().unwrap();
    assert_eq!(Some(value), alone["policies"][0]["metrics"]["std"]["value"].as_f64());
    for chart in ["heat-std-best", "heat-std-often", "heat-std-rarely"] {
        for end in ["svg", "png"] {
            assert!(bench.path(&format!("o/studies/sweep/charts/{chart}.{end}")).is_file(), "{chart}.{end}");
        }
    }
    let best = fs::read_to_string(bench.path("o/studies/sweep/charts/heat-std-best.svg")).unwrap();
    assert!(best.contains("#D55E00") && best.contains("outlined"), "the base case is outlined");
}

#[test]
fn finished_cells_are_not_computed_again_and_threads_change_nothing() {
    let bench = Bench::new(SCENARIO);
    let first = bench.out(&["sweep", "s.toml", "-o", "o", "-j", "1"]);
    let before = files(&bench.path("o"), &[]);
    // manifests hold the wall time: a run made again would have another
    assert_eq!(bench.out(&["sweep", "s.toml", "-o", "o", "-j", "2"]), first);
    assert!(files(&bench.path("o"), &[]) == before, "something was computed again");
    bench.out(&["sweep", "s.toml", "-o", "p", "-j", "2"]);
    assert!(files(&bench.path("o"), &MANIFEST) == files(&bench.path("p"), &MANIFEST));
    // one more value: the others are kept
    bench.out(&["sweep", "s.toml", "-o", "o", "--vary", "costs.fee=[\"0 bps\", \"7 bps\"]"]);
    let after = files(&bench.path("o"), &[]);
    let kept = before.iter().filter(|(name, _)| name.contains("cells/"));
    assert!(kept.into_iter().all(|(name, bytes)| after.get(name) == Some(bytes)));
    assert!(after.len() > before.len());
}

#[test]
fn ranges_and_single_axes_are_lines() {
    let bench = Bench::new(SCENARIO.split("[[sweep]]").next().unwrap());
    let text = bench.out(&[
        "sweep",
        "s.toml",
        "-o",
        "o",
        "--vary",
        "costs.fee=\"0 bps\"..\"20 bps\"",
        "--points",
        "3",
    ]);
    assert_eq!(
        text.lines().skip(1).take(3).map(|line| line.split("  ").next().unwrap()).collect::<Vec<_>>(),
        ["0 bps", "10 bps", "20 bps"]
    );
    assert!(!text.contains("as it is"), "5 bps is not among the values: {text}");
    for chart in ["line-std.svg", "line-cost_total.png"] {
        assert!(bench.path(&format!("o/studies/sweep/charts/{chart}")).is_file(), "{chart}");
    }
    let output = bench.run(&[
        "sweep",
        "s.toml",
        "-o",
        "o",
        "--metric",
        "cvar_95",
        "--format",
        "json",
        "--vary",
        "costs.fee=[0.001]",
    ]);
    let value: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((value["metric"].as_str(), value["cells"].as_array().unwrap().len()), (Some("cvar_95"), 1));
}

#[test]
fn three_keys_are_panels() {
    let bench = Bench::new(SCENARIO.split("[[sweep]]").next().unwrap());
    let words = [
        "sweep",
        "s.toml",
        "-o",
        "o",
        "--vary",
        "costs.fee=[\"0 bps\", \"5 bps\", \"20 bps\"]",
        "--vary",
        "run.seed=[1, 2]",
        "--vary",
        "policies.rarely.every=[\"1d\", \"2d\"]",
    ];
    let output = bench.run(&words);
    assert!(!err(&output).contains("no chart"), "{}", err(&output));
    let svg = fs::read_to_string(bench.path("o/studies/sweep/charts/facets-std.svg")).unwrap();
    assert!(bench.path("o/studies/sweep/charts/facets-cost_total.png").is_file());
    for panel in
        ["seed = 1, every = 1d", "seed = 1, every = 2d", "seed = 2, every = 1d", "seed = 2, every = 2d"]
    {
        assert!(svg.contains(panel), "no panel of {panel}");
    }
    // 2 policies in 4 panels and in the legend
    assert_eq!(svg.matches("data-policy=").count(), 2 * (4 + 1));
    assert!(svg.contains("over costs.fee"));
    // so many panels are none
    let seeds: Vec<String> = (0..25).map(|seed| seed.to_string()).collect();
    let many = format!("run.seed=[{}]", seeds.join(", "));
    let mut words = words;
    words[7] = &many;
    words[5] = "costs.fee=[\"0 bps\", \"5 bps\"]";
    let output = bench.run(&words);
    // the seeds are then across, and the other two keys make four panels
    assert!(!err(&output).contains("no chart"), "{}", err(&output));
}

/// Kills a study again and again at moments of its life; at the end it is that of one nobody touched.
#[expect(clippy::disallowed_methods, reason = "a kill needs a moment")]
fn killed(words: &[&str]) {
    // several chunks a cell, so that a kill meets a run in work
    let bench = Bench::new(&SCENARIO.replace("paths = 400", "paths = 140000\npath_metrics = false"));
    let start = Instant::now();
    bench.out(&[words, &["-o", "whole"]].concat());
    let length = start.elapsed();
    let mut kills = 0;
    for twentieth in [3_u32, 7, 11, 5, 9] {
        let mut child = bench.command(&[words, &["-o", "o"]].concat()).spawn().unwrap();
        std::thread::sleep(length * twentieth / 20);
        if child.try_wait().unwrap().is_none() {
            kills += 1;
        }
        let _ = child.kill();
        child.wait().unwrap();
    }
    assert!(kills >= 2, "the study was too quick to be killed");
    bench.out(&[words, &["-o", "o"]].concat());
    assert!(files(&bench.path("whole"), &MANIFEST) == files(&bench.path("o"), &MANIFEST));
    assert!(!bench.path("o.partial").exists());
}

#[test]
fn a_killed_sweep_goes_on_to_the_same_bytes() {
    killed(&["-q", "sweep", "s.toml"]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_sweep_says_what_is_kept() {
    let bench = Bench::new(&SCENARIO.replace("paths = 400", "paths = 2000000"));
    let child = bench.command(&["-q", "sweep", "s.toml", "-o", "o"]).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(700));
    assert!(Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap().success());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{}", err(&output));
    assert!(!bench.path("o/studies/sweep/sweep.csv").exists());
}

#[test]
fn a_stress_is_set_against_the_scenario_as_it_is() {
    let bench = Bench::new(SCENARIO);
    let text = bench.out(&["stress", "s.toml", "-o", "o"]);
    for words in ["dear", "seeing", "price-gap", "volatility-x3", "oracle-outage", "frozen-in-gap", "fees-x5"]
    {
        assert!(text.lines().any(|line| line.starts_with(words) && line.contains('±')), "{words}: {text}");
    }
    assert!(text.contains("under dear: often falls behind rarely"), "{text}");
    for (name, why) in [
        ("correlation-1", "there are no two simulated prices"),
        ("gas-x50", "there is no gas to raise"),
        ("depth-tenth", "there is no pool, impact or volume to shrink"),
        ("funding-cap", "there is no funding to raise"),
        ("delay-x10", "there is no delay to lengthen"),
    ] {
        assert!(text.contains(&format!("  {name}: {why}\n")), "{name}: {text}");
    }
    let found = bench.json("o/studies/stress/stress.json");
    let base = bench.json("o/summary.json");
    for stress in found["stresses"].as_array().unwrap() {
        let run =
            bench.json(&format!("o/studies/stress/{}/summary.json", stress["folder"].as_str().unwrap()));
        for effect in stress["effects"].as_array().unwrap() {
            let metric = effect["metric"].as_str().unwrap();
            let of = |summary: &Value| {
                let policies = summary["policies"].as_array().unwrap();
                let policy = policies.iter().find(|policy| policy["name"] == effect["policy"]).unwrap();
                policy["metrics"][metric]["value"].as_f64().unwrap()
            };
            let change = effect["change"]["value"].as_f64().unwrap();
            assert_eq!(change, of(&run) - of(&base), "{} {metric}", stress["name"]);
            assert!(effect["change"]["se"].as_f64().is_some(), "{effect}");
        }
    }
    // the catalogue's fee is five times the scenario's, and so is its cost, path by path
    let fees = found["stresses"].as_array().unwrap().iter().find(|it| it["name"] == "fees-x5").unwrap();
    assert_eq!(fees["set"]["costs.fee"], "25 bps");
    let cost = fees["effects"].as_array().unwrap().iter().find(|it| it["metric"] == "cost_total").unwrap();
    let ratio = cost["stressed"].as_f64().unwrap() / cost["base"].as_f64().unwrap();
    assert!((ratio - 5.0).abs() < 1e-9, "{ratio}");
    assert!(bench.path("o/studies/stress/charts/tornado-std.svg").is_file());
    let csv = fs::read_to_string(bench.path("o/studies/stress/stress.csv")).unwrap();
    assert_eq!(csv.lines().count(), 1 + found["stresses"].as_array().unwrap().len() * 2 * 11);
    // again, from the finished runs alone
    let before = files(&bench.path("o"), &[]);
    assert_eq!(bench.out(&["stress", "s.toml", "-o", "o"]), text);
    assert!(files(&bench.path("o"), &[]) == before, "something was computed again");
    let own = bench.out(&["stress", "s.toml", "-o", "o", "--only-own"]);
    assert!(own.contains("seeing") && !own.contains("price-gap") && !own.contains("not applicable"), "{own}");
}

#[test]
fn a_stress_of_the_user_takes_the_place_of_one_of_the_catalogue() {
    let bench = Bench::new(&SCENARIO.replace("name = \"dear\"", "name = \"fees-x5\""));
    bench.out(&["-q", "stress", "s.toml", "-o", "o"]);
    let found = bench.json("o/studies/stress/stress.json");
    let named: Vec<&Value> =
        found["stresses"].as_array().unwrap().iter().filter(|it| it["name"] == "fees-x5").collect();
    assert_eq!(named.len(), 1);
    assert_eq!(named[0]["set"]["costs.fixed_fee"], "1");
}

#[test]
fn two_assets_and_given_prices_have_their_own_catalogue() {
    let two = SCENARIO
        .replace("[oracle]", "[[assets]]\nsymbol = \"BTC\"\nspot = 60000.0\nprocess = { kind = \"gbm\", drift = 0.0, volatility = 0.6 }\n[market]\ncorrelation = [[1.0, 0.5], [0.5, 1.0]]\n[execution]\nhedge_instrument = \"perpetual\"\ndelay = \"6h\"\n[oracle]")
        .replace("fee = \"5 bps\"", "fee = { ETH = \"5 bps\", BTC = \"2 bps\" }\nfunding = { ETH = -0.1, BTC = 0.1 }")
        .replace("legs = [{ type", "legs = [{ asset = \"BTC\", type = \"put\", strike = 60000.0, quantity = -1.0 }, { asset = \"ETH\", type")
        .replace("[[sweep]]\nkey = \"costs.fee\"\nvalues = [\"0 bps\", \"5 bps\", \"5%\"]", "");
    let bench = Bench::new(&two);
    bench.out(&["-q", "stress", "s.toml", "-o", "o"]);
    let found = bench.json("o/studies/stress/stress.json");
    let set = |name: &str| {
        found["stresses"].as_array().unwrap().iter().find(|it| it["name"] == name).map(|it| it["set"].clone())
    };
    assert!(set("correlation-1").is_some());
    let fees = set("fees-x5").unwrap();
    assert_eq!((&fees["costs.fee.ETH"], &fees["costs.fee.BTC"]), (&"25 bps".into(), &"10 bps".into()));
    let funding = set("funding-cap").unwrap();
    assert_eq!(
        (&funding["costs.funding.ETH"], &funding["costs.funding.BTC"]),
        (&"-3.285".into(), &"3.285".into())
    );
    assert_eq!(set("delay-x10").unwrap()["execution.delay"], "60h");
    let outage = set("oracle-outage").unwrap();
    assert!(
        outage["assets.ETH.oracle.outages"].is_string() && outage["assets.BTC.oracle.outages"].is_string()
    );

    let prices: Vec<String> = (0..=40).map(|i| format!("{}", 3000 + (i * i * 7) % 90)).collect();
    let given = SCENARIO.replace("paths = 400\n", "").replace(
        "kind = \"gbm\", drift = 0.0, volatility = 0.8",
        &format!("kind = \"path\", prices = [{}]", prices.join(", ")),
    );
    let bench = Bench::new(&given);
    let text = bench.out(&["-q", "stress", "s.toml", "-o", "o"]);
    assert!(text.contains("  price-gap: every price is given, not simulated"), "{text}");
    assert!(text.contains("fees-x5"), "{text}");
}

#[test]
fn run_all_makes_everything_below_the_run() {
    let bench = Bench::new(SCENARIO);
    let text = bench.out(&["-q", "run", "s.toml", "-o", "o", "--all"]);
    assert!(
        text.contains("tightest: often") && text.contains("cells") && text.contains("under dear"),
        "{text}"
    );
    for name in ["summary.json", "differences.csv", "studies/sweep/sweep.csv", "studies/stress/stress.csv"] {
        assert!(bench.path("o").join(name).is_file(), "{name}");
    }
    // the same as one after the other
    let other = Bench::new(SCENARIO);
    other.out(&["-q", "run", "s.toml", "-o", "o"]);
    other.out(&["-q", "sweep", "s.toml", "-o", "o"]);
    other.out(&["-q", "stress", "s.toml", "-o", "o"]);
    // but for the attribution, which has no command of its own, and the page that shows it
    let but_attribution = |bench: &Bench| {
        let mut all = files(&bench.path("o"), &MANIFEST);
        all.retain(|name, _| !name.starts_with("studies/attribution/") && name != "report.html");
        all
    };
    assert!(but_attribution(&bench) == but_attribution(&other));
    // studies outlive their run made again, but not another scenario in its folder
    let studies = files(&bench.path("o/studies"), &[]);
    bench.out(&["-q", "run", "s.toml", "-o", "o", "--force"]);
    assert!(files(&bench.path("o/studies"), &[]) == studies);
    other.out(&["-q", "run", "s.toml", "-o", "o", "--seed", "7"]);
    assert!(!other.path("o/studies").exists());
    // sweeps and stresses are no part of the run: its folder does not depend on them
    let plain = Bench::new(SCENARIO.split("[[sweep]]").next().unwrap());
    plain.out(&["-q", "run", "s.toml", "-o", "o"]);
    let summary = |bench: &Bench| fs::read(bench.path("o/summary.json")).unwrap();
    assert_eq!(summary(&plain), summary(&bench));
}

#[test]
fn run_all_takes_the_deviation_apart() {
    let bench = Bench::new(SCENARIO.split("[[sweep]]").next().unwrap());
    let text = bench.out(&["-q", "run", "s.toml", "-o", "o", "--all"]);
    for line in [
        "parts of mean in bps of notional",
        "discretisation: the policy, frictionless",
        "oracle ",
        "fees ",
        "total ",
    ] {
        assert!(text.lines().any(|told| told.starts_with(line)), "{line}: {text}");
    }
    assert!(!text.contains("\ngas "), "what adds nothing has no row: {text}");
    let found = bench.json("o/studies/attribution/attribution.json");
    let summary = bench.json("o/summary.json");
    assert_eq!(found["scenario"]["hash"], summary["scenario"]["hash"]);
    for (policy, own) in
        found["policies"].as_array().unwrap().iter().zip(summary["policies"].as_array().unwrap())
    {
        for shares in policy["figures"].as_array().unwrap() {
            let key = shares["figure"].as_str().unwrap();
            let sum: f64 =
                shares["parts"].as_array().unwrap().iter().map(|it| it["value"].as_f64().unwrap()).sum();
            let total = shares["total"]["value"].as_f64().unwrap();
            let own = own["metrics"][if key == "variance" { "std" } else { key }]["value"].as_f64().unwrap();
            let own = if key == "variance" { own * own } else { own };
            assert!(
                (sum / total - 1.0).abs() < 1e-9 && (total / own - 1.0).abs() < 1e-9,
                "{key}: {sum} {total} {own}"
            );
        }
    }
    let csv = fs::read_to_string(bench.path("o/studies/attribution/attribution.csv")).unwrap();
    // two policies, four figures, ten parts and the total
    assert_eq!(csv.lines().count(), 1 + 2 * 4 * 11);
    for figure in ["mean", "variance", "cvar_95", "cvar_99"] {
        let svg = bench.path(&format!("o/studies/attribution/charts/waterfall-{figure}.svg"));
        assert!(fs::read_to_string(svg).unwrap().contains("discretisation"), "{figure}");
    }
    // again from what is there, and anew to the same bytes
    let before = files(&bench.path("o/studies/attribution"), &[]);
    assert_eq!(bench.out(&["-q", "run", "s.toml", "-o", "o", "--all"]), text);
    assert!(files(&bench.path("o/studies/attribution"), &[]) == before);
    let json = bench.path("o/studies/attribution/attribution.json");
    let marked = fs::read_to_string(&json).unwrap().replace("\"notes\": []", "\"notes\": [\"kept\"]");
    fs::write(&json, marked).unwrap();
    assert!(bench.out(&["-q", "run", "s.toml", "-o", "o", "--all"]).contains("note: kept"));
    bench.out(&["-q", "run", "s.toml", "-o", "o", "--all", "--force", "-j", "1"]);
    assert!(files(&bench.path("o/studies/attribution"), &[]) == before);
}

#[test]
fn faults_of_cells_are_said_before_anything_runs() {
    let bench = Bench::new(&SCENARIO.replace("\"5 bps\", \"5%\"]", "\"5 bips\", 7]"));
    for command in ["check", "run", "sweep", "stress"] {
        let output = bench.run(&[command, "s.toml"]);
        assert_eq!(output.status.code(), Some(2), "{command}");
        let text = err(&output);
        assert!(text.contains("`costs.fee` = \"5 bips\"") && text.contains("5 bips"), "{text}");
        assert!(text.contains("`costs.fee` = 7"), "both faults at once: {text}");
    }
    assert!(!bench.path("output").exists());
    let bench = Bench::new(SCENARIO);
    let output = bench.run(&["sweep", "s.toml", "--vary", "costs.feee=[1, 2]"]);
    assert_eq!(output.status.code(), Some(2));
    assert!(err(&output).contains("--set costs.feee=1") && err(&output).contains("feee"), "{}", err(&output));
    assert!(!bench.path("output").exists());
}

#[test]
fn the_answer_is_in_plain_words() {
    let bench = Bench::new(SCENARIO);
    let text = bench.out(&["-q", "run", "s.toml", "-o", "o"]);
    let tail: Vec<&str> = text.lines().skip_while(|line| !line.starts_with("tightest: ")).collect();
    assert!(
        tail[0].starts_with("tightest: often, std ") && tail[0].contains(" bps for a cost of "),
        "{text}"
    );
    assert!(
        tail[1].starts_with("looser: rarely (")
            && tail[1].contains(" ± ")
            && tail[1].contains(" times the std, 0."),
        "{text}"
    );
    assert_eq!(tail[2], "efficient in cost and std: often, rarely; none is dominated");
    assert!(tail[3].contains("at most 5 % chance of any false claim"), "{text}");
    let summary = bench.json("o/summary.json");
    assert_eq!(summary["schema"], 1);
    let pair = &summary["differences"][0];
    assert_eq!((pair["a"].as_str(), pair["b"].as_str()), (Some("often"), Some("rarely")));
    assert_eq!(pair["metrics"].as_object().unwrap().len(), 11);
    let ranking = summary["rankings"].as_array().unwrap().iter().find(|it| it["metric"] == "std").unwrap();
    assert_eq!(ranking["places"][0]["verdict"], "best");
    assert_eq!(ranking["places"][1]["verdict"], "worse");
    // two policies of one rule
    let same =
        SCENARIO.replace("every = \"2d\"", "every = \"6h\"").split("[[sweep]]").next().unwrap().to_owned();
    let bench = Bench::new(&same);
    let text = bench.out(&["-q", "run", "s.toml", "-o", "o"]);
    assert!(text.contains("; the other policy is not distinguishable from it"), "{text}");
}
