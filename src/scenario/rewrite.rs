//! The text as run: overrides spliced into what the user wrote where that is possible, else written anew.
use std::ops::Range;

use toml::de::{DeTable, DeValue};

use super::tree::{self, Node};

/// TOML text of the patched tree; comments and order are kept where every change is to a single value.
pub(super) fn text(written: &str, patched: &Node<'_>) -> String {
    let (original, _) = tree::parse(written);
    let wanted = plain(patched);
    let mut edits = Vec::new();
    if edit(written, &original, patched, &mut edits).is_some() {
        edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
        let mut spliced = written.to_owned();
        for (span, new) in edits {
            if spliced.is_char_boundary(span.start) && spliced.is_char_boundary(span.end) {
                spliced.replace_range(span, &new);
            }
        }
        let (again, errors) = tree::parse(&spliced);
        if errors.is_empty() && plain(&again) == wanted {
            return spliced;
        }
    }
    match wanted {
        toml::Value::Table(table) => toml::to_string(&table).unwrap_or_else(|_| written.to_owned()),
        other => other.to_string(),
    }
}

/// The edits that turn one tree into the other; `None` where it takes more than setting and removing values.
fn edit(text: &str, old: &Node<'_>, new: &Node<'_>, edits: &mut Vec<(Range<usize>, String)>) -> Option<()> {
    match (old.get_ref(), new.get_ref()) {
        (DeValue::Table(old_table), DeValue::Table(new_table)) if new.span() == old.span() => {
            edit_table(text, &old.span(), old_table, new_table, edits)
        }
        (DeValue::Array(old_items), DeValue::Array(new_items))
            if new.span() == old.span() && old_items.len() == new_items.len() =>
        {
            old_items.iter().zip(new_items.iter()).try_for_each(|(old, new)| edit(text, old, new, edits))
        }
        _ if plain(old) == plain(new) => Some(()),
        // a table under a header spans its header only
        _ if text.get(old.span())?.starts_with("[[") => None,
        (DeValue::Table(_), _) if !text.get(old.span())?.starts_with('{') => None,
        _ => {
            edits.push((old.span(), plain(new).to_string()));
            Some(())
        }
    }
}

fn edit_table(
    text: &str,
    span: &Range<usize>,
    old: &DeTable<'_>,
    new: &DeTable<'_>,
    edits: &mut Vec<(Range<usize>, String)>,
) -> Option<()> {
    let written = text.get(span.clone())?;
    for (key, value) in old {
        match new.get(key.get_ref().as_ref()) {
            Some(new) => edit(text, value, new, edits)?,
            None if written.starts_with('{') || value.get_ref().is_table() => return None,
            None => {
                let rest = text.get(value.span().end..)?;
                let end = rest.find('\n').map_or(text.len(), |at| value.span().end + at + 1);
                edits.push((key.span().start..end, String::new()));
            }
        }
    }
    for (key, value) in new.iter().filter(|(key, _)| !old.contains_key(key.get_ref().as_ref())) {
        let line = format!("{} = {}", key.get_ref(), plain(value));
        let (at, line) = if written.starts_with('{') {
            let comma = if old.is_empty() { " " } else { "," };
            (span.start + 1, format!(" {line}{comma}"))
        } else if written.starts_with('[') {
            let rest = text.get(span.end..)?;
            (rest.find('\n').map(|at| span.end + at + 1)?, format!("{line}\n"))
        } else {
            (0, format!("{line}\n"))
        };
        edits.push((at..at, line));
    }
    Some(())
}

/// A value as it would stand on one line.
pub(super) fn inline(node: &Node<'_>) -> String {
    plain(node).to_string()
}

/// The value without its places.
pub(super) fn plain(node: &Node<'_>) -> toml::Value {
    match node.get_ref() {
        DeValue::String(text) => toml::Value::String(text.to_string()),
        DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
            .map_or_else(|_| toml::Value::String(number.to_string()), toml::Value::Integer),
        DeValue::Float(number) => toml::Value::Float(number.as_str().parse().unwrap_or(f64::NAN)),
        DeValue::Boolean(truth) => toml::Value::Boolean(*truth),
        DeValue::Datetime(time) => toml::Value::Datetime(*time),
        DeValue::Array(items) => toml::Value::Array(items.iter().map(plain).collect()),
        DeValue::Table(table) => toml::Value::Table(
            table.iter().map(|(key, value)| (key.get_ref().to_string(), plain(value))).collect(),
        ),
    }
}
