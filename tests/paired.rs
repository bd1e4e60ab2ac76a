//! Differences on the same paths: their errors against many repetitions, and what rankings claim.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
use driftband::engine::{Execution, Outcome, PolicyOutcome, run};
use driftband::math::{norm_inv, norm_pdf};
use driftband::metric::by_key;
use driftband::scenario::{Disk, Overrides, Scenario, parse_with};
use driftband::stats::{
    BlockBootstrap, Difference, Influence, Influenced, LogHistogram, MeanTally, SectionTally, cvar_estimate,
    difference_of, holm, influence_errors, mean_difference, quantile_estimate, sorted, std_difference,
};
use driftband::study::compare::{COMPARED, Comparison, Verdict, compare};
use driftband::study::stress::{Draws, effects, flips};

/// Uniform in (0, 1) from a counter (`SplitMix64`).
fn uniform(counter: u64) -> f64 {
    let mut z = counter.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / 9_007_199_254_740_992.0
}

fn normal(counter: u64) -> f64 {
    norm_inv(uniform(counter))
}

/// Two samples of normal law with common luck: means, spreads, correlation 0.8.
fn samples(repetition: u64, n: u64) -> [Vec<f64>; 2] {
    let pair = |path: u64| {
        let at = 2 * (repetition * n + path);
        let (x, z) = (normal(at), normal(at + 1));
        [MEANS[0] + SPREADS[0] * x, MEANS[1] + SPREADS[1] * (0.8 * x + 0.6 * z)]
    };
    let pairs: Vec<[f64; 2]> = (0..n).map(pair).collect();
    [0, 1].map(|side| pairs.iter().map(|pair| pair[side]).collect())
}

const MEANS: [f64; 2] = [-1.0, -1.5];
const SPREADS: [f64; 2] = [2.0, 2.3];

/// A figure's value on a sample, and its influence.
fn figure(key: &str, values: &[f64]) -> (f64, Influence) {
    let tally = MeanTally::from_slice(values);
    let (mean, std) = (tally.mean().unwrap(), tally.std().unwrap());
    let n = values.len() as f64;
    match key {
        "mean" => (mean, Influence::Mean { mean }),
        "std" => (std, Influence::Std { mean, std, scale: 1.0 }),
        "rms" => (tally.rms().unwrap(), Influence::Rms { rms: tally.rms().unwrap() }),
        "var" => {
            let found = quantile_estimate(&sorted(values), 0.05);
            let (quantile, p) = (found.value.unwrap(), 0.05);
            let sparsity = found.se.unwrap() * (n / (p * (1.0 - p))).sqrt();
            (-quantile, Influence::Var { quantile, p, sparsity })
        }
        _ => {
            let ascending = sorted(values);
            let (quantile, cvar) = (
                quantile_estimate(&ascending, 0.05).value.unwrap(),
                cvar_estimate(&ascending, 0.95).value.unwrap(),
            );
            (cvar, Influence::Cvar { quantile, p: 0.05, cvar })
        }
    }
}

/// The same figure of the law.
fn truth(key: &str, side: usize) -> f64 {
    let (mean, std) = (MEANS[side], SPREADS[side]);
    let z = norm_inv(0.05);
    match key {
        "mean" => mean,
        "std" => std,
        "rms" => (mean * mean + std * std).sqrt(),
        "var" => -mean - std * z,
        _ => -mean + std * norm_pdf(z) / 0.05,
    }
}

#[test]
fn paired_errors_are_the_spread_of_many_repetitions() {
    const REPETITIONS: u64 = 400;
    let keys = ["mean", "std", "rms", "var", "cvar"];
    let mut squares = [0.0; 5];
    let mut unpaired = [0.0; 5];
    for repetition in 0..REPETITIONS {
        let [a, b] = samples(repetition, 4000);
        for (k, key) in keys.iter().enumerate() {
            let (of_a, of_b) = (figure(key, &a), figure(key, &b));
            let both =
                [Influenced { values: &a, influence: of_a.1 }, Influenced { values: &b, influence: of_b.1 }];
            let se = influence_errors(&both, &[(0, 1)])[0].unwrap();
            let error = (of_b.0 - of_a.0) - (truth(key, 1) - truth(key, 0));
            squares[k] += (error / se) * (error / se) / REPETITIONS as f64;
            // what the error would be if the two samples shared nothing
            let apart: Vec<f64> = b.iter().rev().copied().collect();
            let both = [both[0], Influenced { values: &apart, influence: of_b.1 }];
            let alone = influence_errors(&both, &[(0, 1)])[0].unwrap();
            unpaired[k] += alone / se / REPETITIONS as f64;
        }
    }
    for ((key, square), unpaired) in keys.iter().zip(squares).zip(unpaired) {
        eprintln!("{key}: mean square of z {square:.3}, unpaired error {unpaired:.2} times the paired one");
        // the mean of 400 squares of a standard normal has a standard error of 0.071
        assert!((square - 1.0).abs() < 4.0 * 0.071, "{key}: {square}");
        assert!(unpaired > 1.2, "{key}: pairing gains nothing ({unpaired})");
    }
}

