//! A basket of three against its three benchmarks: mean and spread of the deviation in closed form.
use std::fmt::Write as _;

use super::setting::{Measured, Ran, Setting};
use super::verdict::Tolerance;
use super::{Check, Experiment};
use crate::math::exp;

const WEIGHTS: [f64; 3] = [0.5, 0.3, 0.2];
const DRIFTS: [f64; 3] = [0.1, 0.05, 0.0];
const SIGMAS: [f64; 3] = [0.6, 0.8, 0.3];
const CORRELATION: [[f64; 3]; 3] = [[1.0, 0.6, 0.2], [0.6, 1.0, 0.1], [0.2, 0.1, 1.0]];
const VALUE: f64 = 1e6;
/// Steps of the year.
const STEPS: i32 = 48;
const SOURCE: &str = "moments of products of correlated log-normal numbers";

/// What a deviation is measured against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Against {
    Step,
    Continuous,
    Held,
}

/// Rebalanced every so many steps; 48: bought and held.
const CASES: [(i32, Against); 5] = [
    (4, Against::Step),
    (STEPS, Against::Step),
    (4, Against::Continuous),
    (12, Against::Continuous),
    (12, Against::Held),
];

const fn mean(id: &'static str, what: &'static str, theory: fn() -> f64) -> Check {
    Check { id, what, formula: "E V_T − E B_T", theory, tolerance: Tolerance::Errors(4.0), source: SOURCE }
}

const fn spread(id: &'static str, what: &'static str, theory: fn() -> f64) -> Check {
    Check {
        id,
        what,
        formula: "√(E(V_T − B_T)² − mean²)",
        theory,
        tolerance: Tolerance::Errors(5.0),
        source: SOURCE,
    }
}

pub(super) const EXPERIMENTS: &[Experiment] = &[Experiment {
    checks: &[
        mean("O14am", "mean, every 4 steps against the mix of every step", || moments(0).0),
        spread("O14as", "its standard deviation", || moments(0).1),
        mean("O14bm", "mean, held against the mix of every step", || moments(1).0),
        spread("O14bs", "its standard deviation", || moments(1).1),
        mean("O14cm", "mean, every 4 steps against the continuous mix", || moments(2).0),
        spread("O14cs", "its standard deviation", || moments(2).1),
        mean("O14dm", "mean, every 12 steps against the continuous mix", || moments(3).0),
        spread("O14ds", "its standard deviation", || moments(3).1),
        mean("O14em", "mean, every 12 steps against buy and hold", || moments(4).0),
        spread("O14es", "its standard deviation", || moments(4).1),
    ],
    quick: true,
    setting: Setting::Runs { texts: || CASES.map(text).to_vec(), sums: false, read },
}];

/// `E(g_i g_j)` of growth over `steps`, as an exponent.
fn joint(i: usize, j: usize, steps: i32) -> f64 {
    let covariance = SIGMAS[i] * SIGMAS[j] * CORRELATION[i][j];
    exp((DRIFTS[i] + DRIFTS[j] + covariance) * f64::from(steps) / f64::from(STEPS))
}

fn sum(of: impl Fn(usize) -> f64) -> f64 {
    (0..3).map(of).sum()
}

