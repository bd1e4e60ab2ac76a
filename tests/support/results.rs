//! What commands that must succeed gave.
use std::fs;

use serde_json::Value;

use super::bench::Bench;
use super::said::err;

impl Bench {
    /// What it printed, after it ended well.
    #[track_caller]
    pub(crate) fn out(&self, words: &[&str]) -> String {
        let output = self.run(words);
        assert_eq!(output.status.code(), Some(0), "{words:?}: {}", err(&output));
        String::from_utf8(output.stdout).unwrap()
    }

    /// A file that it wrote.
    #[track_caller]
    pub(crate) fn json(&self, name: &str) -> Value {
        serde_json::from_slice(&fs::read(self.path(name)).unwrap()).unwrap()
    }
}
