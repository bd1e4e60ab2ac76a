//! Smooth density of a sample for charts.
use super::root::root;
use super::{Moments, quantile};

/// Widening of the biweight kernel that smooths as much as a Gaussian of bandwidth 1: the ratio of canonical
/// bandwidths, `35^(1/5) / (1/(4π))^(1/10)` (J. Marron and D. Nolan, 1988, Statistics & Probability Letters 7).
const BIWEIGHT_PER_GAUSSIAN: f64 = 2.622_6;

/// Kernel density of ascending values at `n_points` equally spaced points of `[low, high]`.
///
/// Bandwidth `0.9·min(std, IQR/1.34)·n^(−1/5)` (B. Silverman, 1986, "Density Estimation", eq. 3.31; std alone where the
/// middle half is one value), kernel `15/16·(1 − u²)²`, widened to match. Summed exactly over the values within reach
/// of each point. Absent where nothing varies, the range is empty or there are less than two points.
pub fn density(sorted: &[f64], low: f64, high: f64, n_points: usize) -> Option<Vec<(f64, f64)>> {
    if n_points < 2 || !(low < high && (high - low).is_finite()) {
        return None;
    }
    let n = sorted.len();
    let std = Moments::from_slice(sorted).std().filter(|s| *s > 0.0)?;
    let iqr = quantile(sorted, 0.75)? - quantile(sorted, 0.25)?;
    let spread = if iqr > 0.0 { std.min(iqr / 1.34) } else { std };
    let reach = BIWEIGHT_PER_GAUSSIAN * 0.9 * spread / root(n, 5);
    let scale = 15.0 / 16.0 / (n as f64 * reach);
    if !(reach > 0.0 && scale.is_finite()) {
        return None;
    }
    let step = (high - low) / (n_points - 1) as f64;
    let point = |i: usize| {
        let x = low + step * i as f64;
        let from = sorted.partition_point(|value| *value < x - reach);
        let to = sorted.partition_point(|value| *value <= x + reach);
        (x, scale * sorted[from..to].iter().map(|value| biweight((value - x) / reach)).sum::<f64>())
    };
    Some((0..n_points).map(point).collect())
}

fn biweight(u: f64) -> f64 {
    let shape = (1.0 - u * u).max(0.0);
    shape * shape
}
