//! Parts of a picture that say in the SVG what they are: of which policy, a figure in words, a curve that can be read off.
use std::fmt::Write as _;

use super::axis::Scale;
use super::plot::Plot;

/// How a reader writes values of an axis.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// What it is, such as `shortfall`.
    pub name: &'static str,
    /// Behind the value, such as `bps`; `%` multiplies a share by 100.
    pub unit: &'static str,
}

/// What a group of marks is.
///
/// In the SVG it is a `<g>` with the attributes `data-policy`, `data-plot` and so on, and its words as `<title>`: a viewer
/// shows them as a tool tip, and the report page hides policies and reads curves by them.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Part {
    attributes: Vec<(&'static str, String)>,
    words: Option<String>,
}

impl Part {
    /// Marks of one policy.
    pub fn policy(name: &str) -> Self {
        Self::default().with("data-policy", name)
    }

    /// Marks whose colours mean values: they stay in the dark.
    pub fn fixed() -> Self {
        Self::default().with("class", "fixed")
    }

    /// A line or the outline of a band that can be read off at a value of x.
    #[must_use]
    pub fn curve(self, name: &str) -> Self {
        self.with("data-curve", name)
    }

    /// Where data stand: curves inside are read by these scales. `k` pixels of the picture are one of the plot.
    pub(super) fn plot(plot: &Plot, x: &Quantity, y: &Quantity, k: f64) -> Self {
        let rect = [plot.rect.left, plot.rect.top, plot.rect.right, plot.rect.bottom].map(|edge| edge * k);
        let scale = |scale: Scale| {
            let kind = if matches!(scale, Scale::Log { .. }) { "log" } else { "linear" };
            let (low, high) = scale.ends();
            format!("{kind} {low} {high}")
        };
        Self::default()
            .with("data-plot", &rect.map(|edge| edge.to_string()).join(" "))
            .with("data-x", &scale(plot.x))
            .with("data-x-name", x.name)
            .with("data-x-unit", x.unit)
            .with("data-y", &scale(plot.y))
            .with("data-y-name", y.name)
            .with("data-y-unit", y.unit)
    }

    /// What the marks say, in words.
    #[must_use]
    pub fn saying(self, words: impl Into<String>) -> Self {
        Self { words: Some(words.into()), ..self }
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.attributes.push((name, value.to_owned()));
        self
    }

    /// The tag that begins the group.
    pub(super) fn begin(&self) -> String {
        let mut tag = "<g".to_owned();
        for (name, value) in &self.attributes {
            // writing to a string cannot fail
            let _ = write!(tag, " {name}=\"{}\"", escaped(value));
        }
        tag.push_str(">\n");
        if let Some(words) = &self.words {
            let _ = writeln!(tag, "<title>{}</title>", escaped(words));
        }
        tag
    }
}

/// The tag that ends a group.
pub(super) const END: &str = "</g>\n";

/// Text for XML, inside attributes too.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_leaves_its_attribute() {
        let part = Part::policy("a\"><script>&").saying("x < y");
        assert_eq!(
            part.begin(),
            "<g data-policy=\"a&quot;&gt;&lt;script&gt;&amp;\">\n<title>x &lt; y</title>\n"
        );
    }
}
