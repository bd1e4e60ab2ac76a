//! A validation as people read it: the table, the JSON object, and two charts of laws.
pub mod efficiency;
pub mod law;
pub mod table;

use crate::study::validate::Finding;

/// What every chart states: when its checks ran is the reader's, which program made them is not.
fn footer(what: &str) -> String {
    format!("{what} · validate · driftband v{}", env!("CARGO_PKG_VERSION"))
}

/// Findings whose names begin with a letter, in the order of the catalogue.
fn group<'a>(findings: &'a [Finding], letter: &str) -> Vec<&'a Finding> {
    findings.iter().filter(|finding| finding.check.id.starts_with(letter)).collect()
}
