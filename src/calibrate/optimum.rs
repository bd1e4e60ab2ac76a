//! The maximum of a likelihood and the covariance of what maximises it.
use argmin::core::{CostFunction, Error, Executor};
use argmin::solver::neldermead::NelderMead;
use ndarray::Array2;

use crate::math::{exp, ln};

use super::matrix::{inverse, product};

/// Log density of every observation at a point; absent where the point is not admissible.
pub(super) type Terms<'a> = dyn Fn(&[f64]) -> Option<Vec<f64>> + 'a;

const MOST_RESTARTS: usize = 12;
const MOST_NEWTON: usize = 12;
/// A restart or a Newton step that gains less than this is the last.
const GAIN: f64 = 1e-7;

/// Where a log-likelihood `l(x) = Σ l_t(x)` is largest, `x` without bounds.
///
/// Nelder–Mead simplex searches, restarted from their best point until that gains nothing (J. Nelder and R. Mead, 1965,
/// The Computer Journal 7), then Newton steps. Covariance by the sandwich `A⁻¹ B A⁻¹`, `A = −l″`, `B` the long-run
/// variance of the scores `s_t = l_t′` (H. White, 1982, Econometrica 50; T. Bollerslev and J. Wooldridge, 1992,
/// Econometric Reviews 11) with Bartlett weights up to lag `⌊4(n/100)^(2/9)⌋` (W. Newey and K. West, 1987, Econometrica
/// 55): right also where the density is not the true one, or returns taken as independent have clustering volatility.
/// In a sample where it comes out below `A⁻¹`, the errors of a model that is true, those stand.
/// Derivatives are central differences. Parameters `g(x)` have the covariance `g′ V g′ᵀ` (delta method).
#[derive(Debug, Clone)]
pub struct Optimum {
    /// The point.
    pub x: Vec<f64>,
    /// Log-likelihood there.
    pub log_likelihood: f64,
    /// Covariances of `x`, of which the larger variance stands; none where the likelihood does not bend downwards in every
    /// direction.
    pub covariances: Vec<Array2<f64>>,
}

struct Cost<'a>(&'a Terms<'a>);

/// What an inadmissible point costs: more than any other, and finite, since the simplex takes means.
const REFUSED: f64 = 1e12;

impl CostFunction for Cost<'_> {
    type Param = Vec<f64>;
    type Output = f64;
    fn cost(&self, x: &Vec<f64>) -> Result<f64, Error> {
        Ok(-value(self.0, x).unwrap_or(-REFUSED))
    }
}

fn value(terms: &Terms<'_>, x: &[f64]) -> Option<f64> {
    let sum = terms(x)?.iter().sum::<f64>();
    sum.is_finite().then_some(sum)
}

impl Optimum {
    /// Climbs from `start`, first steps as long as `step`.
    ///
    /// # Errors
    ///
    /// Where the start is not admissible, or the search fails.
    pub(super) fn climb(start: &[f64], step: &[f64], terms: &Terms<'_>) -> Result<Self, String> {
        let mut best = value(terms, start).ok_or("the likelihood cannot be computed at its start")?;
        let mut x = start.to_vec();
        let mut scale = 1.0;
        for _ in 0..MOST_RESTARTS {
            let (next, at) = simplex(&x, step, scale, terms)?;
            let gain = at - best;
            if gain > 0.0 {
                (x, best) = (next, at);
            }
            if gain < 1e-2 {
                break;
            }
            scale = (0.5 * scale).max(0.1);
        }
        let (x, best) = newton(x, best, terms);
        Ok(Self { log_likelihood: best, covariances: Vec::new(), x })
    }

    /// The same with its covariance.
    #[must_use]
    pub(super) fn with_covariance(self, terms: &Terms<'_>) -> Self {
        let covariances = sandwich(&self.x, terms).map_or_else(Vec::new, |pair| pair.to_vec());
        Self { covariances, ..self }
    }

    /// The maximum over all coordinates but `fixed`, which another estimator set, with the covariance of both steps.
    ///
    /// `influence` says by how much each observation moved that coordinate, `x̂ − x ≈ (1/n) Σ influence_t`; the others
    /// move by `A₂₂⁻¹ Σ (s_t − A₂₁ influence_t/n)` (W. Newey, 1984, Economics Letters 14).
    #[must_use]
    pub(super) fn with_two_steps(self, fixed: usize, influence: &[f64], terms: &Terms<'_>) -> Self {
        let covariances = two_steps(&self.x, fixed, influence, terms).into_iter().collect();
        Self { covariances, ..self }
    }

