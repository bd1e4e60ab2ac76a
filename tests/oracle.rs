//! Oracles with something random about them: neutral settings change no bit, and every draw has its law.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
#![expect(clippy::disallowed_methods, reason = "the truth of a test may come from libm")]
use driftband::engine::record;

mod simulate;

use simulate::{figure, outcome, scenario};

/// Two correlated assets and the same oracle for both, watched by one eager policy.
fn text(volatility: f64, days: u64, step: &str, paths: u64, oracle: &str) -> String {
    let process = format!("process = {{ kind = \"gbm\", drift = 0.0, volatility = {volatility:?} }}");
    format!(
        "version = 1\nname = \"feed\"\n[run]\npaths = {paths}\nseed = 3\nhorizon = \"{days}d\"\nstep = \"{step}\"\n\
         [market]\ncorrelation = [[1.0, 0.5], [0.5, 1.0]]\n\
         [[assets]]\nsymbol = \"A\"\nspot = 100.0\n{process}\n[[assets]]\nsymbol = \"B\"\nspot = 5.0\n{process}\n\
         [oracle]\n{oracle}\n[target]\nkind = \"basket\"\nvalue = 1000.0\nweights = {{ A = 0.5, B = 0.4 }}\n\
         [[policies]]\nname = \"clock\"\nkind = \"periodic\"\nevery = \"2 steps\"\n"
    )
}

/// Everything a run finds, to the last bit.
fn bits(oracle: &str) -> String {
    format!("{:?}", outcome(&scenario(&text(0.8, 3, "1h", 600, oracle))).policies)
}

#[test]
fn neutral_settings_change_no_bit() {
    let base = "deviation_threshold = \"1%\"\nheartbeat = \"5h\"\n";
    let windows = "[{ from = \"20h\", to = \"30h\" }]";
    let plain = bits(&format!("{base}outages = {windows}"));
    let none = format!("{base}outages = {windows}\n");
    for more in [
        format!("{none}latency = {{ kind = \"geometric\", mean = \"0s\" }}"),
        format!("{none}latency = {{ kind = \"lognormal\", mean = \"0s\", std = \"0s\" }}"),
        format!("{none}noise = 0.0"),
        format!(
            "{base}outages = {{ kind = \"poisson\", per_year = 0, mean_length = \"3h\", windows = {windows} }}"
        ),
    ] {
        assert!(bits(&more) == plain, "{more} changes bits");
    }
    let late = bits(&format!("{none}latency = \"3h\""));
    assert!(late != plain, "the comparison cannot fail");
    // a law without spread is a fixed time
    let drawn = bits(&format!("{none}latency = {{ kind = \"lognormal\", mean = \"3h\", std = \"0s\" }}"));
    assert!(drawn == late, "a latency without spread is no fixed latency");
    assert!(bits(&format!("{none}noise = \"1 bps\"")) != plain);
    assert!(bits(&format!("{none}start = \"stationary\"")) != plain);
}

/// True and seen price of an asset along some paths.
fn watched(text: &str, paths: u64, asset: usize) -> Vec<Vec<(f64, f64)>> {
    let scenario = scenario(text);
    let of = |path: u64| {
        let recording = record(&scenario, path, 0).unwrap();
        recording
            .steps
            .iter()
            .filter_map(|step| Some((step.price[asset], step.oracle.as_ref()?[asset])))
            .collect()
    };
    (0..paths).map(of).collect()
}

#[track_caller]
fn assert_share(what: &str, count: f64, n: f64, wanted: f64) {
    let error = (wanted * (1.0 - wanted) / n).sqrt();
    let z = (count / n - wanted) / error;
    eprintln!("{what}: {:.5} for {wanted:.5}, z {z:+.2}", count / n);
    assert!(z.abs() < 4.0, "{what}: {} for {wanted}", count / n);
}

/// Steps from the posts at whole heartbeats of 30 to the moments they are seen.
fn latencies(latency: &str) -> Vec<usize> {
    let oracle = format!("heartbeat = \"30 steps\"\nlatency = {latency}");
    let paths = watched(&text(0.5, 10, "10min", 40, &oracle), 40, 1);
    let mut found = Vec::new();
    for path in paths {
        for post in (30..path.len() - 30).step_by(30) {
            let posted = path[post].0;
            found.extend((0..30).find(|late| path[post + late].1 == posted));
        }
    }
    assert!(found.len() > 1500, "{}", found.len());
    found
}

