//! How an error is distributed that was found from independent units: normal, or from a few of them and skewed.
use crate::math::{exp, ln};

use super::{Estimate, MeanTally, Moments, critical};

/// The law of `(estimate − truth)/se`, from which intervals and claims follow.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ErrorLaw {
    /// The standard error.
    pub se: f64,
    /// Skewness of the error: that of a unit over the root of their number.
    skew: f64,
    /// Degrees of freedom of the standard error; absent: many.
    freedom: Option<f64>,
}

impl ErrorLaw {
    /// Of an asymptotically normal estimator with a well-known error.
    pub fn normal(se: f64) -> Self {
        Self { se, skew: 0.0, freedom: None }
    }

    /// Student's law: the mean of few normal units.
    pub fn student(se: f64, freedom: f64) -> Self {
        Self { se, skew: 0.0, freedom: Some(freedom) }
    }

    /// Of the mean of few independent units that need not be normal: `se = std/√n`, skewness and tails as the units have
    /// them. None of fewer than two.
    ///
    /// The error follows Student's law after a transformation that takes the skewness `γ` of the units out,
    /// `g(t) = t + At²/3 + A²t³/27 + A/6`, `A = γ/√n` (P. Hall, 1992, "On the removal of skewness by transformation",
    /// Journal of the Royal Statistical Society B 54(1)). The degrees of freedom are those of a χ² law with the variance that
    /// the units' variance has, `Var(s²)/σ⁴ = κ/n + 2/(n − 1)` with excess kurtosis `κ`, hence `ν = 2/(κ/n + 2/(n − 1))`,
    /// and `n − 1` at most (G. Box, 1953, Biometrika 40(3/4)).
    pub fn of_units(values: &[f64]) -> Option<Self> {
        let se = MeanTally::from_slice(values).mean_estimate().se?;
        let n = values.len() as f64;
        let moments = Moments::from_slice(values);
        let skew = moments.skew().unwrap_or(0.0) / n.sqrt();
        let tails = moments.kurtosis_excess().unwrap_or(0.0).max(0.0);
        Some(Self { se, skew, freedom: Some(2.0 / (tails / n + 2.0 / (n - 1.0))) })
    }

    /// That of an estimate times `factor`.
    #[must_use]
    pub fn scaled(self, factor: f64) -> Self {
        Self { se: self.se * factor.abs(), skew: self.skew * factor.signum(), ..self }
    }

    /// `value` with its 95 % interval.
    pub fn estimate(&self, value: f64) -> Estimate {
        if self.freedom.is_none() && self.skew == 0.0 {
            return Estimate::with_normal_interval(value, self.se);
        }
        let [low, high] = self.bounds(0.05);
        Estimate::with_interval(value, self.se, [value - high * self.se, value - low * self.se])
    }

    /// What `(estimate − truth)/se` lies between but for `level`.
    pub fn bounds(&self, level: f64) -> [f64; 2] {
        let critical = self.critical(level);
        [-critical, critical].map(|x| self.untransformed(x))
    }

    /// What [`Self::statistic`] exceeds with probability `level` where the truth is zero.
    pub fn critical(&self, level: f64) -> f64 {
        critical(level, self.freedom)
    }

    /// `|g(value/se)|`: zero lies outside the interval of a value exactly where this exceeds the critical value. Infinite
    /// without an error.
    pub fn statistic(&self, value: f64) -> f64 {
        if self.se == 0.0 {
            return f64::INFINITY;
        }
        let (t, a) = (value / self.se, self.skew);
        // (1 + At/3)³ = 1 + A(g − A/6)
        (t * (1.0 + a * t / 3.0 + (a * t).powi(2) / 27.0) + a / 6.0).abs()
    }

    /// `g⁻¹(x) = 3(∛(1 + A(x − A/6)) − 1)/A`, written so that it holds for `A = 0` too.
    fn untransformed(&self, x: f64) -> f64 {
        let shifted = x - self.skew / 6.0;
        let root = cube_root(1.0 + self.skew * shifted);
        3.0 * shifted / (root * root + root + 1.0)
    }
}

fn cube_root(x: f64) -> f64 {
    if x == 0.0 { 0.0 } else { exp(ln(x.abs()) / 3.0).copysign(x) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_units_have_students_law() {
        let even: Vec<f64> = (0..32).map(|i| f64::from(i) - 15.5).collect();
        let law = ErrorLaw::of_units(&even).expect("a law");
        let [low, high] = law.bounds(0.05);
        assert!((high - 2.039_513).abs() < 1e-6 && (low + high).abs() < 1e-12, "{low} {high}");
        assert_eq!(ErrorLaw::of_units(&[1.0]), None);
        assert_eq!(ErrorLaw::of_units(&[2.0; 32]).map(|law| law.se), Some(0.0));
    }

    #[test]
    fn an_interval_excludes_zero_where_the_claim_is_made() {
        // a few large units
        let skewed: Vec<f64> = (0..32).map(|i| f64::from(i).powi(4) / 1e5).collect();
        for sign in [1.0, -1.0] {
            let units: Vec<f64> = skewed.iter().map(|x| sign * x).collect();
            let law = ErrorLaw::of_units(&units).expect("a law");
            for k in -400..400 {
                let value = f64::from(k) * 0.01 * law.se;
                let [low, high] = law.estimate(value).ci.expect("an interval");
                let claimed = law.statistic(value) > law.critical(0.05);
                assert_eq!(claimed, !(low..=high).contains(&0.0), "{k}");
                assert!(low < value && value < high);
            }
            let [low, high] = law.estimate(0.0).ci.expect("an interval");
            assert_eq!(law.scaled(-1.0).estimate(0.0).ci, Some([-high, -low]));
            // a sample that lacks large units is below the truth: the interval reaches further on their side
            assert!(sign * (high + low) > 0.3 * law.se, "{low} {high}");
        }
    }
}
