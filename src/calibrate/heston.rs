//! Heston's model: an approximate likelihood by a filter of the variance on a grid.
use std::cell::RefCell;
use std::f64::consts::FRAC_2_PI;

use statrs::function::gamma::ln_gamma;

use crate::math::{exp, ln, norm_cdf};
use crate::stats::BlockBootstrap;

use super::fit::{Fit, Model, Parts, assemble};
use super::goodness::{absolutes, autocorrelation, excess_kurtosis};
use super::law::{Law, N_SIMULATED, Noise};
use super::optimum::Optimum;
use super::returns::Returns;
use super::transition::{Grid, Moves, Point, moves};

const INVERSE_SQRT_TWO_PI: f64 = 0.398_942_280_401_432_7;
/// Daily returns below this many do not tell mean reversion from volatility of variance.
const FEWEST_DAYS: usize = 400;
/// Lags, in returns, of the autocorrelations that the decay is read from.
const LAGS: usize = 40;
/// Beyond this the third moments say nothing but that they are not Heston's.
const MOST_CORRELATION: f64 = 0.9;
/// Terms of the expansion of the covariance of `√v`.
const TERMS: usize = 25;
/// Steps within one return on the simulated path.
const SUBSTEPS: usize = 8;

/// What the filter hands to whoever watches: chances before the return, and the return.
type Watch<'a> = dyn FnMut(&[f64], f64) + 'a;

/// Log densities of the returns; the last chances of the nodes.
fn filter(returns: &Returns, moves: &Moves, watch: &mut Watch<'_>) -> (Vec<f64>, Vec<f64>) {
    let n = moves.stationary.len();
    let (mut now, mut next) = (moves.stationary.clone(), vec![0.0; n]);
    let mut terms = Vec::with_capacity(returns.len());
    for (r, fresh) in returns.values.iter().zip(&returns.fresh) {
        if *fresh {
            now.copy_from_slice(&moves.stationary);
        }
        watch(&now, *r);
        next.fill(0.0);
        for (weight, row) in now.iter().zip(&moves.rows) {
            if *weight < 1e-11 {
                continue;
            }
            let into = &mut next[row.first..row.first + row.chance.len()];
            for j in 0..into.len() {
                let z = (r - row.mean[j]) * row.inverse_std[j];
                into[j] += weight * row.chance[j] * row.inverse_std[j] * exp(-0.5 * z * z);
            }
        }
        let density: f64 = next.iter().sum::<f64>().max(1e-300);
        for (now, next) in now.iter_mut().zip(&next) {
            *now = next / density;
        }
        terms.push(ln(density * INVERSE_SQRT_TWO_PI));
    }
    (terms, now)
}

