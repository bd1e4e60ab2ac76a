//! Two figures on the same paths: differences and ratios, `a` the baseline and `b` what is compared with it.
//!
//! Errors come from influence functions, so what the paths have in common cancels.
//! Source: A. van der Vaart (1998), "Asymptotic Statistics", §3.1 (delta method) and §20.1 (influence functions).
use super::estimate::Z_95;
use super::{Estimate, MeanTally, Units};

/// `mean(b) − mean(a)` on the same paths, `se = std(b − a)/√N`.
pub fn mean_difference(a: &[f64], b: &[f64]) -> Estimate {
    if let Some(reason) = fault(a, b, 1) {
        return reason;
    }
    let differences: Vec<f64> = a.iter().zip(b).map(|(x, y)| y - x).collect();
    MeanTally::from_slice(&differences).mean_estimate()
}

/// `R = mean(b)/mean(a)` on the same paths, `se = std(b − R·a)/(|mean(a)|·√N)`.
///
/// Where `mean(a)` lies within 1.96 of its own errors of zero the ratio has no bounded interval (E. Fieller, 1954,
/// Journal of the Royal Statistical Society B 16) and none is given.
pub fn mean_ratio(a: &[f64], b: &[f64]) -> Estimate {
    if let Some(reason) = fault(a, b, 1) {
        return reason;
    }
    let base = MeanTally::from_slice(a).mean_estimate();
    let (Some(of_a), Some(of_b)) = (base.value, MeanTally::from_slice(b).mean()) else {
        return Estimate::undefined("a mean is not finite");
    };
    if of_a == 0.0 {
        return Estimate::undefined("the mean of the baseline is zero");
    }
    let ratio = of_b / of_a;
    let Some(base_se) = base.se else {
        return Estimate::without_interval(ratio, "the error of a mean needs two values");
    };
    if of_a.abs() <= Z_95 * base_se {
        return Estimate::without_interval(ratio, "the mean of the baseline cannot be told from zero");
    }
    let influence: Vec<f64> = a.iter().zip(b).map(|(x, y)| (y - ratio * x) / of_a).collect();
    with_influence(ratio, &influence)
}

/// `std(b) − std(a)` on the same paths.
///
/// Influence of a path on `s`: `((x − mean)² − s²)/(2s)`; `se` = std of the differences of influences / √N.
pub fn std_difference(a: &[f64], b: &[f64]) -> Estimate {
    if let Some(reason) = fault(a, b, 2) {
        return reason;
    }
    let (Some(of_a), Some(of_b)) = (Spread::of(a), Spread::of(b)) else {
        return Estimate::undefined("a spread is not finite");
    };
    let influence: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(x, y)| 0.5 * (of_b.std * of_b.squared_share(*y) - of_a.std * of_a.squared_share(*x)))
        .collect();
    with_influence_of_spread(of_b.std - of_a.std, &influence)
}

/// `R = std(b)/std(a)` on the same paths.
///
/// Influence of a path on `ln R`: `½[(y − mean)²/s_b² − (x − mean)²/s_a²]`; `se = R`·std of it / √N.
pub fn std_ratio(a: &[f64], b: &[f64]) -> Estimate {
    std_ratio_over(Units::Paths, a, b)
}

/// The same over the independent units of the paths.
pub fn std_ratio_over(units: Units, a: &[f64], b: &[f64]) -> Estimate {
    if let Some(reason) = fault(a, b, 2) {
        return reason;
    }
    let (Some(of_a), Some(of_b)) = (Spread::of(a), Spread::of(b)) else {
        return Estimate::undefined("a spread is not finite");
    };
    if of_a.std == 0.0 {
        return Estimate::undefined("the baseline does not vary");
    }
    let ratio = of_b.std / of_a.std;
    let influence: Vec<f64> = a
        .iter()
        .zip(b)
        .map(|(x, y)| 0.5 * ratio * (of_b.squared_share(*y) - of_a.squared_share(*x)))
        .collect();
    if units == Units::Paths {
        return with_influence_of_spread(ratio, &influence);
    }
    match units.law_of_mean(&influence) {
        Some(law) => law.estimate(ratio),
        None => Estimate::without_interval(ratio, "the standard error is not finite"),
    }
}

/// Mean and standard deviation of one side.
struct Spread {
    mean: f64,
    std: f64,
}

impl Spread {
    fn of(values: &[f64]) -> Option<Self> {
        let tally = MeanTally::from_slice(values);
        Some(Self { mean: tally.mean()?, std: tally.std()? })
    }

    /// `(x − mean)²/s²`; zero where nothing varies.
    fn squared_share(&self, x: f64) -> f64 {
        if self.std == 0.0 {
            return 0.0;
        }
        let z = (x - self.mean) / self.std;
        z * z
    }
}

fn with_influence(value: f64, influence: &[f64]) -> Estimate {
    match MeanTally::from_slice(influence).mean_estimate().se {
        Some(se) => Estimate::with_normal_interval(value, se),
        None => Estimate::without_interval(value, "the standard error is not finite"),
    }
}

fn with_influence_of_spread(value: f64, influence: &[f64]) -> Estimate {
    if influence.len() < 4 {
        return Estimate::without_interval(value, "the error of a standard deviation needs four values");
    }
    with_influence(value, influence)
}

/// Why these samples cannot be compared.
fn fault(a: &[f64], b: &[f64], at_least: usize) -> Option<Estimate> {
    if a.len() != b.len() {
        let reason = format!("{} and {} values are not pairs", a.len(), b.len());
        return Some(Estimate::undefined(reason));
    }
    (a.len() < at_least)
        .then(|| Estimate::undefined(format!("the comparison needs {at_least} pairs, not {}", a.len())))
}
