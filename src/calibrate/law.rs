//! The law of one return under a fitted model, as a mixture, and a long path of it.
use crate::math::{exp, norm_inv, norm_pdf};
use crate::rng::{Purpose, Stream, draw, unit};

use super::student;

/// Returns on the simulated path behind a model's autocorrelations.
pub(super) const N_SIMULATED: usize = 1 << 17;
/// Components that stand for a continuous mixture.
const N_COMPONENTS: usize = 2048;
const SEED: u64 = 0x6472_6966;

/// A normal or a scaled t law.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Component {
    /// Share of the mixture.
    pub weight: f64,
    /// Mean.
    pub mean: f64,
    /// Standard deviation.
    pub std: f64,
}

/// The stationary law of one return.
#[derive(Debug, Clone, PartialEq)]
pub struct Law {
    /// The mixture.
    pub components: Vec<Component>,
    /// Degrees of freedom of its components; absent: normal.
    pub nu: Option<f64>,
    /// A long simulated path; empty where returns are independent.
    pub path: Vec<f64>,
    /// Excess kurtosis; absent where the fourth moment is infinite or not known in closed form.
    pub excess_kurtosis: Option<f64>,
}

impl Law {
    /// Independent returns.
    pub(super) fn independent(components: Vec<Component>) -> Self {
        let mut law = Self { components, nu: None, path: Vec::new(), excess_kurtosis: None };
        law.excess_kurtosis = law.kurtosis();
        law
    }

    /// A mixture over the states visited on a path: `(mean, std)` of each return and the return.
    pub(super) fn visited(states: &[(f64, f64)], nu: Option<f64>, path: Vec<f64>) -> Self {
        let stride = (states.len() / N_COMPONENTS).max(1);
        let kept: Vec<(f64, f64)> = states.iter().copied().step_by(stride).collect();
        let weight = 1.0 / kept.len().max(1) as f64;
        let components = kept.into_iter().map(|(mean, std)| Component { weight, mean, std }).collect();
        Self { components, nu, path, excess_kurtosis: None }
    }

    /// Density at `x`.
    pub fn density(&self, x: f64) -> f64 {
        let one = |c: &Component| {
            let z = (x - c.mean) / c.std;
            c.weight * self.nu.map_or_else(|| norm_pdf(z), |nu| student::density(z, nu)) / c.std
        };
        self.components.iter().map(one).sum()
    }

    /// Excess kurtosis of a mixture of normals.
    pub(super) fn kurtosis(&self) -> Option<f64> {
        let mean: f64 = self.components.iter().map(|c| c.weight * c.mean).sum();
        let (mut second, mut fourth) = (0.0, 0.0);
        for c in &self.components {
            let (d2, v) = ((c.mean - mean) * (c.mean - mean), c.std * c.std);
            second += c.weight * (v + d2);
            fourth += c.weight * (3.0 * v * v + 6.0 * v * d2 + d2 * d2);
        }
        let excess = fourth / (second * second) - 3.0;
        excess.is_finite().then_some(excess)
    }
}

/// Random numbers of a fitted model's path, always the same.
#[derive(Debug, Clone)]
pub(super) struct Noise {
    index: u64,
}

impl Noise {
    pub(super) fn new() -> Self {
        Self { index: 0 }
    }

    fn pair(&mut self) -> (f64, f64) {
        let (a, b) = draw(SEED, Stream::new(Purpose::Resample, 0), self.index, 0);
        self.index += 1;
        (unit(a), unit(b))
    }

    pub(super) fn uniform(&mut self) -> f64 {
        self.pair().0
    }

    pub(super) fn normals(&mut self) -> (f64, f64) {
        let (a, b) = self.pair();
        (norm_inv(a), norm_inv(b))
    }

    /// A t variate of unit variance by Bailey's polar method (R. Bailey, 1994, Mathematics of Computation 62).
    pub(super) fn student(&mut self, nu: f64) -> f64 {
        loop {
            let (a, b) = self.pair();
            let (u, v) = (2.0 * a - 1.0, 2.0 * b - 1.0);
            let w = u * u + v * v;
            if w <= 1.0 && w > 0.0 {
                let power = exp(-2.0 / nu * crate::math::ln(w));
                return u * (nu * (power - 1.0) / w).sqrt() * ((nu - 2.0) / nu).sqrt();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variates_have_their_moments() {
        let mut noise = Noise::new();
        let values: Vec<f64> = (0..200_000).map(|_| noise.student(8.0)).collect();
        let n = values.len() as f64;
        let second = values.iter().map(|x| x * x).sum::<f64>() / n;
        let fourth = values.iter().map(|x| x * x * x * x).sum::<f64>() / n;
        // kurtosis of t with 8 degrees: 3 + 6/4
        assert!((second - 1.0).abs() < 0.02 && (fourth - 4.5).abs() < 0.5, "{second} {fourth}");
    }
}