/// `d ln S = (μ − v/2)dt + √v dW`, `dv = κ(θ − v)dt + ξ√v dW_v`, by moments that fat tails do not spoil.
///
/// | figure | from |
/// |---|---|
/// | θ | `E r² = θΔ` |
/// | `a = 2κθ/ξ²` | `(E|r|)²/E r² = (2/π)·Γ(a + ½)²/(Γ(a)² a)`: v is gamma distributed, `|r| ≈ √(vΔ)|Z|` |
/// | κ | shape of `corr(|r_t|, |r_{t+l}|) ∝ Σ_k ((−½)_k)²/((a)_k k!) e^{−kκlΔ}`, lags 1 … 40, its height left free |
/// | ρ | `E r_t r²_{t+l} = ρξθ((1 − e^{−κΔ})/κ)² e^{−κ(l−1)Δ}`, the same lags |
///
/// The height is left free because the tails of real returns are partly jumps, which lower it. Errors by a circular
/// block bootstrap of the products, blocks of a twelfth of the sample. The likelihood, and the residuals, are those of
/// these parameters by a filter on a grid of variances; no search maximises it.
///
/// Sources: J. Cox, J. Ingersoll and S. Ross (1985), Econometrica 53 (stationary gamma law); S. Das and R. Sundaram
/// (1999), Journal of Financial and Quantitative Analysis 34 (moments of returns under Heston); T. Bollerslev and H. Zhou
/// (2002), Journal of Econometrics 109 (matching them); G. Kitagawa (1987), Journal of the American Statistical
/// Association 82 (filter). Returns shorter than a day are summed to days.
pub(super) fn fit(returns: &Returns) -> Result<Fit, String> {
    let summed = daily(returns)?;
    let returns = summed.as_ref().unwrap_or(returns);
    let years = returns.spacing.years;
    let moments = Moments::of(returns);
    let whole: Vec<usize> = (0..moments.n).collect();
    let [theta, shape, kappa, rho] = moments.solve(&whole, years)?;
    let growth = returns.moments().0 / years;
    let at = Point {
        mean_reversion: kappa,
        long_run_variance: theta,
        vol_of_vol: (2.0 * kappa * theta / shape).sqrt(),
        correlation: rho,
        growth,
    };
    let grid = Grid::around(&at, years);
    let moves = moves(&at, &grid, years);
    let mut transforms = Vec::with_capacity(returns.len());
    let mut watch = |now: &[f64], r: f64| transforms.push(transform(now, r, &moves));
    let (terms, last) = filter(returns, &moves, &mut watch);
    let last: f64 = last.iter().enumerate().map(|(node, chance)| chance * grid.variance(node)).sum();
    let x = vec![growth, theta, shape, kappa, rho];
    let optimum = Optimum { x, log_likelihood: terms.iter().sum(), covariances: Vec::new() };
    let figures = |x: &[f64]| {
        let (theta, shape, kappa) = (x[1], x[2], x[3]);
        vec![x[0] + 0.5 * theta, last, theta, kappa, (2.0 * kappa * theta / shape).sqrt(), x[4], shape]
    };
    let errors = moments.errors(years, &|x: [f64; 4]| figures(&[growth, x[0], x[1], x[2], x[3]]));
    let mut fit = assemble(
        returns,
        Parts {
            model: Model::Heston,
            optimum: &optimum,
            keys: &[
                ("drift", "1/year"),
                ("initial_variance", "1/year"),
                ("long_run_variance", "1/year"),
                ("mean_reversion", "1/year"),
                ("vol_of_vol", "1/year"),
                ("correlation", ""),
                ("feller_ratio", ""),
            ],
            outputs: &figures,
            transforms: &transforms,
            law: simulated(&at, years),
            notes: notes(&at, summed.is_some()),
        },
    );
    match errors {
        Ok(errors) => {
            fit.no_errors = None;
            for (parameter, se) in fit.parameters.iter_mut().zip(errors) {
                parameter.se = Some(se).filter(|_| parameter.key != "initial_variance");
            }
            if let Some(drift) = fit.parameters.first_mut() {
                drift.se = Some((returns.moments().1 / returns.len() as f64).sqrt() / years);
            }
        }
        Err(why) => fit.no_errors = Some(why),
    }
    let first = autocorrelation(&absolutes(&returns.values), 1).first().copied().unwrap_or(0.0);
    let model = fit.goodness.clustering.first().copied().unwrap_or(0.0);
    if model > first + 0.05 {
        fit.notes.push(format!(
            "its clustering begins at {model:.2}, the data's at {first:.2}: a part of the tails is jumps"
        ));
    }
    fit.summed = summed;
    Ok(fit)
}

/// Products of each return with later ones, row by row.
struct Moments {
    n: usize,
    /// `r²`, `|r|`, then by lag `|r||r'|` and `r r'²`; NaN where a gap lies between.
    rows: Vec<Vec<f64>>,
}

impl Moments {
    fn of(returns: &Returns) -> Self {
        let mean = returns.moments().0;
        let r: Vec<f64> = returns.values.iter().map(|r| r - mean).collect();
        let n = r.len();
        // how many returns follow without a gap
        let mut reach = vec![0_usize; n];
        for t in (0..n.saturating_sub(1)).rev() {
            reach[t] = if returns.fresh[t + 1] { 0 } else { reach[t + 1] + 1 };
        }
        let row = |t: usize| {
            let mut row = vec![r[t] * r[t], r[t].abs()];
            for lag in 1..=LAGS {
                let later = if lag <= reach[t] { r[t + lag] } else { f64::NAN };
                row.extend([r[t].abs() * later.abs(), r[t] * later * later]);
            }
            row
        };
        Self { n, rows: (0..n).map(row).collect() }
    }

