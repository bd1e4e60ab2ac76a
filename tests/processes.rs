//! Laws of the price processes as scenarios make them: martingales, moments, jump counts, correlations, blocks.
//!
//! A holding of one unit bought for nothing and never hedged ends at `S_T`: its deviations are the prices themselves.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
#![expect(clippy::disallowed_methods, reason = "the truth of a test may come from libm")]
use std::collections::BTreeMap;
use std::fmt::Write as _;

use driftband::engine::record;

#[path = "processes/jumps.rs"]
mod jumps;
#[path = "processes/latent.rs"]
mod latent;
mod simulate;

use simulate::{figure, outcome, scenario, scenario_with};

/// Standard errors allowed.
const ERRORS: f64 = 4.0;

/// The price at the end of a market; one scenario an asset, all with the same draws.
struct Market<'a> {
    years: f64,
    steps: u64,
    paths: u64,
    /// Spot and process of every asset.
    assets: &'a [(f64, &'a str)],
    correlation: &'a str,
}

impl Market<'_> {
    fn text(&self, asset: usize) -> String {
        let Self { years, steps, paths, correlation, .. } = self;
        let mut text = format!(
            "version = 1\nname = \"law\"\n[run]\npaths = {paths}\nseed = 11\nhorizon = \"{years}y\"\nsteps = {steps}\n\
             path_metrics = false\n[market]\n{correlation}\n"
        );
        for (index, (spot, process)) in self.assets.iter().enumerate() {
            let _ = writeln!(
                text,
                "[[assets]]\nsymbol = \"A{index}\"\nspot = {spot:?}\nprocess = {{ {process} }}"
            );
        }
        let _ = writeln!(
            text,
            "[target]\nkind = \"options\"\n\
             legs = [{{ asset = \"A{asset}\", type = \"spot\", quantity = 1.0, premium = 0.0 }}]\n\
             [[policies]]\nname = \"p\"\nkind = \"none\""
        );
        text
    }

    /// `ln(S_T/S_0)` of an asset by path, whatever its mean.
    #[track_caller]
    fn any_log_returns(&self, asset: usize) -> Vec<f64> {
        let spot = self.assets[asset].0;
        let outcome = outcome(&scenario(&self.text(asset)));
        outcome.policies[0].deviations.iter().map(|price| (price / spot).ln()).collect()
    }

    /// `S_T` of an asset by path; its mean must be `S_0·e^{drift·T}`.
    #[track_caller]
    fn prices(&self, asset: usize, drift: f64) -> Vec<f64> {
        let outcome = outcome(&scenario(&self.text(asset)));
        let (mean, error) = figure(&outcome.policies[0], "mean");
        let spot = self.assets[asset].0;
        assert_near(
            &format!("mean of {}", self.assets[asset].1),
            mean,
            spot * (drift * self.years).exp(),
            error,
        );
        let prices = outcome.policies[0].deviations.clone();
        assert_eq!(prices.len() as u64, self.paths);
        assert!(prices.iter().all(|price| *price > 0.0));
        prices
    }

    /// `ln(S_T/S_0)` of an asset by path.
    #[track_caller]
    fn log_returns(&self, asset: usize, drift: f64) -> Vec<f64> {
        let spot = self.assets[asset].0;
        self.prices(asset, drift).iter().map(|price| (price / spot).ln()).collect()
    }
}

