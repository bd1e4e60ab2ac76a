//! Eigenvalues of a small symmetric matrix, by Jacobi rotations.
use ndarray::{Array2, ArrayView2};

/// Rounds of rotations; convergence is quadratic and needs fewer than ten.
const MOST_SWEEPS: usize = 50;

/// Eigenvalues of a symmetric matrix in ascending order; absolute error about 1e-15 times the largest one.
///
/// Reads the lower triangle and the diagonal. Cyclic Jacobi rotations (Golub and Van Loan, Matrix
/// Computations, algorithm 8.5.3): slow beside a library, and its bits depend on nothing but the matrix.
///
/// # Panics
/// If the matrix is not square.
#[expect(clippy::needless_pass_by_value, reason = "a view is a reference already")]
pub fn symmetric_eigenvalues(matrix: ArrayView2<f64>) -> Vec<f64> {
    assert!(matrix.is_square(), "eigenvalues of a matrix that is not square");
    let n = matrix.nrows();
    let mut a = Array2::from_shape_fn((n, n), |(i, j)| matrix[[i.max(j), i.min(j)]]);
    for _ in 0..MOST_SWEEPS {
        let mut rotated = false;
        for p in 0..n {
            for q in p + 1..n {
                // below this the rotation would not change a bit of the diagonal
                let negligible = f64::EPSILON * 1e-3 * (a[[p, p]].abs().min(a[[q, q]].abs()));
                if a[[p, q]].abs() > negligible {
                    rotate(&mut a, p, q);
                    rotated = true;
                }
            }
        }
        if !rotated {
            break;
        }
    }
    let mut eigenvalues = a.diag().to_vec();
    eigenvalues.sort_by(f64::total_cmp);
    eigenvalues
}

/// Turns the plane of axes `p` and `q` so that their common element becomes zero.
fn rotate(a: &mut Array2<f64>, p: usize, q: usize) {
    let ratio = (a[[q, q]] - a[[p, p]]) / (2.0 * a[[p, q]]);
    // the smaller of the two angles
    let tangent = ratio.signum() / (ratio.abs() + (ratio * ratio + 1.0).sqrt());
    let cosine = 1.0 / (tangent * tangent + 1.0).sqrt();
    let sine = tangent * cosine;
    for k in 0..a.nrows() {
        let (x, y) = (a[[k, p]], a[[k, q]]);
        a[[k, p]] = cosine * x - sine * y;
        a[[k, q]] = sine * x + cosine * y;
    }
    for k in 0..a.nrows() {
        let (x, y) = (a[[p, k]], a[[q, k]]);
        a[[p, k]] = cosine * x - sine * y;
        a[[q, k]] = sine * x + cosine * y;
    }
    // zero by construction; what is left is rounding
    a[[p, q]] = 0.0;
    a[[q, p]] = 0.0;
}
