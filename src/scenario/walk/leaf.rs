//! The walk's check of a single value: type, words, names; numbers and quantities are next door.
use serde_json::Value;
use toml::de::DeValue;

use super::{Walker, admits, help, strings, suggest};
use crate::scenario::tree::Node;

impl Walker {
    /// Checks a value that is no table or list, or that should be none.
    pub(super) fn leaf<'t>(&mut self, schema: &'static Value, node: Node<'t>, path: &str) -> Node<'t> {
        let before = self.problems.len();
        match node.get_ref() {
            DeValue::String(text) if admits_text(schema) => self.text(schema, text, &node, path),
            DeValue::Integer(_) if admits(schema, "number") || admits(schema, "integer") => {
                self.number(schema, &node, path);
            }
            DeValue::Float(_) if admits(schema, "number") => self.number(schema, &node, path),
            DeValue::Boolean(_) if admits(schema, "boolean") => {}
            other => self.wrong_type(schema, other, &node, path),
        }
        if self.problems.len() == before {
            return node;
        }
        let span = node.span();
        self.stand_in(schema, node.into_inner(), span, path)
    }

    fn text(&mut self, schema: &'static Value, text: &str, node: &Node<'_>, path: &str) {
        let words = words(schema);
        if !words.is_empty() {
            if !words.contains(&text) {
                let near = suggest(text, words.iter().copied());
                let title = format!("`{path}`: unknown word `{text}`");
                let advice = format!("one of: {}", words.join(", "));
                let problem = self.found("E004", path, node.span(), title, "not known here", Some(advice));
                problem.suggestion = near.map(|near| format!("\"{near}\""));
            }
            return;
        }
        match schema.get("format").and_then(Value::as_str) {
            Some("x-duration") => self.duration(schema, text, node, path),
            Some("x-fraction") => self.fraction(schema, text, node, path),
            Some("x-symbol") if !is_symbol(text) => {
                let advice = "a name is a letter, then letters, digits, `_` and `-`".to_owned();
                self.bad_name(text, node, path, advice);
            }
            Some("x-scenario-name") if !is_scenario_name(text) => {
                let advice = "lower-case letters, digits and `-`, at most 64: it names a folder".to_owned();
                self.bad_name(text, node, path, advice);
            }
            _ => {}
        }
    }

    fn bad_name(&mut self, text: &str, node: &Node<'_>, path: &str, advice: String) {
        let title = format!("`{path}`: {text:?} is not a name");
        self.found("E008", path, node.span(), title, "not usable as a name", Some(advice));
    }

    fn wrong_type(&mut self, schema: &'static Value, found: &DeValue<'_>, node: &Node<'_>, path: &str) {
        let duration = schema.get("format").is_some_and(|format| format == "x-duration");
        let (label, advice) = match found {
            DeValue::Integer(_) | DeValue::Float(_) if duration => {
                let number = match found {
                    DeValue::Integer(number) => number.to_string(),
                    DeValue::Float(number) => number.as_str().to_owned(),
                    _ => String::new(),
                };
                let advice = format!("write the unit: \"{number}s\", \"{number}h\" or \"{number} steps\"");
                ("a number without a unit is no duration".to_owned(), Some(advice))
            }
            DeValue::String(text)
                if number_like(text) && (admits(schema, "number") || admits(schema, "integer")) =>
            {
                (expected(schema, found), Some("write the number without quotes".to_owned()))
            }
            DeValue::Float(_) if admits(schema, "integer") => (expected(schema, found), help(schema)),
            DeValue::Datetime(_) => (expected(schema, found), Some("put it in quotes".to_owned())),
            _ => (expected(schema, found), help(schema)),
        };
        let name = if path.is_empty() { "the scenario".to_owned() } else { format!("`{path}`") };
        self.found("E003", path, node.span(), format!("{name} has the wrong type"), label, advice);
    }
}

fn expected(schema: &'static Value, found: &DeValue<'_>) -> String {
    let words = words(schema);
    let wanted = match schema.get("format").and_then(Value::as_str) {
        Some("x-duration") => "a duration such as \"1h\"".to_owned(),
        _ if admits(schema, "object") && !words.is_empty() => {
            format!("a table or \"{}\"", words.join("\" or \""))
        }
        _ if !words.is_empty() => format!("one of \"{}\"", words.join("\", \"")),
        Some("x-fraction") if schema.get("x-by-symbol").is_none() && admits(schema, "object") => {
            "a number, text with bps or %, or { absolute = … }".to_owned()
        }
        Some("x-fraction") if admits(schema, "object") => {
            "a number, text with bps or %, or a table by symbol".to_owned()
        }
        Some("x-fraction") => "a number, or text with bps or %".to_owned(),
        _ if schema.get("x-by-symbol").is_some() => "a number or a table by symbol".to_owned(),
        _ => {
            let types = match schema.get("type") {
                Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
                Some(Value::String(single)) => vec![single.as_str()],
                _ => Vec::new(),
            };
            let in_words = |name: &str| match name {
                "object" => "a table",
                "array" => "a list",
                "string" => "text",
                "integer" => "a whole number",
                "boolean" => "true or false",
                _ => "a number",
            };
            types.into_iter().map(in_words).collect::<Vec<_>>().join(" or ")
        }
    };
    format!("expected {wanted}, found {}", kind_of(found))
}

/// What a value is, in words.
pub(super) fn kind_of(value: &DeValue<'_>) -> &'static str {
    match value {
        DeValue::String(_) => "text",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "true or false",
        DeValue::Datetime(_) => "a date without quotes",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    }
}

/// Words that may stand there and no others; empty where any text may.
pub(super) fn words(schema: &'static Value) -> Vec<&'static str> {
    let constants = schema.get("oneOf").and_then(Value::as_array).into_iter().flatten();
    let constants = constants.filter_map(|each| each.get("const")?.as_str());
    let single = schema.get("const").and_then(Value::as_str);
    strings(schema, "enum").chain(strings(schema, "x-words")).chain(constants).chain(single).collect()
}

fn admits_text(schema: &'static Value) -> bool {
    admits(schema, "string") || !words(schema).is_empty()
}

fn number_like(text: &str) -> bool {
    text.replace('_', "").trim().parse::<f64>().is_ok()
}

/// A letter, then letters, digits, `_` and `-`.
pub(in crate::scenario) fn is_symbol(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.chars().all(|each| each.is_ascii_alphanumeric() || each == '_' || each == '-')
}

fn is_scenario_name(text: &str) -> bool {
    let allowed = |each: char| each.is_ascii_lowercase() || each.is_ascii_digit() || each == '-';
    text.len() <= 64 && !text.starts_with('-') && !text.is_empty() && text.chars().all(allowed)
}