    /// Standard errors of `outputs(x)` by the delta method; absent where there is no covariance.
    pub(super) fn errors(&self, outputs: &dyn Fn(&[f64]) -> Vec<f64>) -> Vec<Option<f64>> {
        let mut largest = vec![None; outputs(&self.x).len()];
        for covariance in &self.covariances {
            for (most, se) in largest.iter_mut().zip(delta(&self.x, covariance, outputs)) {
                if most.is_none_or(|most| most < se) && se > 0.0 && se.is_finite() {
                    *most = Some(se);
                }
            }
        }
        largest
    }
}

/// Standard deviations of `outputs(x)` by their slopes.
fn delta(x: &[f64], covariance: &Array2<f64>, outputs: &dyn Fn(&[f64]) -> Vec<f64>) -> Vec<f64> {
    let columns: Vec<(Vec<f64>, Vec<f64>, f64)> = (0..x.len())
        .map(|i| {
            // a step as wide as the parameter is uncertain would leave the range where g is straight
            let h = (1e-3 * covariance[[i, i]].sqrt()).clamp(1e-9, 1e-4);
            (outputs(&moved(x, i, h)), outputs(&moved(x, i, -h)), 2.0 * h)
        })
        .collect();
    let n_outputs = outputs(x).len();
    let slopes = Array2::from_shape_fn((n_outputs, x.len()), |(k, i)| {
        (columns[i].0[k] - columns[i].1[k]) / columns[i].2
    });
    let variance = product(&product(&slopes, covariance), &slopes.t().to_owned());
    (0..n_outputs).map(|k| variance[[k, k]].sqrt()).collect()
}

fn simplex(x: &[f64], step: &[f64], scale: f64, terms: &Terms<'_>) -> Result<(Vec<f64>, f64), String> {
    let mut corners = vec![x.to_vec()];
    corners.extend((0..x.len()).map(|i| moved(x, i, step[i] * scale)));
    let failed = |error: Error| format!("the search failed: {error}");
    let solver = NelderMead::new(corners).with_sd_tolerance(1e-4).map_err(failed)?;
    let most = 200 * x.len() as u64;
    let found = Executor::new(Cost(terms), solver)
        .configure(|state| state.max_iters(most))
        .timer(false)
        .run()
        .map_err(failed)?;
    let cost = found.state.best_cost;
    let best = found.state.best_param.ok_or("the search found no point")?;
    Ok((best, -cost))
}

/// Newton steps, halved until they gain.
fn newton(mut x: Vec<f64>, mut best: f64, terms: &Terms<'_>) -> (Vec<f64>, f64) {
    for _ in 0..MOST_NEWTON {
        let widths = widths(&x, best, terms);
        let Some(bend) = hessian(&x, best, &widths, terms).and_then(|hessian| inverse(&hessian)) else {
            break;
        };
        let Some(slope) = gradient(&x, &widths, terms) else { break };
        let step: Vec<f64> =
            (0..x.len()).map(|i| (0..x.len()).map(|j| bend[[i, j]] * slope[j]).sum()).collect();
        let tries = [1.0, 0.5, 0.25, 0.1].map(|share| {
            let next: Vec<f64> = x.iter().zip(&step).map(|(x, s)| x + share * s).collect();
            let at = value(terms, &next).unwrap_or(f64::NEG_INFINITY);
            (next, at)
        });
        let Some((next, at)) = tries.into_iter().find(|(_, at)| *at > best) else { break };
        let gain = at - best;
        (x, best) = (next, at);
        if gain < GAIN {
            break;
        }
    }
    (x, best)
}

fn moved(x: &[f64], i: usize, by: f64) -> Vec<f64> {
    let mut x = x.to_vec();
    x[i] += by;
    x
}

/// Steps along each axis that change the likelihood by some hundredths: far above rounding, still a parabola.
fn widths(x: &[f64], best: f64, terms: &Terms<'_>) -> Vec<f64> {
    (0..x.len())
        .map(|i| {
            let mut h = 1e-4 * x[i].abs().max(1.0);
            for _ in 0..12 {
                let up = value(terms, &moved(x, i, h)).unwrap_or(f64::NEG_INFINITY);
                let down = value(terms, &moved(x, i, -h)).unwrap_or(f64::NEG_INFINITY);
                if best - 0.5 * (up + down) > 0.01 {
                    break;
                }
                h *= 2.0;
            }
            h
        })
        .collect()
}

