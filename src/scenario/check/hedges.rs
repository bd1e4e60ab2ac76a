//! What deltas are taken at: hedge volatilities that stand still or move, and the minimum-variance delta.
use super::Checker;
use crate::book::delta::minimum_variance::MinimumVariance;
use crate::book::delta::{Regression, WrittenDelta};
use crate::book::volatility::ewma::Tracker;
use crate::book::volatility::{MovingVolatility, Own, WrittenVolatility};
use crate::book::{HedgeVolatility, LegKind, Target};
use crate::market::price::Process;
use crate::scenario::file::{OptionsTable, PolicyEntry, ScenarioFile};
use crate::units::{Fault, PerAsset};

impl Checker<'_> {
    /// A written hedge volatility on the grid, for one asset; `None` where it leaves the asset out.
    pub(super) fn volatility_of(
        &mut self,
        path: &str,
        written: &WrittenVolatility,
        symbol: &str,
    ) -> Option<HedgeVolatility> {
        match written {
            WrittenVolatility::Constant(value) => value.of(symbol).map(|v| HedgeVolatility::Constant(v.0)),
            WrittenVolatility::Moving(MovingVolatility::Ewma(ewma)) => {
                let half_life = self.steps(&format!("{path}.half_life"), ewma.half_life, 1).max(1);
                let initial = ewma.initial.of(symbol)?.0;
                Some(HedgeVolatility::Estimated { ewma: Tracker { half_life, initial } })
            }
            WrittenVolatility::Moving(MovingVolatility::OracleVolatility(_)) => {
                Some(HedgeVolatility::Own(Own::Volatility))
            }
        }
    }

    /// Symbols and processes that a hedge volatility cannot go with.
    pub(super) fn volatility_faults(&mut self, file: &ScenarioFile, path: &str, written: &WrittenVolatility) {
        let below = if matches!(written, WrittenVolatility::Moving(_)) { ".initial" } else { "" };
        self.known_symbols(&format!("{path}{below}"), written.by_symbol());
        let WrittenVolatility::Moving(MovingVolatility::OracleVolatility(_)) = written else { return };
        for (index, asset) in file.assets.iter().enumerate() {
            if self.is_optioned(file, index) && !asset.process.has_volatility() {
                let what = format!("`{}` has no volatility of its own: its prices are data", asset.symbol);
                let fault = Fault::new(path, what)
                    .label("nothing to know")
                    .also(format!("assets.{index}.process.kind"), "prices from data")
                    .help("give a volatility, or estimate one: { kind = \"ewma\", half_life = \"5d\", initial = 0.8 }");
                self.error("E009", fault);
            }
        }
    }

    /// The policy's own hedge volatility by asset; where it leaves one out, the target's.
    pub(super) fn own_volatility(
        &mut self,
        path: &str,
        entry: &PolicyEntry,
        target: &Target,
    ) -> Option<Vec<HedgeVolatility>> {
        let own = entry.hedge_volatility.as_ref()?;
        let path = format!("{path}.hedge_volatility");
        let Target::Options(strategy) = target else {
            let fault = Fault::new(path, "a basket has no hedge volatility")
                .label("only for an options strategy")
                .also("target.kind", "a basket");
            self.error("E009", fault);
            return None;
        };
        let mut all = Vec::with_capacity(self.symbols.len());
        for (index, symbol) in self.symbols.clone().iter().enumerate() {
            let of_target = || strategy.hedge_volatility.get(index).cloned().flatten();
            let found = self.volatility_of(&path, own, symbol).or_else(of_target);
            // an asset without any has no option that needs one
            all.push(found.unwrap_or(HedgeVolatility::Constant(0.0)));
        }
        Some(all)
    }

    /// How variance moves with price, by asset, for the target's minimum-variance deltas.
    pub(super) fn target_delta(
        &mut self,
        file: &ScenarioFile,
        options: &OptionsTable,
    ) -> Option<Vec<Regression>> {
        match options.delta.as_ref()? {
            WrittenDelta::BlackScholes => None,
            WrittenDelta::MinimumVariance(own) => Some(self.covariances(file, "target.delta", own)),
        }
    }

    /// The same of a policy, where it has a delta of its own.
    pub(super) fn own_delta(
        &mut self,
        file: &ScenarioFile,
        path: &str,
        entry: &PolicyEntry,
        target: &Target,
    ) -> Option<Vec<Regression>> {
        let own = entry.delta.as_ref()?;
        let path = format!("{path}.delta");
        if matches!(target, Target::Basket(_)) {
            let fault = Fault::new(path, "a basket has no delta")
                .label("only for an options strategy")
                .also("target.kind", "a basket");
            self.error("E009", fault);
            return None;
        }
        Some(match own {
            WrittenDelta::BlackScholes => vec![Regression::default(); self.symbols.len()],
            WrittenDelta::MinimumVariance(own) => self.covariances(file, &path, own),
        })
    }

    /// The same by asset: as given, else as the asset's process has it.
    fn covariances(&mut self, file: &ScenarioFile, path: &str, own: &MinimumVariance) -> Vec<Regression> {
        self.known_symbols(&format!("{path}.correlation"), own.correlation.as_ref());
        self.known_symbols(&format!("{path}.vol_of_vol"), own.vol_of_vol.as_ref());
        self.known_symbols(&format!("{path}.mean_reversion"), own.mean_reversion.as_ref());
        let mut all = Vec::with_capacity(file.assets.len());
        for (index, asset) in file.assets.iter().enumerate() {
            let given = |value: &Option<PerAsset<f64>>| value.as_ref().and_then(|all| all.of(&asset.symbol));
            let law = asset.process.variance_law();
            let rho = given(&own.correlation).or(law.map(|[rho, ..]| rho));
            let xi = given(&own.vol_of_vol).or(law.map(|[_, xi, _]| xi));
            let kappa = given(&own.mean_reversion).or(law.map(|[.., kappa]| kappa));
            if let (Some(rho), Some(xi)) = (rho, xi) {
                all.push(Regression { covariance: rho * xi, mean_reversion: kappa.unwrap_or(0.0) });
                continue;
            }
            all.push(Regression::default());
            if self.is_optioned(file, index) {
                self.no_variance_law(path, index, &asset.symbol, &asset.process);
            }
        }
        all
    }

    fn no_variance_law(&mut self, path: &str, index: usize, symbol: &str, process: &Process) {
        let what = format!("`{symbol}` does not say how its variance moves with its price");
        let fault = Fault::new(path, what)
            .label("a correlation and a volatility of the variance are needed")
            .also(format!("assets.{index}.process.kind"), format!("`{}` has neither", process.name()))
            .help(
                "{ kind = \"minimum_variance\", correlation = -0.5, vol_of_vol = 1.0 }, or heston or bates",
            );
        self.error("E009", fault);
    }

    /// Whether some option is written on an asset.
    fn is_optioned(&self, file: &ScenarioFile, index: usize) -> bool {
        let crate::scenario::file::TargetTable::Options(options) = &file.target else { return false };
        options.legs.iter().any(|leg| {
            let here = match &leg.asset {
                Some(symbol) => self.symbols.get(index) == Some(symbol),
                None => self.symbols.len() == 1,
            };
            here && leg.kind != LegKind::Spot
        })
    }
}
