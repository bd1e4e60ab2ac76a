//! Antithetic pairs, scrambled Sobol points and control variates: laws, errors, and the same bits however they are run.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use driftband::engine::{
    ChunkPart, Execution, Glance, Level, Outcome, Shard, Simulation, Watch, outcome_of, run, run_watched,
};
use driftband::math::{B, Lanes, exp, ln, norm_cdf};
use driftband::rng::Sampling;
use driftband::scenario::Scenario;

mod simulate;
use simulate::{figure, outcome, scenario};

/// One asset, options; `run` and `legs` as in a scenario.
fn options(run: &str, process: &str, legs: &str, policies: &str) -> Scenario {
    scenario(&format!(
        r#"
version = 1
name = "sampling"
[run]
{run}
[market]
rate = 0.0
[[assets]]
symbol = "A"
spot = 100.0
process = {process}
[costs]
fee = "10 bps"
[target]
kind = "options"
hedge_volatility = 0.3
premium_volatility = 0.3
legs = [{legs}]
{policies}
"#
    ))
}

const GBM: &str = r#"{ kind = "gbm", drift = 0.05, volatility = 0.3 }"#;
const HESTON: &str = r#"{ kind = "heston", drift = 0.02, initial_variance = 0.09, long_run_variance = 0.09, mean_reversion = 3.0, vol_of_vol = 0.6, correlation = -0.5 }"#;
const STOCK: &str = r#"{ type = "spot", quantity = 1 }"#;
const CALL: &str = r#"{ type = "call", strike = 100.0, quantity = -1 }"#;
const NONE: &str = "[[policies]]\nname = \"none\"\nkind = \"none\"";
const HEDGES: &str = r#"
[[policies]]
name = "often"
kind = "periodic"
every = "1 step"
[[policies]]
name = "band"
kind = "band"
width = "10%"
"#;

/// Two correlated assets held at fixed weights, by a band and by a clock.
fn basket(run: &str, every: &str) -> Scenario {
    scenario(&format!(
        r#"
version = 1
name = "basket"
[run]
{run}
[market]
rate = 0.02
correlation = [[1.0, 0.5], [0.5, 1.0]]
[[assets]]
symbol = "A"
spot = 100.0
process = {{ kind = "gbm", drift = 0.10, volatility = 0.5 }}
[[assets]]
symbol = "B"
spot = 20.0
process = {{ kind = "gbm", drift = -0.05, volatility = 0.8 }}
[costs]
fee = "5 bps"
[target]
kind = "basket"
value = 1_000_000
weights = {{ A = 0.5, B = 0.3 }}
[[policies]]
name = "band"
kind = "band"
width = "2%"
[[policies]]
name = "clock"
kind = "periodic"
every = "{every}"
"#
    ))
}

fn with(mut scenario: Scenario, sampling: Sampling) -> Scenario {
    scenario.run.sampling = sampling;
    scenario.run.paths = sampling.rounded_up(scenario.run.paths);
    scenario
}

#[test]
fn odd_paths_mirror_the_even_ones_which_are_those_of_a_plain_run() {
    let run = "paths = 300\nhorizon = \"1y\"\nsteps = 13";
    let plain = outcome(&options(run, GBM, STOCK, NONE));
    let pairs = outcome(&options(&format!("{run}\nsampling = \"antithetic\""), GBM, STOCK, NONE));
    let (plain, pairs) = (&plain.policies[0].deviations, &pairs.policies[0].deviations);
    // S_even·S_odd = S_0²·exp(2μT − σ²T)
    let wanted = 1e4 * exp(2.0 * 0.05 - 0.09);
    for (k, [even, odd]) in pairs.as_chunks::<2>().0.iter().enumerate() {
        assert_eq!(even.to_bits(), plain[2 * k].to_bits(), "path {}", 2 * k);
        let product = (even + 100.0) * (odd + 100.0);
        assert!((product / wanted - 1.0).abs() < 1e-12, "pair {k}: {product} {wanted}");
    }
    // whatever else drives the paths
    for process in [
        HESTON,
        r#"{ kind = "kou", drift = 0.0, volatility = 0.3, jumps_per_year = 5, p_up = 0.4, eta_up = 20, eta_down = 15 }"#,
    ] {
        let [plain, pairs] = ["pseudo", "antithetic"].map(|word| {
            let run = format!("{run}\nsampling = \"{word}\"");
            outcome(&options(&run, process, CALL, HEDGES)).policies[1].deviations.clone()
        });
        assert!((0..300).step_by(2).all(|path| plain[path].to_bits() == pairs[path].to_bits()));
        assert!((1..300).step_by(2).filter(|path| plain[*path] == pairs[*path]).count() < 10);
    }
}

