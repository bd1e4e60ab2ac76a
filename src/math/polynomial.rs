//! Evaluation of a polynomial with a short chain of dependent operations.

/// `c[0] + c[1] x + c[2] x² + …`, as an even and an odd part in x².
///
/// Half as many operations wait for each other as in Horner's rule. Needs `N ≥ 2`.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let square = x * x;
    let (mut even, mut odd) = (0.0, 0.0);
    let mut power = N;
    while power > 0 {
        power -= 1;
        let part = if power % 2 == 0 { &mut even } else { &mut odd };
        // the two highest powers start the parts: no product with zero
        *part = if power + 2 >= N { coefficients[power] } else { part.mul_add(square, coefficients[power]) };
    }
    odd.mul_add(x, even)
}

#[cfg(test)]
mod tests {
    use super::polynomial;

    #[test]
    fn agrees_with_the_sum_of_powers() {
        assert_eq!(polynomial(2.0, &[3.0, -1.0]), 1.0);
        assert_eq!(polynomial(2.0, &[3.0, -1.0, 0.5]), 3.0);
        assert_eq!(polynomial(-2.0, &[3.0, -1.0, 0.5, 1.0, 2.0]), 31.0);
    }
}
