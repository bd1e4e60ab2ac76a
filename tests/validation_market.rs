//! Closed forms of the market's own models: how often an oracle posts and how wrong it is, what lag costs.
//!
//! Each check prints its id, theory, measured value, standard error and z. It passes where the difference is below
//! max(3 standard errors, its tolerance), and only where the standard error is below a third of the tolerance: a check
//! that passes because it is blind proves nothing.
#![expect(clippy::disallowed_methods, reason = "the truth of a test may come from libm")]
use std::f64::consts::PI;

mod simulate;

use simulate::{figure, outcome, scenario};

/// −ζ(1/2)/√(2π): what watching on a grid adds to a barrier, in standard deviations of a step.
const BETA: f64 = 0.582_597_157_9;
const YEAR: f64 = 31_536_000.0;

#[track_caller]
fn check(id: &str, theory: f64, (measured, error): (f64, f64), tolerance: f64) {
    let z = (measured - theory) / error;
    let relative = measured / theory - 1.0;
    eprintln!(
        "{id:4} theory {theory:.6e}  measured {measured:.6e}  SE {error:.1e}  z {z:+.2}  {:+.2} %  (tolerance {:.1} %)",
        100.0 * relative,
        100.0 * tolerance
    );
    assert!(error < tolerance * theory / 3.0 * 1.05, "{id}: SE {error} cannot see {tolerance} of {theory}");
    assert!(
        (measured - theory).abs() <= (3.0 * error).max(tolerance * theory),
        "{id}: {measured} for {theory}"
    );
}

/// A feed that deviation and heartbeat drive: σ a year, δ on the log move, H in seconds.
#[derive(Clone, Copy)]
struct Feed {
    sigma: f64,
    delta: f64,
    heartbeat: Option<f64>,
}

impl Feed {
    /// λ_n t of the exit of a Brownian motion from (−δ, δ).
    fn decay(self, n: u32, seconds: f64) -> f64 {
        let odd = f64::from(2 * n + 1);
        odd * odd * PI * PI * self.sigma * self.sigma / (8.0 * self.delta * self.delta) * seconds / YEAR
    }

    /// P(τ > t).
    fn survival(self, seconds: f64) -> f64 {
        let term = |n: u32| {
            let sign = if n.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign / f64::from(2 * n + 1) * (-self.decay(n, seconds)).exp()
        };
        4.0 / PI * (0..400).map(term).sum::<f64>()
    }

    /// Posts a day, and the mean square of the log error.
    fn theory(self) -> [f64; 2] {
        let variance = self.sigma * self.sigma / YEAR;
        let Some(heartbeat) = self.heartbeat else {
            return [86_400.0 * variance / (self.delta * self.delta), self.delta * self.delta / 6.0];
        };
        let mean_age = simpson(1e-9 * heartbeat, heartbeat, |t| self.survival(t));
        let density = |x: f64| {
            let term = |n: u32| {
                (f64::from(2 * n + 1) * PI * x / (2.0 * self.delta)).cos() * (-self.decay(n, heartbeat)).exp()
            };
            (0..400).map(term).sum::<f64>() / self.delta
        };
        let at_heartbeat = simpson(-self.delta, self.delta, |x| x.powi(4) * density(x));
        let fourth = self.delta.powi(4) * (1.0 - self.survival(heartbeat)) + at_heartbeat;
        [86_400.0 / mean_age, fourth / (6.0 * variance * mean_age)]
    }
}

fn simpson(from: f64, to: f64, f: impl Fn(f64) -> f64) -> f64 {
    let n = 4000;
    let h = (to - from) / f64::from(n);
    let weight = |i: i32| if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
    (0..=n).map(|i| weight(i) * f(h.mul_add(f64::from(i), from))).sum::<f64>() * h / 3.0
}

/// A feed alone, watched every two seconds for a day.
fn oracle_alone(id: &str, feed: Feed, theory: [f64; 2], paths: u64) {
    let [updates, error] = feed.theory();
    // the written table and its formulas are one
    assert!(
        (updates / theory[0] - 1.0).abs() < 1e-4 && (error / theory[1] - 1.0).abs() < 1e-4,
        "{updates} {error}"
    );
    let dt: f64 = 2.0;
    let threshold = BETA.mul_add(-feed.sigma * (dt / YEAR).sqrt(), feed.delta);
    let heartbeat = feed.heartbeat.map_or(String::new(), |seconds| format!("heartbeat = \"{seconds}s\"\n"));
    let text = format!(
        "version = 1\nname = \"feed\"\n[run]\npaths = {paths}\nseed = 17\nhorizon = \"1d\"\nstep = \"{dt}s\"\npath_metrics = false\n\
         [[assets]]\nsymbol = \"A\"\nspot = 1.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = {:?} }}\n\
         [oracle]\ndeviation_threshold = {threshold:?}\n{heartbeat}start = \"stationary\"\n\
         [target]\nkind = \"options\"\nlegs = [{{ type = \"spot\", quantity = 1.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\"",
        feed.sigma
    );
    let outcome = outcome(&scenario(&text));
    check(&format!("{id}a"), updates, figure(&outcome.policies[0], "oracle_updates"), 0.01);
    let (rms, se) = figure(&outcome.policies[0], "oracle_error_rms");
    check(&format!("{id}b"), error, (rms * rms, 2.0 * rms * se), 0.01);
}

