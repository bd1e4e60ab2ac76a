//! What a hedge's deltas are taken at: Zakamouline's band and volatility, volatilities that move, minimum-variance deltas.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
#![expect(clippy::disallowed_methods, reason = "an independent computation, with a tolerance")]
use driftband::book::volatility::ewma::{Estimate, Tracker};
use driftband::engine::{Outcome, PolicyOutcome, StepRecord};
use driftband::math::{B, Lanes, norm_cdf};
use driftband::rng::{Purpose, Stream, normal_quad};
use driftband::study::replay::replay;

mod simulate;

use simulate::{figure, outcome, scenario};

/// A strategy of two assets, three legs on one of them, under some oracle.
fn text(run: &str, process: &str, hedge: &str, policies: &str) -> String {
    format!(
        "version = 1\nname = \"x\"\n[run]\nseed = 5\n{run}\n[market]\nrate = 0.03\n\
         [[assets]]\nsymbol = \"A\"\nspot = 100.0\ndividend_yield = 0.01\nprocess = {process}\n\
         [[assets]]\nsymbol = \"B\"\nspot = 50.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = 0.4 }}\n\
         [oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"2d\"\nlatency = \"1 step\"\n\
         [costs]\nfee = \"20 bps\"\n\
         [target]\nkind = \"options\"\n{hedge}\npremium_volatility = 0.5\nmark_volatility = 0.5\nlegs = [\n\
         {{ asset = \"A\", type = \"call\", strike = 100.0, quantity = -10.0 }},\n\
         {{ asset = \"A\", type = \"put\", strike = 95.0, quantity = -6.0, expiry = \"12d\" }},\n\
         {{ asset = \"A\", type = \"call\", strike = 110.0, quantity = 8.0, expiry = \"16d\" }},\n\
         {{ asset = \"B\", type = \"put\", strike = 50.0, quantity = 20.0, expiry = \"18d\" }}]\n{policies}"
    )
}

const RUN: &str = "paths = 300\nhorizon = \"20d\"\nsteps = 80";
const GBM: &str = "{ kind = \"gbm\", drift = 0.1, volatility = 0.5 }";
const HESTON: &str = "{ kind = \"heston\", drift = 0.05, initial_variance = 0.3, long_run_variance = 0.25, \
                      mean_reversion = 4.0, vol_of_vol = 1.2, correlation = -0.7 }";

/// One of every kind that has a delta.
const ALL: &str = "[[policies]]\nname = \"clock\"\nkind = \"periodic\"\nevery = \"1d\"\n\
     [[policies]]\nname = \"band\"\nkind = \"band\"\nwidth = \"4%\"\n\
     [[policies]]\nname = \"ww\"\nkind = \"whalley_wilmott\"\nrisk_aversion = 0.05\ncost = \"20 bps\"\n\
     [[policies]]\nname = \"zak\"\nkind = \"zakamouline\"\nrisk_aversion = 0.05\ncost = \"20 bps\"\n\
     [[policies]]\nname = \"leland\"\nkind = \"leland\"\nevery = \"12h\"\ncost = \"20 bps\"\n\
     [[policies]]\nname = \"both\"\nkind = \"time_or_band\"\nevery = \"2d\"\nwidth = \"6%\"\n";

/// Every figure of every policy: shortest round trip, so the text is the bits.
fn bits(outcome: &Outcome) -> String {
    format!("{:?}", outcome.policies)
}

#[track_caller]
fn assert_same(a: &str, b: &str) {
    let [left, right] = [a, b].map(|text| bits(&outcome(&scenario(text))));
    assert!(a != b && left == right, "bits differ");
}

const CONSTANT: &str = "hedge_volatility = { A = 0.5, B = 0.4 }";
const ENDLESS: &str = "hedge_volatility = { kind = \"ewma\", half_life = \"4611686018427387904 steps\", \
                       initial = { A = 0.5, B = 0.4 } }";
const OWN: &str = "hedge_volatility = { kind = \"oracle_volatility\" }";

