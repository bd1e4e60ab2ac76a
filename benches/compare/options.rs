//! What may stand on the command line.
use std::path::PathBuf;

pub(crate) const HELP: &str = "\
Measures driftband against other programs and against itself, row after row, round after round.

cargo bench --bench compare [-- [OPTIONS] [WORD]...]

A WORD keeps the rows whose name holds it; a ratio needs both of its rows.

  --rounds N        rounds, at least 3 [9]
  --paths N         paths of a run of job D [16384]
  --json FILE       writes everything as JSON; - for stdout, in place of the table
  --baselines DIR   folder of the numpy programs [$DRIFTBAND_BASELINES]
  --limit FILE      program of the hand-written loops [$DRIFTBAND_LIMIT]
  --core N          first core to stay on; rows of two threads take the one below as well [the last]
";

/// What was asked for.
#[derive(Debug)]
pub(crate) struct Options {
    pub(crate) rounds: usize,
    pub(crate) paths: u64,
    pub(crate) json: Option<PathBuf>,
    pub(crate) baselines: Option<PathBuf>,
    pub(crate) limit: Option<PathBuf>,
    pub(crate) core: Option<usize>,
    pub(crate) words: Vec<String>,
}

impl Options {
    /// Reads the arguments after the program's name; the fault is a sentence.
    pub(crate) fn read(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let folder = |name: &str| std::env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let mut options = Self {
            rounds: 9,
            paths: 16_384,
            json: None,
            baselines: folder("DRIFTBAND_BASELINES"),
            limit: folder("DRIFTBAND_LIMIT"),
            core: None,
            words: Vec::new(),
        };
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or(format!("{argument} wants a value"));
            match argument.as_str() {
                // cargo says this to every benchmark
                "--bench" => {}
                "--rounds" => options.rounds = number::<usize>(&value()?)?.max(3),
                "--paths" => options.paths = number::<u64>(&value()?)?.max(128),
                "--core" => options.core = Some(number(&value()?)?),
                "--json" => options.json = Some(value()?.into()),
                "--baselines" => options.baselines = Some(value()?.into()),
                "--limit" => options.limit = Some(value()?.into()),
                word if word.starts_with('-') => return Err(format!("{word} is no option\n\n{HELP}")),
                _ => options.words.push(argument),
            }
        }
        Ok(options)
    }

    /// Whether a row of this name is wanted.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.words.is_empty() || self.words.iter().any(|word| name.contains(word.as_str()))
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Result<T, String> {
    text.parse().map_err(|_| format!("{text} is no number of the kind wanted"))
}
