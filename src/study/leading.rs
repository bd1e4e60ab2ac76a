//! What theory says of a band or a clock of one risky asset and cash, to leading order in its width and its costs.
use crate::book::Target;
use crate::market::price::Process;
use crate::policy::decision::{BookTerms, Width};
use crate::policy::rule::Inward;
use crate::policy::{Destination, Policy, Rule, trigger::Trigger};
use crate::scenario::{Range, Scenario};
use crate::units::Period;

use super::objective::Objective;

/// `−ζ(1/2)/√(2π)`: how far, in steps' standard deviations, a band that is watched on a grid lies outside itself.
const OVERSHOOT: f64 = 0.582_597_157_9;

/// The setting: one risky asset of constant volatility σ at weight w, the rest in cash, proportional cost k and fixed cost K.
///
/// The weight gap has the variance rate `v = w²(1−w)²σ²`. A band that is watched every δ years acts at
/// `h = width + 0.5826·√(vδ)` and trades back to a distance b:
///
/// | | center or part way, b ≥ 0 | edge | clock of interval Δ | share 1 − q every Δ |
/// |---|---|---|---|---|
/// | TE², a year | `σ²(h² + b²)/6` | `σ²h²/3` | `σ²v(Δ − dt)/2` | `σ²v(Δq²/(1 − q²) + (Δ − dt)/2)` |
/// | turnover, a year | `v/(h + b)` | `v/(2h)` | `√(2v/(πΔ))` | `√(2v/(πΔ))·√((1 − q)/(1 + q))` |
/// | trades, a year | `v/(h² − b²)` | `√(v/(2δ))/h` | `1/Δ` | `1/Δ` |
///
/// Costs are `k·turnover + K·trades` of the value; growth falls behind by `TE²/2` and the costs. The trades at an edge
/// are the turnover over the mean ladder height `√(vδ/2)` of a Gaussian walk. Sources: Gerhold, Guasoni,
/// Muhle-Karbe and Schachermayer, Finance & Stochastics 18 (2014); S. Asmussen, P. Glynn and J. Pitman (1995), Annals of
/// Applied Probability 5, for the overshoot; F. Spitzer (1956) for the ladder height.
#[derive(Debug, Clone, PartialEq)]
pub struct Leading {
    volatility: f64,
    weight: f64,
    /// k, of the notional traded.
    proportional: f64,
    /// K, of the value.
    fixed: f64,
    value: f64,
    years: f64,
    dt: f64,
}

/// What a policy does a year.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Rates {
    /// E of the squared gap.
    gap_square: f64,
    turnover: f64,
    trades: f64,
}

impl Leading {
    /// The setting of a scenario; none where it is another.
    pub fn of(scenario: &Scenario) -> Option<Self> {
        let (Target::Basket(basket), [asset]) = (&scenario.target, scenario.assets.as_slice()) else {
            return None;
        };
        let Process::Gbm(process) = &asset.process else { return None };
        let (costs, grid) = (&asset.costs, &scenario.run.grid);
        let plain = asset.oracle.is_none()
            && asset.delay == 0
            && asset.random_delay.is_none()
            && asset.execution.is_plain()
            && scenario.shocks.is_empty()
            && scenario.congestion.is_none()
            && costs.moving_spread.is_none()
            && costs.impact.is_none()
            && costs.permanent_impact.is_none()
            && costs.pool.is_none()
            && costs.gas.is_none()
            && scenario.batch_gas.is_none();
        let weight = *basket.weights.first()?;
        (plain && weight > 0.0 && weight < 1.0).then(|| Self {
            volatility: process.volatility,
            weight,
            proportional: costs.fee + costs.half_spread,
            fixed: costs.fixed_fee / basket.value,
            value: basket.value,
            years: grid.years(),
            dt: grid.dt(),
        })
    }

    /// The objective of a policy; none where theory has nothing to say of one of its figures or of the policy.
    pub fn objective(&self, objective: &Objective, policy: &Policy) -> Option<f64> {
        let rates = self.rates(&policy.rule)?;
        let mut sum = 0.0;
        for term in &objective.terms {
            let figure = self.figure(term.metric.key, &rates)?;
            sum += term.weight * if term.squared { figure * figure } else { figure };
        }
        sum.is_finite().then_some(sum)
    }

    fn figure(&self, key: &str, rates: &Rates) -> Option<f64> {
        let error = self.volatility * rates.gap_square.sqrt();
        let cost = (self.proportional * rates.turnover + self.fixed * rates.trades) * self.years;
        let spread = self.value * error * self.years.sqrt();
        Some(match key {
            "te_path_mean" | "te_path_rms" | "te_cross" => error,
            "gap_rms" => rates.gap_square.sqrt(),
            "std" => spread,
            "mean" => -self.value * cost,
            "rms_deviation" => (spread * spread + self.value * cost * self.value * cost).sqrt(),
            "cost_total" => self.value * cost,
            "log_deviation" => -(0.5 * error * error * self.years + cost),
            "turnover" | "turnover_weight" => rates.turnover * self.years,
            "trades" | "rebalances" | "transactions" => rates.trades * self.years,
            _ => return None,
        })
    }

