//! A base fee that moves: its law against the formulas, and nothing moved where its volatility is 0.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use driftband::engine::Outcome;
use driftband::market::cost::log_ou::{FeeState, LogOu};
use driftband::math::{B, Lanes, exp, ln};
use driftband::rng::{Purpose, Stream, normal_quad};
use driftband::units::{Grid, Period};

mod simulate;

use simulate::{figure, outcome, scenario};

const DAY: u64 = 86_400_000_000_000;
/// Volatility of the gas asset per year.
const SIGMA: f64 = 0.8;
const SEED: u64 = 11;

/// Log fees over their mean at every day end, by path, and the days' standardised returns.
fn days(law: &LogOu, n_days: u64, steps: u64, blocks: u64) -> Vec<Vec<(f64, f64)>> {
    let grid = Grid { horizon_nanos: n_days * DAY, n_steps: n_days * steps, days_per_year: 365.0 };
    let (step, sd) = (law.on(&grid, 0, Some(SIGMA)), SIGMA * grid.dt().sqrt());
    let mut found = Vec::new();
    for block in 0..blocks {
        let first = block * B as u64;
        let (mut x, mut state) = (Lanes::ZERO, FeeState::default());
        let mut paths = vec![Vec::new(); B];
        step.start(SEED, first, 0.0, &mut state);
        let mut before = x;
        for j in 1..=grid.n_steps {
            let mut four = [Lanes::ZERO; 4];
            normal_quad(SEED, Stream::new(Purpose::Price, 0), first, j as u32, &mut four);
            for lane in 0..B {
                x[lane] += sd * four[0][lane];
            }
            step.advance(SEED, first, j, &x, &mut state);
            if j % steps == 0 {
                let day = SIGMA / 365.0_f64.sqrt();
                for (lane, path) in paths.iter_mut().enumerate() {
                    path.push((state.gwei[lane], (x[lane] - before[lane]) / day));
                }
                before = x;
            }
        }
        found.extend(paths);
    }
    found
}

/// Mean of independent values and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

#[track_caller]
fn assert_mean(what: &str, values: &[f64], wanted: f64) {
    let (found, se) = mean(values);
    let z = (found - wanted) / se;
    eprintln!("{what}: {found:.5} ± {se:.5} for {wanted:.5}, z {z:+.2}");
    assert!(z.abs() < 4.0, "{what}: {found} ± {se} for {wanted}");
}

fn law(price_link: f64) -> LogOu {
    LogOu {
        mean: 34.0,
        half_life: Period::parse("8d").unwrap(),
        volatility: 0.37,
        price_link: Some(price_link),
        block_time: None,
    }
}

/// The same on a chain with a block every 12 seconds.
fn bounded(price_link: f64) -> LogOu {
    LogOu { block_time: Some(Period::parse("12s").unwrap()), ..law(price_link) }
}

#[test]
fn no_block_moves_the_fee_by_more_than_an_eighth() {
    let grid = Grid { horizon_nanos: DAY, n_steps: 7200, days_per_year: 365.0 };
    let jump = 0.35;
    let run = |law: &LogOu| {
        let (step, mut state) = (law.on(&grid, 0, Some(SIGMA)), FeeState::default());
        step.start(SEED, 0, 0.0, &mut state);
        let mut fees = vec![state.gwei];
        // a price that stands still but for one fall, which a quarter of the day follows
        for j in 1..=1800 {
            step.advance(SEED, 0, j, &Lanes::splat(if j < 100 { 0.0 } else { -jump }), &mut state);
            fees.push(state.gwei);
        }
        fees
    };
    let (free, held) = (run(&law(0.25)), run(&bounded(0.25)));
    for lane in 0..B {
        // until the fall nothing is near the bound
        assert!(
            free[..100].iter().zip(&held).all(|(free, held)| free[lane].to_bits() == held[lane].to_bits())
        );
        let leap: f64 = free[100][lane] / free[99][lane];
        assert!(leap > 3.0, "the fall multiplies the fee by {leap} at once where nothing holds it");
        let blocks = (ln(leap) / ln(1.125)).floor() as usize;
        for step in 100..100 + blocks {
            let ratio = held[step][lane] / held[step - 1][lane];
            assert!((ratio - 1.125).abs() < 1e-12, "step {step}: {ratio}");
        }
        for pair in held.windows(2) {
            let ratio = pair[1][lane] / pair[0][lane];
            assert!((0.875 - 1e-12..=1.125 + 1e-12).contains(&ratio), "{ratio}");
        }
        // what was kept back comes later, whole
        let late = 100 + blocks + 2;
        assert_eq!(free[late][lane].to_bits(), held[late][lane].to_bits());
    }
}

