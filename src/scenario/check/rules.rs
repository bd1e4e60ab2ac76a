//! Policies of kind `rule`: their triggers, and what goes with which target.
use super::Checker;
use crate::book::Target;
use crate::policy::rule::{Inward, Scope, TriggerRule};
use crate::policy::trigger::Trigger;
use crate::units::{Fault, Period};

impl Checker<'_> {
    /// Resolves the periods of a rule and fills its defaults.
    pub(super) fn triggered(
        &mut self,
        path: &str,
        rule: &mut TriggerRule,
        target: &Target,
        concerned: &[String],
    ) {
        self.one_followed(path, rule);
        for (index, trigger) in rule.trigger.iter_mut().enumerate() {
            let key = |name: &str| format!("{path}.trigger.{index}.{name}");
            if self.trusts("target.kind") && self.trusts(&key("kind")) {
                self.trigger_pairing(&key("kind"), trigger, target);
            }
            match trigger {
                Trigger::Clock(clock) => self.resolve(&key("every"), &mut clock.every),
                Trigger::Band(band) => {
                    self.monitor(&key("monitor_every"), &mut band.monitor_every);
                    self.width(&key("width"), &mut band.width, target, concerned);
                }
                Trigger::RelativeBand(band) => {
                    self.monitor(&key("monitor_every"), &mut band.monitor_every);
                }
                Trigger::GasAwareBand(band) => self.monitor(&key("monitor_every"), &mut band.monitor_every),
                Trigger::OptimalBand(band) => {
                    self.monitor(&key("monitor_every"), &mut band.monitor_every);
                    self.cost_by_asset(&key("cost"), &band.cost, concerned);
                }
                Trigger::WhalleyWilmott(own) => {
                    self.monitor(&key("monitor_every"), &mut own.monitor_every);
                    self.cost_by_asset(&key("cost"), &own.cost, concerned);
                }
                Trigger::Zakamouline(own) => {
                    self.monitor(&key("monitor_every"), &mut own.monitor_every);
                    self.cost_by_asset(&key("cost"), &own.cost, concerned);
                }
                Trigger::Move(own) => self.monitor(&key("monitor_every"), &mut own.monitor_every),
            }
        }
        let wait = rule.min_interval.map_or(0, |wait| self.steps(&format!("{path}.min_interval"), wait, 0));
        rule.min_interval = (wait > 0).then_some(Period::Steps(wait));
        let default = if matches!(target, Target::Options(_)) { Scope::Drifted } else { Scope::All };
        rule.scope = Some(rule.scope.unwrap_or(default));
        let destination = rule.destination.unwrap_or(Inward(1.0));
        if destination.0 < 1.0 && !rule.has_band() && self.trusts(&format!("{path}.trigger")) {
            let fault =
                Fault::new(format!("{path}.destination"), "has no effect: without a band there is no edge")
                    .label("trades to the center")
                    .help("add a trigger of kind \"band\", or leave this out");
            self.warn("W001", fault);
        }
        rule.destination = Some(destination);
        rule.slices = Some(rule.slices.unwrap_or(1));
    }
    /// Triggers that a target has no use for.
    fn trigger_pairing(&mut self, key: &str, trigger: &Trigger, target: &Target) {
        let basket_only =
            matches!(trigger, Trigger::RelativeBand(_) | Trigger::OptimalBand(_) | Trigger::GasAwareBand(_));
        let (wrong, label, kind, help) = match target {
            Target::Options(_) => (
                basket_only,
                "for a basket only",
                "options",
                "band, clock, move, whalley_wilmott or zakamouline",
            ),
            Target::Basket(_) => (
                trigger.follows_gamma(),
                "for an options strategy only",
                "a basket",
                "band, relative_band, optimal_band, gas_aware_band, clock or move",
            ),
        };
        if wrong {
            let title = format!("`{}` does not go with {kind}", trigger.name());
            let also = if kind == "options" { "an options strategy" } else { kind };
            let fault = Fault::new(key, title).label(label).also("target.kind", also).help(help);
            self.error("E009", fault);
        }
    }

    /// A rule has one delta, and follows the gamma of one.
    fn one_followed(&mut self, path: &str, rule: &TriggerRule) {
        let mut following = rule.trigger.iter().enumerate().filter(|(_, trigger)| trigger.follows_gamma());
        let Some((first, _)) = following.next() else { return };
        for (index, trigger) in following {
            let title = format!("a second band that follows gamma: `{}`", trigger.name());
            let fault = Fault::new(format!("{path}.trigger.{index}.kind"), title)
                .label("a rule has one `whalley_wilmott` or `zakamouline`")
                .also(format!("{path}.trigger.{first}.kind"), "the first");
            self.error("E009", fault);
        }
    }
}
