//! `[[policies]]`: which rule goes with which target, widths, destinations, periods in steps.
use super::Checker;
use crate::book::{LegKind, Target};
use crate::policy::leverage_target::LeverageTarget;
use crate::policy::{Destination, Policy, Rule};
use crate::scenario::file::ScenarioFile;
use crate::units::{Amount, Fault, Fraction, PerAsset, Period};

impl Checker<'_> {
    /// Every policy, its periods in steps and its defaults filled.
    pub(super) fn policies(&mut self, file: &ScenarioFile, target: &Target) -> Vec<Policy> {
        let concerned = self.concerned(target);
        let mut policies = Vec::with_capacity(file.policies.len());
        for (index, entry) in file.policies.iter().enumerate() {
            let path = format!("policies.{index}");
            if let (Some(own), Target::Options(_)) = (&entry.hedge_volatility, target) {
                self.volatility_faults(file, &format!("{path}.hedge_volatility"), own);
            }
            if self.trusts("target.kind") && self.trusts(&format!("{path}.kind")) {
                self.pairing(&path, &entry.rule, target);
            }
            let rule = self.rule(&path, &entry.rule, target, &concerned);
            policies.push(Policy {
                name: entry.name.clone(),
                rule,
                hedge_volatility: self.own_volatility(&path, entry, target),
                minimum_variance: self.own_delta(file, &path, entry, target),
            });
        }
        policies
    }

    /// Rules that a target has no use for.
    fn pairing(&mut self, path: &str, rule: &Rule, target: &Target) {
        let (what, label) = match (rule, target) {
            (
                Rule::NoTrade(_) | Rule::WhalleyWilmott(_) | Rule::Zakamouline(_) | Rule::Leland(_),
                Target::Basket(_),
            ) => (format!("`{}` does not go with a basket", rule.name()), "for an options strategy only"),
            (
                Rule::RelativeBand(_)
                | Rule::OptimalBand(_)
                | Rule::GasAwareBand(_)
                | Rule::LeverageTarget(_),
                Target::Options(_),
            ) => (format!("`{}` does not go with options", rule.name()), "for a basket only"),
            _ => return,
        };
        let kind = if matches!(target, Target::Basket(_)) { "a basket" } else { "an options strategy" };
        let help = match target {
            Target::Basket(_) => {
                "hold, periodic, proportional, band, relative_band, optimal_band, gas_aware_band, leverage_target, time_or_band or rule"
            }
            Target::Options(_) => "band, time_or_band, whalley_wilmott, zakamouline or rule",
        };
        let fault =
            Fault::new(format!("{path}.kind"), what).label(label).also("target.kind", kind).help(help);
        self.error("E009", fault);
    }

    fn rule(&mut self, path: &str, rule: &Rule, target: &Target, concerned: &[String]) -> Rule {
        let mut rule = rule.clone();
        let key = |name: &str| format!("{path}.{name}");
        match &mut rule {
            Rule::NoTrade(_) | Rule::Hold(_) => {}
            Rule::Periodic(periodic) => self.resolve(&key("every"), &mut periodic.every),
            Rule::Proportional(own) => self.monitor(&key("every"), &mut own.every),
            Rule::Band(band) => {
                self.monitor(&key("monitor_every"), &mut band.monitor_every);
                self.width(&key("width"), &mut band.width, target, concerned);
                self.destination(&key("to"), &mut band.to, Destination::Edge, target);
            }
            Rule::RelativeBand(band) => self.monitor(&key("monitor_every"), &mut band.monitor_every),
            Rule::OptimalBand(band) => {
                self.monitor(&key("monitor_every"), &mut band.monitor_every);
                self.cost_by_asset(&key("cost"), &band.cost, concerned);
            }
            Rule::LeverageTarget(own) => {
                self.resolve(&key("every"), &mut own.every);
                self.monitor(&key("monitor_every"), &mut own.monitor_every);
                self.leverage_bounds(path, own, target);
            }
            Rule::GasAwareBand(band) => self.monitor(&key("monitor_every"), &mut band.monitor_every),
            Rule::WhalleyWilmott(band) => {
                self.monitor(&key("monitor_every"), &mut band.monitor_every);
                self.cost_by_asset(&key("cost"), &band.cost, concerned);
                self.destination(&key("to"), &mut band.to, Destination::Edge, target);
            }
            Rule::Zakamouline(band) => {
                self.monitor(&key("monitor_every"), &mut band.monitor_every);
                self.cost_by_asset(&key("cost"), &band.cost, concerned);
                self.destination(&key("to"), &mut band.to, Destination::Edge, target);
            }
            Rule::Leland(leland) => {
                self.resolve(&key("every"), &mut leland.every);
                self.cost_by_asset(&key("cost"), &leland.cost, concerned);
            }
            Rule::TimeOrBand(band) => {
                self.resolve(&key("every"), &mut band.every);
                self.monitor(&key("monitor_every"), &mut band.monitor_every);
                self.width(&key("width"), &mut band.width, target, concerned);
                self.destination(&key("to"), &mut band.to, Destination::Center, target);
            }
            Rule::TriggerRule(own) => self.triggered(path, own, target, concerned),
        }
        rule
    }

    /// The target leverage, the sum of the weights, must stand between the bounds.
    fn leverage_bounds(&mut self, path: &str, own: &LeverageTarget, target: &Target) {
        let Target::Basket(basket) = target else { return };
        if !self.trusts("target.weights") {
            return;
        }
        let sum: f64 = basket.weights.iter().sum();
        let label = format!("the weights sum to {}", (sum * 1e9).round() / 1e9);
        if sum == 0.0 {
            let fault = Fault::new(format!("{path}.kind"), "there is no leverage to hold")
                .label("the target leverage is 0")
                .also("target.weights", label);
            self.error("E009", fault);
            return;
        }
        for (key, broken) in [("min", own.min >= sum), ("max", own.max <= sum)] {
            if broken {
                let what = if key == "min" { "not below" } else { "not above" };
                let fault = Fault::new(format!("{path}.{key}"), format!("is {what} the target leverage"))
                    .label("the target must stand between `min` and `max`")
                    .also("target.weights", label.clone());
                self.error("E009", fault);
            }
        }
    }

    pub(super) fn resolve(&mut self, path: &str, period: &mut Period) {
        *period = Period::Steps(self.steps(path, *period, 1));
    }

    pub(super) fn monitor(&mut self, path: &str, period: &mut Option<Period>) {
        let steps = period.map_or(1, |period| self.steps(path, period, 1));
        *period = Some(Period::Steps(steps));
    }

    fn destination(
        &mut self,
        path: &str,
        to: &mut Option<Destination>,
        default: Destination,
        target: &Target,
    ) {
        match target {
            Target::Options(_) => *to = Some(to.unwrap_or(default)),
            Target::Basket(_) if to.is_some() => {
                let fault = Fault::new(path, "a basket always trades to its target")
                    .label("only for an options strategy")
                    .also("target.kind", "a basket");
                self.error("E009", fault);
            }
            Target::Basket(_) => {}
        }
    }

    /// Assets the width or cost is asked for.
    fn concerned(&self, target: &Target) -> Vec<String> {
        let concerned = |index: usize| match target {
            Target::Options(strategy) => {
                strategy.legs.iter().any(|leg| leg.asset == index && leg.kind != LegKind::Spot)
            }
            Target::Basket(basket) => basket.weights.get(index).is_some_and(|weight| *weight != 0.0),
        };
        let named = self.symbols.iter().enumerate().filter(|(index, _)| concerned(*index));
        named.map(|(_, symbol)| symbol.clone()).collect()
    }

    pub(super) fn width(
        &mut self,
        path: &str,
        width: &mut PerAsset<Amount>,
        target: &Target,
        concerned: &[String],
    ) {
        self.known_symbols(path, Some(width));
        for symbol in concerned {
            self.value_for(path, width, symbol);
        }
        if matches!(target, Target::Basket(_)) {
            // weight points: 0.05 and "5%" are one thing
            let plain = |amount: &mut Amount| {
                if let Amount::Share(share) = *amount {
                    *amount = Amount::Plain(share);
                }
            };
            match width {
                PerAsset::One(amount) => plain(amount),
                PerAsset::BySymbol(table) => table.values_mut().for_each(plain),
            }
        } else if let PerAsset::One(Amount::Plain(units)) = width
            && concerned.len() > 1
            && self.trusts("target.legs")
        {
            let table: Vec<String> = concerned.iter().map(|symbol| format!("{symbol} = {units}")).collect();
            let fault = Fault::new(path, "a width in units needs an asset")
                .label(format!("units of which of {}?", concerned.join(", ")))
                .help(format!("a share for all (\"5%\"), or a table: {{ {} }}", table.join(", ")));
            self.error("E009", fault);
        }
    }

    pub(super) fn cost_by_asset(&mut self, path: &str, cost: &PerAsset<Fraction>, concerned: &[String]) {
        self.known_symbols(path, Some(cost));
        for symbol in concerned {
            self.value_for(path, cost, symbol);
        }
    }
}
