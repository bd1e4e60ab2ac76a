//! Evaluation of a polynomial with a short chain of dependent operations.

/// `c[0] + c[1] x + c[2] x² + …`, as an even and an odd part in x².
///
/// Half as many operations wait for each other as in Horner's rule. Needs `N ≥ 2`.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let square = x * x;
    // two short loops: one long one is no longer unrolled beyond 14 coefficients, and then nothing
    // vectorises
    let (mut even_power, mut odd_power) = ((N - 1) & !1, (N - 2) | 1);
    let (mut even, mut odd) = (coefficients[even_power], coefficients[odd_power]);
    while even_power > 0 {
        even_power -= 2;
        even = even.mul_add(square, coefficients[even_power]);
    }
    while odd_power > 1 {
        odd_power -= 2;
        odd = odd.mul_add(square, coefficients[odd_power]);
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
