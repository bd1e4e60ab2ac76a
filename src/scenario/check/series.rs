//! Processes that bring their own prices: which go together, the one given path, reading columns.
use super::Checker;
use crate::market::price::Process;
use crate::market::price::path::Path;
use crate::market::series::Feed;
use crate::scenario::data::{CsvFault, Data, Prices, read};
use crate::scenario::file::ScenarioFile;
use crate::scenario::problem::Severity;
use crate::units::{Fault, Period};

/// What data makes of one asset.
pub(super) struct Fed {
    pub(super) spot: f64,
    pub(super) process: Process,
    pub(super) feed: Feed,
}

impl Checker<'_> {
    /// Spot, process and feed of every asset.
    pub(super) fn feeds(&mut self, file: &ScenarioFile, data: &mut Data<'_>) -> Vec<Fed> {
        self.one_kind_of_data(file);
        let mut fed: Vec<Fed> = Vec::with_capacity(file.assets.len());
        for (index, asset) in file.assets.iter().enumerate() {
            let spot = asset.spot.unwrap_or(1.0);
            let mut one = Fed { spot, process: self.model(index, &asset.process), feed: Feed::Model };
            match &asset.process {
                Process::Path(path) => {
                    if let Some(prices) = self.path(index, path, data)
                        && let Some(first) = prices.first()
                    {
                        self.first_price(index, asset.spot, *first);
                        one.spot = *first;
                        one.feed = Feed::Path(prices.into());
                    }
                }
                // the one window's first price may stand in for it
                Process::History(_) => {}
                _ if asset.spot.is_none() => {
                    let path = format!("assets.{index}.spot");
                    let fault = Fault::new(&path, format!("missing key `spot` in `assets.{index}`"))
                        .label("`spot` is required here")
                        .help("the price at the start; only given prices bring their own");
                    if self.trusts(&format!("assets.{index}.process")) {
                        self.error("E002", fault);
                    }
                }
                _ => {}
            }
            fed.push(one);
        }
        self.common_chains(file);
        self.history(file, data, &mut fed);
        self.bootstrap(file, data, &mut fed);
        fed
    }

    /// Number of paths: as written, or as the data has them.
    pub(super) fn paths(&mut self, file: &ScenarioFile, feeds: &[Fed]) -> u64 {
        let given = file
            .assets
            .iter()
            .position(|asset| matches!(asset.process, Process::Path(_) | Process::History(_)));
        let sure = (0..file.assets.len()).all(|index| self.trusts(&format!("assets.{index}.process")));
        match (file.run.paths, given) {
            (Some(_), Some(index)) if sure => {
                let fault = Fault::new("run.paths", "the prices are given, and so is the number of paths")
                    .label("leave this out")
                    .also(format!("assets.{index}.process.kind"), "brings its own paths");
                self.error("E009", fault);
            }
            (None, Some(index)) if sure && file.run.precision.is_some() => {
                let fault =
                    Fault::new("run.precision", "the prices are given: there are no more paths of them")
                        .label("leave this out")
                        .also(format!("assets.{index}.process.kind"), "brings its own paths");
                self.error("E009", fault);
            }
            _ => {}
        }
        match (given, feeds.iter().map(|fed| &fed.feed).next()) {
            (Some(_), Some(Feed::Windows { starts, .. })) => starts.len() as u64,
            (Some(_), _) => 1,
            _ if sure => self.drawn_paths(file),
            _ => file.run.paths.unwrap_or(1),
        }
    }

    /// If one asset's prices are given all are, and in the same way.
    fn one_kind_of_data(&mut self, file: &ScenarioFile) {
        let kinds: Vec<&str> = file.assets.iter().map(|asset| asset.process.name()).collect();
        let Some(given) = kinds.iter().position(|kind| matches!(*kind, "path" | "history")) else { return };
        for (index, kind) in kinds.iter().enumerate().filter(|(_, kind)| **kind != kinds[given]) {
            let what = format!("`{kind}` does not go with `{}`", kinds[given]);
            let fault = Fault::new(format!("assets.{index}.process.kind"), what)
                .label("drawn on other paths")
                .also(format!("assets.{given}.process.kind"), "if one asset's prices are given, all are");
            if self.trusts(&format!("assets.{index}.process"))
                && self.trusts(&format!("assets.{given}.process"))
            {
                self.error("E009", fault);
            }
        }
    }

    fn first_price(&mut self, index: usize, spot: Option<f64>, first: f64) {
        if let Some(spot) = spot
            && spot != first
        {
            let fault = Fault::new(format!("assets.{index}.spot"), "is not the first price of the path")
                .label(format!("the path begins at {first}"))
                .help("leave `spot` out");
            self.error("E009", fault);
        }
    }

    fn path(&mut self, index: usize, path: &Path, data: &mut Data<'_>) -> Option<Vec<f64>> {
        let at = format!("assets.{index}.process");
        let grid = self.grid.filter(|_| self.trusts(&at))?;
        let wanted = grid.n_steps as usize + 1;
        match (&path.prices, &path.file) {
            (Some(prices), None) => {
                if path.column.is_some() {
                    let fault =
                        Fault::new(format!("{at}.column"), "there is no file it could be a column of");
                    self.error("E009", fault.label("only with `file`"));
                }
                if prices.len() != wanted {
                    let fault = Fault::new(format!("{at}.prices"), format!("has {} prices", prices.len()))
                        .label(format!("{wanted} wanted: one more than the {} steps", grid.n_steps));
                    self.error("E009", fault);
                    return None;
                }
                if let Some(bad) = prices.iter().position(|price| *price <= 0.0) {
                    let fault =
                        Fault::new(format!("{at}.prices.{bad}"), "is out of range").label("must be above 0");
                    self.error("E006", fault);
                    return None;
                }
                Some(prices.clone())
            }
            (None, Some(file)) => {
                let column = path
                    .column
                    .clone()
                    .unwrap_or_else(|| self.symbols.get(index).cloned().unwrap_or_default());
                let prices = self.prices(&at, file, &[(index, column)], data)?;
                let found = (0..prices.n_rows()).take(wanted).take_while(|row| prices.is_whole(*row)).count();
                if found < wanted {
                    let fault = Fault::new(
                        format!("{at}.file"),
                        format!("has {found} prices before its end or a blank"),
                    )
                    .label(format!("{wanted} wanted: one more than the {} steps", grid.n_steps));
                    self.error("E011", fault);
                    return None;
                }
                let step = i128::from(grid.horizon_nanos);
                if prices.interval != 0 && i128::from(prices.interval) * i128::from(grid.n_steps) != step {
                    let interval = Period::Time { nanos: prices.interval as u64, years: 0.0 };
                    let fault = Fault::new(format!("{at}.file"), format!("has a row every {interval}"))
                        .label(format!("taken as if one stood every {}", grid.step_text()));
                    self.warn("W001", fault);
                }
                prices.columns.first().map(|column| column.iter().take(wanted).copied().collect())
            }
            (given, _) => {
                let both = given.is_some();
                let fault = Fault::new(
                    if both { format!("{at}.file") } else { at },
                    if both { "the prices are given twice" } else { "neither `prices` nor `file` is given" },
                );
                self.error("E009", fault.label("exactly one of `prices` and `file` is wanted"));
                None
            }
        }
    }

    /// The columns of a file, by (asset, column).
    pub(super) fn prices(
        &mut self,
        at: &str,
        file: &str,
        wanted: &[(usize, String)],
        data: &mut Data<'_>,
    ) -> Option<Prices> {
        let fault = |what: String| Fault::new(format!("{at}.file"), what).label("read from here");
        let bytes = match data.bytes(file) {
            Ok(bytes) => bytes,
            Err(why) => {
                self.error("E011", fault(why));
                return None;
            }
        };
        let columns: Vec<&str> = wanted.iter().map(|(_, column)| column.as_str()).collect();
        match read(bytes, &columns) {
            Ok(prices) => Some(prices),
            Err(CsvFault::File(what)) => {
                self.error("E011", fault(what));
                None
            }
            Err(CsvFault::Column(place, what, near)) => {
                let process = format!("assets.{}.process", wanted.get(place).map_or(0, |(asset, _)| *asset));
                let written = self.is_written(&format!("{process}.column"));
                let near = near.map(|near| if written { format!("\"{near}\"") } else { near });
                let path = if written { format!("{process}.column") } else { process };
                let fault = Fault::new(path, what).label("no such column");
                let help = near.as_ref().filter(|_| !written).map(|near| format!("add column = \"{near}\""));
                let fault = Fault {
                    help: help.or_else(|| Some("column = … names it; default: the symbol".into())),
                    ..fault
                };
                self.put("E011", Severity::Error, fault, near.filter(|_| written));
                None
            }
        }
    }
}
