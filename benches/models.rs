//! ns per path-step of whole runs: each price process, and how cost grows with policies, legs, assets, steps, paths.
//!
//! `cargo bench --bench models`; a word after `--` picks the rows that hold it (`-- heston`, `-- policies`). One
//! thread, best level. Every row but the baskets is job D with one thing changed.
use criterion::{BenchmarkGroup, BenchmarkId, Criterion, Throughput};
use driftband::engine::{Execution, Level, run};
use driftband::scenario::Scenario;

mod clock;
mod jobs;
mod per_step;

use jobs::{
    DELAY, FOUR_LEGS, HESTON, Hedge, JOB_D, MERTON, ONE_LEG, ORACLE, RARE_JUMPS, basket, one_month_call,
};
use per_step::PerStep;

const KOU: &str = r#"kind = "kou", drift = 0.05, volatility = 0.2, jumps_per_year = 24.0, p_up = 0.4, eta_up = 50.0, eta_down = 40.0"#;
/// The drawn returns want whole days.
const BOOTSTRAP: &str = r#"kind = "bootstrap", file = "data/prices_daily_bitstamp_2017-20.csv", column = "ETH", mean_block = "10d", demean = true"#;
const TWO_LEGS: &str =
    r#"{ type = "put", strike = 90.0, quantity = -1.0 }, { type = "call", strike = 110.0, quantity = -1.0 }"#;
const EIGHT_LEGS: &str = r#"{ type = "put", strike = 70.0, quantity = 1.0 },
  { type = "put", strike = 75.0, quantity = -1.0 },
  { type = "put", strike = 80.0, quantity = 1.0 },
  { type = "put", strike = 90.0, quantity = -1.0 },
  { type = "call", strike = 110.0, quantity = -1.0 },
  { type = "call", strike = 120.0, quantity = 1.0 },
  { type = "call", strike = 125.0, quantity = -1.0 },
  { type = "call", strike = 130.0, quantity = 1.0 }"#;

/// Frictions one at a time: name, and the tables that switch it on in job D.
const FRICTIONS: [(&str, &str); 27] = [
    ("nothing", ""),
    (
        "impact, square root",
        "[costs.impact]\nkind = \"square_root\"\ncoefficient = 0.6\ndaily_volatility = 0.0126\nadv = 1e4\n",
    ),
    (
        "impact, linear",
        "[costs.impact]\nkind = \"linear\"\ncoefficient = 0.6\ndaily_volatility = 0.0126\nadv = 1e4\n",
    ),
    ("fixed fee", "[assets.costs]\nfixed_fee = 0.001\n"),
    ("funding, every step", "[execution]\nhedge_instrument = \"perpetual\"\n[assets.costs]\nfunding = 0.1\n"),
    ("feed: threshold, heartbeat", ORACLE),
    (
        "feed: latency drawn",
        "[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"24 steps\"\nlatency = { kind = \"geometric\", mean = \"2 steps\" }\n",
    ),
    ("feed: noise", "[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"24 steps\"\nnoise = \"2 bps\"\n"),
    (
        "feed: outages drawn",
        "[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"24 steps\"\noutages = { kind = \"poisson\", per_year = 12, mean_length = \"2 steps\" }\n",
    ),
    ("feed: pull with confidence", "[oracle]\nkind = \"pull\"\nconfidence = \"5 bps\"\n"),
    ("delay", DELAY),
    ("delays drawn", "[execution]\ndelay = { kind = \"geometric\", mean = \"2 steps\" }\n"),
    ("lots", "[execution]\nlot = 0.01\n"),
    ("least trade", "[execution]\nmin_trade = 1.0\n"),
    ("cap, cancelled", "[execution]\nparticipation = 0.1\n[assets.costs]\nadv = 1e3\n"),
    ("cap, queued", "[execution]\nparticipation = 0.1\nunfilled = \"queue\"\n[assets.costs]\nadv = 1e3\n"),
    (
        "tolerance and retries",
        "[execution]\ndelay = \"1 step\"\nslippage_tolerance = \"50 bps\"\nretries = 2\n",
    ),
    ("failures by chance", "[execution]\nfailure = 0.02\nretries = 3\n"),
    ("gas", "[costs.gas]\ngas_units = 180000\nbase_fee_gwei = 34.0\ngas_asset = \"A\"\n"),
    (
        "gas that moves",
        "[costs.gas]\ngas_units = 180000\ngas_asset = \"A\"\nbase_fee_gwei = { kind = \"log_ou\", mean = 34.0, half_life = \"8d\", volatility = 0.37, price_link = 0.25 }\n",
    ),
    (
        "funding at boundaries",
        "[execution]\nhedge_instrument = \"perpetual\"\n[costs.funding]\nrate = 0.1\ninterval = \"2 steps\"\n",
    ),
    (
        "funding that moves",
        "[execution]\nhedge_instrument = \"perpetual\"\n[costs.funding]\nrate = { kind = \"ar1\", mean = 0.1, persistence = 0.78, std = 0.3 }\ninterval = \"2 steps\"\n",
    ),
    ("borrow", "[assets.costs]\nborrow = 0.02\n"),
    (
        "permanent impact",
        "[costs.permanent_impact]\ncoefficient = 0.3\ndaily_volatility = 0.0126\n[assets.costs]\nadv = 1e4\n",
    ),
    ("pool", "[costs.pool]\ndepth = 1e4\nfee = \"5 bps\"\n"),
    (
        "spread that follows volatility",
        "[costs.half_spread]\nkind = \"volatility_scaled\"\nat = \"2 bps\"\nreference_volatility = 0.2\nhalf_life = \"20 steps\"\n",
    ),
    (
        "congestion",
        "[execution]\nfailure = 0.02\nretries = 3\n[market.congestion]\nreference_volatility = 0.2\nhalf_life = \"20 steps\"\nfailure = 2.0\n",
    ),
];