#[test]
fn influence_functions_agree_with_the_plain_formulas() {
    let [a, b] = samples(7, 5003);
    for (key, plain) in [("mean", mean_difference(&a, &b)), ("std", std_difference(&a, &b))] {
        let (of_a, of_b) = (figure(key, &a), figure(key, &b));
        let both =
            [Influenced { values: &a, influence: of_a.1 }, Influenced { values: &b, influence: of_b.1 }];
        let se = influence_errors(&both, &[(0, 1)])[0].unwrap();
        assert!((se / plain.se.unwrap() - 1.0).abs() < 1e-9, "{key}: {se} {plain:?}");
    }
    // against a constant the difference has the figure's own error
    let flat = vec![0.0; a.len()];
    for key in ["var", "cvar"] {
        let own = if key == "var" {
            quantile_estimate(&sorted(&a), 0.05).se
        } else {
            cvar_estimate(&sorted(&a), 0.95).se
        };
        let both = [
            Influenced { values: &flat, influence: Influence::Mean { mean: 0.0 } },
            Influenced { values: &a, influence: figure(key, &a).1 },
        ];
        let se = influence_errors(&both, &[(0, 1)])[0].unwrap();
        assert!((se / own.unwrap() - 1.0).abs() < 2e-3, "{key}: {se} {own:?}");
    }
    let same = Influenced { values: &a, influence: figure("std", &a).1 };
    assert_eq!(influence_errors(&[same, same], &[(0, 1)]), [Some(0.0)]);
    let short = Influenced { values: &a[1..], ..same };
    assert_eq!(influence_errors(&[same, short], &[(0, 1)]), [None]);
}

#[test]
fn sections_find_the_error_without_the_paths() {
    const REPETITIONS: u64 = 400;
    let mut square = 0.0;
    let mut covered = 0;
    for repetition in 0..REPETITIONS {
        let [a, b] = samples(1000 + repetition, 2000);
        let tally = |values: &[f64]| {
            let mut tally = SectionTally::default();
            tally.add_block(0, &values[..777]);
            let mut rest = SectionTally::default();
            rest.add_block(777, &values[777..]);
            tally.absorb(&rest);
            tally
        };
        let std = |values: &[f64]| MeanTally::from_slice(values).std().unwrap();
        let found =
            SectionTally::difference(&tally(&a), &tally(&b), std(&b) - std(&a), [1.0; 2], MeanTally::std);
        let (value, se) = (found.estimate.value.unwrap(), found.estimate.se.unwrap());
        let error = value - (SPREADS[1] - SPREADS[0]);
        square += (error / se) * (error / se) / REPETITIONS as f64;
        let [low, high] = found.estimate.ci.unwrap();
        covered += u32::from(low <= value - error && value - error <= high);
    }
    eprintln!("sections: mean square of t {square:.3}, 95 % intervals cover {covered} of {REPETITIONS}");
    // Student's law with 49 degrees of freedom has variance 49/47
    assert!((square - 49.0 / 47.0).abs() < 4.0 * 0.08, "{square}");
    // 380 ± 4.4
    assert!((362..=398).contains(&covered), "{covered}");
}

