//! The spanned tree of a TOML text: parsing it, and finding places in it by key path.
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and its place. Overrides stand in the same numbering of bytes, behind the file's text.
pub(super) type Node<'t> = Spanned<DeValue<'t>>;

/// A syntax error: its place and what TOML says of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct SyntaxError {
    pub(super) span: Range<usize>,
    pub(super) message: String,
}

/// The tree of a whole file, and every syntax error in it.
pub(super) fn parse(text: &str) -> (Node<'_>, Vec<SyntaxError>) {
    let (document, errors) = DeTable::parse_recoverable(text);
    let errors = errors
        .into_iter()
        .map(|error| SyntaxError { span: error.span().unwrap_or(0..0), message: error.message().to_owned() })
        .collect();
    (Spanned::new(document.span(), DeValue::Table(document.into_inner())), errors)
}

/// One value, its spans moved by `offset`; `None` where the text is no TOML value.
pub(super) fn parse_value(text: &str, offset: usize) -> Option<Node<'_>> {
    DeValue::parse(text).ok().map(|value| shifted(value, offset))
}

fn shifted(node: Node<'_>, offset: usize) -> Node<'_> {
    let span = node.span();
    let value = match node.into_inner() {
        DeValue::Array(items) => DeValue::Array(items.into_iter().map(|item| shifted(item, offset)).collect()),
        DeValue::Table(table) => DeValue::Table(
            table
                .into_iter()
                .map(|(key, value)| {
                    let at = key.span();
                    (Spanned::new(at.start + offset..at.end + offset, key.into_inner()), shifted(value, offset))
                })
                .collect(),
        ),
        scalar => scalar,
    };
    Spanned::new(span.start + offset..span.end + offset, value)
}

/// `path` with one more part.
pub(super) fn join(path: &str, part: &str) -> String {
    if path.is_empty() { part.to_owned() } else { format!("{path}.{part}") }
}

/// Place of the value at a path of keys and indices; where it is missing, of the nearest table above it.
pub(super) fn locate(root: &Node<'_>, path: &str) -> Range<usize> {
    let mut node = root;
    let mut span = 0..0;
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let next = match node.get_ref() {
            DeValue::Table(table) => table.get(part),
            DeValue::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        };
        let Some(next) = next else { break };
        span = next.span();
        node = next;
    }
    span
}

/// The same path with names in the place of indices where a list's entries have them.
pub(super) fn named(root: &Node<'_>, path: &str) -> String {
    let mut node = Some(root);
    let mut parts = Vec::new();
    for part in path.split('.').filter(|part| !part.is_empty()) {
        let next = node.and_then(|node| match node.get_ref() {
            DeValue::Table(table) => table.get(part),
            DeValue::Array(items) => part.parse::<usize>().ok().and_then(|index| items.get(index)),
            _ => None,
        });
        let listed = matches!(parts.as_slice(), [list] if list == "assets" || list == "policies");
        let name = next.filter(|_| listed).and_then(name_of).filter(|name| !name.is_empty());
        parts.push(name.unwrap_or(part).to_owned());
        node = next;
    }
    parts.join(".")
}

/// Name of an entry of a list: an asset's symbol, or a `name`.
pub(super) fn name_of<'n>(node: &'n Node<'_>) -> Option<&'n str> {
    let table = node.get_ref().as_table()?;
    table.get("symbol").or_else(|| table.get("name"))?.get_ref().as_str()
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "a = [1, { b = 2 }]\n[[assets]]\nsymbol = \"ETH\"\nspot = 3\n";

    #[test]
    fn places_are_found_by_path() {
        let (tree, errors) = parse(TEXT);
        assert!(errors.is_empty());
        assert_eq!(&TEXT[locate(&tree, "a.1.b")], "2");
        assert_eq!(&TEXT[locate(&tree, "assets.0.spot")], "3");
        assert_eq!(&TEXT[locate(&tree, "assets.0.missing")], "[[assets]]");
        assert_eq!(named(&tree, "assets.0.process.drift"), "assets.ETH.process.drift");
        assert_eq!(named(&tree, "a.1.b"), "a.1.b");
    }

    #[test]
    fn the_spans_of_an_override_stand_behind_the_text() {
        let value = parse_value("[1, 22]", 100).expect("a value");
        assert_eq!(value.span(), 100..107);
        assert_eq!(locate(&value, "1"), 104..106);
        assert!(parse_value("25 bps", 0).is_none());
    }
}
