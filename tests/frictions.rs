//! Frictions that move or strike by chance: neutral settings change no bit, and each law is the one that is written down.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]
#![expect(clippy::disallowed_methods, reason = "the truth of a test may come from libm")]
use driftband::engine::{Outcome, PolicyOutcome, Recording};
use driftband::market::RandomLatency;
use driftband::market::cost::ar1::{Ar1, Interest, RateState};
use driftband::market::latency::{Geometric, Lognormal};
use driftband::math::{B, exp, norm_cdf};
use driftband::rng::{Address, Purpose, Stream, unit};
use driftband::study::replay::replay;
use driftband::units::{Fraction, Grid, Period};

mod simulate;

use simulate::{figure, outcome, scenario};

/// Deviations of all policies by path, to the bit.
fn bits(outcome: &Outcome) -> Vec<u64> {
    outcome.policies.iter().flat_map(|policy| policy.deviations.iter().map(|value| value.to_bits())).collect()
}

/// Figures of all policies, to the bit.
fn figures(outcome: &Outcome) -> Vec<(&'static str, Option<u64>)> {
    let of = |policy: &PolicyOutcome| {
        let all = policy.metrics.iter().map(|(metric, found)| (metric.key, found.value.map(f64::to_bits)));
        // boundaries are counted where there are any
        all.filter(|(key, _)| *key != "funding_settlements").collect::<Vec<_>>()
    };
    outcome.policies.iter().flat_map(of).collect()
}

const OPTIONS: &str = "[target]\nkind = \"options\"\nhedge_volatility = 0.8\npremium_volatility = 0.85\nlegs = [\n\
    { asset = \"ETH\", type = \"call\", strike = 100.0, quantity = -10.0 },\n\
    { asset = \"BTC\", type = \"put\", strike = 61.0, quantity = -12.0 }]\n\
    [[policies]]\nname = \"clock\"\nkind = \"periodic\"\nevery = \"1 step\"\n\
    [[policies]]\nname = \"edge\"\nkind = \"band\"\nwidth = \"5%\"\n";
const BASKET: &str = "[target]\nkind = \"basket\"\nvalue = 10000.0\nweights = { ETH = 0.4, BTC = 0.3 }\n\
    [[policies]]\nname = \"clock\"\nkind = \"periodic\"\nevery = \"1d\"\n\
    [[policies]]\nname = \"band\"\nkind = \"band\"\nwidth = \"2%\"\n";

/// Two assets on a half-day grid.
fn two(market: &str, tables: &str, target: &str) -> String {
    let asset = |symbol: &str, spot: f64| {
        format!(
            "[[assets]]\nsymbol = \"{symbol}\"\nspot = {spot:?}\nprocess = {{ kind = \"gbm\", drift = 0.1, volatility = 0.9 }}\n"
        )
    };
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 300\nseed = 7\nhorizon = \"20d\"\nsteps = 40\n[market]\nrate = 0.05\n{market}\
         {}{}{tables}{target}",
        asset("ETH", 100.0),
        asset("BTC", 60.0)
    )
}

