//! GJR-GARCH(1,1) with Student-t or normal innovations.
use crate::math::{exp, ln, norm_cdf};

use super::fit::{Fit, Model, Parts, assemble};
use super::gbm::HALF_LN_TWO_PI;
use super::law::{Law, N_SIMULATED, Noise};
use super::optimum::Optimum;
use super::returns::Returns;
use super::student;

const LEAST_NU: f64 = 2.05;
const MOST_NU: f64 = 200.0;

/// The recursion's parameters, per return.
#[derive(Debug, Clone, Copy)]
struct Point {
    mean: f64,
    long_run: f64,
    alpha: f64,
    beta: f64,
    gamma: f64,
    /// Absent: normal.
    nu: Option<f64>,
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

fn logit(p: f64) -> f64 {
    ln(p / (1.0 - p))
}

impl Point {
    /// Coordinates: ln σ̄, mean, logit of the persistence `α + β + γ/2` over its bound `most`, logit of the share `a = α + γ/2` of it, the
    /// asymmetry `h` in `α = a(1 − h)`, `γ = 2ah` through `h = 2·logistic − 1`, and `ln(ν − 2)`.
    fn of(most: f64, x: &[f64]) -> Self {
        let persistence = most * logistic(x[2]);
        let news = persistence * logistic(x[3]);
        let asymmetry = 2.0 * logistic(x[4]) - 1.0;
        Self {
            mean: x[1],
            long_run: exp(2.0 * x[0]),
            alpha: news * (1.0 - asymmetry),
            beta: persistence - news,
            gamma: 2.0 * news * asymmetry,
            nu: x.get(5).map(|x| 2.0 + exp(*x)),
        }
    }

    fn persistence(&self) -> f64 {
        self.alpha + self.beta + 0.5 * self.gamma
    }

    fn omega(&self) -> f64 {
        self.long_run * (1.0 - self.persistence())
    }

    fn next(&self, variance: f64, residual: f64) -> f64 {
        let news = if residual < 0.0 { self.alpha + self.gamma } else { self.alpha };
        self.omega() + news * residual * residual + self.beta * variance
    }

    /// Variances along the returns, and after the last one.
    fn variances(&self, returns: &Returns, first: f64) -> (Vec<f64>, f64) {
        let mut variance = first;
        let walk = returns.values.iter().zip(&returns.fresh).map(|(r, fresh)| {
            if *fresh {
                variance = first;
            }
            let now = variance;
            variance = self.next(now, r - self.mean);
            now
        });
        (walk.collect(), variance)
    }

    /// How each return moves the long-run variance that is the sample's: `Σ(e² − σ̄²)` in martingale differences,
    /// `(e_t² − h_t) + [(α + γ1)e_t² − (α + γ/2)h_t]/(1 − α − β − γ/2)`, of `ln σ̄`.
    fn influence(&self, returns: &Returns, variances: &[f64]) -> Vec<f64> {
        let one = |(r, h): (&f64, &f64)| {
            let e = r - self.mean;
            let news = if e < 0.0 { self.alpha + self.gamma } else { self.alpha };
            let shock = news * e * e - (self.alpha + 0.5 * self.gamma) * h;
            ((e * e - h) + shock / (1.0 - self.persistence())) / (2.0 * self.long_run)
        };
        returns.values.iter().zip(variances).map(one).collect()
    }

    fn simulated(&self) -> Law {
        let (mut noise, mut variance) = (Noise::new(), self.long_run);
        let (mut states, mut path) = (Vec::new(), Vec::new());
        for step in 0..N_SIMULATED + 2000 {
            let z = match self.nu {
                Some(nu) => noise.student(nu),
                None => noise.normals().0,
            };
            let residual = variance.sqrt() * z;
            if step >= 2000 {
                states.push((self.mean, variance.sqrt()));
                path.push(self.mean + residual);
            }
            variance = self.next(variance, residual);
        }
        Law { excess_kurtosis: self.kurtosis(), ..Law::visited(&states, self.nu, path) }
    }

