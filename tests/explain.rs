//! What explains a replayed hedge: by hand on a few steps, parts that add up, and a remainder that shrinks with the step.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
#![expect(clippy::print_stdout, reason = "the figures that shrink")]
use driftband::math::{exp, ln, norm_cdf};
use driftband::study::explain::Explained;
use driftband::study::replay::replay;

mod simulate;

use simulate::{figure, outcome, scenario, scenario_with};

/// A short call over a quarter of a year, hedged at every step; the drift makes moves of one sign.
fn hedged(steps: u32, more: &str, hedge_volatility: f64) -> String {
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 64\nseed = 8\nhorizon = \"0.25y\"\nsteps = {steps}\n[market]\nrate = 0.05\n\
         [[assets]]\nsymbol = \"A\"\nspot = 100.0\ndividend_yield = 0.02\n\
         process = {{ kind = \"gbm\", drift = 0.1, volatility = 0.5 }}\n{more}\n\
         [target]\nkind = \"options\"\nhedge_volatility = {hedge_volatility:?}\npremium_volatility = 0.5\n\
         legs = [{{ type = \"call\", strike = 102.0, quantity = -10.0 }}]\n\
         [[policies]]\nname = \"every\"\nkind = \"periodic\"\nevery = \"1 step\"\n\
         [[policies]]\nname = \"often\"\nkind = \"periodic\"\nevery = \"5 steps\"\n"
    )
}

/// Value, delta and gamma of the call by the textbook.
fn call(s: f64, sigma: f64, tau: f64) -> (f64, f64, f64) {
    let (r, q, k): (f64, f64, f64) = (0.05, 0.02, 102.0);
    let v = sigma * tau.sqrt();
    let d1 = (ln(s / k) + (r - q + 0.5 * sigma * sigma) * tau) / v;
    let density = exp(-0.5 * d1 * d1) / (2.0 * std::f64::consts::PI).sqrt();
    let value = s * exp(-q * tau) * norm_cdf(d1) - k * exp(-r * tau) * norm_cdf(d1 - v);
    (value, exp(-q * tau) * norm_cdf(d1), exp(-q * tau) * density / (s * v))
}

#[test]
fn three_steps_by_hand() {
    let prices = [100.0, 108.0, 99.0, 104.0];
    let file = format!("p\n{}", prices.map(|price| format!("{price:?}\n")).concat());
    let process = "process = { kind = \"gbm\", drift = 0.1, volatility = 0.5 }";
    let text = hedged(3, "[costs]\nfee = \"20 bps\"", 0.6)
        .replace(process, "process = { kind = \"path\", file = \"p.csv\", column = \"p\" }")
        .replace("paths = 64\n", "");
    let scenario = scenario_with(&text, &[("p.csv", &file)]);
    let run = replay(&scenario, 0, "every").unwrap();
    let found = Explained::of(&scenario, &run, 0).unwrap();
    let dt = 0.25 / 3.0;
    let grown = |years: f64| exp(0.05 * years);
    let mut gamma = 0.0;
    let mut costs = 0.0;
    let mut held = 0.0;
    for j in 0..3 {
        let (s, next, tau) = (prices[j], prices[j + 1], 0.25 - dt * j as f64);
        let (_, delta, g) = call(s, 0.6, tau);
        gamma +=
            grown(0.25 - dt * (j + 1) as f64) * 0.5 * -10.0 * g * ((next - s).powi(2) - 0.36 * s * s * dt);
        costs -= grown(tau) * 0.002 * s * (10.0 * delta - held).abs();
        held = 10.0 * delta;
    }
    costs -= 0.002 * prices[3] * held;
    let premium = grown(0.25) * -10.0 * (call(100.0, 0.6, 0.25).0 - call(100.0, 0.5, 0.25).0);
    let near = |found: f64, wanted: f64, what: &str| {
        assert!((found - wanted).abs() < 1e-9 * (1.0 + wanted.abs()), "{what}: {found}, not {wanted}");
    };
    near(found.gamma, gamma, "gamma");
    near(found.costs, costs, "costs");
    near(found.premium, premium, "premium");
    // it holds its target at every step
    near(found.position, 0.0, "position");
    near(found.parts().iter().map(|(_, value)| value).sum(), run.deviation, "sum");
    let (names, rows) = found.columns(&["A".to_owned()]);
    assert_eq!(names, ["gamma", "explained_gamma", "explained_position", "explained_costs"]);
    near(rows[3][1].unwrap(), gamma, "the last row");
    near(rows[1][0].unwrap(), -10.0 * call(108.0, 0.6, 0.25 - dt).2, "gamma of the book");
    assert_eq!(rows[3][0], None);
}

