//! Many comparisons at one level: which differences are there when all of them are judged together.
use crate::math::norm_inv;

use super::Estimate;

/// A paired difference: its estimate, and the degrees of freedom of its error where that was found from few sections.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Value, standard error, 95 % interval.
    pub estimate: Estimate,
    /// Of Student's law; absent: normal.
    pub freedom: Option<f64>,
}

impl Difference {
    /// A difference without an interval, or without a value.
    pub fn without(estimate: Estimate) -> Self {
        Self { estimate, freedom: None }
    }

    /// `value ± quantile·se`, the 97.5 % quantile that of Student's law where there are degrees of freedom.
    pub fn with_error(value: f64, se: f64, freedom: Option<f64>) -> Self {
        let half = critical(0.05, freedom) * se;
        Self { estimate: Estimate::with_interval(value, se, [value - half, value + half]), freedom }
    }

    /// `|value|/se`; infinite for a difference without an error, absent where there is none to speak of.
    ///
    /// `noise` is what rounding alone makes of equal figures.
    fn statistic(&self, noise: f64) -> Option<f64> {
        let (value, se) = (self.estimate.value?, self.estimate.se?);
        if value.abs() <= noise {
            return Some(0.0);
        }
        Some(if se > 0.0 { value.abs() / se } else { f64::INFINITY })
    }
}

/// Two-sided critical value at `level`: the `1 − level/2` quantile of the normal law, or of Student's with `freedom`.
///
/// Student's by its expansion in 1/ν, to 1e-4 for ν ≥ 30 and levels of 1e-5 and more (M. Abramowitz and I. Stegun,
/// 1964, "Handbook of Mathematical Functions", 26.7.5).
pub fn critical(level: f64, freedom: Option<f64>) -> f64 {
    // the lower tail is exact where 1 − level/2 rounds to one
    let z = -norm_inv(0.5 * level);
    let Some(nu) = freedom else { return z };
    let z2 = z * z;
    let g1 = z * (z2 + 1.0) / 4.0;
    let g2 = z * ((5.0 * z2 + 16.0) * z2 + 3.0) / 96.0;
    let g3 = z * (((3.0 * z2 + 19.0) * z2 + 17.0) * z2 - 15.0) / 384.0;
    let g4 = z * ((((79.0 * z2 + 776.0) * z2 + 1482.0) * z2 - 1920.0) * z2 - 945.0) / 92_160.0;
    z + (g1 + (g2 + (g3 + g4 / nu) / nu) / nu) / nu
}

/// Which of the differences are not zero, with at most `level` probability that any claim is false.
///
/// Holm's step-down: from the largest statistic on, the k-th (from 0) of m must exceed the critical value at
/// `level/(m − k)`; the first that does not ends it. Valid whatever the dependence. `m` counts all hypotheses, also those
/// that are not among `differences` (then every step is a Bonferroni step at least as strict). A difference without an
/// error is never claimed. Source: S. Holm (1979), Scandinavian Journal of Statistics 6(2).
pub fn holm(differences: &[&Difference], m: usize, level: f64, noise: f64) -> Vec<bool> {
    let mut order: Vec<(usize, f64)> = differences
        .iter()
        .enumerate()
        .filter_map(|(index, difference)| Some((index, difference.statistic(noise)?)))
        .collect();
    order.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let mut claimed = vec![false; differences.len()];
    for (k, (index, statistic)) in order.into_iter().enumerate() {
        let left = m.max(differences.len()) - k;
        if statistic <= critical(level / left as f64, differences[index].freedom) {
            break;
        }
        claimed[index] = true;
    }
    claimed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn critical_values_are_those_of_the_tables() {
        // Student's quantiles with 49 degrees of freedom, to six places
        for (level, normal, student) in
            [(0.05, 1.959_964, 2.009_575), (0.01, 2.575_829, 2.679_952), (0.001, 3.290_527, 3.500_443)]
        {
            assert!((critical(level, None) - normal).abs() < 1e-6);
            assert!((critical(level, Some(49.0)) - student).abs() < 1e-4, "{}", critical(level, Some(49.0)));
        }
    }

    #[test]
    fn holm_steps_down_and_stops() {
        let at = |z: f64| Difference::with_error(z, 1.0, None);
        // m = 4: the critical values are 2.4977, 2.3940, 2.2414, 1.9600
        let all = [at(2.0), at(-2.5), at(2.3), at(2.4)];
        let refs: Vec<&Difference> = all.iter().collect();
        assert_eq!(holm(&refs, 4, 0.05, 0.0), [true, true, true, true]);
        let all = [at(2.0), at(-2.4), at(2.3), at(2.4)];
        let refs: Vec<&Difference> = all.iter().collect();
        assert_eq!(holm(&refs, 4, 0.05, 0.0), [false; 4], "the first step fails, so all do");
        let all = [at(2.6), at(0.1), at(2.35), at(2.0)];
        let refs: Vec<&Difference> = all.iter().collect();
        assert_eq!(holm(&refs, 4, 0.05, 0.0), [true, false, false, false]);
        assert_eq!(holm(&refs, 40, 0.05, 0.0), [false; 4], "more hypotheses ask for more");
    }

    #[test]
    fn nothing_is_claimed_without_an_error_and_rounding_is_none() {
        let known = Difference::with_error(1.0, 0.0, None);
        let noise = Difference::with_error(1e-14, 0.0, None);
        let bare = Difference::without(Estimate::without_interval(5.0, "why"));
        assert_eq!(holm(&[&known, &noise, &bare], 3, 0.05, 1e-12), [true, false, false]);
    }
}
