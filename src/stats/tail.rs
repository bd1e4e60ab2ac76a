//! Value at risk and conditional value at risk (expected shortfall) of a sample of outcomes.
use super::quantile::why_undefined;
use super::{Estimate, quantile, quantile_estimate};

/// `VaR_a = −q_{1−a}` of ascending outcomes, with the quantile's exact interval, its ends exchanged.
pub fn var_estimate(sorted: &[f64], a: f64) -> Estimate {
    quantile_estimate(sorted, 1.0 - a).negated()
}

/// `CVaR_a`: mean of the worst `(1−a)N` ascending outcomes, sign flipped.
///
/// With `k = (1−a)N` and `j = ⌊k⌋` the mean is `(x_(1) + … + x_(j) + (k−j)·x_(j+1))/k`: the boundary order statistic
/// enters with its fractional weight (C. Acerbi and D. Tasche, 2002, Journal of Banking & Finance 26, prop. 4.1).
///
/// `se = √([Var(tail) + a(CVaR − VaR)²]/k)`, `Var(tail)` the variance of the tail's losses about `CVaR` with the same
/// weights and divisor `k`, `VaR` the type 7 quantile (S. Manistre and G. Hancock, 2005, North American Actuarial
/// Journal 9(2)). A tail of less than two outcomes has no error.
pub fn cvar_estimate(sorted: &[f64], a: f64) -> Estimate {
    let n = sorted.len();
    let p = 1.0 - a;
    let k = p * n as f64;
    let (Some(&worst), Some(q)) = (sorted.first(), quantile(sorted, p)) else {
        return Estimate::undefined(why_undefined(sorted, p));
    };
    if k <= 0.0 {
        return Estimate::undefined("the tail is empty");
    }
    let whole = (k as usize).min(n);
    let part = sorted.get(whole).map(|x| (k - whole as f64, *x));
    // measured from the worst outcome, so that equal outcomes leave no rounding
    let tail = || sorted[..whole].iter().map(|x| (1.0, *x)).chain(part);
    let mean = worst + tail().map(|(weight, x)| weight * (x - worst)).sum::<f64>() / k;
    if k < 2.0 {
        return Estimate::without_interval(0.0 - mean, format!("{n} values leave less than two in the tail"));
    }
    let variance = tail().map(|(weight, x)| weight * (x - mean) * (x - mean)).sum::<f64>() / k;
    let excess = q - mean;
    Estimate::with_normal_interval(0.0 - mean, ((variance + a * excess * excess) / k).sqrt())
}

/// Whether the tail holds so few paths, `N(1−a) < 50`, that its figures deserve a warning.
pub fn few_tail_paths(n: u64, a: f64) -> bool {
    // a rounding of 1−a must not turn exactly 50 into fewer
    n as f64 * (1.0 - a) < 50.0 * (1.0 - 1e-9)
}
