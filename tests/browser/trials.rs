//! What a page must do before a reader's eyes; each trial returns the faults it finds.
use super::devtools::Tab;
use serde_json::Value;

/// Widths of a phone, a tablet and a desk.
pub(crate) const WIDTHS: [u32; 3] = [380, 800, 1400];

/// Fails in words where the expression is not true.
fn demand(tab: &mut Tab<'_>, faults: &mut Vec<String>, what: &str, expression: &str) {
    let found = tab.run(&format!(
        "(() => {{ try {{ return {expression}; }} catch (error) {{ return String(error); }} }})()"
    ));
    if found != Value::Bool(true) {
        faults.push(format!("{what}: {found}"));
    }
}

/// Whether there is such an element to work with.
fn exists(tab: &mut Tab<'_>, faults: &mut Vec<String>, element: &str) -> bool {
    let found = tab
        .run(&format!("(() => {{ const e = {element}; return !!e && e.getClientRects().length > 0; }})()"));
    if found != Value::Bool(true) {
        faults.push(format!("there is no {element} to see"));
    }
    found == Value::Bool(true)
}

/// Nothing is wider than the window, but what scrolls on its own.
pub(crate) fn overflow(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    for width in WIDTHS {
        tab.size(width, 900);
        let found = tab.run(
            "(() => { const root = document.documentElement; \
             const wide = [...document.querySelectorAll('body *')].filter((e) => !e.parentElement.closest('.scroll, .chips') \
             && !e.closest('.skip') && e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.tagName + '.' + e.className); \
             return root.scrollWidth > innerWidth + 1 || wide.length ? [root.scrollWidth, ...wide.slice(0, 5)] : []; })()",
        );
        if found.as_array().is_none_or(|wide| !wide.is_empty()) {
            faults.push(format!("overflow at {width}: {found}"));
        }
    }
    tab.size(1400, 900);
    faults
}

const HEADS: &str = "[...document.querySelectorAll('#policies thead button')]";
const STDS: &str = "[...document.querySelectorAll('#policies tbody td[data-metric=std]')].map((cell) => Number(cell.dataset.v))";

/// By mouse and by keyboard, up and down.
pub(crate) fn sorting(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let std = format!("{HEADS}.find((head) => head.textContent.startsWith('Std'))");
    if !exists(tab, &mut faults, &std) {
        return faults;
    }
    let rising = format!(
        "(() => {{ const v = {STDS}; return v.length > 2 && v.every((x, i) => !i || v[i - 1] <= x); }})()"
    );
    let falling = format!(
        "(() => {{ const v = {STDS}; return v.length > 2 && v.every((x, i) => !i || v[i - 1] >= x); }})()"
    );
    tab.click(&std);
    demand(tab, &mut faults, "a click sorts", &rising);
    demand(
        tab,
        &mut faults,
        "and says so",
        &format!("{std}.parentNode.getAttribute('aria-sort') === 'ascending'"),
    );
    tab.run(&format!("{std}.focus()"));
    tab.press_enter();
    demand(tab, &mut faults, "enter sorts the other way", &falling);
    tab.click(&format!("{HEADS}[0]"));
    let names = "[...document.querySelectorAll('#policies tbody th')].map((cell) => cell.textContent)";
    demand(
        tab,
        &mut faults,
        "names sort",
        &format!("(() => {{ const v = {names}; return String(v) === String([...v].sort()); }})()"),
    );
    faults
}

/// A chip hides its policy in every chart and table, and nothing else, and brings it back.
pub(crate) fn hiding(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let chip = "document.querySelectorAll('.chip[data-name]')[1]";
    if !exists(tab, &mut faults, chip) {
        return faults;
    }
    let marks = |same: bool| {
        let sign = if same { "===" } else { "!==" };
        format!(
            "[...document.querySelectorAll('main [data-policy]')].filter((e) => !e.closest('.kpis, details') && \
             e.dataset.policy {sign} {chip}.dataset.name && !(e.tagName === 'g' && !e.querySelector('*')))"
        )
    };
    let visible = |list: &str| format!("{list}.filter((e) => e.getClientRects().length > 0).length");
    let charts = "document.querySelectorAll('figure.chart').length";
    let with_it = format!("new Set({}.map((e) => e.closest('figure')).filter(Boolean)).size", marks(true));
    demand(
        tab,
        &mut faults,
        "every chart has marks of the policy",
        &format!("{charts} > 4 && {with_it} === {charts}"),
    );
    let before = tab.run(&visible(&marks(true)));
    let others = tab.run(&visible(&marks(false)));
    tab.click(chip);
    demand(
        tab,
        &mut faults,
        "its marks vanish",
        &format!("{} === 0 && {before} > 20", visible(&marks(true))),
    );
    demand(tab, &mut faults, "the others stay", &format!("{} === {others}", visible(&marks(false))));
    demand(tab, &mut faults, "the chip says so", &format!("{chip}.getAttribute('aria-pressed') === 'false'"));
    tab.click(chip);
    demand(tab, &mut faults, "they come back", &format!("{} === {before}", visible(&marks(true))));
    faults
}