/// Each pair differs in nothing that matters; the third differs in something that does.
#[test]
fn frictions_at_rest_change_no_bit() {
    let spread = |exponent: &str| {
        format!(
            "[costs]\nhalf_spread = {{ kind = \"volatility_scaled\", at = \"7 bps\", reference_volatility = 0.5, exponent = {exponent} }}\n"
        )
    };
    let late = |law: &str| format!("[execution]\ndelay = {law}\n");
    let rate = |rate: &str| {
        format!(
            "[execution]\nhedge_instrument = \"perpetual\"\n[costs]\nfunding = {{ rate = {rate}, interval = \"1d\" }}\n"
        )
    };
    let gas = "gas = { gas_units = 100_000, base_fee_gwei = 20.0, gas_asset = \"ETH\" }\n";
    let dear = format!(
        "[execution]\ndelay = \"1d\"\nfailure = 0.1\nretries = 2\n[costs]\nhalf_spread = \"5 bps\"\n{gas}"
    );
    let congestion = |exponents: &str| {
        format!(
            "congestion = {{ asset = \"ETH\", reference_volatility = 0.3, half_life = \"2d\", {exponents} }}\n"
        )
    };
    let zero = "gas = 0.0, delay = 0.0, failure = 0.0, half_spread = 0.0";
    let failing = |p: &str| format!("[execution]\nfailure = {p}\nretries = 3\n[costs]\nfee = \"3 bps\"\n");
    let fee = "[costs]\nfee = \"3 bps\"\n".to_owned();
    let linear = |c: &str| {
        format!(
            "[costs]\nfee = \"3 bps\"\nimpact = {{ kind = \"linear\", coefficient = {c}, daily_volatility = 0.04, adv = 1e5 }}\n"
        )
    };
    let none = String::new;
    let cases: Vec<(&str, [(String, String); 3])> = vec![
        ("failure", [(none(), fee.clone()), (none(), failing("0.0")), (none(), failing("0.1"))]),
        (
            "spread",
            [
                (none(), "[costs]\nhalf_spread = \"7 bps\"\n".into()),
                (none(), spread("0.0")),
                (none(), spread("1.0")),
            ],
        ),
        (
            "lognormal delay",
            [
                (none(), late("\"1d\"")),
                (none(), late("{ kind = \"lognormal\", mean = \"1d\", std = \"0s\" }")),
                (none(), late("{ kind = \"lognormal\", mean = \"1d\", std = \"12h\" }")),
            ],
        ),
        (
            "geometric delay",
            [
                (none(), none()),
                (none(), late("{ kind = \"geometric\", mean = \"0s\" }")),
                (none(), late("{ kind = \"geometric\", mean = \"1d\" }")),
            ],
        ),
        ("impact", [(none(), fee), (none(), linear("0.0")), (none(), linear("0.5"))]),
        (
            "congestion",
            [(none(), dear.clone()), (congestion(zero), dear.clone()), (congestion("gas = 1.0"), dear)],
        ),
        (
            "funding",
            [
                (none(), rate("0.11")),
                (none(), rate("{ kind = \"ar1\", mean = 0.11, persistence = 0.78, std = 0.0 }")),
                (none(), rate("{ kind = \"ar1\", mean = 0.11, persistence = 0.78, std = 0.3 }")),
            ],
        ),
    ];
    for (what, settings) in cases {
        for (book, target) in [("options", OPTIONS), ("basket", BASKET)] {
            if what == "funding" && book == "basket" {
                continue;
            }
            let [plain, neutral, moving] =
                settings.clone().map(|(market, tables)| outcome(&scenario(&two(&market, &tables, target))));
            assert!(bits(&plain) == bits(&neutral), "{what}, {book}: bits differ");
            assert_eq!(figures(&plain), figures(&neutral), "{what}, {book}");
            assert!(bits(&plain) != bits(&moving), "{what}, {book}: the comparison cannot fail");
        }
    }
}

/// Orders of a policy fail and wait as they would if it were alone, and so do those of one that does the same.
#[test]
fn no_policy_moves_another_s_luck() {
    let tables = "[execution]\ndelay = { kind = \"geometric\", mean = \"12h\" }\nfailure = 0.3\nretries = 2\n\
                  [costs]\ngas = { gas_units = 1000, base_fee_gwei = 1.0, gas_asset = \"ETH\" }\n";
    let market = "congestion = { asset = \"ETH\", reference_volatility = 0.8, half_life = \"2d\", failure = 1.0, delay = 1.0 }\n";
    let edge = "[[policies]]\nname = \"edge\"\nkind = \"band\"\nwidth = \"5%\"\n";
    let together =
        outcome(&scenario(&two(market, tables, &format!("{OPTIONS}{}", edge.replace("edge", "twin")))));
    let alone = outcome(&scenario(&two(market, tables, &OPTIONS.replace(edge, ""))));
    let [clock, edge, twin] = [0, 1, 2].map(|at| &together.policies[at].deviations);
    assert_eq!(clock, &alone.policies[0].deviations);
    assert_eq!(edge, twin);
    assert!(figure(&together.policies[1], "reverted").0 > 1.0);
}

/// One asset, `n` steps of an hour, one policy that trades every step: at that hedge volatility no delta ever stands still.
fn one(process: &str, n: u64, paths: u64, market: &str, tables: &str) -> String {
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = {paths}\nseed = 5\nhorizon = \"{n}h\"\nsteps = {n}\n[market]\n{market}\n\
         [[assets]]\nsymbol = \"A\"\nspot = 100.0\nprocess = {process}\n{tables}\
         [target]\nkind = \"options\"\nhedge_volatility = 5.0\npremium_volatility = 0.8\n\
         legs = [{{ type = \"call\", strike = 100.0, quantity = -10.0 }}]\n\
         [[policies]]\nname = \"p\"\nkind = \"periodic\"\nevery = \"1 step\"\n"
    )
}

