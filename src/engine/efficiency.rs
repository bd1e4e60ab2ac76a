//! The efficiency constant of a policy: what it trades for the tracking error that it leaves.
use crate::book::{Benchmark, Target};
use crate::policy;
use crate::scenario::Scenario;
use crate::stats::{CoMoments, ErrorLaw, Estimate, Units};

use super::columns::{Column, Columns};
use super::outcome::Efficiency;
use super::plan::PolicyPlan;
use super::units::{ControlTally, control_of_block, product_error};

/// What the constant of a basket is measured in.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct EfficiencyTerms {
    /// σ: annual volatility of the risky asset, or of one of the two against the other.
    pub volatility: f64,
    /// v: `w²(1 − w)²σ²`, the variance a year that the weight gap gains.
    pub gap_variance: f64,
    /// `1/(n T σ v)`, n the number of risky assets: turns tracking error times traded weight into the constant.
    scale: f64,
}

impl EfficiencyTerms {
    /// Of the basket of a scenario, or why it has none.
    pub(super) fn new(scenario: &Scenario) -> Result<Self, &'static str> {
        let Target::Basket(basket) = &scenario.target else { return Err("baskets only") };
        if basket.benchmark == Benchmark::BuyAndHold {
            return Err("the benchmark is not held at the weights");
        }
        let held: Vec<usize> = (0..basket.weights.len()).filter(|i| basket.weights[*i] != 0.0).collect();
        let volatility = |asset: usize| scenario.assets[asset].process.constant_volatility();
        let (weight, variance) = match held.as_slice() {
            [one] => (basket.weights[*one], volatility(*one).map(|sigma| sigma * sigma)),
            [a, b] => {
                let whole = basket.weights[*a] + basket.weights[*b];
                if (whole - 1.0).abs() > 1e-9 {
                    return Err(NOT_ONE);
                }
                let pair = volatility(*a).zip(volatility(*b));
                let common = scenario.correlation.get(*a).and_then(|row| row.get(*b)).copied().unwrap_or(0.0);
                (basket.weights[*a], pair.map(|(s, t)| s * s + t * t - 2.0 * common * s * t))
            }
            _ => return Err(NOT_ONE),
        };
        let variance = variance.filter(|_| scenario.shocks.is_empty()).ok_or(NOT_CONSTANT)?;
        let slope = weight * (1.0 - weight);
        let (volatility, gap_variance) = (variance.max(0.0).sqrt(), slope * slope * variance);
        if gap_variance.is_nan() || gap_variance <= 0.0 {
            return Err("the weights do not drift");
        }
        let years = scenario.run.grid.years();
        let scale = 1.0 / (held.len() as f64 * years * volatility * gap_variance);
        Ok(Self { volatility, gap_variance, scale })
    }

    /// What a policy's constant is set against.
    pub(super) fn of(&self, policy: &PolicyPlan, n_assets: usize) -> Efficiency {
        Efficiency {
            volatility: self.volatility,
            gap_variance: self.gap_variance,
            theory: policy::efficiency::constant(&policy.decision, n_assets),
        }
    }

    /// `√(mean of TE²)·(mean traded weight)/(n T σ v)`.
    pub(super) fn value(&self, te_square: f64, traded: f64) -> f64 {
        te_square.sqrt() * traded * self.scale
    }

    /// The constant with its error by the delta method over the units: `C·(½ dE TE²/E TE² + dE q/E q)`.
    pub(super) fn estimate(&self, units: Units, joint: &ControlTally) -> Estimate {
        let whole = joint.iter().fold(CoMoments::default(), |sum, part| sum.merge(part));
        let [te_square, traded] = whole.means();
        if let Some(reason) = nothing(&whole) {
            return Estimate::undefined(reason);
        }
        let value = self.value(te_square, traded);
        let law = match units {
            Units::Replicates => {
                let influence = |[te, q]: [f64; 2]| value * (0.5 * te / te_square + q / traded);
                units.law(&joint.iter().map(CoMoments::means).map(influence).collect::<Vec<f64>>())
            }
            Units::Paths | Units::Pairs => product_error(&whole, value).map(ErrorLaw::normal),
        };
        match law {
            Some(law) => law.estimate(value),
            None => Estimate::without_interval(value, "its error needs two units of paths"),
        }
    }
}

/// Why there is no constant: nothing was traded, or nothing is left to track.
fn nothing(joint: &CoMoments) -> Option<&'static str> {
    let [te_square, traded] = joint.means();
    match (joint.n(), te_square > 0.0, traded > 0.0) {
        (0, ..) => Some("there are no paths"),
        (_, _, false) => Some("nothing was traded during life"),
        (_, false, true) => Some("there is no tracking error"),
        _ => None,
    }
}

/// Square of the tracking error and traded weight of a block's paths, by section of its units.
pub(super) fn joint_of_block(units: Units, columns: &Columns, n_lanes: usize) -> ControlTally {
    let (te, traded) = (columns.of(Column::TrackingError), columns.of(Column::TurnoverWeight));
    let squares: Vec<f64> = te[..n_lanes].iter().map(|te| te * te).collect();
    control_of_block(units, &squares, &traded[..n_lanes])
}

const NOT_ONE: &str = "for one risky asset and cash, or two risky assets that make up the whole, only";
const NOT_CONSTANT: &str =
    "it needs a constant volatility: gbm, or a path that states its own, without shocks";
