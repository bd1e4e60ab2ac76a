//! Correlation of the assets' Gaussian drivers.
use ndarray::Array2;

use crate::math::{B, Lanes};
use crate::math::{NotPositive, semidefinite_cholesky};

/// Turns independent normals into correlated ones: `w = L z`, `L Lᵀ` the correlation matrix.
#[derive(Debug, Clone)]
pub struct Mixer {
    /// Rows of L with their non-zero columns.
    rows: Vec<Vec<(usize, f64)>>,
}

impl Mixer {
    /// The mixer of a correlation matrix given row by row; `None` for the identity.
    ///
    /// # Errors
    ///
    /// A matrix that is not positive semidefinite, with its smallest eigenvalue.
    pub fn new(correlation: &[Vec<f64>]) -> Result<Option<Self>, NotPositive> {
        let n = correlation.len();
        let matrix = Array2::from_shape_fn((n, n), |(i, k)| correlation[i][k]);
        if matrix.indexed_iter().all(|((i, k), &value)| value == f64::from(u8::from(i == k))) {
            return Ok(None);
        }
        let factor = semidefinite_cholesky(matrix.view())?;
        let rows = factor
            .outer_iter()
            .map(|row| row.iter().copied().enumerate().filter(|(_, value)| *value != 0.0).collect())
            .collect();
        Ok(Some(Self { rows }))
    }

    /// The correlated normal of one asset at one step of four; `z` are the independent ones by asset.
    #[inline(always)]
    pub fn mix(&self, asset: usize, step: usize, z: &[[Lanes; 4]], w: &mut Lanes) {
        // as many as stay in registers while the assets pass by
        const ABREAST: usize = 32;
        for first in (0..B).step_by(ABREAST) {
            let sums: [f64; ABREAST] = self.mix_some(asset, step, z, first);
            w[first..first + ABREAST].copy_from_slice(&sums);
        }
    }

    /// The same for `N` neighbouring lanes.
    #[inline(always)]
    pub fn mix_some<const N: usize>(
        &self,
        asset: usize,
        step: usize,
        z: &[[Lanes; 4]],
        first: usize,
    ) -> [f64; N] {
        let mut sums = [0.0; N];
        for &(k, weight) in &self.rows[asset] {
            let z = &z[k][step][first..first + N];
            for lane in 0..N {
                sums[lane] = weight.mul_add(z[lane], sums[lane]);
            }
        }
        sums
    }
}
