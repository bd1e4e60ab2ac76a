//! Bands whose orders the least trade keeps back.
use super::Checker;
use crate::book::{LegKind, Target};
use crate::policy::trigger::Trigger;
use crate::policy::{Destination, Policy, Rule};
use crate::scenario::Asset;
use crate::units::{Amount, Fault, PerAsset};

impl Checker<'_> {
    /// Warns where a band is left before its order may be sent, or where none ever may.
    pub(super) fn least_trades(&mut self, assets: &[Asset], target: &Target, policies: &[Policy]) {
        for (index, policy) in policies.iter().enumerate() {
            let path = format!("policies.{index}");
            match &policy.rule {
                Rule::Band(band) => {
                    let edge = band.to == Some(Destination::Edge);
                    self.least_trade(&format!("{path}.width"), &band.width, edge, assets, target);
                }
                Rule::TimeOrBand(band) => {
                    let edge = band.to == Some(Destination::Edge);
                    self.least_trade(&format!("{path}.width"), &band.width, edge, assets, target);
                }
                Rule::TriggerRule(rule) => {
                    let edge = rule.destination.is_some_and(|to| to.0 == 0.0);
                    for (at, trigger) in rule.trigger.iter().enumerate() {
                        if let Trigger::Band(band) = trigger {
                            let below = format!("{path}.trigger.{at}.width");
                            self.least_trade(&below, &band.width, edge, assets, target);
                        }
                    }
                }
                _ => {}
            }
        }
    }

    fn least_trade(
        &mut self,
        path: &str,
        width: &PerAsset<Amount>,
        edge: bool,
        assets: &[Asset],
        target: &Target,
    ) {
        for (index, asset) in assets.iter().enumerate() {
            let Some(least) = asset.execution.min_trade else { continue };
            // the largest gap there can be, and the half-width, in currency at the start
            let (most, half) = match (target, width.of(&asset.symbol)) {
                (Target::Options(strategy), Some(width)) => {
                    let optioned =
                        strategy.legs.iter().filter(|l| l.asset == index && l.kind != LegKind::Spot);
                    let units: f64 = optioned.map(|leg| leg.quantity.abs()).sum();
                    let half = match width {
                        Amount::Plain(own) => own,
                        Amount::Share(share) => share * units,
                    };
                    (units * asset.spot, half * asset.spot)
                }
                (Target::Basket(basket), Some(Amount::Plain(points))) if basket.weights[index] != 0.0 => {
                    (basket.value, points * basket.value)
                }
                _ => continue,
            };
            let own = format!("assets.{index}.execution.min_trade");
            let home = if self.is_written(&own) { own } else { "execution.min_trade".to_owned() };
            let largest = if edge { most - half } else { most };
            let (what, label) = if most > 0.0 && largest < least {
                (
                    "never fires: its largest order is below `min_trade`",
                    format!("at most {} of {}", rounded(largest), asset.symbol),
                )
            } else if !edge && half < least && half > 0.0 {
                let worth = format!("{} of {} at the start", rounded(half), asset.symbol);
                ("is narrower than `min_trade`: an order is sent only once the gap is worth that much", worth)
            } else {
                continue;
            };
            self.warn(
                "W001",
                Fault::new(path, what).label(label).also(home, format!("{least} is the least")),
            );
        }
    }
}

/// Currency without what binary fractions leave behind.
fn rounded(amount: f64) -> f64 {
    (amount * 1e6).round() / 1e6
}
