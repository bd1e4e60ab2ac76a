//! `report.html` as a file: its figures are those of the summary, its bytes those of the run, and no text leaves its place.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::Value;

#[path = "page/made.rs"]
mod made;
use made::{HOSTILE, Place, scenario};

/// Value, standard error and interval of a figure.
type Exact = [Option<f64>; 4];

/// Every figure of a summary by policy and key; a pair of policies is `b − a`.
fn figures(summary: &Value) -> BTreeMap<(String, String), Exact> {
    let exact = |figure: &Value| {
        let end = |i: usize| figure["ci"].get(i).and_then(Value::as_f64);
        [figure["value"].as_f64(), figure["se"].as_f64(), end(0), end(1)]
    };
    let mut found = BTreeMap::new();
    let mut add = |name: &str, metrics: &Value| {
        for (key, figure) in metrics.as_object().unwrap() {
            found.insert((name.to_owned(), key.clone()), exact(figure));
        }
    };
    for policy in summary["policies"].as_array().unwrap() {
        add(policy["name"].as_str().unwrap(), &policy["metrics"]);
    }
    for policy in summary["policies"].as_array().unwrap() {
        for (key, driver) in policy["worst_drivers"]["drivers"].as_object().unwrap() {
            let name = policy["name"].as_str().unwrap();
            add(
                name,
                &serde_json::json!({ (format!("worst.{key}")): driver["worst"], (format!("all.{key}")): driver["all"] }),
            );
        }
    }
    for pair in summary["differences"].as_array().unwrap() {
        let name = format!("{} − {}", pair["b"].as_str().unwrap(), pair["a"].as_str().unwrap());
        add(&name, &pair["metrics"]);
    }
    found
}

/// The text of an attribute inside a tag.
fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| value)
}

/// A number as people write it, with the size of its last place.
fn read(text: &str) -> Option<(f64, f64)> {
    let plain = text.replace('\u{2212}', "-").replace(['\u{a0}', ' '], "");
    let value = plain.parse().ok()?;
    let (digits, power) = plain.split_once('e').unwrap_or((&plain, "0"));
    let decimals = digits.split_once('.').map_or(0, |(_, fraction)| fraction.len());
    let power = power.parse::<i32>().ok()? - i32::try_from(decimals).unwrap();
    // 12 300 ± 200 is rounded to hundreds
    let zeros = if decimals == 0 { digits.len() - digits.trim_end_matches('0').len() } else { 0 };
    Some((value, 10_f64.powi(power + i32::try_from(zeros).unwrap())))
}

/// What the page says otherwise than the summary, and the figures that it shows.
fn compare(page: &str, summary: &Value) -> (Vec<String>, BTreeSet<(String, String)>) {
    let known = figures(summary);
    let (mut faults, mut seen) = (Vec::new(), BTreeSet::new());
    for (at, _) in page.match_indices("\" data-metric=\"") {
        let policy = page[..at].rsplit_once("data-policy=\"").unwrap().1.to_owned();
        let (tag, after) = page[at + 1..].split_once('>').unwrap();
        let key = attribute(tag, "data-metric").unwrap().to_owned();
        let shown = ["data-v", "data-se", "data-low", "data-high"]
            .map(|name| attribute(tag, name).map(|text| text.parse::<f64>().unwrap()));
        let place = (policy, key);
        match known.get(&place) {
            None => faults.push(format!("{place:?} is in no summary")),
            Some(exact) if *exact != shown => faults.push(format!("{place:?}: {shown:?} for {exact:?}")),
            Some(_) => {}
        }
        let scale: f64 = attribute(tag, "data-scale").unwrap().parse().unwrap();
        let text = after.split_once("<b class=\"value\">").unwrap().1.split_once('<').unwrap().0;
        match (shown[0], read(text)) {
            (None, None) if text == "–" => {}
            (Some(value), Some((words, unit)))
                if (words - value * scale).abs() <= 0.5 * unit + 1e-9 * (value * scale).abs() + 1e-8 => {}
            (value, _) => faults.push(format!("{place:?}: `{text}` for {value:?} times {scale}")),
        }
        seen.insert(place);
    }
    (faults, seen)
}

