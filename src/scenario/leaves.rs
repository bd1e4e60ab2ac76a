//! What two scenarios say otherwise, key by key, as they are written.
use super::Written;
use super::studies::bare_text;

/// Keys that change no figure.
const WORDS: [&str; 5] = ["name", "description", "sweep", "stress", "version"];

/// A key and what each scenario says there; none where it says nothing.
pub type Saying = (String, Vec<Option<String>>);

/// The keys at which the texts differ, in the order in which they are first written.
///
/// A text that is no TOML says nothing at all.
pub fn differing(texts: &[&str]) -> Vec<Saying> {
    let all: Vec<Vec<(String, String)>> = texts
        .iter()
        .map(|text| Written::of(text).map_or_else(Vec::new, |written| leaves(&written)))
        .collect();
    let mut keys: Vec<&str> = Vec::new();
    for (key, _) in all.iter().flatten() {
        if !keys.contains(&key.as_str()) {
            keys.push(key);
        }
    }
    let said = |leaves: &Vec<(String, String)>, key: &str| {
        leaves.iter().find(|(known, _)| known == key).map(|(_, value)| value.clone())
    };
    keys.into_iter()
        .map(|key| (key.to_owned(), all.iter().map(|leaves| said(leaves, key)).collect::<Vec<_>>()))
        .filter(|(_, values)| values.iter().any(|value| *value != values[0]))
        .collect()
}

/// Every value with its key, items of lists by their name or symbol where they have one.
fn leaves(written: &Written) -> Vec<(String, String)> {
    let mut found = Vec::new();
    if let Some(table) = written.0.as_table() {
        for (key, value) in table.iter().filter(|(key, _)| !WORDS.contains(&key.as_str())) {
            collect(key, value, &mut found);
        }
    }
    found
}

fn collect(key: &str, value: &toml::Value, found: &mut Vec<(String, String)>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                collect(&format!("{key}.{name}"), value, found);
            }
        }
        toml::Value::Array(items) if items.iter().any(toml::Value::is_table) => {
            for (place, item) in items.iter().enumerate() {
                let named = |word: &str| item.get(word).and_then(toml::Value::as_str);
                let name = named("name").or_else(|| named("symbol"));
                let part = name.map_or_else(|| place.to_string(), str::to_owned);
                collect(&format!("{key}.{part}"), item, found);
            }
        }
        other => found.push((key.to_owned(), bare_text(&other.to_string()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stand_for_places() {
        let one = "name = \"a\"\n[costs]\nfee = \"5 bps\"\n[[policies]]\nname = \"x\"\nevery = \"1h\"\n[[policies]]\nname = \"y\"\nkind = \"hold\"\n";
        let other = "name = \"b\"\n[costs]\nfee = \"9 bps\"\n[[policies]]\nname = \"y\"\nkind = \"hold\"\n[[policies]]\nname = \"x\"\nevery = \"2h\"\nwidth = 1\n";
        let text = |word: &str| Some(word.to_owned());
        assert_eq!(
            differing(&[one, other]),
            [
                ("costs.fee".to_owned(), vec![text("5 bps"), text("9 bps")]),
                ("policies.x.every".to_owned(), vec![text("1h"), text("2h")]),
                ("policies.x.width".to_owned(), vec![None, text("1")]),
            ]
        );
        assert!(differing(&[one, one]).is_empty());
        assert_eq!(differing(&["= broken", one]).len(), 5, "every key of the other but its name");
    }
}
