//! Inverses of small symmetric matrices.
use ndarray::Array2;

/// Inverse of a positive definite matrix by Cholesky's factors; absent where it is not definite.
pub(super) fn inverse(matrix: &Array2<f64>) -> Option<Array2<f64>> {
    let n = matrix.nrows();
    // scaled to a unit diagonal first: parameters differ by orders of magnitude
    let scale: Vec<f64> = (0..n).map(|i| matrix[[i, i]].sqrt()).collect();
    if scale.iter().any(|s| !(*s > 0.0 && s.is_finite())) {
        return None;
    }
    let mut lower = Array2::<f64>::zeros((n, n));
    for i in 0..n {
        for j in 0..=i {
            let mut sum = matrix[[i, j]] / (scale[i] * scale[j]);
            for k in 0..j {
                sum -= lower[[i, k]] * lower[[j, k]];
            }
            if i == j {
                if sum <= 1e-10 {
                    return None;
                }
                lower[[i, i]] = sum.sqrt();
            } else {
                lower[[i, j]] = sum / lower[[j, j]];
            }
        }
    }
    let mut out = Array2::zeros((n, n));
    for column in 0..n {
        let mut x = vec![0.0; n];
        for i in 0..n {
            let known: f64 = (0..i).map(|k| lower[[i, k]] * x[k]).sum();
            x[i] = (f64::from(u8::from(i == column)) - known) / lower[[i, i]];
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| lower[[k, i]] * x[k]).sum();
            x[i] = (x[i] - known) / lower[[i, i]];
        }
        for i in 0..n {
            out[[i, column]] = x[i] / (scale[i] * scale[column]);
        }
    }
    Some(out)
}

/// `a · b`, by plain loops.
pub(super) fn product(a: &Array2<f64>, b: &Array2<f64>) -> Array2<f64> {
    Array2::from_shape_fn((a.nrows(), b.ncols()), |(i, j)| {
        (0..a.ncols()).map(|k| a[[i, k]] * b[[k, j]]).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn inverts_what_is_definite() {
        let matrix = array![[4e6, 1e3, 0.2], [1e3, 3.0, 0.1], [0.2, 0.1, 1e-2]];
        let unit = product(&matrix, &inverse(&matrix).expect("definite"));
        for ((i, j), value) in unit.indexed_iter() {
            assert!((value - f64::from(u8::from(i == j))).abs() < 1e-8, "{unit}");
        }
        assert!(inverse(&array![[1.0, 2.0], [2.0, 1.0]]).is_none());
    }
}