#[test]
fn equal_policies_are_seldom_claimed_to_differ() {
    const REPETITIONS: u64 = 1000;
    const POLICIES: usize = 5;
    let n = 400;
    let mut false_claims = 0;
    for repetition in 0..REPETITIONS {
        let luck = |side: u64| -> Vec<f64> {
            (0..n)
                .map(|path| {
                    let at = 50_000_000 + (repetition * n + path) * 6;
                    0.7 * normal(at) + 0.7 * normal(at + 1 + side)
                })
                .collect()
        };
        let all: Vec<Vec<f64>> = (0..POLICIES as u64).map(luck).collect();
        let made: Vec<(f64, Influence)> = all.iter().map(|values| figure("std", values)).collect();
        let sides: Vec<Influenced<'_>> =
            all.iter().zip(&made).map(|(values, made)| Influenced { values, influence: made.1 }).collect();
        let pairs: Vec<(usize, usize)> =
            (0..POLICIES).flat_map(|a| (a + 1..POLICIES).map(move |b| (a, b))).collect();
        let found: Vec<Difference> = influence_errors(&sides, &pairs)
            .into_iter()
            .zip(&pairs)
            .map(|(se, (a, b))| difference_of(made[*b].0 - made[*a].0, se))
            .collect();
        let refs: Vec<&Difference> = found.iter().collect();
        false_claims += u32::from(holm(&refs, pairs.len(), 0.05, 0.0).contains(&true));
    }
    eprintln!("any false claim in {false_claims} of {REPETITIONS} repetitions at 5 %");
    // at most 50 expected (Bonferroni is strict under correlation), standard error 7; one in a hundred would be useless
    assert!((10..=78).contains(&false_claims), "{false_claims}");
}

const TEXT: &str = r#"
version = 1
name = "paired"
[run]
paths = 6000
horizon = "8d"
step = "6h"
[[assets]]
symbol = "ETH"
spot = 100.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[costs]
fee = "5 bps"
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 100.0, quantity = -1.0 }]
[[policies]]
name = "often"
kind = "periodic"
every = "6h"
[[policies]]
name = "often-again"
kind = "periodic"
every = "6h"
[[policies]]
name = "rarely"
kind = "periodic"
every = "2d"
[[policies]]
name = "twelve"
kind = "periodic"
every = "12h"
"#;

fn scenario(changes: &Overrides) -> Scenario {
    parse_with(TEXT, changes, &Disk::new("")).unwrap().scenario
}

fn outcome(changes: &Overrides) -> Outcome {
    let execution = Execution { keep_paths: true, ..Execution::default() };
    run(&scenario(changes), &execution).unwrap()
}

fn of<'c>(comparison: &'c Comparison, a: usize, b: usize, key: &str) -> &'c Difference {
    let pair = comparison.pairs.iter().find(|pair| (pair.a, pair.b) == (a, b)).unwrap();
    &pair.metrics.iter().find(|(metric, _)| metric.key == key).unwrap().1
}

fn column<'o>(outcome: &'o Outcome, policy: usize, name: &str) -> &'o [f64] {
    let table = outcome.policies[policy].paths.as_ref().unwrap();
    let at = table.columns.iter().position(|column| *column == name).unwrap();
    &table.values[at]
}

#[test]
fn a_run_compares_every_pair_in_every_figure() {
    let outcome = outcome(&Overrides::default());
    let comparison = compare(&outcome, 42);
    assert_eq!(comparison.pairs.len(), 6);
    for pair in &comparison.pairs {
        assert_eq!(pair.metrics.len(), COMPARED.len());
        for (metric, found) in &pair.metrics {
            let value = |policy: usize| outcome.policies[policy].metric(metric.key).unwrap().value.unwrap();
            assert_eq!(found.estimate.value, Some(value(pair.b) - value(pair.a)), "{}", metric.key);
            assert!(found.estimate.se.is_some(), "{}: {found:?}", metric.key);
        }
    }
    // costs and tracking errors by section against every path
    for (key, name) in [("cost_total", "cost_total"), ("te_path_mean", "te_path_mean")] {
        let exact = mean_difference(column(&outcome, 0, name), column(&outcome, 2, name)).se.unwrap();
        let ratio = of(&comparison, 0, 2, key).estimate.se.unwrap() / exact;
        eprintln!("{key}: error by sections {ratio:.3} of that by paths");
        // a standard deviation of 50 values: 10 % from its own
        assert!((ratio - 1.0).abs() < 0.4, "{key}: {ratio}");
    }
    // two policies of one rule cannot be told apart, and are not claimed to
    for key in COMPARED {
        assert_eq!(of(&comparison, 0, 1, key).estimate.value, Some(0.0), "{key}");
    }
    let ranking = comparison.rankings.iter().find(|ranking| ranking.metric.key == "std").unwrap();
    let places: Vec<(usize, Verdict)> =
        ranking.places.iter().map(|place| (place.policy, place.verdict)).collect();
    assert_eq!(places, [(0, Verdict::Best), (1, Verdict::Tied), (3, Verdict::Worse), (2, Verdict::Worse)]);
    let cost = comparison.rankings.iter().find(|ranking| ranking.metric.key == "cost_total").unwrap();
    assert_eq!(cost.places[0].policy, 2);
    assert!(comparison.efficiency.iter().all(|it| it.dominated_by.is_none()), "tight is dear here");
}