    /// `E e⁴ / (E e²)² − 3`, infinite (absent) where `E h²` is: with `k = E z⁴`, `E(a z² + β)²` the factor of `h²`.
    fn kurtosis(&self) -> Option<f64> {
        let k = match self.nu {
            Some(nu) if nu <= 4.0 => return None,
            Some(nu) => 3.0 * (nu - 2.0) / (nu - 4.0),
            None => 3.0,
        };
        let (down, up) = (self.alpha + self.gamma, self.alpha);
        let p = self.persistence();
        let factor = 0.5 * k * (up * up + down * down) + self.beta * (up + down) + self.beta * self.beta;
        (factor < 1.0).then(|| k * (1.0 - p * p) / (1.0 - factor) - 3.0)
    }
}

/// Largest persistence of a fit: a shock that outlasts the sample cannot be told from one that lasts forever, under which
/// there is no long-run volatility to simulate with.
fn most_persistent(returns: &Returns) -> f64 {
    1.0 - 1.0 / returns.len() as f64
}

fn terms(returns: &Returns, first: f64, x: &[f64]) -> Option<Vec<f64>> {
    let point = Point::of(most_persistent(returns), x);
    if point.nu.is_some_and(|nu| !(LEAST_NU..=MOST_NU).contains(&nu)) {
        return None;
    }
    let constant = point.nu.map_or(-HALF_LN_TWO_PI, student::ln_constant);
    let (variances, _) = point.variances(returns, first);
    let term = |(r, h): (&f64, &f64)| {
        let z = (r - point.mean) / h.sqrt();
        point.nu.map_or_else(|| constant - 0.5 * z * z, |nu| student::ln_density(z, nu, constant))
            - 0.5 * ln(*h)
    };
    Some(returns.values.iter().zip(&variances).map(term).collect())
}

/// `h_{t+1} = ω + (α + γ 1{e_t < 0}) e_t² + β h_t`, `e_t = √h_t z_t`, by (quasi-)maximum likelihood with the long-run
/// variance at the sample's, `ω = σ̄²(1 − α − β − γ/2)`.
///
/// Without that target a persistence near 1 leaves the long-run volatility, which a simulation needs most, free to run
/// off. Student-t and normal innovations are both fitted; the smaller BIC stands. The variance starts at the sample's.
/// Sources: L. Glosten, R. Jagannathan and D. Runkle (1993), Journal of Finance 48, model 2; T. Bollerslev (1987),
/// Review of Economics and Statistics 69, eq. 1 (t law); R. Engle and J. Mezrich (1996), Risk 9 (target); C. Francq,
/// L. Horváth and J.-M. Zakoïan (2011), Journal of Financial Econometrics 9 (its errors).
pub(super) fn fit(returns: &Returns) -> Result<Fit, String> {
    let (mean, variance) = returns.moments();
    let own = |x: &[f64]| terms(returns, variance, x);
    let target = 0.5 * ln(variance);
    let climb = |start: &[f64], step: &[f64]| {
        let whole = |x: &[f64]| [&[target], x].concat();
        let found = Optimum::climb(start, step, &|x: &[f64]| own(&whole(x)))?;
        Ok::<Optimum, String>(Optimum { x: whole(&found.x), ..found })
    };
    let start = [mean, logit(0.97), logit(0.09), 0.0, ln(3.0)];
    let step = [0.05 * variance.sqrt(), 0.5, 0.5, 0.3, 0.4];
    let student = climb(&start, &step)?;
    let normal = climb(&start[..4], &step[..4])?;
    let penalty = ln(returns.len() as f64);
    let fat = 2.0 * (student.log_likelihood - normal.log_likelihood) > penalty;
    let optimum = if fat { student } else { normal };
    let most = most_persistent(returns);
    let point = Point::of(most, &optimum.x);
    let (variances, last) = point.variances(returns, variance);
    // a memory of half the sample and more: the likelihood has hardly a bend there
    let at_bound = 1.0 - point.persistence() < 2.0 * (1.0 - most);
    let optimum = if at_bound {
        optimum
    } else {
        optimum.with_two_steps(0, &point.influence(returns, &variances), &own)
    };
    let transforms: Vec<f64> = returns
        .values
        .iter()
        .zip(&variances)
        .map(|(r, h)| {
            let z = (r - point.mean) / h.sqrt();
            point.nu.map_or_else(|| norm_cdf(z), |nu| student::cdf(z, nu))
        })
        .collect();
    let years = returns.spacing.years;
    let notes = notes(&point, last, years);
    let keys = [
        ("drift", "1/year"),
        ("long_run_volatility", "1/√year"),
        ("alpha", ""),
        ("beta", ""),
        ("gamma", ""),
        ("nu", ""),
        ("persistence", ""),
    ];
    let keys: Vec<(&str, &str)> = keys.into_iter().filter(|(key, _)| fat || *key != "nu").collect();
    let mut fit = assemble(
        returns,
        Parts {
            model: Model::Garch,
            optimum: &optimum,
            keys: &keys,
            outputs: &|x| {
                let p = Point::of(most, x);
                let variance = p.long_run / years;
                let mut out =
                    vec![p.mean / years + 0.5 * variance, variance.sqrt(), p.alpha, p.beta, p.gamma];
                out.extend(p.nu);
                out.push(p.persistence());
                out
            },
            transforms: &transforms,
            law: point.simulated(),
            notes,
        },
    );
    if point.alpha < 1e-6 {
        fit.notes.push("alpha stands at its bound of 0, where it has no error".into());
        fit.parameters.iter_mut().filter(|p| p.key == "alpha").for_each(|p| p.se = None);
    }
    if at_bound {
        fit.no_errors = Some(format!(
            "shocks last as long as these {} returns: the persistence stands at its bound, where the likelihood has no bend",
            returns.len()
        ));
    }
    Ok(fit)
}

fn notes(point: &Point, last: f64, years: f64) -> Vec<String> {
    let mut notes = vec![format!("volatility after the last return: {:.1} %", 100.0 * (last / years).sqrt())];
    if point.persistence() > 0.995 {
        notes.push(format!(
            "persistence {:.4}: shocks outlast years, and the long-run volatility is the sample's for want of a better",
            point.persistence()
        ));
    }
    match point.nu {
        Some(nu) if nu <= 4.0 => {
            notes.push(format!("ν = {nu:.2}: the fourth moment is infinite, so the model has no kurtosis and the error of the \
                 long-run volatility is a lower bound"));
        }
        None => notes.push("normal innovations: a t law did not lower BIC".into()),
        Some(_) => {}
    }
    if point.nu.is_none_or(|nu| nu > 4.0) && point.kurtosis().is_none_or(|kurtosis| kurtosis > 12.0) {
        notes.push(
            "the kurtosis is near infinite: the error of the long-run volatility is a lower bound".into(),
        );
    }
    notes
}
