//! `report`: the page of a finished run, made anew from the files of its folder.
use serde_json::json;

use super::Exit;
use super::args::{Format, Report};
use super::terminal::{Terminal, failed};
use crate::report::folder::rebuild;

/// Writes the page of every run that is named.
pub(super) fn report(options: &Report, terminal: &Terminal) -> anyhow::Result<Exit> {
    for run in &options.runs {
        let page = rebuild(run, options.template.as_deref()).map_err(failed)?;
        match terminal.format {
            Format::Json => terminal.result(&format!("{}\n", json!({ "page": page })))?,
            Format::Text => terminal.say(&format!("wrote {}", page.display())),
        }
    }
    Ok(Exit::Ok)
}
