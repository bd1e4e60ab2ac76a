//! The efficiency constant of an ordinary run: five closed forms, its error, and where there is none; proportional trading.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use std::f64::consts::PI;

use driftband::engine::Outcome;

mod simulate;

use simulate::{figure, outcome, scenario};

const CLOCK: &str = "kind = \"periodic\"\nevery = \"200 steps\"";
const CENTER: &str = "kind = \"band\"\nwidth = 0.02";
const SHARE: &str = "kind = \"proportional\"\nshare = 0.005";
const HALF_WAY: &str = "kind = \"rule\"\ntrigger = [{ kind = \"band\", width = 0.02 }]\ndestination = 0.5";
const EDGE: &str = "kind = \"rule\"\ntrigger = [{ kind = \"band\", width = 0.02 }]\ndestination = \"edge\"";

/// Rules and their constants on a fine grid.
fn constants() -> [(&'static str, f64); 5] {
    [
        (CLOCK, 1.0 / PI.sqrt()),
        (CENTER, 1.0 / 6.0_f64.sqrt()),
        (SHARE, 1.0 / (2.0 * PI).sqrt()),
        (HALF_WAY, (5.0 / 24.0_f64).sqrt() / 1.5),
        (EDGE, 0.5 / 3.0_f64.sqrt()),
    ]
}

fn gbm(symbol: &str, drift: f64, volatility: f64) -> String {
    format!(
        "[[assets]]\nsymbol = \"{symbol}\"\nspot = 1.0\n\
         process = {{ kind = \"gbm\", drift = {drift:?}, volatility = {volatility:?} }}\n"
    )
}

fn text(run: &str, market: &str, target: &str, policies: &[&str]) -> String {
    let tables: Vec<String> = policies
        .iter()
        .enumerate()
        .map(|(i, keys)| format!("[[policies]]\nname = \"p{i}\"\n{keys}\n"))
        .collect();
    let tables = tables.concat();
    format!(
        "version = 1\nname = \"x\"\n[run]\n{run}\n{market}[target]\nkind = \"basket\"\nvalue = 1000.0\n{target}\n{tables}"
    )
}

/// One asset, half of the value; its drift leaves the weight without one.
fn one(run: &str, policies: &[&str]) -> String {
    text(run, &gbm("A", 0.18, 0.6), "weights = { A = 0.5 }", policies)
}

fn measured(found: &Outcome, policy: usize) -> (f64, f64) {
    figure(&found.policies[policy], "efficiency_constant")
}

/// `VALIDATION` K: two per cent, and no more than four standard errors beyond half a per cent of leading order.
fn assert_constants(found: &Outcome, what: &str) {
    for (policy, (rule, theory)) in constants().into_iter().enumerate() {
        let (value, se) = measured(found, policy);
        let kind = rule.lines().last().unwrap();
        eprintln!(
            "{what}: {kind}: C {value:.5} ± {se:.5}, theory {theory:.5}, z {:.1}",
            (value - theory) / se
        );
        assert!(se < 0.01 * value, "{what}: {kind}: {se} says nothing");
        assert!((value / theory - 1.0).abs() < 0.02, "{what}: {kind}: {value} ± {se}, not {theory}");
        assert!(
            (value - theory).abs() < 4.0 * se + 0.005 * theory,
            "{what}: {kind}: {value} ± {se}, not {theory}"
        );
        assert!(
            (found.policies[policy].efficiency.unwrap().theory.unwrap() / theory - 1.0).abs() < 2e-3,
            "{kind}"
        );
    }
}

#[test]
fn five_rules_have_the_constants_of_the_closed_forms() {
    let rules = constants().map(|(rule, _)| rule);
    let found = outcome(&scenario(&one("paths = 512\nseed = 5\nhorizon = \"2y\"\nsteps = 40000", &rules)));
    assert_constants(&found, "one asset and cash");
    let terms = found.policies[0].efficiency.unwrap();
    assert!((terms.volatility - 0.6).abs() < 1e-12 && (terms.gap_variance - 0.0225).abs() < 1e-12);
}

/// The gap that a share `1 − q` every `k` steps of `dt` leaves and what it trades: `VALIDATION` H with the grid in it.
#[test]
fn a_share_of_the_gap_leaves_and_trades_what_theory_says() {
    let rules = [
        "kind = \"proportional\"\nshare = \"2%\"",
        "kind = \"proportional\"\nshare = \"30%\"\nevery = \"20 steps\"",
    ];
    let found = outcome(&scenario(&one("paths = 512\nseed = 8\nhorizon = \"1y\"\nsteps = 10000", &rules)));
    for (policy, (share, k)) in [(0.02, 1.0), (0.3, 20.0)].into_iter().enumerate() {
        let (v, dt, q) = (0.0225_f64, 1e-4, 1.0_f64 - share);
        let period = k * dt;
        let te_square = 0.36 * v * (period * q * q / (1.0 - q * q) + 0.5 * (period - dt));
        let turnover = (2.0 * v / (PI * period) * (1.0 - q) / (1.0 + q)).sqrt();
        for (key, theory) in [("te_path_rms", te_square.sqrt()), ("turnover_weight", turnover)] {
            let (value, se) = figure(&found.policies[policy], key);
            eprintln!(
                "share {share} every {k}: {key} {value:.6} ± {se:.6}, theory {theory:.6}, z {:.1}",
                (value - theory) / se
            );
            // a weight's volatility is not constant: half a per cent of leading order
            assert!(
                (value - theory).abs() < 4.0 * se + 0.005 * theory,
                "{key}: {value} ± {se}, not {theory}"
            );
        }
    }
}

#[test]
fn two_risky_assets_have_them_too() {
    // σ² = .64 + .36 − 2·.5·.8·.6 = .52; a drift of σ₁² − ρσ₁σ₂ − σ²/2 apart leaves the weight without one
    let market = format!(
        "[market]\ncorrelation = [[1.0, 0.5], [0.5, 1.0]]\n{}{}",
        gbm("A", 0.14, 0.8),
        gbm("B", 0.0, 0.6)
    );
    let rules = constants().map(|(rule, _)| rule);
    let run = "paths = 512\nseed = 6\nhorizon = \"2y\"\nsteps = 40000";
    let found = outcome(&scenario(&text(run, &market, "weights = { A = 0.5, B = 0.5 }", &rules)));
    let terms = found.policies[0].efficiency.unwrap();
    assert!(
        (terms.volatility - 0.52_f64.sqrt()).abs() < 1e-12 && (terms.gap_variance - 0.0325).abs() < 1e-12
    );
    assert_constants(&found, "two risky assets");
}

#[test]
fn its_error_is_the_spread_of_repeated_runs() {
    for (more, sampling) in
        [("", "pseudo"), ("sampling = \"antithetic\"\n", "antithetic"), ("sampling = \"sobol\"\n", "sobol")]
    {
        let (mut values, mut variances) = (Vec::new(), Vec::new());
        for seed in 0..100 {
            let run = format!("paths = 256\nseed = {seed}\nhorizon = \"100d\"\nsteps = 100\n{more}");
            let found = outcome(&scenario(&one(&run, &["kind = \"band\"\nwidth = 0.03"])));
            let (value, se) = measured(&found, 0);
            values.push(value);
            variances.push(se * se);
        }
        let mean = values.iter().sum::<f64>() / 100.0;
        let spread = (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / 99.0).sqrt();
        let se = (variances.iter().sum::<f64>() / 100.0).sqrt();
        eprintln!("{sampling}: C {mean:.4}, spread {spread:.5}, error {se:.5}");
        // a spread over 100 runs is known to 7 %
        assert!((spread / se - 1.0).abs() < 0.25, "{sampling}: {spread} against {se}");
    }
}

#[test]
fn it_is_what_its_parts_say() {
    let run = "paths = 640\nseed = 1\nhorizon = \"146d\"\nsteps = 146";
    let found = outcome(&scenario(&one(run, &["kind = \"periodic\"\nevery = \"2 steps\""])));
    let of = |key| figure(&found.policies[0], key).0;
    let by_hand = of("te_path_rms") * of("turnover_weight") / 0.4 / (0.6 * 0.0225);
    let (value, _) = measured(&found, 0);
    assert!((value / by_hand - 1.0).abs() < 1e-12, "{value} against {by_hand}");
}

/// The reason why a policy of a scenario has none.
fn reason(text: &str) -> String {
    let found = outcome(&scenario(text));
    let estimate = found.policies[0].metric("efficiency_constant").unwrap();
    assert_eq!(estimate.value, None);
    estimate.reason.clone().unwrap()
}

#[test]
fn where_there_is_none_it_says_why() {
    let run = "paths = 64\nseed = 1\nhorizon = \"20d\"\nsteps = 20";
    let market = format!("{}{}", gbm("A", 0.0, 0.6), gbm("B", 0.0, 0.6));
    let weekly = "kind = \"periodic\"\nevery = \"5d\"";
    let with = |market: &str, target: &str, policy: &str| reason(&text(run, market, target, &[policy]));
    let whole = "two risky assets that make up the whole";
    assert!(with(&market, "weights = { A = 0.5, B = 0.3 }", weekly).contains(whole));
    let three = format!("{market}{}", gbm("C", 0.0, 0.6));
    assert!(with(&three, "weights = { A = 0.4, B = 0.3, C = 0.3 }", weekly).contains(whole));
    assert!(with(&gbm("A", 0.0, 0.6), "weights = { A = 1.0 }", weekly).contains("do not drift"));
    let held = "weights = { A = 0.5 }\nbenchmark = \"buy_and_hold\"";
    assert!(with(&gbm("A", 0.0, 0.6), held, weekly).contains("benchmark"));
    assert!(
        with(&gbm("A", 0.0, 0.6), "weights = { A = 0.5 }", "kind = \"hold\"").contains("nothing was traded")
    );
    let kou = gbm("A", 0.0, 0.6).replace(
        "kind = \"gbm\"",
        "jumps_per_year = 10.0, jump_mean = 0.0, jump_std = 0.1, kind = \"merton\"",
    );
    assert!(with(&kou, "weights = { A = 0.5 }", weekly).contains("constant volatility"));
    let shocked = format!("{}[[shocks]]\nkind = \"gap\"\nat = \"5d\"\nsize = -0.1\n", gbm("A", 0.0, 0.6));
    assert!(with(&shocked, "weights = { A = 0.5 }", weekly).contains("without shocks"));
    // an asset of weight 0 whose price pays gas is no third one
    let found = outcome(&scenario(&text(run, &market, "weights = { A = 0.5 }", &[weekly])));
    assert!(measured(&found, 0).0 > 0.0);
    // bounds, slices and two triggers have a constant but no closed form
    let odd = "kind = \"rule\"\ntrigger = [{ kind = \"clock\", every = \"2d\" }, { kind = \"band\", width = 0.01 }]";
    let found = outcome(&scenario(&text(run, &gbm("A", 0.0, 0.6), "weights = { A = 0.5 }", &[odd])));
    assert!(measured(&found, 0).0 > 0.0 && found.policies[0].efficiency.unwrap().theory.is_none());
}

#[test]
fn a_whole_share_is_the_clock_to_the_bit() {
    let run = "paths = 200\nseed = 3\nhorizon = \"40d\"\nsteps = 40";
    let costs = "[costs]\nfee = \"10 bps\"\nfixed_fee = 0.1\n[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"2 steps\"\n\
                 [execution]\ndelay = \"1 steps\"\n";
    let market = format!("{}{}{costs}", gbm("A", 0.1, 0.6), gbm("B", 0.0, 0.9));
    let basket = "weights = { A = 0.5, B = 0.3 }";
    let policies =
        ["kind = \"periodic\"\nevery = \"3d\"", "kind = \"proportional\"\nshare = 1\nevery = \"3d\""];
    let found = outcome(&scenario(&text(run, &market, basket, &policies)));
    assert_eq!(found.policies[0].deviations, found.policies[1].deviations);
    for ((metric, clock), (_, share)) in found.policies[0].metrics.iter().zip(&found.policies[1].metrics) {
        assert_eq!(clock, share, "{}", metric.key);
    }
}

#[test]
fn a_hedge_goes_its_share_of_every_gap() {
    let head = "version = 1\nname = \"x\"\n[run]\npaths = 20\nseed = 4\nhorizon = \"40d\"\nsteps = 40\n";
    let legs = "[target]\nkind = \"options\"\nhedge_volatility = 0.6\npremium_volatility = 0.6\nlegs = [\n\
                { asset = \"A\", type = \"call\", strike = 1.0, quantity = -50.0 },\n\
                { asset = \"B\", type = \"put\", strike = 1.05, quantity = -30.0 }]\n\
                [[policies]]\nname = \"p\"\nkind = \"proportional\"\nshare = \"30%\"\nevery = \"2d\"\n";
    let scenario = scenario(&format!("{head}{}{}{legs}", gbm("A", 0.0, 0.6), gbm("B", 0.0, 0.6)));
    for path in 0..5 {
        let run = driftband::study::replay::replay(&scenario, path, "p").unwrap();
        for pair in run.steps[..40].windows(2) {
            let [before, now] = pair else { unreachable!() };
            for asset in 0..2 {
                let gap = now.target.as_ref().unwrap()[asset] - before.position[asset];
                let expected = if now.j.is_multiple_of(2) { 0.3 * gap } else { 0.0 };
                let went = now.position[asset] - before.position[asset];
                assert!((went - expected).abs() < 1e-9, "path {path} step {}: {went}, not {expected}", now.j);
            }
        }
    }
}
