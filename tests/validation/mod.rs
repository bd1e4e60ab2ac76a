//! Judges checks of the catalogue and prints their table.
use driftband::engine::Execution;
use driftband::study::validate::{Experiment, catalogue, named, run};

/// Runs every experiment of these groups that is quick, or that is not, and asserts that each check passes.
#[track_caller]
pub(crate) fn assert_holds(groups: &[&str], quick: bool) {
    let wanted = |experiment: &Experiment| {
        experiment.quick == quick
            && experiment.checks.iter().any(|check| groups.iter().any(|group| named(check, group)))
    };
    let (mut judged, mut failed) = (0, Vec::new());
    for experiment in catalogue().into_iter().filter(wanted) {
        match run(&experiment, &Execution::default()) {
            Err(fault) => failed.push(format!("{}: {fault}", experiment.checks[0].id)),
            Ok(findings) => {
                for finding in findings {
                    let line = format!(
                        "{:6} theory {:>13.6e}  measured {:>13.6e}  SE {:8.1e}  z {:>6}  {:>8}  ({})  {}",
                        finding.check.id,
                        finding.theory,
                        finding.measured.value,
                        finding.measured.se,
                        finding.z().map_or_else(String::new, |z| format!("{z:+.2}")),
                        finding.relative().map_or_else(String::new, |part| format!("{:+.2} %", 100.0 * part)),
                        finding.check.tolerance.text(),
                        finding.verdict.word(),
                    );
                    eprintln!("{line}");
                    judged += 1;
                    if finding.verdict.is_failure() {
                        failed.push(line);
                    }
                }
            }
        }
    }
    assert!(judged > 0, "no check in {groups:?}");
    assert!(failed.is_empty(), "{}", failed.join("\n"));
}
