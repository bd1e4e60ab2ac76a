//! Geometric Brownian motion: mean and standard deviation of the log returns.
use crate::math::{exp, ln, norm_cdf};

use super::fit::{Fit, Model, Parts, assemble};
use super::law::{Component, Law};
use super::optimum::Optimum;
use super::returns::Returns;

/// `ln(2π)/2`
pub(super) const HALF_LN_TWO_PI: f64 = 0.918_938_533_204_672_7;

/// Log density of a normal law at `x`.
pub(super) fn ln_normal(x: f64, mean: f64, std: f64) -> f64 {
    let z = (x - mean) / std;
    -0.5 * z * z - ln(std) - HALF_LN_TWO_PI
}

/// `r ~ N((μ − σ²/2)Δ, σ²Δ)`: the maximum of the likelihood in closed form.
///
/// The error of σ holds under clustering volatility and fat tails, where the textbook's `σ/√(2n)` is far too small.
/// Source: A. Lo (1988), Econometric Theory 4, section 2.
pub(super) fn fit(returns: &Returns) -> Fit {
    let years = returns.spacing.years;
    let (mean, variance) = returns.moments();
    let terms = |x: &[f64]| {
        let std = exp(x[1]);
        Some(returns.values.iter().map(|r| ln_normal(*r, x[0], std)).collect::<Vec<f64>>())
    };
    let x = vec![mean, 0.5 * ln(variance)];
    let log_likelihood = terms(&x).unwrap_or_default().iter().sum();
    let optimum = Optimum { x, log_likelihood, covariances: Vec::new() }.with_covariance(&terms);
    let std = variance.sqrt();
    let transforms: Vec<f64> = returns.values.iter().map(|r| norm_cdf((r - mean) / std)).collect();
    assemble(
        returns,
        Parts {
            model: Model::Gbm,
            optimum: &optimum,
            keys: &[("drift", "1/year"), ("volatility", "1/√year")],
            outputs: &|x| {
                let variance = exp(2.0 * x[1]) / years;
                vec![x[0] / years + 0.5 * variance, variance.sqrt()]
            },
            transforms: &transforms,
            law: Law::independent(vec![Component { weight: 1.0, mean, std }]),
            notes: Vec::new(),
        },
    )
}
