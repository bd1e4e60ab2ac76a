//! A figure with its uncertainty; what is undefined is absent with a reason, never NaN.
use serde::{Deserialize, Serialize};

/// Half-width of a 95 % normal interval in standard errors: the 97.5 % quantile of the standard normal.
pub(super) const Z_95: f64 = 1.959_964;

/// One estimated figure: value, standard error, 95 % interval.
///
/// Every number inside is finite. Where `value`, `se` or `ci` is absent, `reason` says why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The figure, absent where it is undefined.
    pub value: Option<f64>,
    /// Its standard error.
    pub se: Option<f64>,
    /// Its 95 % interval, lower end first.
    pub ci: Option<[f64; 2]>,
    /// Why something above is absent.
    pub reason: Option<String>,
}

impl Estimate {
    /// A figure without sampling error: se 0, interval of no width.
    pub fn known(value: f64) -> Self {
        Self::with_normal_interval(value, 0.0)
    }

    /// `value ± 1.959964·se`, the 95 % interval of an asymptotically normal estimator.
    pub fn with_normal_interval(value: f64, se: f64) -> Self {
        Self::with_interval(value, se, [value - Z_95 * se, value + Z_95 * se])
    }

    /// A figure whose interval was found by other means than a normal approximation.
    pub fn with_interval(value: f64, se: f64, ci: [f64; 2]) -> Self {
        if !value.is_finite() {
            return Self::undefined(NOT_FINITE);
        }
        if !(se.is_finite() && se >= 0.0 && ci[0].is_finite() && ci[1].is_finite()) {
            return Self::without_interval(value, "the standard error is not finite");
        }
        Self { value: Some(value), se: Some(se), ci: Some(ci), reason: None }
    }

    /// The same error and interval for a value that was found elsewhere, to the last bit.
    #[must_use]
    pub fn around(self, value: f64) -> Self {
        Self { value: Some(value), ..self }
    }

    /// A figure whose standard error cannot be given.
    pub fn without_interval(value: f64, reason: impl Into<String>) -> Self {
        if !value.is_finite() {
            return Self::undefined(NOT_FINITE);
        }
        Self { value: Some(value), se: None, ci: None, reason: Some(reason.into()) }
    }

    /// A figure that does not exist for this sample.
    pub fn undefined(reason: impl Into<String>) -> Self {
        Self { value: None, se: None, ci: None, reason: Some(reason.into()) }
    }

    /// The estimate in another unit: value and interval times `factor`, the error times `|factor|`.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let Some(value) = self.value else { return self.clone() };
        // adding zero turns −0 into 0
        let times = |x: f64| x * factor + 0.0;
        let value = times(value);
        match (self.se, self.ci) {
            (Some(se), Some([low, high])) => {
                let ends = if factor < 0.0 { [high, low] } else { [low, high] };
                Self::with_interval(value, se * factor.abs(), ends.map(times))
            }
            _ => Self::without_interval(value, self.reason.clone().unwrap_or_default()),
        }
    }

    /// The estimate with its sign flipped; the ends of the interval change places.
    #[must_use]
    pub fn negated(&self) -> Self {
        self.scaled(-1.0)
    }
}

const NOT_FINITE: &str = "the value is not finite";
