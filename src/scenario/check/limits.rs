//! `[limits]`: bounds that make a run exit with 3.
use super::Checker;
use crate::metric::{self, Unit};
use crate::scenario::Limit;
use crate::scenario::file::ScenarioFile;
use crate::scenario::problem::Severity;
use crate::scenario::tree::name_of;
use crate::scenario::walk::suggest;
use crate::units::{Amount, Fault};

impl Checker<'_> {
    /// Every bound, for the policies named.
    pub(super) fn limits(&mut self, file: &ScenarioFile) -> Vec<Limit> {
        let policies = file.limits.policies.clone().unwrap_or_default();
        // from the text, so that an entry with a fault of its own is still known by name
        let entries = self.root.get_ref().get("policies").and_then(|list| list.get_ref().as_array());
        let names: Vec<String> =
            entries.map(|list| list.iter().filter_map(name_of).map(str::to_owned).collect()).unwrap_or_default();
        for (index, policy) in policies.iter().enumerate() {
            if !names.contains(policy) && !names.is_empty() {
                let near = suggest(policy, names.iter().map(String::as_str)).map(|near| format!("\"{near}\""));
                let fault = Fault::new(format!("limits.policies.{index}"), format!("there is no policy `{policy}`"))
                    .label("not a name of `[[policies]]`")
                    .help(format!("policies: {}", names.join(", ")));
                self.put("E008", Severity::Error, fault, near);
            }
        }
        let mut limits = Vec::new();
        for (key, amount) in &file.limits.bounds {
            let Some(metric) = metric::by_key(key) else { continue };
            let path = format!("limits.{key}");
            if metric.path_metric && file.run.path_metrics == Some(false) {
                let fault = Fault::new(&path, "this figure is not made")
                    .label("needs a mark at every step")
                    .also("run.path_metrics", "switched off here");
                self.error("E009", fault);
            }
            let (bound, of_notional) = match (*amount, metric.unit) {
                (Amount::Plain(bound), _) | (Amount::Share(bound), Unit::Ratio | Unit::PerSqrtYear | Unit::Notionals) => {
                    (bound, false)
                }
                (Amount::Share(share), Unit::Currency) => (share, true),
                (Amount::Share(share), unit) => {
                    let fault = Fault::new(&path, format!("`{key}` is no share of anything"))
                        .label(format!("a plain number in {} is wanted", unit.name()));
                    self.error("E005", fault);
                    (share, false)
                }
            };
            limits.push(Limit { metric: key.clone(), bound, of_notional, policies: policies.clone() });
        }
        limits
    }
}
