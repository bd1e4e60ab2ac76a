//! Two states of drift and volatility that alternate: Hamilton's filter, EM, and a climb to the top.
use crate::math::{exp, ln, norm_cdf, norm_pdf};

use super::fit::{Fit, Model, Parts, assemble};
use super::law::{Component, Law, N_SIMULATED, Noise};
use super::optimum::Optimum;
use super::returns::Returns;

const EM_STEPS: usize = 60;

/// Per return: mean and standard deviation of the calm and the wild state, and the chances to leave each.
#[derive(Debug, Clone, Copy)]
struct Point {
    mean: [f64; 2],
    std: [f64; 2],
    leave: [f64; 2],
}

fn logistic(x: f64) -> f64 {
    1.0 / (1.0 + exp(-x))
}

fn logit(p: f64) -> f64 {
    ln(p / (1.0 - p))
}

impl Point {
    /// Coordinates: means, ln of the calm std, ln of the ratio's excess over 1, logits of leaving.
    fn of(x: &[f64]) -> Self {
        let calm = exp(x[2]);
        Self {
            mean: [x[0], x[1]],
            std: [calm, calm * (1.0 + exp(x[3]))],
            leave: [logistic(x[4]), logistic(x[5])],
        }
    }

    fn coordinates(&self) -> [f64; 6] {
        let excess = (self.std[1] / self.std[0] - 1.0).max(0.01);
        [self.mean[0], self.mean[1], ln(self.std[0]), ln(excess), logit(self.leave[0]), logit(self.leave[1])]
    }

    /// Long-run shares of the states.
    fn shares(&self) -> [f64; 2] {
        let all = self.leave[0] + self.leave[1];
        [self.leave[1] / all, self.leave[0] / all]
    }

    fn densities(&self, r: f64) -> [f64; 2] {
        [0, 1].map(|s| norm_pdf((r - self.mean[s]) / self.std[s]) / self.std[s])
    }

    fn moved(&self, now: [f64; 2]) -> [f64; 2] {
        let [p, q] = self.leave;
        [now[0] * (1.0 - p) + now[1] * q, now[0] * p + now[1] * (1.0 - q)]
    }

    /// Hamilton's filter: chances of the states before and after each return, and its log density.
    fn filter(&self, returns: &Returns) -> Vec<Step> {
        let mut chances = self.shares();
        returns
            .values
            .iter()
            .zip(&returns.fresh)
            .map(|(r, fresh)| {
                let before = if *fresh { self.shares() } else { self.moved(chances) };
                let densities = self.densities(*r);
                let joint = [before[0] * densities[0], before[1] * densities[1]];
                let density = (joint[0] + joint[1]).max(f64::MIN_POSITIVE);
                chances = joint.map(|j| j / density);
                Step { before, after: chances, term: ln(density) }
            })
            .collect()
    }

    /// Kim's smoother: chances of the wild state given all returns, and the expected moves out of each state.
    fn smooth(&self, returns: &Returns, steps: &[Step]) -> (Vec<[f64; 2]>, [f64; 2], [f64; 2]) {
        let n = steps.len();
        let mut smooth: Vec<[f64; 2]> = steps.iter().map(|step| step.after).collect();
        let (mut left, mut stood) = ([0.0; 2], [0.0; 2]);
        for t in (0..n.saturating_sub(1)).rev() {
            if returns.fresh[t + 1] {
                continue;
            }
            let (after, next, later) = (steps[t].after, steps[t + 1].before, smooth[t + 1]);
            for s in 0..2 {
                let go = after[s] * self.leave[s] * later[1 - s] / next[1 - s].max(1e-300);
                let stay = after[s] * (1.0 - self.leave[s]) * later[s] / next[s].max(1e-300);
                smooth[t][s] = go + stay;
                left[s] += go;
                stood[s] += go + stay;
            }
        }
        (smooth, left, stood)
    }

    /// One step of expectation and maximisation.
    fn improved(&self, returns: &Returns) -> Self {
        let steps = self.filter(returns);
        let (smooth, left, stood) = self.smooth(returns, &steps);
        let mut next = *self;
        for s in 0..2 {
            let weight: f64 = smooth.iter().map(|chance| chance[s]).sum::<f64>().max(1e-9);
            let sum = |f: &dyn Fn(f64) -> f64| -> f64 {
                returns.values.iter().zip(&smooth).map(|(r, chance)| chance[s] * f(*r)).sum::<f64>() / weight
            };
            next.mean[s] = sum(&|r| r);
            let mean = next.mean[s];
            next.std[s] = sum(&|r| (r - mean) * (r - mean)).sqrt().max(1e-9);
            next.leave[s] = (left[s] / stood[s].max(1e-9)).clamp(1e-4, 0.95);
        }
        if next.std[0] > next.std[1] {
            next = Self {
                mean: [next.mean[1], next.mean[0]],
                std: [next.std[1], next.std[0]],
                leave: [next.leave[1], next.leave[0]],
            };
        }
        next
    }