#[test]
fn what_costs_more_and_varies_more_is_dominated() {
    // fees so high that trading often only adds to the spread
    let dear = outcome(&Overrides::default().set("costs.fee", "5%"));
    let comparison = compare(&dear, 42);
    let often = comparison.efficiency.iter().find(|it| it.policy == 0).unwrap();
    assert_eq!((often.dominated_by, often.certain), (Some(2), true), "{comparison:?}");
    let rarely = comparison.efficiency.iter().find(|it| it.policy == 2).unwrap();
    assert_eq!(rarely.dominated_by, None);
}

fn draws(outcome: &Outcome) -> Draws {
    Draws { seed: 42, n_paths: outcome.n_paths }
}

#[test]
fn a_stress_is_measured_on_the_same_draws() {
    let base = outcome(&Overrides::default());
    let dear = outcome(&Overrides::default().set("costs.fee", "25 bps"));
    let found = effects((&base, draws(&base)), (&dear, draws(&dear)));
    assert_eq!(found.len(), 4 * COMPARED.len());
    let of = |policy: usize, key: &str| {
        found.iter().find(|effect| effect.policy == policy && effect.metric.key == key).unwrap()
    };
    for policy in 0..4 {
        // a fee five times as large costs five times as much on every path
        let cost = of(policy, "cost_total");
        let (old, new) = (cost.base.unwrap(), cost.stressed.unwrap());
        assert!((new / old - 5.0).abs() < 1e-9, "{cost:?}");
        // the cash of dearer trades earns no interest here: the mean falls by what is paid
        let mean = of(policy, "mean");
        let fall = mean.change.estimate.value.unwrap();
        assert!((fall + (new - old)).abs() < 1e-9 * new, "{fall}");
        let direct = mean_difference(&base.policies[policy].deviations, &dear.policies[policy].deviations);
        assert!((mean.change.estimate.se.unwrap() / direct.se.unwrap() - 1.0).abs() < 1e-9);
        let alone = base.policies[policy].metric("mean").unwrap().se.unwrap();
        assert!(mean.change.estimate.se.unwrap() < 0.7 * alone, "common luck cancels");
    }
    let std = by_key("std").unwrap();
    let dearer = outcome(&Overrides::default().set("costs.fee", "5%"));
    let turned = flips((&base, draws(&base)), (&dearer, draws(&dearer)), std);
    assert!(turned.iter().any(|flip| flip.a == "often" && flip.b == "rarely" && flip.certain), "{turned:?}");
    assert!(flips((&base, draws(&base)), (&base, draws(&base)), std).is_empty());
}

#[test]
fn very_many_paths_are_compared_by_section_and_tails_say_why_not() {
    let exact = outcome(&Overrides::default());
    let mut binned = exact.clone();
    for policy in &mut binned.policies {
        let mut sections = SectionTally::default();
        sections.add_block(0, &policy.deviations);
        let mut histogram = LogHistogram::default();
        policy.deviations.iter().for_each(|deviation| histogram.add(*deviation));
        policy.paired.deviation = Some(Box::new(sections));
        policy.binned = Some(histogram.ascending());
        policy.deviations.clear();
    }
    let (fine, rough) = (compare(&exact, 42), compare(&binned, 42));
    for key in ["mean", "std", "rms_deviation", "te_cross"] {
        let (one, other) = (of(&fine, 0, 2, key), of(&rough, 0, 2, key));
        assert_eq!(one.estimate.value, other.estimate.value);
        let ratio = other.estimate.se.unwrap() / one.estimate.se.unwrap();
        eprintln!("{key}: error by sections {ratio:.3} of that by influence");
        assert!((ratio - 1.0).abs() < 0.4, "{key}: {ratio}");
    }
    for key in ["var_95", "cvar_99"] {
        let found = of(&rough, 0, 2, key);
        assert!(found.estimate.value.is_some() && found.estimate.se.is_none());
        assert!(found.estimate.reason.as_deref().unwrap().contains("not kept"), "{found:?}");
        let ranking = rough.rankings.iter().find(|ranking| ranking.metric.key == key).unwrap();
        assert!(ranking.places[1..].iter().all(|place| place.verdict == Verdict::Unjudged), "{ranking:?}");
    }
    let ranking = rough.rankings.iter().find(|ranking| ranking.metric.key == "std").unwrap();
    assert_eq!(ranking.places[3].verdict, Verdict::Worse);
}

