//! Which policies a chart shows, and which of them set its range.
use super::super::axis::Scale;
use super::{ChartInput, Sample};

/// How many times the usual width a policy may be and still set the range.
pub const WILD: f64 = 5.0;

/// The policies with the least standard deviation, at most `n_max`, in the order of the scenario.
pub fn steadiest(input: &ChartInput<'_>, n_max: usize) -> Vec<usize> {
    let std = |policy: &usize| input.bps(*policy, "std").map_or(f64::INFINITY, |(value, _)| value);
    let mut order: Vec<usize> = (0..input.outcome.policies.len()).collect();
    order.sort_by(|a, b| std(a).total_cmp(&std(b)));
    order.truncate(n_max);
    order.sort_unstable();
    order
}

/// A sentence about the policies left out, empty where none is.
pub fn left_out(shown: usize, all: usize) -> String {
    if shown < all { format!("; the {shown} of {all} policies with the least std") } else { String::new() }
}

/// Which of the widths are ordinary: within [`WILD`] times the lower median of those that are not zero.
///
/// One unhedged policy among hedged ones is wild; half of the policies at least are ordinary.
pub fn ordinary(widths: &[f64]) -> Vec<bool> {
    let mut positive: Vec<f64> = widths.iter().copied().filter(|width| *width > 0.0).collect();
    positive.sort_by(f64::total_cmp);
    let Some(median) = positive.get(positive.len().saturating_sub(1) / 2) else {
        return vec![true; widths.len()];
    };
    widths.iter().map(|width| *width <= WILD * median).collect()
}

/// The range widened to hold zero, unless zero lies so far off that the data would shrink to a third.
pub fn with_zero((low, high): (f64, f64)) -> (f64, f64) {
    let reach = 2.0 * (high - low);
    if high - low <= 0.0 {
        return (low.min(0.0), high.max(0.0));
    }
    let low = if low > 0.0 && low <= reach { 0.0 } else { low };
    let high = if high < 0.0 && -high <= reach { 0.0 } else { high };
    (low, high)
}

/// An axis over the 1–99 % quantiles of the ordinary among the shown policies, zero included where near.
pub fn body(shown: &[usize], samples: &[Sample], usual: &[bool]) -> Scale {
    let ordinary = shown.iter().zip(usual).filter(|(_, usual)| **usual).map(|(policy, _)| &samples[*policy]);
    let (low, high) = ordinary.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), sample| {
        (low.min(sample.quantile(0.01)), high.max(sample.quantile(0.99)))
    });
    let (low, high) = with_zero((low, high));
    Scale::covering(low, high, 0.04)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unhedged_policy_does_not_set_the_range() {
        assert_eq!(ordinary(&[1.0, 50.0]), [true, false]);
        assert_eq!(ordinary(&[1.0, 3.0, 0.0, 2.0, 90.0]), [true, true, true, true, false]);
        assert_eq!(ordinary(&[0.0, 0.0]), [true, true]);
    }
}