#[test]
fn every_figure_is_that_of_the_summary() {
    let place = Place::new(&scenario(3));
    place.done(&["run", "s.toml", "-o", "run", "-q"]);
    let (page, summary) = (place.read("run/report.html"), place.read("run/summary.json"));
    let summary: Value = serde_json::from_str(&summary).unwrap();
    let (faults, seen) = compare(&page, &summary);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    // what some policy has stands on the page for all of them
    let known = figures(&summary);
    let used: BTreeSet<&String> = known
        .iter()
        .filter(|((name, _), exact)| !name.contains(" − ") && exact[0].is_some_and(|value| value != 0.0))
        .map(|((_, key), _)| key)
        .collect();
    assert!(used.len() > 30, "{used:?}");
    for key in used {
        for policy in ["every-2h", "every-4h", "every-6h"] {
            assert!(seen.contains(&(policy.to_owned(), key.clone())), "{policy} {key}");
        }
    }
    assert!(
        seen.iter().filter(|(name, _)| name.contains(" − ")).count() == 9,
        "three pairs by three figures"
    );

    // the check sees a changed digit, exact or printed
    let at = page.find("data-metric=\"std\"").unwrap();
    let digit = at + page[at..].find("data-v=\"").unwrap() + "data-v=\"".len();
    let other = if page.as_bytes()[digit] == b'7' { "8" } else { "7" };
    let mut wrong = page.clone();
    wrong.replace_range(digit..=digit, other);
    assert!(!compare(&wrong, &summary).0.is_empty());
    let printed = at + page[at..].find("<b class=\"value\">").unwrap() + "<b class=\"value\">".len();
    let mut wrong = page.clone();
    wrong.insert(printed, '9');
    assert!(!compare(&wrong, &summary).0.is_empty());
}

#[test]
fn twelve_policies_are_one_small_file_the_same_on_every_machine() {
    let place = Place::new(&scenario(12));
    place.done(&["run", "s.toml", "-o", "one", "-q", "-j", "1"]);
    place.done(&["run", "s.toml", "-o", "two/deep", "-q", "-j", "2"]);
    let page = place.read("one/report.html");
    assert!(page == place.read("two/deep/report.html"), "threads and folder are not in the page");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
    assert!(!page.contains(place.path("").to_str().unwrap()));
    // made anew from the files alone, the scenario being gone
    fs::remove_file(place.path("s.toml")).unwrap();
    fs::write(place.path("one/report.html"), "lost").unwrap();
    place.done(&["report", "one"]);
    assert!(page == place.read("one/report.html"));
    let manifest: Value = serde_json::from_str(&place.read("one/manifest.json")).unwrap();
    let record = |path: &str| {
        let files = manifest["files"].as_array().unwrap();
        files.iter().filter(|file| file["path"] == path).count()
    };
    assert_eq!((record("report.html"), record("worst.csv")), (1, 1));
}

#[test]
fn no_text_leaves_its_place() {
    let place = Place::new(&scenario(2));
    place.done(&["run", "s.toml", "-o", "run", "-q"]);
    let page = place.read("run/report.html");
    assert!(!page.contains("<img") && page.matches("<script").count() == 1, "hostile text is text");
    assert!(page.contains("&lt;&#x2f;script&gt;&lt;img src=x onerror=alert(1)&gt; &amp;"), "and it is there");
    assert!(HOSTILE.contains("<img src=x"));
    assert!(page.contains("default-src 'none'"));
    for word in ["http://", "https://"] {
        let foreign: Vec<&str> = page
            .split(word)
            .skip(1)
            .map(|rest| &rest[..rest.len().min(20)])
            .filter(|rest| !rest.starts_with("www.w3.org/2000/svg"))
            .collect();
        assert!(foreign.is_empty(), "{word}: {foreign:?}");
    }
    // a picture that is not ours is shown as a picture, in which nothing runs
    let chart = place.path("run/charts/tail.svg");
    let drawn = fs::read_to_string(&chart).unwrap();
    fs::write(&chart, drawn.replace("</svg>", "<script>alert(1)</script></svg>")).unwrap();
    place.done(&["report", "run"]);
    let page = place.read("run/report.html");
    assert!(page.matches("<script").count() == 1 && page.matches("<img alt=").count() == 1);
}

