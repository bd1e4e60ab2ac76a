//! Overrides by key path (`--set`, `--unset`): applied to the spanned tree, so that a fault in one is shown in it.
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::load::bare;
use super::problem::Problem;
use super::rewrite;
use super::tree::{Node, name_of, parse_value};
use super::walk::suggest;

/// Changes to a scenario, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Overrides(Vec<Override>);

/// One change.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Override {
    Set { origin: String, key: String, value: String },
    Unset { origin: String, key: String },
}

impl Overrides {
    /// Sets `key` to `value`, which is read as TOML, else as text.
    #[must_use]
    pub fn set(mut self, key: &str, value: &str) -> Self {
        let (key, value) = (key.trim().to_owned(), value.to_owned());
        self.0.push(Override::Set { origin: format!("--set {key}={value}"), key, value });
        self
    }

    /// Sets what a command line wrote as `KEY=VALUE`.
    ///
    /// # Errors
    ///
    /// There is no `=`.
    pub fn set_text(self, text: &str) -> Result<Self, String> {
        match text.split_once('=') {
            Some((key, value)) if !key.trim().is_empty() => Ok(self.set(key, value)),
            _ => Err(format!("`{text}` is not KEY=VALUE")),
        }
    }

    /// Removes `key`.
    #[must_use]
    pub fn unset(mut self, key: &str) -> Self {
        let key = key.trim().to_owned();
        self.0.push(Override::Unset { origin: format!("--unset {key}"), key });
        self
    }

    /// Whether nothing is changed.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Which bytes belong to which override; the file's own come first.
#[derive(Debug, Default)]
pub(super) struct Origins {
    text: usize,
    overrides: Vec<(Range<usize>, String)>,
}

impl Origins {
    fn of(&self, at: usize) -> Option<&(Range<usize>, String)> {
        self.overrides.iter().find(|(bytes, _)| bytes.contains(&at) || bytes.end == at)
    }

    /// Bytes of the file: what stands behind them was written by an override.
    pub(super) fn file(&self) -> usize {
        self.text
    }

    /// Turns the common numbering of bytes into the problem's own text; what lies elsewhere goes into the help.
    pub(super) fn assign(&self, problem: &mut Problem) {
        let home = if problem.span.start > self.text { self.of(problem.span.start) } else { None };
        let offset = home.map_or(0, |(bytes, _)| bytes.start);
        problem.origin = home.map(|(_, origin)| origin.clone());
        problem.span = problem.span.start - offset..problem.span.end.max(problem.span.start) - offset;
        let mut elsewhere = Vec::new();
        let places = std::mem::take(&mut problem.also);
        for (span, label) in places {
            let from = if span.start > self.text { self.of(span.start) } else { None };
            if from.map(|(_, origin)| origin) == problem.origin.as_ref() {
                problem.also.push((span.start - offset..span.end - offset, label));
            } else {
                elsewhere.push(from.map_or_else(
                    || format!("in the file: {label}"),
                    |(_, origin)| format!("`{origin}`: {label}"),
                ));
            }
        }
        if !elsewhere.is_empty() {
            let help = problem.help.take().into_iter().chain(elsewhere);
            problem.help = Some(help.collect::<Vec<_>>().join("; "));
        }
    }
}

/// A tree with the overrides in it.
pub(super) struct Patched<'t> {
    pub(super) tree: Node<'t>,
    pub(super) text_as_run: String,
    pub(super) origins: Origins,
    pub(super) problems: Vec<Problem>,
}

/// Applies the overrides in order.
pub(super) fn patch<'t>(text: &str, mut tree: Node<'t>, overrides: &'t Overrides) -> Patched<'t> {
    let mut origins = Origins { text: text.len(), overrides: Vec::new() };
    let mut problems = Vec::new();
    // one byte apart, so that no place belongs to two texts
    let mut offset = text.len() + 1;
    for change in &overrides.0 {
        let (Override::Set { origin, key, .. } | Override::Unset { origin, key }) = change;
        let at = origin.len().min(origin.find(' ').unwrap_or(0) + 1) + offset;
        let key_span = at..at + key.len();
        let value = match change {
            Override::Set { value, .. } => {
                let from = offset + origin.len() - value.len();
                Some(value_of(value, from))
            }
            Override::Unset { .. } => None,
        };
        if let Err(fault) = apply(&mut tree, &parts(key, at), value) {
            let title = format!("`{key}`: {}", fault.what);
            let mut problem = Problem { span: key_span, label: "no such key".into(), ..bare("E012", title) };
            problem.help = fault.near.map(|near| format!("did you mean `{near}`?"));
            problems.push(problem);
        }
        origins.overrides.push((offset..offset + origin.len(), origin.clone()));
        offset += origin.len() + 1;
    }
    let text_as_run = if overrides.is_empty() { text.to_owned() } else { rewrite::text(text, &tree) };
    Patched { tree, text_as_run, origins, problems }
}

