//! `process = { preset = "…" }`: the table that a preset stands for, under the keys that are written beside it.
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::load::bare;
use super::problem::Problem;
use super::tree::{Node, parse_value};
use super::walk::suggest;
use crate::market::price::presets::PRESETS;

/// Puts the parameters of presets into the processes that name one; a key that stands there already wins.
///
/// What they bring has the place of the word that brought it, so that a fault is shown there.
pub(super) fn expand(tree: &mut Node<'_>) -> Vec<Problem> {
    let mut problems = Vec::new();
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