const GBM: &str = "{ kind = \"gbm\", drift = 0.0, volatility = 0.8 }";

fn assert_near(what: &str, (found, se): (f64, f64), wanted: f64) {
    let z = (found - wanted) / se;
    eprintln!("{what}: {found:.5} ± {se:.5} for {wanted:.5}, z {z:+.2}");
    assert!(z.abs() < 4.0, "{what}: {found} ± {se} for {wanted}");
}

/// Mean of independent values and its standard error.
fn mean(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|value| (value - mean).powi(2)).sum::<f64>() / (n - 1.0);
    (mean, (variance / n).sqrt())
}

fn column<'a>(policy: &'a PolicyOutcome, name: &str) -> &'a [f64] {
    let table = policy.paths.as_ref().unwrap();
    &table.values[table.columns.iter().position(|column| *column == name).unwrap()]
}

#[test]
fn failures_by_chance_are_binomial() {
    let (n, p) = (49_u64, 0.07_f64);
    let tables = |retries: u32, more: &str| {
        format!(
            "[execution]\nfailure = {p}\nretries = {retries}\n{more}[costs]\ngas = {{ gas_units = 1e6, base_fee_gwei = 1.0 }}\n"
        )
    };
    let found = outcome(&scenario(&one(GBM, n, 8000, "", &tables(0, ""))));
    let policy = &found.policies[0];
    let tries = (n - 1) as f64;
    // an attempt a step, each with its own draw
    let counts = column(policy, "reverted");
    assert_near("failures a path", mean(counts), tries * p);
    let squares: Vec<f64> = counts.iter().map(|count| (count - tries * p).powi(2)).collect();
    assert_near("their variance", mean(&squares), tries * p * (1.0 - p));
    // nothing is tried again: every failure is a transaction given up, and what failed pays its gas
    assert_eq!(figure(policy, "failed").0, figure(policy, "reverted").0);
    assert_eq!(figure(policy, "transactions").0, tries);
    assert!((figure(policy, "trades").0 + figure(policy, "reverted").0 - tries).abs() < 1e-9);
    // with two retries a transaction is given up with probability p³; an order is sent every step whatever is in flight
    let found = outcome(&scenario(&one(GBM, n, 60_000, "", &tables(2, ""))));
    let policy = &found.policies[0];
    assert_near("given up a path", figure(policy, "failed"), (tries - 2.0) * p.powi(3));
    let attempts = tries + (tries - 1.0) * p + (tries - 2.0) * p * p;
    assert_near("attempts a path", figure(policy, "transactions"), attempts);
    // certain failure leaves the book as it was, but for the gas
    let sure = one(GBM, n, 4, "rate = 0.0", &tables(1, "").replace("0.07", "1.0"));
    let recording = replay(&scenario(&sure), 2, "p").unwrap();
    let held = recording.steps[0].position[0];
    let mut burnt = 0.0;
    for step in &recording.steps[1..n as usize] {
        assert_eq!(step.position[0].to_bits(), held.to_bits(), "step {}", step.j);
        // the order of this step, and that of the step before once more
        burnt += 1e-3 * step.price[0] * if step.j == 1 { 1.0 } else { 2.0 };
        let paid = recording.steps[0].cash - step.cash;
        assert!((paid - burnt).abs() < 1e-9, "step {}: {paid} for {burnt}", step.j);
    }
}

/// Legs of a batch share one draw: all of them fail or none.
#[test]
fn a_batch_fails_as_a_whole() {
    let gas = "[costs]\ngas = { gas_units = 1000, base_fee_gwei = 1.0, gas_asset = \"ETH\", batch = true }\n";
    let tables = format!("[execution]\nfailure = 0.3\n{gas}");
    let text = two("", &tables, BASKET);
    let (mut whole, mut none) = (0, 0);
    for path in 0..30 {
        let recording = replay(&scenario(&text), path, "clock").unwrap();
        for step in recording.steps[1..].iter().filter(|step| step.j % 2 == 0 && step.j < 40) {
            let filled = step.filled.as_ref().unwrap();
            assert_eq!(filled[0] == 0.0, filled[1] == 0.0, "step {} of path {path}", step.j);
            if filled[0] == 0.0 { none += 1 } else { whole += 1 }
        }
    }
    let n = f64::from(whole + none);
    assert_near("batches that fail", (f64::from(none) / n, (0.3 * 0.7 / n).sqrt()), 0.3);
    // the same luck for all: an asset by itself draws from its own stream
    assert!(whole > 100 && none > 50);
}