#[test]
fn an_estimate_that_never_forgets_its_start_is_a_constant_to_the_bit() {
    for run in [RUN, &RUN.replace("paths", "path_metrics = false\npaths")] {
        let constant = text(run, GBM, CONSTANT, ALL);
        assert_same(&constant, &text(run, GBM, ENDLESS, ALL));
        // the process's own is the same constant here
        assert_same(&constant, &text(run, GBM, OWN, ALL));
    }
    // a single leg has a width of its own kind
    let single = |text: String| {
        let from = text.find("{ asset = \"A\", type = \"put\"").unwrap();
        let to = text.find("{ asset = \"B\"").unwrap();
        format!("{}{}", &text[..from], &text[to..])
    };
    assert_same(&single(text(RUN, GBM, CONSTANT, ALL)), &single(text(RUN, GBM, ENDLESS, ALL)));
    // orders worked off path by path
    let lots = "[execution]\nlot = 0.25\ndelay = \"1 step\"\n[costs]";
    let [constant, endless] =
        [CONSTANT, ENDLESS].map(|hedge| text(RUN, GBM, hedge, ALL).replace("[costs]", lots));
    assert_same(&constant, &endless);
    let other = text(RUN, GBM, &CONSTANT.replace("0.5", "0.51"), ALL);
    assert!(bits(&outcome(&scenario(&other))) != bits(&outcome(&scenario(&text(RUN, GBM, CONSTANT, ALL)))));
}

#[test]
fn a_volatility_of_its_own_does_not_disturb_the_neighbours() {
    let moving = format!(
        "{ALL}[[policies]]\nname = \"own\"\nkind = \"periodic\"\nevery = \"1d\"\nhedge_volatility = {{ kind = \"ewma\", \
         half_life = \"3d\", initial = 0.6 }}\n"
    );
    let [alone, beside] =
        [ALL, &moving].map(|policies| outcome(&scenario(&text(RUN, HESTON, CONSTANT, policies))));
    assert_eq!(alone.policies.len() + 1, beside.policies.len());
    for (one, two) in alone.policies.iter().zip(&beside.policies) {
        assert_eq!(format!("{one:?}"), format!("{two:?}"));
    }
}

#[test]
fn without_correlation_the_minimum_variance_delta_is_black_and_scholes() {
    let tilted = |rho: &str| {
        format!(
            "{CONSTANT}\ndelta = {{ kind = \"minimum_variance\", correlation = {rho}, vol_of_vol = 1.2 }}"
        )
    };
    assert_same(&text(RUN, HESTON, CONSTANT, ALL), &text(RUN, HESTON, &tilted("0.0"), ALL));
    // a policy may go back to it
    let back = ALL.replace("name =", "delta = \"black_scholes\"\nname =");
    assert_same(&text(RUN, HESTON, CONSTANT, ALL), &text(RUN, HESTON, &tilted("-0.7"), &back));
    // taken from the process is the same as written
    let taken = format!(
        "{CONSTANT}\ndelta = {{ kind = \"minimum_variance\", vol_of_vol = {{ A = 1.2, B = 0.0 }}, correlation = {{ B = 0.0 }} }}"
    );
    let written = tilted("{ A = -0.7, B = 0.0 }");
    assert_same(&text(RUN, HESTON, &taken, ALL), &text(RUN, HESTON, &written, ALL));
    let [plain, other] =
        [CONSTANT, &written].map(|hedge| bits(&outcome(&scenario(&text(RUN, HESTON, hedge, ALL)))));
    assert!(plain != other);
}

/// Mean of the paired difference of squared deviations from the mean, with its standard error.
fn difference_of_variances(a: &PolicyOutcome, b: &PolicyOutcome) -> (f64, f64) {
    let n = a.deviations.len() as f64;
    let mean = |all: &[f64]| all.iter().sum::<f64>() / n;
    let (center_a, center_b) = (mean(&a.deviations), mean(&b.deviations));
    let pairs = a.deviations.iter().zip(&b.deviations);
    let differences: Vec<f64> = pairs.map(|(x, y)| (x - center_a).powi(2) - (y - center_b).powi(2)).collect();
    let center = mean(&differences);
    let spread = differences.iter().map(|d| (d - center).powi(2)).sum::<f64>() / (n - 1.0);
    (center, (spread / n).sqrt())
}

