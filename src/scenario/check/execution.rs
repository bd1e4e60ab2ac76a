//! `[execution]` and what each asset makes of it.
use super::Checker;
use crate::market::cost::Costs;
use crate::market::execution::Execution;
use crate::scenario::file::ScenarioFile;
use crate::units::Fault;

impl Checker<'_> {
    /// What stands between one asset's orders and their fills: its own keys over those of `[execution]`.
    pub(super) fn execution(
        &mut self,
        file: &ScenarioFile,
        asset: usize,
        costs: &Costs,
        delay: u64,
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
        if execution.retries > 0 && execution.slippage_tolerance.is_none() {
            let path = at(own.retries.is_some(), "retries");
            let fault = Fault::new(path, "has no effect: nothing fails").label("no `slippage_tolerance`");
            self.warn("W001", fault);
        }
        let waits = delay > 0 || execution.participation.is_some();
        if execution.slippage_tolerance.is_some() && !waits {
            let path = at(own.slippage_tolerance.is_some(), "slippage_tolerance");
            let fault = Fault::new(path, "has no effect: orders fill at the mid they are decided at");
            self.warn("W001", fault.label("neither a delay nor a cap"));
        }
        execution
    }
}