/// Orders still in flight at the end are those whose delay reaches beyond it; Σ over the decisions of P(delay ≥ n − j).
#[test]
fn random_delays_follow_their_law() {
    let n = 60_u64;
    let q: f64 = 3.0 / 4.0;
    let geometric: f64 = (1..n).map(|left| q.powi(left as i32)).sum();
    let (m, s) = (5.0_f64, 4.0_f64);
    let variance = (1.0 + s * s / (m * m)).ln();
    let beyond = |x: f64| norm_cdf(-((x.ln() - (m.ln() - 0.5 * variance)) / variance.sqrt()));
    let lognormal: f64 = (1..n).map(|left| beyond(left as f64 - 0.5)).sum();
    for (law, wanted) in [
        ("{ kind = \"geometric\", mean = \"3h\" }", geometric),
        ("{ kind = \"lognormal\", mean = \"5h\", std = \"4h\" }", lognormal),
    ] {
        let text = one(GBM, n, 20_000, "", &format!("[execution]\ndelay = {law}\n"));
        let found = outcome(&scenario(&text));
        let policy = &found.policies[0];
        assert_near(law, figure(policy, "dropped"), wanted);
        let together = figure(policy, "dropped").0 + figure(policy, "trades").0;
        assert!((together - (n - 1) as f64).abs() < 1e-9, "{together}");
    }
}

/// What fills at a step is what fell due then, by delays drawn outside of the engine; ties in order of decision.
#[test]
fn orders_fill_when_their_draw_says() {
    let n = 60_u64;
    let grid = Grid { horizon_nanos: n * 3_600_000_000_000, n_steps: n, days_per_year: 365.0 };
    let hours = |text: &str| Period::parse(text).unwrap();
    let laws = [
        ("{ kind = \"geometric\", mean = \"4h\", slot = \"2h\" }", {
            RandomLatency::Geometric(Geometric { mean: hours("4h"), slot: Some(hours("2h")) })
        }),
        ("{ kind = \"lognormal\", mean = \"3h\", std = \"2h\" }", {
            RandomLatency::Lognormal(Lognormal { mean: hours("3h"), std: hours("2h") })
        }),
    ];
    for (text, law) in laws {
        let tables = format!("[execution]\ndelay = {text}\n");
        for path in [0, 131] {
            let recording = replay(&scenario(&one(GBM, n, 200, "", &tables)), path, "p").unwrap();
            let mut due = vec![0.0; n as usize + 1];
            let mut overtaken = false;
            let mut latest = 0;
            for step in &recording.steps[1..n as usize] {
                let stream = Stream::new(Purpose::Execution, 0);
                let address = Address { seed: 5, stream, path, step: step.j as u32, attempt: 0 };
                let at = step.j + law.law(&grid).sample(unit(address.first().0)) as u64;
                overtaken |= at < latest;
                latest = latest.max(at);
                if at < n {
                    due[at as usize] += step.order[0];
                }
            }
            for step in &recording.steps[1..n as usize] {
                assert_eq!(
                    step.filled.as_ref().unwrap()[0].to_bits(),
                    due[step.j as usize].to_bits(),
                    "{text} {}",
                    step.j
                );
            }
            assert!(overtaken, "{text}: no order overtook another");
        }
    }
}

