//! The correlation matrix: its shape, and whether any set of prices can move like this.
use super::Checker;
use crate::scenario::file::ScenarioFile;
use crate::units::Fault;

/// An eigenvalue below minus this (times the size) is negative, not rounding.
const TOLERANCE: f64 = 1e-10;

impl Checker<'_> {
    /// The matrix, row by row; independent where none is written.
    pub(super) fn correlation(&mut self, file: &ScenarioFile) -> Vec<Vec<f64>> {
        let n = file.assets.len();
        let independent = || (0..n).map(|i| (0..n).map(|j| f64::from(i == j)).collect()).collect();
        let Some(matrix) = &file.market.correlation else { return independent() };
        let path = "market.correlation";
        if matrix.len() != n || matrix.iter().any(|row| row.len() != n) {
            let row = matrix.iter().position(|row| row.len() != n);
            let at = row.map_or(path.to_owned(), |row| if matrix.len() == n { format!("{path}.{row}") } else { path.into() });
            let found = row.filter(|_| matrix.len() == n).map_or_else(
                || format!("{} rows", matrix.len()),
                |row| format!("{} numbers", matrix.get(row).map_or(0, Vec::len)),
            );
            let wanted = format!("{found}, {n} wanted: one for each of `[[assets]]`");
            if self.trusts("assets") || !self.root.get_ref().get("assets").is_none_or(|list| list.get_ref().as_array().is_none()) {
                self.error("E009", Fault::new(at, "does not match the number of assets").label(wanted));
            }
            return independent();
        }
        let mut sound = true;
        for (i, row) in matrix.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let at = format!("{path}.{i}.{j}");
                let mirrored = matrix.get(j).and_then(|row| row.get(i)).copied().unwrap_or(*value);
                if i == j && *value != 1.0 {
                    self.error("E009", Fault::new(at, "must be 1: an asset moves with itself").label("must be 1"));
                    sound = false;
                } else if value.abs() > 1.0 {
                    self.error("E006", Fault::new(at, "is out of range").label("must be from -1 to 1"));
                    sound = false;
                } else if j < i && *value != mirrored {
                    let fault = Fault::new(at, "the matrix is not symmetric")
                        .label(format!("{value} here"))
                        .also(format!("{path}.{j}.{i}"), format!("but {mirrored} here"));
                    self.error("E009", fault);
                    sound = false;
                }
            }
        }
        if sound {
            let least = smallest_eigenvalue(matrix);
            if least < -TOLERANCE * n as f64 {
                let fault = Fault::new(path, "the matrix is not positive semidefinite")
                    .label(format!("smallest eigenvalue {least:.4}: no set of prices can move like this"))
                    .help("bring the correlations nearer to 0, or take them all from one sample of returns");
                self.error("E009", fault);
            }
        }
        matrix.clone()
    }
}

/// Smallest eigenvalue of a symmetric matrix by cyclic Jacobi rotations.
fn smallest_eigenvalue(matrix: &[Vec<f64>]) -> f64 {
    let n = matrix.len();
    let mut a = matrix.to_vec();
    for _sweep in 0..60 {
        let off: f64 = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).map(|(i, j)| a[i][j] * a[i][j]).sum();
        if off < 1e-26 * n as f64 {
            break;
        }
        for p in 0..n {
            for q in p + 1..n {
                if a[p][q].abs() < 1e-300 {
                    continue;
                }
                let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
                let sign = if theta < 0.0 { -1.0 } else { 1.0 };
                let t = sign / (theta.abs() + (theta * theta + 1.0).sqrt());
                let c = 1.0 / (t * t + 1.0).sqrt();
                let s = t * c;
                for row in &mut a {
                    let (x, y) = (row[p], row[q]);
                    row[p] = c * x - s * y;
                    row[q] = s * x + c * y;
                }
                for k in 0..n {
                    let (x, y) = (a[p][k], a[q][k]);
                    a[p][k] = c * x - s * y;
                    a[q][k] = s * x + c * y;
                }
            }
        }
    }
    (0..n).map(|i| a[i][i]).fold(f64::INFINITY, f64::min)
}

#[cfg(test)]
mod tests {
    use super::smallest_eigenvalue;

    #[test]
    fn eigenvalues_of_known_matrices() {
        let equal = |rho: f64, n: usize| -> Vec<Vec<f64>> {
            (0..n).map(|i| (0..n).map(|j| if i == j { 1.0 } else { rho }).collect()).collect()
        };
        // all correlations rho: 1 − rho and 1 + (n − 1) rho
        assert!((smallest_eigenvalue(&equal(0.5, 4)) - 0.5).abs() < 1e-12);
        assert!((smallest_eigenvalue(&equal(-0.5, 4)) + 0.5).abs() < 1e-12);
        assert!(smallest_eigenvalue(&equal(1.0, 5)).abs() < 1e-12, "singular");
    }
}