/// A part of a key and where it stands.
type Part<'t> = (&'t str, Range<usize>);

/// The parts of a dotted key that begins at byte `at`.
fn parts(key: &str, at: usize) -> Vec<Part<'_>> {
    let mut from = at;
    let part = |part| {
        let span = from..from + str::len(part);
        from = span.end + 1;
        (part.trim().trim_matches('"'), span)
    };
    key.split('.').map(part).collect()
}

/// TOML where it is a value; a bare date and all else is text.
fn value_of(text: &str, offset: usize) -> Node<'_> {
    match parse_value(text, offset) {
        Some(value) if !value.get_ref().is_datetime() => value,
        _ => {
            let trimmed = text.trim();
            let from = offset + (text.len() - text.trim_start().len());
            Spanned::new(from..from + trimmed.len(), DeValue::String(trimmed.into()))
        }
    }
}

/// Why a key names nothing.
struct NoKey {
    what: String,
    near: Option<String>,
}

fn apply<'t>(node: &mut Node<'t>, parts: &[Part<'t>], value: Option<Node<'t>>) -> Result<(), NoKey> {
    let Some(((first, span), rest)) = parts.split_first() else {
        return Err(NoKey { what: "no key".into(), near: None });
    };
    match node.get_mut() {
        DeValue::Array(items) => {
            let index = first.parse::<usize>().ok().filter(|index| *index < items.len());
            let index = index.or_else(|| items.iter().position(|item| name_of(item) == Some(*first)));
            let Some(index) = index else {
                let names: Vec<&str> = items.iter().filter_map(name_of).collect();
                let near = suggest(first, names.iter().copied()).map(str::to_owned);
                let listed = if names.is_empty() {
                    format!("indices 0 to {}", items.len().saturating_sub(1))
                } else {
                    names.join(", ")
                };
                return Err(NoKey { what: format!("no entry `{first}`; there are {listed}"), near });
            };
            match (rest.is_empty(), value) {
                (true, None) => {
                    let kept = std::mem::replace(items, DeArray::new())
                        .into_iter()
                        .enumerate()
                        .filter(|(at, _)| *at != index);
                    *items = kept.map(|(_, item)| item).collect();
                    Ok(())
                }
                (true, Some(value)) => {
                    if let Some(item) = items.get_mut(index) {
                        *item = value;
                    }
                    Ok(())
                }
                (false, value) => items.get_mut(index).map_or(Ok(()), |item| apply(item, rest, value)),
            }
        }
        DeValue::Table(table) => match (rest.is_empty(), value) {
            (true, None) => match table.remove(*first) {
                Some(_) => Ok(()),
                None => Err(missing(table, first)),
            },
            (true, Some(value)) => {
                let key = table
                    .remove_entry(*first)
                    .map_or_else(|| Spanned::new(span.clone(), (*first).into()), |(key, _)| key);
                table.insert(key, value);
                Ok(())
            }
            (false, None) if !table.contains_key(*first) => Err(missing(table, first)),
            (false, value) => {
                let below = table.entry(Spanned::new(span.clone(), (*first).into()));
                let below =
                    below.or_insert_with(|| Spanned::new(span.clone(), DeValue::Table(DeTable::new())));
                apply(below, rest, value)
            }
        },
        // a value in the way of a table: the walk would not see it
        _ => Err(NoKey { what: format!("there is a plain value above `{first}`"), near: None }),
    }
}

fn missing(table: &DeTable<'_>, key: &str) -> NoKey {
    let near = suggest(key, table.keys().map(|key| key.get_ref().as_ref())).map(str::to_owned);
    NoKey { what: format!("`{key}` is not in the scenario"), near }
}