#[test]
fn linear_impact_is_that_of_the_formula() {
    let impact =
        "[costs]\nimpact = { kind = \"linear\", coefficient = 0.7, daily_volatility = 0.04, adv = 2e5 }\n";
    // worked off path by path, or by the plain kernel
    for more in ["", "borrow = 0.0\nadv = 2e5\n", "gas = { gas_units = 0, base_fee_gwei = 1.0 }\n"] {
        for delay in ["", "[execution]\ndelay = \"2h\"\n"] {
            let text = one(GBM, 40, 300, "", &format!("{delay}{impact}{more}"));
            let recording = replay(&scenario(&text), 3, "p").unwrap();
            let mut wanted = 0.0;
            let mut charged = |units: f64, s: f64| wanted += 0.7 * 0.04 * (units * s).powi(2) / 2e5;
            charged(recording.steps[0].position[0], 100.0);
            for step in &recording.steps[1..40] {
                charged(step.filled.as_ref().unwrap()[0], step.price[0]);
            }
            charged(recording.steps[39].position[0], recording.steps[40].price[0]);
            let found = recording.steps[40].costs[3];
            assert!((found - wanted).abs() < 1e-12 * wanted, "{found} {wanted}");
        }
    }
    let refused = one(GBM, 10, 1, "", &impact.replace("2e5", "0.0"));
    let recording = replay(&scenario(&refused), 0, "p").unwrap();
    assert!(recording.steps.iter().all(|step| step.position[0] == 0.0));
    assert_eq!(recording.steps[10].counts[4], 10.0, "the first trade and nine more");
}

/// Deviations y of a rate from its mean, in units of the standard deviation, by path and settlement.
fn rates(law: &Ar1, n: u64, blocks: u64) -> Vec<Vec<f64>> {
    // settled every third step
    let step = law.on(3, 1.0 / 3000.0, 1);
    let mut found = Vec::new();
    for block in 0..blocks {
        let mut state = RateState::default();
        let mut paths = vec![Vec::new(); B];
        for j in 1..=3 * n {
            step.advance(17, block * B as u64, j, &mut state);
            if j % 3 == 0 {
                for (lane, path) in paths.iter_mut().enumerate() {
                    path.push(state.paid[lane] * 1000.0);
                }
            }
        }
        found.extend(paths);
    }
    found
}

#[test]
fn funding_rates_are_those_of_the_law() {
    let (mu, phi, sd) = (0.12, 0.78, 0.3);
    let law = Ar1 { mean: Fraction(mu), persistence: phi, std: Fraction(sd), cap: None, interest: None };
    let paths = rates(&law, 21, 200);
    for at in [0, 1, 7, 20] {
        let values: Vec<f64> = paths.iter().map(|path| path[at]).collect();
        assert_near(&format!("mean at settlement {at}"), mean(&values), mu);
        let squares: Vec<f64> = values.iter().map(|value| (value - mu).powi(2)).collect();
        assert_near("variance", mean(&squares), sd * sd);
    }
    for (from, to) in [(0, 1), (1, 2), (10, 11), (4, 9)] {
        let products: Vec<f64> =
            paths.iter().map(|path| (path[from] - mu) * (path[to] - mu) / (sd * sd)).collect();
        assert_near(
            &format!("correlation of {from} and {to}"),
            mean(&products),
            phi.powi(to as i32 - from as i32),
        );
    }
    // what is paid under a cap: the mean of a normal within bounds
    let cap = 0.25;
    let bounded = rates(&Ar1 { cap: Some(Fraction(cap)), ..law }, 21, 200);
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let (low, high) = ((-cap - mu) / sd, (cap - mu) / sd);
    let wanted = -cap * norm_cdf(low) + cap * norm_cdf(-high) + mu * (norm_cdf(high) - norm_cdf(low))
        - sd * (density(high) - density(low));
    let values: Vec<f64> = bounded.iter().map(|path| path[20]).collect();
    assert!(values.iter().all(|rate| rate.abs() <= cap * (1.0 + 1e-12)));
    assert_near("mean under a cap", mean(&values), wanted);
    // the premium set against an interest rate: P + clamp(I − P, ±c), so the mean is I + E(P − I − c)⁺ − E(I − c − P)⁺
    let (interest, clamp) = (0.1095, 0.2);
    let own = Some(Interest { rate: Fraction(interest), clamp: Fraction(clamp) });
    let formula = rates(&Ar1 { interest: own, ..law }, 21, 200);
    let beyond = |from: f64| sd * (density(from / sd) - from / sd * norm_cdf(-from / sd));
    let wanted = interest + beyond(interest + clamp - mu) - beyond(mu - interest + clamp);
    let values: Vec<f64> = formula.iter().map(|path| path[20]).collect();
    assert_near("mean of the venue's formula", mean(&values), wanted);
    let still: Vec<f64> = values.iter().map(|rate| f64::from((rate - interest).abs() < 1e-12)).collect();
    let within = norm_cdf((interest + clamp - mu) / sd) - norm_cdf((interest - clamp - mu) / sd);
    assert_near("share of settlements at the interest rate", mean(&still), within);
    for (path, paid) in paths.iter().zip(&formula) {
        for (premium, paid) in path.iter().zip(paid) {
            let wanted = premium + (interest - premium).clamp(-clamp, clamp);
            assert!((paid - wanted).abs() < 1e-12, "{premium}: {paid}, not {wanted}");
        }
    }
    // the cap acts on what is paid: what lies within it is the uncapped rate
    for (path, capped) in paths.iter().zip(&bounded) {
        for (rate, capped) in path.iter().zip(capped).filter(|(rate, _)| rate.abs() < cap) {
            assert_eq!(rate.to_bits(), capped.to_bits());
        }
    }
}