/// Within the errors, or equal to rounding where there is no error.
#[track_caller]
fn assert_near(what: &str, found: f64, wanted: f64, error: f64) {
    eprintln!("{what}: {found:.8} for {wanted:.8}, {:+.2} errors", (found - wanted) / error);
    assert!(
        (found - wanted).abs() <= (ERRORS * error).max(1e-9 * wanted.abs()),
        "{what}: {found} ± {error} for {wanted}"
    );
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// A statistic with its standard error from 50 sections.
fn by_sections(values: &[f64], statistic: impl Fn(&[f64]) -> f64) -> (f64, f64) {
    let sections: Vec<f64> = (0..50)
        .map(|section| statistic(&values.iter().skip(section).step_by(50).copied().collect::<Vec<_>>()))
        .collect();
    let center = mean(&sections);
    let variance = sections.iter().map(|value| (value - center).powi(2)).sum::<f64>() / 49.0;
    (statistic(values), (variance / 50.0).sqrt())
}

/// The k-th cumulant, k = 2, 3, 4.
fn cumulant(values: &[f64], k: i32) -> f64 {
    let center = mean(values);
    let moment =
        |k: i32| values.iter().map(|value| (value - center).powi(k)).sum::<f64>() / values.len() as f64;
    match k {
        2 => moment(2),
        3 => moment(3),
        _ => moment(4) - 3.0 * moment(2).powi(2),
    }
}

/// Mean and cumulants 2 to 4 of log returns are those wanted; only as many as are given.
#[track_caller]
fn assert_cumulants(what: &str, returns: &[f64], wanted: &[f64]) {
    for (k, wanted) in (1..).zip(wanted) {
        let statistic = |values: &[f64]| if k == 1 { mean(values) } else { cumulant(values, k) };
        let (found, error) = by_sections(returns, statistic);
        assert_near(&format!("{what}, cumulant {k}"), found, *wanted, error);
    }
}

fn correlation(x: &[f64], y: &[f64]) -> f64 {
    let (mx, my) = (mean(x), mean(y));
    let product = |a: &[f64], ma: f64, b: &[f64], mb: f64| -> f64 {
        a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum::<f64>()
    };
    product(x, mx, y, my) / (product(x, mx, x, mx) * product(y, my, y, my)).sqrt()
}

#[test]
fn correlated_gaussian_prices_have_their_moments() {
    let (drifts, volatilities) = ([0.1, -0.2, 0.05], [0.8, 0.5, 0.3]);
    let process =
        |i: usize| format!("kind = \"gbm\", drift = {:?}, volatility = {:?}", drifts[i], volatilities[i]);
    let processes: Vec<String> = (0..3).map(process).collect();
    let assets = [(100.0, processes[0].as_str()), (3.0, processes[1].as_str()), (7e4, processes[2].as_str())];
    let matrix = [[1.0, 0.7, -0.3], [0.7, 1.0, 0.2], [-0.3, 0.2, 1.0]];
    let correlations = format!("correlation = {matrix:?}");
    let market = Market { years: 1.5, steps: 6, paths: 200_000, assets: &assets, correlation: &correlations };
    let returns: Vec<Vec<f64>> = (0..3).map(|i| market.log_returns(i, drifts[i])).collect();
    for i in 0..3 {
        let variance = volatilities[i] * volatilities[i] * 1.5;
        assert_cumulants(&processes[i], &returns[i], &[drifts[i] * 1.5 - 0.5 * variance, variance, 0.0, 0.0]);
        for j in 0..i {
            let found = correlation(&returns[i], &returns[j]);
            let error = (1.0 - matrix[i][j] * matrix[i][j]) / 200_000_f64.sqrt();
            assert_near(&format!("correlation of {i} and {j}"), found, matrix[i][j], error);
        }
    }
}

#[test]
fn the_correlation_joins_the_gaussian_drivers_of_different_laws() {
    let assets = [
        (1.0, "kind = \"gbm\", drift = 0.0, volatility = 0.4"),
        (
            1.0,
            "kind = \"merton\", drift = 0.0, volatility = 0.3, jumps_per_year = 5.0, jump_mean = 0.0, jump_std = 0.1",
        ),
        (
            1.0,
            "kind = \"heston\", drift = 0.0, initial_variance = 0.09, long_run_variance = 0.09, mean_reversion = 2.0, \
             vol_of_vol = 0.0, correlation = 0.0",
        ),
    ];
    let market = Market {
        years: 0.5,
        steps: 10,
        paths: 100_000,
        assets: &assets,
        correlation: "correlation = [[1.0, 0.8, 0.5], [0.8, 1.0, 0.3], [0.5, 0.3, 1.0]]",
    };
    let returns: Vec<Vec<f64>> = (0..3).map(|i| market.log_returns(i, 0.0)).collect();
    // jumps are independent: they only dilute; λδ² = 0.05 beside σ² = 0.09
    let dilution = (0.09_f64 / (0.09 + 0.05)).sqrt();
    let error = 1.2 / 100_000_f64.sqrt();
    assert_near("gbm and merton", correlation(&returns[0], &returns[1]), 0.8 * dilution, error);
    assert_near("gbm and heston", correlation(&returns[0], &returns[2]), 0.5, error);
    assert_near("merton and heston", correlation(&returns[1], &returns[2]), 0.3 * dilution, error);
}

#[test]
fn unwritten_correlation_is_none() {
    let law = "kind = \"gbm\", drift = 0.0, volatility = 0.4";
    let assets = [(1.0, law), (1.0, law)];
    let market = Market { years: 1.0, steps: 3, paths: 100_000, assets: &assets, correlation: "" };
    let found = correlation(&market.log_returns(0, 0.0), &market.log_returns(1, 0.0));
    assert_near("correlation", found, 0.0, 1.0 / 100_000_f64.sqrt());
}

/// Poisson cumulants are all λT·E[J^k].
fn jump_cumulants(
    intensity: f64,
    years: f64,
    moments: [f64; 4],
    volatility: f64,
    drift: f64,
    compensator: f64,
) -> [f64; 4] {
    let rate = intensity * years;
    let diffusion = volatility * volatility * years;
    [
        drift * years - 0.5 * diffusion - rate * compensator + rate * moments[0],
        diffusion + rate * moments[1],
        rate * moments[2],
        rate * moments[3],
    ]
}

#[test]
fn merton_prices_have_their_moments() {
    let (m, d, years) = (-0.1_f64, 0.15_f64, 0.7);
    let law = "kind = \"merton\", drift = 0.12, volatility = 0.4, jumps_per_year = 6.0, jump_mean = -0.1, jump_std = 0.15";
    let market = Market { years, steps: 7, paths: 300_000, assets: &[(50.0, law)], correlation: "" };
    let moments =
        [m, m * m + d * d, m * m * m + 3.0 * m * d * d, m.powi(4) + 6.0 * m * m * d * d + 3.0 * d.powi(4)];
    let compensator = (m + 0.5 * d * d).exp() - 1.0;
    let wanted = jump_cumulants(6.0, years, moments, 0.4, 0.12, compensator);
    assert_cumulants("merton", &market.log_returns(0, 0.12), &wanted);
}

#[test]
fn kou_prices_have_their_moments() {
    let (p, up, down, years) = (0.35_f64, 12.0_f64, 8.0_f64, 0.7);
    let law = "kind = \"kou\", drift = -0.05, volatility = 0.3, jumps_per_year = 9.0, p_up = 0.35, eta_up = 12.0, eta_down = 8.0";
    let market = Market { years, steps: 7, paths: 300_000, assets: &[(50.0, law)], correlation: "" };
    let factorial = [1.0, 2.0, 6.0, 24.0];
    let moments: [f64; 4] = std::array::from_fn(|k| {
        let order = k as i32 + 1;
        factorial[k] * (p / up.powi(order) + (1.0 - p) * (-1.0_f64).powi(order) / down.powi(order))
    });
    let compensator = p * up / (up - 1.0) + (1.0 - p) * down / (down + 1.0) - 1.0;
    let wanted = jump_cumulants(9.0, years, moments, 0.3, -0.05, compensator);
    assert_cumulants("kou", &market.log_returns(0, -0.05), &wanted);
}

/// Without diffusion and with jumps of one size, the log return counts the jumps: several fall into one step.
#[test]
fn jumps_are_counted_by_poissons_law() {
    let (m, years, intensity) = (0.01_f64, 0.5, 13.0);
    let law = "kind = \"merton\", drift = 0.0, volatility = 0.0, jumps_per_year = 13.0, jump_mean = 0.01, jump_std = 0.0";
    for steps in [1, 2, 40] {
        let market = Market { years, steps, paths: 100_000, assets: &[(1.0, law)], correlation: "" };
        let drift = -intensity * years * (m.exp() - 1.0);
        let counts: Vec<f64> = market.log_returns(0, 0.0).iter().map(|x| (x - drift) / m).collect();
        assert!(counts.iter().all(|count| (count - count.round()).abs() < 1e-6 && *count > -0.5));
        let expected = intensity * years;
        assert_cumulants(
            &format!("jumps in {steps} steps"),
            &counts,
            &[expected, expected, expected, expected],
        );
        let mut probability = (-expected).exp();
        for n in 0..16_u32 {
            let share = counts.iter().filter(|count| count.round() == f64::from(n)).count() as f64 / 1e5;
            let error = (probability * (1.0 - probability) / 1e5).sqrt();
            assert_near(&format!("{n} jumps in {steps} steps"), share, probability, error);
            probability *= expected / f64::from(n + 1);
        }
    }
}

/// Integral of `f` over [0, T] by Simpson's rule.
fn integral(years: f64, f: impl Fn(f64) -> f64) -> f64 {
    let n = 2000;
    let h = years / f64::from(n);
    let weight = |i: i32| if i == 0 || i == n { 1.0 } else { 2.0 + 2.0 * f64::from(i % 2) };
    (0..=n).map(|i| weight(i) * f(h * f64::from(i))).sum::<f64>() * h / 3.0
}

/// A Heston law.
struct Heston {
    drift: f64,
    v0: f64,
    theta: f64,
    kappa: f64,
    xi: f64,
    rho: f64,
}

impl Heston {
    fn text(&self) -> String {
        let Self { drift, v0, theta, kappa, xi, rho } = self;
        format!(
            "kind = \"heston\", drift = {drift:?}, initial_variance = {v0:?}, long_run_variance = {theta:?}, \
             mean_reversion = {kappa:?}, vol_of_vol = {xi:?}, correlation = {rho:?}"
        )
    }

    /// Mean and variance of the log return, from those of the variance process.
    fn moments(&self, years: f64) -> [f64; 2] {
        let Self { drift, v0, theta, kappa, xi, rho } = *self;
        let decay = |t: f64| (-kappa * t).exp();
        let expected = |s: f64| theta + (v0 - theta) * decay(s);
        let spread = |s: f64| {
            let e = decay(s);
            v0 * xi * xi / kappa * (e - e * e) + theta * xi * xi / (2.0 * kappa) * (1.0 - e).powi(2)
        };
        let total = integral(years, expected);
        // I = ∫v; Cov(v_s, v_t) = e^{−κ(t−s)} Var(v_s)
        let of_integral = 2.0 * integral(years, |s| spread(s) * (1.0 - decay(years - s)) / kappa);
        let with_end = integral(years, |s| spread(s) * decay(years - s));
        // ∫√v dW_v = (v_T − v_0 − κθT + κI)/ξ, and the price sees ρ of it
        let with_gains = if xi == 0.0 { 0.0 } else { rho * (with_end + kappa * of_integral) / xi };
        [drift * years - 0.5 * total, total - with_gains + 0.25 * of_integral]
    }
}

#[track_caller]
fn check_heston(law: &Heston, steps: u64, paths: u64) -> Vec<f64> {
    let text = law.text();
    let market = Market { years: 1.0, steps, paths, assets: &[(100.0, &text)], correlation: "" };
    let returns = market.log_returns(0, law.drift);
    assert_cumulants(&text, &returns, &law.moments(1.0));
    returns
}

#[test]
fn heston_prices_have_their_moments() {
    check_heston(&Heston { drift: 0.05, v0: 0.2, theta: 0.36, kappa: 3.0, xi: 0.8, rho: -0.6 }, 100, 100_000);
    check_heston(&Heston { drift: -0.1, v0: 0.5, theta: 0.2, kappa: 2.0, xi: 0.7, rho: 0.5 }, 100, 100_000);
}

/// The variance sticks to 0: 2κθ is far below ξ².
#[test]
fn a_violated_feller_condition_leaves_the_martingale_and_the_moments() {
    check_heston(&Heston { drift: 0.0, v0: 0.04, theta: 0.04, kappa: 1.0, xi: 1.0, rho: -0.7 }, 200, 60_000);
    check_heston(&Heston { drift: 0.0, v0: 0.3, theta: 0.2, kappa: 4.0, xi: 2.5, rho: -0.3 }, 200, 60_000);
}

#[test]
fn the_martingale_is_exact_on_a_coarse_grid() {
    let law = Heston { drift: 0.2, v0: 0.1, theta: 0.3, kappa: 2.0, xi: 1.5, rho: -0.8 }.text();
    let market = Market { years: 1.0, steps: 4, paths: 200_000, assets: &[(100.0, &law)], correlation: "" };
    market.prices(0, 0.2);
}

/// Without volatility of volatility the log return is Gaussian with the integrated variance.
#[test]
fn a_variance_without_noise_follows_its_mean() {
    let law = Heston { drift: 0.1, v0: 0.04, theta: 0.25, kappa: 2.0, xi: 0.0, rho: -0.5 };
    let returns = check_heston(&law, 100, 100_000);
    let [mean, variance] = law.moments(1.0);
    assert_cumulants("no noise", &returns, &[mean, variance, 0.0, 0.0]);
}

/// A CSV of daily prices whose every return is another; a day is missing in the middle.
fn series() -> (String, Vec<f64>, Vec<usize>) {
    let (mut csv, mut prices, mut ends) = ("time,S\n".to_owned(), Vec::new(), Vec::new());
    let mut price = 100.0_f64;
    for row in 0..40_u32 {
        let day = row + 1 + u32::from(row >= 25);
        let (month, day) = if day > 31 { (2, day - 31) } else { (1, day) };
        let _ = writeln!(csv, "2024-{month:02}-{day:02}T00:00:00Z,{price:?}");
        prices.push(price);
        // no return may come twice
        price *= (0.06 * (f64::from(row * row) * 1.7 + 0.3).sin() + 0.004).exp();
        if row == 24 || row == 39 {
            ends.push(row as usize);
        }
    }
    (csv, prices, ends)
}

fn bootstrap_text(steps: u64, paths: u64, mean_block: u64, demean: bool) -> String {
    format!(
        "version = 1\nname = \"blocks\"\n[run]\npaths = {paths}\nhorizon = \"{steps}d\"\nsteps = {steps}\n\
         [[assets]]\nsymbol = \"S\"\nspot = 10.0\n\
         process = {{ kind = \"bootstrap\", file = \"p.csv\", mean_block = \"{mean_block} steps\", demean = {demean} }}\n\
         [target]\nkind = \"options\"\nlegs = [{{ type = \"spot\", quantity = 1.0, premium = 0.0 }}]\n\
         [[policies]]\nname = \"p\"\nkind = \"none\"\n"
    )
}

#[test]
fn a_demeaned_bootstrap_keeps_the_price_in_the_mean() {
    let (csv, ..) = series();
    let mean_of = |demean: bool| {
        let text = bootstrap_text(30, 100_000, 4, demean);
        figure(&outcome(&scenario_with(&text, &[("p.csv", &csv)])).policies[0], "mean")
    };
    let (mean, error) = mean_of(true);
    assert_near("demeaned", mean, 10.0, error);
    // the series drifts: without the shift the mean is elsewhere
    let (drifting, error) = mean_of(false);
    assert!((drifting - 10.0).abs() > 10.0 * error, "{drifting} ± {error}");
}

/// Every return names its row: blocks begin anywhere alike, end with probability 1/mean, and never cross the gap.
#[test]
fn blocks_have_geometric_lengths_and_uniform_beginnings() {
    let (csv, prices, ends) = series();
    let returns: Vec<f64> = prices.windows(2).map(|pair| (pair[1] / pair[0]).ln()).collect();
    let rows: Vec<usize> = (0..returns.len()).filter(|row| !ends.contains(row)).collect();
    let (steps, n_paths, mean_block) = (400_u64, 60_u64, 4_u64);
    let scenario = scenario_with(&bootstrap_text(steps, n_paths, mean_block, false), &[("p.csv", &csv)]);
    let (mut onward, mut chances, mut begun) = (0.0, 0.0, BTreeMap::<usize, f64>::new());
    for path in 0..n_paths {
        let recording = record(&scenario, path, 0).unwrap();
        let path: Vec<f64> = recording.steps.iter().map(|step| step.price[0]).collect();
        let row_of = |pair: &[f64]| -> usize {
            let x = (pair[1] / pair[0]).ln();
            let near = |row: &&usize| (returns[**row] - x).abs() < 1e-11;
            let found: Vec<&usize> = rows.iter().filter(near).collect();
            assert_eq!(found.len(), 1, "a step of {x} is no row of the file");
            *found[0]
        };
        let walked: Vec<usize> = path.windows(2).map(row_of).collect();
        *begun.entry(walked[0]).or_default() += 1.0;
        for pair in walked.windows(2) {
            if ends.contains(&(pair[0] + 1)) {
                // the block had to end here
                *begun.entry(pair[1]).or_default() += 1.0;
                continue;
            }
            chances += 1.0;
            if pair[1] == pair[0] + 1 {
                onward += 1.0;
            } else {
                *begun.entry(pair[1]).or_default() += 1.0;
            }
        }
    }
    // a new block may by chance begin at the next row
    let stays = 1.0 - 1.0 / mean_block as f64;
    let expected = stays + (1.0 - stays) / rows.len() as f64;
    assert_near(
        "blocks that go on",
        onward / chances,
        expected,
        (expected * (1.0 - expected) / chances).sqrt(),
    );
    // chi-square of the beginnings, whose mean is their number less 1: beginnings that look like going on are missing alike
    let total: f64 = begun.values().sum();
    let share = total / rows.len() as f64;
    let chi: f64 =
        rows.iter().map(|row| (begun.get(row).copied().unwrap_or(0.0) - share).powi(2) / share).sum();
    let freedom = rows.len() as f64 - 1.0;
    assert_near("chi-square of the beginnings", chi, freedom, (2.0 * freedom).sqrt());
}
