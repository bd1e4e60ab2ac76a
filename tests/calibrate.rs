//! Fits find the parameters of simulated data within their errors, and the rules of simulated and real feeds.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use std::path::PathBuf;

use driftband::calibrate::{
    Fit, Interval, Model, Returns, Spacing, Table, Update, Updates, feed_table, fit, fit_feed, process_table,
};
use driftband::math::{exp, ln, norm_pdf};
use driftband::scenario::{Memory, parse};

#[path = "calibrate/simulated.rs"]
mod simulated;
use simulated::Rule;

const YEAR: f64 = 365.0;
const POSITIVE: [&str; 12] = [
    "volatility",
    "jumps_per_year",
    "jump_std",
    "long_run_volatility",
    "nu",
    "calm_volatility",
    "calm_duration",
    "storm_volatility",
    "storm_duration",
    "long_run_variance",
    "mean_reversion",
    "vol_of_vol",
];

fn returns(values: Vec<f64>) -> Returns {
    let n = values.len();
    Returns {
        name: "X".into(),
        fresh: (0..n).map(|i| i == 0).collect(),
        times: (1..=n as i64).map(|day| day * 86_400_000_000_000).collect(),
        values,
        spacing: Spacing { years: 1.0 / YEAR, days: 1.0, nanos: 86_400_000_000_000 },
        n_stretches: 1,
        n_unused: 0,
        last_price: 1.0,
    }
}

/// Fits many simulated histories: every figure within 3 errors of the truth but for one in a hundred, and the errors
/// neither too small nor too large on the whole.
fn recovers(model: Model, n_runs: u64, truth: &[(&str, f64)], simulate: impl Fn(u64) -> Vec<f64>) {
    let fits: Vec<Fit> = (0..n_runs).map(|seed| fit(model, &returns(simulate(seed))).unwrap()).collect();
    let mut far = 0;
    for (key, value) in truth {
        let scores: Vec<f64> = fits
            .iter()
            .map(|fit| {
                let se = fit.error(key).unwrap_or_else(|| panic!("{model:?} {key}: {:?}", fit.no_errors));
                let found = fit.value(key).unwrap();
                // what must be positive is fitted by its logarithm
                if POSITIVE.contains(key) { ln(found / value) * found / se } else { (found - value) / se }
            })
            .collect();
        let n = n_runs as f64;
        let size = (scores.iter().map(|z| z * z).sum::<f64>() / n).sqrt();
        let mean = scores.iter().sum::<f64>() / n;
        eprintln!("{model:?} {key}: mean z {mean:.2}, rms z {size:.2} over {n_runs} histories");
        far += scores.iter().filter(|z| z.abs() > 3.0).count();
        assert!((0.45..1.6).contains(&size), "{model:?} {key}: errors are off: {scores:.2?}");
        assert!(mean.abs() * n.sqrt() < 4.0, "{model:?} {key} is biased: {scores:.2?}");
    }
    // one in a hundred may lie so far off
    assert!(far * 100 <= 99 + truth.len() * fits.len(), "{model:?}: {far} figures beyond 3 errors");
}

#[test]
fn gbm_is_recovered() {
    let truth = [("drift", 0.2), ("volatility", 0.8)];
    recovers(Model::Gbm, 40, &truth, |seed| simulated::gbm(seed, 1000, 0.2, 0.8));
}

#[test]
fn merton_is_recovered() {
    let truth = [
        ("drift", 0.1),
        ("volatility", 0.5),
        ("jumps_per_year", 40.0),
        ("jump_mean", -0.01),
        ("jump_std", 0.08),
    ];
    recovers(Model::Merton, 12, &truth, |seed| simulated::merton(seed, 3000, &truth.map(|(_, value)| value)));
}

/// Log-likelihood of Merton's model, written anew.
fn merton_likelihood(values: &[f64], p: &[f64; 5]) -> f64 {
    let [drift, volatility, rate, mean, std] = *p;
    let dt = 1.0 / YEAR;
    let centre = (drift - 0.5 * volatility * volatility - rate * (exp(mean + 0.5 * std * std) - 1.0)) * dt;
    let density = |r: f64| {
        let (mut weight, mut sum) = (exp(-rate * dt), 0.0);
        for k in 0..12 {
            let k = f64::from(k);
            if k > 0.0 {
                weight *= rate * dt / k;
            }
            let spread = (volatility * volatility * dt + k * std * std).sqrt();
            sum += weight * norm_pdf((r - centre - k * mean) / spread) / spread;
        }
        ln(sum)
    };
    values.iter().map(|r| density(*r)).sum()
}