/// Median size of a part over the paths of a run: a path that ends at the strike has a gamma without bound.
fn size(steps: u32, policy: usize, more: &str, part: impl Fn(&Explained) -> f64) -> f64 {
    let scenario = scenario(&hedged(steps, more, 0.5));
    let name = &scenario.policies[policy].name.clone();
    let of = |path| {
        let run = replay(&scenario, path, name).unwrap();
        part(&Explained::of(&scenario, &run, policy).unwrap()).abs()
    };
    let mut sizes: Vec<f64> = (0..64).map(of).collect();
    sizes.sort_by(f64::total_cmp);
    0.5 * (sizes[31] + sizes[32])
}

#[test]
fn the_remainder_shrinks_faster_than_what_gamma_explains() {
    let sizes = [25, 100, 400].map(|steps| {
        let remainder = size(steps, 0, "", |found| found.remainder);
        let gamma = size(steps, 0, "", |found| found.gamma);
        println!("{steps} steps: gamma {gamma:.4}, remainder {remainder:.4}");
        (gamma, remainder)
    });
    // gamma's sum falls as the root of the step, the remainder as the step: twice and four times a quartering
    let [(gamma, remainder), _, (finer, less)] = sizes;
    assert!((2.0..8.0).contains(&(gamma / finer)), "{sizes:?}");
    assert!((8.0..32.0).contains(&(remainder / less)), "{sizes:?}");
    assert!(sizes[1].1 < sizes[0].1 && sizes[2].1 < sizes[1].1, "{sizes:?}");
    // at a hedge of every step there is nothing else
    assert!(size(100, 0, "", |found| found.position) < 1e-9);
}

#[test]
fn what_is_not_held_stands_in_the_position_also_for_perpetuals_feeds_and_delays() {
    let late = "[oracle]\ndeviation_threshold = \"2%\"\n[execution]\ndelay = \"2 steps\"\n";
    for more in ["", late, "[execution]\nhedge_instrument = \"perpetual\"\n[costs]\nfunding = 0.2\n"] {
        let position = size(200, 1, more, |found| found.position);
        let remainder = size(200, 1, more, |found| found.remainder);
        println!("{more:?}: position {position:.4}, remainder {remainder:.4}");
        assert!(remainder < 0.3 * position, "{more}: {remainder} beside {position}");
    }
    // the remainder is that of the hedge of every step: it does not know what was held
    let (every, often) =
        (size(200, 0, "", |found| found.remainder), size(200, 1, "", |found| found.remainder));
    assert!((every / often - 1.0).abs() < 1e-6, "{every} {often}");
}

#[test]
fn baskets_and_volatilities_that_move_are_not_explained() {
    let moving = hedged(10, "", 0.5).replace(
        "hedge_volatility = 0.5",
        "hedge_volatility = { kind = \"ewma\", half_life = \"10 steps\", initial = 0.5 }",
    );
    let scenario = scenario(&moving);
    let run = replay(&scenario, 0, "every").unwrap();
    assert!(Explained::of(&scenario, &run, 0).is_none());
    assert!(figure(&outcome(&scenario).policies[0], "std").0 > 0.0);
}