    /// θ, a, κ and ρ of the rows named.
    fn solve(&self, rows: &[usize], years: f64) -> Result<[f64; 4], String> {
        let width = 2 + 2 * LAGS;
        let (mut sums, mut counts) = (vec![0.0; width], vec![0.0_f64; width]);
        for t in rows {
            for (k, value) in self.rows[*t].iter().enumerate() {
                if value.is_finite() {
                    sums[k] += value;
                    counts[k] += 1.0;
                }
            }
        }
        let mean: Vec<f64> = sums.iter().zip(&counts).map(|(sum, n)| sum / n.max(1.0)).collect();
        let theta = mean[0] / years;
        let shape = shape(mean[1] * mean[1] / mean[0])
            .ok_or("the returns have no fatter tails than the normal law")?;
        let variance = mean[0] - mean[1] * mean[1];
        let clustering: Vec<f64> =
            (0..LAGS).map(|l| (mean[2 + 2 * l] - mean[1] * mean[1]) / variance).collect();
        let kappa = decay(&clustering, shape, years).ok_or(
            "the autocorrelation of |returns| does not fall off within forty returns, or is not there: no mean \
             reversion can be read from it",
        )?;
        let xi = (2.0 * kappa * theta / shape).sqrt();
        let once = (1.0 - exp(-kappa * years)) / kappa;
        let model = |l: usize| xi * theta * once * once * exp(-kappa * l as f64 * years);
        let (mut up, mut down) = (0.0, 0.0);
        for l in 0..LAGS {
            up += model(l) * mean[3 + 2 * l];
            down += model(l) * model(l);
        }
        Ok([theta, shape, kappa, (up / down).clamp(-MOST_CORRELATION, MOST_CORRELATION)])
    }

    /// Standard errors of the figures.
    fn errors(&self, years: f64, figures: &dyn Fn([f64; 4]) -> Vec<f64>) -> Result<Vec<f64>, String> {
        let bootstrap = BlockBootstrap { block: (self.n / 12).max(1), replicates: 200, seed: 1 };
        let drawn = RefCell::new(Vec::new());
        let estimate = bootstrap.estimate(self.n, |rows| {
            let solved = self.solve(rows, years).ok();
            drawn.borrow_mut().extend(solved.map(figures));
            // a history that cannot be solved is left out, not the end
            Some(solved.map_or(0.0, |x| x[0]))
        });
        let drawn = drawn.into_inner();
        let resampled = drawn.get(1..).unwrap_or_default();
        if estimate.se.is_none() || resampled.len() < 150 {
            return Err(format!(
                "{} of 200 resampled histories could be fitted: too few for errors",
                resampled.len()
            ));
        }
        let n = resampled.len() as f64;
        let se = |k: usize| {
            let mean = resampled.iter().map(|figures| figures[k]).sum::<f64>() / n;
            (resampled.iter().map(|f| (f[k] - mean) * (f[k] - mean)).sum::<f64>() / (n - 1.0)).sqrt()
        };
        Ok((0..resampled[0].len()).map(se).collect())
    }
}

/// The gamma law's shape at which `(E|r|)²/E r²` has that value.
fn shape(ratio: f64) -> Option<f64> {
    let of = |a: f64| FRAC_2_PI * exp(2.0 * (ln_gamma(a + 0.5) - ln_gamma(a))) / a;
    let (mut low, mut high) = (0.02_f64, 200.0_f64);
    if !(of(low) < ratio && ratio < of(high)) {
        return None;
    }
    for _ in 0..80 {
        let middle = (low * high).sqrt();
        if of(middle) < ratio { low = middle } else { high = middle }
    }
    Some((low * high).sqrt())
}

/// The κ whose shape of decay comes nearest in least squares, its height free; absent at the ends of the range.
fn decay(clustering: &[f64], shape: f64, years: f64) -> Option<f64> {
    let mut weights = Vec::with_capacity(TERMS);
    let mut weight = 1.0;
    for k in 1..=TERMS {
        let k = k as f64;
        weight *= (k - 1.5) * (k - 1.5) / ((shape + k - 1.0) * k);
        weights.push(weight);
    }
    // what is left of the squares after the best height, for a decay of e^u per year
    let explained = |u: f64| {
        let (mut cross, mut square) = (0.0, 0.0);
        for (l, value) in clustering.iter().enumerate() {
            let once = exp(-exp(u) * (l + 1) as f64 * years);
            let mut power = 1.0;
            let model: f64 = weights
                .iter()
                .map(|weight| {
                    power *= once;
                    weight * power
                })
                .sum();
            cross += model * value;
            square += model * model;
        }
        if cross > 0.0 { cross * cross / square } else { 0.0 }
    };
    let (low, high) = (ln(0.1 / (LAGS as f64 * years)), ln(3.0 / years));
    let at = |i: usize| low + (high - low) * i as f64 / 80.0;
    let best = (0..=80).max_by(|a, b| explained(at(*a)).total_cmp(&explained(at(*b))))?;
    if best == 0 || best == 80 {
        return None;
    }
    let (mut left, mut right) = (at(best - 1), at(best + 1));
    for _ in 0..60 {
        let third = (right - left) / 3.0;
        if explained(left + third) < explained(right - third) { left += third } else { right -= third }
    }
    Some(exp(0.5 * (left + right)))
}

