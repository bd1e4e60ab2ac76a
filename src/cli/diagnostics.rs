//! Faults of a scenario as people and programs read them.
use annotate_snippets::renderer::DecorStyle;
use annotate_snippets::{AnnotationKind, Group, Level, Patch, Renderer, Snippet};
use serde_json::{Value, json};

use crate::scenario::{Problem, Severity};

/// More faults than this say nothing more.
const MOST: usize = 50;

/// Whether the terminal shows colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ink {
    /// ANSI colours.
    Color,
    /// Plain text.
    Plain,
}

/// Every problem with its place underlined, and a count.
pub fn render(text: &str, file: &str, problems: &[Problem], ink: Ink) -> String {
    let renderer = match ink {
        Ink::Color => Renderer::styled(),
        Ink::Plain => Renderer::plain(),
    };
    let renderer = renderer.decor_style(DecorStyle::Ascii);
    let mut out = String::new();
    for problem in problems.iter().take(MOST) {
        out.push_str(&one(text, file, problem, &renderer));
        out.push_str("\n\n");
    }
    if problems.len() > MOST {
        out.push_str(&format!("… and {} more\n\n", problems.len() - MOST));
    }
    out.push_str(&count(file, problems));
    out.push('\n');
    out
}

fn one(text: &str, file: &str, problem: &Problem, renderer: &Renderer) -> String {
    // an override is a source of its own: the words of the command line
    let (source, name) = problem.origin.as_deref().map_or((text, file), |origin| (origin, "command line"));
    let place = |span: &std::ops::Range<usize>| {
        let start = floor(source, span.start);
        start..floor(source, span.end).max(start)
    };
    let mut snippet = Snippet::source(source)
        .path(name)
        .annotation(AnnotationKind::Primary.span(place(&problem.span)).label(problem.label.as_str()));
    for (span, label) in &problem.also {
        snippet = snippet.annotation(AnnotationKind::Context.span(place(span)).label(label.as_str()));
    }
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group: Group<'_> = level.primary_title(problem.title.as_str()).id(problem.code).element(snippet);
    if let Some(help) = &problem.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let mut groups = vec![group];
    if let Some(suggestion) = &problem.suggestion {
        let patch = Patch::new(place(&problem.span), suggestion.as_str());
        groups.push(Level::HELP.secondary_title("did you mean").element(Snippet::source(source).path(name).patch(patch)));
    }
    renderer.render(&groups)
}

/// `2 faults, 1 warning in scenario.toml`
fn count(file: &str, problems: &[Problem]) -> String {
    let n_warnings = problems.iter().filter(|problem| problem.severity == Severity::Warning).count();
    let n_faults = problems.len() - n_warnings;
    let some = |n: usize, word: &str| (n > 0).then(|| format!("{n} {word}{}", if n == 1 { "" } else { "s" }));
    let parts: Vec<String> = [some(n_faults, "fault"), some(n_warnings, "warning")].into_iter().flatten().collect();
    if parts.is_empty() { format!("{file}: sound") } else { format!("{} in {file}", parts.join(", ")) }
}

/// One object a problem, with line and column counted from 1.
pub fn to_json(text: &str, file: &str, problems: &[Problem]) -> Value {
    let one = |problem: &Problem| {
        let source = problem.origin.as_deref().unwrap_or(text);
        let (line, column) = line_and_column(source, problem.span.start);
        let also = problem.also.iter().map(|(span, label)| {
            let (line, column) = line_and_column(source, span.start);
            json!({ "line": line, "column": column, "span": [span.start, span.end], "label": label })
        });
        json!({
            "file": file, "origin": problem.origin, "code": problem.code, "severity": problem.severity,
            "path": problem.path, "message": problem.title, "label": problem.label,
            "line": line, "column": column, "span": [problem.span.start, problem.span.end],
            "also": also.collect::<Vec<_>>(), "help": problem.help, "suggestion": problem.suggestion,
            "unavailable": problem.unavailable,
        })
    };
    Value::Array(problems.iter().map(one).collect())
}

fn line_and_column(source: &str, at: usize) -> (usize, usize) {
    let before = source.get(..floor(source, at)).unwrap_or("");
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or("").chars().count() + 1;
    (line, column)
}

/// The nearest character boundary at or before a byte.
fn floor(source: &str, at: usize) -> usize {
    source.floor_char_boundary(at)
}