/// A hedge that is never changed pays the sum of the rates; its variance has the rates' correlation in it.
#[test]
fn funding_of_a_position_is_the_sum_of_its_rates() {
    let tables = "[execution]\nhedge_instrument = \"perpetual\"\n\
                  [costs]\nfunding = { rate = { kind = \"ar1\", mean = 0.12, persistence = 0.78, std = 0.3 }, interval = \"8h\" }\n";
    let still = "{ kind = \"gbm\", drift = 0.0, volatility = 0.0 }";
    let text = one(still, 240, 20_000, "", tables)
        .replace("kind = \"periodic\"\nevery = \"1 step\"", "kind = \"hold\"");
    let found = outcome(&scenario(&text));
    let policy = &found.policies[0];
    let held = replay(&scenario(&text), 0, "p").unwrap().steps[0].position[0] * 100.0;
    let share = 8.0 / 24.0 / 365.0;
    assert_near("funding", figure(policy, "cost_funding"), held * share * 30.0 * 0.12);
    let center = held * share * 30.0 * 0.12;
    let sum: f64 = (0..30_i32).flat_map(|i| (0..30_i32).map(move |k| 0.78_f64.powi((i - k).abs()))).sum();
    let squares: Vec<f64> =
        column(policy, "cost_funding").iter().map(|paid| (paid - center).powi(2)).collect();
    assert_near("its variance", mean(&squares), (held * share * 0.3).powi(2) * sum);
    assert_eq!(figure(policy, "funding_settlements").0, 30.0);
}

/// Spread paid over a recording at a half-spread by step.
fn spread_paid(recording: &Recording, half_spread: impl Fn(usize) -> f64) -> f64 {
    let n = recording.steps.len() - 1;
    let mut paid = half_spread(0) * recording.steps[0].position[0].abs() * recording.steps[0].price[0];
    for j in 1..n {
        let step = &recording.steps[j];
        paid += half_spread(j) * step.filled.as_ref().unwrap()[0].abs() * step.price[0];
    }
    paid + half_spread(n) * recording.steps[n - 1].position[0].abs() * recording.steps[n].price[0]
}

/// Annual variance by step: weights that halve in `half_life` steps, from `first` on.
fn realised(recording: &Recording, half_life: f64, first: f64) -> Vec<f64> {
    let keeps = 0.5_f64.powf(1.0 / half_life);
    let mut variance = vec![first];
    for pair in recording.steps.windows(2) {
        let moved = (pair[1].price[0] / pair[0].price[0]).ln();
        let last = variance[variance.len() - 1];
        variance.push(keeps * last + (1.0 - keeps) * moved * moved * 365.0 * 24.0);
    }
    variance
}

