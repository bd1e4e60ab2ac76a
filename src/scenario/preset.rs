//! `process = { preset = "…" }`: the table that a preset stands for, under the keys that are written beside it; and
//! `correlation = { preset = "…" }`: the matrix of the scenario's assets.
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::load::bare;
use super::problem::Problem;
use super::tree::{Node, parse_value};
use super::walk::suggest;
use crate::market::correlation_presets::{CORRELATIONS, CorrelationPreset};
use crate::market::price::presets::PRESETS;

/// Puts the parameters of presets into the processes that name one; a key that stands there already wins.
///
/// What they bring has the place of the word that brought it, so that a fault is shown there.
pub(super) fn expand(tree: &mut Node<'_>) -> Vec<Problem> {
    let mut problems = correlate(tree);
    let Some(assets) = table_of(tree).and_then(|root| root.get_mut("assets")) else { return problems };
    let DeValue::Array(assets) = assets.get_mut() else { return problems };
    for (index, asset) in assets.iter_mut().enumerate() {
        if let Some(process) = table_of(asset).and_then(|table| table.get_mut("process")) {
            problems.extend(fill(process, &format!("assets.{index}.process")));
        }
    }
    problems
}

fn table_of<'n, 't>(node: &'n mut Node<'t>) -> Option<&'n mut DeTable<'t>> {
    match node.get_mut() {
        DeValue::Table(table) => Some(table),
        _ => None,
    }
}

fn fill(process: &mut Node<'_>, path: &str) -> Option<Problem> {
    let table = table_of(process)?;
    let (_, word) = table.remove_entry("preset")?;
    let at = word.span();
    let names = || PRESETS.iter().map(|preset| preset.name);
    let known = word.get_ref().as_str().and_then(|name| PRESETS.iter().find(|preset| preset.name == name));
    let problem = |code, title: String, label: &str| {
        let mut problem = Problem { span: at.clone(), label: label.into(), ..bare(code, title) };
        problem.path = format!("{path}.preset");
        problem
    };
    let Some(preset) = known else {
        let mut problem = match word.get_ref().as_str() {
            Some(name) => {
                let mut problem = problem("E004", format!("unknown preset `{name}`"), "not a known preset");
                problem.suggestion = suggest(name, names()).map(|near| format!("\"{near}\""));
                problem
            }
            None => problem("E003", format!("`{path}.preset` has the wrong type"), "expected text"),
        };
        problem.help = Some(format!("one of: {}", names().collect::<Vec<_>>().join(", ")));
        // the rest of the table is looked at as if it named the first
        merge(table, PRESETS.first()?.table, &at);
        return Some(problem);
    };
    let brings = parse_value(preset.table, 0)?;
    let kind = brings.get_ref().as_table()?.get("kind")?.get_ref().as_str()?.to_owned();
    let other = table.get("kind").and_then(|own| own.get_ref().as_str()).filter(|own| *own != kind);
    if let Some(other) = other {
        let title = format!("`{path}.preset`: \"{}\" is a `{kind}`, not a `{other}`", preset.name);
        let mut problem = problem("E009", title, "a preset brings its own kind");
        problem.help = Some("leave `kind` out, or give every parameter yourself".into());
        // the rest of the table is looked at as the preset's
        table.remove("kind");
        merge(table, preset.table, &at);
        return Some(problem);
    }
    merge(table, preset.table, &at);
    None
}

/// The keys of an inline table that another lacks.
fn merge(table: &mut DeTable<'_>, text: &'static str, at: &std::ops::Range<usize>) {
    let Some(brings) = parse_value(text, 0).map(|node| placed(node, at)) else { return };
    let DeValue::Table(brings) = brings.into_inner() else { return };
    for (key, value) in brings {
        if !table.contains_key(key.get_ref().as_ref()) {
            table.insert(key, value);
        }
    }
}

/// The same value, everything in it at one place of the scenario.
fn placed<'t>(node: Node<'t>, at: &std::ops::Range<usize>) -> Node<'t> {
    let value = match node.into_inner() {
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| placed(item, at)).collect()),
        DeValue::Table(table) => {
            let entries = table
                .into_iter()
                .map(|(key, value)| (Spanned::new(at.clone(), key.into_inner()), placed(value, at)));
            DeValue::Table(entries.collect())
        }
        plain => plain,
    };
    Spanned::new(at.clone(), value)
}

