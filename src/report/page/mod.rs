//! `report.html`: a finished folder as one page that needs nothing else, made from the folder's files alone.
use std::path::{Path, PathBuf};

use minijinja::syntax::SyntaxConfig;
use minijinja::value::{Serde, Value};
use minijinja::{AutoEscape, Environment, UndefinedBehavior};
use serde::Serialize;

use crate::scenario::Written;

use super::answer;
use super::number;
use super::studies::capital;
use super::style::{Color, Theme};
use super::summary::{STREAM_VERSION, Summary};
use super::table::relative_line;

mod base64;
mod cell;
mod compared;
mod comparison;
mod figures;
mod finding;
mod picture;
mod sections;
mod source;
mod study;
mod worst;

pub(super) use cell::shown;
pub use comparison::render_comparison;

/// Name of the page in a folder.
pub const NAME: &str = "report.html";
/// The files of the page's own template.
const TEMPLATE: [(&str, &str); 7] = [
    ("page.html", include_str!("../../../assets/page/page.html")),
    ("compare.html", include_str!("../../../assets/page/compare.html")),
    ("head.html", include_str!("../../../assets/page/head.html")),
    ("tools.html", include_str!("../../../assets/page/tools.html")),
    ("macros.html", include_str!("../../../assets/page/macros.html")),
    ("page.css", include_str!("../../../assets/page/page.css")),
    ("page.js", include_str!("../../../assets/page/page.js")),
];

/// Why a page could not be made; completes "failed to …".
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The file system refused.
    #[error("read `{}`: {source}", path.display())]
    Io {
        /// On what.
        path: PathBuf,
        /// The system's answer.
        source: std::io::Error,
    },
    /// A file of the folder is not as a run writes it.
    #[error("read `{}`: {reason}", path.display())]
    Content {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        reason: String,
    },
    /// The template is wrong.
    #[error("fill the template of the page: {0}")]
    Template(String),
}

/// Everything the template reads.
#[derive(Debug, Serialize)]
struct Page {
    title: String,
    question: String,
    answer: String,
    /// What the studies found, each with its question.
    in_short: Vec<(&'static str, String)>,
    answer_more: Vec<String>,
    limits: figures::Limits,
    notes: Vec<String>,
    kpis: Vec<figures::Kpi>,
    scope: String,
    policies: Vec<Chip>,
    main: figures::Grid,
    ranking: Option<compared::Matrix>,
    sections: Vec<sections::Section>,
    studies: Vec<study::Study>,
    worst: Option<worst::Worst>,
    diagnostics: Option<figures::Grid>,
    all: figures::Grid,
    differences: Vec<compared::Differences>,
    scenario: String,
    provenance: Vec<(&'static str, String)>,
    options: bool,
    colors: Vec<(String, String)>,
    fonts: [String; 2],
}

/// A policy that can be hidden.
#[derive(Debug, Serialize)]
struct Chip {
    name: String,
    /// Its colour, where every policy has one of its own.
    color: Option<String>,
}

/// The page of the run in `dir`, by the template in `template` or our own.
///
/// A function of the folder's files: nothing of the machine, the time or the threads is in it.
///
/// # Errors
///
/// A file is missing or damaged, or the template is wrong.
pub fn render(dir: &Path, template: Option<&Path>) -> Result<String, PageError> {
    fill("page.html", &gather(dir)?, template)
}

/// Fills a page of the template.
fn fill(name: &str, page: &impl Serialize, template: Option<&Path>) -> Result<String, PageError> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|name| {
        if name.rsplit('.').next() == Some("html") { AutoEscape::Html } else { AutoEscape::None }
    });
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
    environment.set_syntax(syntax.map_err(|error| wrong(&error))?);
    for (name, own) in TEMPLATE {
        let text = match template {
            None => own.to_owned(),
            Some(folder) => source::text(folder, name)?.unwrap_or_else(|| own.to_owned()),
        };
        environment.add_template_owned(name, text).map_err(|error| wrong(&error))?;
    }
    environment
        .get_template(name)
        .and_then(|template| template.render(Value::from(Serde(page))))
        .map_err(|error| wrong(&error))
}

/// Regular and semi-bold, cut down to the characters of `assets/fonts/characters.txt`, in base 64.
fn fonts() -> [String; 2] {
    let regular = include_bytes!("../../../assets/fonts/DriftbandSans-Regular.woff2").as_slice();
    let semi_bold = include_bytes!("../../../assets/fonts/DriftbandSans-SemiBold.woff2").as_slice();
    [regular, semi_bold].map(base64::encode)
}

/// The error with its causes, in one line.
fn wrong(error: &minijinja::Error) -> PageError {
    let mut words = vec![error.to_string()];
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        words.push(deeper.to_string());
        cause = deeper;
    }
    PageError::Template(words.join(": "))
}

