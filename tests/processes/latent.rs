//! Laws whose volatility follows something unseen: `regime`, `garch`.
use std::fmt::Write as _;

use driftband::engine::record;

use super::{Market, assert_cumulants, assert_near, correlation, cumulant};
use crate::simulate::scenario;

/// A chain of two states, each with its drift, volatility and mean duration in days.
fn two_states(calm: [f64; 3], storm: [f64; 3], more: &str) -> String {
    let state = |name: &str, [drift, volatility, days]: [f64; 3]| {
        format!(
            "{{ name = \"{name}\", drift = {drift:?}, volatility = {volatility:?}, mean_duration = \"{days}d\" }}"
        )
    };
    format!("kind = \"regime\", states = [{}, {}]{more}", state("calm", calm), state("storm", storm))
}

/// Mean and variance of the time spent in the first of two states over `years`, from the long-run start.
fn occupation(first: f64, second: f64, years: f64) -> [f64; 2] {
    let share = first / (first + second);
    let rate = 1.0 / first + 1.0 / second;
    let spread = 2.0 * share * (1.0 - share) / rate * (years - (1.0 - (-rate * years).exp()) / rate);
    [share * years, spread]
}

#[test]
fn one_state_is_geometric_brownian_motion() {
    let one = "kind = \"regime\", states = [{ name = \"only\", drift = 0.1, volatility = 0.7, mean_duration = \"1d\" }]";
    let gbm = "kind = \"gbm\", drift = 0.1, volatility = 0.7";
    let market = |process: &str| {
        let assets = [(100.0, process)];
        Market { years: 0.5, steps: 60, paths: 2000, assets: &assets, correlation: "" }.any_log_returns(0)
    };
    let (one, gbm) = (market(one), market(gbm));
    let worst = one.iter().zip(&gbm).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(worst < 1e-12, "{worst}");
}

/// With drifts alone the log return measures the time in each state: exact within a step, whatever the grid.
#[test]
fn time_in_each_state_has_its_law_on_every_grid() {
    let (calm, storm, years) = (20.0, 7.0, 0.25);
    let text = two_states([1.0, 0.0, calm], [0.0, 0.0, storm], "");
    let mut before: Option<Vec<f64>> = None;
    for steps in [1, 2, 90] {
        let market = Market { years, steps, paths: 100_000, assets: &[(1.0, &text)], correlation: "" };
        let time = market.any_log_returns(0);
        let wanted = occupation(calm / 365.0, storm / 365.0, years);
        assert_cumulants(&format!("time in calm over {steps} steps"), &time, &wanted);
        let never_left = time.iter().filter(|time| **time > years - 1e-9).count() as f64 / 1e5;
        let chance = calm / (calm + storm) * (-years * 365.0 / calm).exp();
        let error = (chance * (1.0 - chance) / 1e5).sqrt();
        assert_near(&format!("never out of calm over {steps} steps"), never_left, chance, error);
        if let Some(before) = &before {
            let worst = before.iter().zip(&time).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            assert!(worst < 1e-12, "the grid moves the chain by {worst}");
        }
        before = Some(time);
    }
}

#[test]
fn regimes_with_one_drift_keep_the_mean_and_have_their_variance() {
    let (calm, storm, years) = (5.2, 3.0, 0.1);
    let (low, high) = (0.32_f64, 1.04_f64);
    let text = two_states([0.2, low, calm], [0.2, high, storm], "");
    for steps in [5, 73] {
        let market = Market { years, steps, paths: 100_000, assets: &[(100.0, &text)], correlation: "" };
        let returns = market.log_returns(0, 0.2);
        let [time, spread] = occupation(calm / 365.0, storm / 365.0, years);
        let gap = high * high - low * low;
        let total = high * high * years - gap * time;
        let wanted = [0.2 * years - 0.5 * total, total + 0.25 * gap * gap * spread];
        assert_cumulants(&format!("two regimes in {steps} steps"), &returns, &wanted);
    }
}

#[test]
fn a_given_start_is_kept_and_forgotten_by_the_chain_alone() {
    let (calm, storm) = (10.0, 5.0);
    let text = two_states([0.0, 0.0, calm], [1.0, 0.0, storm], ", start = \"storm\"");
    let market = Market { years: 0.05, steps: 7, paths: 100_000, assets: &[(1.0, &text)], correlation: "" };
    let time = market.any_log_returns(0);
    // from storm: share + (1 − share) e^{−at} integrated
    let (share, rate): (f64, f64) = (storm / (calm + storm), 365.0 / calm + 365.0 / storm);
    let wanted = share * 0.05 + (1.0 - share) * (1.0 - (-rate * 0.05).exp()) / rate;
    assert_cumulants("time in storm from storm", &time, &[wanted]);
}