#[test]
fn the_climb_reaches_the_top() {
    let truth = [0.1, 0.5, 40.0, -0.01, 0.08];
    for seed in [3, 9] {
        let values = simulated::merton(seed, 3000, &truth);
        let found = fit(Model::Merton, &returns(values.clone())).unwrap();
        let at = ["drift", "volatility", "jumps_per_year", "jump_mean", "jump_std"]
            .map(|key| found.value(key).unwrap());
        let own = merton_likelihood(&values, &at);
        assert!((found.log_likelihood - own).abs() < 1e-5);
        assert!(own >= merton_likelihood(&values, &truth));
    }
}

#[test]
fn garch_is_recovered() {
    let truth = [
        ("long_run_volatility", 0.7),
        ("alpha", 0.05),
        ("beta", 0.87),
        ("gamma", 0.06),
        ("nu", 10.0),
        ("persistence", 0.95),
    ];
    recovers(Model::Garch, 12, &truth, |seed| {
        simulated::garch(seed, 4000, &[0.7, 0.05, 0.87, 0.06], Some(10.0))
    });
}

#[test]
fn normal_innovations_are_told_from_fat_ones() {
    let values = simulated::garch(1, 3000, &[0.7, 0.08, 0.88, 0.0], None);
    let found = fit(Model::Garch, &returns(values)).unwrap();
    assert!(found.value("nu").is_none() && !process_table(&found).contains("nu ="), "{found:?}");
    assert!((found.value("alpha").unwrap() - 0.08).abs() < 3.0 * found.error("alpha").unwrap());
}

#[test]
fn regimes_are_recovered() {
    let truth = [
        ("calm_volatility", 0.35),
        ("calm_duration", 20.0),
        ("storm_volatility", 1.1),
        ("storm_duration", 9.0),
        ("storm_share", 9.0 / 29.0),
    ];
    recovers(Model::Regime, 12, &truth, |seed| simulated::regime(seed, 2500, [0.35, 1.1], [20.0, 9.0]));
}

#[test]
fn heston_is_recovered() {
    let truth =
        [("long_run_variance", 0.5), ("mean_reversion", 14.0), ("vol_of_vol", 3.0), ("correlation", -0.4)];
    recovers(Model::Heston, 10, &truth, |seed| simulated::heston(seed, 5000, &truth.map(|(_, value)| value)));
}

#[test]
fn a_model_that_is_right_passes_its_own_test_and_a_wrong_one_fails() {
    let data = returns(simulated::garch(5, 3000, &[0.7, 0.08, 0.90, 0.0], Some(5.0)));
    let (right, wrong) = (fit(Model::Garch, &data).unwrap(), fit(Model::Gbm, &data).unwrap());
    assert!(right.goodness.anderson_darling_p > 0.01 && wrong.goodness.anderson_darling_p < 1e-4);
    assert!(right.bic() < wrong.bic());
    assert!(right.goodness.residual_clustering[0].abs() < 0.08);
}

fn updates(list: Vec<(f64, f64)>) -> Updates {
    let list = list.into_iter().map(|(time, answer)| Update { time, answer }).collect();
    Updates { phase: None, list, n_repeated: 0 }
}

#[test]
fn rules_of_feeds_are_recovered() {
    for (resets, threshold, heartbeat, volatility, seed) in [
        (true, 0.005, 3600.0, 0.5, 1),
        (false, 0.005, 3600.0, 0.5, 2),
        (true, 0.02, 86_400.0, 0.4, 3),
        (false, 0.0025, 7200.0, 0.3, 4),
        // deviation posts cut every heartbeat into pieces
        (false, 0.005, 3600.0, 0.9, 5),
    ] {
        let rule = Rule { resets, threshold, heartbeat, late: 0.0, volatility };
        let found = fit_feed(&updates(simulated::feed(seed, rule))).unwrap();
        assert_eq!(found.resets, Some(resets), "{:?} {:?}", found.misfits, found.notes);
        assert_eq!(found.heartbeat.unwrap().seconds, heartbeat);
        assert_eq!(found.threshold.unwrap().value, threshold, "{:?}", found.threshold);
        assert!(found.beats.n_misfits * 50 < found.n_updates, "{}", found.beats.n_misfits);
    }
}

#[test]
fn late_posts_do_not_hide_the_rule() {
    for (resets, seed) in [(true, 7), (false, 8)] {
        let rule = Rule { resets, threshold: 0.005, heartbeat: 3600.0, late: 24.0, volatility: 0.5 };
        let found = fit_feed(&updates(simulated::feed(seed, rule))).unwrap();
        assert_eq!(found.resets, Some(resets), "{:?} {:?}", found.misfits, found.notes);
        assert_eq!(found.heartbeat.unwrap().seconds, 3600.0);
        assert_eq!(found.threshold.unwrap().value, 0.005, "{:?}", found.threshold);
        // an exponential time of mean 24 s has a median of 17 s, on a grid of 12 s
        assert!((6.0..=24.0).contains(&found.lateness(0.5).unwrap()), "{:?}", found.lateness(0.5));
    }
}