fn gradient(x: &[f64], widths: &[f64], terms: &Terms<'_>) -> Option<Vec<f64>> {
    (0..x.len())
        .map(|i| {
            let h = widths[i];
            Some((value(terms, &moved(x, i, h))? - value(terms, &moved(x, i, -h))?) / (2.0 * h))
        })
        .collect()
}

/// `−l″` by central differences.
fn hessian(x: &[f64], best: f64, widths: &[f64], terms: &Terms<'_>) -> Option<Array2<f64>> {
    let n = x.len();
    let mut matrix = Array2::zeros((n, n));
    for i in 0..n {
        let h = widths[i];
        let (up, down) = (value(terms, &moved(x, i, h))?, value(terms, &moved(x, i, -h))?);
        matrix[[i, i]] = -(up - 2.0 * best + down) / (h * h);
        for j in 0..i {
            let corner = |a: f64, b: f64| value(terms, &moved(&moved(x, i, a * h), j, b * widths[j]));
            let mixed = corner(1.0, 1.0)? - corner(1.0, -1.0)? - corner(-1.0, 1.0)? + corner(-1.0, -1.0)?;
            matrix[[i, j]] = -mixed / (4.0 * h * widths[j]);
            matrix[[j, i]] = matrix[[i, j]];
        }
    }
    Some(matrix)
}

fn two_steps(x: &[f64], fixed: usize, influence: &[f64], terms: &Terms<'_>) -> Option<Array2<f64>> {
    let best = value(terms, x)?;
    let widths = widths(x, best, terms);
    let bend = hessian(x, best, &widths, terms)?;
    let others: Vec<usize> = (0..x.len()).filter(|i| *i != fixed).collect();
    let own = Array2::from_shape_fn((others.len(), others.len()), |(i, j)| bend[[others[i], others[j]]]);
    let bread = inverse(&own)?;
    let scores = scores(x, &widths, terms)?;
    let n = influence.len();
    let mut moves = vec![vec![0.0; n]; x.len()];
    for t in 0..n {
        let first = influence[t] / n as f64;
        moves[fixed][t] = first;
        let pull: Vec<f64> = others.iter().map(|k| scores[*k][t] - bend[[*k, fixed]] * first).collect();
        for (i, k) in others.iter().enumerate() {
            moves[*k][t] = (0..others.len()).map(|j| bread[[i, j]] * pull[j]).sum();
        }
    }
    Some(long_run(&moves))
}

/// `∂l_t/∂x_i` by coordinate and observation.
fn scores(x: &[f64], widths: &[f64], terms: &Terms<'_>) -> Option<Vec<Vec<f64>>> {
    (0..x.len())
        .map(|i| {
            let (up, down) = (terms(&moved(x, i, widths[i]))?, terms(&moved(x, i, -widths[i]))?);
            Some(up.iter().zip(&down).map(|(u, d)| (u - d) / (2.0 * widths[i])).collect())
        })
        .collect()
}

/// Sandwich and inverse information.
fn sandwich(x: &[f64], terms: &Terms<'_>) -> Option<[Array2<f64>; 2]> {
    let best = value(terms, x)?;
    let widths = widths(x, best, terms);
    let bread = inverse(&hessian(x, best, &widths, terms)?)?;
    let scores = scores(x, &widths, terms)?;
    let meat = long_run(&scores);
    Some([product(&product(&bread, &meat), &bread), bread])
}

/// Long-run variance of sums with Bartlett weights.
fn long_run(scores: &[Vec<f64>]) -> Array2<f64> {
    let n = scores.first().map_or(0, Vec::len);
    let lags = (4.0 * exp(2.0 / 9.0 * ln(n as f64 / 100.0))) as usize;
    Array2::from_shape_fn((scores.len(), scores.len()), |(i, j)| {
        let (a, b) = (&scores[i], &scores[j]);
        let at = |lag: usize| -> f64 {
            let ahead: f64 = a[lag..].iter().zip(b).map(|(x, y)| x * y).sum();
            if lag == 0 { ahead } else { ahead + b[lag..].iter().zip(a).map(|(x, y)| x * y).sum::<f64>() }
        };
        (0..=lags.min(n.saturating_sub(1))).map(|lag| (1.0 - lag as f64 / (lags + 1) as f64) * at(lag)).sum()
    })
}