#[test]
fn three_states_follow_their_ways() {
    // 0 → 1 or 2 alike, 1 → 2, 2 → 0: visits 1 : ½ : 1, durations 2, 8, 1 days
    let text = "kind = \"regime\", states = [\
        { name = \"a\", drift = 0.0, volatility = 0.0, mean_duration = \"2d\", to = { b = 3.0, c = 3.0 } },\
        { name = \"b\", drift = 1.0, volatility = 0.0, mean_duration = \"8d\", to = { c = 1.0 } },\
        { name = \"c\", drift = 0.0, volatility = 0.0, mean_duration = \"1d\", to = { a = 1.0 } }]";
    let market = Market { years: 0.3, steps: 3, paths: 60_000, assets: &[(1.0, text)], correlation: "" };
    assert_cumulants("time in b", &market.any_log_returns(0), &[0.3 * 4.0 / 7.0]);
}

#[test]
fn a_common_chain_is_one_and_own_chains_are_independent() {
    let text = |more: &str| two_states([1.0, 0.0, 10.0], [0.0, 0.0, 10.0], more);
    let (common, own) = (text(", chain = \"common\""), text(", chain = \"own\""));
    let assets = [(1.0, common.as_str()), (1.0, own.as_str()), (2.0, common.as_str()), (1.0, own.as_str())];
    let market = Market { years: 0.1, steps: 9, paths: 40_000, assets: &assets, correlation: "" };
    let time: Vec<Vec<f64>> = (0..4).map(|asset| market.any_log_returns(asset)).collect();
    let apart = time[0].iter().zip(&time[2]).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    assert!(apart < 1e-12, "one chain, {apart} apart");
    let error = 1.0 / 40_000_f64.sqrt();
    for (i, j) in [(0, 1), (0, 3), (1, 3)] {
        assert_near(&format!("chains of {i} and {j}"), correlation(&time[i], &time[j]), 0.0, error);
    }
}

/// Recorded log prices of the only asset: 30 periods of 4 steps.
fn walked(process: &str, path: u64) -> Vec<f64> {
    let text = format!(
        "version = 1\nname = \"walk\"\n[run]\npaths = 300\nseed = 5\nhorizon = \"30d\"\nstep = \"6h\"\n\
         [[assets]]\nsymbol = \"A\"\nspot = 1.0\nprocess = {{ {process} }}\n[target]\nkind = \"options\"\n\
         legs = [{{ type = \"spot\", quantity = 1.0, premium = 0.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\""
    );
    let recording = record(&scenario(&text), path, 0).unwrap();
    recording.steps.iter().map(|step| step.price[0].ln()).collect()
}

/// A GARCH law by day: its daily constant, and the recursion.
struct Garch {
    drift: f64,
    volatility: f64,
    alpha: f64,
    beta: f64,
    gamma: f64,
}

impl Garch {
    fn text(&self, more: &str) -> String {
        let Self { drift, volatility, alpha, beta, gamma } = self;
        format!(
            "kind = \"garch\", drift = {drift:?}, long_run_volatility = {volatility:?}, alpha = {alpha:?}, beta = {beta:?}, \
             gamma = {gamma:?}{more}"
        )
    }

    fn daily(&self) -> f64 {
        self.volatility * self.volatility / 365.0
    }

    fn next(&self, variance: f64, e: f64) -> f64 {
        let omega = self.daily() * (1.0 - self.alpha - self.beta - 0.5 * self.gamma);
        let weight = if e < 0.0 { self.alpha + self.gamma } else { self.alpha };
        omega + weight * e * e + self.beta * variance
    }
}

const LAW: Garch = Garch { drift: 0.3, volatility: 0.7, alpha: 0.09, beta: 0.8, gamma: 0.12 };

/// The same normals through the written recursion, step by step.
#[test]
fn garch_paths_follow_the_written_recursion() {
    for (path, more) in [(0, ""), (131, ", nu = 4.5")] {
        let x = walked(&LAW.text(more), path);
        // unit volatility and no log drift: its steps are √dt Z
        let z = walked("kind = \"gbm\", drift = 0.5, volatility = 1.0", path);
        let dt = 0.25 / 365.0_f64;
        let (mut variance, mut mixed) = (LAW.daily(), Vec::new());
        for day in 0..30 {
            let (mut e, mut root) = (0.0, None);
            for step in 4 * day..4 * day + 4 {
                let moved = x[step + 1] - x[step] - (LAW.drift * dt - 0.125 * variance);
                let normal = (z[step + 1] - z[step]) / dt.sqrt();
                let found = moved / (0.5 * variance.sqrt() * normal);
                let first = *root.get_or_insert(found);
                assert!((found / first - 1.0).abs() < 1e-7, "one W a period: {found} after {first}");
                e += moved;
            }
            mixed.extend(root);
            variance = LAW.next(variance, e);
        }
        let normal = mixed.iter().all(|root| (root - 1.0).abs() < 1e-7);
        assert_eq!(normal, more.is_empty(), "{mixed:?}");
    }
}

#[test]
fn garch_with_normal_innovations_keeps_the_mean() {
    for (steps, period) in [(20, "1 step"), (20, "5 steps"), (1, "1 step")] {
        let text = LAW.text(&format!(", period = \"{period}\""));
        let market = Market { years: 0.1, steps, paths: 100_000, assets: &[(100.0, &text)], correlation: "" };
        market.prices(0, 0.3);
    }
}