    fn rates(&self, rule: &Rule) -> Option<Rates> {
        let v = self.variance();
        let book = BookTerms {
            symbols: &["risky".to_owned()],
            quantities: &[1.0],
            weights: Some(&[self.weight]),
            band_to: Destination::Center,
        };
        // 0 at the edge, 1 at the center
        let inward = match rule {
            Rule::Periodic(clock) => {
                let interval = clock.every.steps() as f64 * self.dt;
                let gap_square = 0.5 * v * (interval - self.dt);
                let turnover = (2.0 * v / (std::f64::consts::PI * interval)).sqrt();
                return Some(Rates { gap_square, turnover, trades: 1.0 / interval });
            }
            Rule::Proportional(own) => {
                // of a gap y a share s goes and q = 1 − s is left, on which a period's drift is put: E y² = vΔ/(1 − q²)
                let interval = own.every.map_or(1, Period::steps) as f64 * self.dt;
                let left = 1.0 - own.share.0;
                let before = v * interval / (1.0 - left * left);
                let gap_square = left * left * before + 0.5 * v * (interval - self.dt);
                let turnover = own.share.0 * (2.0 * before / std::f64::consts::PI).sqrt() / interval;
                return Some(Rates { gap_square, turnover, trades: 1.0 / interval });
            }
            Rule::Band(_) | Rule::RelativeBand(_) | Rule::OptimalBand(_) | Rule::GasAwareBand(_) => 1.0,
            Rule::TriggerRule(own) => {
                let bands = !own.trigger.iter().any(|it| matches!(it, Trigger::Clock(_) | Trigger::Move(_)));
                let whole = own.min_interval.is_none() && own.slices.unwrap_or(1) == 1;
                if !(bands && whole && own.trigger.len() == 1) {
                    return None;
                }
                own.destination.map_or(1.0, |Inward(part)| part)
            }
            _ => return None,
        };
        let decision = rule.decision(&book);
        let watch = decision.band?;
        let every =
            decision.triggers.map_or(watch.every, |all| all.bands.first().map_or(1, |band| band.every));
        let width = match watch.width {
            Width::Absolute(widths) => *widths.first()?,
            Width::Relative(share) => share * self.weight,
            Width::Followed(_) | Width::Narrower(..) => return None,
        };
        let look = every as f64 * self.dt;
        let h = width + OVERSHOOT * (v * look).sqrt();
        Some(if inward > 0.0 {
            let b = (1.0 - inward) * width;
            Rates { gap_square: (h * h + b * b) / 6.0, turnover: v / (h + b), trades: v / (h * h - b * b) }
        } else {
            Rates { gap_square: h * h / 3.0, turnover: v / (2.0 * h), trades: (v / (2.0 * look)).sqrt() / h }
        })
    }

    fn variance(&self) -> f64 {
        let spread = self.weight * (1.0 - self.weight) * self.volatility;
        spread * spread
    }
}

/// The value of a range inside which a curve is least, by a grid that is laid ever closer about its least point; none where
/// the curve is undefined somewhere or least at an end.
pub fn least(range: &Range, curve: &dyn Fn(f64) -> Option<f64>) -> Option<f64> {
    let (mut from, mut to) = (range.place(range.low), range.place(range.high));
    let mut best = range.low;
    for round in 0..6 {
        let places: Vec<f64> = (0..=16).map(|i| from + (to - from) * f64::from(i) / 16.0).collect();
        let values =
            places.iter().map(|place| curve(range.snap(range.at(*place)))).collect::<Option<Vec<f64>>>()?;
        let at = (0..values.len()).min_by(|a, b| values[*a].total_cmp(&values[*b]))?;
        if round == 0 && (at == 0 || at + 1 == values.len()) {
            return None;
        }
        best = range.snap(range.at(places[at]));
        (from, to) = (places[at.saturating_sub(1)], places[(at + 1).min(16)]);
        if range.at(to) - range.at(from) <= range.grain() {
            break;
        }
    }
    Some(best)
}

