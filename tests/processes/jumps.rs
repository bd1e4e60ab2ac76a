//! Laws with jumps on top of something that is no Brownian motion: `bates`, `ornstein_uhlenbeck`.
use super::{Heston, Market, assert_cumulants};

/// A normal jump law.
#[derive(Clone, Copy)]
struct Jumps {
    rate: f64,
    mean: f64,
    std: f64,
}

impl Jumps {
    fn text(self) -> String {
        let Self { rate, mean, std } = self;
        format!("jumps_per_year = {rate:?}, jump_mean = {mean:?}, jump_std = {std:?}")
    }

    fn compensator(self) -> f64 {
        (self.mean + 0.5 * self.std * self.std).exp() - 1.0
    }

    /// E[J^k], k = 1 … 4.
    fn moments(self) -> [f64; 4] {
        let (m, v) = (self.mean, self.std * self.std);
        [m, m * m + v, m.powi(3) + 3.0 * m * v, m.powi(4) + 6.0 * m * m * v + 3.0 * v * v]
    }
}

fn bates(law: &Heston, jumps: Jumps) -> String {
    format!("{}, {}", law.text().replace("heston", "bates"), jumps.text())
}

const NO_JUMPS: Jumps = Jumps { rate: 0.0, mean: -0.2, std: 0.1 };

#[test]
fn bates_without_jumps_is_heston_to_the_bit() {
    let law = Heston { drift: 0.05, v0: 0.2, theta: 0.36, kappa: 3.0, xi: 2.0, rho: -0.6 };
    let (with, without) = (bates(&law, NO_JUMPS), law.text());
    let market = |process: &str| {
        let assets = [(100.0, process), (9.0, "kind = \"gbm\", drift = 0.0, volatility = 0.4")];
        let correlation = "correlation = [[1.0, 0.5], [0.5, 1.0]]";
        Market { years: 0.5, steps: 37, paths: 3000, assets: &assets, correlation }.any_log_returns(0)
    };
    assert_eq!(market(&with), market(&without));
}

#[test]
fn bates_without_noise_of_the_variance_is_merton() {
    let (sigma, jumps) = (0.6, Jumps { rate: 40.0, mean: -0.02, std: 0.05 });
    let law = Heston { drift: 0.1, v0: sigma * sigma, theta: sigma * sigma, kappa: 3.0, xi: 0.0, rho: -0.5 };
    let merton = format!("kind = \"merton\", drift = 0.1, volatility = {sigma:?}, {}", jumps.text());
    let market = |process: &str| {
        let assets = [(100.0, process)];
        Market { years: 0.5, steps: 50, paths: 3000, assets: &assets, correlation: "" }.any_log_returns(0)
    };
    let (bates, merton) = (market(&bates(&law, jumps)), market(&merton));
    let worst = bates.iter().zip(&merton).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
    eprintln!("bates against merton: at most {worst:.1e} apart");
    assert!(worst < 1e-12, "{worst}");
}

#[test]
fn bates_prices_have_their_mean_and_moments() {
    let jumps = Jumps { rate: 12.0, mean: -0.04, std: 0.06 };
    let laws = [
        Heston { drift: 0.05, v0: 0.2, theta: 0.36, kappa: 3.0, xi: 0.8, rho: -0.6 },
        // far from Feller's condition
        Heston { drift: -0.1, v0: 0.3, theta: 0.2, kappa: 4.0, xi: 2.5, rho: -0.3 },
    ];
    for law in laws {
        let text = bates(&law, jumps);
        let market =
            Market { years: 1.0, steps: 100, paths: 60_000, assets: &[(100.0, &text)], correlation: "" };
        let returns = market.log_returns(0, law.drift);
        let [mean, variance] = law.moments(1.0);
        let [first, second, ..] = jumps.moments();
        let wanted = [mean + jumps.rate * (first - jumps.compensator()), variance + jumps.rate * second];
        assert_cumulants(&text, &returns, &wanted);
    }
}