/// Logarithms of the prices after some steps.
struct Logs {
    steps: Vec<u64>,
    found: Vec<Lanes>,
}

impl Watch for Logs {
    fn after_step(&mut self, glance: &Glance<'_>) {
        if self.steps.contains(&glance.step()) {
            for asset in 0..glance.n_assets() {
                self.found.push(*glance.log_price(asset));
            }
        }
    }
    fn columns(&self) -> Vec<Lanes> {
        self.found.clone()
    }
}

/// Mean over the paths and its error over the 32 replicates.
fn by_replicate(values: &[f64]) -> (f64, f64) {
    let n = values.len() / 32;
    let means: Vec<f64> =
        (0..32).map(|r| values.iter().skip(r).step_by(32).sum::<f64>() / n as f64).collect();
    let mean = means.iter().sum::<f64>() / 32.0;
    let square: f64 = means.iter().map(|m| (m - mean) * (m - mean)).sum();
    (mean, (square / 31.0 / 32.0).sqrt())
}

#[test]
fn sobol_walks_are_brownian_on_every_grid() {
    // with more steps than dimensions, as many, and fewer; an uneven grid too
    for (steps, at) in [
        (1000_u64, vec![1_u64, 2, 3, 499, 500, 501, 1000]),
        (128, vec![1, 2, 64, 65, 128]),
        (7, vec![1, 2, 3, 7]),
        (301, vec![1, 2, 150, 151, 301]),
    ] {
        let run = format!(
            "paths = 16_384\nhorizon = \"1y\"\nsteps = {steps}\nsampling = \"sobol\"\npath_metrics = false"
        );
        let scenario = basket(&run, "1 step");
        let watch = || Box::new(Logs { steps: at.clone(), found: vec![] }) as Box<dyn Watch>;
        let (_, columns) = run_watched(&scenario, &Execution::default(), &watch).unwrap();
        let (start, drift, sigma) = ([100.0_f64, 20.0], [0.10, -0.05], [0.5, 0.8]);
        let t = |k: usize| at[k] as f64 / steps as f64;
        let centred: Vec<Vec<f64>> = columns
            .iter()
            .enumerate()
            .map(|(c, column)| {
                let (k, i) = (c / 2, c % 2);
                let mean = ln(start[i]) + (drift[i] - 0.5 * sigma[i] * sigma[i]) * t(k);
                column.iter().map(|x| (x - mean) / sigma[i]).collect()
            })
            .collect();
        for (a, x) in centred.iter().enumerate() {
            let (mean, se) = by_replicate(x);
            assert!(mean.abs() <= 5.0 * se + 1e-12, "{steps} steps, column {a}: mean {mean} ± {se}");
            for (b, y) in centred.iter().enumerate().skip(a) {
                let products: Vec<f64> = x.iter().zip(y).map(|(x, y)| x * y).collect();
                let (found, se) = by_replicate(&products);
                let rho = if a % 2 == b % 2 { 1.0 } else { 0.5 };
                let wanted = rho * t(a / 2).min(t(b / 2));
                assert!(
                    (found - wanted).abs() <= 5.0 * se + 1e-9,
                    "{steps} steps, columns {a} and {b}: {found} ± {se}, not {wanted}"
                );
                // far better than chance on the coarse scale
                if a == b && at[a / 2] == steps {
                    assert!(se < 0.1 * (2.0 / 16_384.0_f64).sqrt(), "{steps}: {se}");
                }
            }
        }
    }
}

#[test]
fn the_last_price_has_its_law_down_to_the_tail() {
    let run = "paths = 65_536\nhorizon = \"1y\"\nsteps = 12\nsampling = \"sobol\"\npath_metrics = false";
    let found = outcome(&options(run, GBM, STOCK, NONE));
    let mut z: Vec<f64> = found.policies[0]
        .deviations
        .iter()
        .map(|d| (ln((d + 100.0) / 100.0) - (0.05 - 0.045)) / 0.3)
        .collect();
    z.sort_by(f64::total_cmp);
    let n = z.len() as f64;
    let distance =
        z.iter().enumerate().map(|(k, z)| (norm_cdf(*z) - (k as f64 + 0.5) / n).abs()).fold(0.0, f64::max);
    // Kolmogorov–Smirnov at 1e-3 for independent paths; evenly spread ones are far closer
    assert!(distance < 1.95 / n.sqrt() / 4.0, "{distance}");
    for level in [3.0, 4.0] {
        let beyond = z.iter().filter(|z| z.abs() > level).count() as f64;
        let wanted = 2.0 * norm_cdf(-level) * n;
        assert!((beyond - wanted).abs() <= 5.0 * wanted.sqrt(), "{level}: {beyond} of {wanted}");
    }
}

