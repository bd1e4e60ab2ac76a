//! The one structural check: a walk over the spanned tree against the schema, that finds every unknown and missing
//! key, wrong type, unknown word, unreadable quantity and number out of range in one go.
//!
//! It also lifts: `{ kind = "gbm", drift = 0 }` becomes `{ gbm = { drift = 0 } }`, the form serde reads without losing
//! places. A faulty value is replaced by a stand-in that serde accepts and remembered as such, so that everything
//! else can still be checked.
use std::collections::BTreeSet;
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Problem, Severity};
use super::tree::{Node, join};

mod family;
mod leaf;
mod quantity;
mod stand_in;
mod table;

/// What happens to a faulty value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repair {
    /// It is replaced, and what depends on it is not checked.
    StandIn,
    /// It stays: serde must then refuse it (a test holds the two together).
    Keep,
}

/// Paths whose values are stand-ins: nothing that depends on them is worth saying.
#[derive(Debug, Clone, Default)]
pub(super) struct Poison(BTreeSet<String>);

impl Poison {
    /// Whether the value at `path`, one above it or one below it is a stand-in.
    pub(super) fn touches(&self, path: &str) -> bool {
        let above = path.match_indices('.').map(|(at, _)| &path[..at]).chain([path]);
        let below = format!("{path}.");
        above.into_iter().any(|prefix| self.0.contains(prefix))
            || self.0.contains("")
            || self.0.range(below.clone()..).next().is_some_and(|next| next.starts_with(&below))
    }
    fn add(&mut self, path: &str) {
        self.0.insert(path.to_owned());
    }
}

/// The lifted tree, the faults found and the paths that hold stand-ins.
#[derive(Debug)]
pub(super) struct Walked<'t> {
    pub(super) tree: Node<'t>,
    pub(super) problems: Vec<Problem>,
    pub(super) poison: Poison,
}

/// Walks the whole tree; from byte `file` on it was written by overrides.
pub(super) fn walk<'t>(schema: &'static Value, root: Node<'t>, file: usize, repair: Repair) -> Walked<'t> {
    let mut walker = Walker { root: schema, file, repair, problems: Vec::new(), poison: Poison::default() };
    let tree = walker.value(schema, root, "");
    Walked { tree, problems: walker.problems, poison: walker.poison }
}

struct Walker {
    root: &'static Value,
    file: usize,
    repair: Repair,
    problems: Vec<Problem>,
    poison: Poison,
}

impl Walker {
    fn value<'t>(&mut self, schema: &'static Value, node: Node<'t>, path: &str) -> Node<'t> {
        if schema.get("x-any").is_some() {
            return self.anything(schema, node, path);
        }
        if let Some(plain) = by_symbol(schema, &node) {
            return self.value(plain, node, path);
        }
        let by_kind = match node.get_ref().as_table() {
            // a table by symbol may stand in place of one with `kind`
            Some(table) if schema.get("x-by-symbol").is_some() && !table.contains_key("kind") => None,
            Some(_) => tables_by_kind(schema),
            None => families(schema),
        };
        if let Some(alternatives) = by_kind {
            return self.family(schema, alternatives, node, path);
        }
        let span = node.span();
        match node.get_ref() {
            DeValue::Table(_) if admits(schema, "object") => match node.into_inner() {
                DeValue::Table(table) => {
                    let table = self.table(schema, table, &span, path);
                    Spanned::new(span, DeValue::Table(table))
                }
                other => Spanned::new(span, other),
            },
            DeValue::Array(_) if admits(schema, "array") => match node.into_inner() {
                DeValue::Array(items) => self.array(schema, items, span, path),
                other => Spanned::new(span, other),
            },
            _ => self.leaf(schema, node, path),
        }
    }

    /// A value of any kind, but for whole numbers that TOML does not hold.
    fn anything<'t>(&mut self, schema: &'static Value, node: Node<'t>, path: &str) -> Node<'t> {
        let Some(span) = too_large(&node) else { return node };
        let label = "beyond 64 bits with a sign".to_owned();
        self.found("E006", path, span, format!("`{path}` holds a number that is too large"), label, None);
        let span = node.span();
        self.stand_in(schema, node.into_inner(), span, path)
    }

