//! Runs beside a scenario's own: the axes of a sweep and named stresses, as changes by key path.
use toml::de::DeValue;

use super::keys::Overrides;
use super::problem::{Problem, Severity};
use super::source::Files;
use super::tree::{self, Node, locate};
use super::walk::suggest;

/// One axis of a grid of runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sweep {
    /// Key that varies.
    pub key: String,
    /// Its values as TOML.
    pub values: Vec<String>,
}

/// A named change of a scenario.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stress {
    /// Its name.
    pub name: String,
    /// Keys and their values as TOML.
    pub set: Vec<(String, String)>,
    /// Keys that are removed first.
    pub unset: Vec<String>,
}

impl Stress {
    /// `changes`, and then its own.
    #[must_use]
    pub fn over(&self, changes: &Overrides) -> Overrides {
        let unset = self.unset.iter().fold(changes.clone(), |all, key| all.unset(key));
        self.set.iter().fold(unset, |all, (key, value)| all.set(key, value))
    }
}

/// A value as text for people: without the quotes of TOML.
pub fn bare_text(value: &str) -> String {
    match tree::parse_value(value, 0).as_ref().map(toml::Spanned::get_ref) {
        Some(DeValue::String(text)) => text.to_string(),
        _ => value.trim().to_owned(),
    }
}

/// Reads `KEY=[…]` (a list of values) or `KEY=LO..HI` (`points` values, equally far apart, both ends among them).
///
/// # Errors
///
/// Says what is wrong in words.
pub fn vary(text: &str, points: u32) -> Result<Sweep, String> {
    let (key, value) = text
        .split_once('=')
        .filter(|(key, _)| !key.trim().is_empty())
        .ok_or_else(|| format!("`{text}` is not KEY=VALUES"))?;
    let key = key.trim().to_owned();
    if let Some((low, high)) = value.split_once("..") {
        let values = between(low.trim(), high.trim(), points)?;
        return Ok(Sweep { key, values });
    }
    let node = tree::parse_value(value.trim(), 0);
    let values: Vec<String> = match node.as_ref().map(toml::Spanned::get_ref) {
        Some(DeValue::Array(items)) => items.iter().map(super::rewrite::inline).collect(),
        _ => {
            return Err(format!(
                "`{text}`: the values are a list or a range: {key}='[\"1h\", \"4h\"]' or {key}='\"5 bps\"..\"50 bps\"'"
            ));
        }
    };
    if values.is_empty() {
        return Err(format!("`{text}`: the list of values is empty"));
    }
    Ok(Sweep { key, values })
}

/// Number and unit of a value, `"5 bps"` being 5 and "bps"; none where it is no number.
pub fn number_and_unit(value: &str) -> Option<(f64, String)> {
    measured(value).map(|(number, unit, _)| (number, unit.trim().to_owned()))
}

/// Number and unit of a value: `"5 bps"` is 5 and " bps"; none where there is no number in front.
pub(super) fn measured(value: &str) -> Option<(f64, String, bool)> {
    let quoted = value.starts_with('"') || value.starts_with('\'');
    let text = bare_text(value);
    // "1e-4" has no unit
    if let Ok(number) = text.trim().replace('_', "").parse::<f64>()
        && number.is_finite()
    {
        return Some((number, String::new(), quoted));
    }
    let split = text.find(|c: char| c.is_alphabetic() || c == '%').unwrap_or(text.len());
    let split = text[..split].trim_end().len();
    let number: f64 = text[..split].trim().replace('_', "").parse().ok()?;
    let unit = text[split..].to_owned();
    // "3d6h" is no number with a unit
    (number.is_finite() && !unit.chars().any(|c| c.is_ascii_digit())).then_some((number, unit, quoted))
}

fn between(low: &str, high: &str, points: u32) -> Result<Vec<String>, String> {
    let wrong = || {
        format!("`{low}..{high}` is no range: two numbers with the same unit, such as \"5 bps\"..\"50 bps\"")
    };
    let ((from, unit, quoted), (to, other, _)) = measured(low).zip(measured(high)).ok_or_else(wrong)?;
    if unit.trim() != other.trim() || from >= to {
        return Err(wrong());
    }
    let last = f64::from(points.max(2) - 1);
    let at = |i: u32| {
        let number = short(from + (to - from) * f64::from(i) / last);
        if quoted || !unit.is_empty() { format!("\"{number}{unit}\"") } else { number }
    };
    Ok((0..points.max(2)).map(at).collect())
}

