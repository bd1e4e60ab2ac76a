//! What the program said.
use std::process::Output;

/// Talk and faults.
pub(crate) fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}