#[test]
fn under_heston_the_minimum_variance_delta_leaves_less_variance() {
    let policy = |name: &str, more: &str| {
        format!("[[policies]]\nname = \"{name}\"\nkind = \"periodic\"\nevery = \"1 step\"\n{more}")
    };
    let heston = |rho: f64, policies: &str| {
        format!(
            "version = 1\nname = \"x\"\n[run]\npaths = 80000\nseed = 3\nhorizon = \"90d\"\nsteps = 360\npath_metrics = false\n\
             [[assets]]\nsymbol = \"A\"\nspot = 100.0\nprocess = {{ kind = \"heston\", drift = 0.0, initial_variance = 0.09, \
             long_run_variance = 0.09, mean_reversion = 2.0, vol_of_vol = 0.6, correlation = {rho:?} }}\n\
             [target]\nkind = \"options\"\nhedge_volatility = 0.3\npremium_volatility = 0.3\n\
             legs = [{{ type = \"call\", strike = 100.0, quantity = -1.0 }}]\n\
             {}{policies}",
            policy("plain", "")
        )
    };
    for rho in [-0.8, -0.5, 0.6] {
        let link = |share: f64| {
            let xi = 0.6 * share;
            format!("delta = {{ kind = \"minimum_variance\", vol_of_vol = {xi:?} }}\n")
        };
        let policies = format!(
            "{}{}{}",
            policy("half", &link(0.5)),
            policy("least", "delta = \"minimum_variance\"\n"),
            policy("twice", &link(2.0))
        );
        let found = outcome(&scenario(&heston(rho, &policies)));
        let std = [0, 1, 2, 3].map(|p| figure(&found.policies[p], "std").0);
        let saved = [0, 1, 3].map(|p| difference_of_variances(&found.policies[p], &found.policies[2]));
        eprintln!(
            "rho {rho}: std without {:.4} half {:.4} whole {:.4} twice {:.4}, variance saved {saved:.4?}",
            std[0], std[1], std[2], std[3]
        );
        assert!(saved.iter().all(|(saved, se)| *saved > 4.0 * se), "rho {rho}: {saved:?}");
    }
}

/// Black–Scholes delta and gamma of a unit, `tau` years before expiry.
fn greeks(call: bool, s: f64, strike: f64, r: f64, q: f64, sigma: f64, tau: f64) -> (f64, f64) {
    let v = sigma * tau.sqrt();
    let d1 = ((s / strike).ln() + (r - q) * tau) / v + 0.5 * v;
    let carry = (-q * tau).exp();
    let bell = (-0.5 * d1 * d1).exp() / (2.0 * std::f64::consts::PI).sqrt();
    (carry * (norm_cdf(d1) - if call { 0.0 } else { 1.0 }), carry * bell / (s * v))
}

/// Legs on asset A of [`text`]: call, strike, quantity, step of expiry.
const ON_A: [(bool, f64, f64, u64); 3] =
    [(true, 100.0, -10.0, 80), (false, 95.0, -6.0, 48), (true, 110.0, 8.0, 64)];
const DT: f64 = 0.25 / 365.0;

fn live_on_a(j: u64) -> Vec<(bool, f64, f64, f64)> {
    let live = ON_A.iter().filter(|(.., expiry)| *expiry > j);
    live.map(|&(call, strike, quantity, expiry)| (call, strike, quantity, (expiry - j) as f64 * DT)).collect()
}

/// Target and half-width by the formulas as they are printed.
fn zakamouline(j: u64, s: f64, sigma: f64, aversion: f64, cost: f64) -> (f64, f64) {
    let (r, q) = (0.03, 0.01);
    let legs = live_on_a(j);
    let gamma: f64 = legs.iter().map(|&(c, k, n, tau)| n * greeks(c, s, k, r, q, sigma, tau).1).sum();
    let tau = legs.iter().map(|leg| leg.3).fold(0.0, f64::max);
    let common = ((-r * tau).exp() / sigma).powf(0.25);
    let h0 = cost / (aversion * s * sigma * sigma * tau);
    let h1 = 1.12 * cost.powf(0.31) * tau.powf(0.05) * common * (gamma.abs() / aversion).sqrt();
    let k = -4.76 * cost.powf(0.78) / tau.powf(0.02) * common * (aversion * s * s * gamma.abs()).powf(0.15);
    let modified = sigma * (1.0 + k * gamma.signum()).max(0.01).sqrt();
    let delta: f64 =
        legs.iter().map(|&(c, strike, n, tau)| n * greeks(c, s, strike, r, q, modified, tau).0).sum();
    (-delta, h0 + h1)
}

