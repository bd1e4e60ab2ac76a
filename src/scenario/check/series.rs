//! Processes that replay or draw from real prices: one path, windows of a series, blocks of a series.
use std::sync::Arc;

use super::Checker;
use crate::market::price::Process;
use crate::market::price::bootstrap::Bootstrap;
use crate::market::price::history::History;
use crate::market::price::path::Path;
use crate::market::series::Feed;
use crate::scenario::data::{CsvFault, Data, Prices, Window, blocks, instant, read, windows};
use crate::scenario::file::ScenarioFile;
use crate::scenario::problem::Severity;
use crate::units::{Fault, Grid, Period};

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
            let mut one = Fed { spot, process: asset.process.clone(), feed: Feed::Model };
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
        self.history(file, data, &mut fed);
        self.bootstrap(file, data, &mut fed);
        fed
    }

    /// Number of paths: as written, or as the data has them.
    pub(super) fn paths(&mut self, file: &ScenarioFile, feeds: &[Fed]) -> u64 {
        let given = file.assets.iter().position(|asset| matches!(asset.process, Process::Path(_) | Process::History(_)));
        let sure = (0..file.assets.len()).all(|index| self.trusts(&format!("assets.{index}.process")));
        match (file.run.paths, given) {
            (Some(_), Some(index)) if sure => {
                let fault = Fault::new("run.paths", "the prices are given, and so is the number of paths")
                    .label("leave this out")
                    .also(format!("assets.{index}.process.kind"), "brings its own paths");
                self.error("E009", fault);
            }
            (None, None) if sure => {
                let fault = Fault::new("run.paths", "missing key `paths` in `run`").label("`paths` is required here");
                self.error("E002", fault.help("the number of simulated paths, such as 20_000"));
            }
            _ => {}
        }
        match (given, feeds.iter().map(|fed| &fed.feed).next()) {
            (Some(_), Some(Feed::Windows { starts, .. })) => starts.len() as u64,
            (Some(_), _) => 1,
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
            if self.trusts(&format!("assets.{index}.process")) && self.trusts(&format!("assets.{given}.process")) {
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
                    let fault = Fault::new(format!("{at}.column"), "there is no file it could be a column of");
                    self.error("E009", fault.label("only with `file`"));
                }
                if prices.len() != wanted {
                    let fault = Fault::new(format!("{at}.prices"), format!("has {} prices", prices.len()))
                        .label(format!("{wanted} wanted: one more than the {} steps", grid.n_steps));
                    self.error("E009", fault);
                    return None;
                }
                if let Some(bad) = prices.iter().position(|price| *price <= 0.0) {
                    let fault = Fault::new(format!("{at}.prices.{bad}"), "is out of range").label("must be above 0");
                    self.error("E006", fault);
                    return None;
                }
                Some(prices.clone())
            }
            (None, Some(file)) => {
                let column = path.column.clone().unwrap_or_else(|| self.symbols.get(index).cloned().unwrap_or_default());
                let prices = self.prices(&at, file, &[(index, column)], data)?;
                let found = (0..prices.n_rows()).take(wanted).take_while(|row| prices.is_whole(*row)).count();
                if found < wanted {
                    let fault = Fault::new(format!("{at}.file"), format!("has {found} prices before its end or a blank"))
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
    fn prices(&mut self, at: &str, file: &str, wanted: &[(usize, String)], data: &mut Data<'_>) -> Option<Prices> {
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
                let fault = Fault { help: help.or_else(|| Some("column = … names it; default: the symbol".into())), ..fault };
                self.put("E011", Severity::Error, fault, near.filter(|_| written));
                None
            }
        }
    }

    /// Rows of a file from one step to the next.
    fn rows_per_step(&mut self, at: &str, prices: &Prices, grid: &Grid) -> Option<u32> {
        let fault = |what: String| Fault::new(format!("{at}.file"), what);
        if prices.times.is_empty() || prices.interval <= 0 {
            let what = if prices.n_rows() < 2 { "has fewer than two rows" } else { "has no column `time`" };
            self.error("E011", fault(what.into()).label("rows with times are wanted"));
            return None;
        }
        let step = u128::from(grid.n_steps) * u128::from(prices.interval.unsigned_abs());
        let horizon = u128::from(grid.horizon_nanos);
        if horizon % step != 0 {
            let interval = Period::Time { nanos: prices.interval.unsigned_abs(), years: 0.0 };
            let what = format!("the step {} is not a whole number of rows of {interval}", grid.step_text());
            let place = if self.is_written("run.step") { "run.step" } else { "run.steps" };
            self.error("E011", fault(what).label(format!("a row every {interval}")).also(place, "the step"));
            return None;
        }
        u32::try_from(horizon / step).ok()
    }

    fn history(&mut self, file: &ScenarioFile, data: &mut Data<'_>, fed: &mut [Fed]) {
        let all: Vec<(usize, &History)> = file.assets.iter().enumerate().filter_map(|(index, asset)| match &asset.process {
            Process::History(history) => Some((index, history)),
            _ => None,
        }).collect();
        let Some(&(leader, first)) = all.first() else { return };
        let same = self.same(leader, &all, |history| [
            ("file", Some(history.file.clone())),
            ("start", history.start.clone()),
            ("stride", history.stride.map(|stride| stride.to_string())),
        ]);
        let (Some(grid), true) = (self.grid, same && all.len() == file.assets.len()) else { return };
        let columns: Vec<(usize, String)> = all.iter().map(|(index, history)| (*index, self.column(*index, history.column.as_ref()))).collect();
        let at = format!("assets.{leader}.process");
        let Some(prices) = self.prices(&at, &first.file, &columns, data) else { return };
        let Some(rows) = self.rows_per_step(&at, &prices, &grid) else { return };
        let Some(wanted) = self.window(&at, first, &prices, rows) else { return };
        let Some(span) = u32::try_from(grid.n_steps).ok().and_then(|steps| steps.checked_mul(rows)) else { return };
        let (starts, lost) = windows(&prices, span, wanted);
        if starts.is_empty() {
            let longest = prices.reach().into_iter().max().unwrap_or(0);
            let key = if matches!(wanted, Window::At(_)) { "start" } else { "file" };
            let fault = Fault::new(format!("{at}.{key}"), "no window of the horizon's length fits without a gap or a blank")
                .label(format!("the longest stretch is {longest} rows long, {span} wanted"))
                .also("run.horizon", "the horizon");
            self.error("E011", fault);
            return;
        }
        if lost > 0 {
            let fault = Fault::new(format!("{at}.file"), format!("{lost} of {} windows are left out", lost + starts.len()))
                .label("gaps or blanks lie in them");
            self.warn("W002", fault);
        }
        let starts: Arc<[usize]> = starts.into();
        for ((index, _), column) in all.iter().zip(prices.columns) {
            let spot = file.assets.get(*index).and_then(|asset| asset.spot);
            if spot.is_none() && starts.len() > 1 {
                let fault = Fault::new(format!("assets.{index}.spot"), "missing key `spot`: the windows begin at different prices")
                    .label("`spot` is required here")
                    .help("every window is scaled to begin at `spot`; one window (`start`) keeps its own prices");
                self.error("E002", fault);
            }
            if let Some(one) = fed.get_mut(*index) {
                let start = starts.first().and_then(|start| column.get(*start)).copied().unwrap_or(1.0);
                one.spot = spot.unwrap_or(start);
                one.feed = Feed::Windows {
                    prices: column.into(),
                    starts: Arc::clone(&starts),
                    rows_per_step: rows as usize,
                    raw: spot.is_none(),
                };
            }
        }
    }

    /// Which windows are asked for.
    fn window(&mut self, at: &str, history: &History, prices: &Prices, rows: u32) -> Option<Window> {
        if let Some(text) = &history.start {
            let path = format!("{at}.start");
            let Some(start) = instant(text) else {
                let fault = Fault::new(path, format!("`{text}` is no ISO 8601 time")).label("here");
                self.error("E005", fault.help("\"2020-03-01\" or \"2020-03-01T12:00:00Z\""));
                return None;
            };
            if history.stride.is_some() {
                let fault = Fault::new(format!("{at}.stride"), "has no effect: `start` names the one window");
                self.warn("W001", fault.label("unused").also(path.clone(), "the one window"));
            }
            if !prices.times.contains(&start) {
                let fault = Fault::new(path, "the file has no row at that time").label("no row here");
                self.error("E011", fault);
                return None;
            }
            return Some(Window::At(start));
        }
        let stride = match history.stride {
            None => prices.interval,
            Some(Period::Steps(steps)) => {
                i64::try_from(steps).ok()?.checked_mul(i64::from(rows))?.checked_mul(prices.interval)?
            }
            Some(time) => {
                let nanos = time.nanos(self.grid?.days_per_year).and_then(|nanos| i64::try_from(nanos).ok()).unwrap_or(0);
                if nanos % prices.interval != 0 {
                    let row = Period::Time { nanos: prices.interval.unsigned_abs(), years: 0.0 };
                    let fault = Fault::new(format!("{at}.stride"), format!("{time} is not a whole number of rows of {row}"));
                    self.error("E011", fault.label("between two rows"));
                    return None;
                }
                nanos
            }
        };
        if stride <= 0 {
            let fault = Fault::new(format!("{at}.stride"), "is too short").label("at least one row wanted");
            self.error("E007", fault);
            return None;
        }
        Some(Window::Every(stride))
    }

    fn bootstrap(&mut self, file: &ScenarioFile, data: &mut Data<'_>, fed: &mut [Fed]) {
        let all: Vec<(usize, &Bootstrap)> = file.assets.iter().enumerate().filter_map(|(index, asset)| match &asset.process {
            Process::Bootstrap(bootstrap) => Some((index, bootstrap)),
            _ => None,
        }).collect();
        let Some(&(leader, first)) = all.first() else { return };
        let same = self.same(leader, &all, |bootstrap| {
            [("file", Some(bootstrap.file.clone())), ("mean_block", Some(bootstrap.mean_block.to_string()))]
        });
        let at = format!("assets.{leader}.process");
        let mean_block = self.steps(&format!("{at}.mean_block"), first.mean_block, 1).max(1);
        let (Some(grid), true) = (self.grid, same) else { return };
        let columns: Vec<(usize, String)> = all.iter().map(|(index, own)| (*index, self.column(*index, own.column.as_ref()))).collect();
        let Some(prices) = self.prices(&at, &first.file, &columns, data) else { return };
        let Some(rows) = self.rows_per_step(&at, &prices, &grid) else { return };
        let mut cut = blocks(&prices, rows);
        if cut.admissible.is_empty() {
            let fault = Fault::new(format!("{at}.file"), "no step fits without a gap or a blank")
                .label(format!("{rows} rows in a row wanted for a step of {}", grid.step_text()));
            self.error("E011", fault);
            return;
        }
        if cut.dropped > 0 {
            let all = cut.dropped + cut.admissible.len();
            let fault = Fault::new(format!("{at}.file"), format!("{} of {all} returns are left out", cut.dropped))
                .label("gaps or blanks lie in them");
            self.warn("W002", fault);
        }
        let end_probability = (1.0 / mean_block as f64).min(1.0);
        for (place, (_, own)) in all.iter().enumerate().filter(|(_, (_, own))| own.demean) {
            debug_assert!(own.demean);
            cut.demean(place, end_probability, grid.n_steps);
        }
        let (admissible, next): (Arc<[u32]>, Arc<[u32]>) = (cut.admissible.into(), cut.next.into());
        for ((index, own), returns) in all.iter().zip(cut.returns) {
            let Some(one) = fed.get_mut(*index) else { continue };
            one.process = Process::Bootstrap(Bootstrap { mean_block: Period::Steps(mean_block), ..(*own).clone() });
            one.feed = Feed::Blocks {
                returns: returns.into(),
                admissible: Arc::clone(&admissible),
                next: Arc::clone(&next),
                end_probability,
            };
        }
    }

    fn column(&self, index: usize, written: Option<&String>) -> String {
        written.or_else(|| self.symbols.get(index)).cloned().unwrap_or_default()
    }

    /// All assets that share a file share these keys too; whether they do, and whether all can be relied on.
    fn same<T, const N: usize>(
        &mut self,
        leader: usize,
        all: &[(usize, &T)],
        keys: impl Fn(&T) -> [(&'static str, Option<String>); N],
    ) -> bool {
        let Some((_, first)) = all.first() else { return false };
        let wanted = keys(first);
        let mut same = true;
        for (index, other) in all {
            same &= self.trusts(&format!("assets.{index}.process")) && self.trusts(&format!("assets.{index}.symbol"));
            for ((key, first), (_, own)) in wanted.iter().zip(keys(other)) {
                if *first != own {
                    let fault = Fault::new(format!("assets.{index}.process.{key}"), "must be the same for all assets")
                        .label("differs")
                        .also(format!("assets.{leader}.process.{key}"), "from this");
                    self.error("E009", fault);
                    same = false;
                }
            }
        }
        same
    }
}
