//! `report`: the page of a finished run, made anew from the files of its folder; its figures as a table to paste.
use serde_json::json;

use super::Exit;
use super::args::{Format, Report, TableForm};
use super::terminal::{Terminal, failed};
use crate::metric::{METRICS, Metric, by_key};
use crate::report::comparison::SHOWN;
use crate::report::export::{Form, of_run, tidy};
use crate::report::folder::{read_summary, rebuild};
use crate::scenario::meant;

/// Writes the page of every run that is named, and prints its table where one is asked for.
pub(super) fn report(options: &Report, terminal: &Terminal) -> anyhow::Result<Exit> {
    let metrics = match metrics(&options.metrics, options.table) {
        Ok(metrics) => metrics,
        Err(key) => {
            let known: Vec<&str> = METRICS.iter().map(|metric| metric.key).collect();
            let near = meant(&key, known.iter().copied());
            terminal.fault(&format!("`{key}` is no figure of a run{near}: {}", known.join(", ")));
            return Ok(Exit::Usage);
        }
    };
    for (place, run) in options.runs.iter().enumerate() {
        let page = rebuild(run, options.template.as_deref()).map_err(failed)?;
        let Some(table) = options.table else {
            match terminal.format {
                Format::Json => terminal.result(&format!("{}\n", json!({ "page": page })))?,
                Format::Text => terminal.say(&format!("wrote {}", page.display())),
            }
            continue;
        };
        let summary = read_summary(run).map_err(failed)?;
        let gap = if place > 0 { "\n" } else { "" };
        let table = if let Some(form) = table.form() {
            of_run(&summary, &metrics).in_form(form)
        } else {
            let rows = tidy(&summary, &metrics).map_err(|fault| anyhow::anyhow!("failed to {fault}"))?;
            String::from_utf8_lossy(&rows).into_owned()
        };
        terminal.result(&format!("{gap}{table}"))?;
        terminal.say(&format!("wrote {}", page.display()));
    }
    Ok(Exit::Ok)
}

impl TableForm {
    /// The library's name of it; none for rows of exact figures.
    pub(super) const fn form(self) -> Option<Form> {
        match self {
            Self::Csv => None,
            Self::Markdown => Some(Form::Markdown),
            Self::Latex => Some(Form::Latex),
        }
    }
}

/// The figures with these keys, the usual ones where there are none; the first key that is none.
fn metrics(keys: &[String], table: Option<TableForm>) -> Result<Vec<&'static Metric>, String> {
    if keys.is_empty() {
        let usual = |metric: &&Metric| table == Some(TableForm::Csv) || SHOWN.contains(&metric.key);
        return Ok(METRICS.iter().filter(usual).collect());
    }
    keys.iter().map(|key| by_key(key).ok_or_else(|| key.clone())).collect()
}