#[test]
fn studies_stand_on_the_page_of_their_run() {
    let text = scenario(2) + "[[sweep]]\nkey = \"costs.fee\"\nvalues = [\"1 bps\", \"20 bps\"]\n";
    let place = Place::new(&text);
    place.done(&["run", "s.toml", "-o", "run", "-q", "--all", "--paths", "400"]);
    let page = place.read("run/report.html");
    for part in ["id=\"study-stress\"", "id=\"study-sweep\"", "Table: stress.csv", "Table: sweep.csv"] {
        assert!(page.contains(part), "{part}");
    }
    for study in ["stress", "sweep"] {
        let charts = place.path(&format!("run/studies/{study}/charts"));
        for chart in fs::read_dir(charts).unwrap().map(|entry| entry.unwrap().path()) {
            if chart.extension().is_some_and(|ending| ending == "svg") {
                let name = chart.file_stem().unwrap().to_str().unwrap();
                assert!(page.contains(&format!("data-chart=\"{name}\"")), "{name}");
            }
        }
    }
    // the run is still known as finished
    let output = place.run(&["run", "s.toml", "-o", "run", "--paths", "400"]);
    let talk = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success() && talk.contains("holds this run already"), "{talk}");
}

#[test]
fn what_is_no_run_has_no_page() {
    let place = Place::new(&scenario(2));
    let refused = |words: &[&str], why: &str| {
        let output = place.run(words);
        let talk = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(!output.status.success() && talk.contains(why), "{words:?}: {talk}");
    };
    refused(&["report", "nowhere"], "no manifest.json");
    place.done(&["run", "s.toml", "-o", "part", "-q", "--shard", "1/2", "--paths", "140000"]);
    refused(&["report", "part"], "it is shard 1/2, which has no figures");
    place.done(&["run", "s.toml", "-o", "run", "-q"]);
    fs::create_dir(place.path("mine")).unwrap();
    fs::write(place.path("mine/page.html"), "<p>{{ title }}</p>{{ no_such_thing }}").unwrap();
    let before = place.read("run/report.html");
    refused(&["report", "run", "--template", "mine"], "fill the template of the page");
    assert!(before == place.read("run/report.html"), "the old page stands");
    fs::write(place.path("mine/page.html"), "<p>{{ title }}</p>").unwrap();
    place.done(&["report", "run", "--template", "mine"]);
    assert_eq!(place.read("run/report.html"), "<p>page-test</p>");
    fs::remove_file(place.path("run/summary.json")).unwrap();
    refused(&["report", "run"], "summary.json");
}

/// Whether a printed figure has more digits than its error supports: two at most where the error begins with 1, else one.
fn too_fine(unit: f64, se: f64) -> bool {
    // 0.96 may be printed as 1.0, and 1.96 as 2.0
    se / unit >= 20.0
}