#[test]
fn a_spread_follows_volatility_as_written() {
    let law = |more: &str| {
        format!(
            "[costs]\nhalf_spread = {{ kind = \"volatility_scaled\", at = \"4 bps\", reference_volatility = 0.5, {more} }}\n"
        )
    };
    // a volatility that stands still: a constant, whatever it is called
    let moving = outcome(&scenario(&one(GBM, 48, 500, "", &law("exponent = 1.5"))));
    let constant = format!("[costs]\nhalf_spread = {:?}\n", 4e-4 * 1.6_f64.powf(1.5));
    let constant = outcome(&scenario(&one(GBM, 48, 500, "", &constant)));
    for key in ["cost_spread", "cost_total", "cost_initial", "cost_life", "cost_final", "mean", "std"] {
        let [a, b] = [&moving, &constant].map(|found| figure(&found.policies[0], key).0);
        assert!((a - b).abs() < 1e-10 * b.abs(), "{key}: {a} {b}");
    }
    // a variance that moves by a formula: Heston without noise
    let heston = "{ kind = \"heston\", drift = 0.0, initial_variance = 1.0, long_run_variance = 0.2, mean_reversion = 200.0, \
                  vol_of_vol = 0.0, correlation = 0.0 }";
    for (more, min, max) in [("", 0.0, 1.0), ("min = \"4 bps\", max = \"6 bps\", ", 4e-4, 6e-4)] {
        let text = one(heston, 96, 10, "", &law(&format!("{more}exponent = 2.0")));
        let recording = replay(&scenario(&text), 4, "p").unwrap();
        let wanted = spread_paid(&recording, |j| {
            let variance = 0.2 + 0.8 * exp(-200.0 * j as f64 / 8760.0);
            (4e-4 * variance / 0.25).clamp(min, max)
        });
        let found = recording.steps[96].costs[2];
        assert!((found - wanted).abs() < 1e-10 * wanted, "{found} {wanted}");
    }
    // what the price did
    for process in [GBM, heston] {
        let text = one(process, 96, 10, "", &law("half_life = \"6h\""));
        let recording = replay(&scenario(&text), 4, "p").unwrap();
        let first = if process == GBM { 0.64 } else { 1.0 };
        let variance = realised(&recording, 6.0, first);
        let wanted = spread_paid(&recording, |j| 4e-4 * variance[j].sqrt() / 0.5);
        let found = recording.steps[96].costs[2];
        assert!((found - wanted).abs() < 1e-9 * wanted, "{found} {wanted}");
        assert!((recording.deviation - recording.ledger).abs() < 1e-9);
    }
    // a wild window is in the law's own volatility
    let shock = "[[shocks]]\nkind = \"volatility\"\nfrom = \"10h\"\nto = \"20h\"\nfactor = 3.0\n";
    let text = one(GBM, 48, 10, "", &format!("{shock}{}", law("exponent = 1.0")));
    let recording = replay(&scenario(&text), 4, "p").unwrap();
    let wanted = spread_paid(&recording, |j| 4e-4 * 1.6 * if j > 10 && j <= 20 { 3.0 } else { 1.0 });
    assert!((recording.steps[48].costs[2] - wanted).abs() < 1e-10 * wanted);
}

#[test]
fn congestion_moves_every_friction_by_its_power() {
    let congestion = |more: &str| format!("congestion = {{ reference_volatility = 0.4, {more} }}");
    let gas = "gas = { gas_units = 1e6, base_fee_gwei = 1.0, tip_gwei = 0.5 }\n";
    // spread and gas by what the price did, at most threefold
    let tables = format!("[costs]\nhalf_spread = \"3 bps\"\n{gas}");
    let market = congestion("half_life = \"4h\", most = 2.5, gas = 2.0, half_spread = 0.5");
    let recording = replay(&scenario(&one(GBM, 72, 10, &market, &tables)), 6, "p").unwrap();
    let level: Vec<f64> =
        realised(&recording, 4.0, 0.64).iter().map(|v| (v.sqrt() / 0.4).clamp(0.4, 2.5)).collect();
    assert!(level.contains(&2.5), "the bound was never met");
    let wanted = spread_paid(&recording, |j| 3e-4 * level[j].sqrt());
    let found = recording.steps[72].costs[2];
    assert!((found - wanted).abs() < 1e-9 * wanted, "{found} {wanted}");
    let wanted: f64 = (0..=72).map(|j| 1.5e-3 * level[j].powi(2) * recording.steps[j].price[0]).sum();
    let found = recording.steps[72].costs[6];
    assert!((found - wanted).abs() < 1e-9 * wanted, "{found} {wanted}");
    // a volatility twice the usual one: delays of 1 step become 4 at exponent 2, to the bit
    let late = |delay: &str| format!("[execution]\ndelay = \"{delay}\"\n[costs]\nfee = \"5 bps\"\n");
    let slow = outcome(&scenario(&one(GBM, 48, 300, &congestion("delay = 2.0"), &late("1h"))));
    let plain = outcome(&scenario(&one(GBM, 48, 300, "", &late("4h"))));
    assert!(bits(&slow) == bits(&plain), "a delay of four steps");
    // and failures of 5 % become 10 % at exponent 1, certain ones stay so
    let failing = "[execution]\nfailure = 0.05\n";
    let found = outcome(&scenario(&one(GBM, 48, 8000, &congestion("failure = 1.0"), failing)));
    assert_near("failures a path", figure(&found.policies[0], "reverted"), 47.0 * 0.1);
    let sure = outcome(&scenario(&one(GBM, 48, 100, &congestion("failure = 10.0"), failing)));
    assert_eq!(figure(&sure.policies[0], "reverted").0, 47.0);
}

