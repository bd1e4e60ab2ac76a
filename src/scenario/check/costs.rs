//! `[costs]` and what each asset makes of it.
use super::Checker;
use crate::market::cost::Costs;
use crate::scenario::file::ScenarioFile;
use crate::units::{Fault, Fraction, PerAsset};

impl Checker<'_> {
    /// The costs of one asset: its own keys over those of `[costs]`.
    pub(super) fn costs(&mut self, file: &ScenarioFile, asset: usize) -> Costs {
        let Some(table) = file.assets.get(asset) else { return Costs::default() };
        let (all, own) = (&file.costs, &table.costs);
        let fraction = |value: Fraction| value.0;
        Costs {
            fee: self.cost("fee", asset, all.fee.as_ref(), own.fee).map_or(0.0, fraction),
            half_spread: self.cost("half_spread", asset, all.half_spread.as_ref(), own.half_spread).map_or(0.0, fraction),
            fixed_fee: self.cost("fixed_fee", asset, all.fixed_fee.as_ref(), own.fixed_fee).unwrap_or(0.0),
            funding: self.cost("funding", asset, all.funding.as_ref(), own.funding).map_or(0.0, fraction),
            impact: own.impact.clone().or_else(|| all.impact.clone()),
        }
    }

    fn cost<T: Copy>(&mut self, key: &str, asset: usize, all: Option<&PerAsset<T>>, own: Option<T>) -> Option<T> {
        let path = format!("costs.{key}");
        self.known_symbols(&path, all);
        if own.is_some() {
            if let Some(PerAsset::BySymbol(_)) = all {
                let fault = Fault::new(format!("assets.{asset}.costs.{key}"), "this key is given twice")
                    .label("an override for this asset")
                    .also(path, "a table by symbol")
                    .help("keep one: the table by symbol, or a value with overrides");
                self.error("E009", fault);
            }
            return own;
        }
        let symbol = self.symbols.get(asset).cloned().unwrap_or_default();
        all.and_then(|all| self.value_for(&path, all, &symbol))
    }
}
