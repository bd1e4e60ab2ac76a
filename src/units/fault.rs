//! What a value's owner says of it when it is wrong.

/// What is wrong with a value, said by whoever owns it; it knows no file and no position.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{path}`: {what}")]
pub struct Fault {
    /// Key path below the speaker's own table (`volatility`, `outages.0.to`); the caller puts its own path before it.
    pub path: String,
    /// What is wrong, in one sentence without the key.
    pub what: String,
    /// What stands under the underlined value.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
    /// Other places that matter: path and label.
    pub also: Vec<(String, String)>,
}

impl Fault {
    /// A fault of the value at `path`.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into(), label: "here".into(), help: None, also: Vec::new() }
    }
    /// With the words that stand under the value.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    /// With what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// With another place.
    #[must_use]
    pub fn also(mut self, path: impl Into<String>, label: impl Into<String>) -> Self {
        self.also.push((path.into(), label.into()));
        self
    }
    /// The same fault seen from the table above.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        let join = |path: &str| if path.is_empty() { prefix.to_owned() } else { format!("{prefix}.{path}") };
        self.path = join(&self.path);
        for (path, _) in &mut self.also {
            *path = join(path);
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_moves_up_with_all_its_places() {
        let fault = Fault::new("to", "must be after `from`").also("from", "here").under("outages.0").under("oracle");
        assert_eq!(fault.path, "oracle.outages.0.to");
        assert_eq!(fault.also[0].0, "oracle.outages.0.from");
    }
}