/// A mark says its figure; a curve is read off where the mouse is.
pub(crate) fn hovering(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let tip = "document.getElementById('tip')";
    let dot = "document.querySelector('[data-chart=frontier] g[data-policy] circle')";
    if exists(tab, &mut faults, dot) {
        tab.point_at(dot);
        demand(
            tab,
            &mut faults,
            "a dot says its figures",
            &format!("!{tip}.hidden && /: mean cost .+ bps, std .+ ± .+ bps/.test({tip}.textContent)"),
        );
    }
    let first = "document.querySelector('.chip[data-name]').dataset.name";
    for (chart, words) in
        [("tail", "/shortfall .+ bps, chance of more:/"), ("fan", "/after .+ days, deviation:/")]
    {
        let plot = format!("document.querySelector('[data-chart={chart}] g[data-plot]')");
        if exists(tab, &mut faults, &plot) {
            tab.point_at(&plot);
            demand(
                tab,
                &mut faults,
                &format!("{chart} is read off"),
                &format!(
                    "!{tip}.hidden && {words}.test({tip}.textContent) && {tip}.textContent.includes({first})"
                ),
            );
        }
    }
    // the heading is no plot
    if exists(tab, &mut faults, "document.querySelector('h1')") {
        tab.point_at("document.querySelector('h1')");
        demand(tab, &mut faults, "elsewhere there is no tip", &format!("{tip}.hidden"));
    }
    faults
}

/// The colours of the system, and the button against them.
pub(crate) fn darkness(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    let light = "(() => { const c = getComputedStyle(document.body).backgroundColor.match(/\\d+/g).map(Number); return c[0] > 200; })()";
    let sheet = "getComputedStyle(document.querySelector('figure.chart rect')).fill === 'rgb(255, 255, 255)'";
    demand(tab, &mut faults, "light by the system", &format!("{light} && {sheet}"));
    faults.extend(contrast(tab));
    tab.media("", "dark");
    demand(tab, &mut faults, "dark by the system", &format!("!{light} && !({sheet})"));
    faults.extend(contrast(tab));
    if exists(tab, &mut faults, "document.getElementById('theme')") {
        tab.click("document.getElementById('theme')");
        demand(tab, &mut faults, "light by the button", &format!("{light} && {sheet}"));
        tab.click("document.getElementById('theme')");
        demand(tab, &mut faults, "dark by the button", &format!("!{light}"));
    }
    tab.media("print", "dark");
    demand(tab, &mut faults, "paper is light", &format!("{light} && {sheet}"));
    tab.media("", "light");
    tab.run("delete document.documentElement.dataset.theme");
    faults
}

/// Every text has a contrast of 4.5 to what is behind it (WCAG 2.2, 1.4.3).
fn contrast(tab: &mut Tab<'_>) -> Vec<String> {
    let found = tab.run(
        "(() => { const rgb = (c) => c.match(/[\\d.]+/g).map(Number); \
         const light = (c) => { const l = rgb(c).slice(0, 3).map((v) => v / 255).map((v) => v <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); \
         return .2126 * l[0] + .7152 * l[1] + .0722 * l[2]; }; \
         const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (rgb(c)[3] !== 0) return c; } return 'rgb(255,255,255)'; }; \
         const bad = new Set; \
         for (const e of document.querySelectorAll('body *')) { \
         if (e.closest('svg, script') || !e.getClientRects().length || ![...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim())) continue; \
         const [a, b] = [light(getComputedStyle(e).color), light(behind(e))].sort((x, y) => y - x); \
         const ratio = (a + .05) / (b + .05); if (ratio < 4.5) bad.add(`${e.tagName}.${e.className} ${ratio.toFixed(2)}`); } \
         return [...bad].slice(0, 8); })()",
    );
    let list = found.as_array().cloned().unwrap_or_default();
    list.into_iter().map(|fault| format!("contrast: {fault}")).collect()
}

/// What a reader needs: the page's own fonts; for screen readers headings in order, names on pictures and regions, heads of
/// tables.
pub(crate) fn reading(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    demand(
        tab,
        &mut faults,
        "the fonts of the page are read",
        "document.fonts.ready.then(() => document.fonts.size === 2 && [...document.fonts].every((f) => f.status === 'loaded' && f.family.includes('Driftband')))",
    );
    let levels = "[...document.querySelectorAll('h1, h2, h3, h4')].map((h) => Number(h.tagName[1]))";
    demand(
        tab,
        &mut faults,
        "one h1, no level skipped",
        &format!(
            "(() => {{ const v = {levels}; return v[0] === 1 && v.filter((x) => x === 1).length === 1 && v.every((x, i) => !i || x <= v[i - 1] + 1); }})()"
        ),
    );
    demand(
        tab,
        &mut faults,
        "every chart has its words",
        "[...document.querySelectorAll('figure svg, figure img')].every((e) => (e.getAttribute('aria-label') || e.alt || '').length > 20)",
    );
    demand(
        tab,
        &mut faults,
        "every head has a scope",
        "[...document.querySelectorAll('th')].every((e) => e.scope)",
    );
    demand(
        tab,
        &mut faults,
        "every region has a name",
        "[...document.querySelectorAll('[role=region], nav, aside, [role=group]')].every((e) => e.getAttribute('aria-label'))",
    );
    demand(
        tab,
        &mut faults,
        "every anchor leads somewhere",
        "[...document.querySelectorAll('a')].every((a) => document.getElementById(a.hash.slice(1)))",
    );
    faults
}

/// Without scripts the whole text and every chart stands there, and no dead button.
pub(crate) fn without_scripts(tab: &mut Tab<'_>) -> Vec<String> {
    let mut faults = Vec::new();
    demand(
        tab,
        &mut faults,
        "charts",
        "[...document.querySelectorAll('figure.chart svg')].filter((e) => e.getBoundingClientRect().height > 100).length > 4",
    );
    demand(tab, &mut faults, "table", "document.querySelectorAll('#policies tbody tr').length > 2");
    demand(
        tab,
        &mut faults,
        "no button",
        "[...document.querySelectorAll('button')].every((e) => !e.getClientRects().length)",
    );
    faults
}
