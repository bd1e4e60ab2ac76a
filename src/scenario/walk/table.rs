//! The walk through a table: unknown, missing, misplaced and later keys.
use std::ops::Range;
use std::sync::LazyLock;

use serde_json::{Map, Value};
use toml::Spanned;
use toml::de::DeTable;

use super::{Repair, Walker, help, strings, suggest};
use crate::scenario::tree::{Node, join};

/// Where an unknown key stands: the keys known there, the nearest of them, and that again if it is still free.
struct Place<'p> {
    schema: &'static Value,
    properties: &'static Map<String, Value>,
    path: &'p str,
    nearest: Option<&'p str>,
    near: Option<&'p str>,
}

impl Walker {
    /// Checks and lifts every value of a table.
    pub(super) fn table<'t>(
        &mut self,
        schema: &'static Value,
        table: DeTable<'t>,
        span: &Range<usize>,
        path: &str,
    ) -> DeTable<'t> {
        static NOTHING: LazyLock<Map<String, Value>> = LazyLock::new(Map::new);
        let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&NOTHING);
        let each = schema.get("additionalProperties").filter(|each| each.is_object());
        let present: Vec<String> = table.keys().map(|key| key.get_ref().to_string()).collect();
        let has = |name: &str| present.iter().any(|key| key == name);
        if let Some(least) = schema.get("minProperties").and_then(Value::as_u64)
            && (present.len() as u64) < least
        {
            self.found(
                "E006",
                path,
                span.clone(),
                format!("`{path}` is empty"),
                "at least one wanted",
                help(schema),
            );
        }
        let mut meant: Vec<&str> = Vec::new();
        let mut lifted = DeTable::new();
        for (key, value) in table {
            let name = key.get_ref().to_string();
            let below = join(path, &name);
            match properties.get(&name).or(each) {
                Some(known) if is_later(known, &value) => self.unavailable(&below, key.span(), &below),
                Some(known) => {
                    let value = self.value(known, value, &below);
                    lifted.insert(key, value);
                }
                None => {
                    let now = properties.iter().filter(|(_, known)| known.get("x-later").is_none());
                    let nearest = suggest(&name, now.map(|(name, _)| name.as_str()));
                    // an override may mean a key that the file has
                    let near = nearest.filter(|near| !has(near) || key.span().start > self.file);
                    let place = Place { schema, properties, path, nearest, near };
                    self.unknown_key(&place, &key.span(), &name);
                    if let Some(near) = near {
                        meant.push(near);
                        self.poison.add(&join(path, near));
                    }
                    if self.repair == Repair::Keep {
                        lifted.insert(key, value);
                    }
                }
            }
        }
        for required in strings(schema, "required").filter(|name| *name != "kind" && !has(name)) {
            let Some(known) = properties.get(required) else { continue };
            let below = join(path, required);
            if !meant.contains(&required) {
                let title = if path.is_empty() {
                    format!("missing key `{required}`")
                } else {
                    format!("missing key `{required}` in `{path}`")
                };
                let label = format!("`{required}` is required here");
                self.found("E002", &below, span.clone(), title, label, help(known));
            }
            if self.repair == Repair::StandIn {
                let value = self.made_up(known, span.clone(), &below);
                lifted.insert(Spanned::new(span.clone(), required.into()), value);
            }
        }
        lifted
    }

    fn unknown_key(
        &mut self,
        Place { schema, properties, path, nearest, near }: &Place<'_>,
        span: &Range<usize>,
        name: &str,
    ) {
        let place = if path.is_empty() { String::new() } else { format!(" in `{path}`") };
        let misplaced = schema.pointer(&format!("/x-not-here/{}", name.replace(['~', '/'], "_")));
        let advice = if let Some(words) = misplaced.and_then(Value::as_str) {
            words.to_owned()
        } else if let (Some(nearest), None) = (nearest, near) {
            format!("did you mean `{nearest}`? It is given already")
        } else if let Some(home) = self.home_of(name, path).filter(|_| near.is_none()) {
            home
        } else {
            let known = properties.iter().filter(|(_, known)| known.get("x-later").is_none());
            let mut names: Vec<&str> = known.map(|(name, _)| name.as_str()).collect();
            names.sort_unstable();
            if names.is_empty() {
                "no keys are known here".into()
            } else {
                format!("known keys: {}", names.join(", "))
            }
        };
        let title = format!("unknown key `{name}`{place}");
        let problem =
            self.note("E001", &join(path, name), span.clone(), title, "not known here", Some(advice));
        problem.suggestion = near.map(str::to_owned);
    }

    /// Where a key of that name would be known, where that is one place.
    fn home_of(&self, name: &str, path: &str) -> Option<String> {
        let sections = self.root.get("properties")?.as_object()?;
        if !path.is_empty() && sections.contains_key(name) {
            return Some(format!("`{name}` belongs at the top of the file, before the first `[table]`"));
        }
        let homes: Vec<&String> = sections
            .iter()
            .filter(|(section, known)| {
                section.as_str() != path
                    && known.pointer("/properties").is_some_and(|keys| keys.get(name).is_some())
            })
            .map(|(section, _)| section)
            .collect();
        if let [home] = homes.as_slice() { Some(format!("`{name}` is a key of `[{home}]`")) } else { None }
    }
}

/// Whether a later version will know what is written there.
fn is_later(known: &'static Value, value: &Node<'_>) -> bool {
    if known.get("x-later").is_some() {
        return true;
    }
    value.get_ref().as_str().is_some_and(|word| strings(known, "x-later-words").any(|later| later == word))
}
