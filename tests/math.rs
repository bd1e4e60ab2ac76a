//! Elementary functions against 42-digit values, their special values, and roots of matrices.
#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test may panic, and compares with libm"
)]

use driftband::math::{
    box_muller, exp, exp_each, exp_minus_half_square, ln, norm_cdf, norm_cdf_with, norm_inv, norm_inv_fast,
    norm_pdf, semidefinite_cholesky, symmetric_eigenvalues,
};
use ndarray::{Array2, array};

const INFINITY: f64 = f64::INFINITY;
const NEG_INFINITY: f64 = f64::NEG_INFINITY;
const NAN: f64 = f64::NAN;

/// Argument number `i` of a section, as `tests/data/math_reference.py` places it.
fn argument(i: u64, spacing: &str, low: f64, high: f64) -> f64 {
    let place = i.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    match spacing {
        "linear" => low + (high - low) * ((place >> 11) as f64 * 2f64.powi(-53)),
        "bits" => {
            let width = u128::from(high.to_bits() - low.to_bits());
            f64::from_bits(low.to_bits() + ((width * u128::from(place)) >> 64) as u64)
        }
        other => panic!("unknown spacing {other}"),
    }
}

/// Largest relative and largest absolute error of one section.
fn measure(header: &[&str], values: &[f64], function: fn(f64) -> f64) -> (f64, f64) {
    let number = |text: &str| f64::from_bits(u64::from_str_radix(text, 16).unwrap());
    let (low, high) = (number(header[2]), number(header[3]));
    let (mut relative, mut absolute) = (0.0f64, 0.0f64);
    for (i, &value) in values.iter().enumerate() {
        let error = (function(argument(i as u64 + 1, header[1], low, high)) - value).abs();
        assert!(!error.is_nan(), "{header:?}: number {i}");
        absolute = absolute.max(error);
        relative = relative.max(if error == 0.0 { 0.0 } else { error / value.abs() });
    }
    (relative, absolute)
}

/// A function with the limits of its relative and absolute errors.
type Row = (fn(f64) -> f64, f64, f64);

/// `DRIFTBAND_MATH_REFERENCE` names another table, for instance a larger one.
#[test]
fn errors_stay_below_the_documented_ones() {
    let path =
        std::env::var("DRIFTBAND_MATH_REFERENCE").unwrap_or("tests/data/math_reference.txt".to_owned());
    let text = std::fs::read_to_string(path).unwrap();
    let mut sections: Vec<(&str, Vec<f64>)> = vec![];
    for line in text.lines() {
        if line.starts_with(|first: char| first.is_ascii_hexdigit()) && !line.starts_with("exp") {
            let values = line.split(' ').map(|word| f64::from_bits(u64::from_str_radix(word, 16).unwrap()));
            sections.last_mut().unwrap().1.extend(values);
        } else {
            sections.push((line, vec![]));
        }
    }
    assert_eq!(sections.len(), 9);
    for (header, values) in sections {
        assert!(values.len() >= 600, "{header}");
        let header: Vec<&str> = header.split(' ').collect();
        let rows: &[Row] = match header[0] {
            "exp" => &[(exp, 2.3e-16, f64::INFINITY)],
            "ln" => &[(ln, 2.3e-16, 1.2e-13)],
            "norm_pdf" => &[(norm_pdf, 5e-16, 1e-16)],
            "norm_cdf" => &[(norm_cdf, 8e-16, 2.3e-16)],
            "norm_inv" => &[(norm_inv, 6e-15, 5e-14), (norm_inv_fast, 8e-11, 7e-10)],
            other => panic!("unknown function {other}"),
        };
        for &(function, most_relative, most_absolute) in rows {
            let (relative, absolute) = measure(&header, &values, function);
            eprintln!(
                "{header:?}: {} values, relative {relative:.2e}, absolute {absolute:.2e}",
                values.len()
            );
            assert!(relative < most_relative, "{header:?}: relative error {relative:e}");
            assert!(absolute < most_absolute, "{header:?}: absolute error {absolute:e}");
        }
    }
}

/// To the bit, where results are ordinary and where they leave the numbers.
#[test]
fn many_exponentials_are_those_of_each() {
    const EDGES: [f64; 8] = [0.0, -0.0, 709.9, 710.5, -708.5, INFINITY, NEG_INFINITY, NAN];
    for i in 0..10_000 {
        let mut x = [0.0; 64];
        for (k, x) in x.iter_mut().enumerate() {
            *x = argument(64 * i + k as u64, "linear", -720.0, 720.0);
        }
        x[i as usize % 64] = EDGES[i as usize % 8];
        let same = exp_each(&x).iter().zip(x).all(|(each, x)| each.to_bits() == exp(x).to_bits());
        assert!(same, "{x:?}");
    }
}

