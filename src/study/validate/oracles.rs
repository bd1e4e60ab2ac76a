//! How often a feed posts and how wrong it is, and what its error costs a policy.
use super::periodic::{Mix, clock, gap_variance, squared_error};
use super::quadrature::{BETA, simpson};
use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::math::exp;
use std::f64::consts::PI;

const YEAR: f64 = 31_536_000.0;
const SIGMA: f64 = 0.8;
const SOURCE: &str = "exit of a Brownian motion from an interval, Darling and Siegert (1953)";

/// A feed that deviation and heartbeat drive: δ on the log move, H in seconds.
#[derive(Debug, Clone, Copy)]
struct Feed {
    delta: f64,
    heartbeat: Option<f64>,
}

const BOTH: Feed = Feed { delta: 0.005, heartbeat: Some(3600.0) };
const WIDE: Feed = Feed { delta: 0.02, heartbeat: Some(3600.0) };
const ALONE: Feed = Feed { delta: 0.005, heartbeat: None };
/// Seconds of a step where a feed is watched.
const STEP: f64 = 2.0;

impl Feed {
    /// λ_n t of the exit of a Brownian motion from (−δ, δ).
    fn decay(self, n: u32, seconds: f64) -> f64 {
        let odd = f64::from(2 * n + 1);
        odd * odd * PI * PI * SIGMA * SIGMA / (8.0 * self.delta * self.delta) * seconds / YEAR
    }

    /// P(τ > t).
    fn survival(self, seconds: f64) -> f64 {
        let term = |n: u32| {
            let sign = if n.is_multiple_of(2) { 1.0 } else { -1.0 };
            sign / f64::from(2 * n + 1) * exp(-self.decay(n, seconds))
        };
        4.0 / PI * (0..400).map(term).sum::<f64>()
    }

    /// Posts a day, and the mean square of the log error.
    #[expect(clippy::disallowed_methods, reason = "the last digit of a theory decides no verdict")]
    fn theory(self) -> [f64; 2] {
        let variance = SIGMA * SIGMA / YEAR;
        let Some(heartbeat) = self.heartbeat else {
            return [86_400.0 * variance / (self.delta * self.delta), self.delta * self.delta / 6.0];
        };
        let mean_age = simpson(1e-9 * heartbeat, heartbeat, 1000, |t| self.survival(t));
        let density = |x: f64| {
            let term = |n: u32| {
                (f64::from(2 * n + 1) * PI * x / (2.0 * self.delta)).cos() * exp(-self.decay(n, heartbeat))
            };
            (0..100).map(term).sum::<f64>() / self.delta
        };
        let at_heartbeat = simpson(-self.delta, self.delta, 1000, |x| x.powi(4) * density(x));
        let fourth = self.delta.powi(4) * (1.0 - self.survival(heartbeat)) + at_heartbeat;
        [86_400.0 / mean_age, fourth / (6.0 * variance * mean_age)]
    }

    /// The feed alone, watched every two seconds for a day, its threshold lower by what the grid adds.
    fn text(self, paths: u64) -> String {
        let threshold = BETA.mul_add(-SIGMA * (STEP / YEAR).sqrt(), self.delta);
        let heartbeat =
            self.heartbeat.map_or(String::new(), |seconds| format!("heartbeat = \"{seconds}s\"\n"));
        format!(
            "version = 1\nname = \"feed\"\n[run]\npaths = {paths}\nseed = 17\nhorizon = \"1d\"\nstep = \"{STEP}s\"\npath_metrics = false\n\
             [[assets]]\nsymbol = \"A\"\nspot = 1.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = {SIGMA:?} }}\n\
             [oracle]\ndeviation_threshold = {threshold:?}\n{heartbeat}start = \"stationary\"\n\
             [target]\nkind = \"options\"\nlegs = [{{ type = \"spot\", quantity = 1.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\""
        )
    }
}

/// Posts a day and mean square error.
fn read_feed(ran: &[Ran]) -> Vec<Measured> {
    vec![ran[0].metric(0, "oracle_updates"), ran[0].metric(0, "oracle_error_rms").squared()]
}

const fn check(id: &'static str, what: &'static str, formula: &'static str, theory: fn() -> f64) -> Check {
    Check { id, what, formula, theory, tolerance: Tolerance::Share(0.01), source: SOURCE }
}

const fn feed(checks: &'static [Check], quick: bool, texts: fn() -> Vec<String>) -> Experiment {
    Experiment { checks, quick, setting: Setting::Runs { texts, sums: false, read: read_feed } }
}

const POSTS: &str = "1/∫₀ᴴ P(τ > t) dt";
const ERROR: &str = "E X⁴/(6σ²E(τ∧H))";