#[test]
fn f1_deviation_and_heartbeat() {
    let feed = Feed { sigma: 0.8, delta: 0.005, heartbeat: Some(3600.0) };
    oracle_alone("F1", feed, [72.1611, 4.15024e-6], 2048);
}

#[test]
#[ignore = "slow: half a minute of paths at fine steps"]
fn f2_wide_deviation_and_heartbeat() {
    let feed = Feed { sigma: 0.8, delta: 0.02, heartbeat: Some(3600.0) };
    oracle_alone("F2", feed, [24.1962, 3.34633e-5], 4096);
}

#[test]
fn f3_deviation_alone() {
    let feed = Feed { sigma: 0.8, delta: 0.005, heartbeat: None };
    oracle_alone("F3", feed, [70.1370, 4.16667e-6], 2048);
}

/// One asset at half of the value, traded to its weight every so often.
struct Basket<'a> {
    sigma: f64,
    days: f64,
    steps: u64,
    every: u64,
    warmup: u64,
    paths: u64,
    more: &'a str,
}

impl Basket<'_> {
    /// σ² times the mean square of the weight's gap after trades.
    fn squared_error(&self) -> (f64, f64) {
        let Self { sigma, days, steps, every, warmup, paths, more } = self;
        let drift = 0.5 * sigma * sigma;
        let text = format!(
            "version = 1\nname = \"lag\"\n[run]\npaths = {paths}\nseed = 23\nhorizon = \"{days}d\"\nsteps = {steps}\n\
             warmup = \"{warmup} steps\"\n[[assets]]\nsymbol = \"A\"\nspot = 1.0\n\
             process = {{ kind = \"gbm\", drift = {drift:?}, volatility = {sigma:?} }}\n{more}\n\
             [target]\nkind = \"basket\"\nvalue = 1000.0\nweights = {{ A = 0.5 }}\n\
             [[policies]]\nname = \"clock\"\nkind = \"periodic\"\nevery = \"{every} steps\""
        );
        let (gap, se) = figure(&outcome(&scenario(&text)).policies[0], "gap_rms");
        (sigma * sigma * gap * gap, 2.0 * sigma * sigma * gap * se)
    }
}

/// `σ²v((Δ − dt)/2 + L)`, `v = w²(1 − w)²σ²`: orders fill late, those in flight are netted.
#[test]
fn g_lag_of_execution() {
    for (id, per_period, lag, written) in
        [("G0", 40, 0, 7.593_75e-5), ("G1", 40, 20, 1.538_22e-4), ("G2", 20, 20, 2.297_60e-4)]
    {
        let steps = 52 * per_period;
        let more = if lag > 0 { format!("[execution]\ndelay = \"{lag} steps\"") } else { String::new() };
        let basket = Basket {
            sigma: 0.6,
            days: 365.0,
            steps,
            every: per_period,
            warmup: 6 * per_period,
            paths: 8000,
            more: &more,
        };
        let (dt, delta) = (1.0 / steps as f64, 1.0 / 52.0);
        let theory = 0.36 * 0.0225 * (0.5 * (delta - dt) + f64::from(lag) * dt);
        assert!((theory / written - 1.0).abs() < 1e-4, "{id}: {theory} for {written}");
        check(id, theory, basket.squared_error(), 0.01);
    }
}

/// `σ²w²(1 − w)²(σ²(Δ − dt)/2 + δ²/6)`: seen through a feed, filled at the true price.
#[test]
#[ignore = "slow: half a minute of paths at fine steps"]
fn j_error_of_the_oracle() {
    let delta = 0.02;
    for (id, dt, every, days, paths, written) in
        [("J1a", 60.0, 60, 30.0, 2048, 4.103_50e-6), ("J1b", 300.0, 288, 60.0, 4096, 3.761_34e-5)]
    {
        let (sigma, dt_years): (f64, f64) = (0.8, dt / YEAR);
        let threshold = BETA.mul_add(-sigma * dt_years.sqrt(), delta);
        let more = format!("[oracle]\ndeviation_threshold = {threshold:?}\nstart = \"stationary\"");
        let steps = (days * 86_400.0 / dt) as u64;
        let basket = Basket { sigma, days, steps, every, warmup: steps / 20, paths, more: &more };
        let period = every as f64 * dt_years;
        let theory = 0.64 * 0.0625 * (0.64 * 0.5 * (period - dt_years) + delta * delta / 6.0);
        assert!((theory / written - 1.0).abs() < 1e-3, "{id}: {theory} for {written}");
        check(id, theory, basket.squared_error(), 0.01);
    }
}