/// The returns summed to days where they are shorter.
fn daily(returns: &Returns) -> Result<Option<Returns>, String> {
    let days = returns.spacing.days;
    if days > 7.5 {
        return Err(format!(
            "returns of {days:.0} days are too long for it: the variance moves on within them"
        ));
    }
    let k = (1.0 / days).round();
    let summed = if days > 0.75 {
        None
    } else if (k * days - 1.0).abs() < 1e-9 {
        Some(returns.summed(k as usize))
    } else {
        return Err("its interval is no whole part of a day, and it is fitted to days".into());
    };
    let n = summed.as_ref().map_or(returns.len(), Returns::len);
    if n < FEWEST_DAYS {
        return Err(format!("{n} daily returns are too few: it needs {FEWEST_DAYS}"));
    }
    Ok(summed)
}

fn transform(now: &[f64], r: f64, moves: &Moves) -> f64 {
    let of = |row: &super::transition::Row| -> f64 {
        (0..row.chance.len()).map(|j| row.chance[j] * norm_cdf((r - row.mean[j]) * row.inverse_std[j])).sum()
    };
    let likely = now.iter().zip(&moves.rows).filter(|(weight, _)| **weight > 1e-11);
    likely.map(|(weight, row)| weight * of(row)).sum()
}

/// A long path by Euler's scheme with full truncation (R. Lord, R. Koekkoek and D. van Dijk, 2010, Quantitative
/// Finance 10).
fn simulated(at: &Point, years: f64) -> Law {
    let Point { mean_reversion: kappa, long_run_variance: theta, vol_of_vol: xi, correlation: rho, growth } =
        *at;
    let dt = years / SUBSTEPS as f64;
    let (mut noise, mut v) = (Noise::new(), theta);
    let (mut states, mut path) = (Vec::new(), Vec::new());
    for step in 0..N_SIMULATED + 2000 {
        let (mut integral, mut shocks) = (0.0, 0.0);
        for _ in 0..SUBSTEPS {
            let now = f64::max(v, 0.0);
            let dw = (now * dt).sqrt() * noise.normals().0;
            integral += now * dt;
            shocks += dw;
            v += kappa * (theta - now) * dt + xi * dw;
        }
        let integral = integral.max(1e-5 * theta * years);
        let mean = (growth + 0.5 * theta) * years - 0.5 * integral + rho * shocks;
        let std = ((1.0 - rho * rho) * integral).sqrt();
        if step >= 2000 {
            states.push((mean, std));
            path.push(mean + std * noise.normals().0);
        }
    }
    let excess_kurtosis = Some(excess_kurtosis(&path));
    Law { excess_kurtosis, ..Law::visited(&states, None, path) }
}

fn notes(at: &Point, summed: bool) -> Vec<String> {
    let mut notes =
        vec!["fitted to moments: the likelihood is that of these parameters, not the largest".to_owned()];
    if summed {
        notes.push("fitted to daily sums of the returns: its likelihood compares with no other here".into());
    }
    if 2.0 * at.mean_reversion * at.long_run_variance < at.vol_of_vol * at.vol_of_vol {
        notes.push("the Feller condition is violated: the variance touches zero, as it may".into());
    }
    if at.correlation.abs() >= MOST_CORRELATION {
        notes.push(format!(
            "the correlation stands at the bound of ±{MOST_CORRELATION}: the leverage of these returns is none of Heston's"
        ));
    }
    if at.mean_reversion > 100.0 {
        notes.push(format!(
            "variance returns within {:.1} days: it stands in for jumps, not for volatility",
            365.0 / at.mean_reversion
        ));
    }
    notes
}
