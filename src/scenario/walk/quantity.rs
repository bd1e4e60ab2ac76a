//! The walk's check of numbers and of text that carries a unit: readable, finite, in range.
use serde_json::Value;
use toml::de::DeValue;

use super::{Walker, admits, help};
use crate::scenario::tree::Node;
use crate::units::{Fraction, Period};

impl Walker {
    pub(super) fn number(&mut self, schema: &'static Value, node: &Node<'_>, path: &str) {
        let value = match node.get_ref() {
            DeValue::Integer(number) => {
                let wide = i128::from_str_radix(number.as_str(), number.radix()).ok();
                // what serde reads into a number: 64 bits
                let narrow = wide.filter(|wide| (i128::from(i64::MIN)..=i128::from(u64::MAX)).contains(wide));
                narrow.map(|narrow| narrow as f64)
            }
            DeValue::Float(number) => {
                let value: Option<f64> = number.as_str().replace('_', "").parse().ok();
                value.filter(|value| value.is_finite() || number.as_str().contains("inf") || value.is_nan())
            }
            _ => None,
        };
        let Some(value) = value else {
            let title = format!("`{path}` is too large a number");
            self.found("E003", path, node.span(), title, "does not fit in 64 bits", help(schema));
            return;
        };
        if !value.is_finite() {
            let title = format!("`{path}` is not finite");
            self.found("E006", path, node.span(), title, "a finite number is wanted", help(schema));
            return;
        }
        self.range(schema, value, node, path);
    }

    pub(super) fn fraction(&mut self, schema: &'static Value, text: &str, node: &Node<'_>, path: &str) {
        match Fraction::parse(text) {
            Ok(Fraction(value)) => self.range(schema, value, node, path),
            Err(what) => {
                self.found("E005", path, node.span(), format!("`{path}`: {what}"), "here", help(schema));
            }
        }
    }

    pub(super) fn duration(&mut self, schema: &'static Value, text: &str, node: &Node<'_>, path: &str) {
        if let Err(what) = Period::parse(text) {
            self.found("E005", path, node.span(), format!("`{path}`: {what}"), "here", help(schema));
        }
    }

    fn range(&mut self, schema: &'static Value, value: f64, node: &Node<'_>, path: &str) {
        if let Some(broken) = out_of_range(schema, value) {
            let title = format!("`{path}` is out of range");
            let label = if node.get_ref().is_str() { format!("{broken} (this is {value})") } else { broken };
            self.found("E006", path, node.span(), title, label, help(schema));
        }
    }
}

/// The rule that a number breaks, in words.
pub(super) fn out_of_range(schema: &Value, value: f64) -> Option<String> {
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    let (low, above) = (bound("minimum"), bound("exclusiveMinimum"));
    let (high, below) = (bound("maximum"), bound("exclusiveMaximum"));
    let inside = low.is_none_or(|low| value >= low)
        && above.is_none_or(|above| value > above)
        && high.is_none_or(|high| value <= high)
        && below.is_none_or(|below| value < below);
    if inside {
        return None;
    }
    // the smallest and largest integers serde can hold bound nothing a user would write
    let whole = admits(schema, "integer");
    let high = high.filter(|high| !whole || *high < 1e18);
    Some(match (low, above, high.or(below)) {
        (Some(low), _, Some(high)) if low == high => format!("must be {low}"),
        (Some(low), _, Some(high)) if below == Some(high) => {
            format!("must be from {} to below {}", plain(low), plain(high))
        }
        (Some(low), _, Some(high)) => format!("must be from {} to {}", plain(low), plain(high)),
        (Some(low), _, None) => format!("must be at least {}", plain(low)),
        (None, Some(above), Some(high)) if value > above => format!("must be at most {}", plain(high)),
        (None, Some(above), _) => format!("must be above {}", plain(above)),
        (None, None, Some(high)) => format!("must be at most {}", plain(high)),
        (None, None, None) => "is out of range".into(),
    })
}

/// A bound as a user would write it: `1e15`, not sixteen digits.
fn plain(bound: f64) -> String {
    if bound.abs() >= 1e7 { format!("{bound:e}") } else { format!("{bound}") }
}