#[test]
fn windows_of_a_history_are_resampled_in_blocks() {
    let exact = outcome(&Overrides::default());
    let mut windows = exact.clone();
    windows.overlap = Some(20);
    for (index, policy) in windows.policies.iter_mut().enumerate() {
        policy.paired.windows =
            Some(["cost_total", "te_path_mean"].map(|name| column(&exact, index, name).to_vec()));
    }
    let found = compare(&windows, 42);
    let bootstrap = BlockBootstrap::of_windows(6000, 20, 42);
    let (a, b) = (&exact.policies[0].deviations, &exact.policies[2].deviations);
    let std = |values: &[f64], index: &[usize]| {
        MeanTally::from_slice(&index.iter().map(|path| values[*path]).collect::<Vec<_>>()).std()
    };
    let direct = bootstrap.estimate(6000, |index| Some(std(b, index)? - std(a, index)?));
    let ours = &of(&found, 0, 2, "std").estimate;
    assert!((ours.se.unwrap() / direct.se.unwrap() - 1.0).abs() < 1e-9, "{ours:?} {direct:?}");
    assert!((ours.ci.unwrap()[0] / direct.ci.unwrap()[0] - 1.0).abs() < 1e-9);
    let cost = of(&found, 0, 2, "cost_total").estimate.se.unwrap();
    let exact_cost =
        mean_difference(column(&exact, 0, "cost_total"), column(&exact, 2, "cost_total")).se.unwrap();
    // these paths are independent, so blocks of them change nothing but the noise of 400 histories in 60 blocks
    assert!((cost / exact_cost - 1.0).abs() < 0.4, "{cost} {exact_cost}");
    // too few windows that do not overlap
    let mut few = windows.clone();
    few.overlap = Some(1000);
    let found = compare(&few, 42);
    let bare = &of(&found, 0, 2, "std").estimate;
    assert!(
        bare.value.is_some() && bare.se.is_none() && bare.reason.as_deref().unwrap().contains("10 blocks")
    );
    assert!(found.rankings[0].places[1..].iter().all(|place| place.verdict == Verdict::Unjudged));
}

#[test]
fn many_policies_are_compared_with_the_best() {
    let one = outcome(&Overrides::default());
    let mut many = one.clone();
    many.policies = (0..25)
        .map(|i| PolicyOutcome { name: format!("p{i}"), ..one.policies[[2, 3, 0][i % 3]].clone() })
        .collect();
    let found = compare(&many, 42);
    let ranking = found.rankings.iter().find(|ranking| ranking.metric.key == "std").unwrap();
    let verdicts = |verdict| ranking.places.iter().filter(|place| place.verdict == verdict).count();
    assert_eq!((verdicts(Verdict::Best), verdicts(Verdict::Tied), verdicts(Verdict::Worse)), (1, 7, 17));
    // 24 pairs with the best of each figure, not 300
    assert!(found.pairs.iter().all(|pair| !pair.metrics.is_empty()) && found.pairs.len() < 120);
}

#[test]
fn runs_that_share_no_paths_have_no_paired_error() {
    let base = outcome(&Overrides::default());
    let other = outcome(&Overrides::default().set("run.seed", "7"));
    let found = effects((&base, draws(&base)), (&other, Draws { seed: 7, n_paths: 6000 }));
    for effect in &found {
        let change = &effect.change.estimate;
        assert!(change.value.is_some() && change.se.is_none(), "{effect:?}");
        assert!(change.reason.as_deref().unwrap().contains("do not share their paths"));
    }
}
