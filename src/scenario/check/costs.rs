//! `[costs]` and what each asset makes of it.
use super::Checker;
use crate::market::cost::{Costs, Funding, HalfSpread, Impact, MovingRate, PermanentTerms, PoolTerms, Rate};
use crate::scenario::file::{FundingTable, ScenarioFile};
use crate::units::{Fault, Fraction, PerAsset};

impl Checker<'_> {
    /// Tables by symbol in `[costs]` name assets.
    pub(super) fn cost_symbols(&mut self, file: &ScenarioFile) {
        self.known_symbols("costs.fee", file.costs.fee.as_ref());
        self.known_symbols("costs.half_spread", file.costs.half_spread.as_ref().map(|table| &table.0));
        self.known_symbols("costs.fixed_fee", file.costs.fixed_fee.as_ref());
        self.known_symbols("costs.adv", file.costs.adv.as_ref());
        self.known_symbols("costs.borrow", file.costs.borrow.as_ref());
        let Some(funding) = &file.costs.funding else { return };
        for symbol in funding
            .by_symbol
            .keys()
            .filter(|symbol| !self.symbols.contains(symbol))
            .cloned()
            .collect::<Vec<_>>()
        {
            self.unknown_symbol(&format!("costs.funding.{symbol}"), &symbol);
        }
        if funding.interval.is_some() && funding.rate.is_none() {
            let fault = Fault::new("costs.funding.rate", "missing key `rate` in `costs.funding`");
            self.error("E002", fault.label("`rate` is required beside `interval`"));
        }
        if (funding.rate.is_some() || funding.interval.is_some()) && !funding.by_symbol.is_empty() {
            let fault = Fault::new("costs.funding", "is both one rate and a table by symbol")
                .label("`rate` and `interval`, or symbols")
                .help("{ rate = 0.1, interval = \"8h\" } for all assets, or { ETH = …, BTC = … }");
            self.error("E009", fault);
        }
    }

    /// The costs of one asset: its own keys over those of `[costs]`.
    pub(super) fn costs(&mut self, file: &ScenarioFile, asset: usize) -> Costs {
        let Some(table) = file.assets.get(asset) else { return Costs::default() };
        let (all, own) = (&file.costs, &table.costs);
        let fraction = |value: Fraction| value.0;
        let adv = self.cost("adv", asset, all.adv.as_ref(), own.adv);
        let impact = self.impact(file, asset, adv);
        let volume = adv.or_else(|| impact.as_ref().and_then(Impact::adv));
        let spread = all.half_spread.as_ref().map(|table| &table.0);
        let spread = self.cost("half_spread", asset, spread, own.half_spread.clone());
        let (half_spread, moving_spread) = spread.map_or((0.0, None), HalfSpread::parts);
        Costs {
            fee: self.cost("fee", asset, all.fee.as_ref(), own.fee).map_or(0.0, fraction),
            half_spread,
            moving_spread,
            fixed_fee: self.cost("fixed_fee", asset, all.fixed_fee.as_ref(), own.fixed_fee).unwrap_or(0.0),
            funding: self.funding(asset, all.funding.as_ref(), own.funding.clone()),
            permanent_impact: self.permanent(file, asset, volume),
            pool: self.pool(file, asset),
            borrow: self.cost("borrow", asset, all.borrow.as_ref(), own.borrow).map_or(0.0, fraction),
            gas: self.gas(file, asset),
            charge_initial: own.charge_initial,
            charge_final: own.charge_final,
            adv: volume,
            impact,
        }
    }

    /// Impact with its volume filled in.
    fn impact(&mut self, file: &ScenarioFile, asset: usize, adv: Option<f64>) -> Option<Impact> {
        let own = file.assets.get(asset)?.costs.impact.as_ref();
        let mut impact = own.or(file.costs.impact.as_ref())?.clone();
        let volume = impact.adv_mut();
        *volume = volume.or(adv);
        if volume.is_none() {
            self.missing_volume(&place(asset, own.is_some(), "impact"), "impact");
        }
        Some(impact)
    }

    /// What an asset with a model of volume must know.
    pub(super) fn missing_volume(&mut self, path: &str, what: &str) {
        let fault = Fault::new(path, format!("missing key `adv` in `costs`: {what} needs the traded volume"))
            .label("no `adv`")
            .help("adv = 5.0e8 under `[costs]`: average daily volume in currency");
        self.error("E002", fault);
    }

    fn permanent(
        &mut self,
        file: &ScenarioFile,
        asset: usize,
        volume: Option<f64>,
    ) -> Option<PermanentTerms> {
        let (own, below) = (file.assets.get(asset)?.costs.permanent_impact, file.costs.permanent_impact);
        let merged = own.unwrap_or_default().over(below.as_ref());
        own.or(below)?;
        let path = place(asset, own.is_some(), "permanent_impact");
        if volume.is_none() {
            self.missing_volume(&path, "permanent impact");
        }
        Some(PermanentTerms {
            coefficient: self.required(&path, "coefficient", merged.coefficient),
            daily_volatility: self.required(&path, "daily_volatility", merged.daily_volatility),
            adv: volume.unwrap_or(1.0),
        })
    }

    fn pool(&mut self, file: &ScenarioFile, asset: usize) -> Option<PoolTerms> {
        let (own, below) = (file.assets.get(asset)?.costs.pool, file.costs.pool);
        let merged = own.unwrap_or_default().over(below.as_ref());
        own.or(below)?;
        let path = place(asset, own.is_some(), "pool");
        let depth = self.required(&path, "depth", merged.depth);
        let persistent = merged.persistent.unwrap_or(false);
        Some(PoolTerms { depth, fee: merged.fee.map_or(0.0, |fee| fee.0), persistent })
    }

    /// A key that must stand in a table or in the one below it.
    pub(super) fn required(&mut self, table: &str, key: &str, value: Option<f64>) -> f64 {
        if value.is_none() {
            let fault = Fault::new(format!("{table}.{key}"), format!("missing key `{key}` in `{table}`"));
            self.error("E002", fault.label(format!("`{key}` is required here")));
        }
        value.unwrap_or(1.0)
    }

    fn funding(&mut self, asset: usize, all: Option<&FundingTable>, own: Option<Funding>) -> Funding {
        let symbol = self.symbols.get(asset).cloned().unwrap_or_default();
        if let Some(own) = own {
            if all.is_some_and(|all| !all.by_symbol.is_empty()) {
                self.given_twice("funding", asset);
            }
            return self.on_grid(&format!("assets.{asset}.costs.funding.interval"), own);
        }
        let Some(all) = all else { return Funding::default() };
        match (all.rate.clone(), all.interval) {
            (Some(rate), Some(interval)) => {
                self.on_grid("costs.funding.interval", Funding::at_boundaries(rate, interval))
            }
            (Some(Rate::Constant(rate)), None) => Funding::Continuous(rate),
            (Some(Rate::Moving(MovingRate::Ar1(_))), None) => {
                let fault = Fault::new("costs.funding.interval", "missing key `interval` in `costs.funding`");
                let label = "a rate that moves is settled at boundaries";
                self.error("E002", fault.label(label).help("interval = \"8h\""));
                Funding::default()
            }
            _ if all.by_symbol.is_empty() => Funding::default(),
            _ => {
                let Some(one) = all.by_symbol.get(&symbol) else {
                    let table = PerAsset::<f64>::BySymbol(std::collections::BTreeMap::new());
                    self.value_for("costs.funding", &table, &symbol);
                    return Funding::default();
                };
                self.on_grid(&format!("costs.funding.{symbol}.interval"), one.clone())
            }
        }
    }

    fn given_twice(&mut self, key: &str, asset: usize) {
        let fault = Fault::new(format!("assets.{asset}.costs.{key}"), "this key is given twice")
            .label("an override for this asset")
            .also(format!("costs.{key}"), "a table by symbol")
            .help("keep one: the table by symbol, or a value with overrides");
        self.error("E009", fault);
    }

    fn cost<T: Clone>(
        &mut self,
        key: &str,
        asset: usize,
        all: Option<&PerAsset<T>>,
        own: Option<T>,
    ) -> Option<T> {
        if own.is_some() {
            if let Some(PerAsset::BySymbol(_)) = all {
                self.given_twice(key, asset);
            }
            return own;
        }
        let symbol = self.symbols.get(asset).cloned().unwrap_or_default();
        all.and_then(|all| self.value_for(&format!("costs.{key}"), all, &symbol))
    }
}

/// Where a table of costs stands: under its asset, or under `[costs]`.
pub(super) fn place(asset: usize, own: bool, key: &str) -> String {
    if own { format!("assets.{asset}.costs.{key}") } else { format!("costs.{key}") }
}
