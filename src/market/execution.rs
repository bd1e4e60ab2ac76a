//! How and when an order becomes a fill.
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What the position is held in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum HedgeInstrument {
    /// The asset itself, paid from cash.
    #[default]
    Spot,
    /// A perpetual future: interest accrues on the margin balance, there is no yield, funding applies.
    Perpetual,
}

/// What becomes of the part of an order that a step has no room for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Unfilled {
    /// It is dropped.
    #[default]
    Cancel,
    /// It is tried again at the next step.
    Queue,
}

/// What stands between an order and its fill, for one asset; every part is off unless given.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Execution {
    /// Units an order is rounded to, towards zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lot: Option<f64>,
    /// Least notional of an order at the price seen, in currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub min_trade: Option<f64>,
    /// Share of a step's volume that all fills of the step may take together.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub participation: Option<f64>,
    /// What becomes of the rest.
    #[serde(skip_serializing_if = "is_default")]
    pub unfilled: Unfilled,
    /// How much worse than at its decision the mid may stand when an order fills.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub slippage_tolerance: Option<f64>,
    /// Further tries of a transaction that failed.
    #[serde(skip_serializing_if = "is_default")]
    pub retries: u32,
    /// Probability that an attempt fails, whatever the price does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failure: Option<f64>,
}

impl Execution {
    /// Whether orders fill as they are decided.
    pub fn is_plain(&self) -> bool {
        *self == Self { unfilled: self.unfilled, retries: self.retries, ..Self::default() }
    }
}

/// Whether a value is its type's default: such values stay out of a scenario's hash.
pub fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// Units of an order rounded to whole lots towards zero; what lies within 1e-9 of the next lot counts as there.
#[inline(always)]
pub fn to_lots(units: f64, lot: Option<f64>) -> f64 {
    /// From here on a double has no fraction to round.
    const WHOLE: f64 = 9_007_199_254_740_992.0;
    let Some(lot) = lot else { return units };
    let count = units.abs() / lot;
    if count < WHOLE { ((count + 1e-9).floor() * lot).copysign(units) } else { units }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lots_round_towards_zero() {
        for (units, lot, wanted) in [
            (7.9, 0.5, 7.5),
            (-7.9, 0.5, -7.5),
            (0.4, 0.5, 0.0),
            // 0.3 / 0.1 is a hair below 3
            (0.3, 0.1, 3.0 * 0.1),
            (-12.0, 25.0, 0.0),
            // finer than any double nearby: nothing to round
            (0.123_456_789, 1e-300, 0.123_456_789),
        ] {
            assert_eq!(to_lots(units, Some(lot)), wanted, "{units} in lots of {lot}");
        }
        assert_eq!(to_lots(0.7, None), 0.7);
    }
}