#[test]
fn zakamoulines_orders_are_those_of_the_printed_formulas() {
    let scenario = scenario(&text(RUN, GBM, CONSTANT, ALL));
    let (mut orders, mut signs) = (0, [0, 0]);
    for path in 0..20 {
        let steps = replay(&scenario, path, "zak").unwrap().steps;
        for pair in steps.windows(2).filter(|pair| pair[1].j < 80) {
            let [before, now] = pair else { unreachable!() };
            let seen = now.oracle.as_ref().unwrap()[0];
            let (target, width) = zakamouline(now.j, seen, 0.5, 0.05, 0.002);
            let gap = target - before.position[0];
            let expected = if gap.abs() > width { gap - width.copysign(gap) } else { 0.0 };
            assert!(
                (now.order[0] - expected).abs() < 1e-9,
                "step {}: {} against {expected}",
                now.j,
                now.order[0]
            );
            orders += usize::from(expected != 0.0);
            signs[usize::from(target > zakamouline(now.j, seen, 0.5, 0.05, 0.0).0)] += 1;
        }
    }
    eprintln!("{orders} orders; the volatility moves targets down and up: {signs:?}");
    assert!(orders > 100 && signs.iter().all(|n| *n > 50), "{orders} {signs:?}");
}

/// The estimate at every step from what the policy saw: never from the true price.
fn estimates(steps: &[StepRecord], asset: usize, half_life: f64, initial: f64) -> Vec<f64> {
    let keep = 0.5_f64.powf(1.0 / half_life);
    let (mut variance, mut all) = (initial * initial, vec![initial]);
    for pair in steps.windows(2) {
        let seen = |step: &StepRecord| step.oracle.as_ref().map_or(f64::NAN, |prices| prices[asset]);
        let moved = (seen(&pair[1]) / seen(&pair[0])).ln();
        variance = keep * variance + (1.0 - keep) * moved * moved / DT;
        all.push(variance.sqrt());
    }
    all
}

#[test]
fn an_estimate_knows_what_was_seen_and_nothing_else() {
    let hedge = "hedge_volatility = { kind = \"ewma\", half_life = \"3d\", initial = 0.5 }";
    let scenario = scenario(&text(RUN, HESTON, hedge, ALL));
    let mut apart = 0;
    for path in 0..10 {
        let steps = replay(&scenario, path, "clock").unwrap().steps;
        let sigma = estimates(&steps, 0, 12.0, 0.5);
        for (step, sigma) in steps.iter().zip(&sigma).filter(|(step, _)| step.j < 80) {
            let s = step.price[0];
            let legs = live_on_a(step.j);
            let delta: f64 =
                legs.iter().map(|&(c, k, n, tau)| n * greeks(c, s, k, 0.03, 0.01, *sigma, tau).0).sum();
            let target = step.target.as_ref().unwrap()[0];
            assert!((target + delta).abs() < 1e-9, "step {}: {target} against {}", step.j, -delta);
            apart += usize::from((sigma - 0.5).abs() > 0.05);
        }
        // a stale price moves nothing: the estimate decays from step to step
        assert!(
            steps.windows(2).any(|pair| pair[0].oracle == pair[1].oracle && pair[0].price != pair[1].price)
        );
    }
    assert!(apart > 300, "the estimate hardly moves: {apart}");
}

