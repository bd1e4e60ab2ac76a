//! Frictions that move: half-spreads that follow volatility, funding rates, congestion.
use super::Checker;
use super::costs::place;
use crate::market::congestion::{Congestion, CongestionTerms};
use crate::market::cost::{Funding, MovingSpread};
use crate::market::price::OwnVariance;
use crate::scenario::Asset;
use crate::scenario::file::ScenarioFile;
use crate::scenario::walk::suggest;
use crate::units::{Fault, Period};

impl Checker<'_> {
    /// Half-spreads that move: their bounds, and the volatility they follow.
    pub(super) fn moving_spreads(&mut self, file: &ScenarioFile, assets: &[Asset]) {
        for (i, asset) in assets.iter().enumerate() {
            let Some(MovingSpread::VolatilityScaled(law)) = &asset.costs.moving_spread else { continue };
            let own = file.assets.get(i).is_some_and(|table| table.costs.half_spread.is_some());
            let by_symbol = format!("costs.half_spread.{}", asset.symbol);
            let path =
                if !own && self.is_written(&by_symbol) { by_symbol } else { place(i, own, "half_spread") };
            let (min, max) = law.bounds();
            if min > max {
                let what = format!("the least half-spread {min} is above the largest {max}");
                let fault = Fault::new(format!("{path}.min"), what).label("above `max`");
                self.error("E009", fault);
            }
            self.gauge_fits(&path, law.half_life, asset);
        }
    }

    /// The volatility that a friction follows: the law's own, or what the price did.
    fn gauge_fits(&mut self, path: &str, half_life: Option<Period>, asset: &Asset) {
        let Some(grid) = self.grid else { return };
        if let Some(half_life) = half_life {
            let steps = half_life.years(&grid) / grid.dt();
            let at = format!("{path}.half_life");
            if steps <= 0.0 {
                let fault = Fault::new(at, format!("{half_life} is too short")).label("must be above 0");
                self.error("E007", fault);
            } else if steps < 0.5 {
                let what =
                    format!("a half-life of {half_life} is below half of the step {}", grid.step_text());
                let fault = Fault::new(at, what).label("all but the last return is forgotten");
                self.warn("W003", fault.help("a shorter step, or a longer half-life"));
            }
        } else if asset.process.own_variance() == OwnVariance::Unknown {
            let what = format!("`{}` does not say how volatile the price is", asset.process.name());
            let fault = Fault::new(format!("{path}.half_life"), what)
                .label("needs a `half_life`: the volatility of the returns so far")
                .help("half_life = \"1d\"");
            self.error("E009", fault);
        }
    }

    /// Congestion with the asset that it follows.
    pub(super) fn congestion(&mut self, file: &ScenarioFile, assets: &[Asset]) -> Option<CongestionTerms> {
        let law = file.market.congestion.clone()?;
        let index = self.congested_asset(&law)?;
        self.gauge_fits("market.congestion", law.half_life, assets.get(index)?);
        self.idle_exponents(file, &law, assets);
        Some(CongestionTerms { asset: index, law: Congestion { asset: None, ..law } })
    }

    fn congested_asset(&mut self, law: &Congestion) -> Option<usize> {
        let path = "market.congestion.asset";
        let Some(symbol) = &law.asset else {
            if self.symbols.len() == 1 {
                return Some(0);
            }
            let fault = Fault::new(path, "missing key `asset` in `market.congestion`")
                .label("there are several assets")
                .help(format!("one of: {}", self.symbols.join(", ")));
            self.error("E002", fault);
            return None;
        };
        let found = self.symbols.iter().position(|each| each == symbol);
        if found.is_none() && self.trusts_symbols() {
            let near = suggest(symbol, self.symbols.iter().map(String::as_str));
            let near = near.map(|near| format!("\"{near}\""));
            let fault = Fault::new(path, format!("there is no asset `{symbol}`"))
                .label("not a symbol of `[[assets]]`")
                .help(format!("assets: {}", self.symbols.join(", ")));
            self.put("E008", crate::scenario::problem::Severity::Error, fault, near);
        }
        found
    }

    /// Exponents of frictions that no asset has.
    fn idle_exponents(&mut self, file: &ScenarioFile, law: &Congestion, assets: &[Asset]) {
        let any = |has: &dyn Fn(&Asset) -> bool| assets.iter().any(has);
        let batch = file.costs.gas.as_ref().is_some_and(|gas| gas.batch == Some(true));
        let exponents = [
            ("gas", law.gas, batch || any(&|asset| asset.costs.gas.is_some()), "no `costs.gas`"),
            (
                "delay",
                law.delay,
                any(&|asset| asset.delay > 0 || asset.random_delay.is_some()),
                "no `execution.delay`",
            ),
            (
                "failure",
                law.failure,
                any(&|asset| asset.execution.failure.is_some_and(|failure| failure > 0.0)),
                "no `execution.failure`",
            ),
            (
                "half_spread",
                law.half_spread,
                any(&|asset| asset.costs.half_spread > 0.0),
                "no `costs.half_spread`",
            ),
        ];
        for (key, exponent, has, label) in exponents {
            if exponent.unwrap_or(0.0) != 0.0 && !has {
                let fault = Fault::new(format!("market.congestion.{key}"), "has no effect").label(label);
                self.warn("W001", fault);
            }
        }
        if exponents.iter().all(|(_, exponent, ..)| exponent.unwrap_or(0.0) == 0.0) {
            let fault = Fault::new("market.congestion", "this congestion moves nothing")
                .label("all exponents are 0")
                .help("gas = 1.0, delay = 0.5, failure = 1.0 or half_spread = 1.0");
            self.warn("W001", fault);
        }
    }

    /// Boundaries of funding on the grid.
    pub(super) fn on_grid(&mut self, path: &str, funding: Funding) -> Funding {
        let mut on_grid = |interval| Period::Steps(self.steps(path, interval, 1));
        match funding {
            Funding::Boundaries { rate, interval } => {
                Funding::Boundaries { rate, interval: on_grid(interval) }
            }
            Funding::Moving { rate, interval } => Funding::Moving { rate, interval: on_grid(interval) },
            continuous @ Funding::Continuous(_) => continuous,
        }
    }
}