#[test]
fn a_feed_without_a_heartbeat_says_so() {
    let rule = Rule { resets: true, threshold: 0.01, heartbeat: f64::INFINITY, late: 0.0, volatility: 0.8 };
    let found = fit_feed(&updates(simulated::feed(9, rule))).unwrap();
    assert!(found.heartbeat.is_none() && found.resets.is_none());
    assert!((found.threshold.unwrap().value / 0.01 - 1.0).abs() < 0.02, "{:?}", found.threshold);
    assert!(!feed_table(&found).contains("\nheartbeat ="));
}

/// The tables are sound in a scenario of this version, where it has the process.
#[test]
fn tables_can_be_pasted() {
    let data = returns(simulated::garch(3, 1500, &[0.7, 0.08, 0.88, 0.0], Some(5.0)));
    for model in Model::ALL {
        let found = fit(model, &data).unwrap();
        if !driftband::market::price::Process::NAMES.contains(&model.kind()) {
            continue;
        }
        assert_pasted(&found);
    }
}

/// The table of a fit in a scenario.
fn assert_pasted(found: &Fit) {
    let text = format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 10\nhorizon = \"30d\"\nstep = \"1d\"\n\
         [[assets]]\nsymbol = \"X\"\nspot = 100.0\n{}\n\
         [target]\nkind = \"basket\"\nvalue = 1000.0\nweights = {{ X = 0.5 }}\n\
         [[policies]]\nname = \"hold\"\nkind = \"hold\"\n",
        process_table(found)
    );
    let parsed = parse(&text, &Memory::default());
    assert!(parsed.is_ok(), "{text}\n{parsed:?}");
}

/// A file of the shared data folder; none where it is not there: it may not be shipped.
fn shared(name: &str) -> Option<Vec<u8>> {
    std::fs::read(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/data").join(name)).ok()
}

#[test]
fn real_feeds_show_their_settings() {
    for (name, phase, threshold, heartbeat) in [
        ("chainlink_usdc_usd.csv", 2, Some(0.0025), 86_400.0),
        ("chainlink_usdt_usd.csv", 2, Some(0.0025), 86_400.0),
        ("chainlink_usdn_usd.csv", 1, Some(0.005), 86_400.0),
        ("chainlink_usdp_usd.csv", 1, Some(0.01), 3600.0),
        // the early generation kept no rule
        ("chainlink_usdc_usd.csv", 1, None, 86_400.0),
    ] {
        let Some(bytes) = shared(name) else { continue };
        let feeds = Updates::read(&bytes, None).unwrap();
        let feed = feeds.iter().find(|feed| feed.phase == Some(phase)).unwrap();
        let found = fit_feed(feed).unwrap();
        assert_eq!(found.threshold.map(|threshold| threshold.value), threshold, "{name}");
        assert_eq!(found.heartbeat.unwrap().seconds, heartbeat, "{name}");
    }
}

/// Shipped prices: BTC on one exchange, daily, 2017–2020.
#[test]
fn real_prices_give_plausible_figures() {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("scenarios/data");
    let Some(path) = std::fs::read_dir(file)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.to_string_lossy().contains("bitstamp"))
    else {
        return;
    };
    let table = Table::prices(&std::fs::read(path).unwrap(), &["BTC".into()]).unwrap();
    let data = Returns::of(&table, "BTC", Interval::Usual, YEAR).unwrap();
    // one block of twelve days is absent
    assert_eq!(data.n_stretches, 2);
    let gbm = fit(Model::Gbm, &data).unwrap();
    assert!((0.6..1.1).contains(&gbm.value("volatility").unwrap()));
    // shocks last as long as the sample: no error is made up, and what is pasted is a scenario
    let garch = fit(Model::Garch, &data).unwrap();
    let persistence = garch.value("persistence").unwrap();
    assert!(persistence < 1.0 && 1.0 - persistence < 2.0 / 785.0, "{persistence}");
    assert!(garch.parameters.iter().all(|parameter| parameter.se.is_none()), "{:?}", garch.parameters);
    assert!(
        garch.no_errors.as_ref().unwrap().contains("as long as these 785 returns"),
        "{:?}",
        garch.no_errors
    );
    assert_pasted(&garch);
    let again = fit(Model::Garch, &data).unwrap();
    assert_eq!(again, fit(Model::Garch, &data).unwrap());
    assert!(again.bic() < gbm.bic() && exp(0.0) == 1.0);
}
