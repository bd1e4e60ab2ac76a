//! The documentation tells the truth: its scenarios are sound, its links lead somewhere, nothing registered is left out.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::path::{Path, PathBuf};

use driftband::scenario::{self, Disk};

#[cfg(feature = "cli")]
#[path = "support/program.rs"]
mod program;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Markdown files below a folder.
fn pages_in(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            pages_in(&path, found);
        } else if path.extension().is_some_and(|e| e == "md") {
            found.push(path);
        }
    }
}

/// README and every page that ships: path and text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut found = vec![root().join("README.md"), root().join("output/README.md")];
    pages_in(&root().join("docs"), &mut found);
    pages_in(&root().join("scenarios"), &mut found);
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(path).unwrap())).collect()
}

/// Blocks fenced with three backticks and that word.
fn blocks(text: &str, language: &str) -> Vec<String> {
    let (mut found, mut open): (Vec<String>, Option<Vec<&str>>) = (Vec::new(), None);
    for line in text.lines() {
        match (&mut open, line.trim_start().strip_prefix("```")) {
            (None, Some(word)) if word.trim() == language => open = Some(Vec::new()),
            (Some(lines), Some(_)) => {
                found.push(lines.join("\n") + "\n");
                open = None;
            }
            (Some(lines), None) => lines.push(line),
            // a block in another language: skip to its end
            (None, Some(_)) => open = None,
            (None, None) => {}
        }
    }
    found
}

/// A whole scenario, made of a page's fragment: its table takes the place of the sound one.
fn around(fragment: &str) -> Option<String> {
    if fragment.lines().any(|line| line.starts_with("version = 1")) {
        return Some(fragment.to_owned());
    }
    let run = "version = 1\nname = \"x\"\n[run]\npaths = 100\nhorizon = \"30d\"\nstep = \"10min\"\n";
    let path = "version = 1\nname = \"x\"\n[run]\nhorizon = \"2d\"\nstep = \"1d\"\n";
    let daily = "version = 1\nname = \"x\"\n[run]\npaths = 100\nhorizon = \"30d\"\nstep = \"1d\"\n";
    let given = "version = 1\nname = \"x\"\n[run]\nhorizon = \"30d\"\nstep = \"1d\"\n";
    let gbm = "process = { kind = \"gbm\", drift = 0.0, volatility = 0.8 }\n";
    let asset = |keys: &str| format!("[[assets]]\nsymbol = \"ETH\"\nspot = 100.0\n{keys}");
    let options = "[target]\nkind = \"options\"\nhedge_volatility = 0.8\npremium_volatility = 0.8\n\
                   legs = [{ asset = \"ETH\", type = \"call\", strike = 100.0, quantity = -1.0 }]\n";
    let basket = "[target]\nkind = \"basket\"\nvalue = 1000.0\nweights = { ETH = 0.5 }\n";
    let hold = "[[policies]]\nname = \"hold\"\nkind = \"hold\"\n";
    let first = fragment.lines().next().unwrap_or_default();
    Some(match first {
        "[[policies]]"
            if ["relative_band", "optimal_band", "gas_aware_band"]
                .iter()
                .any(|kind| fragment.contains(kind)) =>
        {
            format!("{run}{}{basket}{fragment}", asset(gbm))
        }
        "[[policies]]" if fragment.contains("leverage_target") => {
            let twice = basket.replace("weights = { ETH = 0.5 }", "leverage = true\nweights = { ETH = 2.0 }");
            format!("{run}{}{twice}{fragment}", asset(gbm))
        }
        "[[policies]]" => format!("{run}{}{options}{fragment}", asset(gbm)),
        "[costs]" => {
            let other = "[[assets]]\nsymbol = \"BTC\"\nspot = 9.0\n";
            format!("{run}{}{other}{gbm}{fragment}{options}{hold}", asset(gbm))
        }
        "[run]" => {
            let rest = "horizon = \"30d\"\nstep = \"1d\"\n";
            format!("version = 1\nname = \"x\"\n{fragment}\n{rest}{}{options}{hold}", asset(gbm))
        }
        "[market]" => format!("{run}{fragment}{}{options}{hold}", asset(gbm)),
        "[execution]" | "[attribution]" | "[[shocks]]" | "[[sweep]]" => {
            format!("{run}{}{fragment}{options}{hold}", asset(gbm))
        }
        _ if first.starts_with("process = { kind = \"path\"") => {
            format!("{path}{}{options}{hold}", asset(fragment))
        }
        _ if first.contains("\"history\"") => format!("{given}{}{options}{hold}", asset(fragment)),
        _ if first.contains("\"bootstrap\"") => format!("{daily}{}{options}{hold}", asset(fragment)),
        _ if first.starts_with("process = ") => format!("{run}{}{options}{hold}", asset(fragment)),
        _ if first.starts_with("oracle = ") => format!("{run}{}{fragment}{options}{hold}", asset(gbm)),
        _ if first.starts_with("impact = ") => {
            format!("{run}{}[costs]\n{fragment}{options}{hold}", asset(gbm))
        }
        _ => return None,
    })
}