#[test]
fn a_bound_on_blocks_leaves_the_mean_where_it_is() {
    let of = |law: &LogOu| -> Vec<f64> { days(law, 3, 720, 16).iter().map(|path| path[2].0).collect() };
    // steps of two minutes: the fee of a step may be 1.125^10 of the one before
    let (free, held) = (of(&law(0.0)), of(&bounded(0.0)));
    assert_mean("mean fee with a bound", &held, 34.0);
    assert!(free.iter().zip(&held).all(|(free, held)| (free / held - 1.0).abs() < 1e-9));
    // and where it holds much back: shocks of a day that must come within a step of it
    let wild = |block_time: &str| LogOu {
        block_time: Some(Period::parse(block_time).unwrap()),
        volatility: 0.6,
        half_life: Period::parse("1d").unwrap(),
        ..law(0.0)
    };
    let of = |law: &LogOu| -> Vec<f64> { days(law, 20, 1, 40).iter().map(|path| path[19].0).collect() };
    let (free, held) = (of(&wild("12s")), of(&wild("6h")));
    assert_mean("mean fee that nothing holds", &free, 34.0);
    let (held, se) = mean(&held);
    eprintln!("mean fee held to four blocks a day: {held:.3} ± {se:.3}");
    assert!((held - 34.0).abs() > 4.0 * se, "the bound of four blocks a day binds: {held} ± {se}");
}

#[test]
fn mean_spread_and_memory_of_the_fee_are_those_of_the_formula() {
    let phi = exp(-std::f64::consts::LN_2 / 8.0);
    let variance = 0.37 * 0.37 / (1.0 - phi * phi);
    for steps in [1, 4] {
        let paths = days(&law(0.0), 30, steps, 80);
        let centered = |fee: f64| ln(fee / 34.0) + 0.5 * variance;
        for day in [0, 9, 29] {
            let fees: Vec<f64> = paths.iter().map(|path| path[day].0).collect();
            assert_mean(&format!("mean fee of day {day}"), &fees, 34.0);
            let logs: Vec<f64> = fees.iter().map(|fee| centered(*fee)).collect();
            assert_mean("mean log", &logs, 0.0);
            let squares: Vec<f64> = logs.iter().map(|log| log * log).collect();
            assert_mean("variance of the log", &squares, variance);
        }
        // one pair of days for each path: independent
        let products: Vec<f64> =
            paths.iter().map(|path| centered(path[28].0) * centered(path[29].0) / variance).collect();
        assert_mean("correlation over a day", &products, phi);
    }
}