/// Both numbers of a million pairs against the platform's functions, to the bound that the documentation gives.
#[test]
fn two_normals_lie_on_their_circle() {
    const MOST: f64 = 1.1e-10;
    let (mut along_error, mut across_error) = (0.0f64, 0.0f64);
    for i in 1..=1_000_000 {
        // towards either end, where little is left of a logarithm
        let near_zero = argument(i, "bits", 2f64.powi(-45), 0.5);
        let u = if i % 2 == 0 { near_zero } else { 1.0 - near_zero };
        let t = argument(i * 7, "linear", -0.5, 0.5);
        let (along, across) = box_muller(u, t);
        let logarithm = if u < 0.5 { u.ln() } else { (u - 1.0).ln_1p() };
        let radius = (-2.0 * logarithm).sqrt();
        let (sine, cosine) = (t * std::f64::consts::FRAC_PI_2).sin_cos();
        along_error = along_error.max((along / (radius * cosine) - 1.0).abs());
        across_error = across_error.max((across / (radius * sine) - 1.0).abs());
        assert_eq!(box_muller(u, -t), (along, -across));
    }
    eprintln!("along {along_error:.2e}, across {across_error:.2e}");
    assert!(along_error < MOST && across_error < MOST, "{along_error:e} {across_error:e}");
}

#[test]
fn a_million_points_agree_with_libm_and_invert_each_other() {
    for i in 1..=1_000_000 {
        let x = argument(i, "linear", -708.0, 709.0);
        assert!((exp(x) / x.exp() - 1.0).abs() < 5e-16, "exp {x}");
        let x = argument(i, "bits", f64::MIN_POSITIVE, f64::MAX);
        assert!((ln(x) / x.ln() - 1.0).abs() < 5e-16, "ln {x}");
        let u = argument(i, "bits", 2f64.powi(-53), 0.5);
        // an error of the normal comes back as z²: z φ(z) / Φ(z) is about z² in the tail
        let z = norm_inv(u);
        assert!(
            (norm_cdf(z) / u - 1.0).abs() < 2e-15 + 1e-14 * (z * z).max(z.abs()),
            "norm_inv {u}: {}",
            norm_cdf(z) / u - 1.0
        );
    }
}

#[test]
fn special_values_are_defined() {
    let same = |name: &str, pairs: &[(f64, f64)], function: fn(f64) -> f64| {
        for &(x, expected) in pairs {
            let value = function(x);
            let equal = value == expected || (value.is_nan() && expected.is_nan());
            assert!(equal, "{name}({x:e}) = {value:e}, not {expected:e}");
        }
    };
    let largest = f64::MAX;
    same("exp", &[(0.0, 1.0), (-0.0, 1.0), (INFINITY, INFINITY), (NEG_INFINITY, 0.0), (NAN, NAN)], exp);
    same("exp", &[(709.79, INFINITY), (1e300, INFINITY), (-708.1, 0.0), (-1e300, 0.0), (5e-324, 1.0)], exp);
    same("ln", &[(1.0, 0.0), (0.0, NEG_INFINITY), (-0.0, NEG_INFINITY), (INFINITY, INFINITY)], ln);
    same("ln", &[(-1.0, NAN), (NEG_INFINITY, NAN), (NAN, NAN), (-5e-324, NAN)], ln);
    same("ln", &[(5e-324, 5e-324f64.ln()), (largest, largest.ln())], ln);
    same("norm_cdf", &[(0.0, 0.5), (-0.0, 0.5), (INFINITY, 1.0), (NEG_INFINITY, 0.0), (NAN, NAN)], norm_cdf);
    same("norm_cdf", &[(largest, 1.0), (-largest, 0.0), (-37.7, 0.0), (8.5, 1.0)], norm_cdf);
    same(
        "norm_pdf",
        &[(INFINITY, 0.0), (NEG_INFINITY, 0.0), (NAN, NAN), (1e200, 0.0), (-37.7, 0.0)],
        norm_pdf,
    );
    same("bell", &[(0.0, 1.0), (INFINITY, 0.0), (NEG_INFINITY, 0.0), (NAN, NAN)], exp_minus_half_square);
    same("norm_inv", &[(0.0, NEG_INFINITY), (1.0, INFINITY), (0.5, 0.0), (NAN, NAN)], norm_inv);
    same(
        "norm_inv",
        &[(-0.1, NAN), (1.1, NAN), (INFINITY, NAN), (NEG_INFINITY, NAN), (-1e-320, NAN)],
        norm_inv,
    );
    assert!(exp(709.78) > 1.79e308 && exp(709.78) < INFINITY && exp(-708.0) > 3.3e-308);
    assert!(
        norm_cdf(-37.5) > 4.6e-308 && norm_cdf_with(NAN, 0.0).is_nan() && norm_cdf_with(1.0, NAN).is_nan()
    );
}

#[test]
fn many_numbers_together_are_each_number_to_the_bit() {
    let odd = [0.0, -0.0, INFINITY, NEG_INFINITY, NAN, 709.9, 800.0, -708.5, -745.0, 5e-324, f64::MAX, 40.0];
    let mut values: Vec<f64> = (0..64 * 400).map(|i| argument(i, "linear", -60.0, 60.0)).collect();
    values[..odd.len()].copy_from_slice(&odd);
    let same = |a: f64, b: f64| a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan());
    for some in values.as_chunks::<64>().0 {
        for (power, x) in exp_each(some).iter().zip(some) {
            assert!(same(*power, exp(*x)), "exp {x:e}");
        }
    }
}

