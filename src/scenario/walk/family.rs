//! The walk through a table that says its `kind`, and the lifting of that kind.
use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Repair, Walker, help, suggest, tagged};
use crate::scenario::tree::{Node, join};

impl Walker {
    /// Picks the alternative that `kind` names, checks the table against it and lifts the kind outside.
    pub(super) fn family<'t>(
        &mut self,
        schema: &'static Value,
        alternatives: &'static [Value],
        node: Node<'t>,
        path: &str,
    ) -> Node<'t> {
        let span = node.span();
        let mut table = match node.into_inner() {
            DeValue::Table(table) => table,
            other => {
                let label = format!("expected a table with `kind`, found {}", super::leaf::kind_of(&other));
                self.found("E003", path, span.clone(), format!("`{path}` has the wrong type"), label, help(schema));
                return self.stand_in(schema, other, span, path);
            }
        };
        let kinds: Vec<&'static str> = names(alternatives, |alternative| alternative.get("x-later").is_none());
        let Some((key, kind)) = table.remove_entry("kind") else {
            let title = format!("`{path}` does not say its `kind`");
            let advice = format!("one of: {}", kinds.join(", "));
            self.found("E002", path, span.clone(), title, "`kind` is required here", Some(advice));
            return self.without_kind(schema, "", table, span, path);
        };
        let at = kind.span();
        let below = join(path, "kind");
        let Some(word) = kind.get_ref().as_str().map(str::to_owned) else {
            let label = format!("expected text, found {}", super::leaf::kind_of(kind.get_ref()));
            let advice = format!("one of: {}", kinds.join(", "));
            self.found("E003", &below, at, format!("`{below}` has the wrong type"), label, Some(advice));
            self.poison.add(path);
            return self.without_kind(schema, "", table, span, path);
        };
        let chosen = alternatives.iter().find(|alternative| name(alternative) == Some(&word));
        match chosen {
            Some(alternative) if alternative.get("x-later").is_some() => {
                self.unavailable(path, at, &word);
                let into = schema.get("x-into");
                self.common_of(into, alternative, &mut table, path);
                if self.repair == Repair::Keep {
                    table = DeTable::new();
                }
                self.without_kind(schema, &word, table, span, path)
            }
            Some(alternative) => {
                let inner = self.table(alternative, table, &span, path);
                let key = Spanned::new(key.span(), word.into());
                Spanned::new(span.clone(), DeValue::Table(lift(schema.get("x-into"), key, span, inner)))
            }
            None => {
                let near = suggest(&word, kinds.iter().copied());
                let advice = format!("one of: {}", kinds.join(", "));
                let title = format!("unknown kind `{word}`");
                let problem = self.found("E004", &below, at, title, "not a known kind", Some(advice));
                problem.suggestion = near.map(|near| format!("\"{near}\""));
                self.poison.add(path);
                // the rest of the table is checked as if the near kind stood there
                let guess = near.and_then(|near| alternatives.iter().find(|each| name(each) == Some(near)));
                if let (Some(guess), Repair::StandIn) = (guess, self.repair) {
                    self.table(guess, table, &span, path);
                    return self.made_up(schema, span, path);
                }
                self.without_kind(schema, &word, table, span, path)
            }
        }
    }

    /// The keys every entry has are checked even where its rule is of a later version.
    fn common_of<'t>(
        &mut self,
        into: Option<&'static Value>,
        alternative: &'static Value,
        table: &mut DeTable<'t>,
        path: &str,
    ) {
        for key in into.and_then(|into| into.get("common")?.as_array()).into_iter().flatten().filter_map(Value::as_str) {
            let known = alternative.pointer(&format!("/properties/{key}"));
            if let (Some(known), Some((key, value))) = (known, table.remove_entry(key)) {
                let below = join(path, key.get_ref());
                let value = self.value(known, value, &below);
                table.insert(key, value);
            }
        }
    }

    /// A table without a usable kind: a stand-in, or one that serde must refuse.
    fn without_kind<'t>(
        &mut self,
        schema: &'static Value,
        word: &str,
        table: DeTable<'t>,
        span: std::ops::Range<usize>,
        path: &str,
    ) -> Node<'t> {
        if self.repair == Repair::StandIn {
            return self.made_up(schema, span, path);
        }
        let key = Spanned::new(span.clone(), word.to_owned().into());
        let lifted = lift(schema.get("x-into"), key, span.clone(), table);
        Spanned::new(span, DeValue::Table(lifted))
    }
}

/// `{ key = inner }`; or, where common keys stand beside a rule, these and `{ field = { key = rest } }`.
fn lift<'t>(
    into: Option<&'static Value>,
    key: Spanned<std::borrow::Cow<'t, str>>,
    span: std::ops::Range<usize>,
    mut inner: DeTable<'t>,
) -> DeTable<'t> {
    let Some(field) = into.and_then(|into| into.get("field")?.as_str()) else { return tagged(key, span, inner) };
    let mut outer = DeTable::new();
    for common in into.and_then(|into| into.get("common")?.as_array()).into_iter().flatten().filter_map(Value::as_str) {
        if let Some((name, value)) = inner.remove_entry(common) {
            outer.insert(name, value);
        }
    }
    let rule = DeValue::Table(tagged(key, span.clone(), inner));
    outer.insert(Spanned::new(span.clone(), field.into()), Spanned::new(span, rule));
    outer
}

fn name(alternative: &'static Value) -> Option<&'static str> {
    alternative.pointer("/properties/kind/const").and_then(Value::as_str)
}

fn names(alternatives: &'static [Value], wanted: impl Fn(&Value) -> bool) -> Vec<&'static str> {
    alternatives.iter().filter(|each| wanted(each)).filter_map(name).collect()
}