    fn simulated(&self) -> Law {
        let shares = self.shares();
        let (mut noise, mut state) = (Noise::new(), 0);
        let mut path = Vec::with_capacity(N_SIMULATED);
        for _ in 0..N_SIMULATED {
            if noise.uniform() < self.leave[state] {
                state = 1 - state;
            }
            path.push(self.mean[state] + self.std[state] * noise.normals().0);
        }
        let component = |s: usize| Component { weight: shares[s], mean: self.mean[s], std: self.std[s] };
        Law { path, ..Law::independent(vec![component(0), component(1)]) }
    }
}

struct Step {
    before: [f64; 2],
    after: [f64; 2],
    term: f64,
}

/// A two-state Markov chain of (mean, volatility), watched once a return, by maximum likelihood.
///
/// The chances `P` of the sampled chain become rates of a continuous one by `P = exp(QΔ)`: with `s = p + q`, the chances
/// to leave, `q_i = p_i·(−ln(1 − s))/(sΔ)`, mean duration `1/q_i` (R. Israel, J. Rosenthal and J. Wei, 2001, Mathematical
/// Finance 11). Within one return the state is taken as constant.
/// Sources: J. Hamilton (1989), Econometrica 57, section 4 (filter); C.-J. Kim (1994), Journal of Econometrics 60
/// (smoother); J. Hamilton (1990), Journal of Econometrics 45 (EM).
pub(super) fn fit(returns: &Returns) -> Result<Fit, String> {
    let (mean, variance) = returns.moments();
    let spread = variance.sqrt();
    let terms = |x: &[f64]| {
        let point = Point::of(x);
        let embeds = point.leave[0] + point.leave[1] < 0.999;
        let sound = point.leave.iter().all(|p| *p > 1e-6) && point.std[1] < 100.0 * spread;
        (embeds && sound).then(|| point.filter(returns).iter().map(|step| step.term).collect::<Vec<f64>>())
    };
    let mut best: Option<Optimum> = None;
    for leave in [[0.02, 0.05], [0.2, 0.35]] {
        let mut point = Point { mean: [mean; 2], std: [0.6 * spread, 1.6 * spread], leave };
        for _ in 0..EM_STEPS {
            point = point.improved(returns);
        }
        let Ok(found) =
            Optimum::climb(&point.coordinates(), &[0.05 * spread, 0.1 * spread, 0.1, 0.1, 0.3, 0.3], &terms)
        else {
            continue;
        };
        if best.as_ref().is_none_or(|best| found.log_likelihood > best.log_likelihood) {
            best = Some(found);
        }
    }
    let optimum = best.ok_or("the two states alternate with every return: no continuous chain does that")?;
    let optimum = optimum.with_covariance(&terms);
    let point = Point::of(&optimum.x);
    let steps = point.filter(returns);
    let transform = |(r, step): (&f64, &Step)| -> f64 {
        (0..2).map(|s| step.before[s] * norm_cdf((r - point.mean[s]) / point.std[s])).sum()
    };
    let transforms: Vec<f64> = returns.values.iter().zip(&steps).map(transform).collect();
    let wild = point.smooth(returns, &steps).0.iter().map(|chance| chance[1]).collect();
    let (years, days) = (returns.spacing.years, returns.spacing.days);
    let outputs = |x: &[f64]| figures(&Point::of(x), years, days);
    let fit = assemble(
        returns,
        Parts {
            model: Model::Regime,
            optimum: &optimum,
            keys: &[
                ("calm_drift", "1/year"),
                ("calm_volatility", "1/√year"),
                ("calm_duration", "days"),
                ("storm_drift", "1/year"),
                ("storm_volatility", "1/√year"),
                ("storm_duration", "days"),
                ("storm_share", ""),
                ("total_volatility", "1/√year"),
            ],
            outputs: &outputs,
            transforms: &transforms,
            law: point.simulated(),
            notes: notes(&point, days),
        },
    );
    Ok(Fit { wild, ..fit })
}

fn figures(point: &Point, years: f64, days: f64) -> Vec<f64> {
    let all = point.leave[0] + point.leave[1];
    let rate = -ln(1.0 - all) / all;
    let variance = point.std.map(|std| std * std / years);
    let drift = |s: usize| point.mean[s] / years + 0.5 * variance[s];
    let duration = |s: usize| days / (rate * point.leave[s]);
    let shares = point.shares();
    let total = shares[0] * variance[0] + shares[1] * variance[1];
    vec![
        drift(0),
        variance[0].sqrt(),
        duration(0),
        drift(1),
        variance[1].sqrt(),
        duration(1),
        shares[1],
        total.sqrt(),
    ]
}

fn notes(point: &Point, days: f64) -> Vec<String> {
    let durations = [0, 1].map(|s| days / point.leave[s]);
    if durations.iter().any(|duration| *duration < 2.5 * days) {
        return vec![
            "a state lasts hardly longer than one return: it describes single outliers, not a regime; finer returns \
             would tell"
                .into(),
        ];
    }
    Vec::new()
}
