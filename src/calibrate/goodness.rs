//! How well a law describes the returns: tests of the probability transforms, kurtosis, clustering.
use crate::math::{exp, ln, norm_inv};

/// Lags at which autocorrelations are reported.
pub const LAGS: [usize; 4] = [1, 5, 10, 20];

/// Figures of data against model.
#[derive(Debug, Clone, PartialEq)]
pub struct Goodness {
    /// Standardised residuals: normal scores `Φ⁻¹(F(r_t | past))`; standard normal and independent under the model.
    pub residuals: Vec<f64>,
    /// Largest distance of the transforms' distribution from the uniform (Kolmogorov–Smirnov).
    pub ks: f64,
    /// Its p-value as for known parameters (M. Stephens, 1970): too large, since they were fitted to the same returns; a small
    /// one refuses the model, a large one proves nothing.
    pub ks_p: f64,
    /// Anderson–Darling's A², which weighs the tails.
    pub anderson_darling: f64,
    /// Its p-value, in the same sense.
    pub anderson_darling_p: f64,
    /// Excess kurtosis of the residuals.
    pub residual_kurtosis: f64,
    /// Autocorrelation of the residuals' absolute values at [`LAGS`].
    pub residual_clustering: [f64; 4],
    /// Autocorrelation of |returns| under the model at lags 1, 2, …
    pub clustering: Vec<f64>,
}

impl Goodness {
    /// From the transforms `u_t = F(r_t | past)` and the model's autocorrelations of |r|.
    ///
    /// The p-values are those of known parameters; the parameters were fitted to the same returns, so they are too
    /// large: a small one refuses the model, a large one proves nothing. KS by M. Stephens (1970, JRSS B 32) and
    /// Kolmogorov's series; A² by G. and J. Marsaglia (2004, Journal of Statistical Software 9(2), `adinf`).
    pub(super) fn of(transforms: &[f64], clustering: Vec<f64>) -> Self {
        let tiny = 1e-15;
        let transforms: Vec<f64> = transforms.iter().map(|u| u.clamp(tiny, 1.0 - tiny)).collect();
        let residuals: Vec<f64> = transforms.iter().map(|u| norm_inv(*u)).collect();
        let mut sorted = transforms;
        sorted.sort_by(f64::total_cmp);
        let (ks, n) = (kolmogorov(&sorted), sorted.len() as f64);
        let a2 = anderson_darling(&sorted);
        let absolute = autocorrelation(&absolutes(&residuals), 20);
        Self {
            ks,
            ks_p: kolmogorov_p((n.sqrt() + 0.12 + 0.11 / n.sqrt()) * ks),
            anderson_darling: a2,
            anderson_darling_p: anderson_darling_p(a2),
            residual_kurtosis: excess_kurtosis(&residuals),
            residual_clustering: LAGS.map(|lag| absolute.get(lag - 1).copied().unwrap_or(0.0)),
            residuals,
            clustering,
        }
    }
}

/// Absolute deviations from the mean.
pub(super) fn absolutes(values: &[f64]) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    values.iter().map(|value| (value - mean).abs()).collect()
}

fn kolmogorov(sorted: &[f64]) -> f64 {
    let n = sorted.len() as f64;
    let gap = |(i, u): (usize, &f64)| (u - i as f64 / n).max((i + 1) as f64 / n - u);
    sorted.iter().enumerate().map(gap).fold(0.0, f64::max)
}

fn kolmogorov_p(lambda: f64) -> f64 {
    if lambda < 0.2 {
        return 1.0;
    }
    let term = |k: i32| {
        let k = f64::from(k);
        exp(-2.0 * k * k * lambda * lambda)
    };
    let series: f64 = (1..=100).map(|k| if k % 2 == 1 { term(k) } else { -term(k) }).sum();
    (2.0 * series).clamp(0.0, 1.0)
}

fn anderson_darling(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    let sum: f64 = (0..n).map(|i| (2 * i + 1) as f64 * (ln(sorted[i]) + ln(1.0 - sorted[n - 1 - i]))).sum();
    -(n as f64) - sum / n as f64
}

fn anderson_darling_p(z: f64) -> f64 {
    let below = if z < 2.0 {
        let polynomial = 2.000_12
            + (0.247_105 - (0.064_982_1 - (0.034_796_2 - (0.011_672 - 0.001_686_91 * z) * z) * z) * z) * z;
        exp(-1.233_714_1 / z) / z.sqrt() * polynomial
    } else {
        let polynomial =
            1.0776 - (2.306_95 - (0.434_24 - (0.082_433 - (0.008_056 - 0.000_314_6 * z) * z) * z) * z) * z;
        exp(-exp(polynomial))
    };
    // from A² of some 13 on the series leaves nothing
    if z > 13.0 { 0.0 } else { (1.0 - below).clamp(0.0, 1.0) }
}

/// Excess kurtosis of a sample; 0 where nothing varies.
pub fn excess_kurtosis(values: &[f64]) -> f64 {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let (mut second, mut fourth) = (0.0, 0.0);
    for value in values {
        let square = (value - mean) * (value - mean);
        second += square;
        fourth += square * square;
    }
    if second > 0.0 { n * fourth / (second * second) - 3.0 } else { 0.0 }
}

/// Autocorrelations at lags `1..=most`.
pub fn autocorrelation(values: &[f64], most: usize) -> Vec<f64> {
    let mean = values.iter().sum::<f64>() / values.len().max(1) as f64;
    let centred: Vec<f64> = values.iter().map(|value| value - mean).collect();
    let variance: f64 = centred.iter().map(|x| x * x).sum();
    (1..=most.min(values.len().saturating_sub(1)))
        .map(|lag| centred[lag..].iter().zip(&centred).map(|(a, b)| a * b).sum::<f64>() / variance)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn p_values_agree_with_tables() {
        assert!((kolmogorov_p(1.358) - 0.05).abs() < 5e-4);
        assert!((anderson_darling_p(2.492) - 0.05).abs() < 5e-4);
        assert!((anderson_darling_p(1.933) - 0.10).abs() < 5e-4);
    }

    #[test]
    fn even_transforms_fit() {
        let even: Vec<f64> = (0..500).map(|i| (f64::from(i) + 0.5) / 500.0).collect();
        let fit = Goodness::of(&even, Vec::new());
        assert!((fit.ks - 0.001).abs() < 1e-12 && fit.ks_p > 0.999 && fit.anderson_darling < 0.1);
    }
}
