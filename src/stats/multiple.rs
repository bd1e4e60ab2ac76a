//! Many comparisons at one level: which differences are there when all of them are judged together.
use super::{ErrorLaw, Estimate};

/// A paired difference: its estimate, and how its error is distributed.
#[derive(Debug, Clone, PartialEq)]
pub struct Difference {
    /// Value, standard error, 95 % interval.
    pub estimate: Estimate,
    /// Absent where there is no error.
    pub law: Option<ErrorLaw>,
}

impl Difference {
    /// A difference without an interval, or without a value.
    pub fn without(estimate: Estimate) -> Self {
        Self { estimate, law: None }
    }

    /// A difference with its error.
    pub fn with_error(value: f64, law: ErrorLaw) -> Self {
        Self { estimate: law.estimate(value), law: Some(law) }
    }

    /// [`ErrorLaw::statistic`] of the value; absent where there is none to speak of.
    ///
    /// `noise` is what rounding alone makes of equal figures.
    fn statistic(&self, noise: f64) -> Option<(f64, ErrorLaw)> {
        let (value, law) = (self.estimate.value?, self.law.filter(|_| self.estimate.se.is_some())?);
        Some((if value.abs() <= noise { 0.0 } else { law.statistic(value) }, law))
    }
}

/// Which of the differences are not zero, with at most `level` probability that any claim is false.
///
/// Holm's step-down: from the largest statistic on, the k-th (from 0) of m must exceed the critical value at
/// `level/(m − k)`; the first that does not ends it. Valid whatever the dependence. `m` counts all hypotheses, also those
/// that are not among `differences` (then every step is a Bonferroni step at least as strict). A difference without an
/// error is never claimed. Source: S. Holm (1979), Scandinavian Journal of Statistics 6(2).
pub fn holm(differences: &[&Difference], m: usize, level: f64, noise: f64) -> Vec<bool> {
    let mut order: Vec<(usize, (f64, ErrorLaw))> = differences
        .iter()
        .enumerate()
        .filter_map(|(index, difference)| Some((index, difference.statistic(noise)?)))
        .collect();
    order.sort_by(|a, b| b.1.0.total_cmp(&a.1.0).then(a.0.cmp(&b.0)));
    let mut claimed = vec![false; differences.len()];
    for (k, (index, (statistic, law))) in order.into_iter().enumerate() {
        let left = m.max(differences.len()) - k;
        if statistic <= law.critical(level / left as f64) {
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
    fn holm_steps_down_and_stops() {
        let at = |z: f64| Difference::with_error(z, ErrorLaw::normal(1.0));
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
        let known = Difference::with_error(1.0, ErrorLaw::normal(0.0));
        let noise = Difference::with_error(1e-14, ErrorLaw::normal(0.0));
        let bare = Difference::without(Estimate::without_interval(5.0, "why"));
        assert_eq!(holm(&[&known, &noise, &bare], 3, 0.05, 1e-12), [true, false, false]);
    }
}