/// Cumulants of the log price of a mean-reverting law that starts `distance` above its level.
fn reverting(kappa: f64, sigma: f64, jumps: Jumps, distance: f64, years: f64) -> [f64; 4] {
    let faded = |k: f64| (1.0 - (-k * kappa * years).exp()) / (k * kappa);
    let moments = jumps.moments();
    let of_jumps = |k: usize| jumps.rate * moments[k - 1] * faded(k as f64);
    [
        distance * (-kappa * years).exp() + of_jumps(1),
        sigma * sigma * faded(2.0) + of_jumps(2),
        of_jumps(3),
        of_jumps(4),
    ]
}

/// The law at a time does not depend on the steps that lead to it, though jumps fade from their own moment.
#[test]
fn a_pegged_price_has_the_exact_law_on_every_grid() {
    let (level, spot, kappa, sigma): (f64, f64, f64, f64) = (1.0, 1.1, 20.0, 0.15);
    let jumps = Jumps { rate: 30.0, mean: -0.05, std: 0.02 };
    let text = format!(
        "kind = \"ornstein_uhlenbeck\", level = {level:?}, mean_reversion = {kappa:?}, volatility = {sigma:?}, {}",
        jumps.text()
    );
    for steps in [1, 3, 60] {
        let market = Market { years: 0.1, steps, paths: 100_000, assets: &[(spot, &text)], correlation: "" };
        let from_level: Vec<f64> =
            market.any_log_returns(0).iter().map(|x| x + (spot / level).ln()).collect();
        let wanted = reverting(kappa, sigma, jumps, (spot / level).ln(), 0.1);
        assert_cumulants(&format!("pegged price in {steps} steps"), &from_level, &wanted);
    }
}

#[test]
fn a_pegged_price_is_stationary_in_the_long_run() {
    let (kappa, sigma) = (50.0, 0.2);
    let jumps = Jumps { rate: 8.0, mean: -0.06, std: 0.03 };
    let text = format!(
        "kind = \"ornstein_uhlenbeck\", level = 1.0, mean_reversion = {kappa:?}, volatility = {sigma:?}, {}",
        jumps.text()
    );
    let [m1, m2, m3, m4] = jumps.moments();
    let wanted = [
        jumps.rate * m1 / kappa,
        (sigma * sigma + jumps.rate * m2) / (2.0 * kappa),
        jumps.rate * m3 / (3.0 * kappa),
        jumps.rate * m4 / (4.0 * kappa),
    ];
    for (spot, years) in [(1.4, 0.5), (1.0, 2.0)] {
        let market = Market { years, steps: 100, paths: 60_000, assets: &[(spot, &text)], correlation: "" };
        let from_level: Vec<f64> = market.any_log_returns(0).iter().map(|x| x + f64::ln(spot)).collect();
        assert_cumulants(&format!("from {spot} after {years} years"), &from_level, &wanted);
    }
}

/// Without jumps the log price is Gaussian, and its driver moves with the others.
#[test]
fn a_pegged_price_is_gaussian_and_correlated() {
    let text = "kind = \"ornstein_uhlenbeck\", level = 2.0, mean_reversion = 5.0, volatility = 0.3";
    let gbm = "kind = \"gbm\", drift = 0.0, volatility = 0.3";
    let assets = [(2.0, text), (1.0, text), (1.0, gbm)];
    let correlation = "correlation = [[1.0, 0.7, 0.4], [0.7, 1.0, 0.4], [0.4, 0.4, 1.0]]";
    let market = Market { years: 0.5, steps: 50, paths: 60_000, assets: &assets, correlation };
    let returns: Vec<Vec<f64>> = (0..3).map(|asset| market.any_log_returns(asset)).collect();
    let faded = |k: f64| (1.0 - f64::exp(-k * 5.0 * 0.5)) / (k * 5.0);
    assert_cumulants("no jumps", &returns[0], &[0.0, 0.09 * faded(2.0), 0.0, 0.0]);
    let error = 1.2 / 60_000_f64.sqrt();
    super::assert_near("two pegged prices", super::correlation(&returns[0], &returns[1]), 0.7, error);
    // Cov = ρσ² ∫e^{−κ(T−t)}dt, within a step of the grid
    let wanted = 0.4 * faded(1.0) / (faded(2.0) * 0.5_f64).sqrt();
    super::assert_near(
        "a pegged and a free price",
        super::correlation(&returns[0], &returns[2]),
        wanted,
        error,
    );
}
