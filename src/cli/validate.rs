//! `validate`: the catalogue of closed forms and published values against the engine.
use super::Exit;
use super::args::{Format, Validate};
use super::terminal::{Terminal, failed};
use crate::engine::Execution;
use crate::report::folder::{validation_preflight, write_validation};
use crate::report::validation::table;
use crate::study::validate::{Finding, ValidateError, named, run, select};

/// Runs the checks, prints their table, writes the folder where one is asked for.
pub(super) fn validate(options: &Validate, terminal: &Terminal) -> anyhow::Result<Exit> {
    let experiments = match select(&options.id, options.quick) {
        Ok(experiments) => experiments,
        Err(fault @ ValidateError::Unknown { .. }) => {
            terminal.fault(&fault.to_string());
            return Ok(Exit::Usage);
        }
        Err(fault) => return Err(fault.into()),
    };
    if experiments.is_empty() {
        terminal.fault("none of these checks is quick: leave --quick out");
        return Ok(Exit::Usage);
    }
    if let Some(dir) = &options.output {
        validation_preflight(dir).map_err(failed)?;
    }
    let threads = options.threads.map(|threads| threads as usize);
    let execution = Execution { threads, ..Execution::default() };
    let mut findings: Vec<Finding> = Vec::new();
    for (i, experiment) in experiments.iter().enumerate() {
        if terminal.shows_progress() {
            let ids: Vec<&str> = experiment.checks.iter().map(|check| check.id).collect();
            terminal.say(&format!("{} of {}: {}", i + 1, experiments.len(), ids.join(" ")));
        }
        findings.extend(run(experiment, &execution)?);
    }
    findings.retain(|finding| options.id.is_empty() || options.id.iter().any(|id| named(finding.check, id)));
    terminal.result(&match terminal.format {
        Format::Json => format!("{}\n", table::json(&findings)),
        Format::Text => table::text(&findings),
    })?;
    if let Some(dir) = &options.output {
        let (written, left_out) = write_validation(dir, &findings).map_err(failed)?;
        for (chart, why) in left_out {
            terminal.say(&format!("no {chart} chart: {why}"));
        }
        terminal.say(&format!("wrote {}", written.display()));
    }
    Ok(if findings.iter().any(|finding| finding.verdict.is_failure()) { Exit::Failure } else { Exit::Ok })
}
