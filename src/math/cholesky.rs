//! The square root of a correlation or covariance matrix, singular ones included.
use super::eigenvalues::symmetric_eigenvalues;
use ndarray::{Array2, ArrayView2};

/// A pivot below this fraction of the largest diagonal element counts as zero.
const TOLERANCE: f64 = 1e-12;

/// The matrix has a negative eigenvalue, so no covariance looks like it.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[error("the matrix is not positive semidefinite: its smallest eigenvalue is {smallest_eigenvalue:.3e}")]
pub struct NotPositive {
    /// The most negative eigenvalue, in the units of the matrix; NaN if an element is not finite.
    pub smallest_eigenvalue: f64,
}

/// A matrix L with L Lᵀ = `matrix`, so that L z has this covariance when z has independent unit normals.
///
/// Reads the lower triangle and the diagonal. A positive definite matrix gets the usual lower triangular L
/// with a positive diagonal. A singular one (two assets with correlation 1, a volatility of zero) is
/// factored by largest pivot first and the order undone: L Lᵀ gives the matrix back, but L need not be
/// triangular, and it has a column of zeros for every missing rank. Pivots up to 1e-12 of the largest
/// diagonal element count as zero; L Lᵀ differs from the matrix by no more than twice that.
///
/// Source: Higham, "Analysis of the Cholesky decomposition of a semi-definite matrix", 1990.
///
/// # Errors
/// [`NotPositive`] if the matrix is indefinite beyond the tolerance or holds a number that is not finite.
///
/// # Panics
/// If the matrix is not square.
#[expect(clippy::needless_pass_by_value, reason = "a view is a reference already")]
pub fn semidefinite_cholesky(matrix: ArrayView2<f64>) -> Result<Array2<f64>, NotPositive> {
    assert!(matrix.is_square(), "square root of a matrix that is not square");
    let n = matrix.nrows();
    if matrix.iter().any(|element| !element.is_finite()) {
        return Err(NotPositive { smallest_eigenvalue: f64::NAN });
    }
    let zero = TOLERANCE * matrix.diag().iter().fold(0.0, |most: f64, element| most.max(element.abs()));
    let in_order = |rest: &Array2<f64>, column: usize| (rest[[column, column]] > zero).then_some(column);
    if let (root, true) = factor(&matrix, in_order) {
        return Ok(root);
    }
    let mut open: Vec<usize> = (0..n).collect();
    let largest = |rest: &Array2<f64>, _: usize| {
        // the first of equals, so that the result does not hang on the order of a search
        let place = (0..open.len()).reduce(|best, next| {
            let larger = rest[[open[next], open[next]]] > rest[[open[best], open[best]]];
            if larger { next } else { best }
        })?;
        (rest[[open[place], open[place]]] > zero).then(|| open.remove(place))
    };
    let (root, _) = factor(&matrix, largest);
    // What no pivot explained must be zero. Only the lower triangle of the matrix counts.
    let unexplained = (0..n).any(|i| {
        (0..=i).any(|j| {
            let product: f64 = (0..n).map(|k| root[[i, k]] * root[[j, k]]).sum();
            (matrix[[i, j]] - product).abs() > 2.0 * zero
        })
    });
    if unexplained {
        let smallest_eigenvalue = symmetric_eigenvalues(matrix).first().copied().unwrap_or(f64::NAN);
        return Err(NotPositive { smallest_eigenvalue });
    }
    Ok(root)
}

/// Takes one row after the other out of the matrix as `pivot` names them, each a column of the root; true
/// if all were taken.
fn factor(
    matrix: &ArrayView2<f64>,
    mut pivot: impl FnMut(&Array2<f64>, usize) -> Option<usize>,
) -> (Array2<f64>, bool) {
    let n = matrix.nrows();
    let mut rest = Array2::from_shape_fn((n, n), |(i, j)| matrix[[i.max(j), i.min(j)]]);
    let mut root = Array2::zeros((n, n));
    let mut taken = vec![false; n];
    for column in 0..n {
        let Some(row) = pivot(&rest, column) else { return (root, false) };
        let length = rest[[row, row]].sqrt();
        for i in (0..n).filter(|&i| !taken[i]) {
            root[[i, column]] = if i == row { length } else { rest[[i, row]] / length };
        }
        taken[row] = true;
        for i in (0..n).filter(|&i| !taken[i]) {
            for j in (0..n).filter(|&j| !taken[j]) {
                rest[[i, j]] -= root[[i, column]] * root[[j, column]];
            }
        }
    }
    (root, true)
}
