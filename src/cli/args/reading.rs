//! Arguments of the commands that read what is there: runs, schemas, the command line itself.
use std::path::PathBuf;

use clap::ValueEnum;
use clap_complete::Shell;

#[derive(Debug, clap::Args)]
pub(in super::super) struct Report {
    /// Folders of finished runs
    #[arg(required = true, value_name = "RUN")]
    pub(in super::super) runs: Vec<PathBuf>,
    /// Folder with a page.html, page.css or page.js in place of the built-in ones
    #[arg(long, value_name = "DIR")]
    pub(in super::super) template: Option<PathBuf>,
    /// Print the figures as a table to paste
    #[arg(long, value_enum, value_name = "FORM")]
    pub(in super::super) table: Option<TableForm>,
    /// Figures of the table [default: mean, std, cvar_99, cost_total; of csv all]
    #[arg(long, value_name = "METRIC", value_delimiter = ',', requires = "table")]
    pub(in super::super) metrics: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(in super::super) struct Compare {
    /// Folders of finished runs; the others are set against the first
    #[arg(required = true, num_args = 2.., value_name = "RUN")]
    pub(in super::super) runs: Vec<PathBuf>,
    /// Output folder [default: output/compare-<hash>]
    #[arg(short, long, value_name = "DIR")]
    pub(in super::super) output: Option<PathBuf>,
    /// Figures of the tables and charts [default: mean, std, cvar_99, cost_total]
    #[arg(long, value_name = "METRIC", value_delimiter = ',')]
    pub(in super::super) metrics: Vec<String>,
    /// Print the figures as a table to paste
    #[arg(long, value_enum, value_name = "FORM")]
    pub(in super::super) table: Option<TableForm>,
}

/// A form of a printed table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum TableForm {
    /// A row a figure, exact
    Csv,
    /// For tickets
    Markdown,
    /// For papers: a booktabs tabular
    Latex,
}

#[derive(Debug, clap::Args)]
pub(in super::super) struct Completions {
    /// Shell to complete for
    #[arg(value_enum)]
    pub(in super::super) shell: Shell,
}

#[derive(Debug, clap::Args)]
pub(in super::super) struct Schema {
    /// Of which file
    #[arg(value_enum, default_value_t = SchemaOf::Scenario)]
    pub(in super::super) of: SchemaOf,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in super::super) enum SchemaOf {
    /// Scenario files
    Scenario,
    /// summary.json of a run
    Summary,
}

#[derive(Debug, clap::Args)]
pub(in super::super) struct Man {
    /// Folder for a page a command [default: the main page on stdout]
    #[arg(value_name = "DIR")]
    pub(in super::super) dir: Option<PathBuf>,
}