/// Long-run variance and kurtosis of a period's return, and the fat tails of Student-t innovations.
#[test]
fn garch_is_stationary_with_its_variance_and_kurtosis() {
    // a law whose eighth moment exists: else the kurtosis found has no error to speak of
    let law = Garch { drift: 0.3, volatility: 0.7, alpha: 0.05, beta: 0.7, gamma: 0.1 };
    let Garch { drift, alpha, beta, gamma, .. } = law;
    let n = 60_u64;
    let text = |more: &str| law.text(&format!(", period = \"1 step\", initial_volatility = 1.2{more}"));
    let last_return = |more: &str| -> Vec<f64> {
        // the last of n periods alone: what the first n − 1 have done is the same in both runs
        let process = text(more);
        let run = |steps: u64| {
            let years = steps as f64 / 365.0;
            let market = Market { years, steps, paths: 100_000, assets: &[(1.0, &process)], correlation: "" };
            market.any_log_returns(0)
        };
        run(n).iter().zip(run(n - 1)).map(|(after, before)| after - before - drift / 365.0).collect()
    };
    let long_run = law.daily();
    let persistence: f64 = alpha + beta + 0.5 * gamma;
    let start = 1.2_f64.powi(2) / 365.0;
    let expected = long_run + persistence.powi(n as i32 - 1) * (start - long_run);
    let returns = last_return("");
    // E h_n² by its own recursion
    let second = 3.0 * (alpha * alpha + alpha * gamma + 0.5 * gamma * gamma)
        + 2.0 * beta * (alpha + 0.5 * gamma)
        + beta * beta;
    let omega = long_run * (1.0 - persistence);
    let (mut h, mut square) = (start, start * start);
    for _ in 1..n {
        square = omega * omega + 2.0 * omega * persistence * h + second * square;
        h = omega + persistence * h;
    }
    // the log drift −h/2 moves with h: its share of the variance is Var(h)/4
    let wanted = [-0.5 * expected, expected + 0.25 * (square - expected * expected)];
    assert_cumulants("last period", &returns, &wanted);
    let kurtosis = |values: &[f64]| cumulant(values, 4) / cumulant(values, 2).powi(2);
    let (found, error) = super::by_sections(&returns, kurtosis);
    assert_near("excess kurtosis of a period", found, 3.0 * square / (expected * expected) - 3.0, error);

    let heavy = last_return(", nu = 3.4");
    let beyond = |values: &[f64], size: f64| {
        values.iter().filter(|e| e.abs() > size * expected.sqrt()).count() as f64 / values.len() as f64
    };
    let (thin, fat) = (beyond(&returns, 5.0), beyond(&heavy, 5.0));
    eprintln!("beyond five standard deviations: normal {thin:.6}, Student-t {fat:.6}");
    assert!(fat > 3.0 * thin + 1e-4, "{fat} for {thin}");
    // the median has no tail to fear: it lies near the small log drift
    let mut sorted = heavy.clone();
    sorted.sort_by(f64::total_cmp);
    assert!(sorted[sorted.len() / 2].abs() < expected.sqrt() / 20.0);
}

/// One period without history: the return is Student-t itself, here with four degrees of freedom.
#[test]
fn the_innovations_have_the_law_of_student() {
    let text = Garch { drift: 0.0, volatility: 0.5, alpha: 0.0, beta: 0.0, gamma: 0.0 }
        .text(", nu = 4.0, period = \"3 steps\"");
    let years = 3.0 / 365.0;
    let market = Market { years, steps: 3, paths: 200_000, assets: &[(1.0, &text)], correlation: "" };
    let variance = 0.25 * years;
    let mut t: Vec<f64> = market
        .any_log_returns(0)
        .iter()
        // scaled from variance 1 to the variance 2 of t with ν = 4
        .map(|x| (x + 0.5 * variance) / variance.sqrt() * 2.0_f64.sqrt())
        .collect();
    let cdf = |t: f64| {
        let r = t * t / 4.0;
        0.5 + 0.375 * t / (1.0 + r).sqrt() * (1.0 - r / 3.0 / (1.0 + r))
    };
    t.sort_by(f64::total_cmp);
    let n = t.len() as f64;
    let distance =
        t.iter().enumerate().map(|(k, t)| (cdf(*t) - (k as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
    let mut tails = String::new();
    for bound in [3.0, 6.0, 12.0] {
        let share = t.iter().filter(|t| t.abs() > bound).count() as f64 / n;
        let wanted = 2.0 * cdf(-bound);
        assert_near(&format!("beyond {bound}"), share, wanted, (wanted / n).sqrt());
        let _ = write!(tails, " {share:.6} for {wanted:.6}");
    }
    eprintln!("Kolmogorov distance {distance:.6}, bound {:.6}; tails{tails}", 1.95 / n.sqrt());
    assert!(distance < 1.95 / n.sqrt());
}
