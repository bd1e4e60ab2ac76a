//! Quantiles of a sample with exact order-statistic intervals.
use super::counted::{ends, order_statistics};
use super::{Estimate, binomial_interval};

/// The values in the total order of IEEE 754 (−NaN, −∞ … −0, +0 … ∞, NaN), so that the result is unique.
///
/// A radix sort: three times as fast as comparing, and sorting is the long part of a summary.
pub fn sorted(values: &[f64]) -> Vec<f64> {
    let mut values = values.to_vec();
    radsort::sort(&mut values);
    values
}

/// Type 7 quantile of ascending values: linear between order statistics at `h = (N − 1)p`, counted from 0.
///
/// Absent for an empty sample, `p` outside [0, 1] or a sample with a value that is not finite (such values stand at
/// the ends of the order). Source: R. Hyndman and Y. Fan (1996), The American
/// Statistician 50(4), definition 7.
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    if !((0.0..=1.0).contains(&p) && sorted[0].is_finite() && sorted[last].is_finite()) {
        return None;
    }
    let h = last as f64 * p;
    let below = (h as usize).min(last);
    let above = (below + 1).min(last);
    let value = sorted[below] + (h - below as f64) * (sorted[above] - sorted[below]);
    value.is_finite().then_some(value)
}

/// Type 7 quantiles at several levels, without sorting.
///
/// The same values as [`quantile`] of the sorted slice, in a fraction of the time where the levels are few.
pub fn quantiles<const N: usize>(values: &[f64], levels: &[f64; N]) -> Option<[f64; N]> {
    let ends = ends(values)?;
    let last = values.len() - 1;
    let heights = levels.map(|level| level * last as f64);
    let pairs = heights.map(|h| {
        let low = (h.floor() as usize).min(last);
        [low, (low + 1).min(last)]
    });
    let mut places = pairs.as_flattened().to_vec();
    places.sort_unstable();
    places.dedup();
    let ranked = order_statistics(values, ends, &places);
    // every place is one of them
    let at = |place: usize| ranked[places.partition_point(|other| *other < place)];
    let mut found = [0.0; N];
    for ((h, [low, next]), found) in heights.iter().zip(pairs).zip(&mut found) {
        *found = at(low) + (h - low as f64) * (at(next) - at(low));
    }
    Some(found)
}

/// Type 7 quantile of ascending values (or of [`super::ranked`] ones) with the exact interval `[x_(l), x_(u)]` of [`binomial_interval`].
///
/// `se` = width of the interval / 3.92. Where a bound does not exist there is neither.
pub fn quantile_estimate(sorted: &[f64], p: f64) -> Estimate {
    let n = sorted.len();
    let Some(value) = quantile(sorted, p) else {
        return Estimate::undefined(why_undefined(sorted, p));
    };
    match binomial_interval(n as u64, p) {
        (Some(l), Some(u)) => {
            let ci = [sorted[l as usize - 1], sorted[u as usize - 1]];
            Estimate::with_interval(value, (ci[1] - ci[0]) / 3.92, ci)
        }
        _ => Estimate::without_interval(value, format!("{n} values do not bound this quantile with 95 %")),
    }
}

/// Why [`quantile`] has no answer.
pub(super) fn why_undefined(sorted: &[f64], p: f64) -> String {
    if sorted.is_empty() {
        return "there are no values".to_owned();
    }
    if !(0.0..=1.0).contains(&p) {
        return format!("there is no quantile at level {p}");
    }
    "a value is not finite".to_owned()
}
