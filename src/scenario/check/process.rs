//! What one key of a process cannot tell: chains of regimes, recursions of variances.
use super::{Checker, Severity, suggest};
use crate::market::price::Process;
use crate::market::price::chain::has_one_long_run;
use crate::market::price::garch::{DAY, Garch};
use crate::market::price::regime::{Regime, STATIONARY};
use crate::scenario::file::ScenarioFile;
use crate::units::{Fault, Grid, Period};

impl Checker<'_> {
    /// An asset's process with its periods on the grid.
    pub(super) fn model(&mut self, asset: usize, process: &Process) -> Process {
        let at = format!("assets.{asset}.process");
        match process {
            Process::Regime(regime) => self.regime(&at, regime),
            Process::Garch(garch) => return Process::Garch(self.garch(&at, garch)),
            _ => {}
        }
        process.clone()
    }

    fn garch(&mut self, at: &str, garch: &Garch) -> Garch {
        match (garch.omega, garch.long_run_volatility) {
            (Some(_), Some(_)) => {
                let fault = Fault::new(
                    format!("{at}.omega"),
                    "`omega` and `long_run_volatility` say the same thing twice",
                )
                .label("the constant of the recursion")
                .also(format!("{at}.long_run_volatility"), "what it comes to in the long run")
                .help("keep one of them");
                self.error("E009", fault);
            }
            (None, None) => {
                let path = format!("{at}.long_run_volatility");
                let fault =
                    Fault::new(path, format!("missing key `long_run_volatility` (or `omega`) in `{at}`"))
                        .label("the size of the moves is not given")
                        .help("long_run_volatility = 0.68, or omega as a variance per period");
                self.error("E002", fault);
            }
            _ => {}
        }
        let persistence = garch.persistence();
        if persistence >= 1.0 {
            let rounded = (persistence * 1e9).round() / 1e9;
            let what = format!("the variance has no long run: alpha + beta + gamma/2 = {rounded}");
            let mut fault = Fault::new(format!("{at}.alpha"), what)
                .label("together they must be below 1")
                .also(format!("{at}.beta"), "what stays of the last variance");
            if garch.gamma != 0.0 {
                fault = fault.also(format!("{at}.gamma"), "half of it counts");
            }
            self.error("E009", fault);
        }
        if garch.alpha + garch.gamma < 0.0 {
            let fault = Fault::new(format!("{at}.gamma"), "a fall would make the variance negative")
                .label("must not be below -alpha")
                .also(format!("{at}.alpha"), "alpha");
            self.error("E009", fault);
        }
        let period = self.steps(&format!("{at}.period"), garch.period.unwrap_or(DAY), 1);
        Garch { period: Some(Period::Steps(period)), ..garch.clone() }
    }

    fn regime(&mut self, at: &str, regime: &Regime) {
        let names: Vec<&str> = regime.states.iter().map(|state| state.name.as_str()).collect();
        for (k, state) in regime.states.iter().enumerate() {
            let own = format!("{at}.states.{k}");
            if let Some(first) = names.iter().position(|name| *name == state.name).filter(|first| *first < k)
            {
                let fault = Fault::new(format!("{own}.name"), "this name is taken")
                    .label("second of that name")
                    .also(format!("{at}.states.{first}.name"), "first of that name");
                self.error("E008", fault);
            }
            if state.name == STATIONARY {
                let fault = Fault::new(format!("{own}.name"), "no state can have this name")
                    .label("the word for a start by the long-run law");
                self.error("E008", fault);
            }
            if self.trusts(&format!("{own}.mean_duration")) && is_nothing(state.mean_duration) {
                let what = format!("{} is too short", state.mean_duration);
                let fault = Fault::new(format!("{own}.mean_duration"), what).label("must be above 0");
                self.error("E007", fault);
            }
            self.ways(&own, &names, k, regime);
        }
        if let Some(start) = regime.start.as_deref().filter(|start| *start != STATIONARY) {
            if !names.contains(&start) {
                let words = names.iter().copied().chain([STATIONARY]);
                let suggestion = suggest(start, words).map(|near| format!("\"{near}\""));
                let fault = Fault::new(format!("{at}.start"), format!("there is no state `{start}`"))
                    .label("not a name of `states`")
                    .help(format!("states: {}; or \"{STATIONARY}\"", names.join(", ")));
                self.put("E008", Severity::Error, fault, suggestion);
            }
        } else if self.trusts(&format!("{at}.states")) {
            let grid = Grid { horizon_nanos: 1, n_steps: 1, days_per_year: 365.0 };
            if !has_one_long_run(&regime.law(&grid).1) {
                let fault =
                    Fault::new(format!("{at}.start"), "the chain has no single long-run law to start from")
                        .label("some states never lead to some others")
                        .help(format!("start = \"{}\"", names.first().copied().unwrap_or_default()));
                self.error("E009", fault);
            }
        }
    }

    /// Where a state leads.
    fn ways(&mut self, own: &str, names: &[&str], k: usize, regime: &Regime) {
        let Some(to) = &regime.states[k].to else { return };
        for name in to.keys() {
            let path = format!("{own}.to.{name}");
            if !names.contains(&name.as_str()) {
                let near = suggest(name, names.iter().copied());
                let help = near.map_or(format!("states: {}", names.join(", ")), |near| {
                    format!("did you mean \"{near}\"?")
                });
                let fault = Fault::new(path, format!("there is no state `{name}`"))
                    .label("not a name of `states`")
                    .help(help);
                self.error("E008", fault);
            } else if *name == regime.states[k].name {
                let fault = Fault::new(path, "a state does not lead to itself")
                    .label("a stay ends in another state")
                    .help("a longer mean_duration means longer stays");
                self.error("E009", fault);
            }
        }
        if to.values().all(|weight| *weight == 0.0) {
            let fault = Fault::new(format!("{own}.to"), "leads nowhere")
                .label("no weight above 0")
                .help("name the states that may follow, or leave `to` out: all others alike");
            self.error("E009", fault);
        }
    }

    /// Assets with one chain must mean the same chain.
    pub(super) fn common_chains(&mut self, file: &ScenarioFile) {
        let mut common = file.assets.iter().enumerate().filter_map(|(index, asset)| match &asset.process {
            Process::Regime(regime) if regime.is_common() => Some((index, asset.symbol.clone(), regime)),
            _ => None,
        });
        let Some((first, symbol, model)) = common.next() else { return };
        let rest: Vec<_> = common.collect();
        if rest.is_empty() {
            let fault =
                Fault::new(format!("assets.{first}.process.chain"), "no other asset shares this chain")
                    .label("has no effect");
            self.warn("W001", fault);
        }
        let law = |regime: &Regime| -> Vec<_> {
            let states = regime.states.iter();
            states.map(|state| (state.name.clone(), state.mean_duration, state.to.clone())).collect()
        };
        for (index, _, other) in rest {
            if law(other) != law(model) || other.start_index() != model.start_index() {
                let at = format!("assets.{index}.process.chain");
                let fault = Fault::new(at, format!("is not the chain of `{symbol}`"))
                    .label("names, durations, `to` and `start` must be alike")
                    .also(format!("assets.{first}.process.chain"), "the common chain")
                    .help("drifts and volatilities may differ; chain = \"own\" for a chain of its own");
                self.error("E009", fault);
            }
        }
    }
}

fn is_nothing(period: Period) -> bool {
    matches!(period, Period::Steps(0)) || matches!(period, Period::Time { nanos: 0, years } if years <= 0.0)
}
