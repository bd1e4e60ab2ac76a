//! The arguments of every command.
use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::calibrate::Model;
use crate::engine::Shard;

mod reading;

pub(super) use reading::{Compare, Completions, Man, Report, Schema, SchemaOf, TableForm};

/// Which rebalancing policy tracks best, at what cost, how sure are we, and what breaks it?
#[derive(Debug, Parser)]
#[command(name = "driftband", version, propagate_version = true, arg_required_else_help = true)]
pub(super) struct Args {
    #[command(flatten)]
    pub(super) global: Global,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Options of every command.
#[derive(Debug, clap::Args)]
pub(super) struct Global {
    /// Less talk: -q hides progress, -qq hides warnings too
    #[arg(short, long, action = clap::ArgAction::Count, global = true)]
    pub(super) quiet: u8,
    /// Colours on stderr (NO_COLOR is honoured)
    #[arg(long, value_enum, default_value_t = Color::Auto, global = true)]
    pub(super) color: Color,
    /// Form of the results
    #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
    pub(super) format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Color {
    /// On a terminal
    Auto,
    Always,
    Never,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For programs
    Json,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Write a commented starter scenario
    Init(Init),
    /// Validate scenarios without running them
    Check(Check),
    /// Run a scenario: every policy on the same paths
    Run(Run),
    /// Merge the shards of a run: the same files as one run
    Merge(Merge),
    /// Replay one path step by step: the whole ledger, and a chart
    Replay(Replay),
    /// Run the scenario over a grid of values: the same random numbers in every run
    Sweep(Sweep),
    /// Run the scenario under stress: what breaks which policy
    Stress(Stress),
    /// Search the best value of a parameter of a policy: the same random numbers for every value
    Tune(Tune),
    /// Search where two policies change places: at which fee, gas, latency, volatility
    Breakeven(Breakeven),
    /// Make report.html of a finished run anew, with the studies it has by now
    Report(Report),
    /// Set finished runs side by side: another scenario, version, seed or cost
    Compare(Compare),
    /// Fit processes to prices, or an oracle to the updates of a feed, and print their tables
    Calibrate(Calibrate),
    /// Check the engine against closed forms and published values
    Validate(Validate),
    /// Print the JSON Schema of a scenario, or of summary.json
    Schema(Schema),
    /// Print completions for a shell
    Completions(Completions),
    /// Print the manual page, or write those of all commands
    Man(Man),
}

#[derive(Debug, clap::Args)]
pub(super) struct Init {
    /// File to write
    #[arg(default_value = "scenario.toml")]
    pub(super) file: PathBuf,
    /// Overwrite an existing file
    #[arg(long)]
    pub(super) force: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct Check {
    /// Scenario files
    #[arg(required = true)]
    pub(super) files: Vec<PathBuf>,
    #[command(flatten)]
    pub(super) overrides: Overriding,
}

/// Changes to a scenario from the command line.
#[derive(Debug, clap::Args)]
pub(super) struct Overriding {
    /// Set a key: `costs.fee="5 bps"`, `policies.hourly.every=2h`
    #[arg(long = "set", value_name = "KEY=VALUE")]
    pub(super) set: Vec<String>,
    /// Remove a key (before any --set)
    #[arg(long = "unset", value_name = "KEY")]
    pub(super) unset: Vec<String>,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Run {
    /// Scenario file
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) overrides: Overriding,
    /// Number of paths
    #[arg(long, value_name = "N")]
    pub(super) paths: Option<u64>,
    /// Seed of every draw
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Output folder [default: output/<name>-<hash>]
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Worker threads [default: all cores]
    #[arg(short = 'j', long, value_name = "THREADS", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(super) threads: Option<u64>,
    /// Also write figures by path
    #[arg(long, value_enum, value_name = "FORM")]
    pub(super) paths_out: Option<PathsOut>,
    /// Recompute a finished run
    #[arg(long)]
    pub(super) force: bool,
    /// Continue what an interrupted run left in <DIR>.partial
    #[arg(long)]
    pub(super) resume: bool,
    /// Do part I of N of the run, for `merge` [default folder: output/<name>-<hash>-shard-I-of-N]
    #[arg(long, value_name = "I/N")]
    pub(super) shard: Option<Shard>,
    /// Keep state.bin, by which runs are merged, even above 256 MiB
    #[arg(long)]
    pub(super) keep_state: bool,
    /// Stresses, sweeps and the attribution too, into <DIR>/studies
    #[arg(long, conflicts_with = "shard")]
    pub(super) all: bool,
}

/// A scenario that is run in variations.
#[derive(Debug, clap::Args)]
pub(super) struct Scene {
    /// Scenario file
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) overrides: Overriding,
    /// Number of paths
    #[arg(long, value_name = "N")]
    pub(super) paths: Option<u64>,
    /// Seed of every draw
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Folder of the scenario's own run; the study goes below it [default: output/<name>-<hash>]
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Worker threads [default: all cores]
    #[arg(short = 'j', long, value_name = "THREADS", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(super) threads: Option<u64>,
    /// Recompute finished runs
    #[arg(long)]
    pub(super) force: bool,
}

/// Options of the commands whose runs have folders of their own.
#[derive(Debug, clap::Args)]
pub(super) struct Study {
    #[command(flatten)]
    pub(super) scene: Scene,
    /// Figure that the table and the charts show
    #[arg(long, value_name = "METRIC", default_value = "std")]
    pub(super) metric: String,
}

#[derive(Debug, clap::Args)]
pub(super) struct Tune {
    #[command(flatten)]
    pub(super) scene: Scene,
    /// Name of the policy
    #[arg(long, value_name = "NAME")]
    pub(super) policy: String,
    /// Key of the policy (`width`) or of the scenario (`costs.fee`) and its range: `width="1%".."10%"`, `every=1h..2d`
    #[arg(long, value_name = "KEY=LO..HI")]
    pub(super) vary: String,
    /// What shall be small: a metric or a weighted sum, `cvar_95 + 2*cost_total`, `-mean + 1e-4*std^2`
    #[arg(long, value_name = "EXPR", allow_hyphen_values = true)]
    pub(super) minimize: String,
    /// Values of the first grid
    #[arg(long, value_name = "N", default_value_t = 9, value_parser = clap::value_parser!(u32).range(3..=100))]
    pub(super) points: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct Breakeven {
    #[command(flatten)]
    pub(super) scene: Scene,
    /// Key of the scenario: `costs.fee`, `assets.ETH.process.volatility`
    #[arg(long, value_name = "KEY")]
    pub(super) key: String,
    /// Names of the two policies
    #[arg(long, value_name = "A,B", value_delimiter = ',', required = true)]
    pub(super) policies: Vec<String>,
    /// What they are compared by: a metric or a weighted sum, which is then to be small
    #[arg(long, value_name = "EXPR", default_value = "rms_deviation", allow_hyphen_values = true)]
    pub(super) metric: String,
    /// Range of the key [default: a tenth of what the scenario says to ten times it]
    #[arg(long, value_name = "LO..HI", allow_hyphen_values = true)]
    pub(super) range: Option<String>,
    /// Values of the first grid
    #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(2..=100))]
    pub(super) points: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct Sweep {
    #[command(flatten)]
    pub(super) study: Study,
    /// Axis of the grid: `costs.fee='["0 bps", "5 bps"]'` or `costs.fee='"0 bps".."20 bps"'`; with `[[sweep]]`, its product
    #[arg(long, value_name = "KEY=VALUES")]
    pub(super) vary: Vec<String>,
    /// Values of a range
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(2..=1000))]
    pub(super) points: u32,
}

#[derive(Debug, clap::Args)]
pub(super) struct Stress {
    #[command(flatten)]
    pub(super) study: Study,
    /// The scenario's `[[stress]]` alone, without the built-in catalogue
    #[arg(long)]
    pub(super) only_own: bool,
}

/// The shards of a run, in any order, and where their run goes.
#[derive(Debug, clap::Args)]
pub(super) struct Merge {
    /// Folders of shards, or their state.bin files
    #[arg(required = true, value_name = "SHARD")]
    pub(super) shards: Vec<PathBuf>,
    /// Output folder
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: PathBuf,
    /// Scenario file, where the one that a shard names is not here; its data files lie beside it
    #[arg(long, value_name = "FILE")]
    pub(super) scenario: Option<PathBuf>,
    /// Worker threads [default: all cores]
    #[arg(short = 'j', long, value_name = "THREADS", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(super) threads: Option<u64>,
    /// Keep state.bin even above 256 MiB
    #[arg(long)]
    pub(super) keep_state: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum PathsOut {
    /// paths.csv
    Csv,
}

#[derive(Debug, clap::Args)]
pub(super) struct Replay {
    /// Scenario file
    pub(super) file: PathBuf,
    #[command(flatten)]
    pub(super) overrides: Overriding,
    /// Number of the path, from 0
    #[arg(long, value_name = "K")]
    pub(super) path: u64,
    /// Name of the policy
    #[arg(long, value_name = "NAME")]
    pub(super) policy: String,
    /// Seed of every draw
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
    /// Folder for the chart [default: output]
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// No chart, the table only
    #[arg(long)]
    pub(super) no_chart: bool,
}

#[derive(Debug, clap::Args)]
#[expect(clippy::struct_excessive_bools, reason = "flags of a command line")]
pub(super) struct Calibrate {
    /// CSV file: first column the time, then prices; or the updates of a feed (`time,answer`)
    pub(super) file: PathBuf,
    /// Column to fit; may be repeated [default: all]
    #[arg(short, long, value_name = "NAME")]
    pub(super) column: Vec<String>,
    /// Interval of the returns: a duration, or `rows` for every row to the next [default: the most frequent]
    #[arg(long, value_name = "DURATION")]
    pub(super) interval: Option<String>,
    /// Models to fit [default: all]
    #[arg(long, value_enum, value_name = "KIND", value_delimiter = ',')]
    pub(super) models: Vec<ModelName>,
    /// Length of a year, as in the scenario
    #[arg(long, value_name = "DAYS", default_value_t = 365.0)]
    pub(super) days_per_year: f64,
    /// The file holds updates of a feed, whatever its header
    #[arg(long, conflicts_with = "prices")]
    pub(super) oracle: bool,
    /// The file holds prices, whatever its header
    #[arg(long)]
    pub(super) prices: bool,
    /// Output folder [default: output/calibrate-<file>]
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// No charts, the tables only
    #[arg(long)]
    pub(super) no_charts: bool,
    /// No folder, stdout only
    #[arg(long)]
    pub(super) no_folder: bool,
}

/// A process that `calibrate` knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum ModelName {
    /// Constant volatility
    Gbm,
    /// Normal jumps
    Merton,
    /// GJR-GARCH(1,1)
    Garch,
    /// Two volatility states
    Regime,
    /// Stochastic variance
    Heston,
}

impl ModelName {
    /// The library's name of it.
    pub(super) const fn model(self) -> Model {
        match self {
            Self::Gbm => Model::Gbm,
            Self::Merton => Model::Merton,
            Self::Garch => Model::Garch,
            Self::Regime => Model::Regime,
            Self::Heston => Model::Heston,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(super) struct Validate {
    /// Only what takes a few seconds at most: all of it within a minute
    #[arg(long)]
    pub(super) quick: bool,
    /// Only these checks; a beginning stands for all that begin so (`B`, `C1`); may be repeated
    #[arg(long, value_name = "ID", value_delimiter = ',')]
    pub(super) id: Vec<String>,
    /// Folder for the table as JSON and CSV, and the charts
    #[arg(short, long, value_name = "DIR")]
    pub(super) output: Option<PathBuf>,
    /// Worker threads [default: all cores]
    #[arg(short = 'j', long, value_name = "THREADS", value_parser = clap::value_parser!(u64).range(1..=1024))]
    pub(super) threads: Option<u64>,
}
