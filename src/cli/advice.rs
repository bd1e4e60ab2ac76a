//! What is said to somebody who mistyped a command.
use std::path::Path;

use clap::CommandFactory as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use super::args::Args;
use crate::scenario::suggest;

/// A fault of the command line with a suggestion where the parser found none: its own measure sees no `run` in `rnu`.
pub(super) fn advised(error: clap::Error) -> clap::Error {
    let word = |kind| match error.get(kind) {
        Some(ContextValue::String(word)) => Some(word.clone()),
        _ => None,
    };
    match error.kind() {
        ErrorKind::InvalidSubcommand => match word(ContextKind::InvalidSubcommand) {
            Some(file) if Path::new(&file).extension().is_some_and(|kind| kind == "toml") => {
                with_command(error, &file)
            }
            Some(word) => {
                let commands = Args::command();
                let names: Vec<&str> = commands.get_subcommands().map(clap::Command::get_name).collect();
                with_nearest(error, ContextKind::SuggestedSubcommand, &word, &names, |near| {
                    ContextValue::Strings(vec![near])
                })
            }
            None => error,
        },
        ErrorKind::InvalidValue => {
            match (word(ContextKind::InvalidValue), error.get(ContextKind::ValidValue)) {
                (Some(word), Some(ContextValue::Strings(values))) => {
                    let values = values.clone();
                    let values: Vec<&str> = values.iter().map(String::as_str).collect();
                    with_nearest(error, ContextKind::SuggestedValue, &word, &values, ContextValue::String)
                }
                _ => error,
            }
        }
        _ => error,
    }
}

/// A scenario stands where a command belongs: the command it wants.
fn with_command(mut error: clap::Error, file: &str) -> clap::Error {
    let tip = StyledStr::from(format!("to run the scenario: 'driftband run {file}'"));
    error.remove(ContextKind::SuggestedSubcommand);
    error.insert(ContextKind::Suggested, ContextValue::StyledStrs(vec![tip]));
    error
}

fn with_nearest(
    mut error: clap::Error,
    kind: ContextKind,
    word: &str,
    candidates: &[&str],
    value: impl FnOnce(String) -> ContextValue,
) -> clap::Error {
    if error.get(kind).is_none()
        && let Some(near) = suggest(word, candidates.iter().copied())
    {
        error.insert(kind, value(near.to_owned()));
    }
    error
}