fn gather(dir: &Path) -> Result<Page, PageError> {
    let path = dir.join("summary.json");
    let Some(json) = source::text(dir, "summary.json")? else {
        return Err(PageError::Content { path, reason: "it is missing: no finished run stands here".into() });
    };
    let summary: Summary = serde_json::from_str(&json)
        .map_err(|error| PageError::Content { path, reason: error.to_string() })?;
    let text = source::text(dir, "scenario.toml")?.unwrap_or_default();
    let written = Written::of(&text);
    let said = |key: &str| written.as_ref().and_then(|written| written.text(key)).map(str::to_owned);
    let limited = written.as_ref().is_some_and(|written| written.holds("limits"));
    let named = written.as_ref().map_or_else(Vec::new, |written| written.texts("limits.policies"));
    let limits = figures::Limits::of(&summary, limited, named.into_iter().map(str::to_owned).collect());
    let lines = answer::lines(&summary);
    let found = source::studies(dir)?.into_iter();
    let studies: Vec<study::Study> = found.map(|files| study::Study::of(files, &summary)).collect();
    let in_short: Vec<_> = studies.iter().filter_map(study::Study::in_short).collect();
    let notional = summary.policies.first().map_or(0.0, |policy| policy.constants.notional);
    Ok(Page {
        title: summary.scenario.name.clone(),
        question: said("description").unwrap_or_else(|| summary.scenario.name.clone()),
        answer: relative_line(&summary).unwrap_or_else(|| figures::alone(&summary)),
        answer_more: lines.iter().map(|line| capital(bare(line))).collect(),
        notes: summary.notes.clone(),
        kpis: figures::kpis(&summary),
        scope: format!(
            "{} paths, seed {}, bps of a notional of {}",
            number::count(summary.scenario.paths),
            summary.scenario.seed,
            number::amount(notional)
        ),
        policies: chips(&summary),
        main: figures::main(&summary, &limits),
        limits,
        ranking: compared::matrix(&summary),
        sections: sections::sections(source::pictures(&dir.join("charts"))?),
        in_short: finding::tail(&summary).into_iter().chain(in_short).collect(),
        studies,
        worst: source::table(dir, "worst.csv")?.map(|table| worst::Worst::of(&table, &summary)),
        diagnostics: figures::diagnostics(&summary),
        all: figures::all(&summary),
        differences: compared::differences(&summary),
        scenario: text,
        provenance: provenance(&summary),
        options: said("target.kind").is_none_or(|kind| kind != "basket"),
        colors: colors(),
        fonts: fonts(),
    })
}

fn chips(summary: &Summary) -> Vec<Chip> {
    let theme = Theme::light();
    let n = summary.policies.len();
    let color = |i: usize| (n <= theme.fills.len()).then(|| hex(theme.fill(i)));
    summary
        .policies
        .iter()
        .enumerate()
        .map(|(i, policy)| Chip { name: policy.name.clone(), color: color(i) })
        .collect()
}

/// Machine independent: what identifies the figures, not what made them.
fn provenance(summary: &Summary) -> Vec<(&'static str, String)> {
    vec![
        ("Scenario", summary.scenario.name.clone()),
        ("Hash of the checked scenario and its data (SHA-256)", summary.scenario.hash.clone()),
        ("Seed", summary.scenario.seed.to_string()),
        ("Paths", number::count(summary.scenario.paths)),
        ("driftband", summary.engine_version.clone()),
        ("Version of the random streams", summary.stream_version.to_string()),
        ("Policies", summary.policies.len().to_string()),
        (
            "Reproducible",
            format!(
                "the same scenario, seed and version give the same bytes on any number of threads (streams {STREAM_VERSION})"
            ),
        ),
    ]
}

/// Colours of the charts by light and dark, the light ones as they stand in the SVG.
fn colors() -> Vec<(String, String)> {
    let (light, dark) = (Theme::light(), Theme::dark());
    let plain = |theme: &Theme| [theme.background, theme.ink, theme.muted, theme.grid, theme.axis];
    let pairs = plain(&light).into_iter().zip(plain(&dark));
    let series = light.fills.into_iter().zip(dark.fills).chain(light.lines.into_iter().zip(dark.lines));
    let mut colors: Vec<(String, String)> = Vec::new();
    for (light, dark) in pairs.chain(series).map(|(light, dark)| (hex(light), hex(dark))) {
        if !colors.iter().any(|(known, _)| *known == light) {
            colors.push((light, dark));
        }
    }
    colors
}

fn hex(Color(red, green, blue): Color) -> String {
    format!("#{red:02X}{green:02X}{blue:02X}")
}

/// A sentence out of its brackets.
fn bare(sentence: &str) -> &str {
    sentence.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')).unwrap_or(sentence)
}

/// Text for HTML, inside attributes too.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