/// Puts the matrix of the scenario's assets in the place of a preset of correlations.
///
/// What the preset does not know is taken as independent, so that the rest can be checked.
fn correlate(tree: &mut Node<'_>) -> Vec<Problem> {
    let Some(root) = table_of(tree) else { return Vec::new() };
    let symbols = symbols(root);
    let Some(matrix) =
        root.get_mut("market").and_then(table_of).and_then(|market| market.get_mut("correlation"))
    else {
        return Vec::new();
    };
    let at = matrix.span();
    let Some(table) = table_of(matrix) else { return Vec::new() };
    let (preset, problems) = known(table, &symbols, &at);
    let cell = |i: usize, j: usize| {
        let pair = symbols[i].as_deref().zip(symbols[j].as_deref());
        let measured = preset.zip(pair).and_then(|(preset, (one, other))| preset.of(one, other));
        let independent = if i == j { "1.0" } else { "0.0" };
        parse_value(measured.filter(|_| i != j).unwrap_or(independent), 0)
    };
    let row = |i: usize| (0..symbols.len()).filter_map(|j| cell(i, j)).collect::<DeArray<'_>>();
    let rows = (0..symbols.len()).map(|i| Spanned::new(at.clone(), DeValue::Array(row(i)))).collect();
    *matrix = placed(Spanned::new(at.clone(), DeValue::Array(rows)), &at);
    problems
}

/// The preset of correlations that a table names, and what is wrong with the table.
fn known(
    table: &DeTable<'_>,
    symbols: &[Option<String>],
    at: &std::ops::Range<usize>,
) -> (Option<&'static CorrelationPreset>, Vec<Problem>) {
    let fault = |code, title: String, label: &str, span: std::ops::Range<usize>| Problem {
        path: "market.correlation".into(),
        span,
        label: label.into(),
        ..bare(code, title)
    };
    let mut problems: Vec<Problem> = table
        .keys()
        .filter(|key| key.get_ref() != "preset")
        .map(|key| {
            let title = format!("unknown key `{}` in `market.correlation`", key.get_ref());
            fault("E001", title, "a preset of correlations takes no other key", key.span())
        })
        .collect();
    let names = || CORRELATIONS.iter().map(|preset| preset.name);
    let Some(word) = table.get("preset") else {
        let title = "`market.correlation` has the wrong type".to_owned();
        problems.push(fault("E003", title, "expected a matrix, or { preset = \"…\" }", at.clone()));
        return (None, problems);
    };
    let named = word.get_ref().as_str();
    let preset = named.and_then(|name| CORRELATIONS.iter().find(|preset| preset.name == name));
    let Some(preset) = preset else {
        let (code, title, label) = match named {
            Some(name) => ("E004", format!("unknown preset `{name}`"), "not a known preset"),
            None => ("E003", "`market.correlation.preset` has the wrong type".to_owned(), "expected text"),
        };
        problems.push(Problem {
            suggestion: named.and_then(|name| suggest(name, names())).map(|near| format!("\"{near}\"")),
            help: Some(format!("one of: {}", names().collect::<Vec<_>>().join(", "))),
            ..fault(code, title, label, word.span())
        });
        return (None, problems);
    };
    for symbol in symbols.iter().flatten().filter(|symbol| preset.of(symbol, symbol).is_none()) {
        let title = format!("`market.correlation.preset`: \"{}\" does not know `{symbol}`", preset.name);
        problems.push(Problem {
            help: Some(format!("it knows {}; for others give the whole matrix", preset.symbols.join(", "))),
            ..fault("E008", title, "no correlation of this asset", word.span())
        });
    }
    (Some(preset), problems)
}

/// Symbol of every asset, where it has one.
fn symbols(root: &DeTable<'_>) -> Vec<Option<String>> {
    let Some(assets) = root.get("assets").and_then(|assets| assets.get_ref().as_array()) else {
        return Vec::new();
    };
    let symbol =
        |asset: &Node<'_>| Some(asset.get_ref().as_table()?.get("symbol")?.get_ref().as_str()?.to_owned());
    assets.iter().map(symbol).collect()
}
