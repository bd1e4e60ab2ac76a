//! Zakamouline's band and volatility over a block.
//!
//! With γ the absolute risk aversion, λ the one-way cost, Γ the gamma of the whole position, τ the time to the last live
//! expiry on the asset, σ the hedge volatility of that leg and r the model rate,
//!
//! ```text
//! H₀  = λ / (γ S σ² τ)
//! H₁  = 1.12 λ^0.31 τ^0.05 (e^{−rτ}/σ)^0.25 (|Γ|/γ)^0.5
//! K   = 4.76 λ^0.78 τ^−0.02 (e^{−rτ}/σ)^0.25 (γ S² |Γ|)^0.15
//! σ_m = σ_h · sqrt(max(1 − sign(Γ) K, 0.01))        for every leg with its own σ_h
//! ```
//!
//! and the half-width in units of the whole position is `H₀ + H₁`. n options at the aversion γ are n times one option at
//! nγ, so the gamma of the position is what belongs in all three. Short gamma raises the volatility, long gamma lowers it.
//! Sources: Zakamouline, Quantitative Finance 6 (2006) 435–445; Sinclair, Volatility Trading, 2nd edition (2013).
use crate::math::{B, Lanes, exp, ln};

/// What a policy brings to the formulas, for one asset.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Terms {
    /// λ/γ.
    ratio: f64,
    /// ln(1.12 λ^0.31 γ^−0.5).
    band: f64,
    /// ln(4.76 λ^0.78 γ^0.15).
    shift: f64,
}

/// The position on one asset at a step.
#[derive(Debug, Clone, Copy)]
pub struct Position<'a> {
    /// Years to the last live expiry, above 0.
    pub tau: f64,
    /// −rτ.
    pub discount: f64,
    /// Log prices.
    pub x: &'a Lanes,
    /// Prices.
    pub s: &'a Lanes,
    /// Hedge volatility of the leg that expires last.
    pub sigma: &'a Lanes,
    /// Gamma of the whole position.
    pub gamma: &'a Lanes,
}

impl Terms {
    /// For an absolute risk aversion and a one-way cost.
    pub fn new(risk_aversion: f64, cost: f64) -> Self {
        let (aversion, cost_log) = (ln(risk_aversion), ln(cost));
        Self {
            ratio: cost / risk_aversion,
            band: 0.31_f64.mul_add(cost_log, ln(1.12)) - 0.5 * aversion,
            shift: 0.78_f64.mul_add(cost_log, ln(4.76)) + 0.15 * aversion,
        }
    }

    /// Half-widths, and by what every hedge volatility on the asset is multiplied. Γ = 0 leaves H₀ and the factor 1.
    #[inline(always)]
    pub fn evaluate(&self, position: &Position<'_>, width: &mut Lanes, factor: &mut Lanes) {
        let Position { tau, discount, x, s, sigma, gamma } = *position;
        let ln_tau = ln(tau);
        let (band, shift) = (0.05_f64.mul_add(ln_tau, self.band), (-0.02_f64).mul_add(ln_tau, self.shift));
        let still = self.ratio / tau;
        for lane in 0..B {
            let volatility = sigma[lane];
            let common = 0.25 * (discount - ln(volatility));
            let bend = ln(gamma[lane].abs());
            let moving = exp(0.5_f64.mul_add(bend, band + common));
            width[lane] = still / (s[lane] * volatility * volatility) + moving;
            let k = exp(0.15_f64.mul_add(2.0_f64.mul_add(x[lane], bend), shift + common));
            let signed = if gamma[lane] > 0.0 { -k } else { k };
            let square = 1.0 + signed;
            factor[lane] = (if square > 0.01 { square } else { 0.01 }).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Half-width and factor of the volatility at a price, an aversion, a cost, a rate, a volatility, a time and a gamma.
    fn at(s: f64, aversion: f64, cost: f64, rate: f64, sigma: f64, tau: f64, gamma: f64) -> (f64, f64) {
        let (x, s) = (Lanes::splat(ln(s)), Lanes::splat(s));
        let (sigma, gamma) = (Lanes::splat(sigma), Lanes::splat(gamma));
        let position = Position { tau, discount: -rate * tau, x: &x, s: &s, sigma: &sigma, gamma: &gamma };
        let (mut width, mut factor) = (Lanes::ZERO, Lanes::ZERO);
        Terms::new(aversion, cost).evaluate(&position, &mut width, &mut factor);
        (width[77], factor[77])
    }

    #[track_caller]
    fn assert_near(found: (f64, f64), expected: (f64, f64)) {
        let near = |x: f64, y: f64| (x / y - 1.0).abs() < 1e-13;
        assert!(near(found.0, expected.0) && near(found.1, expected.1), "{found:?}, not {expected:?}");
    }

    #[test]
    fn figures_are_those_of_a_hand_calculation() {
        // λ 5 bps, γ 1, σ 20 %, three months, Γ 0.02 at 5000: H₀ 0.00001, H₁ 0.0209436911, K 0.1394545724
        let (width, factor) = (0.020_953_691_078_320_36, 1.067_452_374_662_867_6);
        assert_near(at(5000.0, 1.0, 5e-4, 0.0, 0.2, 0.25, -0.02), (width, factor));
        assert_near(at(5000.0, 1.0, 5e-4, 0.0, 0.2, 0.25, 0.02), (width, 0.927_655_877_913_035_7));
        // λ 2 %, rate 5 %, σ 30 %, sixty days, Γ 0.03 at 100: H₀ 0.0135185185, H₁ 0.0710752128, K 0.7404379508
        let width = 0.084_593_731_274_903_8;
        let tau = 60.0 / 365.0;
        assert_near(at(100.0, 1.0, 0.02, 0.05, 0.3, tau, -0.03), (width, 1.319_256_590_214_813));
        assert_near(at(100.0, 1.0, 0.02, 0.05, 0.3, tau, 0.03), (width, 0.509_472_324_248_123_7));
    }

    #[test]
    fn n_options_are_one_at_n_times_the_aversion() {
        let (one, factor) = at(3000.0, 1e-2, 6e-4, 0.04, 0.8, 0.08, -5e-4);
        let (hundred, same) = at(3000.0, 1e-4, 6e-4, 0.04, 0.8, 0.08, -0.05);
        assert_near((hundred, same), (100.0 * one, factor));
    }

    #[test]
    fn without_gamma_or_cost_there_is_little_to_do() {
        // H₀ alone: 6e-4 / (1e-4 · 3000 · 0.64 · 0.08)
        assert_near(at(3000.0, 1e-4, 6e-4, 0.04, 0.8, 0.08, 0.0), (0.039_062_5, 1.0));
        assert_eq!(at(3000.0, 1e-4, 0.0, 0.04, 0.8, 0.08, 0.05), (0.0, 1.0));
        // a long position whose volatility would turn imaginary keeps a tenth of it
        assert_eq!(at(100.0, 50.0, 0.05, 0.0, 0.3, 0.1, 5.0).1.to_bits(), 0.1_f64.to_bits());
    }
}