#[test]
fn symmetries_are_exact() {
    for i in 1..=100_000 {
        let x = argument(i, "linear", 0.0, 9.0);
        assert_eq!(norm_cdf(x), 1.0 - norm_cdf(-x));
        let u = (argument(i, "linear", 0.0, 1.0) * 4096.0).floor() / 4096.0;
        assert_eq!(norm_inv(1.0 - u), -norm_inv(u));
        assert_eq!(norm_inv_fast(1.0 - u), -norm_inv_fast(u));
    }
}

/// Largest element of L Lᵀ - C.
fn mismatch(root: &Array2<f64>, matrix: &Array2<f64>) -> f64 {
    let n = matrix.nrows();
    let product =
        Array2::from_shape_fn((n, n), |(i, j)| (0..n).map(|k| root[[i, k]] * root[[j, k]]).sum::<f64>());
    (&product - matrix).iter().fold(0.0, |most, element| most.max(element.abs()))
}

#[test]
fn positive_definite_roots_are_lower_triangular() {
    let matrix = array![[4.0, 2.0, 0.6], [2.0, 5.0, 1.0], [0.6, 1.0, 3.0]];
    let root = semidefinite_cholesky(matrix.view()).unwrap();
    assert!(mismatch(&root, &matrix) < 1e-15);
    assert_eq!((root[[0, 0]], root[[1, 0]], root[[1, 1]]), (2.0, 1.0, 2.0));
    assert_eq!((root[[0, 1]], root[[0, 2]], root[[1, 2]]), (0.0, 0.0, 0.0));
    let correlation = array![[1.0, 0.999_999], [0.999_999, 1.0]];
    assert!(mismatch(&semidefinite_cholesky(correlation.view()).unwrap(), &correlation) < 1e-15);
}

#[test]
fn singular_roots_give_the_matrix_back() {
    let third = 1.0 / 3.0;
    let spread = array![0.1, 0.7, 0.3, 0.2];
    let rank_one = Array2::from_shape_fn((4, 4), |(i, j)| spread[i] * spread[j]);
    let cases = [
        array![[1.0, 1.0], [1.0, 1.0]],
        array![[1.0, -1.0], [-1.0, 1.0]],
        array![[1.0, 1.0, third], [1.0, 1.0, third], [third, third, 1.0]],
        array![[0.0, 0.0], [0.0, 2.0]],
        array![[1.0, -0.5, -0.5], [-0.5, 1.0, -0.5], [-0.5, -0.5, 1.0]],
        Array2::zeros((3, 3)),
        Array2::zeros((0, 0)),
        rank_one,
        Array2::ones((20, 20)),
    ];
    for matrix in cases {
        let root = semidefinite_cholesky(matrix.view()).unwrap();
        assert!(mismatch(&root, &matrix) < 1e-15, "{matrix}\n{root}");
    }
}

#[test]
fn indefinite_matrices_are_refused_with_their_eigenvalue() {
    let refused = |matrix: Array2<f64>| semidefinite_cholesky(matrix.view()).unwrap_err().smallest_eigenvalue;
    assert!((refused(array![[1.0, 1.1], [1.1, 1.0]]) + 0.1).abs() < 1e-15);
    // each pair is possible, the three together are not
    let triangle = array![[1.0, 0.9, 0.9], [0.9, 1.0, -0.9], [0.9, -0.9, 1.0]];
    assert!((refused(triangle) + 0.8).abs() < 1e-14);
    assert!((refused(array![[0.0, 0.5], [0.5, 0.0]]) + 0.5).abs() < 1e-15);
    assert_eq!(refused(array![[-1.0]]), -1.0);
    assert!(refused(array![[1.0, NAN], [NAN, 1.0]]).is_nan());
    // off by more than the tolerance, though only just
    assert!((refused(array![[1.0, 1.0 + 1e-9], [1.0 + 1e-9, 1.0]]) + 1e-9).abs() < 1e-14);
}

#[test]
fn eigenvalues_of_a_known_matrix() {
    // the second difference: 2 - 2 cos(k pi / (n + 1))
    let n = 12;
    let matrix = Array2::from_shape_fn((n, n), |(i, j)| match i.abs_diff(j) {
        0 => 2.0,
        1 => -1.0,
        _ => 0.0,
    });
    for (k, value) in symmetric_eigenvalues(matrix.view()).into_iter().enumerate() {
        let expected = 2.0 - 2.0 * (std::f64::consts::PI * (k + 1) as f64 / (n + 1) as f64).cos();
        assert!((value - expected).abs() < 1e-14, "{k}: {value} {expected}");
    }
    // equal eigenvalues, and one whose rotations meet a zero diagonal
    let pair = symmetric_eigenvalues(array![[0.0, 1.0], [1.0, 0.0]].view());
    assert!((pair[0] + 1.0).abs() < 1e-15 && (pair[1] - 1.0).abs() < 1e-15);
    assert_eq!(symmetric_eigenvalues(Array2::eye(3).view()), [1.0, 1.0, 1.0]);
}