/// Faults of a scenario whose data files lie where the shipped ones do.
fn faults(text: &str) -> Vec<String> {
    let files = Disk::new(root().join("scenarios"));
    match scenario::parse(text, &files) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(ToString::to_string).collect(),
    }
}

#[test]
fn scenarios_in_the_docs_are_sound() {
    let mut checked = 0;
    for (path, text) in pages() {
        for block in blocks(&text, "toml") {
            let whole =
                around(&block).unwrap_or_else(|| panic!("{}: what is this?\n{block}", path.display()));
            let found = faults(&whole);
            assert!(found.is_empty(), "{}: {}\n{block}", path.display(), found.join("\n"));
            checked += 1;
        }
    }
    assert!(checked >= 15, "only {checked} blocks were found");
    let bad = around("[[policies]]\nname = \"x\"\nkind = \"periodic\"\nevry = \"1h\"\n").unwrap();
    assert!(!faults(&bad).is_empty(), "the check cannot fail");
}

#[test]
fn shipped_scenarios_are_sound() {
    for entry in fs::read_dir(root().join("scenarios")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "toml") {
            let found = faults(&fs::read_to_string(&path).unwrap());
            assert!(found.is_empty(), "{}: {}", path.display(), found.join("\n"));
        }
    }
}

/// Targets of `[text](target)`, outside of code.
fn links(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            let targets = line.match_indices("](").filter_map(|(at, _)| line[at + 2..].split_once(')'));
            found.extend(targets.map(|(target, _)| target.to_owned()));
        }
    }
    found
}

