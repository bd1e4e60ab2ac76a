//! `[target]`: legs with their volatilities, or a basket's weights.
use super::Checker;
use crate::book::{Basket, Benchmark, HedgeVolatility, Leg, LegKind, Settlement, Strategy, Target};
use crate::market::price::Process;
use crate::policy::Rule;
use crate::scenario::file::{
    AssetTable, BasketTable, LegTable, OptionsTable, OracleChoice, PolicyEntry, ScenarioFile, TargetTable,
};
use crate::scenario::problem::Severity;
use crate::scenario::walk::suggest;
use crate::units::{Fault, Fraction, PerAsset};

/// Weights may exceed 1 by rounding, not by more.
const WEIGHT_TOLERANCE: f64 = 1e-9;

impl Checker<'_> {
    /// What is tracked.
    pub(super) fn target(&mut self, file: &ScenarioFile, rate: f64) -> Target {
        match &file.target {
            TargetTable::Options(options) => Target::Options(self.strategy(file, options, rate)),
            TargetTable::Basket(basket) => Target::Basket(self.basket(file, basket)),
        }
    }

    fn strategy(&mut self, file: &ScenarioFile, options: &OptionsTable, rate: f64) -> Strategy {
        if let Some(written) = &options.hedge_volatility {
            self.volatility_faults(file, "target.hedge_volatility", written);
        }
        self.known_symbols("target.premium_volatility", options.premium_volatility.as_ref());
        self.known_symbols("target.mark_volatility", options.mark_volatility.as_ref());
        let hedge_volatility = self.hedge_volatilities(file, options);
        let mut legs = Vec::with_capacity(options.legs.len());
        for (index, leg) in options.legs.iter().enumerate() {
            legs.push(self.leg(&format!("target.legs.{index}"), leg, options, &hedge_volatility));
        }
        if legs.iter().all(|leg| leg.quantity == 0.0) {
            let fault =
                Fault::new("target.legs", "nothing is tracked: every quantity is 0").label("no quantity");
            self.error("E009", fault);
        }
        let settlement = options.settlement.unwrap_or_default();
        let seen = |asset: &AssetTable| match &asset.oracle {
            Some(OracleChoice::None) => false,
            Some(OracleChoice::Table(_)) => true,
            None => matches!(file.oracle, Some(OracleChoice::Table(_))),
        };
        if settlement == Settlement::Oracle && !file.assets.iter().any(seen) {
            let fault =
                Fault::new("target.settlement", "has no effect: without an oracle the true price settles");
            self.warn("W001", fault.label("no `[oracle]`"));
        }
        let model_rate = options.model_rate.map_or(rate, |rate| rate.0);
        let minimum_variance = self.target_delta(file, options);
        Strategy { legs, hedge_volatility, minimum_variance, model_rate, settlement }
    }

    fn leg(
        &mut self,
        path: &str,
        leg: &LegTable,
        options: &OptionsTable,
        hedge: &[Option<HedgeVolatility>],
    ) -> Leg {
        let asset = self.leg_asset(path, leg).unwrap_or(0);
        let symbol = self.symbols.get(asset).cloned().unwrap_or_default();
        let n_steps = self.grid.map_or(0, |grid| grid.n_steps);
        let mut checked = Leg {
            asset,
            kind: leg.kind,
            strike: leg.strike.unwrap_or(0.0),
            quantity: leg.quantity,
            expiry: n_steps,
            premium: leg.premium,
            premium_volatility: None,
            hedge_volatility: leg.hedge_volatility.map(|volatility| volatility.0),
            mark_volatility: 0.0,
        };
        if leg.kind == LegKind::Spot {
            let given = [
                ("strike", leg.strike.is_some()),
                ("expiry", leg.expiry.is_some()),
                ("hedge_volatility", leg.hedge_volatility.is_some()),
                ("premium_volatility", leg.premium_volatility.is_some()),
            ];
            for (key, _) in given.into_iter().filter(|(_, given)| *given) {
                let fault = Fault::new(format!("{path}.{key}"), format!("a holding has no `{key}`"))
                    .label("only for options")
                    .also(format!("{path}.type"), "a holding of the asset itself");
                self.error("E009", fault);
            }
            return checked;
        }
        if leg.strike.is_none() {
            let fault = Fault::new(format!("{path}.strike"), format!("missing key `strike` in `{path}`"));
            self.error("E002", fault.label("`strike` is required for a call or a put"));
        }
        if let Some(expiry) = leg.expiry {
            checked.expiry = self.steps(&format!("{path}.expiry"), expiry, 1);
            if checked.expiry > n_steps && self.grid.is_some() {
                let fault = Fault::new(format!("{path}.expiry"), "the leg expires after the horizon")
                    .label(format!("{expiry}"))
                    .also("run.horizon", "the run ends here");
                self.error("E007", fault);
            }
        }
        let of = |value: &Option<PerAsset<Fraction>>| {
            value.as_ref().and_then(|value| value.of(&symbol)).map(|v| v.0)
        };
        let own = leg.premium_volatility.map(|volatility| volatility.0);
        let fair = own.or_else(|| of(&options.premium_volatility));
        if fair.is_none() && leg.premium.is_none() {
            self.missing_volatility(
                "premium_volatility",
                &symbol,
                options.premium_volatility.is_some(),
                path,
            );
        }
        checked.premium_volatility = fair;
        let mark = of(&options.mark_volatility)
            .or(fair)
            .or(checked.hedge_volatility)
            .or_else(|| hedge.get(asset).and_then(|own| own.as_ref()?.constant()));
        if mark.is_none() && leg.premium.is_some() {
            self.missing_volatility("mark_volatility", &symbol, options.mark_volatility.is_some(), path);
        }
        checked.mark_volatility = mark.unwrap_or(1.0);
        checked
    }

    fn missing_volatility(&mut self, key: &str, symbol: &str, has_table: bool, leg: &str) {
        let fault = if has_table {
            Fault::new(format!("target.{key}"), format!("the table has no value for `{symbol}`"))
                .label(format!("`{symbol}` is missing"))
                .help(format!("add {symbol} = 0.8, or give one value for all assets"))
        } else {
            Fault::new(format!("target.{key}"), format!("missing key `{key}` in `target`"))
                .label(format!("`{key}` is required here"))
                .help(format!("{key} = 0.8 (80 % a year), for all assets or as a table by symbol"))
        };
        if self.trusts(leg) && self.trusts_symbols() {
            self.error(if has_table { "E008" } else { "E002" }, fault);
        }
    }

    /// Index of a leg's asset.
    pub(super) fn leg_asset(&mut self, path: &str, leg: &LegTable) -> Option<usize> {
        let Some(symbol) = &leg.asset else {
            if self.symbols.len() > 1 {
                let fault = Fault::new(format!("{path}.asset"), format!("missing key `asset` in `{path}`"))
                    .label("there are several assets")
                    .help(format!("one of: {}", self.symbols.join(", ")));
                self.error("E002", fault);
                return None;
            }
            return Some(0);
        };
        let found = self.symbols.iter().position(|each| each == symbol);
        if found.is_none() && self.trusts_symbols() {
            let near =
                suggest(symbol, self.symbols.iter().map(String::as_str)).map(|near| format!("\"{near}\""));
            let fault = Fault::new(format!("{path}.asset"), format!("there is no asset `{symbol}`"))
                .label("not a symbol of `[[assets]]`")
                .help(format!("assets: {}", self.symbols.join(", ")));
            self.put("E008", Severity::Error, fault, near);
        }
        found
    }

    /// Hedge volatility by asset; required where some option leg and some policy have none of their own.
    fn hedge_volatilities(
        &mut self,
        file: &ScenarioFile,
        options: &OptionsTable,
    ) -> Vec<Option<HedgeVolatility>> {
        let covers = |index: usize, policy: &PolicyEntry, symbol: &str, poison: &super::Poison| {
            matches!(policy.rule, Rule::NoTrade(_))
                || policy.hedge_volatility.as_ref().is_some_and(|own| own.covers(symbol))
                || poison.touches(&format!("policies.{index}"))
        };
        let mut volatilities = Vec::with_capacity(self.symbols.len());
        for (asset, symbol) in self.symbols.clone().iter().enumerate() {
            let given = match &options.hedge_volatility {
                Some(written) => self.volatility_of("target.hedge_volatility", written, symbol),
                None => None,
            };
            let needy = options.legs.iter().position(|leg| {
                let here =
                    leg.asset.as_ref().map_or(asset == 0 && self.symbols.len() == 1, |name| name == symbol);
                here && leg.kind != LegKind::Spot && leg.hedge_volatility.is_none()
            });
            let uncovered = file
                .policies
                .iter()
                .enumerate()
                .any(|(index, policy)| !covers(index, policy, symbol, self.poison));
            if let (Some(leg), true, None) = (needy, uncovered, &given) {
                self.missing_volatility(
                    "hedge_volatility",
                    symbol,
                    options.hedge_volatility.is_some(),
                    &format!("target.legs.{leg}"),
                );
            }
            volatilities.push(given);
        }
        volatilities
    }

    fn basket(&mut self, file: &ScenarioFile, basket: &BasketTable) -> Basket {
        for symbol in
            basket.weights.keys().filter(|symbol| !self.symbols.contains(symbol)).cloned().collect::<Vec<_>>()
        {
            self.unknown_symbol(&format!("target.weights.{symbol}"), &symbol);
        }
        let weight = |symbol: &String| basket.weights.get(symbol).map_or(0.0, |weight| weight.0);
        let weights: Vec<f64> = self.symbols.iter().map(weight).collect();
        let sum: f64 = basket.weights.values().map(|weight| weight.0).sum();
        let leverage = basket.leverage.unwrap_or(false);
        let negative = basket.weights.iter().find(|(_, weight)| weight.0 < 0.0);
        if let (Some((symbol, weight)), false) = (negative, leverage) {
            let fault = Fault::new(format!("target.weights.{symbol}"), "is negative: sold short")
                .label(format!("{} without leverage", weight.0))
                .help("add leverage = true to sell short");
            self.error("E009", fault);
        }
        if sum > 1.0 + WEIGHT_TOLERANCE && !leverage {
            let fault = Fault::new("target.weights", "the weights sum to more than 1")
                .label(format!("{} in all", (sum * 1e9).round() / 1e9))
                .help("what is missing to 1 is cash; add leverage = true to hold more on borrowed money");
            self.error("E009", fault);
        } else if basket.weights.values().all(|weight| weight.0 == 0.0) {
            self.error(
                "E009",
                Fault::new("target.weights", "nothing is held: every weight is 0").label("all cash"),
            );
        }
        let benchmark = basket.benchmark.unwrap_or_default();
        if benchmark == Benchmark::ConstantMixContinuous {
            self.closed_form(file, &weights);
        }
        Basket { value: basket.value, weights, leverage, benchmark }
    }

    /// The continuous constant mix needs every volatility and correlation.
    fn closed_form(&mut self, file: &ScenarioFile, weights: &[f64]) {
        let benchmark = "target.benchmark";
        let held: Vec<usize> =
            (0..file.assets.len()).filter(|i| weights.get(*i).is_some_and(|w| *w != 0.0)).collect();
        let mut given_path = false;
        for (index, asset) in file.assets.iter().enumerate().filter(|(index, _)| held.contains(index)) {
            let process = format!("assets.{index}.process");
            let fault = match &asset.process {
                Process::Gbm(_) => continue,
                Process::Path(path) => {
                    given_path = true;
                    if path.volatility.is_some() {
                        continue;
                    }
                    Fault::new(benchmark, "needs the volatility of every given path")
                        .also(process, "no `volatility` here")
                        .help("add volatility = 0.8 to the process, or use constant_mix_step")
                }
                other => Fault::new(benchmark, format!("has no closed form under `{}`", other.name()))
                    .also(format!("{process}.kind"), "needs gbm, or a given path with its volatility")
                    .help("use constant_mix_step"),
            };
            self.error("E009", fault.label("needs volatilities and correlations"));
        }
        if given_path
            && held.len() > 1
            && file.market.correlation.is_none()
            && self.trusts("market.correlation")
        {
            let fault = Fault::new(benchmark, "needs the correlation of the given paths")
                .label("needs volatilities and correlations")
                .help("add correlation = [[…]] under `[market]`, or use constant_mix_step");
            self.error("E009", fault);
        }
    }
}
