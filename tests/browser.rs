//! `report.html` before a reader's eyes, in a headless Chromium: no error, one request, no overflow, and it does what it offers.
//!
//! Pictures are left in the folder that `CARGO_TARGET_TMPDIR` names. Without a browser the tests say that they were skipped;
//! where `CI` is set that is a failure.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::fs;
use std::io::Write as _;
use std::path::PathBuf;

#[path = "browser/devtools.rs"]
mod devtools;
#[path = "page/made.rs"]
mod made;
#[path = "browser/trials.rs"]
mod trials;

use devtools::{Browser, Tab, binary};
use made::{Place, scenario};

/// A browser, or a word on why there is none.
fn browser(test: &str) -> Option<Browser> {
    if let Some(binary) = binary() {
        return Some(Browser::start(&binary));
    }
    assert!(std::env::var_os("CI").is_none(), "no chromium: .ci/run installs it");
    // past the capture of the test harness: what was not tested must be seen
    let _ = writeln!(std::io::stderr(), "skipped {test}: no chromium on this machine");
    None
}

fn picture(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("page").join(name)
}

/// Everything that must hold with scripts.
fn faults(tab: &mut Tab<'_>) -> Vec<String> {
    let trials = [
        trials::overflow,
        trials::sorting,
        trials::hiding,
        trials::hovering,
        trials::darkness,
        trials::reading,
    ];
    let mut faults: Vec<String> = trials.into_iter().flat_map(|trial| trial(tab)).collect();
    faults.extend(tab.complaints());
    faults
}

fn pictures(tab: &mut Tab<'_>, name: &str) {
    for width in trials::WIDTHS {
        tab.size(width, 1000);
        for part in ["answer", "policies", "cost", "tails", "time", "method"] {
            tab.run(&format!("document.getElementById('{part}')?.scrollIntoView()"));
            tab.screenshot(&picture(&format!("{name}-{width}-{part}.png")));
        }
    }
    tab.size(1400, 1000);
    tab.media("", "dark");
    for part in ["answer", "tails"] {
        tab.run(&format!("document.getElementById('{part}').scrollIntoView()"));
        tab.screenshot(&picture(&format!("{name}-dark-{part}.png")));
    }
    tab.media("", "light");
    tab.pdf(&picture(&format!("{name}.pdf")));
}

#[test]
fn a_page_does_what_it_offers() {
    let Some(mut browser) = browser("a_page_does_what_it_offers") else { return };
    for (name, n_policies) in [("four", 4), ("twelve", 12)] {
        let place = Place::new(&scenario(n_policies));
        place.done(&["run", "s.toml", "-o", "run", "-q"]);
        let page = place.path("run/report.html");
        let mut tab = browser.open(&page, true);
        let found = faults(&mut tab);
        pictures(&mut tab, name);
        tab.close();
        assert!(found.is_empty(), "{name}:\n{}", found.join("\n"));
        let mut tab = browser.open(&page, false);
        let found = trials::without_scripts(&mut tab);
        tab.close();
        assert!(found.is_empty(), "{name} without scripts:\n{}", found.join("\n"));
    }
}

#[test]
fn studies_do_not_break_the_page() {
    let Some(mut browser) = browser("studies_do_not_break_the_page") else { return };
    let text = scenario(3)
        + "[[sweep]]\nkey = \"costs.fee\"\nvalues = [\"1 bps\", \"20 bps\"]\n[[sweep]]\nkey = \"execution.delay\"\nvalues = [\"2h\", \"4h\"]\n";
    let place = Place::new(&text);
    place.done(&["run", "s.toml", "-o", "run", "-q", "--all", "--paths", "400"]);
    let mut tab = browser.open(&place.path("run/report.html"), true);
    let mut found = trials::overflow(&mut tab);
    found.extend(trials::darkness(&mut tab));
    found.extend(trials::reading(&mut tab));
    found.extend(tab.complaints());
    tab.close();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn a_comparison_is_a_page_too() {
    let Some(mut browser) = browser("a_comparison_is_a_page_too") else { return };
    let place = Place::new(&scenario(3));
    place.done(&["run", "s.toml", "-o", "one", "-q"]);
    place.done(&["run", "s.toml", "-o", "two", "-q", "--set", "costs.fee=\"40 bps\""]);
    place.done(&["run", "s.toml", "-o", "three", "-q", "--seed", "7"]);
    place.done(&["compare", "one", "two", "three", "-o", "c", "-q"]);
    let mut tab = browser.open(&place.path("c/report.html"), true);
    let mut found = trials::overflow(&mut tab);
    found.extend(trials::darkness(&mut tab));
    found.extend(trials::reading(&mut tab));
    found.extend(tab.complaints());
    for width in trials::WIDTHS {
        tab.size(width, 1400);
        tab.screenshot(&picture(&format!("compare-{width}.png")));
    }
    tab.close();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn canaries_are_seen() {
    let Some(mut browser) = browser("canaries_are_seen") else { return };
    let place = Place::new(&scenario(3));
    place.done(&["run", "s.toml", "-o", "run", "-q"]);
    let sound = place.read("run/report.html");
    let policy = "default-src 'none'";
    let lawless = sound.replace(policy, "default-src *");
    assert!(lawless != sound);
    let before_end = |page: &str, what: &str| page.replace("</main>", &format!("{what}</main>"));
    let image = "<img alt=\"a picture from elsewhere\" src=\"http://127.0.0.1:9/x.png\">";
    let canaries = [
        ("exception", before_end(&sound, "<script>no_such_function()</script>")),
        ("console", before_end(&sound, "<script>console.error('x')</script>")),
        ("log", before_end(&sound, image)),
        ("request", before_end(&lawless.replace("img-src data:", "img-src *"), image)),
        ("overflow", before_end(&sound, "<div style=\"width:1500px\">wide</div>")),
        ("contrast", before_end(&sound, "<p style=\"color:#999;background:#fff\">faint</p>")),
        ("enter sorts", sound.replace("rows.sort(", "rows.map(")),
        (
            "its marks vanish",
            sound.replace(
                "classList.toggle(\"off\", hidden.has(element",
                "classList.toggle(\"of\", hidden.has(element",
            ),
        ),
        ("a dot says", sound.replace("dataset.says = title", "dataset.say = title")),
        ("is read off", sound.replace("\"pointermove\"", "\"pointerlost\"")),
        ("light by the button", sound.replace("root.dataset.theme = dark()", "root.dataset.them = dark()")),
        ("fonts of the page", sound.replace("font/woff2;base64,d09", "font/woff2;base64,AAA")),
        ("no level skipped", before_end(&sound, "<h4>deep</h4>")),
    ];
    for (word, page) in canaries {
        assert!(page != sound, "the canary `{word}` changes nothing");
        let file = place.path("canary.html");
        fs::write(&file, page).unwrap();
        let mut tab = browser.open(&file, true);
        let found = faults(&mut tab);
        tab.close();
        assert!(found.iter().any(|fault| fault.contains(word)), "`{word}` is not seen: {found:?}");
    }
}