#[test]
fn no_figure_has_more_digits_than_its_error_supports() {
    let text = scenario(3) + "[[sweep]]\nkey = \"costs.fee\"\nvalues = [\"1 bps\", \"20 bps\"]\n";
    let place = Place::new(&text);
    place.done(&["run", "s.toml", "-o", "run", "-q", "--all", "--paths", "400"]);
    let page = place.read("run/report.html");
    let mut checked = 0;
    for (at, _) in page.match_indices("\" data-metric=\"") {
        let (tag, after) = page[at + 1..].split_once('>').unwrap();
        let Some(se) = attribute(tag, "data-se").map(|se| se.parse::<f64>().unwrap()) else { continue };
        let scale: f64 = attribute(tag, "data-scale").unwrap().parse().unwrap();
        let text = after.split_once("<b class=\"value\">").unwrap().1.split_once('<').unwrap().0;
        let (_, unit) = read(text).unwrap();
        if se > 0.0 {
            assert!(!too_fine(unit, se * scale), "`{text}` with an error of {}: {tag}", se * scale);
            checked += 1;
        }
    }
    assert!(checked > 100, "only {checked} figures");
    // tables of studies: value, error and ends of a row by the error of the row
    let (mut checked, mut rest) = (0, page.as_str());
    while let Some((_, table)) = rest.split_once("<summary>Table: ") {
        let (table, after) = table.split_once("</table>").unwrap();
        rest = after;
        let heads: Vec<&str> =
            table.split("<th scope=\"col\">").skip(1).map(|it| it.split('<').next().unwrap()).collect();
        let Some(se) = heads.iter().position(|head| *head == "se") else { continue };
        for row in table.split("<tr>").skip(2) {
            let cells: Vec<&str> = row
                .split("<td")
                .skip(1)
                .map(|it| it.split_once('>').unwrap().1.split('<').next().unwrap())
                .collect();
            let exact: Vec<Option<&str>> = row
                .split("<td")
                .skip(1)
                .map(|it| attribute(it.split_once('>').unwrap().0, "data-v"))
                .collect();
            let Some(error) = exact[se].map(|se| se.parse::<f64>().unwrap()).filter(|se| *se > 0.0) else {
                continue;
            };
            for (head, cell) in heads
                .iter()
                .zip(&cells)
                .filter(|(head, _)| ["value", "base", "stressed", "change", "se"].contains(head))
            {
                if let Some((_, unit)) = read(cell) {
                    assert!(!too_fine(unit, error), "{head} `{cell}` with an error of {error}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked > 100, "only {checked} cells of tables");
    // sentences and charts: in "x ± y" both end at the same place, and y has two digits at most
    let mut checked = 0;
    for (at, sign) in page.match_indices(" ± ") {
        let word = |c: char| c.is_ascii_digit() || matches!(c, '.' | '\u{2212}' | '\u{a0}');
        let before: String =
            page[..at].chars().rev().take_while(|c| word(*c)).collect::<Vec<_>>().into_iter().rev().collect();
        let after: String = page[at + sign.len()..].chars().take_while(|c| word(*c)).collect();
        let ((Some((_, one)), Some((error, other))), false) = (
            (read(before.trim_matches('\u{a0}')), read(after.trim_end_matches(['.', '\u{a0}']))),
            before.is_empty(),
        ) else {
            continue;
        };
        // a rounded figure may end in zeros of its own
        assert!(!too_fine(other.min(one), error * 1.05), "{before} ± {after}");
        checked += 1;
    }
    assert!(checked > 20, "only {checked} sentences and labels");
    assert!(too_fine(0.01, 0.3) && !too_fine(0.1, 0.3) && !too_fine(0.01, 0.14), "the check cannot fail");
}

#[test]
fn the_page_is_written_in_characters_that_its_fonts_have() {
    let known: BTreeSet<char> =
        include_str!("../assets/fonts/characters.txt").trim_end_matches('\n').chars().chain(['\n']).collect();
    let mut words = String::new();
    for file in ["page.html", "compare.html", "head.html", "tools.html", "macros.html", "page.js", "page.css"]
    {
        words += &fs::read_to_string(format!("{}/assets/page/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap();
    }
    let place = Place::new(&scenario(3).replace("fixed_fee = 2.0", "fixed_fee = 2.0\nfunding = 0.1"));
    place.done(&["run", "s.toml", "-o", "run", "-q", "--all", "--paths", "400"]);
    let page = place.read("run/report.html");
    let (style, body) = page.split_once("</style>").unwrap();
    assert!(style.matches("font/woff2").count() == 2 && style.contains("\"Driftband Sans\""));
    words += body;
    let missing: BTreeSet<char> = words.chars().filter(|c| !known.contains(c)).collect();
    assert!(missing.is_empty(), "no glyphs for {missing:?}: see assets/fonts/README.md");
    assert!(!known.contains(&'\u{4e2d}'), "the check cannot fail");
}

/// The tightest policy pays for its trades in the tail; where trading is free it has the mildest tail too, and nothing is said.
#[test]
fn the_mildest_worst_case_is_named_where_it_is_another() {
    // dear enough that no seed hides it
    let dear =
        scenario(3).replace("fee = \"5 bps\"", "fee = \"40 bps\"").replace("paths = 1500", "paths = 6000");
    let (before, after) = dear.split_once("[costs]").unwrap();
    let free = format!("{before}{}", &after[after.find("[target]").unwrap()..]);
    let answers = [dear, free].map(|text| {
        let place = Place::new(&text);
        place.done(&["run", "s.toml", "-o", "run", "-q"]);
        let summary: Value = serde_json::from_str(&place.read("run/summary.json")).unwrap();
        (place.read("run/report.html"), summary)
    });
    let places = |summary: &Value, metric: &str| -> Vec<(String, String)> {
        let rankings = summary["rankings"].as_array().unwrap();
        let ranking = rankings.iter().find(|it| it["metric"] == metric).unwrap();
        let word = |it: &Value, key: &str| it[key].as_str().unwrap().to_owned();
        let places = ranking["places"].as_array().unwrap().iter();
        places.map(|it| (word(it, "policy"), word(it, "verdict"))).collect()
    };
    let [(page, summary), (page_of_free, _)] = &answers;
    let (tight, tail) = (&places(summary, "std")[0].0, places(summary, "cvar_99"));
    assert!(tail.contains(&(tight.clone(), "worse".into())), "{tail:?}");
    let (_, said) = page.split_once("<b>Mildest worst case:</b> ").unwrap();
    let (said, _) = said.split_once("</li>").unwrap();
    assert!(
        said.starts_with(&format!("{} loses ", tail[0].0)) && said.contains(&format!(", {tight} ")),
        "{said}"
    );
    for (policy, verdict) in &tail[1..] {
        let tied = said
            .split_once("; not distinguishable from it: ")
            .is_some_and(|(_, names)| names.contains(policy));
        assert_eq!(tied, verdict == "tied", "{policy}: {said}");
    }
    assert!(!page_of_free.contains("Mildest worst case"));
}

/// Twelve policies have a panel each in waterfalls and tornadoes; every bar says the figure of its file, to the digit.
#[test]
fn no_policy_is_left_out_of_attribution_and_stress() {
    use driftband::report::number::plus_minus;
    let place = Place::new(&scenario(12));
    place.done(&["run", "s.toml", "-o", "run", "-q", "--all", "--paths", "400"]);
    let svg = |name: &str| place.read(&format!("run/studies/{name}.svg"));
    let found: Value = serde_json::from_str(&place.read("run/studies/attribution/attribution.json")).unwrap();
    let bps = 1e4 / found["notional"].as_f64().unwrap();
    let mut bars = 0;
    for (figure, scale) in [("mean", bps), ("variance", bps * bps), ("cvar_99", bps)] {
        let drawn = svg(&format!("attribution/charts/waterfall-{figure}"));
        for policy in found["policies"].as_array().unwrap() {
            let name = policy["name"].as_str().unwrap();
            let shares =
                policy["figures"].as_array().unwrap().iter().find(|it| it["figure"] == figure).unwrap();
            let parts = found["parts"].as_array().unwrap().iter().map(|it| it["part"].as_str().unwrap());
            let values = shares["parts"].as_array().unwrap().iter();
            for (part, it) in parts.zip(values).chain([("total", &shares["total"])]) {
                let (value, se) = (it["value"].as_f64().unwrap(), it["se"].as_f64().unwrap_or(0.0));
                // a part that adds nothing anywhere has no row
                if value * scale < -1e-8 || value * scale > 1e-8 {
                    let words = format!(
                        "<title>{name}, {part}: {}</title>",
                        plus_minus(value * scale, Some(se * scale))
                    );
                    assert!(drawn.contains(&words), "{figure}: no {words}");
                    bars += 1;
                }
            }
        }
    }
    assert!(bars > 150, "only {bars} bars");
    let drawn = svg("stress/charts/tornado-std");
    let names: BTreeSet<&str> =
        drawn.split("data-policy=\"").skip(1).filter_map(|it| it.split('"').next()).collect();
    assert_eq!(names.len(), 12, "{names:?}");
}

/// Seconds that this thread has worked.
#[cfg(target_os = "linux")]
fn worked() -> f64 {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// The page and its charts as SVG: the time of the processor, which a busy machine does not lengthen; PNGs are apart.
#[cfg(target_os = "linux")]
#[test]
#[expect(clippy::print_stdout, reason = "figures beside their bounds")]
fn charts_and_page_of_twelve_policies_are_made_within_two_seconds() {
    use driftband::engine::{Execution, run};
    use driftband::report::chart::{CHARTS, ChartInput};
    use driftband::report::style::Theme;
    let text = scenario(12)
        + "[[sweep]]\nkey = \"costs.fee\"\nvalues = [\"1 bps\", \"20 bps\"]\n[[sweep]]\nkey = \"execution.delay\"\nvalues = [\"2h\", \"4h\"]\n";
    let place = Place::new(&text);
    place.done(&["run", "s.toml", "-o", "run", "-q", "--all"]);
    let parsed = driftband::scenario::parse(&text, &driftband::scenario::Memory::default()).unwrap();
    let outcome = run(&parsed.scenario, &Execution::default()).unwrap();
    let start = worked();
    let input = ChartInput::new(&parsed.scenario, &outcome);
    let drawn = CHARTS.iter().filter(|chart| (chart.draw)(&input, &Theme::light()).is_ok()).count();
    let charts = worked() - start;
    let page = driftband::report::page::render(&place.path("run"), None).unwrap();
    let all = worked() - start;
    println!(
        "12 policies, 1500 paths: {drawn} charts as SVG in {charts:.3} s, with the page of {} kB {all:.3} s",
        page.len() / 1000
    );
    assert!(drawn >= 6 && all < 2.0, "{all} s");
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
