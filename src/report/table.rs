//! The terminal table of a run, and the one line people quote.
use crate::math::ln;

use super::number;
use super::summary::{Figure, PolicySummary, Relative, Summary};

/// Letters of a policy's name before it is cut.
const NAME: usize = 40;
/// Keys and heads of the columns.
const COLUMNS: [(&str, &str); 5] = [
    ("mean", "mean"),
    ("std", "std"),
    ("cvar_99", "CVaR 99"),
    ("cost_total", "total cost"),
    ("trades", "trades"),
];

/// Shown where some policy has it.
const EFFICIENCY: (&str, &str) = ("efficiency_constant", "C");

/// A row a policy: mean, std, `CVaR` 99, total cost in bps of notional, and trades, each ± its standard error; the efficiency
/// constant where the run has one.
pub fn render(summary: &Summary) -> String {
    let Some(first) = summary.policies.first() else { return "no policies\n".into() };
    let mut columns: Vec<Vec<String>> = vec![names(summary)];
    columns.extend(COLUMNS.map(|(key, head)| column(summary, key, head)));
    let efficient =
        summary.policies.iter().any(|it| it.metric(EFFICIENCY.0).is_some_and(|c| c.value.is_some()));
    if efficient {
        columns.push(column(summary, EFFICIENCY.0, EFFICIENCY.1));
    }
    columns.extend(verdicts(summary));
    let mut text = String::new();
    for row in 0..=summary.policies.len() {
        let cells: Vec<&str> = columns.iter().map(|column| column[row].as_str()).collect();
        text.push_str(cells.join("   ").trim_end());
        text.push('\n');
    }
    let notional = plain(&number::amount(first.constants.notional));
    let n_paths = plain(&number::count(summary.scenario.paths));
    let (seed, paths) = (summary.scenario.seed, if summary.scenario.paths == 1 { "path" } else { "paths" });
    let marked = COLUMNS.iter().any(|(key, _)| {
        summary.policies.iter().any(|policy| policy.metric(key).is_some_and(|figure| figure.indicative))
    });
    let constant = if efficient { ", C = TE·turnover/(σv)" } else { "" };
    let legend = if marked { ", * indicative only" } else { "" };
    text + &format!(
        "bps of notional ({notional}), trades per path{constant}, ± standard error{legend}; {n_paths} {paths}, seed {seed}\n"
    )
}

/// "hourly tracks 2.9 ± 0.1 times tighter than daily, for 3.4 times the cost"; nothing to say for one policy.
pub fn relative_line(summary: &Summary) -> Option<String> {
    let relative = summary.relative.as_ref()?;
    let Relative { tight, loose, ratio, .. } = relative;
    let value = ratio.value?;
    let Some(se) = ratio.se else {
        let words = number::significant(value, 2);
        // a run too long to keep every deviation is not a run of few paths
        let unsure = match &ratio.reason {
            Some(reason) if reason.contains("not kept") => reason.as_str(),
            _ => "too few to say how sure that is",
        };
        return Some(format!("on these paths {tight} was {words} times tighter than {loose}; {unsure}"));
    };
    let words = plain(&number::plus_minus(value, ratio.se));
    // whether the two differ at all, to 95 %: a ratio's error grows with it, that of its logarithm does not
    if ln(value) <= 1.96 * se / value {
        return Some(format!("{tight} and {loose} cannot be told apart by their std (ratio {words})"));
    }
    let words = if se > 0.0 { words } else { number::significant(value, 2) };
    Some(format!("{tight} tracks {words} times tighter than {loose}{}", price(relative, summary)))
}

/// What the tight policy costs against the loose one.
fn price(relative: &Relative, summary: &Summary) -> String {
    let (Some(tight), Some(loose)) = (relative.tight_cost, relative.loose_cost) else { return String::new() };
    if tight == 0.0 && loose == 0.0 {
        return ", and neither pays a cost".into();
    }
    if tight > 0.0 && loose > 0.0 {
        return format!(", for {} times the cost", plain(&number::significant(tight / loose, 2)));
    }
    // a ratio to nothing, or to money received, means nothing
    let notional = summary.policies.first().map_or(1.0, |policy| policy.constants.notional);
    let bps = |name: &str, cost: f64| {
        let policy = summary.policies.iter().find(|policy| policy.name == name);
        let se = policy.and_then(|policy| policy.metric("cost_total")?.se).map(|se| se / notional * 1e4);
        plain(&number::with_error(cost / notional * 1e4, se).0)
    };
    format!(", for a cost of {} bps against {}", bps(&relative.tight, tight), bps(&relative.loose, loose))
}

fn names(summary: &Summary) -> Vec<String> {
    let mut cells = vec!["policy".to_owned()];
    cells.extend(summary.policies.iter().map(|policy| cut(&policy.name)));
    let width = widest(&cells);
    cells.iter().map(|cell| format!("{cell:<width$}")).collect()
}

fn cut(name: &str) -> String {
    if name.chars().count() <= NAME {
        return name.into();
    }
    name.chars().take(NAME - 1).chain(['…']).collect()
}

/// How each policy stands by its std: best, not distinguishable from the best, or worse.
fn verdicts(summary: &Summary) -> Option<Vec<String>> {
    let ranking = summary.rankings.iter().find(|ranking| ranking.metric == "std")?;
    let cell = |policy: &PolicySummary| {
        let standing = ranking.places.iter().find(|standing| standing.policy == policy.name);
        match standing.map(|standing| standing.verdict.as_str()) {
            Some("tied") => "as best".into(),
            Some(verdict @ ("best" | "worse")) => verdict.into(),
            _ => "–".into(),
        }
    };
    Some(std::iter::once("by std".to_owned()).chain(summary.policies.iter().map(cell)).collect())
}

/// One column, its ± signs below each other.
fn column(summary: &Summary, key: &str, head: &str) -> Vec<String> {
    let parts: Vec<(String, String)> =
        summary.policies.iter().map(|policy| parts(policy, policy.metric(key))).collect();
    let value = parts.iter().map(|(value, _)| value.chars().count()).max().unwrap_or(0);
    let error = parts.iter().map(|(_, error)| error.chars().count()).max().unwrap_or(0);
    let mut cells = vec![head.to_owned()];
    cells.extend(parts.iter().map(|(v, e)| format!("{v:>value$}{e:<error$}")));
    let width = widest(&cells);
    cells.iter().map(|cell| format!("{cell:>width$}")).collect()
}

/// Value and ` ± error` of a figure, currency in bps of notional.
fn parts(policy: &PolicySummary, figure: Option<&Figure>) -> (String, String) {
    let Some(figure) = figure else { return ("–".into(), String::new()) };
    let scale = if figure.unit == "currency" { 1e4 / policy.constants.notional } else { 1.0 };
    let Some(value) = figure.value else { return ("–".into(), String::new()) };
    // rounding left over from sums that cancel is no figure
    let quiet = |x: f64| if figure.unit == "currency" && (x * scale).abs() < 1e-8 { 0.0 } else { x * scale };
    match number::with_error(quiet(value), figure.se.map(quiet)) {
        (value, Some(error)) => {
            let mark = if figure.indicative { "*" } else { "" };
            (plain(&value), format!(" ± {}{mark}", plain(&error)))
        }
        (value, None) => (plain(&value), String::new()),
    }
}

fn widest(cells: &[String]) -> usize {
    cells.iter().map(|cell| cell.chars().count()).max().unwrap_or(0)
}

/// Ordinary spaces: a terminal breaks no lines, and its text is searched and copied.
fn plain(text: &str) -> String {
    text.replace('\u{a0}', " ")
}
