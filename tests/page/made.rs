//! Finished runs to look at: made by the program itself, in a folder that goes away.
use std::fmt::Write as _;
use std::fs;

#[path = "../support/bench.rs"]
mod bench;
pub(crate) use bench::Bench as Place;

/// What a name, a description and a comment may try.
pub(crate) const HOSTILE: &str =
    "</script><img src=x onerror=alert(1)> & \\\"quotes\\\" 'single' {{ braces }}";

/// A scenario of options with that many policies; its text is hostile.
pub(crate) fn scenario(n_policies: usize) -> String {
    let mut text = format!(
        r#"# {HOSTILE}
version = 1
name = "page-test"
description = "{HOSTILE}"
[run]
paths = 1500
horizon = "10d"
step = "2h"
[[assets]]
symbol = "ETH"
spot = 3000.0
process = {{ kind = "gbm", drift = 0.0, volatility = 0.8 }}
[oracle]
deviation_threshold = "1%"
heartbeat = "12h"
[execution]
delay = "2h"
[costs]
fee = "5 bps"
half_spread = "1 bps"
fixed_fee = 2.0
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{{ type = "call", strike = 3000.0, quantity = -10.0 }}]
[limits]
std = "50%"
"#
    );
    for i in 0..n_policies {
        let steps = [1, 2, 3, 4, 5, 6, 8, 10, 12, 15, 20, 24][i % 12] * 2;
        let _ = writeln!(
            text,
            "[[policies]]\nname = \"every-{steps}h\"\nkind = \"periodic\"\nevery = \"{steps}h\""
        );
    }
    text
}

impl Place {
    /// The program with these words, which must succeed.
    #[track_caller]
    pub(crate) fn done(&self, words: &[&str]) {
        let output = self.run(words);
        assert!(output.status.success(), "{words:?}: {}", String::from_utf8_lossy(&output.stderr));
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }
}