    fn array<'t>(
        &mut self,
        schema: &'static Value,
        items: toml::de::DeArray<'t>,
        span: Range<usize>,
        path: &str,
    ) -> Node<'t> {
        let count = items.len() as u64;
        let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
        let most = schema.get("maxItems").and_then(Value::as_u64).unwrap_or(u64::MAX);
        if count < least || count > most {
            let label = if count < least {
                format!("at least {least} wanted")
            } else {
                format!("{count} entries, at most {most}")
            };
            self.found(
                "E006",
                path,
                span.clone(),
                format!("`{path}` has {count} entries"),
                label,
                help(schema),
            );
            if count > most {
                return self.stand_in(schema, DeValue::Array(items), span, path);
            }
            if self.repair == Repair::StandIn {
                return self.stand_in(schema, DeValue::Array(items), span, path);
            }
        }
        let Some(each) = schema.get("items") else { return Spanned::new(span, DeValue::Array(items)) };
        let items = items
            .into_iter()
            .enumerate()
            .map(|(index, item)| self.value(each, item, &join(path, &index.to_string())));
        let items = items.collect();
        Spanned::new(span, DeValue::Array(items))
    }

    /// Notes a fault of the value at `path`; nothing that depends on it is looked at further.
    fn found(
        &mut self,
        code: &'static str,
        path: &str,
        span: Range<usize>,
        title: String,
        label: impl Into<String>,
        help: Option<String>,
    ) -> &mut Problem {
        self.poison.add(path);
        self.note(code, path, span, title, label, help)
    }

    /// Notes a fault that leaves the value at `path` readable.
    fn note(
        &mut self,
        code: &'static str,
        path: &str,
        span: Range<usize>,
        title: String,
        label: impl Into<String>,
        help: Option<String>,
    ) -> &mut Problem {
        let at = self.problems.len();
        self.problems.push(Problem {
            code,
            path: path.to_owned(),
            title,
            label: label.into(),
            span,
            origin: None,
            also: Vec::new(),
            help,
            suggestion: None,
            severity: Severity::Error,
            unavailable: false,
        });
        &mut self.problems[at]
    }

    fn unavailable(&mut self, path: &str, span: Range<usize>, what: &str) {
        let title = format!("`{what}` is not available in this version");
        let problem = self.found("E010", path, span, title, "known, but a later version will run it", None);
        problem.unavailable = true;
    }
}

/// The alternatives of a family of tables told apart by `kind`.
fn families(schema: &'static Value) -> Option<&'static Vec<Value>> {
    let alternatives = schema.get("oneOf")?.as_array()?;
    alternatives.first()?.pointer("/properties/kind/const").map(|_| alternatives)
}

/// The same, where text or a list may stand in place of the table.
fn tables_by_kind(schema: &'static Value) -> Option<&'static Vec<Value>> {
    let alternatives = schema.get("oneOf")?.as_array()?;
    alternatives.last()?.pointer("/properties/kind/const").map(|_| alternatives)
}

/// What a table by symbol must be, where a table with `kind` may stand in its place and does not.
fn by_symbol(schema: &'static Value, node: &Node<'_>) -> Option<&'static Value> {
    let table = node.get_ref().as_table().filter(|table| !table.contains_key("kind"))?;
    schema.get("x-by-symbol").filter(|_| !table.is_empty())?;
    let alternatives = schema.get("oneOf")?.as_array()?;
    alternatives
        .iter()
        .find(|alternative| alternative.get("additionalProperties").is_some_and(Value::is_object))
}

/// Where a whole number stands that no TOML value holds.
fn too_large(node: &Node<'_>) -> Option<Range<usize>> {
    match node.get_ref() {
        DeValue::Integer(number) => {
            let fits = i64::from_str_radix(number.as_str(), number.radix()).is_ok();
            (!fits).then(|| node.span())
        }
        DeValue::Array(items) => items.iter().find_map(too_large),
        DeValue::Table(table) => table.values().find_map(too_large),
        _ => None,
    }
}

/// Whether a value of that JSON type may stand there.
fn admits(schema: &Value, name: &str) -> bool {
    match schema.get("type") {
        Some(Value::String(single)) => single == name,
        Some(Value::Array(types)) => types.iter().any(|each| each == name),
        _ => false,
    }
}

/// What the schema says of a key, as help.
fn help(schema: &Value) -> Option<String> {
    schema.get("description").and_then(Value::as_str).map(|text| text.replace('\n', " "))
}

/// The strings of a list in the schema.
fn strings(schema: &'static Value, key: &str) -> impl Iterator<Item = &'static str> {
    schema.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

/// The candidate nearest to what was written, where one is near.
pub(crate) fn suggest<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> Option<&'c str> {
    let lower = written.to_lowercase();
    candidates
        .into_iter()
        .map(|candidate| (strsim::damerau_levenshtein(&lower, &candidate.to_lowercase()), candidate))
        .map(|(distance, candidate)| {
            // "perp" means "perpetual"
            let begun = lower.len() >= 3 && candidate.to_lowercase().starts_with(&lower);
            (if begun { distance.min(1) } else { distance }, candidate)
        })
        .filter(|(distance, candidate)| *distance <= 1 + candidate.len().min(written.len().max(2)) / 4)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// A table of one key.
fn tagged<'t>(
    tag: Spanned<std::borrow::Cow<'t, str>>,
    span: Range<usize>,
    inner: DeTable<'t>,
) -> DeTable<'t> {
    let mut outer = DeTable::new();
    outer.insert(tag, Spanned::new(span, DeValue::Table(inner)));
    outer
}
