//! Names asked for from outside a file: a policy by its name, and what was meant where there is none.
use super::Scenario;
use super::walk::suggest;

/// A policy was asked for that the scenario does not have.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no policy `{name}`{}: the scenario has {}", meant(name, known.iter().map(String::as_str)), known.join(", "))]
pub struct NoPolicy {
    /// Asked for.
    pub name: String,
    /// Names there are.
    pub known: Vec<String>,
}

impl Scenario {
    /// The place of the policy of that name.
    ///
    /// # Errors
    ///
    /// Where there is none; the error names those there are, and the nearest of them.
    pub fn policy_at(&self, name: &str) -> Result<usize, NoPolicy> {
        self.policies.iter().position(|policy| policy.name == name).ok_or_else(|| NoPolicy {
            name: name.to_owned(),
            known: self.policies.iter().map(|policy| policy.name.clone()).collect(),
        })
    }
}

/// ` (did you mean …?)`, where a candidate is near.
pub(crate) fn meant<'c>(written: &str, candidates: impl IntoIterator<Item = &'c str>) -> String {
    suggest(written, candidates).map_or_else(String::new, |near| format!(" (did you mean `{near}`?)"))
}
