//! `[[shocks]]`: when they act, on whom, and who cannot take one.
use super::Checker;
use crate::book::Benchmark;
use crate::market::price::Process;
use crate::market::shock::{Shock, kinds};
use crate::scenario::file::{ScenarioFile, TargetTable};
use crate::units::{Fault, Period};

impl Checker<'_> {
    /// All shocks with their times on the grid.
    pub(super) fn shocks(&mut self, file: &ScenarioFile) -> Vec<Shock> {
        let mut shocks = Vec::with_capacity(file.shocks.len());
        for (index, shock) in file.shocks.iter().enumerate() {
            let at = format!("shocks.{index}");
            self.struck(file, &at, shock);
            shocks.push(match shock {
                Shock::Gap(gap) => {
                    let steps = self.shock_time(&format!("{at}.at"), gap.at, 1);
                    Shock::Gap(kinds::Gap { at: Period::Steps(steps), ..gap.clone() })
                }
                Shock::Volatility(shock) => {
                    let (from, to) = self.shock_window(&at, shock.from, shock.to);
                    Shock::Volatility(kinds::Volatility { from, to, ..shock.clone() })
                }
                Shock::Correlation(shock) => {
                    let (from, to) = self.shock_window(&at, shock.from, shock.to);
                    Shock::Correlation(kinds::Correlation { from, to, ..shock.clone() })
                }
            });
        }
        shocks
    }

    fn shock_time(&mut self, path: &str, time: Period, least: u64) -> u64 {
        let steps = self.steps(path, time, least);
        if self.grid.is_some_and(|grid| steps > grid.n_steps) {
            let what = format!("{time} is after the end of the run");
            self.warn("W001", Fault::new(path, what).label("has no effect"));
        }
        steps
    }

    fn shock_window(&mut self, at: &str, from: Period, to: Period) -> (Period, Period) {
        let (start, end) = (format!("{at}.from"), format!("{at}.to"));
        let (first, last) = (self.steps(&start, from, 0), self.steps(&end, to, 0));
        if last <= first && self.grid.is_some() {
            let fault = Fault::new(end, "a shock must end after it begins")
                .label(format!("{to} is not after `from`"))
                .also(start, format!("begins at {from}"));
            self.error("E009", fault);
        } else if self.grid.is_some_and(|grid| first >= grid.n_steps) {
            let what = format!("{from} is after the end of the run");
            self.warn("W001", Fault::new(start, what).label("has no effect"));
        }
        (Period::Steps(first), Period::Steps(last))
    }

    /// Whom a shock strikes.
    fn struck(&mut self, file: &ScenarioFile, at: &str, shock: &Shock) {
        let names = shock.assets().unwrap_or_default();
        for (k, symbol) in
            names.iter().enumerate().filter(|(_, symbol)| !self.symbols.contains(symbol)).collect::<Vec<_>>()
        {
            self.unknown_symbol(&format!("{at}.assets.{k}"), symbol);
        }
        let given = |process: &Process| {
            matches!(process, Process::Path(_) | Process::History(_) | Process::Bootstrap(_))
        };
        if let Shock::Correlation(_) = shock {
            if file.assets.iter().filter(|asset| !given(&asset.process)).count() < 2 {
                let what = "there are no two prices that it could join";
                let fault = Fault::new(format!("{at}.kind"), what).label("has no effect");
                self.warn("W001", fault.help("real prices bring their own correlation"));
            }
        } else {
            for (index, asset) in file.assets.iter().enumerate() {
                let process = format!("assets.{index}.process");
                if given(&asset.process) && shock.strikes(&asset.symbol) && self.trusts(&process) {
                    let what =
                        format!("`{}` cannot take a shock: its prices are given", asset.process.name());
                    let fault = Fault::new(format!("{at}.kind"), what)
                        .label(format!("strikes `{}`", asset.symbol))
                        .also(format!("{process}.kind"), "prices from data")
                        .help("assets = […] with the symbols of simulated prices");
                    self.error("E009", fault);
                }
            }
        }
        if let TargetTable::Basket(basket) = &file.target
            && basket.benchmark == Some(Benchmark::ConstantMixContinuous)
        {
            let fault = Fault::new("target.benchmark", "has no closed form under shocks")
                .label("needs volatilities and correlations that stand")
                .also(format!("{at}.kind"), "a shock")
                .help("use constant_mix_step");
            self.error("E009", fault);
        }
    }
}