#[test]
fn geometric_latencies_have_their_law() {
    let found = latencies("{ kind = \"geometric\", mean = \"40min\", slot = \"20min\" }");
    let n = found.len() as f64;
    assert!(found.iter().all(|late| late % 2 == 0), "whole slots of two steps");
    for k in 0..5_usize {
        // mean of two slots: P(K = k) = (1/3)(2/3)^k
        let count = found.iter().filter(|late| **late == 2 * k).count() as f64;
        assert_share(&format!("{k} slots late"), count, n, (2.0_f64 / 3.0).powi(k as i32) / 3.0);
    }
}

#[test]
fn lognormal_latencies_have_their_law() {
    let found = latencies("{ kind = \"lognormal\", mean = \"80min\", std = \"40min\" }");
    let n = found.len() as f64;
    let variance = f64::ln(1.25);
    let (mu, sigma) = (f64::ln(8.0) - 0.5 * variance, variance.sqrt());
    let below = |x: f64| driftband::math::norm_cdf((f64::ln(x) - mu) / sigma);
    for bound in [3.5, 5.5, 8.5, 12.5, 20.5] {
        let count = found.iter().filter(|late| (**late as f64) < bound).count() as f64;
        assert_share(&format!("late by less than {bound} steps"), count, n, below(bound));
    }
}

/// A post a step, so that seen and true price part in outages alone.
#[test]
fn random_outages_have_their_law_and_may_be_common() {
    let oracle = |more: &str| {
        format!(
            "heartbeat = \"1 step\"\noutages = {{ kind = \"poisson\", per_year = 146, mean_length = \"12h\"{more} }}"
        )
    };
    let dark = |text: &str, asset: usize| -> Vec<Vec<bool>> {
        let paths = watched(text, 128, asset);
        paths.iter().map(|path| path.iter().map(|(price, seen)| price != seen).collect()).collect()
    };
    for (more, common) in [("", false), (", common = true", true)] {
        let text = text(0.5, 8, "1h", 128, &oracle(more));
        let both = [dark(&text, 0), dark(&text, 1)];
        for j in [5_usize, 48, 150] {
            // no outage that began before is still on: 0.4 a day over half a day
            let wanted = 1.0 - (-0.2 * (1.0 - (-(j as f64) / 12.0).exp())).exp();
            let count = both[0].iter().filter(|path| path[j]).count() as f64;
            assert_share(&format!("dark at step {j}"), count, 128.0, wanted);
        }
        assert_eq!(both[0] == both[1], common);
    }
}

#[test]
fn noise_is_the_error_of_a_feed_that_posts_at_every_step() {
    let text = text(0.5, 4, "1h", 2000, "heartbeat = \"1 step\"\nnoise = \"20 bps\"");
    let (found, error) = figure(&outcome(&scenario(&text)).policies[0], "oracle_error_rms");
    eprintln!("noise: {found:.7} ± {error:.1e} for 0.002");
    assert!((found - 0.002).abs() < 4.0 * error && error < 2e-5);
}

#[test]
fn a_pull_feed_has_its_error_and_refuses_wide_readings() {
    let pull = |limit: &str| {
        format!(
            "kind = \"pull\"\nlatency = \"1 step\"\nconfidence = \"10 bps\"\nconfidence_spread = 0.5{limit}"
        )
    };
    // a price that stands still: all the error is the reading's
    let text = |limit: &str| text(0.0, 4, "1h", 2000, &pull(limit));
    let (found, error) = figure(&outcome(&scenario(&text(""))).policies[0], "oracle_error_rms");
    // E[c²e^{2sη}] = c²e^{2s²}; the first reading lands at the second step, one of 95 has no error
    let wanted = 0.001 * f64::exp(0.25) * (94.0_f64 / 95.0).sqrt();
    eprintln!("pull feed: {found:.7} ± {error:.1e} for {wanted:.7}");
    assert!((found - wanted).abs() < 4.0 * error && error < 2e-5, "{found} ± {error} for {wanted}");
    let (mut refused, mut looks) = (0.0, 0.0);
    for path in watched(&text("\nconfidence_limit = \"15 bps\""), 60, 0) {
        for pair in path[2..95].windows(2) {
            looks += 1.0;
            refused += f64::from(u8::from(pair[0].1 == pair[1].1));
        }
    }
    let wanted = driftband::math::norm_cdf(-f64::ln(1.5) / 0.5);
    assert_share("readings refused", refused, looks, wanted);
}