/// Mean and standard deviation of V_T − B_T, V rebalanced every `m` steps.
fn moments(case: usize) -> (f64, f64) {
    let (m, against) = CASES[case];
    let periods = STEPS / m;
    let drift = sum(|i| WEIGHTS[i] * DRIFTS[i]);
    let with_mix = |i: usize| sum(|j| WEIGHTS[j] * SIGMAS[i] * SIGMAS[j] * CORRELATION[i][j]);
    let variance = sum(|i| WEIGHTS[i] * with_mix(i));
    let grown = |steps: i32| sum(|i| WEIGHTS[i] * exp(DRIFTS[i] * f64::from(steps) / f64::from(STEPS)));
    let square = |steps: i32| sum(|i| sum(|j| WEIGHTS[i] * WEIGHTS[j] * joint(i, j, steps)));
    let portfolio = grown(m).powi(periods);
    let portfolio_square = square(m).powi(periods);
    let (benchmark, benchmark_square, product) = match against {
        Against::Step => {
            // over a period: an asset that is held, times the mix of every step
            let both = sum(|i| WEIGHTS[i] * sum(|j| WEIGHTS[j] * joint(i, j, 1)).powi(m));
            (grown(1).powi(STEPS), square(1).powi(STEPS), both.powi(periods))
        }
        Against::Continuous => {
            let years = f64::from(m) / f64::from(STEPS);
            let both = sum(|i| WEIGHTS[i] * exp((DRIFTS[i] + drift + with_mix(i)) * years));
            (exp(drift), exp(2.0 * drift + variance), both.powi(periods))
        }
        Against::Held => {
            let both = sum(|i| WEIGHTS[i] * sum(|j| WEIGHTS[j] * joint(i, j, m)).powi(periods));
            (grown(STEPS), square(STEPS), both)
        }
    };
    let mean = portfolio - benchmark;
    let spread = portfolio_square + benchmark_square - 2.0 * product - mean * mean;
    (VALUE * mean, VALUE * spread.sqrt())
}

fn text((m, against): (i32, Against)) -> String {
    let row = |row: &[f64; 3]| format!("[{:?}, {:?}, {:?}]", row[0], row[1], row[2]);
    let mut text = format!(
        "version = 1\nname = \"basket\"\n[run]\npaths = 400_000\nseed = 7\nhorizon = \"1y\"\nsteps = {STEPS}\npath_metrics = false\n\
         [market]\ncorrelation = [{}]\n",
        CORRELATION.each_ref().map(row).join(", ")
    );
    for (i, spot) in [100.0, 50.0, 1.0].into_iter().enumerate() {
        let _ = write!(
            text,
            "[[assets]]\nsymbol = \"A{i}\"\nspot = {spot:?}\nprocess = {{ kind = \"gbm\", drift = {:?}, volatility = {:?} }}\n",
            DRIFTS[i], SIGMAS[i]
        );
    }
    let benchmark = match against {
        Against::Step => "constant_mix_step",
        Against::Continuous => "constant_mix_continuous",
        Against::Held => "buy_and_hold",
    };
    let policy = if m == STEPS {
        "kind = \"hold\"".to_owned()
    } else {
        format!("kind = \"periodic\"\nevery = \"{m} steps\"")
    };
    let [a, b, c] = WEIGHTS;
    let _ = write!(
        text,
        "[target]\nkind = \"basket\"\nvalue = {VALUE:?}\nbenchmark = \"{benchmark}\"\n\
         weights = {{ A0 = {a:?}, A1 = {b:?}, A2 = {c:?} }}\n[[policies]]\nname = \"p\"\n{policy}\n"
    );
    text
}

fn read(ran: &[Ran]) -> Vec<Measured> {
    ran.iter().flat_map(|run| [run.metric(0, "mean"), run.metric(0, "std")]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of an independent computation.
    #[test]
    fn moments_are_the_references() {
        let wanted = [
            (50.818_798_578_156_08, 22_404.060_637_781_97),
            (790.813_830_403_580_6, 96_270.165_276_270_87),
            (67.768_534_613_099_62, 25_921.255_568_416_22),
            (203.061_171_830_665_2, 45_677.324_869_892_71),
            (-604.702_394_607_858_9, 82_781.787_771_678_53),
        ];
        for (case, (mean, std)) in wanted.into_iter().enumerate() {
            let found = moments(case);
            assert!((found.0 - mean).abs() < 1e-6, "{case}: mean {} for {mean}", found.0);
            assert!((found.1 - std).abs() < 1e-4, "{case}: std {} for {std}", found.1);
        }
    }
}