#[test]
fn the_fee_rises_with_the_size_of_a_move_as_much_as_asked() {
    let (c, phi) = (0.25, exp(-std::f64::consts::LN_2 / 8.0));
    let variance = 0.37 * 0.37 / (1.0 - phi * phi);
    let paths = days(&law(c), 30, 4, 80);
    let centered = |fee: f64| ln(fee / 34.0) + 0.5 * variance;
    let of_absolute = 2.0 / std::f64::consts::PI;
    let shocks: Vec<(f64, f64)> = paths
        .iter()
        .flat_map(|path| path.windows(2))
        .map(|pair| {
            let shock = (centered(pair[1].0) - phi * centered(pair[0].0)) / 0.37;
            (shock, (pair[1].1.abs() - of_absolute.sqrt()) / (1.0 - of_absolute).sqrt())
        })
        .collect();
    let of = |f: &dyn Fn(f64, f64) -> f64| shocks.iter().map(|(a, b)| f(*a, *b)).collect::<Vec<f64>>();
    assert_mean("mean shock", &of(&|shock, _| shock), 0.0);
    assert_mean("variance of the shock", &of(&|shock, _| shock * shock), 1.0);
    assert_mean("correlation with the size", &of(&|shock, size| shock * size), c);
    let signed: Vec<f64> =
        paths.iter().map(|path| path[29].1 * (centered(path[29].0) - phi * centered(path[28].0))).collect();
    assert_mean("correlation with the sign", &signed, 0.0);
}

fn text(gas: &str, policies: &str) -> String {
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 4000\nhorizon = \"12d\"\nstep = \"6h\"\n\
         [[assets]]\nsymbol = \"ETH\"\nspot = 3000.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = 0.8 }}\n\
         [[assets]]\nsymbol = \"GAS\"\nspot = 2000.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = 0.0 }}\n\
         [costs]\n{gas}\n[target]\nkind = \"options\"\nhedge_volatility = 0.8\npremium_volatility = 0.8\n\
         legs = [{{ asset = \"ETH\", type = \"call\", strike = 3000.0, quantity = -10.0 }}]\n{policies}"
    )
}

const POLICIES: &str = "[[policies]]\nname = \"once\"\nkind = \"hold\"\n\
                        [[policies]]\nname = \"daily\"\nkind = \"periodic\"\nevery = \"1d\"\n\
                        [[policies]]\nname = \"band\"\nkind = \"band\"\nwidth = \"5%\"\n";

fn bits(outcome: &Outcome) -> Vec<u64> {
    outcome.policies.iter().flat_map(|policy| policy.deviations.iter().map(|value| value.to_bits())).collect()
}

#[test]
fn a_fee_without_volatility_is_the_constant_to_the_bit() {
    for batch in [false, true] {
        let run = |fee: &str| {
            let gas = format!(
                "gas = {{ gas_units = 180_000, tip_gwei = 1.5, gas_asset = \"ETH\", batch = {batch}, base_fee_gwei = {fee} }}"
            );
            bits(&outcome(&scenario(&text(&gas, POLICIES))))
        };
        let moving =
            |more: &str| run(&format!("{{ kind = \"log_ou\", mean = 33.7, half_life = \"8d\", {more} }}"));
        let constant = run("33.7");
        assert!(constant == moving("volatility = 0.0"), "bits differ, batch = {batch}");
        assert!(constant == moving("volatility = 0.0, price_link = 0.5"), "bits differ with a link");
        assert!(constant != moving("volatility = 0.01"), "the comparison cannot fail");
    }
}

#[test]
fn every_policy_pays_the_fee_of_its_path() {
    let gas = "gas = { gas_units = 180_000, gas_asset = \"GAS\", base_fee_gwei = { kind = \"log_ou\", mean = 34.0, \
               half_life = \"8d\", volatility = 0.37, price_link = 0.0 } }";
    // two of a kind, so that whoever comes second would show a state kept by policy
    let policies = format!("{POLICIES}[[policies]]\nname = \"again\"\nkind = \"periodic\"\nevery = \"1d\"\n");
    let found = outcome(&scenario(&text(gas, &policies)));
    let once = &found.policies[0];
    // the first trade and the unwind, both at a day end
    let (cost, se) = figure(once, "cost_gas");
    let wanted = 2.0 * 34.0e-9 * 180_000.0 * 2000.0;
    eprintln!("gas of a position: {cost:.4} ± {se:.4} for {wanted:.4}");
    assert!((cost - wanted).abs() < 4.0 * se && se < 0.03 * wanted, "{cost} ± {se} for {wanted}");
    assert_eq!(found.policies[1].deviations, found.policies[3].deviations);
}
