//! `costs.gas`: what a transaction costs, for one asset and for a batch.
use super::Checker;
use super::costs::place;
use crate::market::cost::{BaseFee, Gas, GasTerms};
use crate::scenario::file::ScenarioFile;
use crate::scenario::walk::suggest;
use crate::units::Fault;

impl Checker<'_> {
    /// Gas of a transaction of one asset alone: its own keys over those of `[costs]`.
    pub(super) fn gas(&mut self, file: &ScenarioFile, asset: usize) -> Option<GasTerms> {
        let own = file.assets.get(asset)?.costs.gas.as_ref();
        let below = file.costs.gas.as_ref();
        let merged = own.or(below)?.over(below);
        if own.is_some_and(|own| own.batch.is_some()) {
            let fault = Fault::new(format!("assets.{asset}.costs.gas.batch"), "a batch is of all assets")
                .label("not for one asset")
                .help("write it under `[costs]`");
            self.error("E009", fault);
        }
        let named = own.is_some_and(|own| own.gas_asset.is_some());
        let at = place(asset, named || merged.gas_asset.is_none(), "gas.gas_asset");
        self.gas_terms(&place(asset, own.is_some(), "gas"), &at, &merged)
    }

    /// Gas of a transaction for all orders that are due together; none where each asset has its own.
    pub(super) fn batch_gas(&mut self, file: &ScenarioFile) -> Option<GasTerms> {
        let gas = file.costs.gas.as_ref().filter(|gas| gas.batch == Some(true))?;
        self.gas_terms("costs.gas", "costs.gas.gas_asset", gas)
    }

    fn gas_terms(&mut self, path: &str, asset_path: &str, gas: &Gas) -> Option<GasTerms> {
        let gas_units = self.required(path, "gas_units", gas.gas_units);
        let base_fee = self.required(path, "base_fee_gwei", gas.base_fee_gwei);
        let asset = if let Some(symbol) = &gas.gas_asset {
            self.gas_asset(asset_path, symbol)
        } else if self.symbols.len() == 1 {
            Some(0)
        } else {
            let fault =
                Fault::new(format!("{path}.gas_asset"), format!("missing key `gas_asset` in `{path}`"))
                    .label("there are several assets")
                    .help(format!("one of: {}", self.symbols.join(", ")));
            self.error("E002", fault);
            None
        };
        let tip_gwei = gas.tip_gwei.unwrap_or(0.0);
        Some(GasTerms { gas_units, base_fee: BaseFee::Constant(base_fee), tip_gwei, asset: asset? })
    }

    fn gas_asset(&mut self, path: &str, symbol: &str) -> Option<usize> {
        let found = self.symbols.iter().position(|each| each == symbol);
        if found.is_none() && self.trusts_symbols() {
            let near =
                suggest(symbol, self.symbols.iter().map(String::as_str)).map(|near| format!("\"{near}\""));
            let fault = Fault::new(path, format!("there is no asset `{symbol}`"))
                .label("not a symbol of `[[assets]]`")
                .help(format!(
                    "assets: {}; an asset that is only paid in may stand there too",
                    self.symbols.join(", ")
                ));
            self.put("E008", crate::scenario::problem::Severity::Error, fault, near);
        }
        found
    }
}
