//! `[[sweep]]` and `[[stress]]`: one axis a key, one stress a name; their runs are checked one by one elsewhere.
use super::Checker;
use crate::scenario::file::ScenarioFile;
use crate::scenario::{Stress, Sweep};
use crate::units::Fault;

impl Checker<'_> {
    /// The axes and the named changes.
    pub(super) fn studies(&mut self, file: &ScenarioFile) -> (Vec<Sweep>, Vec<Stress>) {
        self.unique("stress", "name");
        for (index, sweep) in file.sweep.iter().enumerate() {
            if let Some(first) = file.sweep[..index].iter().position(|other| other.key == sweep.key) {
                let fault = Fault::new(format!("sweep.{index}.key"), "this key is swept already")
                    .label("second axis of that key")
                    .also(format!("sweep.{first}.key"), "first axis of that key");
                self.error("E008", fault);
            }
        }
        for (index, stress) in file.stress.iter().enumerate() {
            if stress.set.is_empty() && stress.unset.is_empty() {
                let fault = Fault::new(format!("stress.{index}.set"), "this stress changes nothing")
                    .label("neither `set` nor `unset`")
                    .help("set = { \"costs.fee\" = \"25 bps\" }");
                self.error("E002", fault);
            }
        }
        let sweeps = file.sweep.iter().map(|sweep| Sweep {
            key: sweep.key.trim().to_owned(),
            values: sweep.values.iter().map(|value| value.0.to_string()).collect(),
        });
        let stresses = file.stress.iter().map(|stress| Stress {
            name: stress.name.clone(),
            set: stress.set.iter().map(|(key, value)| (key.clone(), value.0.to_string())).collect(),
            unset: stress.unset.clone(),
        });
        (sweeps.collect(), stresses.collect())
    }
}
