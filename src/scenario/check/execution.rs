//! `[execution]` and what each asset makes of it.
use super::Checker;
use crate::market::RandomLatency;
use crate::market::cost::Costs;
use crate::market::execution::Execution;
use crate::market::latency::Latency;
use crate::scenario::file::ScenarioFile;
use crate::units::Fault;

impl Checker<'_> {
    /// Steps from one asset's decisions to their fills, or the law that they are drawn from.
    pub(super) fn delay(&mut self, file: &ScenarioFile, asset: usize) -> (u64, Option<RandomLatency>) {
        let own = file.assets.get(asset).and_then(|table| table.execution.delay.as_ref());
        let Some(delay) = own.or(file.execution.delay.as_ref()) else { return (0, None) };
        let path = if own.is_some() {
            format!("assets.{asset}.execution.delay")
        } else {
            "execution.delay".to_owned()
        };
        match self.latency(&path, delay) {
            Latency::Fixed(period) => (period.steps(), None),
            Latency::Random(law) => {
                self.short_mean(&path, "delay", law.mean());
                (0, Some(law))
            }
        }
    }

    /// What stands between one asset's orders and their fills: its own keys over those of `[execution]`.
    pub(super) fn execution(
        &mut self,
        file: &ScenarioFile,
        asset: usize,
        costs: &Costs,
        late: bool,
    ) -> Execution {
        let Some(table) = file.assets.get(asset) else { return Execution::default() };
        let (all, own) = (&file.execution, &table.execution);
        let at = |of_asset: bool, key: &str| {
            if of_asset { format!("assets.{asset}.execution.{key}") } else { format!("execution.{key}") }
        };
        let execution = Execution {
            lot: own.lot.or(all.lot),
            min_trade: own.min_trade.or(all.min_trade).filter(|least| *least > 0.0),
            participation: own.participation.or(all.participation).map(|share| share.0),
            unfilled: own.unfilled.or(all.unfilled).unwrap_or_default(),
            slippage_tolerance: own.slippage_tolerance.or(all.slippage_tolerance).map(|most| most.0),
            retries: own.retries.or(all.retries).unwrap_or(0),
            failure: own.failure.or(all.failure).map(|failure| failure.0),
        };
        if execution.participation.is_some() && costs.adv.is_none() {
            self.missing_volume(&at(own.participation.is_some(), "participation"), "a cap on participation");
        }
        if own.unfilled.or(all.unfilled).is_some() && execution.participation.is_none() {
            let path = at(own.unfilled.is_some(), "unfilled");
            let fault =
                Fault::new(path, "has no effect: every order fills whole").label("no `participation`");
            self.warn("W001", fault);
        }
        let by_chance = execution.failure.is_some_and(|failure| failure > 0.0);
        if execution.retries > 0 && execution.slippage_tolerance.is_none() && !by_chance {
            let path = at(own.retries.is_some(), "retries");
            let fault = Fault::new(path, "has no effect: nothing fails")
                .label("neither `slippage_tolerance` nor `failure`");
            self.warn("W001", fault);
        }
        let waits = late || execution.participation.is_some() || (by_chance && execution.retries > 0);
        if execution.slippage_tolerance.is_some() && !waits {
            let path = at(own.slippage_tolerance.is_some(), "slippage_tolerance");
            let fault = Fault::new(path, "has no effect: orders fill at the mid they are decided at");
            self.warn("W001", fault.label("neither a delay, a cap nor retries"));
        }
        execution
    }
}
