//! From a text to a checked scenario: parse, walk, read, check; then every fault back to its place in the text.
use std::path::Path;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use toml::Spanned;
use toml::de::DeValue;

use super::check::{Finding, check};
use super::data::sha256;
use super::file::ScenarioFile;
use super::keys::{Overrides, Patched, patch};
use super::preset;
use super::problem::{Problem, Severity};
use super::source::{Disk, Files, read_at_most};
use super::tree::{self, Node, locate, named};
use super::walk::{Repair, walk};
use super::{Scenario, schema};

/// Largest scenario file.
const MOST_TEXT: u64 = 1 << 20;

/// A scenario that can be run, and what there is to say of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Parsed {
    /// What it means.
    pub scenario: Scenario,
    /// The text that was run: as written, or with the overrides in it.
    pub text_as_run: String,
    /// SHA-256 of the canonical JSON of the scenario, which holds the SHA-256 of every data file.
    pub hash: String,
    /// What runs, but perhaps not as meant.
    pub warnings: Vec<Problem>,
}

/// Why a scenario file cannot be run.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LoadError {
    /// There is no text to speak of.
    #[error("{0}")]
    File(String),
    /// The text has faults.
    #[error("{} in the scenario", if problems.len() == 1 { "a fault".into() } else { format!("{} faults", problems.len()) })]
    Scenario {
        /// The text they are in.
        text: String,
        /// Every fault and warning.
        problems: Vec<Problem>,
    },
}

/// Reads and checks a scenario file; data files are relative to it.
///
/// # Errors
///
/// The file cannot be read, or its scenario cannot be run.
pub fn load(path: &Path, overrides: &Overrides) -> Result<Parsed, LoadError> {
    let text = read_text(path).map_err(LoadError::File)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    parse_with(&text, overrides, &Disk::new(folder))
        .map_err(|problems| LoadError::Scenario { text, problems })
}

/// [`load`] without a look at the runs that the scenario's sweeps and stresses ask for.
///
/// # Errors
///
/// The file cannot be read, or its scenario cannot be run.
pub fn load_alone(path: &Path, overrides: &Overrides) -> Result<Parsed, LoadError> {
    let text = read_text(path).map_err(LoadError::File)?;
    let folder = path.parent().map(Path::to_path_buf).unwrap_or_default();
    parse_alone(&text, overrides, &Disk::new(folder))
        .map_err(|problems| LoadError::Scenario { text, problems })
}

/// The text of a scenario file.
///
/// # Errors
///
/// Says in words why there is none.
pub fn read_text(path: &Path) -> Result<String, String> {
    let bytes = read_at_most(path, MOST_TEXT).map_err(|why| {
        if why.contains("larger than") { format!("{why}: too large for a scenario") } else { why }
    })?;
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        let line = error.as_bytes().iter().take(at).filter(|byte| **byte == b'\n').count() + 1;
        format!("`{}` is not UTF-8 text: byte {at}, on line {line}", path.display())
    })
}

/// Checks a scenario's text.
///
/// # Errors
///
/// Every fault of the text, in its order.
pub fn parse(text: &str, files: &dyn Files) -> Result<Parsed, Vec<Problem>> {
    parse_with(text, &Overrides::default(), files)
}

/// Checks a scenario's text after overrides.
///
/// # Errors
///
/// Every fault of the text and of the overrides, in that order.
pub fn parse_with(text: &str, overrides: &Overrides, files: &dyn Files) -> Result<Parsed, Vec<Problem>> {
    parsed(text, overrides, files, Studies::Checked)
}

/// The same without the runs that its sweeps and stresses ask for.
pub(super) fn parse_alone(
    text: &str,
    overrides: &Overrides,
    files: &dyn Files,
) -> Result<Parsed, Vec<Problem>> {
    parsed(text, overrides, files, Studies::Left)
}

/// Whether the runs of sweeps and stresses are checked too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Studies {
    Checked,
    Left,
}

