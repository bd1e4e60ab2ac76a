//! Tables for papers and tickets: LaTeX (booktabs), Markdown, tidy CSV; no figure has more digits than its error supports.
use std::fmt::Write as _;

use crate::metric::Metric;

use super::comparison::Comparison;
use super::number;
use super::page::shown;
use super::studies::StudyError;
use super::summary::{ENGINE_VERSION, Figure, Identity, Summary};

/// A form of a table for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// GitHub's tables.
    Markdown,
    /// A `tabular` for `\usepackage{booktabs}`.
    Latex,
}

/// A table in words, before any form.
#[derive(Debug, Clone, PartialEq)]
pub struct Sheet {
    /// Heads of the columns of words.
    words: Vec<&'static str>,
    /// Heads and units of the columns of figures.
    figures: Vec<(String, &'static str)>,
    /// Words, and value with its error.
    rows: Vec<(Vec<String>, Vec<Shown>)>,
    /// What stands below.
    note: String,
}

type Shown = (String, Option<String>);

/// The policies of a run by these figures.
pub fn of_run(summary: &Summary, metrics: &[&'static Metric]) -> Sheet {
    let row = |policy: &super::summary::PolicySummary| {
        let cell = |metric: &&Metric| cell(metric.key, policy.metric(metric.key), policy.constants.notional);
        (vec![policy.name.clone()], metrics.iter().map(cell).collect())
    };
    Sheet {
        words: vec!["policy"],
        figures: heads(metrics),
        rows: summary.policies.iter().map(row).collect(),
        note: format!("± one standard error; {}", origin(&summary.scenario)),
    }
}

/// The policies of every run by these figures; and the differences to the first run, where there are any.
pub fn of_comparison(comparison: &Comparison, metrics: &[&'static Metric]) -> Vec<Sheet> {
    let mut rows = Vec::new();
    for name in comparison.policies() {
        for side in &comparison.sides {
            let Some(policy) = side.summary.policies.iter().find(|it| it.name == name) else { continue };
            let cell =
                |metric: &&Metric| cell(metric.key, policy.metric(metric.key), policy.constants.notional);
            rows.push((vec![name.to_owned(), side.label.clone()], metrics.iter().map(cell).collect()));
        }
    }
    let origins: Vec<String> = comparison
        .sides
        .iter()
        .map(|side| format!("{}: {}", side.label, origin(&side.summary.scenario)))
        .collect();
    let words = vec!["policy", "run"];
    let figures = heads(metrics);
    let mut sheets = vec![Sheet {
        words: words.clone(),
        figures: figures.clone(),
        rows,
        note: format!("± one standard error; {}", origins.join("; ")),
    }];
    let rows: Vec<_> = comparison
        .between
        .iter()
        .map(|it| {
            let name = &comparison.sides[0].summary.policies[it.policy[0]].name;
            let change = |metric: &&Metric| {
                let figure = comparison.changed(it.run, name, metric.key).map(|it| comparison.figure(it));
                cell(metric.key, figure.as_ref(), comparison.notional())
            };
            (vec![name.clone(), comparison.sides[it.run].label.clone()], metrics.iter().map(change).collect())
        })
        .collect();
    if !rows.is_empty() {
        let methods: Vec<String> = comparison.sides[1..]
            .iter()
            .zip(&comparison.methods)
            .map(|(side, (method, _))| format!("{}: {method}", side.label))
            .collect();
        let note =
            format!("each minus {}, ± one standard error; {}", comparison.sides[0].label, methods.join("; "));
        sheets.push(Sheet { words, figures, rows, note });
    }
    sheets
}

fn heads(metrics: &[&'static Metric]) -> Vec<(String, &'static str)> {
    metrics
        .iter()
        .map(|metric| (metric.key.replace('_', " "), shown(metric.key, metric.unit.name(), 1.0).1))
        .collect()
}

fn origin(identity: &Identity) -> String {
    let hash: String = identity.hash.chars().take(8).collect();
    let paths = if identity.paths == 1 { "path" } else { "paths" };
    format!(
        "{} {hash}, {} {paths}, seed {}, driftband {ENGINE_VERSION}",
        identity.name, identity.paths, identity.seed
    )
}

fn cell(key: &str, figure: Option<&Figure>, notional: f64) -> Shown {
    let Some((figure, value)) = figure.and_then(|figure| Some((figure, figure.value?))) else {
        return ("–".into(), None);
    };
    let (scale, _) = shown(key, &figure.unit, notional);
    // what rounding leaves of sums that cancel is no figure
    let quiet = |x: f64| if figure.unit == "currency" && (x * scale).abs() < 1e-8 { 0.0 } else { x * scale };
    number::with_error(quiet(value), figure.se.map(quiet))
}

impl Sheet {
    /// The table with its note.
    pub fn in_form(&self, form: Form) -> String {
        match form {
            Form::Latex => self.latex(),
            Form::Markdown => self.markdown(),
        }
    }

    /// A table of GitHub's Markdown with its note.
    pub fn markdown(&self) -> String {
        let heads = self.figures.iter().map(|(head, unit)| match *unit {
            "" => head.clone(),
            unit => format!("{head} ({unit})"),
        });
        let heads: Vec<String> = self.words.iter().map(|word| (*word).to_owned()).chain(heads).collect();
        let rule = self.words.iter().map(|_| ":--").chain(self.figures.iter().map(|_| "--:"));
        let mut text = format!("| {} |\n", heads.join(" | "));
        // writing to a String cannot fail
        let _ = writeln!(text, "|{}|", rule.collect::<Vec<_>>().join("|"));
        for (words, figures) in &self.rows {
            let figures = figures.iter().map(|(value, error)| match error {
                Some(error) => format!("{value} ± {error}"),
                None => value.clone(),
            });
            let cells: Vec<String> = words.iter().map(|word| in_markdown(word)).chain(figures).collect();
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
        let _ = write!(text, "\n{}\n", in_markdown(&self.note));
        text
    }

    /// A `tabular` between two comments; needs booktabs alone.
    pub fn latex(&self) -> String {
        let columns = "l".repeat(self.words.len()) + &"r".repeat(self.figures.len());
        let heads = self.figures.iter().map(|(head, unit)| match *unit {
            "" => in_latex(head),
            unit => format!("{} ({})", in_latex(head), in_latex(unit)),
        });
        let heads: Vec<String> = self.words.iter().map(|word| in_latex(word)).chain(heads).collect();
        let mut text =
            format!("% needs \\usepackage{{booktabs}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n");
        // writing to a String cannot fail
        let _ = writeln!(text, "{} \\\\\n\\midrule", heads.join(" & "));
        for (words, figures) in &self.rows {
            let figures = figures.iter().map(|(value, error)| match error {
                Some(error) => format!("${} \\pm {}$", figure_in_latex(value), figure_in_latex(error)),
                None if value == "–" => "--".into(),
                None => format!("${}$", figure_in_latex(value)),
            });
            let cells: Vec<String> = words.iter().map(|word| in_latex(word)).chain(figures).collect();
            let _ = writeln!(text, "{} \\\\", cells.join(" & "));
        }
        let _ = write!(text, "\\bottomrule\n\\end{{tabular}}\n% {}\n", one_line(&self.note));
        text
    }
}

/// Rows of figures as they stand in `summary.csv`, those of these keys alone.
///
/// # Errors
///
/// A row could not be written.
pub fn tidy(summary: &Summary, metrics: &[&'static Metric]) -> Result<Vec<u8>, StudyError> {
    let head = ["policy", "metric", "value", "se", "ci_low", "ci_high", "unit"];
    let rows = summary.policies.iter().flat_map(|policy| {
        metrics.iter().filter_map(move |metric| {
            let figure = policy.metric(metric.key)?;
            let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
            Some((&policy.name, metric.key, figure.value, figure.se, low, high, &figure.unit))
        })
    });
    super::studies::csv("table.csv", &head.map(String::from), rows)
}

/// The same of every run, with its differences to the first run behind them: `run` is then `b − a`.
///
/// # Errors
///
/// A row could not be written.
pub fn tidy_comparison(comparison: &Comparison, metrics: &[&'static Metric]) -> Result<Vec<u8>, StudyError> {
    let head = ["run", "minus", "policy", "metric", "value", "se", "ci_low", "ci_high", "unit", "method"];
    let mut rows = Vec::new();
    let mut add = |names: [&str; 3], metric: &Metric, figure: &Figure, method: &'static str| {
        let (low, high) = (figure.ci.map(|ci| ci[0]), figure.ci.map(|ci| ci[1]));
        let figures = (figure.value, figure.se, low, high, figure.unit.clone());
        rows.push((names.map(String::from), metric.key, figures, method));
    };
    for side in &comparison.sides {
        for policy in &side.summary.policies {
            for metric in metrics {
                if let Some(figure) = policy.metric(metric.key) {
                    add([&side.label, "", &policy.name], metric, figure, "");
                }
            }
        }
    }
    let first = &comparison.sides[0];
    for it in &comparison.between {
        let name = &first.summary.policies[it.policy[0]].name;
        for changed in it.metrics.iter().filter(|changed| metrics.contains(&changed.metric)) {
            let figure = comparison.figure(changed);
            let names = [comparison.sides[it.run].label.as_str(), &first.label, name];
            add(names, changed.metric, &figure, it.method.name());
        }
    }
    super::studies::csv("table.csv", &head.map(String::from), rows)
}

/// Text that Markdown reads as nothing but text, in one line.
fn in_markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        if matches!(c, '\\' | '`' | '*' | '_' | '[' | ']' | '<' | '>' | '|' | '#' | '~' | '&') {
            safe.push('\\');
        }
        safe.push(c);
    }
    safe
}

/// Text that LaTeX sets as it stands.
fn in_latex(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in one_line(text).chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => safe.extend(['\\', c]),
            '~' => safe.push_str("\\textasciitilde{}"),
            '^' => safe.push_str("\\textasciicircum{}"),
            '\\' => safe.push_str("\\textbackslash{}"),
            '<' | '>' | '|' => safe.extend(['$', c, '$']),
            '"' => safe.push_str("\\textquotedbl{}"),
            '×' => safe.push_str("$\\times$"),
            '±' => safe.push_str("$\\pm$"),
            '\u{2212}' => safe.push_str("$-$"),
            other => safe.push(other),
        }
    }
    safe
}

/// A printed figure inside `$…$`.
fn figure_in_latex(text: &str) -> String {
    let plain = text.replace('\u{a0}', "\\,");
    match plain.split_once('e') {
        Some((digits, power)) => {
            format!("{} \\cdot 10^{{{}}}", digits.replace('\u{2212}', "-"), power.replace('\u{2212}', "-"))
        }
        None => plain.replace('\u{2212}', "-"),
    }
}

fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        assert_eq!(
            in_latex("a_b 50% {x} ~^\\"),
            "a\\_b 50\\% \\{x\\} \\textasciitilde{}\\textasciicircum{}\\textbackslash{}"
        );
        assert_eq!(in_markdown("a|b_c\n<d>"), "a\\|b\\_c \\<d\\>");
        assert_eq!(figure_in_latex("\u{2212}12\u{a0}300"), "-12\\,300");
        assert_eq!(figure_in_latex("\u{2212}3.0e\u{2212}12"), "-3.0 \\cdot 10^{-12}");
    }
}
