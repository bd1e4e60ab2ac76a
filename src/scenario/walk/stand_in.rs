//! Values that take the place of faulty ones, so that serde can read the tree and the rest is still checked.
use std::ops::Range;

use serde_json::Value;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::quantity::out_of_range;
use super::{Repair, Walker, admits, families, leaf, strings};
use crate::scenario::tree::{Node, join};

/// Numbers tried in this order until one is in range.
const NUMBERS: [&str; 5] = ["1", "2", "0", "0.5", "-1"];

impl Walker {
    /// The faulty value itself, or what stands in for it.
    pub(super) fn stand_in<'t>(
        &mut self,
        schema: &'static Value,
        faulty: DeValue<'t>,
        span: Range<usize>,
        path: &str,
    ) -> Node<'t> {
        if self.repair == Repair::Keep { Spanned::new(span, faulty) } else { self.made_up(schema, span, path) }
    }

    /// A value the schema accepts, lifted; the path is remembered as made up.
    pub(super) fn made_up(&mut self, schema: &'static Value, span: Range<usize>, path: &str) -> Node<'static> {
        self.poison.add(path);
        let value = self.made_up_value(schema, &span, path);
        Spanned::new(span, value)
    }

    fn made_up_value(&mut self, schema: &'static Value, span: &Range<usize>, path: &str) -> DeValue<'static> {
        let written = schema.get("x-stand-in").and_then(Value::as_str).and_then(|text| DeValue::parse(text).ok());
        if let Some(written) = written {
            let without = self.problems.len();
            let lifted = match families(schema) {
                Some(alternatives) => self.family(schema, alternatives, written, path),
                None => written,
            };
            debug_assert_eq!(self.problems.len(), without, "the stand-in at `{path}` has faults of its own");
            return lifted.into_inner();
        }
        if let Some(first) = families(schema).and_then(|all| all.iter().find(|each| each.get("x-later").is_none())) {
            let kind = first.pointer("/properties/kind/const").and_then(Value::as_str).unwrap_or_default();
            let inner = self.made_up_table(first, span, path);
            let key = Spanned::new(span.clone(), kind.into());
            return DeValue::Table(super::tagged(key, span.clone(), inner));
        }
        if let Some(word) = leaf::words(schema).first() {
            return DeValue::String((*word).into());
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("x-duration") => return DeValue::String("1 step".into()),
            Some("x-symbol" | "x-scenario-name") => return DeValue::String("x".into()),
            _ => {}
        }
        if admits(schema, "number") || admits(schema, "integer") {
            let fits = |text: &&&str| text.parse().is_ok_and(|value: f64| out_of_range(schema, value).is_none());
            let text = NUMBERS.iter().find(fits).copied().unwrap_or("1");
            return DeValue::parse(text).map_or(DeValue::Boolean(false), Spanned::into_inner);
        }
        if admits(schema, "array") {
            let least = schema.get("minItems").and_then(Value::as_u64).unwrap_or(0);
            let items = schema.get("items").filter(|_| least > 0);
            return DeValue::Array(items.map(|each| self.made_up(each, span.clone(), path)).into_iter().collect());
        }
        if admits(schema, "object") {
            return DeValue::Table(self.made_up_table(schema, span, path));
        }
        if admits(schema, "boolean") { DeValue::Boolean(false) } else { DeValue::String("x".into()) }
    }

    /// A table of stand-ins for the keys that must be there.
    fn made_up_table(&mut self, schema: &'static Value, span: &Range<usize>, path: &str) -> DeTable<'static> {
        let mut table = DeTable::new();
        for key in strings(schema, "required").filter(|key| *key != "kind") {
            if let Some(known) = schema.pointer(&format!("/properties/{key}")) {
                let value = self.made_up(known, span.clone(), &join(path, key));
                table.insert(Spanned::new(span.clone(), key.into()), value);
            }
        }
        table
    }
}