fn parsed(
    text: &str,
    overrides: &Overrides,
    files: &dyn Files,
    studies: Studies,
) -> Result<Parsed, Vec<Problem>> {
    if text.len() as u64 > MOST_TEXT {
        let title = format!("the text has {} bytes, at most {MOST_TEXT} make a scenario", text.len());
        return Err(vec![bare("E006", title)]);
    }
    let (tree, errors) = tree::parse(text);
    if !errors.is_empty() {
        let problem = |error: tree::SyntaxError| {
            let label = "TOML stops making sense here".to_owned();
            Problem {
                span: clamp(error.span, text),
                label,
                ..bare("E000", format!("TOML: {}", error.message))
            }
        };
        return Err(errors.into_iter().map(problem).collect());
    }
    let Patched { mut tree, text_as_run, origins, mut problems } = patch(text, tree, overrides);
    problems.extend(preset::expand(&mut tree));
    let walked = walk(schema::tree(), tree.clone(), origins.file(), Repair::StandIn);
    problems.extend(walked.problems);
    let parsed = match read(walked.tree) {
        Ok(file) => {
            let (scenario, findings) = check(&file, &tree, &walked.poison, files);
            problems.extend(findings.into_iter().map(|finding| placed(&tree, finding)));
            Some(scenario)
        }
        Err((what, span)) => {
            let help = "please report it with the scenario".to_owned();
            problems.push(Problem {
                span,
                help: Some(help),
                ..bare("E099", format!("a bug in driftband: {what}"))
            });
            None
        }
    };
    let sound = |problems: &[Problem]| problems.iter().all(|problem| problem.severity == Severity::Warning);
    if let Some(scenario) = parsed.as_ref().filter(|_| studies == Studies::Checked && sound(&problems)) {
        let (sweeps, stresses) = (&scenario.sweeps, &scenario.stresses);
        problems.extend(super::studies::faults(text, overrides, files, &tree, sweeps, stresses));
    }
    for problem in &mut problems {
        problem.path = named(&tree, &problem.path);
        problem.title = in_names(&tree, &problem.title);
        origins.assign(problem);
    }
    problems.sort_by_key(|problem| (problem.origin.is_some(), problem.span.start));
    match parsed {
        Some(scenario) if sound(&problems) => {
            let hash = hash(&scenario);
            Ok(Parsed { scenario, text_as_run, hash, warnings: problems })
        }
        _ => Err(problems),
    }
}

/// The written layer, by serde from the lifted tree.
pub(super) fn read(tree: Node<'_>) -> Result<ScenarioFile, (String, std::ops::Range<usize>)> {
    let span = tree.span();
    let DeValue::Table(table) = tree.into_inner() else { return Err(("no table".into(), span)) };
    let document = toml::de::Deserializer::from(Spanned::new(span, table));
    ScenarioFile::deserialize(document)
        .map_err(|error| (error.message().to_owned(), error.span().unwrap_or(0..0)))
}

/// SHA-256 of the scenario's canonical JSON: declared order of keys, shortest numbers.
fn hash(scenario: &Scenario) -> String {
    let json = scenario.serialize(serde_json::value::Serializer).unwrap_or(Value::Null);
    sha256(json.to_string().as_bytes())
}

fn placed(tree: &Node<'_>, finding: Finding) -> Problem {
    let Finding { code, severity, fault, suggestion } = finding;
    let path = named(tree, &fault.path);
    let what = in_names(tree, &fault.what);
    Problem {
        code,
        title: if code == "E002" || path.is_empty() { what } else { format!("`{path}`: {what}") },
        label: fault.label,
        span: locate(tree, &fault.path),
        origin: None,
        also: fault.also.iter().map(|(path, label)| (locate(tree, path), label.clone())).collect(),
        path: fault.path,
        help: fault.help,
        suggestion,
        severity,
        unavailable: false,
    }
}

/// Paths in backticks inside a sentence, with names.
fn in_names(tree: &Node<'_>, sentence: &str) -> String {
    let part = |(index, part): (usize, &str)| {
        let is_path = index % 2 == 1 && (part.starts_with("assets.") || part.starts_with("policies."));
        if is_path { named(tree, part) } else { part.to_owned() }
    };
    sentence.split('`').enumerate().map(part).collect::<Vec<_>>().join("`")
}

fn clamp(span: std::ops::Range<usize>, text: &str) -> std::ops::Range<usize> {
    let start = span.start.min(text.len());
    start..span.end.clamp(start, text.len())
}

/// A problem without a place.
pub(super) fn bare(code: &'static str, title: String) -> Problem {
    Problem {
        code,
        path: String::new(),
        title,
        label: "here".into(),
        span: 0..0,
        origin: None,
        also: Vec::new(),
        help: None,
        suggestion: None,
        severity: Severity::Error,
        unavailable: false,
    }
}
