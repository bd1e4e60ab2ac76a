//! What runs are called beside each other.
use std::path::Path;

use super::super::summary::Summary;

/// A label for each run: the name of its scenario where all differ, else of its folder where those do, else the scenario's
/// name with the place in the list.
pub fn labels(runs: &[(&Path, &Summary)]) -> Vec<String> {
    let scenarios: Vec<String> = runs.iter().map(|(_, summary)| summary.scenario.name.clone()).collect();
    let folder = |dir: &Path| {
        // `.` and `..` have no name of their own
        let whole = std::path::absolute(dir).unwrap_or_else(|_| dir.to_owned());
        whole.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned())
    };
    let folders: Vec<String> = runs.iter().map(|(dir, _)| folder(dir)).collect();
    if distinct(&scenarios) {
        return scenarios;
    }
    if distinct(&folders) && folders.iter().all(|name| !name.is_empty()) {
        return folders;
    }
    (1..).zip(scenarios).map(|(place, name)| format!("{place} {name}")).collect()
}

fn distinct(names: &[String]) -> bool {
    names.iter().enumerate().all(|(place, name)| !names[..place].contains(name))
}
