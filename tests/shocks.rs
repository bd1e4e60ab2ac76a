//! Shocks to the paths: a gap moves the price by its size, wild windows keep the mean, correlations go to one.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
#![expect(clippy::disallowed_methods, reason = "the truth of a test may come from libm")]
use driftband::engine::record;

mod simulate;

use simulate::{figure, outcome, scenario};

/// Every law that a shock can strike, without drift.
const LAWS: [&str; 8] = [
    "kind = \"gbm\", drift = 0.0, volatility = 0.5",
    "kind = \"merton\", drift = 0.0, volatility = 0.4, jumps_per_year = 30.0, jump_mean = -0.02, jump_std = 0.04",
    "kind = \"kou\", drift = 0.0, volatility = 0.4, jumps_per_year = 20.0, p_up = 0.4, eta_up = 25.0, eta_down = 20.0",
    "kind = \"heston\", drift = 0.0, initial_variance = 0.2, long_run_variance = 0.3, mean_reversion = 4.0, vol_of_vol = 1.5, correlation = -0.6",
    "kind = \"heston\", drift = 0.0, initial_variance = 0.2, long_run_variance = 0.3, mean_reversion = 4.0, vol_of_vol = 0.0, correlation = -0.6",
    "kind = \"bates\", drift = 0.0, initial_variance = 0.2, long_run_variance = 0.3, mean_reversion = 4.0, vol_of_vol = 1.5, correlation = -0.6, jumps_per_year = 30.0, jump_mean = -0.02, jump_std = 0.04",
    "kind = \"garch\", drift = 0.0, long_run_volatility = 0.5, alpha = 0.07, beta = 0.85, gamma = 0.05",
    "kind = \"regime\", states = [{ name = \"a\", drift = 0.0, volatility = 0.3, mean_duration = \"40h\" }, { name = \"b\", drift = 0.0, volatility = 0.9, mean_duration = \"31h\" }]",
];
const PEGGED: &str = "kind = \"ornstein_uhlenbeck\", level = 1.0, mean_reversion = 20.0, volatility = 0.3";

/// Two assets of one law over twenty days; the deviation is the price of the second at the end.
fn text(law: &str, paths: u64, shocks: &str) -> String {
    let asset =
        |symbol: &str| format!("[[assets]]\nsymbol = \"{symbol}\"\nspot = 10.0\nprocess = {{ {law} }}\n");
    format!(
        "version = 1\nname = \"shock\"\n[run]\npaths = {paths}\nseed = 4\nhorizon = \"20d\"\nstep = \"12h\"\npath_metrics = false\n\
         [market]\ncorrelation = [[1.0, 0.2], [0.2, 1.0]]\n{}{}{shocks}\n[target]\nkind = \"options\"\n\
         legs = [{{ asset = \"B\", type = \"spot\", quantity = 1.0, premium = 0.0 }}]\n[[policies]]\nname = \"p\"\nkind = \"none\"",
        asset("A"),
        asset("B")
    )
}

/// Log prices of both assets along a path.
fn walked(text: &str, path: u64) -> [Vec<f64>; 2] {
    let recording = record(&scenario(text), path, 0).unwrap();
    [0, 1].map(|asset| recording.steps.iter().map(|step| step.price[asset].ln()).collect())
}

#[test]
fn a_gap_moves_the_named_price_once_and_by_its_size() {
    let gap = "[[shocks]]\nkind = \"gap\"\nat = \"10d\"\nsize = \"-20%\"\nassets = [\"B\"]\n";
    for law in LAWS {
        let (plain, struck) = (walked(&text(law, 200, ""), 130), walked(&text(law, 200, gap), 130));
        assert_eq!(plain[0], struck[0], "{law}");
        for (j, (before, after)) in plain[1].iter().zip(&struck[1]).enumerate() {
            let wanted = if j < 20 { 0.0 } else { 0.8_f64.ln() };
            assert!((after - before - wanted).abs() < 1e-12, "{law}: step {j}");
        }
    }
    // a peg draws it back: half of it is gone after ln 2/κ
    let (plain, struck) = (walked(&text(PEGGED, 200, ""), 7), walked(&text(PEGGED, 200, gap), 7));
    let left = (struck[1][30] - plain[1][30]) / 0.8_f64.ln();
    assert!((left - (-20.0 * 5.0 / 365.0_f64).exp()).abs() < 1e-10, "{left}");
}

