//! What a search has looked at, kept beside its files until it is whole.
use std::path::{Path, PathBuf};

use super::terminal::failed;
use crate::report::folder::{forget_looks, keep_look, kept_look, look_name};
use crate::study::objective::{Objective, Sample};

/// The looks of one search.
#[derive(Debug, Default)]
pub(super) struct Looks {
    dir: PathBuf,
    objective: String,
}

impl Looks {
    /// Those of the search by that objective that writes into a folder.
    pub(super) fn of(dir: &Path, objective: &Objective) -> Self {
        Self { dir: dir.join("looks"), objective: objective.to_string() }
    }

    /// What was seen of policies of the scenario of that hash; none where one of them is missing.
    pub(super) fn known(&self, hash: &str, policies: &[&str]) -> Option<Vec<Sample>> {
        let of = |policy: &&str| kept_look(&self.dir, &look_name(hash, policy, &self.objective));
        policies.iter().map(of).collect()
    }

    /// Keeps what was seen of a policy.
    pub(super) fn keep(&self, hash: &str, policy: &str, sample: &Sample) -> anyhow::Result<()> {
        keep_look(&self.dir, &look_name(hash, policy, &self.objective), sample).map_err(failed)
    }

    /// Forgets all of them.
    pub(super) fn forget(&self) -> anyhow::Result<()> {
        forget_looks(&self.dir).map_err(failed)
    }
}