/// The risk aversion a that Whalley and Wilmott's band should be given where `−mean + (a/2)·std²` is to be small: the
/// certainty equivalent of exponential utility to second order. None for another objective.
pub fn utility_aversion(objective: &Objective) -> Option<f64> {
    let (mut of_mean, mut of_variance) = (0.0, 0.0);
    for term in &objective.terms {
        match (term.metric.key, term.squared) {
            ("mean", false) => of_mean -= term.weight,
            ("std", true) => of_variance += term.weight,
            _ => return None,
        }
    }
    (of_mean > 0.0 && of_variance > 0.0).then(|| 2.0 * of_variance / of_mean)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Memory, Parsed, parse};

    fn parsed(costs: &str, policy: &str) -> Parsed {
        let text = format!(
            "version = 1\nname = \"t\"\n[run]\npaths = 10\nhorizon = \"1y\"\nsteps = 3000\n[[assets]]\nsymbol = \"A\"\nspot = 1.0\n\
             process = {{ kind = \"gbm\", drift = 0.18, volatility = 0.6 }}\n[costs]\n{costs}\n[target]\nkind = \"basket\"\n\
             value = 1000.0\nweights = {{ A = 0.5 }}\n[[policies]]\nname = \"p\"\n{policy}\n"
        );
        parse(&text, &Memory::default()).unwrap_or_else(|faults| panic!("{faults:?}"))
    }

    fn loss(costs: &str, policy: &str) -> f64 {
        let Parsed { scenario, .. } = parsed(costs, policy);
        let objective = Objective::parse("-log_deviation").expect("an objective");
        let leading = Leading::of(&scenario).expect("the setting");
        leading.objective(&objective, &scenario.policies[0]).expect("a theory")
    }

    #[test]
    fn losses_are_those_of_the_catalogue() {
        // D1 and D4, their widths less the overshoot of a grid of 1/3000 years
        let over = OVERSHOOT * (0.0225_f64 / 3000.0).sqrt();
        let edge = |h: f64| {
            let trigger = format!("trigger = [{{ kind = \"band\", width = {:?} }}]", h - over);
            loss("fee = \"20 bps\"", &format!("kind = \"rule\"\ndestination = \"edge\"\n{trigger}"))
        };
        assert!((edge(0.057_235_7) - 5.896_67e-4).abs() < 1e-9, "{}", edge(0.057_235_7));
        assert!((edge(0.4 * 0.057_235_7) - 1.014_227e-3).abs() < 1e-9);
        let center = |h: f64| loss("fixed_fee = 0.2", &format!("kind = \"band\"\nwidth = {:?}", h - over));
        assert!((center(0.110_668_2) - 7.348_47e-4).abs() < 1e-9, "{}", center(0.110_668_2));
        assert!((center(0.6 * 0.110_668_2) - 1.152_893e-3).abs() < 1e-9);
        // B: a clock of 60 steps at 20 bps
        let clock = loss("fee = \"20 bps\"", "kind = \"periodic\"\nevery = \"60 steps\"");
        let by_hand = 0.18 * 0.0225 * 0.5 * 59.0 / 3000.0
            + 0.002 * (2.0 * 0.0225 / (std::f64::consts::PI * 0.02)).sqrt();
        assert!((clock - by_hand).abs() < 1e-12, "{clock} {by_hand}");
    }

    #[test]
    fn another_setting_has_no_theory() {
        let band = "kind = \"band\"\nwidth = \"5%\"";
        assert!(Leading::of(&parsed("fee = \"20 bps\"", band).scenario).is_some());
        let impact =
            "impact = { kind = \"square_root\", coefficient = 1.0, daily_volatility = 0.04, adv = 1e6 }";
        assert!(Leading::of(&parsed(impact, band).scenario).is_none());
        let scenario = parsed("fee = \"20 bps\"", band).scenario;
        let leading = Leading::of(&scenario).expect("the setting");
        let tail = Objective::parse("cvar_95").expect("an objective");
        assert_eq!(leading.objective(&tail, &scenario.policies[0]), None);
    }

    #[test]
    fn the_least_point_of_a_curve_is_found_inside_the_range() {
        let grid = parsed("fee = 0.0", "kind = \"hold\"").scenario.run.grid;
        let range = Range::parse("\"1%\"..\"20%\"", &grid).expect("a range");
        let at = least(&range, &|x| Some(x * x + 250.0 / x)).expect("a least point");
        assert!((at - 5.0).abs() < 1e-3, "{at}");
        assert_eq!(least(&range, &|x| Some(x)), None, "it lies at the end");
        assert_eq!(least(&range, &|x| (x > 2.0).then_some(x * x)), None, "it is not known everywhere");
        let steps = Range::parse("\"1 step\"..\"40 steps\"", &grid).expect("a range");
        assert_eq!(least(&steps, &|x| Some((x - 12.2) * (x - 12.2))), Some(12.0));
    }

    #[test]
    fn the_aversion_is_twice_the_weight_of_the_variance() {
        let of = |text: &str| utility_aversion(&Objective::parse(text).expect("an objective"));
        assert_eq!(of("-mean + 0.5e-4*std^2"), Some(1e-4));
        assert_eq!(of("-2*mean + 1e-4*std^2"), Some(1e-4));
        assert_eq!((of("std"), of("-mean + std"), of("mean + std^2")), (None, None, None));
    }
}
