//! `compare`: finished runs side by side, in a folder of their own.
use std::path::PathBuf;

use super::Exit;
use super::args::{Compare, Format, TableForm};
use super::run::PNG_SCALE;
use super::terminal::{Terminal, failed};
use crate::report::comparison::{self, text};
use crate::report::export::{of_comparison, tidy_comparison};
use crate::report::folder;
use crate::scenario::meant;
use crate::study::compare::COMPARED;

/// Writes the comparison of the runs that are named, and prints it.
pub(super) fn compare(options: &Compare, terminal: &Terminal) -> anyhow::Result<Exit> {
    let metrics = match comparison::metrics(&options.metrics) {
        Ok(metrics) => metrics,
        Err(key) => {
            let near = meant(&key, COMPARED);
            let known = COMPARED.join(", ");
            terminal.fault(&format!("`{key}` is no figure that runs are compared by{near}: {known}"));
            return Ok(Exit::Usage);
        }
    };
    if let Some(double) = double(&options.runs) {
        terminal
            .fault(&format!("`{}` is named twice: a run differs from itself in nothing", double.display()));
        return Ok(Exit::Usage);
    }
    let found = folder::read_comparison(&options.runs).map_err(failed)?;
    let default = || PathBuf::from("output").join(folder::comparison_name(&found));
    let dir = options.output.clone().unwrap_or_else(default);
    let (dir, missing) = folder::write_comparison(&dir, &found, &metrics, PNG_SCALE).map_err(failed)?;
    let told = match (options.table.map(TableForm::form), terminal.format) {
        (Some(None), _) => {
            let rows = tidy_comparison(&found, &metrics);
            let rows = rows.map_err(|fault| anyhow::anyhow!("failed to {fault}"))?;
            String::from_utf8_lossy(&rows).into_owned()
        }
        (Some(Some(form)), _) => {
            let sheets = of_comparison(&found, &metrics);
            sheets.iter().map(|sheet| sheet.in_form(form)).collect::<Vec<_>>().join("\n")
        }
        (None, Format::Json) => format!("{}\n", comparison::value(&found)),
        (None, Format::Text) => text::render(&found, &metrics),
    };
    terminal.result(&told)?;
    for words in missing.iter().chain(&found.notes) {
        terminal.say(&format!("note: {words}"));
    }
    terminal.say(&format!("wrote {}", dir.display()));
    Ok(Exit::Ok)
}

/// A folder that is there twice, by its name or by another.
fn double(runs: &[PathBuf]) -> Option<&PathBuf> {
    let real = |dir: &PathBuf| dir.canonicalize().unwrap_or_else(|_| dir.clone());
    let all: Vec<PathBuf> = runs.iter().map(real).collect();
    runs.iter().zip(0..).find(|(_, place)| all[..*place].contains(&all[*place])).map(|(dir, _)| dir)
}