#[test]
fn a_factor_of_one_changes_no_bit_and_a_window_nothing_before_it() {
    let wild = |factor: f64| {
        format!("[[shocks]]\nkind = \"volatility\"\nfrom = \"5d\"\nto = \"10d\"\nfactor = {factor:?}\n")
    };
    for law in LAWS.into_iter().chain([PEGGED]) {
        let plain = walked(&text(law, 200, ""), 3);
        assert_eq!(plain, walked(&text(law, 200, &wild(1.0)), 3), "{law}");
        let struck = walked(&text(law, 200, &wild(3.0)), 3);
        assert_eq!(plain[0][..=10], struck[0][..=10], "{law}");
        assert!(plain[0][11] != struck[0][11], "{law}");
    }
}

#[test]
fn wild_windows_keep_the_mean_of_every_law() {
    let wild = "[[shocks]]\nkind = \"volatility\"\nfrom = \"2d\"\nto = \"12d\"\nfactor = 3.0\n\
                [[shocks]]\nkind = \"volatility\"\nfrom = \"6d\"\nto = \"14d\"\nfactor = 0.5\nassets = [\"B\"]\n";
    for law in LAWS {
        let found = outcome(&scenario(&text(law, 50_000, wild)));
        let (mean, error) = figure(&found.policies[0], "mean");
        eprintln!("{}: {mean:.4} ± {error:.4} for 10, z {:+.2}", &law[..16], (mean - 10.0) / error);
        assert!((mean - 10.0).abs() < 4.0 * error, "{law}: {mean} ± {error}");
    }
    // 4 days as they are, 4 of 3, 6 of 3/2, 2 of 1/2
    let found = outcome(&scenario(&text(LAWS[0], 50_000, wild)));
    let logs: Vec<f64> = found.policies[0].deviations.iter().map(|price| (price / 10.0).ln()).collect();
    let mean = logs.iter().sum::<f64>() / 5e4;
    let variance = logs.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / 5e4;
    let wanted = 0.25 / 365.0 * (8.0 + 4.0 * 9.0 + 6.0 * 2.25 + 2.0 * 0.25);
    eprintln!("variance {variance:.6} for {wanted:.6}");
    assert!((variance / wanted - 1.0).abs() < 4.0 * (2.0_f64 / 5e4).sqrt());
}

#[test]
fn correlations_go_to_one() {
    let joined = |share: f64, from: &str| {
        format!("[[shocks]]\nkind = \"correlation\"\nfrom = \"{from}\"\nto = \"20d\"\nshare = {share:?}\n")
    };
    let plain = walked(&text(LAWS[0], 200, ""), 9);
    let one = walked(&text(LAWS[0], 200, &joined(1.0, "10d")), 9);
    assert_eq!(plain[1][..=20], one[1][..=20], "nothing before it");
    for j in 21..=40 {
        let [a, b] = [0, 1].map(|asset| one[asset][j] - one[asset][j - 1]);
        assert!((a - b).abs() < 1e-7, "step {j}: {a} and {b} at a correlation of 1");
    }
    let (mut products, mut squares) = (0.0, [0.0; 2]);
    for path in 0..40 {
        let walk = walked(&text(LAWS[0], 200, &joined(0.5, "0s")), path);
        for j in 1..=40 {
            let [a, b] = [0, 1].map(|asset| walk[asset][j] - walk[asset][j - 1]);
            products += a * b;
            squares[0] += a * a;
            squares[1] += b * b;
        }
    }
    let found = products / (squares[0] * squares[1]).sqrt();
    eprintln!("half of the way from 0.2 to 1: {found:.3}");
    assert!((found - 0.6).abs() < 4.0 * 0.64 / 40.0, "{found}");
}
