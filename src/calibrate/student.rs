//! Student's t law of unit variance.
use statrs::function::beta::beta_reg;
use statrs::function::gamma::ln_gamma;

use crate::math::{exp, ln};

/// Constant of the log density of the t law of `nu` degrees scaled to unit variance (`nu > 2`).
pub(super) fn ln_constant(nu: f64) -> f64 {
    ln_gamma(0.5 * (nu + 1.0)) - ln_gamma(0.5 * nu) - 0.5 * ln(std::f64::consts::PI * (nu - 2.0))
}

/// Log density at `z`, `constant` from [`ln_constant`].
pub(super) fn ln_density(z: f64, nu: f64, constant: f64) -> f64 {
    constant - 0.5 * (nu + 1.0) * ln(1.0 + z * z / (nu - 2.0))
}

/// Density at `z`.
pub(super) fn density(z: f64, nu: f64) -> f64 {
    exp(ln_density(z, nu, ln_constant(nu)))
}

/// Distribution function at `z`.
pub(super) fn cdf(z: f64, nu: f64) -> f64 {
    let tail = 0.5 * beta_reg(0.5 * nu, 0.5, (nu - 2.0) / (nu - 2.0 + z * z));
    if z > 0.0 { 1.0 - tail } else { tail }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn agrees_with_tables() {
        // P(T < 2.776) = 0.975 at 4 degrees, scaled by √((ν−2)/ν)
        assert!((cdf(2.776_445 * 0.5_f64.sqrt(), 4.0) - 0.975).abs() < 1e-6);
        assert_eq!(cdf(0.0, 5.0), 0.5);
        let mass: f64 = (-4000..4000).map(|i| density(f64::from(i) * 0.01 + 0.005, 5.0) * 0.01).sum();
        assert!((mass - 1.0).abs() < 1e-4);
    }
}