#[test]
fn a_known_integral_is_found_with_a_far_smaller_error() {
    // E(payoff) − premium with the true drift, in closed form
    let (drift, v) = (0.05_f64, 0.3_f64);
    let d1 = (drift + 0.5 * v * v) / v;
    let mean_payoff = 100.0 * exp(drift) * norm_cdf(d1) - 100.0 * norm_cdf(d1 - v);
    let premium = 100.0 * (norm_cdf(0.5 * v) - norm_cdf(-0.5 * v));
    for (word, times) in [("pseudo", 1.0), ("antithetic", 1.0), ("sobol", 30.0)] {
        let run = format!("paths = 32_768\nhorizon = \"1y\"\nsteps = 12\nsampling = \"{word}\"");
        let found = outcome(&options(&run, GBM, CALL, NONE));
        let (mean, se) = figure(&found.policies[0], "mean");
        assert!((mean - (premium - mean_payoff)).abs() <= 4.0 * se, "{word}: {mean} ± {se}");
        let plain = figure(&found.policies[0], "std").0 / 32_768_f64.sqrt();
        assert!(se * times <= plain * 1.05, "{word}: {se} against {plain}");
        let ratio = found.policies[0].variance_ratios.first().copied().flatten();
        match ratio {
            Some(ratio) => assert!((ratio / (plain / se).powi(2) - 1.0).abs() < 1e-3, "{word}: {ratio}"),
            None => assert_eq!(word, "pseudo"),
        }
    }
}

#[test]
fn figures_agree_with_independent_paths_within_their_errors() {
    let run = "paths = 32_768\nhorizon = \"90d\"\nstep = \"3d\"";
    let mut checked = 0;
    for process in [GBM, HESTON] {
        let plain = outcome(&options(run, process, CALL, HEDGES));
        for sampling in [Sampling::Antithetic, Sampling::Sobol] {
            let found = outcome(&with(options(run, process, CALL, HEDGES), sampling));
            assert!(found.notes.iter().any(|note| note.contains("errors are those over the")));
            for (a, b) in plain.policies.iter().zip(&found.policies) {
                assert_eq!(b.variance_ratios.len(), b.metrics.len());
                for ((metric, x), (_, y)) in a.metrics.iter().zip(&b.metrics) {
                    assert_eq!(x.value.is_some(), y.value.is_some(), "{}", metric.key);
                    let (Some(value), Some(se)) = (y.value, y.se) else { continue };
                    let (wanted, plain_se) = (x.value.unwrap(), x.se.unwrap());
                    assert!(
                        (value - wanted).abs() <= 5.0 * plain_se.hypot(se) + 1e-9,
                        "{sampling:?} {}: {value} ± {se}, plain {wanted} ± {plain_se}",
                        metric.key
                    );
                    checked += usize::from(se > 0.0);
                }
            }
        }
    }
    assert!(checked > 150, "{checked}");
}

/// Several ways to run the same paths.
fn ways(scenario: &Scenario) -> Vec<Outcome> {
    let mut found = vec![run(scenario, &Execution { threads: Some(1), ..Execution::default() }).unwrap()];
    found.push(run(scenario, &Execution { threads: Some(3), ..Execution::default() }).unwrap());
    for level in Level::available() {
        found.push(run(scenario, &Execution { level, ..Execution::default() }).unwrap());
    }
    // shards, their chunks as bytes and back
    let mut parts: Vec<ChunkPart> = Vec::new();
    for index in 1..=2 {
        let shard = Shard::new(index, 2).unwrap();
        let simulation = Simulation::new(scenario, shard, &Execution::default()).unwrap();
        for chunk in shard.chunks(scenario.run.paths) {
            let bytes = simulation.chunk(chunk).unwrap().to_bytes().unwrap();
            parts.push(ChunkPart::from_bytes(&bytes).unwrap());
        }
    }
    parts.sort_by_key(ChunkPart::index);
    found.push(outcome_of(scenario, &Execution::default(), parts).unwrap());
    found
}

