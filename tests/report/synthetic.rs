//! Scenarios and outcomes made up without a simulation, the same at every run.
use driftband::book::{HedgeVolatility, Leg, LegKind, Settlement, Strategy, Target};
use driftband::engine::{Constants, Outcome, Paired, PathTable, PolicyOutcome, Timeline};
use driftband::market::cost::Costs;
use driftband::market::execution::{Execution, HedgeInstrument};
use driftband::market::price::{Process, gbm::Gbm};
use driftband::market::series::Feed;
use driftband::metric::{METRICS, Unit};
use driftband::policy::{Policy, Rule, none::NoTrade};
use driftband::rng::Sampling;
use driftband::scenario::{Asset, Limit, Run, Scenario};
use driftband::stats::{Estimate, Moments, cvar_estimate, quantile_estimate, sorted, var_estimate};
use driftband::units::Grid;

pub(crate) const NOTIONAL: f64 = 600_000.0;

/// What a made-up policy does, in bps of notional.
#[derive(Clone)]
pub(crate) struct Made {
    pub(crate) name: String,
    pub(crate) kind: &'static str,
    pub(crate) mean: f64,
    pub(crate) std: f64,
    pub(crate) fee: f64,
    pub(crate) spread: f64,
    pub(crate) funding: f64,
}

pub(crate) fn made(name: &str, kind: &'static str, mean: f64, std: f64, fee: f64) -> Made {
    Made { name: name.into(), kind, mean, std, fee, spread: 0.3 * fee, funding: 0.0 }
}

/// Uniform in (0, 1) from a counter (`SplitMix64`).
fn uniform(counter: u64) -> f64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    ((z ^ (z >> 31)) >> 11) as f64 / 9_007_199_254_740_992.0
}

/// Nearly normal: twelve uniforms.
pub(crate) fn normal(counter: u64) -> f64 {
    (0..12).map(|i| uniform(counter * 12 + i)).sum::<f64>() - 6.0
}

/// A hedging error's shape: fat left tail, common luck.
fn shape(path: u64, own: u64) -> f64 {
    let z = 0.6 * normal(path) + 0.8 * normal(path + 1_000_003 * (own + 1));
    if z < -0.8 { z - 0.9 * (z + 0.8) * (z + 0.8) } else { z }
}

fn estimates(deviations: &[f64], made: &Made) -> Vec<(&'static driftband::metric::Metric, Estimate)> {
    let ascending = sorted(deviations);
    let moments = Moments::from_slice(deviations);
    let n = (deviations.len() as f64).sqrt();
    let money = |bps: f64| {
        let value = bps * NOTIONAL / 1e4;
        Estimate::with_normal_interval(value, 0.3 * value.abs() / n)
    };
    METRICS
        .iter()
        .map(|metric| {
            let estimate = match metric.key {
                "mean" => moments.mean_estimate(),
                "std" => moments.std_estimate(),
                "q01" => quantile_estimate(&ascending, 0.01),
                "q05" => quantile_estimate(&ascending, 0.05),
                "q50" => quantile_estimate(&ascending, 0.5),
                "q95" => quantile_estimate(&ascending, 0.95),
                "q99" => quantile_estimate(&ascending, 0.99),
                "var_95" => var_estimate(&ascending, 0.95),
                "var_99" => var_estimate(&ascending, 0.99),
                "cvar_95" => cvar_estimate(&ascending, 0.95),
                "cvar_99" => cvar_estimate(&ascending, 0.99),
                "cost_fee" => money(made.fee),
                "cost_spread" => money(made.spread),
                "cost_funding" => money(made.funding),
                "cost_total" => money(made.fee + made.spread + made.funding),
                "trades" => Estimate::with_normal_interval(made.fee * 20.0, made.fee / n),
                "skew" => Estimate::undefined("made up"),
                _ if metric.unit == Unit::Currency => Estimate::known(0.0),
                _ => Estimate::undefined("not made"),
            };
            (metric, estimate)
        })
        .collect()
}

fn timeline(made: &Made, own: u64) -> Timeline {
    let money = NOTIONAL / 1e4;
    let years: Vec<f64> = (0..=100).map(|i| f64::from(i) / 100.0 * 30.0 / 365.0).collect();
    let row = |i: usize| {
        let t = i as f64 / 100.0;
        let width = made.std * t.sqrt();
        [-3.1, -1.9, -0.7, 0.05, 0.65, 1.5, 2.1].map(|q| (made.mean * t + q * width) * money)
    };
    let path = |k: u64| {
        let mut value = 0.0;
        (0..=100_u64)
            .map(|i| {
                if i > 0 {
                    value +=
                        made.std * 0.1 * normal(9_000_000 + i + 1000 * (k + 20 * own)) + made.mean * 0.01;
                }
                value * money
            })
            .collect()
    };
    Timeline {
        n_paths: 4096,
        quantiles: (0..years.len()).map(row).collect(),
        samples: (0..10).map(path).collect(),
        years,
    }
}