#[test]
fn a_transaction_carries_the_update_of_its_pull_feed() {
    let tables = |fee: &str, failure: &str| {
        format!(
            "[oracle]\nkind = \"pull\"\nconfidence = \"2 bps\"\n{fee}[execution]\nfailure = {failure}\n[costs]\ncharge_final = true\n"
        )
    };
    let run = |fee: &str, failure: &str| outcome(&scenario(&one(GBM, 48, 300, "", &tables(fee, failure))));
    let (free, dear) = (run("", "0.2"), run("update_fee = 0.25\n", "0.2"));
    let (free, dear) = (&free.policies[0], &dear.policies[0]);
    assert_eq!(figure(free, "cost_gas").0, 0.0);
    // the first trade, the unwind, and every transaction that filled
    let wanted = 0.25 * (figure(dear, "trades").0 + 2.0);
    assert!((figure(dear, "cost_gas").0 - wanted).abs() < 1e-9, "{wanted}");
    for ((a, b), trades) in free.deviations.iter().zip(&dear.deviations).zip(column(dear, "trades")) {
        assert!(
            (a - b - 0.25 * (trades + 2.0)).abs() < 1e-9,
            "at rate 0 the fee is all there is between them"
        );
    }
}

/// A negative fee is paid to the policy wherever a fee is paid, and never clamped.
#[test]
fn a_rebate_is_a_negative_cost_everywhere() {
    let kinds = [
        ("plain", ""),
        ("late", "[execution]\ndelay = \"3h\"\n"),
        ("path by path", "[execution]\nlot = 0.01\nfailure = 0.1\nretries = 2\n"),
    ];
    for (what, execution) in kinds {
        let run = |costs: &str| {
            outcome(&scenario(&one(GBM, 48, 400, "rate = 0.0", &format!("{execution}[costs]\n{costs}"))))
        };
        let (free, rebate) = (run("fee = 0.0\n"), run("fee = \"-3 bps\"\n"));
        let (free, rebate) = (&free.policies[0], &rebate.policies[0]);
        for key in ["cost_fee", "cost_total", "cost_initial", "cost_life", "cost_final"] {
            assert!(figure(rebate, key).0 < 0.0, "{what}: {key}");
        }
        let fees = column(rebate, "cost_fee");
        for (path, (a, b)) in free.deviations.iter().zip(&rebate.deviations).enumerate() {
            let got = -fees[path];
            assert!(got > 0.0 && (b - a - got).abs() < 1e-9, "{what}, path {path}: {} {got}", b - a);
        }
        // a rebate and a spread of the same size cancel
        let both = run("fee = \"-3 bps\"\nhalf_spread = \"3 bps\"\n");
        assert!(figure(&both.policies[0], "cost_total").0.abs() < 1e-10, "{what}");
        let parts = ["cost_fee", "cost_spread"].map(|key| figure(&both.policies[0], key).0);
        assert!(parts[0] < 0.0 && (parts[0] + parts[1]).abs() < 1e-12, "{what}: {parts:?}");
    }
    let basket = |fee: &str| {
        let costs = format!("[costs]\nfee = {fee}\ncharge_initial = true\ncharge_final = true\n");
        outcome(&scenario(&two("", &costs, BASKET)))
    };
    let (free, rebate) = (basket("0.0"), basket("\"-4 bps\""));
    for (a, b) in free.policies.iter().zip(&rebate.policies) {
        assert!(figure(b, "cost_total").0 < 0.0 && figure(b, "mean").0 > figure(a, "mean").0);
    }
}