#[test]
fn the_estimates_mean_and_variance_are_the_closed_form() {
    let (sigma, mu, dt, steps) = (0.6_f64, 0.2, 1.0 / 365.0, 40_u32);
    let tracker = Tracker { half_life: 10, initial: 0.9 };
    let drift = (mu - 0.5 * sigma * sigma) * dt;
    let blocks: u64 = 400;
    let mut found = Vec::new();
    for block in 0..blocks {
        let (mut x, mut estimate) = (Lanes::ZERO, Estimate::default());
        tracker.start(&x, &mut estimate);
        for quad in 0..steps / 4 {
            let mut normals = [Lanes::ZERO; 4];
            normal_quad(11, Stream::new(Purpose::Price, 0), block * B as u64, quad, &mut normals);
            for z in &normals {
                for lane in 0..B {
                    x[lane] += (sigma * dt.sqrt()).mul_add(z[lane], drift);
                }
                tracker.advance(tracker.weight(), dt, &x, &mut estimate);
            }
        }
        found.extend(estimate.variance.iter().copied());
    }
    let n = found.len() as f64;
    let mean = found.iter().sum::<f64>() / n;
    let moment = |power: i32| found.iter().map(|v| (v - mean).powi(power)).sum::<f64>() / n;
    let (variance, fourth) = (moment(2), moment(4));
    let keep = 1.0 - tracker.weight();
    let left = keep.powi(40);
    let nu = mu - 0.5 * sigma * sigma;
    let expected = left * 0.81 + (1.0 - left) * (sigma * sigma + nu * nu * dt);
    let of_one = 2.0 * sigma.powi(4) + 4.0 * sigma * sigma * nu * nu * dt;
    let spread = (1.0 - keep) * (1.0 - left * left) / (1.0 + keep) * of_one;
    let (se_mean, se_variance) = ((variance / n).sqrt(), ((fourth - variance * variance) / n).sqrt());
    let z = [(mean - expected) / se_mean, (variance - spread) / se_variance];
    eprintln!("mean {mean:.6} ({expected:.6}), variance {variance:.6} ({spread:.6}), z {z:.2?}");
    assert!(z.iter().all(|z| z.abs() < 4.0), "{z:?}");
}

/// Mean and standard deviation of what is left, mean cost, over risk aversions.
fn frontier(kind: &str, sign: f64, aversions: &[f64]) -> Vec<[f64; 4]> {
    let each: Vec<String> = aversions
        .iter()
        .enumerate()
        .map(|(i, a)| {
            format!(
                "[[policies]]\nname = \"p{i}\"\nkind = \"{kind}\"\nrisk_aversion = {a:?}\ncost = \"1%\"\n"
            )
        })
        .collect();
    let policies = each.concat();
    let text = format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 20000\nseed = 8\nhorizon = \"1y\"\nsteps = 365\npath_metrics = false\n\
         [market]\nrate = 0.05\n[[assets]]\nsymbol = \"A\"\nspot = 100.0\n\
         process = {{ kind = \"gbm\", drift = 0.05, volatility = 0.25 }}\n[costs]\nfee = \"1%\"\n\
         [target]\nkind = \"options\"\nhedge_volatility = 0.25\npremium_volatility = 0.25\n\
         legs = [{{ type = \"call\", strike = 100.0, quantity = {sign:?} }}]\n{policies}"
    );
    let found = outcome(&scenario(&text));
    let of = |policy: &PolicyOutcome| {
        let (std, se) = figure(policy, "std");
        [figure(policy, "cost_total").0, std, se, figure(policy, "mean").0]
    };
    found.policies.iter().map(of).collect()
}

/// Standard deviation at a cost, between two neighbours on a curve (both in logarithms), with the larger error.
fn at_cost(curve: &[[f64; 4]], cost: f64) -> Option<(f64, f64)> {
    curve.windows(2).find_map(|pair| {
        let [a, b] = [pair[0], pair[1]];
        let inside = (a[0] - cost) * (b[0] - cost) <= 0.0;
        inside.then(|| {
            let share = (cost / a[0]).ln() / (b[0] / a[0]).ln();
            ((a[1].ln() + share * (b[1] / a[1]).ln()).exp(), a[2].max(b[2]))
        })
    })
}

#[test]
fn at_equal_cost_zakamouline_leaves_no_more_than_whalley_and_wilmott() {
    let aversions = [0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2];
    for sign in [-1.0, 1.0] {
        let narrow: Vec<f64> = (0..22).map(|i| 0.003 * 1.6_f64.powi(i)).collect();
        let benchmark = frontier("whalley_wilmott", sign, &narrow);
        let mut compared = 0;
        for (aversion, [cost, std, se, mean]) in
            aversions.iter().zip(frontier("zakamouline", sign, &aversions))
        {
            let other = at_cost(&benchmark, cost);
            eprintln!(
                "quantity {sign} aversion {aversion}: cost {cost:.4} mean {mean:.4} std {std:.4} ± {se:.4}, at that cost {other:.4?}"
            );
            let Some((other, other_se)) = other else { continue };
            assert!(std < other + 3.0 * (se + other_se), "aversion {aversion}: {std} against {other}");
            compared += 1;
        }
        assert!(compared >= 4, "only {compared} costs were met by both");
    }
}
