//! `calibrate`: from a CSV of prices, or of the updates of a feed, to tables for a scenario.
use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::Exit;
use super::args::{Calibrate, Format};
use super::terminal::{Terminal, failed};
use crate::calibrate::{FileFault, Interval, Model, Returns, Table, Updates, fit, fit_feed};
use crate::report::calibration::{file_name, table};
use crate::report::folder::{
    CalibrationInputs, FittedSeries, calibration_json, calibration_preflight, calibration_toml,
    write_calibration,
};
use crate::scenario::{Disk, Files as _, file_hash};
use crate::units::Period;

/// Pixels of a PNG for one of its SVG.
const PNG_SCALE: f32 = 2.0;

/// Reads the file, fits, writes the folder, prints the tables.
pub(super) fn calibrate(options: &Calibrate, terminal: &Terminal) -> anyhow::Result<Exit> {
    let name = options.file.display().to_string();
    let bytes = match Disk::new("").read(&name) {
        Ok(bytes) => bytes,
        Err(what) => {
            terminal.fault(&what);
            return Ok(Exit::Usage);
        }
    };
    let folder = options.output.clone().unwrap_or_else(|| default_folder(&options.file));
    if !options.no_folder {
        calibration_preflight(&folder).map_err(failed)?;
    }
    let updates = options.oracle || (!options.prices && Updates::recognises(&Table::header(&bytes)));
    let found = if updates { feeds(&bytes, options) } else { prices(&bytes, options, terminal) };
    let found = match found {
        Ok(found) => found,
        Err(faults) => {
            refuse(&name, &faults, terminal);
            return Ok(Exit::Usage);
        }
    };
    let file =
        options.file.file_name().map_or_else(|| name.clone(), |name| name.to_string_lossy().into_owned());
    let inputs = CalibrationInputs {
        file: &file,
        hash: &file_hash(&bytes),
        series: &found.series,
        feeds: &found.feeds,
        png_scale: (!options.no_charts).then_some(PNG_SCALE),
    };
    if !options.no_folder {
        let written = write_calibration(&folder, &inputs).map_err(failed)?;
        terminal.say(&format!("wrote {}", written.display()));
    }
    terminal.result(&match terminal.format {
        Format::Json => format!("{:#}\n", calibration_json(&inputs)),
        Format::Text => text(&inputs),
    })?;
    Ok(Exit::Ok)
}

/// What a file gave.
#[derive(Default)]
struct Found {
    series: Vec<FittedSeries>,
    feeds: Vec<crate::calibrate::FeedFit>,
}

fn default_folder(file: &Path) -> PathBuf {
    let stem = file.file_stem().map_or_else(|| "series".into(), |stem| stem.to_string_lossy());
    format!("output/calibrate-{}", file_name(&stem)).into()
}

fn fault(what: String, help: &str) -> FileFault {
    FileFault { line: None, what, help: Some(help.to_owned()) }
}

fn prices(bytes: &[u8], options: &Calibrate, terminal: &Terminal) -> Result<Found, Vec<FileFault>> {
    let mut faults = Vec::new();
    let interval = interval(options.interval.as_deref(), &mut faults);
    if !(options.days_per_year > 0.0 && options.days_per_year.is_finite()) {
        let what = format!("--days-per-year {} is no length of a year", options.days_per_year);
        faults.push(fault(what, "a number above 0, as in the scenario; 365 by default"));
    }
    let table = match Table::prices(bytes, &options.column) {
        Ok(table) => Some(table),
        Err(more) => {
            faults.extend(more);
            None
        }
    };
    let (Some(table), true) = (table, faults.is_empty()) else { return Err(faults) };
    let models = models(options);
    let mut found = Found::default();
    for name in &table.names {
        match Returns::of(&table, name, interval, options.days_per_year) {
            Ok(returns) => found.series.push(fitted(returns, &models, terminal)),
            Err(why) => faults.push(fault(format!("column `{name}`: {why}"), "leave it out with --column")),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn models(options: &Calibrate) -> Vec<Model> {
    let mut models: Vec<Model> = options.models.iter().map(|model| model.model()).collect();
    if models.is_empty() {
        models = Model::ALL.to_vec();
    }
    models.sort_unstable();
    models.dedup();
    models
}

fn fitted(returns: Returns, models: &[Model], terminal: &Terminal) -> FittedSeries {
    let (mut fits, mut refused) = (Vec::new(), Vec::new());
    for model in models {
        match fit(*model, &returns) {
            Ok(fit) => fits.push(fit),
            Err(why) => {
                terminal.say(&format!("{}: {} is not fitted: {why}", returns.name, model.kind()));
                refused.push((model.kind(), why));
            }
        }
    }
    FittedSeries { returns, fits, refused }
}

fn interval(text: Option<&str>, faults: &mut Vec<FileFault>) -> Interval {
    match text {
        None => Interval::Usual,
        Some("rows") => Interval::Rows,
        Some(text) => match Period::parse(text).map(|period| period.nanos(365.0)) {
            Ok(Some(nanos)) if nanos > 0 && i64::try_from(nanos).is_ok() => Interval::Nanos(nanos),
            Err(why) => {
                faults.push(fault(format!("--interval: {why}"), "a duration such as 1h or 1d, or `rows`"));
                Interval::Usual
            }
            _ => {
                let what = format!("--interval: `{text}` is no time between two prices");
                faults.push(fault(what, "a duration such as 1h or 1d, or `rows`"));
                Interval::Usual
            }
        },
    }
}

fn feeds(bytes: &[u8], options: &Calibrate) -> Result<Found, Vec<FileFault>> {
    if let Some(second) = options.column.get(1) {
        let what = format!("--column {second}: a feed has one column of answers");
        return Err(vec![fault(what, "one --column, the answer's")]);
    }
    let updates = Updates::read(bytes, options.column.first().map(String::as_str))?;
    let (mut found, mut faults) = (Found::default(), Vec::new());
    for feed in &updates {
        match fit_feed(feed) {
            Ok(fit) => found.feeds.push(fit),
            Err(why) => {
                let phase = feed.phase.map_or_else(String::new, |phase| format!("phase {phase}: "));
                faults.push(fault(format!("{phase}{why}"), "a longer history of the feed"));
            }
        }
    }
    // a short generation of the feed spoils no other
    if found.feeds.is_empty() { Err(faults) } else { Ok(found) }
}

/// `file:line: what`, `help: …`, and a count.
fn refuse(name: &str, faults: &[FileFault], terminal: &Terminal) {
    let mut text = String::new();
    for fault in faults {
        let place = match fault.line {
            Some(line) => format!("{name}:{line}"),
            None if fault.what.starts_with("--") => "command line".to_owned(),
            None => name.to_owned(),
        };
        // writing to a String cannot fail
        let _ = writeln!(text, "error: {place}: {}", fault.what);
        if let Some(help) = &fault.help {
            let _ = writeln!(text, "  help: {help}");
        }
    }
    let n = faults.len();
    let _ = writeln!(text, "{n} fault{} in {name}", if n == 1 { "" } else { "s" });
    terminal.explain(&text);
}

fn text(inputs: &CalibrationInputs<'_>) -> String {
    let mut text = String::new();
    for series in inputs.series {
        text.push_str(&table::models(&series.returns, &series.fits));
        text.push('\n');
    }
    for feed in inputs.feeds {
        text.push_str(&table::feed(feed));
        text.push('\n');
    }
    text.push_str(&calibration_toml(inputs));
    text
}
