//! `costs.gas`: what a transaction costs, for one asset and for a batch.
use super::Checker;
use super::costs::place;
use crate::market::cost::{BaseFee, Gas, GasTerms, RandomBaseFee};
use crate::scenario::Asset;
use crate::scenario::file::ScenarioFile;
use crate::scenario::walk::suggest;
use crate::units::Fault;

/// Standard deviation of the log fee beyond which its mean rests on days that no run meets.
const WIDEST: f64 = 3.0;

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
        let base_fee = gas
            .base_fee_gwei
            .clone()
            .unwrap_or_else(|| BaseFee::Constant(self.required(path, "base_fee_gwei", None)));
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
        Some(GasTerms { gas_units, base_fee, tip_gwei, asset: asset? })
    }

    /// Base fees that move: their law, and what they must know of the price of the gas asset.
    pub(super) fn base_fees(&mut self, file: &ScenarioFile, assets: &[Asset], batch: Option<&GasTerms>) {
        for (i, asset) in assets.iter().enumerate() {
            let own = file.assets.get(i).and_then(|table| table.costs.gas.as_ref());
            let own = own.is_some_and(|gas| gas.base_fee_gwei.is_some());
            self.base_fee(&place(i, own, "gas.base_fee_gwei"), asset.costs.gas.as_ref(), assets);
        }
        self.base_fee("costs.gas.base_fee_gwei", batch, assets);
    }

    fn base_fee(&mut self, path: &str, terms: Option<&GasTerms>, assets: &[Asset]) {
        let (Some(terms), Some(grid)) = (terms, self.grid) else { return };
        let BaseFee::Random(RandomBaseFee::LogOu(law)) = &terms.base_fee else { return };
        let Some(asset) = assets.get(terms.asset) else { return };
        let (mut sound, periods) =
            (true, [("half_life", Some(law.half_life)), ("block_time", law.block_time)]);
        for (key, period) in periods {
            if let Some(period) = period.filter(|period| period.years(&grid) <= 0.0) {
                let fault = Fault::new(format!("{path}.{key}"), format!("{period} is too short"));
                self.error("E007", fault.label("must be above 0"));
                sound = false;
            }
        }
        if !sound {
            return;
        }
        let volatility = asset.process.volatility_at_start(&grid);
        let spread = law.on(&grid, terms.asset, volatility).spread;
        if spread > WIDEST {
            let what = format!("the log fee varies by {spread:.3} (one standard deviation) around its mean");
            let fault = Fault::new(format!("{path}.half_life"), what)
                .label(format!("at most {WIDEST} wanted"))
                .also(format!("{path}.volatility"), "a day's shock")
                .help("a shorter half-life, or smaller shocks");
            self.error("E007", fault);
        }
        if law.price_link.unwrap_or(0.0) > 0.0 && volatility.is_none_or(|volatility| volatility <= 0.0) {
            let symbol = self.symbols.get(terms.asset).cloned().unwrap_or_default();
            let what = format!("the price of `{symbol}` does not say how much it usually moves");
            let fault = Fault::new(format!("{path}.price_link"), what)
                .label("needs a volatility at the start")
                .help("price_link = 0, or a process with a volatility");
            self.error("E009", fault);
        }
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