/// The number to twelve digits: what a division by the number of points leaves behind them is rounding.
pub(super) fn short(value: f64) -> String {
    let rounded: f64 = format!("{value:.11e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// `value` times `factor` where it is a number, a text with a unit, or a duration; none else.
fn times(value: &str, factor: f64) -> Option<String> {
    if let Some((number, unit, quoted)) = measured(value) {
        let number = short(number * factor);
        return Some(if quoted || !unit.is_empty() { format!("\"{number}{unit}\"") } else { number });
    }
    // "3d6h": every part
    let text = bare_text(value);
    let mut scaled = String::new();
    let mut rest = text.as_str();
    while !rest.is_empty() {
        let split = rest.find(char::is_alphabetic)?;
        let (number, tail) = rest.split_at(split);
        let end = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
        let (unit, next) = tail.split_at(end);
        scaled.push_str(&short(number.trim().replace('_', "").parse::<f64>().ok()? * factor));
        scaled.push_str(unit);
        rest = next.trim_start();
    }
    (!scaled.is_empty()).then(|| format!("\"{scaled}\""))
}

/// What a scenario says, after changes, as it is written: for changes that start from it.
#[derive(Debug, Clone, PartialEq)]
pub struct Written(pub(super) toml::Value);

impl Written {
    /// The scenario's text as a tree of values; none where it is no TOML.
    pub fn of(text: &str) -> Option<Self> {
        let (tree, errors) = tree::parse(text);
        errors.is_empty().then(|| Self(super::rewrite::plain(&tree)))
    }

    fn at(&self, key: &str) -> Option<&toml::Value> {
        key.split('.').try_fold(&self.0, |value, part| value.get(part))
    }

    /// The value at a key as TOML, where the key is written as it is read here.
    pub fn value(&self, key: &str) -> Option<String> {
        self.named(key).map(toml::Value::to_string)
    }

    /// The key that is written beside one that is not, and nearest to it.
    pub fn near(&self, key: &str) -> Option<String> {
        let (above, last) = key.rsplit_once('.')?;
        let beside = self.named(above)?.as_table()?;
        suggest(last, beside.keys().map(String::as_str)).map(|near| format!("{above}.{near}"))
    }

    /// A text that stands at a key of the whole scenario.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.at(key)?.as_str()
    }

    /// The texts of a list at a key of the whole scenario; empty where there is none.
    pub fn texts(&self, key: &str) -> Vec<&str> {
        let list = self.at(key).and_then(toml::Value::as_array);
        list.into_iter().flatten().filter_map(toml::Value::as_str).collect()
    }

    /// Where a key stands, `costs.fee` and `assets.ETH.costs.fee` alike, with its value.
    fn places(&self, key: &str) -> Vec<(String, &toml::Value)> {
        let mut places: Vec<(String, &toml::Value)> =
            self.at(key).map(|value| (key.to_owned(), value)).into_iter().collect();
        let assets = self.0.get("assets").and_then(toml::Value::as_array);
        for asset in assets.into_iter().flatten() {
            let symbol = asset.get("symbol").and_then(toml::Value::as_str).unwrap_or_default();
            if let Some(value) = key.split('.').try_fold(asset, |value, part| value.get(part)) {
                places.push((format!("assets.{symbol}.{key}"), value));
            }
        }
        places
    }

    /// Whether the key is written, for all assets or for one.
    pub fn holds(&self, key: &str) -> bool {
        !self.places(key).is_empty()
    }

    /// Sets every number that is written at the key (also by asset and by symbol) to `factor` times itself.
    ///
    /// Values that are no numbers, and zeros, stay as they are and are not among the changes.
    pub fn scaled(&self, key: &str, factor: f64) -> Vec<(String, String)> {
        self.changed(key, |value| times(value, factor).filter(|new| new != value))
    }

    /// Sets every number that is written at the key to `to`, with its own sign.
    pub fn raised(&self, key: &str, to: f64) -> Vec<(String, String)> {
        self.changed(key, |value| {
            let (number, ..) = measured(value)?;
            (number != 0.0).then(|| short(if number < 0.0 { -to } else { to }))
        })
    }

    fn changed(&self, key: &str, change: impl Fn(&str) -> Option<String>) -> Vec<(String, String)> {
        let mut changes = Vec::new();
        for (place, value) in self.places(key) {
            let mut open = vec![(place, value)];
            while let Some((place, value)) = open.pop() {
                match value {
                    // by symbol
                    toml::Value::Table(table) => {
                        open.extend(table.iter().map(|(name, value)| (format!("{place}.{name}"), value)));
                    }
                    // an interval is no size
                    _ if place.ends_with(".interval") => {}
                    other => changes.extend(change(&other.to_string()).map(|new| (place, new))),
                }
            }
        }
        changes.sort();
        changes
    }

    /// Sets the list at `key` to what stands there, else at `below`, and `item` behind it; none where something else than a
    /// list stands there.
    pub fn appended(&self, key: &str, below: &str, item: &str) -> Option<(String, String)> {
        let mut items = match self.named(key).or_else(|| self.at(below)) {
            None => Vec::new(),
            Some(toml::Value::Array(items)) => items.iter().map(toml::Value::to_string).collect(),
            Some(_) => return None,
        };
        items.push(item.to_owned());
        Some((key.to_owned(), format!("[{}]", items.join(", "))))
    }

    /// The value of a key that may name an asset by its symbol.
    fn named(&self, key: &str) -> Option<&toml::Value> {
        let Some((symbol, rest)) = key.strip_prefix("assets.").and_then(|rest| rest.split_once('.')) else {
            return self.at(key);
        };
        let assets = self.0.get("assets")?.as_array()?;
        let asset =
            assets.iter().find(|it| it.get("symbol").and_then(toml::Value::as_str) == Some(symbol))?;
        rest.split('.').try_fold(asset, |value, part| value.get(part))
    }
}

/// Faults of the runs that sweeps and stresses ask for, each at the value that brings it.
pub(super) fn faults(
    text: &str,
    changes: &Overrides,
    files: &dyn Files,
    tree: &Node<'_>,
    sweeps: &[Sweep],
    stresses: &[Stress],
) -> Vec<Problem> {
    let mut found = Vec::new();
    let mut try_one = |path: String, told: String, changes: &Overrides| {
        let Err(problems) = super::load::parse_alone(text, changes, files) else { return };
        let Some(first) = problems.into_iter().find(|problem| problem.severity == Severity::Error) else {
            return;
        };
        found.push(Problem {
            span: locate(tree, &path),
            path,
            title: format!("{told}: {}", first.title),
            label: first.label,
            help: first.help,
            ..super::load::bare(first.code, String::new())
        });
    };
    for (i, sweep) in sweeps.iter().enumerate() {
        for (k, value) in sweep.values.iter().enumerate() {
            let told = format!("`{}` = {value}", sweep.key);
            try_one(format!("sweep.{i}.values.{k}"), told, &changes.clone().set(&sweep.key, value));
        }
    }
    for (i, stress) in stresses.iter().enumerate() {
        try_one(format!("stress.{i}.name"), format!("stress `{}`", stress.name), &stress.over(changes));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_and_ranges_are_axes() {
        let values = |text: &str| vary(text, 4).map(|sweep| sweep.values);
        assert_eq!(values("a.b=[1, \"5 bps\", 2.5]"), Ok(vec!["1".into(), "\"5 bps\"".into(), "2.5".into()]));
        assert_eq!(
            values("a=\"5 bps\"..\"50 bps\"").unwrap_or_default(),
            ["\"5 bps\"", "\"20 bps\"", "\"35 bps\"", "\"50 bps\""]
        );
        assert_eq!(values("a=5%..20%").unwrap_or_default(), ["\"5%\"", "\"10%\"", "\"15%\"", "\"20%\""]);
        assert_eq!(values("a=0.1..0.4").unwrap_or_default(), ["0.1", "0.2", "0.3", "0.4"]);
        assert_eq!(values("a=1e-4..4e-4").unwrap_or_default(), ["0.0001", "0.0002", "0.0003", "0.0004"]);
        for wrong in ["a", "=[1]", "a=5", "a=[]", "a=1..0", "a=1 bps..2%", "a=x..y", "a=1h30min..2h"] {
            assert!(vary(wrong, 4).is_err(), "{wrong}");
        }
    }

    #[test]
    fn what_is_written_is_scaled_where_it_stands() {
        let text = "[costs]\nfee = { A = \"5 bps\", B = 0.001 }\nfunding = -0.1\n[execution]\ndelay = \"1h30min\"\n[[assets]]\nsymbol = \"A\"\ncosts = { fee = 0.1, half_spread = 0 }\n";
        let Some(written) = Written::of(text) else { panic!("it is TOML") };
        let pair = |key: &str, value: &str| (key.to_owned(), value.to_owned());
        assert_eq!(
            written.scaled("costs.fee", 5.0),
            [
                pair("assets.A.costs.fee", "0.5"),
                pair("costs.fee.A", "\"25 bps\""),
                pair("costs.fee.B", "0.005")
            ]
        );
        assert_eq!(written.scaled("execution.delay", 10.0), [pair("execution.delay", "\"10h300min\"")]);
        assert_eq!(written.scaled("costs.half_spread", 5.0), [], "zero stays");
        assert_eq!(written.raised("costs.funding", 3.285), [pair("costs.funding", "-3.285")]);
        assert_eq!(written.appended("shocks", "shocks", "{ a = 1 }"), Some(pair("shocks", "[{ a = 1 }]")));
        assert_eq!(written.appended("costs", "costs", "1"), None);
    }
}