/// The name a heading has in a link.
fn anchor(heading: &str) -> String {
    let lower = heading.trim_start_matches('#').trim().to_lowercase();
    lower
        .chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

/// What is wrong with a link of a page.
fn broken(page: &Path, target: &str) -> Option<String> {
    if target.starts_with("https://") || target.starts_with("http://") {
        return None;
    }
    let (file, heading) =
        target.split_once('#').map_or((target, None), |(file, heading)| (file, Some(heading)));
    let path = if file.is_empty() { page.to_owned() } else { page.parent().unwrap().join(file) };
    if !path.exists() {
        return Some(format!("{}: `{target}` leads nowhere", page.display()));
    }
    let heading = heading?;
    let text = fs::read_to_string(&path).unwrap();
    let known = text.lines().filter(|line| line.starts_with('#')).any(|line| anchor(line) == heading);
    (!known).then(|| format!("{}: `{target}`: no such heading", page.display()))
}

#[test]
fn links_lead_somewhere() {
    let mut found = Vec::new();
    let mut checked = 0;
    for (path, text) in pages() {
        for target in links(&text) {
            checked += 1;
            found.extend(broken(&path, &target));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
    assert!(checked > 50, "only {checked} links were found");
    let readme = root().join("README.md");
    assert!(broken(&readme, "docs/no-such-page.md").is_some(), "the check cannot fail");
    assert!(broken(&readme, "docs/conventions.md#no-such-heading").is_some(), "the check cannot fail");
}

#[test]
fn everything_registered_is_described() {
    let docs: String = pages().into_iter().map(|(_, text)| text).collect();
    let conventions = fs::read_to_string(root().join("docs/conventions.md")).unwrap();
    for metric in driftband::metric::METRICS {
        assert!(
            conventions.contains(&format!("`{}`", metric.key)),
            "docs/conventions.md: no `{}`",
            metric.key
        );
    }
    let mut names = driftband::market::price::Process::NAMES.to_vec();
    names.extend(driftband::policy::Rule::NAMES);
    names.extend(driftband::market::cost::Impact::NAMES);
    for name in names {
        assert!(docs.contains(&format!("methods/{name}.md")), "no link to methods/{name}.md");
        let page = fs::read_to_string(root().join(format!("docs/methods/{name}.md"))).unwrap();
        assert!(page.starts_with(&format!("# `{name}`: ")), "docs/methods/{name}.md: no title");
        assert!(page.contains(&format!("kind = \"{name}\"")), "docs/methods/{name}.md: no example");
    }
    let scenario_page = fs::read_to_string(root().join("docs/scenario.md")).unwrap();
    for (code, meaning) in scenario::CODES {
        assert!(scenario_page.contains(&format!("| {code} | {meaning} |")), "docs/scenario.md: no {code}");
    }
    let output = fs::read_to_string(root().join("docs/output.md")).unwrap();
    for chart in driftband::report::chart::CHARTS {
        assert!(output.contains(&format!("`{}`", chart.name)), "docs/output.md: no chart `{}`", chart.name);
    }
    let version = format!("## {}", env!("CARGO_PKG_VERSION"));
    assert!(docs.contains(&version), "docs/changelog.md: no {version}");
}

/// The keys of a method's table are those of its schema.
#[test]
fn keys_of_every_model_are_on_its_page() {
    let schema = scenario::schema();
    let text = schema.to_string();
    let mut checked = 0;
    let mut visit = vec![schema];
    while let Some(node) = visit.pop() {
        if let Some(kind) = node.pointer("/properties/kind/const").and_then(|kind| kind.as_str()) {
            let page = root().join(format!("docs/methods/{kind}.md"));
            if let Ok(page) = fs::read_to_string(&page) {
                // keys of later versions are in the schema to be refused by name
                let keys =
                    node["properties"].as_object().unwrap().iter().filter(|(_, key)| key["x-later"] != true);
                let common = |key: &str| matches!(key, "kind" | "name" | "hedge_volatility" | "delta");
                for key in keys.map(|(key, _)| key).filter(|key| !common(key)) {
                    assert!(page.contains(&format!("`{key}`")), "docs/methods/{kind}.md: no `{key}`");
                    checked += 1;
                }
            }
        }
        match node {
            serde_json::Value::Object(map) => visit.extend(map.into_iter().map(|(_, value)| value)),
            serde_json::Value::Array(items) => visit.extend(items),
            _ => {}
        }
    }
    assert!(checked >= 30, "only {checked} keys were found in {} bytes of schema", text.len());
}

#[test]
fn commands_of_the_readme_name_files() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let commands: Vec<String> = blocks(&readme, "sh")
        .iter()
        .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    assert!(commands.iter().any(|command| command == "cargo test"), "{commands:?}");
    assert!(
        commands.iter().any(|command| command.starts_with("cargo run --release -- run scenarios/")),
        "{commands:?}"
    );
    let mut named = 0;
    let mut texts = pages();
    texts.retain(|(path, _)| path.ends_with("README.md") || path.ends_with("scenario.md"));
    for (path, text) in texts {
        for word in
            text.split(|c: char| c.is_whitespace() || c == '`').filter(|word| word.starts_with("scenarios/"))
        {
            let word = word.trim_end_matches(['.', ',', ')', ':', ';']);
            assert!(root().join(word).exists(), "{}: {word} does not exist", path.display());
            named += 1;
        }
    }
    assert!(named >= 3, "only {named} files are named");
}

/// Words as a shell splits them; a redirection ends the command.
#[cfg(feature = "cli")]
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word, mut quote) = (Vec::new(), None::<String>, None);
    for c in line.chars() {
        match (c, quote) {
            ('#' | '>', None) if word.is_none() => break,
            (c, Some(open)) if c == open => quote = None,
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (c, None) if c.is_whitespace() => words.extend(word.take()),
            (c, _) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// What a line of a page calls the program with, on few paths; none where it calls another one.
#[cfg(feature = "cli")]
fn called(line: &str) -> Option<Vec<String>> {
    let all = words(line);
    let ours = ["cargo run --release --", "driftband"].into_iter().map(words);
    let mut rest = ours.into_iter().find_map(|start| all.strip_prefix(start.as_slice()))?.to_vec();
    if let Some(at) = rest.iter().position(|word| word == "--paths") {
        rest.drain(at..at + 2);
    }
    let simulates = ["run", "sweep", "stress", "tune", "breakeven"].contains(&rest.first()?.as_str());
    if simulates {
        rest.extend(["--paths", "60"].map(String::from));
    }
    Some(rest)
}

#[cfg(feature = "cli")]
#[test]
fn commands_of_the_docs_run() {
    let mut checked = 0;
    for (path, text) in pages() {
        let lines: Vec<String> = blocks(&text, "sh")
            .iter()
            .flat_map(|block| block.lines().map(str::to_owned).collect::<Vec<_>>())
            .collect();
        let calls: Vec<(&String, Vec<String>)> =
            lines.iter().filter_map(|line| Some((line, called(line)?))).collect();
        if calls.is_empty() {
            continue;
        }
        // one folder a page: a command may take up what the one before it made
        let dir = tempfile::TempDir::new().unwrap();
        fs::create_dir(dir.path().join("scenarios")).unwrap();
        for entry in fs::read_dir(root().join("scenarios")).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_file() {
                fs::copy(&entry, dir.path().join("scenarios").join(entry.file_name().unwrap())).unwrap();
            }
        }
        let data = |n: u32, head: &str, step: u32, row: &dyn Fn(f64) -> String| {
            let line = |i: u32| {
                // as good as chance for a fit
                let wave = f64::from(i * 7919 % 101) / 50.0 - 1.0 + f64::from(i * i % 17) / 17.0;
                let time = jiff::Timestamp::from_second(1_600_000_000 + i64::from(i * step)).unwrap();
                format!("{time},{}\n", row(wave))
            };
            std::iter::once(format!("{head}\n")).chain((0..n).map(line)).collect::<String>()
        };
        let prices =
            data(500, "time,ETH,BTC", 86_400, &|x| format!("{},{}", 3000.0 + 90.0 * x, 60_000.0 - 800.0 * x));
        fs::write(dir.path().join("prices.csv"), prices).unwrap();
        let feed = data(500, "time,answer", 1800, &|x| format!("{}", 3000.0 + 40.0 * x));
        fs::write(dir.path().join("feed.csv"), feed).unwrap();
        for (line, call) in calls {
            let call: Vec<&str> = call.iter().map(String::as_str).collect();
            let output = program::driftband(dir.path(), &call).output().unwrap();
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            // few paths may break a limit
            assert!(matches!(output.status.code(), Some(0 | 3)), "{}: {line}\n{told}", path.display());
            checked += 1;
        }
    }
    assert!(checked > 25, "only {checked} commands were found");
    assert!(
        called("driftband run x --paths 9 -o 'a b' # c").unwrap()
            == ["run", "x", "-o", "a b", "--paths", "60"]
    );
    assert!(called("cargo test").is_none() && called("xdg-open output/*/report.html").is_none());
}

/// The README's basket with two slips gets the answer that stands there.
#[cfg(feature = "cli")]
#[test]
fn the_readme_shows_the_answer_to_a_mistake() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    let sound = blocks(&readme, "toml").remove(0);
    let wrong = sound.replace("every = \"30d\"", "evry = \"30d\"").replace("width = \"5%\"", "width = \"5\"");
    let dir = tempfile::TempDir::new().unwrap();
    fs::write(dir.path().join("basket.toml"), wrong).unwrap();
    let output = program::driftband(dir.path(), &["check", "basket.toml"]).output().unwrap();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(blocks(&readme, "text").contains(&told), "{told}");
}