/// A run of those policies over so many paths.
pub(crate) fn outcome(policies: &[Made], n_paths: u64) -> Outcome {
    let policies = policies
        .iter()
        .enumerate()
        .map(|(own, made)| {
            // by name and not by place: a policy's luck must not depend on the others
            let luck = made.name.bytes().fold(7_u64, |sum, b| (sum * 31 + u64::from(b)) % 9973);
            let deviations: Vec<f64> = (0..n_paths)
                .map(|path| (made.mean + made.std * shape(path, luck)) * NOTIONAL / 1e4)
                .collect();
            PolicyOutcome {
                name: made.name.clone(),
                kind: made.kind,
                metrics: estimates(&deviations, made),
                deviations,
                binned: None,
                timeline: (n_paths > 1).then(|| timeline(made, own as u64)),
                paths: None,
                paired: Paired::default(),
                worst: vec![],
                variance_ratios: vec![],
                controlled: None,
                efficiency: None,
            }
        })
        .collect();
    Outcome {
        n_paths,
        constants: Constants {
            years: 30.0 / 365.0,
            notional: NOTIONAL,
            premium_gross: Some(54_000.0),
            premiums: Some(vec![270.0, 270.0]),
        },
        policies,
        overlap: None,
        notes: vec![],
        precision: None,
    }
}

/// The same with figures by path.
pub(crate) fn with_paths(mut outcome: Outcome) -> Outcome {
    for policy in &mut outcome.policies {
        policy.paths = Some(PathTable {
            columns: vec!["deviation", "cost_fee"],
            values: vec![policy.deviations.clone(), vec![1.25; policy.deviations.len()]],
        });
    }
    outcome
}

/// A scenario that owns these policies' names.
pub(crate) fn scenario(outcome: &Outcome, limits: Vec<Limit>) -> Scenario {
    let policy = |policy: &PolicyOutcome| Policy {
        name: policy.name.clone(),
        rule: Rule::NoTrade(NoTrade {}),
        hedge_volatility: None,
        minimum_variance: None,
    };
    Scenario {
        name: "eth-short-straddle".into(),
        description: "made up".into(),
        run: Run {
            paths: outcome.n_paths,
            seed: 42,
            grid: Grid { horizon_nanos: 30 * 86_400_000_000_000, n_steps: 4320, days_per_year: 365.0 },
            path_metrics: true,
            warmup: 0,
            worst: 20,
            sampling: Sampling::Pseudo,
            control_variates: false,
            precision: None,
        },
        rate: 0.04,
        correlation: vec![vec![1.0]],
        congestion: None,
        assets: vec![Asset {
            symbol: "ETH".into(),
            spot: 3000.0,
            dividend_yield: 0.0,
            process: Process::Gbm(Gbm { drift: 0.04, volatility: 0.8 }),
            feed: Feed::Model,
            oracle: None,
            costs: Costs::default(),
            delay: 0,
            random_delay: None,
            hedge_instrument: HedgeInstrument::Spot,
            execution: Execution::default(),
        }],
        shocks: Vec::new(),
        charge_initial: true,
        charge_final: true,
        batch_gas: None,
        target: Target::Options(Strategy {
            legs: vec![Leg {
                asset: 0,
                kind: LegKind::Call,
                strike: 3000.0,
                quantity: -100.0,
                expiry: 4320,
                premium: None,
                premium_volatility: Some(0.8),
                hedge_volatility: None,
                mark_volatility: 0.8,
            }],
            hedge_volatility: vec![Some(HedgeVolatility::Constant(0.8))],
            minimum_variance: None,
            model_rate: 0.04,
            settlement: Settlement::True,
        }),
        policies: outcome.policies.iter().map(policy).collect(),
        sweeps: vec![],
        stresses: vec![],
        shapley: false,
        limits,
        data: vec![],
    }
}

/// Four hedging policies as a user compares them.
pub(crate) fn four() -> Vec<Made> {
    vec![
        made("hourly", "periodic", -22.0, 9.0, 17.0),
        made("daily", "periodic", -9.0, 24.0, 5.0),
        made("band-5", "band", -6.0, 14.0, 5.5),
        made("whalley-wilmott", "whalley_wilmott", -5.0, 12.5, 6.0),
    ]
}

/// Twelve, an unhedged one among them.
pub(crate) fn twelve() -> Vec<Made> {
    let mut all = vec![made("none", "none", 3.0, 900.0, 0.0)];
    for (i, every) in ["10min", "1h", "4h", "12h", "1d"].into_iter().enumerate() {
        let i = i as f64;
        all.push(made(
            &format!("every-{every}"),
            "periodic",
            -40.0 / (i + 1.0),
            6.0 + 5.0 * i,
            46.0 / (1.0 + i),
        ));
    }
    for (i, width) in [1, 2, 5, 10].into_iter().enumerate() {
        let i = i as f64;
        all.push(made(&format!("band-{width}"), "band", -20.0 / (i + 1.0), 6.5 + 4.5 * i, 25.0 / (1.0 + i)));
    }
    all.push(made("whalley-wilmott", "whalley_wilmott", -5.0, 9.5, 9.0));
    all.push(made("leland-hourly", "leland", -14.0, 8.0, 15.0));
    all
}

/// Fifty, close to each other.
pub(crate) fn fifty() -> Vec<Made> {
    (0..50)
        .map(|i| {
            let x = 1.0 + f64::from(i) * 0.4;
            let wiggle = 1.0 + 0.2 * normal(u64::from(i as u32) + 77);
            made(
                &format!("band-{i}"),
                if i % 3 == 0 { "periodic" } else { "band" },
                -x,
                60.0 / x * wiggle,
                x * 2.0,
            )
        })
        .collect()
}
