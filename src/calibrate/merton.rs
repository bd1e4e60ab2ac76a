//! Merton's jump diffusion: the returns as a Poisson mixture of normals.
use crate::math::{exp, ln, norm_cdf};

use super::fit::{Fit, Model, Parts, assemble};
use super::gbm::HALF_LN_TWO_PI;
use super::law::{Component, Law};
use super::optimum::Optimum;
use super::returns::Returns;

/// Jumps in one return beyond which the mixture is cut.
const MOST_JUMPS: usize = 40;
/// Jumps in one return on average: with more of them they are a diffusion.
const MOST_INTENSITY: f64 = 3.0;
/// Least standard deviation of a jump, in those of a return: with none a single return can be hit exactly and the
/// likelihood has no bound.
const LEAST_JUMP: f64 = 0.1;

/// Mean and standard deviation of the diffusion, mean number, mean and standard deviation of jumps, in one return.
struct Point {
    mean: f64,
    std: f64,
    intensity: f64,
    jump_mean: f64,
    jump_std: f64,
}

impl Point {
    fn of(x: &[f64]) -> Self {
        Self { mean: x[0], std: exp(x[1]), intensity: exp(x[2]), jump_mean: x[3], jump_std: exp(x[4]) }
    }

    /// By number of jumps: weight, mean, standard deviation.
    fn components(&self) -> Vec<Component> {
        let mut weight = exp(-self.intensity);
        let mut components = Vec::new();
        for k in 0..=MOST_JUMPS {
            let k = k as f64;
            if k > 0.0 {
                weight *= self.intensity / k;
            }
            let std = (self.std * self.std + k * self.jump_std * self.jump_std).sqrt();
            components.push(Component { weight, mean: self.mean + k * self.jump_mean, std });
            if k > self.intensity && weight < 1e-10 {
                break;
            }
        }
        components
    }
}

/// `r = m + σ√Δ Z + Σ_{i ≤ N} J_i`, `N ~ Poisson(λΔ)`, `J ~ N(jump_mean, jump_std²)`, by maximum likelihood.
///
/// Source: R. Merton (1976), Journal of Financial Economics 3; density as in C. Ball and W. Torous (1985, Journal of
/// Finance 40, eq. 3) with the whole Poisson sum. The bound on the jumps' standard deviation keeps the likelihood
/// bounded: P. Honoré (1998), "Pitfalls in estimating jump-diffusion models".
pub(super) fn fit(returns: &Returns) -> Result<Fit, String> {
    let years = returns.spacing.years;
    let (mean, variance) = returns.moments();
    let spread = variance.sqrt();
    let terms = |x: &[f64]| {
        let point = Point::of(x);
        let sound = point.intensity <= MOST_INTENSITY && point.jump_std >= LEAST_JUMP * spread;
        if !sound || !point.std.is_finite() || point.std < 0.01 * spread {
            return None;
        }
        let components: Vec<(f64, f64, f64)> =
            point.components().iter().map(|c| (c.weight / c.std, c.mean, 1.0 / c.std)).collect();
        let density = |r: &f64| {
            let one = |(weight, mean, inverse): &(f64, f64, f64)| {
                let z = (r - mean) * inverse;
                weight * exp(-0.5 * z * z)
            };
            ln(components.iter().map(one).sum::<f64>().max(1e-300)) - HALF_LN_TWO_PI
        };
        Some(returns.values.iter().map(density).collect::<Vec<f64>>())
    };
    let mut best: Option<Optimum> = None;
    for intensity in [0.03_f64, 0.4] {
        let start = [mean, ln(0.7 * spread), ln(intensity), 0.0, ln(2.0 * spread)];
        let found = Optimum::climb(&start, &[0.1 * spread, 0.2, 0.7, 0.3 * spread, 0.3], &terms)?;
        if best.as_ref().is_none_or(|best| found.log_likelihood > best.log_likelihood) {
            best = Some(found);
        }
    }
    let optimum = best.ok_or("no start was admissible")?.with_covariance(&terms);
    let point = Point::of(&optimum.x);
    let components = point.components();
    let transform = |r: &f64| components.iter().map(|c| c.weight * norm_cdf((r - c.mean) / c.std)).sum();
    let transforms: Vec<f64> = returns.values.iter().map(transform).collect();
    let mut notes = Vec::new();
    if point.intensity / years > 60.0 {
        notes.push(format!(
            "{:.0} jumps a year are no rare events: independent jumps stand in for clustering volatility here; see \
             the autocorrelation of |returns|",
            point.intensity / years
        ));
    }
    Ok(assemble(
        returns,
        Parts {
            model: Model::Merton,
            optimum: &optimum,
            keys: &[
                ("drift", "1/year"),
                ("volatility", "1/√year"),
                ("jumps_per_year", "1/year"),
                ("jump_mean", "log price"),
                ("jump_std", "log price"),
                ("total_volatility", "1/√year"),
            ],
            outputs: &|x| {
                let p = Point::of(x);
                let variance = p.std * p.std / years;
                let rate = p.intensity / years;
                let second = p.jump_mean * p.jump_mean + p.jump_std * p.jump_std;
                let jump = exp(p.jump_mean + 0.5 * p.jump_std * p.jump_std) - 1.0;
                let drift = p.mean / years + 0.5 * variance + rate * jump;
                let total = (variance + rate * second).sqrt();
                vec![drift, variance.sqrt(), rate, p.jump_mean, p.jump_std, total]
            },
            transforms: &transforms,
            law: Law::independent(components.clone()),
            notes,
        },
    ))
}
