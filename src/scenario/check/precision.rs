//! `run.precision` and `run.max_paths`: how sure a run must be, and what it may spend on that; `run.sampling` and
//! `run.control_variates`: how it spends less.
use super::Checker;
use crate::market::price::Process;
use crate::metric::{self, Unit};
use crate::rng::{MOST_POINTS, N_REPLICATES, Sampling};
use crate::scenario::file::{Asked, ScenarioFile, TargetTable};
use crate::scenario::{Goal, Measure, Precision};
use crate::units::{Amount, Fault};

impl Checker<'_> {
    /// The errors asked for.
    pub(super) fn precision(&mut self, file: &ScenarioFile) -> Option<Precision> {
        let Some(table) = &file.run.precision else {
            if file.run.max_paths.is_some() {
                let fault =
                    Fault::new("run.max_paths", "has no `precision` to end before it").label("unused");
                self.error("E009", fault.help("paths = 20_000, or precision = { cvar_99 = \"1%\" } with it"));
            }
            return None;
        };
        if table.0.is_empty() {
            let fault = Fault::new("run.precision", "`run.precision` asks for nothing").label("no figure");
            self.error("E002", fault.help("precision = { cvar_99 = \"1%\", mean = \"0.5 bps\" }"));
        }
        let mut goals = Vec::new();
        for (key, asked) in &table.0 {
            let Some(metric) = metric::by_key(key) else { continue };
            let path = format!("run.precision.{key}");
            if metric.path_metric && file.run.path_metrics == Some(false) {
                let fault = Fault::new(&path, "this figure is not made")
                    .label("needs a mark at every step")
                    .also("run.path_metrics", "switched off here");
                self.error("E009", fault);
            }
            let (bound, measure) = match asked {
                Asked::Bare(Amount::Plain(bound), _) | Asked::Absolute(Amount::Plain(bound)) => {
                    (*bound, Measure::Own)
                }
                Asked::Bare(Amount::Share(share), text) if text.trim_end().ends_with('%') => {
                    (*share, Measure::Relative)
                }
                Asked::Bare(Amount::Share(share), _) | Asked::Absolute(Amount::Share(share)) => {
                    match metric.unit {
                        Unit::Currency => (*share, Measure::Notional),
                        Unit::Ratio | Unit::PerSqrtYear | Unit::Notionals => (*share, Measure::Own),
                        unit => {
                            let fault = Fault::new(&path, format!("`{key}` is no share of anything"))
                                .label(format!("\"1%\" of it, or a plain number in {}", unit.name()));
                            self.error("E005", fault);
                            (*share, Measure::Own)
                        }
                    }
                }
            };
            goals.push(Goal { metric: key.clone(), bound, measure });
        }
        Some(Precision { goals })
    }

    /// Number of paths of a scenario that draws its own.
    pub(super) fn drawn_paths(&mut self, file: &ScenarioFile) -> u64 {
        let sampling = file.run.sampling.unwrap_or_default();
        let most = N_REPLICATES as u64 * MOST_POINTS;
        for (key, n) in [("run.paths", file.run.paths), ("run.max_paths", file.run.max_paths)] {
            if sampling == Sampling::Sobol && n.is_some_and(|n| n > most) {
                let fault = Fault::new(key, "is more than a Sobol sequence has points");
                self.error(
                    "E006",
                    fault.label(format!("at most {most}")).also("run.sampling", "chosen here"),
                );
                return 1;
            }
        }
        match (file.run.paths, file.run.max_paths, &file.run.precision) {
            (Some(paths), _, None) => sampling.rounded_up(paths),
            (Some(paths), ..) => {
                let fault = Fault::new("run.paths", "the number of paths follows from `precision`")
                    .label("leave this out")
                    .also("run.precision", "asked for here")
                    .help("`max_paths` bounds it; `--paths N` puts N in the place of both");
                self.error("E009", fault);
                paths
            }
            (None, Some(most), Some(_)) => sampling.rounded_down(most),
            (None, None, Some(_)) => {
                let fault = Fault::new("run.max_paths", "missing key `max_paths` in `run`")
                    .label("`max_paths` is required with `precision`");
                self.error(
                    "E002",
                    fault.help("the paths at which the run ends in any case, such as 1_000_000"),
                );
                1
            }
            (None, _, None) => {
                let fault =
                    Fault::new("run.paths", "missing key `paths` in `run`").label("`paths` is required here");
                self.error("E002", fault.help("the number of simulated paths, such as 20_000"));
                1
            }
        }
    }

    /// Refuses what has nothing to mirror or to spread evenly, and controls whose mean is not known.
    pub(super) fn sampling(&mut self, file: &ScenarioFile) {
        let sampling = file.run.sampling.unwrap_or_default();
        let word = match sampling {
            Sampling::Pseudo => None,
            Sampling::Antithetic => Some("antithetic"),
            Sampling::Sobol => Some("sobol"),
        };
        for (index, asset) in file.assets.iter().enumerate() {
            if !self.trusts(&format!("assets.{index}.process")) {
                continue;
            }
            let (at, kind) = (format!("assets.{index}.process.kind"), asset.process.name());
            let data =
                matches!(asset.process, Process::Path(_) | Process::History(_) | Process::Bootstrap(_));
            if let (true, Some(word)) = (data, word) {
                let fault = Fault::new("run.sampling", format!("`{word}` does not go with `{kind}`"))
                    .label("needs prices that are driven by normals")
                    .also(at.clone(), "prices from data");
                self.error("E009", fault);
            }
            if file.run.control_variates == Some(true) {
                self.control(file, at, &asset.process);
            }
        }
    }

    fn control(&mut self, file: &ScenarioFile, at: String, process: &Process) {
        let options = matches!(file.target, TargetTable::Options(_));
        let known = match process {
            Process::Gbm(_) => true,
            Process::Merton(_) | Process::Kou(_) | Process::Heston(_) | Process::Bates(_) => !options,
            _ => false,
        };
        if !known {
            let what = if options {
                "of options it needs the law of the prices at the end: gbm"
            } else {
                "of a basket it needs the mean of the next price: gbm, merton, kou, heston or bates"
            };
            let fault = Fault::new("run.control_variates", "the control's mean is not known here")
                .label(what)
                .also(at, "not with this law");
            self.error("E009", fault);
        }
        if !file.shocks.is_empty() {
            let fault = Fault::new("run.control_variates", "the control's mean is not known under shocks")
                .label("leave this out")
                .also("shocks", "they change the law of the prices");
            self.error("E009", fault);
        }
    }
}