/// Job D, long enough to measure and short enough for many rows.
const SHORT: Hedge = Hedge { paths: 8192, ..JOB_D };

fn main() {
    let mut criterion = per_step::criterion();
    levels(&mut criterion);
    features(&mut criterion);
    frictions(&mut criterion);
    growth(&mut criterion);
    books(&mut criterion);
    criterion.final_summary();
}

/// One row: a job at a level.
fn row(group: &mut BenchmarkGroup<PerStep>, name: &str, level: Level, scenario: &Scenario) {
    let execution = Execution { threads: Some(1), level, ..Execution::default() };
    group.throughput(Throughput::Elements(scenario.run.paths * scenario.run.grid.n_steps));
    group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
        bencher.iter(|| run(scenario, &execution).expect("the job runs"));
    });
}

fn hedge(group: &mut BenchmarkGroup<PerStep>, name: &str, job: Hedge) {
    row(group, name, Level::Best, &job.scenario());
}

/// Job D at every level: the best must be well ahead of AVX2, and AVX2 of the baseline.
fn levels(criterion: &mut Criterion<PerStep>) {
    let mut group = criterion.benchmark_group("level");
    for level in Level::available() {
        let job = Hedge { paths: if level == Level::Baseline { 1024 } else { SHORT.paths }, ..SHORT };
        row(&mut group, &format!("{level:?}").to_lowercase(), level, &job.scenario());
    }
    group.finish();
}

/// Price processes, and what a scenario may switch on.
fn features(criterion: &mut Criterion<PerStep>) {
    let mut group = criterion.benchmark_group("process");
    hedge(&mut group, "gbm", SHORT);
    hedge(&mut group, "merton, rare jumps", Hedge { process: RARE_JUMPS, ..SHORT });
    hedge(&mut group, "merton", Hedge { process: MERTON, ..SHORT });
    hedge(&mut group, "kou", Hedge { process: KOU, ..SHORT });
    hedge(&mut group, "heston", Hedge { process: HESTON, ..SHORT });
    hedge(&mut group, "bootstrap", Hedge { process: BOOTSTRAP, steps: 365, ..SHORT });
    group.finish();

    let mut group = criterion.benchmark_group("with");
    hedge(&mut group, "nothing", SHORT);
    hedge(&mut group, "oracle", Hedge { tables: ORACLE, ..SHORT });
    hedge(&mut group, "delay", Hedge { tables: DELAY, ..SHORT });
    hedge(&mut group, "path_metrics", Hedge { path_metrics: true, ..SHORT });
    let eight = Hedge { policies: 8, ..SHORT };
    hedge(&mut group, "8 policies, path_metrics", Hedge { path_metrics: true, ..eight });
    hedge(&mut group, "8 policies, oracle", Hedge { tables: ORACLE, ..eight });
    hedge(&mut group, "8 policies, delay", Hedge { tables: DELAY, ..eight });
    group.finish();
}

/// What each friction adds to job D with one policy.
fn frictions(criterion: &mut Criterion<PerStep>) {
    let mut group = criterion.benchmark_group("friction");
    for (name, tables) in FRICTIONS {
        hedge(&mut group, name, Hedge { tables, ..SHORT });
    }
    group.finish();
}

/// What cost grows with.
fn growth(criterion: &mut Criterion<PerStep>) {
    let mut group = criterion.benchmark_group("policies");
    for policies in [1, 2, 4, 8, 16, 32] {
        hedge(&mut group, &policies.to_string(), Hedge { policies, ..SHORT });
    }
    group.finish();

    let mut group = criterion.benchmark_group("legs");
    for (n, legs) in [("1", ONE_LEG), ("2", TWO_LEGS), ("4", FOUR_LEGS), ("8", EIGHT_LEGS)] {
        hedge(&mut group, n, Hedge { legs, ..SHORT });
    }
    group.finish();

    let mut group = criterion.benchmark_group("steps");
    for steps in [12, 63, 252, 1008, 4032] {
        hedge(&mut group, &steps.to_string(), Hedge { steps, paths: 2_064_384 / u64::from(steps), ..SHORT });
    }
    group.finish();

    let mut group = criterion.benchmark_group("paths");
    for paths in [128, 1024, 8192, 65_536] {
        hedge(&mut group, &paths.to_string(), Hedge { paths, ..SHORT });
    }
    group.finish();
}

/// Other books: baskets of so many assets, with their path metrics, and the one-month call.
fn books(criterion: &mut Criterion<PerStep>) {
    let mut group = criterion.benchmark_group("basket");
    for n_assets in [2, 5, 10, 20] {
        let paths = 8192 / n_assets as u64;
        row(&mut group, &n_assets.to_string(), Level::Best, &basket(paths, n_assets));
    }
    group.finish();
    let mut group = criterion.benchmark_group("one-month-call");
    row(&mut group, "21 steps", Level::Best, &one_month_call(65_536));
    group.finish();
}
