//! Estimators and random numbers: the errors of tail figures, the normal sampler, the coverage of intervals.
use super::setting::{Measured, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::engine::{Execution, RunError, ordered_map};
use crate::math::{B, Lanes, norm_cdf, norm_inv, norm_pdf};
use crate::rng::{Purpose, Stream, normal_quad};
use crate::stats::{Estimate, Moments, cvar_estimate, mean_difference, sorted, var_estimate};

/// Level of the tail figures.
const A: f64 = 0.99;
/// Outcomes of a sample of S1 to S3.
const N: u32 = 1000;
const REPEATS: u64 = 8192;
const QUANTILE: &str = "asymptotic law of an order statistic";
const TAIL: &str = "Hong and Liu (2009), Management Science 55; Acerbi and Tasche (2002)";
const SAMPLER: &str = "moments of the normal law";

const fn check(
    id: &'static str,
    what: &'static str,
    formula: &'static str,
    theory: fn() -> f64,
    tolerance: Tolerance,
    source: &'static str,
) -> Check {
    Check { id, what, formula, theory, tolerance, source }
}

pub(super) const EXPERIMENTS: &[Experiment] = &[
    Experiment {
        checks: &[
            check(
                "S1",
                "SE of VaR 99 % of 1000 normal losses",
                "√(a(1 − a)/n)/φ(q)",
                var_error,
                Tolerance::Share(0.05),
                QUANTILE,
            ),
            check(
                "S2",
                "SE of CVaR 99 % of 1000 normal losses",
                "√((Var(L|L>VaR) + a(CVaR − VaR)²)/(n(1 − a)))",
                cvar_error,
                Tolerance::Share(0.05),
                TAIL,
            ),
            check("S3a", "bias of VaR 99 %, same", "about −0.02", || -0.02, Tolerance::Told, QUANTILE),
            check("S3b", "bias of CVaR 99 %, same", "about −0.02", || -0.02, Tolerance::Told, TAIL),
        ],
        quick: true,
        setting: Setting::Direct { how: "the estimators on the engine's normal numbers", measure: tails },
    },
    Experiment {
        checks: &[
            check(
                "S4",
                "P(|z| > 4) of the normal sampler",
                "2Φ(−4)",
                || 2.0 * norm_cdf(-4.0),
                Tolerance::Errors(4.0),
                SAMPLER,
            ),
            check("S5a", "its variance", "1", || 1.0, Tolerance::Errors(4.0), SAMPLER),
            check("S5b", "its kurtosis", "3", || 3.0, Tolerance::Errors(4.0), SAMPLER),
        ],
        quick: true,
        setting: Setting::Direct { how: "the engine's normal numbers, 8 388 608 of them", measure: sampler },
    },
    Experiment {
        checks: &[
            covers("S6a", "coverage of the 95 % interval of the mean", 0.97),
            covers("S6b", "same, standard deviation", 0.97),
            covers("S6c", "same, VaR 95 % (exact: may cover more)", 0.98),
            covers("S6d", "same, CVaR 95 %", 0.97),
            covers("S6e", "same, difference of two means on the same paths", 0.97),
        ],
        quick: false,
        setting: Setting::Direct {
            how: "4096 samples of 4000 normal losses through the estimators",
            measure: coverage,
        },
    },
];

const fn covers(id: &'static str, what: &'static str, most: f64) -> Check {
    check(id, what, "95 %", || 0.95, Tolerance::Between(0.93, most), "definition of an interval")
}

fn var_error() -> f64 {
    (A * (1.0 - A) / f64::from(N)).sqrt() / norm_pdf(norm_inv(A))
}

fn cvar() -> f64 {
    norm_pdf(norm_inv(A)) / (1.0 - A)
}

fn cvar_error() -> f64 {
    let (var, cvar) = (norm_inv(A), cvar());
    let within = 1.0 + var * cvar - cvar * cvar;
    ((within + A * (cvar - var) * (cvar - var)) / (f64::from(N) * (1.0 - A))).sqrt()
}

/// Standard normals of one sample; `which` tells samples of the same seed apart.
fn normals(seed: u64, which: u64, n: usize) -> Vec<f64> {
    let stream = Stream::new(Purpose::Price, 2);
    let mut values = Vec::with_capacity(n + 4 * B);
    let mut four = [Lanes::ZERO; 4];
    let mut quad = 0;
    while values.len() < n {
        normal_quad(seed, stream, which * B as u64, quad, &mut four);
        for lanes in &four {
            values.extend_from_slice(&lanes[..]);
        }
        quad += 1;
    }
    values.truncate(n);
    values
}

fn tails(execution: &Execution) -> Result<Vec<Measured>, RunError> {
    let found = ordered_map(execution.threads, REPEATS, |repeat| {
        // losses are minus outcomes
        let outcomes = sorted(&normals(41, repeat, N as usize));
        let value = |estimate: Estimate| estimate.value.unwrap_or(f64::NAN);
        (value(var_estimate(&outcomes, A)), value(cvar_estimate(&outcomes, A)))
    })?;
    let (vars, cvars): (Vec<f64>, Vec<f64>) = found.into_iter().unzip();
    let spread = |values: &[f64]| Measured::of(&Moments::from_slice(values).std_estimate());
    let bias = |values: &[f64], truth: f64| {
        let mean = Measured::mean(values);
        Measured { value: mean.value - truth, ..mean }
    };
    Ok(vec![spread(&vars), spread(&cvars), bias(&vars, norm_inv(A)), bias(&cvars, cvar())])
}

fn sampler(execution: &Execution) -> Result<Vec<Measured>, RunError> {
    const SAMPLES: u64 = 128;
    const EACH: usize = 65_536;
    let sums = ordered_map(execution.threads, SAMPLES, |which| {
        normals(43, which, EACH).iter().fold([0.0; 3], |[beyond, square, fourth], z| {
            let z2 = z * z;
            [beyond + if z.abs() > 4.0 { 1.0 } else { 0.0 }, square + z2, fourth + z2 * z2]
        })
    })?;
    let n = SAMPLES as f64 * EACH as f64;
    let mean = |k: usize| sums.iter().map(|sums| sums[k]).sum::<f64>() / n;
    let (beyond, variance) = (2.0 * norm_cdf(-4.0), mean(1));
    Ok(vec![
        Measured { value: mean(0), se: (beyond * (1.0 - beyond) / n).sqrt() },
        Measured { value: variance, se: (2.0 / n).sqrt() },
        Measured { value: mean(2) / (variance * variance), se: (24.0 / n).sqrt() },
    ])
}

fn coverage(execution: &Execution) -> Result<Vec<Measured>, RunError> {
    const SAMPLES: u64 = 4096;
    let level = 0.95;
    let tail = norm_inv(level);
    let covered = ordered_map(execution.threads, SAMPLES, |which| {
        let outcomes = normals(47, which, 8000);
        let (x, noise) = outcomes.split_at(4000);
        // the same paths under a policy that adds noise
        let other: Vec<f64> = x.iter().zip(noise).map(|(x, z)| 0.5f64.mul_add(*z, *x)).collect();
        let ascending = sorted(x);
        let moments = Moments::from_slice(x);
        let holds = |estimate: Estimate, truth: f64| {
            let inside = estimate.ci.is_some_and(|[low, high]| (low..=high).contains(&truth));
            if inside { 1.0 } else { 0.0 }
        };
        [
            holds(moments.mean_estimate(), 0.0),
            holds(moments.std_estimate(), 1.0),
            holds(var_estimate(&ascending, level), tail),
            holds(cvar_estimate(&ascending, level), norm_pdf(tail) / (1.0 - level)),
            holds(mean_difference(x, &other), 0.0),
        ]
    })?;
    let share = |k: usize| Measured::mean(&covered.iter().map(|row| row[k]).collect::<Vec<_>>());
    Ok((0..5).map(share).collect())
}
