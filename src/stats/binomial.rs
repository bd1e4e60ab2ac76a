//! Which order statistics bound a quantile: exact binomial tails without exp, ln or a beta function.

/// Ranks `(l, u)`, 1-based, of the order statistics that bound the `p` quantile of `n` independent values with 95 %.
///
/// `l` is the largest with `P(X < l) ≤ 0.025` and `u` the smallest with `P(X ≥ u) ≤ 0.025`, `X ~ Bin(n, p)`; a bound
/// outside `1..=n` does not exist. Coverage is at least 95 % for any continuous distribution.
///
/// The probabilities are built outward from the mode by the ratio `P(k+1)/P(k) = (n−k)/(k+1)·p/(1−p)` until they fall
/// below 1e-20 of the mode, and divided by their sum: work and memory of order √n, relative error below 1e-9 at
/// n = 1e9. Source of the interval: H. David and H. Nagaraja (2003), "Order Statistics", 3rd ed., §7.1.
pub fn binomial_interval(n: u64, p: f64) -> (Option<u64>, Option<u64>) {
    if n == 0 || !(p > 0.0 && p < 1.0) {
        return (None, None);
    }
    let odds = p / (1.0 - p);
    let mode = (((n as f64 + 1.0) * p) as u64).min(n);
    let rising: Vec<f64> = outward((0..mode).rev(), |k| (k as f64 + 1.0) / ((n - k) as f64 * odds));
    let falling: Vec<f64> = outward(mode..n, |k| (n - k) as f64 / (k as f64 + 1.0) * odds);
    let (first, last) = (mode - rising.len() as u64, mode + falling.len() as u64);

    // from the small terms to the large
    let below: f64 = rising.iter().rev().sum();
    let above: f64 = falling.iter().rev().sum();
    let limit = 0.025 * (below + 1.0 + above);

    let upward = rising.iter().rev().chain([&1.0]).chain(&falling);
    let downward = falling.iter().rev().chain([&1.0]).chain(&rising);
    // P(X < l) sums `l` terms counted from 0, P(X ≥ u) sums `n + 1 − u` counted from n
    let l = first + terms_within(upward, limit);
    let u = (last + 1) - terms_within(downward, limit);
    ((1..=n).contains(&l).then_some(l), (1..=n).contains(&u).then_some(u))
}

/// Probabilities relative to the mode, walking away from it until they no longer matter.
fn outward(steps: impl Iterator<Item = u64>, ratio: impl Fn(u64) -> f64) -> Vec<f64> {
    steps
        .scan(1.0, |term, k| {
            *term *= ratio(k);
            (*term > 1e-20).then_some(*term)
        })
        .collect()
}

/// How many terms can be summed before the sum exceeds `limit`.
fn terms_within<'a>(terms: impl Iterator<Item = &'a f64>, limit: f64) -> u64 {
    terms
        .scan(0.0, |sum, term| {
            *sum += term;
            (*sum <= limit).then_some(())
        })
        .count() as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn walks_only_where_the_probability_is() {
        let n = 1_000_000_000_u64;
        let steps = outward(n / 2..n, |k| (n - k) as f64 / (k as f64 + 1.0));
        assert!((100_000..300_000).contains(&steps.len()), "{}", steps.len());
    }
}
