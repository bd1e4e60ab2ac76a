//! Histories of known parameters, daily, by generators that share nothing with the fits.
use driftband::math::exp;
use rand_distr::{Distribution, Exp1, Poisson, StandardNormal, StudentT};
use rand_xoshiro::Xoshiro256PlusPlus;
use rand_xoshiro::rand_core::SeedableRng;

const DAY: f64 = 1.0 / 365.0;

fn random(seed: u64) -> Xoshiro256PlusPlus {
    Xoshiro256PlusPlus::seed_from_u64(seed)
}

fn normal(random: &mut Xoshiro256PlusPlus) -> f64 {
    StandardNormal.sample(random)
}

/// Uniform in (0, 1).
fn uniform(random: &mut Xoshiro256PlusPlus) -> f64 {
    let waiting: f64 = Exp1.sample(random);
    exp(-waiting)
}

pub(super) fn gbm(seed: u64, n: usize, drift: f64, volatility: f64) -> Vec<f64> {
    let mut random = random(seed);
    (0..n)
        .map(|_| {
            (drift - 0.5 * volatility * volatility) * DAY + volatility * DAY.sqrt() * normal(&mut random)
        })
        .collect()
}

/// Drift, volatility, jumps per year, mean and standard deviation of a jump.
pub(super) fn merton(seed: u64, n: usize, p: &[f64; 5]) -> Vec<f64> {
    let [drift, volatility, rate, mean, std] = *p;
    let mut random = random(seed);
    let jumps = Poisson::new(rate * DAY).unwrap();
    let centre = drift - 0.5 * volatility * volatility - rate * (exp(mean + 0.5 * std * std) - 1.0);
    (0..n)
        .map(|_| {
            let count: f64 = jumps.sample(&mut random);
            let jump: f64 = (0..count as usize).map(|_| mean + std * normal(&mut random)).sum();
            centre * DAY + volatility * DAY.sqrt() * normal(&mut random) + jump
        })
        .collect()
}

/// Long-run volatility, alpha, beta, gamma; degrees of freedom.
pub(super) fn garch(seed: u64, n: usize, p: &[f64; 4], nu: Option<f64>) -> Vec<f64> {
    let [volatility, alpha, beta, gamma] = *p;
    let long_run = volatility * volatility * DAY;
    let omega = long_run * (1.0 - alpha - beta - 0.5 * gamma);
    let mut random = random(seed);
    let mut variance = long_run;
    let draw = |random: &mut Xoshiro256PlusPlus| match nu {
        Some(nu) => StudentT::new(nu).unwrap().sample(random) * ((nu - 2.0) / nu).sqrt(),
        None => normal(random),
    };
    let mut values = Vec::with_capacity(n);
    for day in 0..n + 500 {
        let shock = variance.sqrt() * draw(&mut random);
        if day >= 500 {
            values.push(shock);
        }
        let news = if shock < 0.0 { alpha + gamma } else { alpha };
        variance = omega + news * shock * shock + beta * variance;
    }
    values
}

/// Volatilities and mean durations in days of two states, the chain watched once a day.
pub(super) fn regime(seed: u64, n: usize, volatility: [f64; 2], days: [f64; 2]) -> Vec<f64> {
    let mut random = random(seed);
    let rates = days.map(|days| 1.0 / days);
    let all = rates[0] + rates[1];
    let leave = rates.map(|rate| rate / all * (1.0 - exp(-all)));
    let mut state = 0;
    (0..n)
        .map(|_| {
            if uniform(&mut random) < leave[state] {
                state = 1 - state;
            }
            volatility[state] * DAY.sqrt() * normal(&mut random)
        })
        .collect()
}

/// Long-run variance, mean reversion, volatility of variance, correlation; forty steps a day.
pub(super) fn heston(seed: u64, n: usize, p: &[f64; 4]) -> Vec<f64> {
    let [theta, kappa, xi, rho] = *p;
    let (mut random, steps) = (random(seed), 40);
    let dt = DAY / f64::from(steps);
    let mut v = theta;
    let mut values = Vec::with_capacity(n);
    for day in 0..n + 200 {
        let mut sum = 0.0;
        for _ in 0..steps {
            let now = f64::max(v, 0.0);
            let (z, w) = (normal(&mut random), normal(&mut random));
            sum += -0.5 * now * dt + (now * dt).sqrt() * (rho * z + (1.0 - rho * rho).sqrt() * w);
            v += kappa * (theta - now) * dt + xi * (now * dt).sqrt() * z;
        }
        if day >= 200 {
            values.push(sum);
        }
    }
    values
}

/// How a simulated feed posts.
#[derive(Clone, Copy)]
pub(super) struct Rule {
    pub(super) resets: bool,
    pub(super) threshold: f64,
    /// Seconds.
    pub(super) heartbeat: f64,
    /// Mean seconds from the trigger to the landing, by which the value of the trigger is dated.
    pub(super) late: f64,
    pub(super) volatility: f64,
}

/// Time and answer of the posts of 90 days on a price looked at every 12 s.
pub(super) fn feed(seed: u64, rule: Rule) -> Vec<(f64, f64)> {
    let mut random = random(seed);
    let step = 12.0;
    let std = rule.volatility * (step / (365.0 * 86_400.0_f64)).sqrt();
    let (mut price, mut answer, mut timer, mut free) = (3000.0, 3000.0, 0.0, 0.0);
    let mut posts = vec![(0.0, price)];
    for i in 1..(90 * 7200) {
        let now = f64::from(i) * step;
        price *= 1.0 + std * normal(&mut random);
        if now < free {
            continue;
        }
        let beat = now - timer >= rule.heartbeat;
        if beat || f64::abs(price / answer - 1.0) >= rule.threshold {
            let wait: f64 = Exp1.sample(&mut random);
            let landed = now + (rule.late * wait / step).round() * step;
            posts.push((landed, price));
            (answer, free) = (price, landed + 1.0);
            if beat || rule.resets {
                timer = landed;
            }
        }
    }
    posts
}