#[test]
fn the_same_bits_by_every_way() {
    let run = "paths = 100_000\nhorizon = \"30d\"\nsteps = 3\ncontrol_variates = true";
    for sampling in [Sampling::Pseudo, Sampling::Antithetic, Sampling::Sobol] {
        let scenario = with(options(run, GBM, CALL, HEDGES), sampling);
        let found = ways(&scenario);
        assert!(found.iter().all(|outcome| *outcome == found[0]), "{sampling:?}");
        let mut alone = scenario.clone();
        alone.policies.remove(0);
        let alone = driftband::engine::run(&alone, &Execution::default()).unwrap();
        assert_eq!(alone.policies[0], found[0].policies[1], "{sampling:?}: other policies");
    }
}

#[test]
fn paths_of_a_sobol_run_are_those_of_a_longer_one() {
    let run = |paths: u64| format!("paths = {paths}\nhorizon = \"30d\"\nsteps = 40\nsampling = \"sobol\"");
    let [short, long] = [1000, 5000].map(|n| outcome(&options(&run(n), GBM, CALL, HEDGES)));
    assert_eq!((short.n_paths, long.n_paths), (1024, 8192));
    assert_eq!(short.policies[1].deviations[..], long.policies[1].deviations[..1024]);
    let replayed = driftband::engine::record(&options(&run(1000), GBM, CALL, HEDGES), 777, 1).unwrap();
    assert_eq!(replayed.deviation.to_bits(), short.policies[1].deviations[777].to_bits());
    assert_eq!(B, 128, "the points of a block were chosen for it");
}

#[test]
fn a_control_that_is_the_deviation_leaves_nothing() {
    // a naked call at rate 0 under a drift: its mean is the premium less the mean payoff of the closed form
    let run = "paths = 20_000\nhorizon = \"1y\"\nsteps = 12\ncontrol_variates = true";
    let found = outcome(&options(run, GBM, CALL, NONE));
    let controlled = found.policies[0].controlled.as_ref().unwrap();
    let d1 = (0.05 + 0.045) / 0.3;
    let payoff = 100.0 * exp(0.05) * norm_cdf(d1) - 100.0 * norm_cdf(d1 - 0.3);
    let premium = found.constants.premiums.as_ref().unwrap()[0];
    assert!((controlled.mean.value.unwrap() - (premium - payoff)).abs() < 1e-9, "{controlled:?}");
    assert!((controlled.slope - 1.0).abs() < 1e-12);
    // the stock itself: S_T − S_0 less its surprises is its mean
    let found = outcome(&options(run, GBM, STOCK, NONE));
    let controlled = found.policies[0].controlled.as_ref().unwrap();
    let (mean, se) = (controlled.mean.value.unwrap(), controlled.mean.se.unwrap());
    assert!((mean - 100.0 * (exp(0.05) - 1.0)).abs() <= 4.0 * se, "{controlled:?}");
    assert!(controlled.variance_ratio.unwrap() > 100.0, "{controlled:?}");
}

#[test]
fn controls_cut_the_error_of_a_baskets_mean_twenty_fold() {
    let run =
        "paths = 20_000\nhorizon = \"360d\"\nstep = \"1d\"\ncontrol_variates = true\npath_metrics = false";
    for sampling in [Sampling::Pseudo, Sampling::Antithetic, Sampling::Sobol] {
        let found = outcome(&with(basket(run, "30d"), sampling));
        for policy in &found.policies {
            let (mean, se) = figure(policy, "mean");
            let controlled = policy.controlled.as_ref().unwrap();
            let (better, its) = (controlled.mean.value.unwrap(), controlled.mean.se.unwrap());
            eprintln!("{sampling:?} {}: {mean:.3} ± {se:.3}, controlled {better:.4} ± {its:.4}", policy.name);
            assert!((better - mean).abs() <= 4.0 * se.hypot(its), "{}: {mean} {better}", policy.name);
            let ratio = controlled.variance_ratio.unwrap();
            assert!((ratio - (se / its).powi(2)).abs() <= 1e-9 * ratio);
            if sampling == Sampling::Pseudo {
                assert!(se >= 20.0 * its, "{}: {se} {its}", policy.name);
            }
        }
    }
}

#[test]
fn controls_do_not_move_a_figure() {
    let run = "paths = 2000\nhorizon = \"30d\"\nsteps = 30";
    let plain = outcome(&options(run, GBM, CALL, HEDGES));
    let with = outcome(&options(&format!("{run}\ncontrol_variates = true"), GBM, CALL, HEDGES));
    for (a, b) in plain.policies.iter().zip(&with.policies) {
        assert_eq!(a.metrics, b.metrics);
        assert!(a.controlled.is_none() && b.controlled.is_some());
    }
}
