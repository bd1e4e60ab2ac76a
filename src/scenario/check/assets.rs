//! `[[assets]]`: what each is once the tables for all are laid under its own.
use super::Checker;
use crate::market::execution::HedgeInstrument;
use crate::scenario::Asset;
use crate::scenario::file::{ScenarioFile, TargetTable};
use crate::units::Fault;

use super::series::Fed;

impl Checker<'_> {
    /// All assets with their feeds.
    pub(super) fn assets(&mut self, file: &ScenarioFile, feeds: Vec<Fed>) -> Vec<Asset> {
        self.cost_symbols(file);
        let mut assets = Vec::with_capacity(file.assets.len());
        for (index, (table, fed)) in file.assets.iter().zip(feeds).enumerate() {
            let costs = self.costs(file, index);
            let own = &table.execution;
            let (delay, random_delay) = self.delay(file, index);
            let hedge_instrument =
                own.hedge_instrument.or(file.execution.hedge_instrument).unwrap_or_default();
            self.instrument(file, index, hedge_instrument, costs.funding.is_charged());
            let execution = self.execution(file, index, &costs, delay > 0 || random_delay.is_some());
            let oracle = self.oracle(file, index, &fed.process);
            assets.push(Asset {
                symbol: table.symbol.clone(),
                spot: fed.spot,
                dividend_yield: table.dividend_yield.map_or(0.0, |rate| rate.0),
                process: fed.process,
                feed: fed.feed,
                oracle,
                costs,
                delay,
                random_delay,
                hedge_instrument,
                execution,
            });
        }
        assets
    }

    fn instrument(&mut self, file: &ScenarioFile, index: usize, held: HedgeInstrument, funding: bool) {
        let Some(table) = file.assets.get(index) else { return };
        match held {
            HedgeInstrument::Spot if funding => {
                let own = format!("assets.{index}.costs.funding");
                let path = if table.costs.funding.is_some() { own } else { "costs.funding".into() };
                let fault = Fault::new(
                    path,
                    format!("funding is charged on a position in `{}` itself", table.symbol),
                )
                .label("spot positions pay no funding in a real market")
                .help("hedge_instrument = \"perpetual\" under `[execution]`, or leave funding out");
                self.warn("W001", fault);
            }
            HedgeInstrument::Perpetual if matches!(file.target, TargetTable::Basket(_)) => {
                let own = format!("assets.{index}.execution.hedge_instrument");
                let path = if table.execution.hedge_instrument.is_some() {
                    own
                } else {
                    "execution.hedge_instrument".into()
                };
                let fault = Fault::new(path, "a basket cannot be held in perpetuals")
                    .label("only for an options strategy")
                    .also("target.kind", "a basket");
                self.error("E009", fault);
            }
            _ => {}
        }
    }
}