pub(super) const EXPERIMENTS: &[Experiment] = &[
    feed(
        &[
            check("F1a", "posts a day, δ = .5 %, H = 1 h", POSTS, || BOTH.theory()[0]),
            check("F1b", "mean square error of the log price", ERROR, || BOTH.theory()[1]),
        ],
        true,
        || vec![BOTH.text(2048)],
    ),
    feed(
        &[
            check("F2a", "posts a day, δ = 2 %, H = 1 h", POSTS, || WIDE.theory()[0]),
            check("F2b", "mean square error of the log price", ERROR, || WIDE.theory()[1]),
        ],
        false,
        || vec![WIDE.text(4096)],
    ),
    feed(
        &[
            check("F3a", "posts a day, δ = .5 % alone", "σ²/δ²", || ALONE.theory()[0]),
            check("F3b", "mean square error of the log price", "δ²/6", || ALONE.theory()[1]),
        ],
        true,
        || vec![ALONE.text(2048)],
    ),
    Experiment {
        checks: &[check(
            "F4",
            "mean square error by heartbeat alone, seen late",
            "σ²((H − dt)/2 + latency)",
            || SIGMA * SIGMA * MINUTE / YEAR * (0.5 * (BEAT - 1.0) + LATENCY),
        )],
        quick: true,
        setting: Setting::Runs {
            texts: || vec![late()],
            sums: false,
            read: |ran| vec![ran[0].metric(0, "oracle_error_rms").squared()],
        },
    },
    Experiment {
        checks: &[check(
            "F5",
            "mean square error of a feed that begins fresh, seen late",
            "mean over j of e^{3σ²aⱼ} − 2e^{σ²aⱼ} + 1, aⱼ the age",
            exact_late,
        )],
        quick: true,
        setting: Setting::Runs {
            texts: || vec![late_from_fresh()],
            sums: false,
            read: |ran| vec![ran[0].metric(0, "oracle_error_rms").squared()],
        },
    },
    policy(
        &[check("J1a", "TE² of a clock of 1 h that sees δ = 2 %", SEEN, || tracking(3600.0, 60.0))],
        || vec![through_feed(60.0, 60, 30, 2048)],
    ),
    policy(
        &[check("J1b", "TE² of a clock of 24 h that sees δ = 2 %", SEEN, || tracking(86_400.0, 300.0))],
        || vec![through_feed(300.0, 288, 60, 4096)],
    ),
];

const MINUTE: f64 = 60.0;
/// Steps of a minute between posts, and on their way.
const BEAT: f64 = 30.0;
const LATENCY: f64 = 10.0;

/// A feed without a threshold.
fn late() -> String {
    format!(
        "version = 1\nname = \"late\"\n[run]\npaths = 2048\nseed = 19\nhorizon = \"10d\"\nstep = \"1min\"\npath_metrics = false\n\
         [[assets]]\nsymbol = \"A\"\nspot = 1.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = {SIGMA:?} }}\n\
         [oracle]\nheartbeat = \"{BEAT} steps\"\nlatency = \"{LATENCY} steps\"\nstart = \"stationary\"\n\
         [target]\nkind = \"options\"\nlegs = [{{ type = \"spot\", quantity = 1.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\""
    )
}

/// Steps of a minute between posts, on their way, and in all, of a feed about which nothing is random.
const FRESH: (u64, u64, u64) = (10, 6, 7200);

/// Mean of `E(P/S − 1)²` over the steps that policies see: the visible value of step `j` was posted at the last beat
/// before `j` − latency, and `P/S` is log-normal with variance `σ²` times its age.
fn exact_late() -> f64 {
    let (beat, latency, n) = FRESH;
    let square = |j: u64| {
        let posted = j.saturating_sub(latency) / beat * beat;
        let variance = SIGMA * SIGMA * (j - posted) as f64 * MINUTE / YEAR;
        exp(3.0 * variance) - 2.0 * exp(variance) + 1.0
    };
    (1..n).map(square).sum::<f64>() / (n - 1) as f64
}

/// The same kind of feed where nothing about it is random: it posts the first price at the start.
fn late_from_fresh() -> String {
    let (beat, latency, n) = FRESH;
    format!(
        "version = 1\nname = \"late-from-fresh\"\n[run]\npaths = 2048\nseed = 23\nhorizon = \"{n}min\"\nstep = \"1min\"\npath_metrics = false\n\
         [[assets]]\nsymbol = \"A\"\nspot = 1.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = {SIGMA:?} }}\n\
         [oracle]\nheartbeat = \"{beat} steps\"\nlatency = \"{latency} steps\"\n\
         [target]\nkind = \"options\"\nlegs = [{{ type = \"spot\", quantity = 1.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\""
    )
}

const SEEN: &str = "σ²w²(1 − w)²(σ²(Δ − dt)/2 + δ²/6)";
/// Threshold of the feed that a policy sees.
const DELTA: f64 = 0.02;

const fn policy(checks: &'static [Check], texts: fn() -> Vec<String>) -> Experiment {
    Experiment {
        checks,
        quick: false,
        setting: Setting::Runs { texts, sums: false, read: |ran| vec![squared_error(&ran[0], 0, SIGMA)] },
    }
}

fn tracking(period: f64, dt: f64) -> f64 {
    gap_variance(SIGMA) * (SIGMA * SIGMA * 0.5 * (period - dt) / YEAR + DELTA * DELTA / 6.0)
}

fn through_feed(dt: f64, every: u64, days: u64, paths: u64) -> String {
    let threshold = BETA.mul_add(-SIGMA * (dt / YEAR).sqrt(), DELTA);
    let more = format!("[oracle]\ndeviation_threshold = {threshold:?}\nstart = \"stationary\"");
    let steps = days * 86_400 / dt as u64;
    Mix {
        name: "through-a-feed",
        sigma: SIGMA,
        drift: 0.5 * SIGMA * SIGMA,
        paths,
        horizon: &format!("{days}d"),
        steps,
        warmup: steps / 20,
        more: &more,
        policies: &clock("clock", every),
    }
    .text()
}
