//! Roots of sample sizes for bin widths and bandwidths, without the platform's libm.

/// `n^(1/degree)` for `n ≥ 1` by Newton's method from above, which falls monotonically; exact to rounding.
pub(super) fn root(n: usize, degree: u32) -> f64 {
    let target = n.max(1) as f64;
    let k = f64::from(degree);
    let mut x = 1.0;
    while power(x, degree) < target {
        x *= 2.0;
    }
    loop {
        let next = x - (x - target / power(x, degree - 1)) / k;
        if next >= x {
            return x;
        }
        x = next;
    }
}

fn power(x: f64, exponent: u32) -> f64 {
    (0..exponent).fold(1.0, |product, _| product * x)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inverts_powers() {
        for n in [1_usize, 2, 10, 999, 123_456, 1_000_000_000] {
            for degree in [3, 5] {
                let error = power(root(n, degree), degree) / n as f64 - 1.0;
                assert!(error.abs() < 1e-14, "{n} {degree}: {error}");
            }
        }
        assert_eq!(root(1000, 3), 10.0);
        assert_eq!(root(0, 5), 1.0);
    }
}
