//! Processes on a series of real prices: windows of it replayed, blocks of it drawn.
use std::sync::Arc;

use super::Checker;
use super::series::Fed;
use crate::market::price::Process;
use crate::market::price::bootstrap::Bootstrap;
use crate::market::price::history::History;
use crate::market::series::Feed;
use crate::scenario::data::{Data, Prices, Window, blocks, instant, windows};
use crate::scenario::file::ScenarioFile;
use crate::units::{Fault, Grid, Period};

impl Checker<'_> {
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

    /// Gives every `history` asset its windows.
    pub(super) fn history(&mut self, file: &ScenarioFile, data: &mut Data<'_>, fed: &mut [Fed]) {
        let all: Vec<(usize, &History)> = file
            .assets
            .iter()
            .enumerate()
            .filter_map(|(index, asset)| match &asset.process {
                Process::History(history) => Some((index, history)),
                _ => None,
            })
            .collect();
        let Some(&(leader, first)) = all.first() else { return };
        let same = self.same(leader, &all, |history| {
            [
                ("file", Some(history.file.clone())),
                ("start", history.start.clone()),
                ("stride", history.stride.map(|stride| stride.to_string())),
            ]
        });
        let (Some(grid), true) = (self.grid, same && all.len() == file.assets.len()) else { return };
        let columns: Vec<(usize, String)> = all
            .iter()
            .map(|(index, history)| (*index, self.column(*index, history.column.as_ref())))
            .collect();
        let at = format!("assets.{leader}.process");
        let Some(prices) = self.prices(&at, &first.file, &columns, data) else { return };
        let Some(rows) = self.rows_per_step(&at, &prices, &grid) else { return };
        let Some(wanted) = self.window(&at, first, &prices, rows) else { return };
        let Some(span) = u32::try_from(grid.n_steps).ok().and_then(|steps| steps.checked_mul(rows)) else {
            return;
        };
        let (starts, lost) = windows(&prices, span, wanted);
        if starts.is_empty() {
            let longest = prices.reach().into_iter().max().unwrap_or(0);
            let key = if matches!(wanted, Window::At(_)) { "start" } else { "file" };
            let fault = Fault::new(
                format!("{at}.{key}"),
                "no window of the horizon's length fits without a gap or a blank",
            )
            .label(format!("the longest stretch is {longest} rows long, {span} wanted"))
            .also("run.horizon", "the horizon");
            self.error("E011", fault);
            return;
        }
        if lost > 0 {
            let fault = Fault::new(
                format!("{at}.file"),
                format!("{lost} of {} windows are left out", lost + starts.len()),
            )
            .label("gaps or blanks lie in them");
            self.warn("W002", fault);
        }
        let starts: Arc<[usize]> = starts.into();
        for ((index, _), column) in all.iter().zip(prices.columns) {
            let spot = file.assets.get(*index).and_then(|asset| asset.spot);
            if spot.is_none() && starts.len() > 1 {
                let fault = Fault::new(
                    format!("assets.{index}.spot"),
                    "missing key `spot`: the windows begin at different prices",
                )
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
                let nanos = time
                    .nanos(self.grid?.days_per_year)
                    .and_then(|nanos| i64::try_from(nanos).ok())
                    .unwrap_or(0);
                if nanos % prices.interval != 0 {
                    let row = Period::Time { nanos: prices.interval.unsigned_abs(), years: 0.0 };
                    let fault = Fault::new(
                        format!("{at}.stride"),
                        format!("{time} is not a whole number of rows of {row}"),
                    );
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

    /// Gives every `bootstrap` asset its blocks.
    pub(super) fn bootstrap(&mut self, file: &ScenarioFile, data: &mut Data<'_>, fed: &mut [Fed]) {
        let all: Vec<(usize, &Bootstrap)> = file
            .assets
            .iter()
            .enumerate()
            .filter_map(|(index, asset)| match &asset.process {
                Process::Bootstrap(bootstrap) => Some((index, bootstrap)),
                _ => None,
            })
            .collect();
        let Some(&(leader, first)) = all.first() else { return };
        let same = self.same(leader, &all, |bootstrap| {
            [("file", Some(bootstrap.file.clone())), ("mean_block", Some(bootstrap.mean_block.to_string()))]
        });
        let at = format!("assets.{leader}.process");
        let mean_block = self.steps(&format!("{at}.mean_block"), first.mean_block, 1).max(1);
        let (Some(grid), true) = (self.grid, same) else { return };
        let columns: Vec<(usize, String)> =
            all.iter().map(|(index, own)| (*index, self.column(*index, own.column.as_ref()))).collect();
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
            let fault =
                Fault::new(format!("{at}.file"), format!("{} of {all} returns are left out", cut.dropped))
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
            one.process =
                Process::Bootstrap(Bootstrap { mean_block: Period::Steps(mean_block), ..(*own).clone() });
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
            same &= self.trusts(&format!("assets.{index}.process"))
                && self.trusts(&format!("assets.{index}.symbol"));
            for ((key, first), (_, own)) in wanted.iter().zip(keys(other)) {
                if *first != own {
                    let fault = Fault::new(
                        format!("assets.{index}.process.{key}"),
                        "must be the same for all assets",
                    )
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
