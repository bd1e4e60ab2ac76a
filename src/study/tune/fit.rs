//! A parabola through a few points on common random numbers: its least point and that one's error.
use crate::stats::{ErrorLaw, Estimate};

use super::super::compare::Windows;
use super::super::objective::{Sample, error_law};

/// Least point of a parabola.
#[derive(Debug, Clone, PartialEq)]
pub struct Vertex {
    /// The value of the parameter there.
    pub x: f64,
    /// The same with its error and interval, by the influence of every path on the parabola.
    pub estimate: Estimate,
}

/// Least squares of `y = a + b·u + c·u²` over at least four places u; the least point is `−b/2c`.
///
/// It is a smooth function of the y, so a path moves it by `Σ_k ∂u*/∂y_k · IF_k(path)`; the standard error is that of the
/// mean of these. The interval is carried over to the parameter end by end. None where the parabola opens downwards, where its
/// curvature cannot be told from zero, or where its least point or half of its interval lies outside the points.
pub fn vertex(
    points: &[(f64, &Sample)],
    windows: Option<Windows>,
    at: impl Fn(f64) -> f64,
) -> Option<Vertex> {
    let reach = points.iter().map(|(u, _)| u.abs()).fold(0.0, f64::max);
    if points.len() < 4 || reach == 0.0 {
        return None;
    }
    let places: Vec<f64> = points.iter().map(|(u, _)| u / reach).collect();
    let rows = coefficients(&places)?;
    let of = |row: &[f64]| row.iter().zip(points).map(|(r, (_, sample))| r * sample.value).sum::<f64>();
    let (slope, curvature) = (of(&rows[0]), of(&rows[1]));
    let mix = |weights: &[f64]| {
        let n = points[0].1.influence.len();
        let mut sum = vec![0.0; n];
        for (weight, (_, sample)) in weights.iter().zip(points) {
            sum.iter_mut().zip(&sample.influence).for_each(|(sum, x)| *sum += weight * x);
        }
        error_law(&sum, points[0].1.units, windows)
    };
    let above = |law: ErrorLaw| law.estimate(curvature).ci.is_some_and(|[low, _]| low > 0.0);
    let known = mix(&rows[1]).is_none_or(above);
    if !(curvature > 0.0 && known) {
        return None;
    }
    let least = -0.5 * slope / curvature;
    let (low, high) =
        places.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), u| (low.min(*u), high.max(*u)));
    if !(low..=high).contains(&least) {
        return None;
    }
    let gradient: Vec<f64> =
        rows[0].iter().zip(&rows[1]).map(|(b, c)| -0.5 * b / curvature - least * c / curvature).collect();
    let x = at(least * reach);
    let estimate = match mix(&gradient) {
        Some(law) => {
            let [low, high] = law.bounds(0.05);
            // noise as wide as the points themselves
            if (high - low) * law.se > 2.0 {
                return None;
            }
            let ends = [high, low].map(|bound| at((least - bound * law.se) * reach));
            // the error in the parameter itself, from its interval
            Estimate::with_interval(x, (ends[1] - ends[0]) / (high - low), ends)
        }
        None => {
            Estimate::without_interval(x, "an error needs two paths, and ten blocks of windows of a history")
        }
    };
    Some(Vertex { x, estimate })
}

/// What every y adds to slope and curvature: two rows of `(X'X)⁻¹X'`, X having the columns 1, u, u².
fn coefficients(places: &[f64]) -> Option<[Vec<f64>; 2]> {
    let n = places.len() as f64;
    let sum = |power: i32| places.iter().map(|u| u.powi(power)).sum::<f64>();
    let (s1, s2, s3, s4) = (sum(1), sum(2), sum(3), sum(4));
    // by cofactors of the symmetric matrix of moments
    let determinant = n * (s2 * s4 - s3 * s3) - s1 * (s1 * s4 - s2 * s3) + s2 * (s1 * s3 - s2 * s2);
    if determinant.abs() <= 1e-9 * n * s2 * s4 {
        return None;
    }
    let slope = [s2 * s3 - s1 * s4, n * s4 - s2 * s2, s1 * s2 - n * s3];
    let curvature = [s1 * s3 - s2 * s2, s1 * s2 - n * s3, n * s2 - s1 * s1];
    let row = |c: [f64; 3]| places.iter().map(|u| (c[0] + c[1] * u + c[2] * u * u) / determinant).collect();
    Some([row(slope), row(curvature)])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Units;

    #[test]
    fn a_parabola_is_found_with_the_error_of_its_least_point() {
        // y = 2 + 3(u − 0.2)², each point with noise of its own: s = 1 by construction
        let places = [-1.0, -0.5, 0.0, 0.4, 1.0];
        let n = 512;
        // rows of a Hadamard matrix are orthogonal: independent noise of variance 1
        let noise = |k: usize| {
            (0..n).map(move |i: usize| if ((k + 1) & i).count_ones().is_multiple_of(2) { 1.0 } else { -1.0 })
        };
        let samples: Vec<Sample> = places
            .iter()
            .enumerate()
            .map(|(k, u)| Sample {
                value: 2.0 + 3.0 * (u - 0.2) * (u - 0.2),
                influence: noise(k).collect(),
                units: Units::Paths,
            })
            .collect();
        let points: Vec<(f64, &Sample)> = places.iter().copied().zip(&samples).collect();
        let found = vertex(&points, None, |u| 10.0 * u).expect("a parabola");
        assert!((found.x - 2.0).abs() < 1e-12);
        // by moving every y a little
        let moved = |k: usize, by: f64| {
            let mut samples = samples.clone();
            samples[k].value += by;
            let points: Vec<(f64, &Sample)> = places.iter().copied().zip(&samples).collect();
            vertex(&points, None, |u| 10.0 * u).map_or(f64::NAN, |found| found.x)
        };
        let slopes: Vec<f64> = (0..5).map(|k| (moved(k, 1e-5) - moved(k, -1e-5)) / 2e-5).collect();
        let variance = slopes.iter().map(|s| s * s).sum::<f64>() / (n - 1) as f64;
        let se = found.estimate.se.expect("an error");
        assert!((se / variance.sqrt() - 1.0).abs() < 1e-6, "{se} {}", variance.sqrt());
    }

    #[test]
    fn what_has_no_least_point_has_none() {
        let quiet = |value: f64| Sample { value, influence: vec![0.0; 8], units: Units::Paths };
        let of = |curve: fn(f64) -> f64, noise: f64| {
            let samples: Vec<Sample> = (0..5)
                .map(|k| {
                    let u = f64::from(k) - 2.0;
                    let influence = (0..8).map(|i| if (i + k) % 2 == 0 { noise } else { -noise }).collect();
                    Sample { influence, ..quiet(curve(u)) }
                })
                .collect();
            let points: Vec<(f64, &Sample)> =
                samples.iter().zip(-2..).map(|(s, u)| (f64::from(u), s)).collect();
            vertex(&points, None, |u| u)
        };
        assert!(of(|u| u * u, 0.0).is_some());
        assert!(of(|u| -u * u, 0.0).is_none(), "it opens downwards");
        assert!(of(|u| u * u + 100.0 * u, 0.0).is_none(), "its least point lies outside");
        assert!(of(|u| 1e-3 * u * u, 50.0).is_none(), "its curvature is noise");
    }
}
