//! What must hold for every scenario: replay equals run, money is conserved, parts sum to the whole.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
#![expect(clippy::disallowed_methods, reason = "the truth of a test may come from libm")]
use std::fmt::Write as _;

use driftband::engine::{Outcome, PolicyOutcome, Recording, record};
use driftband::study::replay::replay;
use proptest::prelude::*;

mod simulate;

use simulate::{figure, outcome, scenario};

/// Numbers that a random scenario is made of, drawn by proptest: smaller ones make simpler scenarios.
struct Dice<'a> {
    left: std::slice::Iter<'a, u16>,
}

/// Draws enough for the largest scenario.
const DRAWS: usize = 160;

impl Dice<'_> {
    fn next(&mut self) -> f64 {
        f64::from(self.left.next().copied().unwrap_or(0)) / 65536.0
    }
    /// 0 to n − 1.
    fn pick(&mut self, n: usize) -> usize {
        (self.next() * n as f64) as usize
    }
    fn flip(&mut self) -> bool {
        self.next() >= 0.5
    }
    /// A decimal between the two, the first where the draw is 0.
    fn real(&mut self, from: f64, to: f64) -> String {
        format!("{:?}", ((from + (to - from) * self.next()) * 1e4).round() / 1e4)
    }
}

const SYMBOLS: [&str; 3] = ["A", "B", "C"];

fn process(dice: &mut Dice, gaussian: bool) -> String {
    let drift = dice.real(0.0, 0.4);
    let volatility = dice.real(0.3, 1.0);
    match if gaussian { 0 } else { dice.pick(4) } {
        0 => format!("kind = \"gbm\", drift = {drift}, volatility = {volatility}"),
        1 => format!(
            "kind = \"merton\", drift = {drift}, volatility = {volatility}, jumps_per_year = {}, jump_mean = {}, \
             jump_std = {}",
            dice.real(0.0, 120.0),
            dice.real(0.0, -0.1),
            dice.real(0.0, 0.1)
        ),
        2 => format!(
            "kind = \"kou\", drift = {drift}, volatility = {volatility}, jumps_per_year = {}, p_up = {}, eta_up = {}, \
             eta_down = {}",
            dice.real(0.0, 120.0),
            dice.real(0.0, 1.0),
            dice.real(50.0, 10.0),
            dice.real(50.0, 10.0)
        ),
        _ => format!(
            "kind = \"heston\", drift = {drift}, initial_variance = {}, long_run_variance = {}, mean_reversion = {}, \
             vol_of_vol = {}, correlation = {}",
            dice.real(0.2, 0.8),
            dice.real(0.3, 0.8),
            dice.real(1.0, 5.0),
            dice.real(0.0, 3.0),
            dice.real(0.0, -0.8)
        ),
    }
}

/// Prices that wander by a few per cent a step.
fn given(dice: &mut Dice, steps: usize) -> String {
    let mut price = 50.0 + 100.0 * dice.next();
    let mut prices = Vec::new();
    for _ in 0..=steps {
        prices.push((price * 1e6).round() / 1e6);
        price *= 1.0 + 0.14 * (dice.next() - 0.5);
    }
    format!("kind = \"path\", prices = {prices:?}, volatility = 0.6")
}

fn oracle(dice: &mut Dice, steps: usize, separator: &str) -> String {
    let mut keys = vec![format!("heartbeat = \"{} steps\"", 1 + dice.pick(steps))];
    if dice.flip() {
        keys.push(format!("deviation_threshold = {}", dice.real(0.08, 0.01)));
    }
    keys.push(format!("latency = \"{} steps\"", dice.pick(4)));
    if dice.flip() {
        let from = dice.pick(steps);
        let to = from + 1 + dice.pick(4);
        keys.push(format!("outages = [{{ from = \"{from} steps\", to = \"{to} steps\" }}]"));
    }
    keys.join(separator)
}

fn costs(dice: &mut Dice, separator: &str) -> String {
    let mut keys = vec![
        format!("fee = {}", dice.real(0.0, 0.004)),
        format!("half_spread = {}", dice.real(0.0, 0.002)),
        format!("fixed_fee = {}", dice.real(0.0, 0.5)),
        format!("funding = {}", dice.real(0.0, 0.6)),
    ];
    if dice.flip() {
        keys.push(format!(
            "impact = {{ kind = \"square_root\", coefficient = {}, daily_volatility = 0.04, adv = 1e5 }}",
            dice.real(0.0, 1.0)
        ));
    }
    keys.join(separator)
}

/// Everything up to `[target]`; the number of assets and of steps.
fn head(dice: &mut Dice, basket: bool, gaussian: bool) -> (String, usize, usize) {
    let n = 1 + dice.pick(3);
    let steps = 2 + dice.pick(11);
    let replayed = dice.pick(5) == 4;
    let mut text =
        format!("version = 1\nname = \"random\"\n[run]\nhorizon = \"{steps}d\"\nsteps = {steps}\n");
    if !replayed {
        let _ = writeln!(text, "paths = {}\nseed = {}", 1 + dice.pick(300), dice.pick(1000));
    }
    let _ = writeln!(text, "path_metrics = {}\nwarmup = \"{} steps\"", dice.pick(4) != 3, dice.pick(steps));
    let _ = writeln!(text, "[market]\nrate = {}", dice.real(0.0, 0.15));
    if n > 1 && (dice.flip() || replayed) {
        let rho: f64 = dice.real(0.0, 0.9).parse().unwrap();
        let row = |i: usize| (0..n).map(|j| if i == j { 1.0 } else { rho }).collect::<Vec<_>>();
        let _ = writeln!(text, "correlation = {:?}", (0..n).map(row).collect::<Vec<_>>());
    }
    if dice.flip() {
        let _ = writeln!(text, "[oracle]\n{}", oracle(dice, steps, "\n"));
    }
    let _ = writeln!(text, "[execution]\ndelay = \"{} steps\"", dice.pick(4));
    let _ = writeln!(text, "[costs]\n{}", costs(dice, "\n"));
    let _ = writeln!(text, "charge_initial = {}\ncharge_final = {}", dice.flip(), dice.flip());
    for symbol in &SYMBOLS[..n] {
        let _ = writeln!(text, "[[assets]]\nsymbol = \"{symbol}\"\ndividend_yield = {}", dice.real(0.0, 0.1));
        if replayed {
            let _ = writeln!(text, "process = {{ {} }}", given(dice, steps));
        } else {
            let _ = writeln!(
                text,
                "spot = {}\nprocess = {{ {} }}",
                dice.real(100.0, 10.0),
                process(dice, gaussian)
            );
        }
        if dice.pick(3) == 2 {
            let own =
                if dice.flip() { format!("{{ {} }}", oracle(dice, steps, ", ")) } else { "\"none\"".into() };
            let _ = writeln!(text, "oracle = {own}");
        }
        if dice.pick(3) == 2 {
            let _ = writeln!(text, "costs = {{ {} }}", costs(dice, ", "));
        }
        let instrument = if !basket && dice.pick(3) == 2 { "perpetual" } else { "spot" };
        let _ = writeln!(
            text,
            "execution = {{ delay = \"{} steps\", hedge_instrument = \"{instrument}\" }}",
            dice.pick(3)
        );
    }
    (text, n, steps)
}

fn policies(list: &[String]) -> String {
    list.iter().enumerate().fold(String::new(), |mut text, (index, keys)| {
        let _ = write!(text, "[[policies]]\nname = \"p{index}\"\n{keys}\n");
        text
    })
}

/// An options strategy under every option policy.
fn random_options(draws: &[u16]) -> String {
    let dice = &mut Dice { left: draws.iter() };
    let (mut text, n, steps) = head(dice, false, false);
    let _ = writeln!(text, "[target]\nkind = \"options\"\nhedge_volatility = {}", dice.real(0.6, 0.3));
    let _ = writeln!(text, "premium_volatility = 0.6\nlegs = [");
    for leg in 0..=dice.pick(4) {
        let asset = if leg == 0 { 0 } else { dice.pick(n) };
        let quantity = dice.real(-4.0, 5.0).replace("0.0", "1.0");
        let _ = write!(text, "  {{ asset = \"{}\", quantity = {quantity}, ", SYMBOLS[asset]);
        if leg > 0 && dice.pick(4) == 3 {
            text.push_str("type = \"spot\" },\n");
            continue;
        }
        let kind = if dice.flip() { "put" } else { "call" };
        let _ = write!(text, "type = \"{kind}\", strike = {}", dice.real(100.0, 10.0));
        if dice.flip() {
            let _ = write!(text, ", expiry = \"{} steps\"", 1 + dice.pick(steps));
        }
        if dice.pick(3) == 2 {
            let _ = write!(text, ", hedge_volatility = {}", dice.real(0.5, 1.0));
        }
        text.push_str(" },\n");
    }
    text.push_str("]\n");
    let every = 1 + dice.pick(4);
    let watch = 1 + dice.pick(3);
    let table = SYMBOLS[..n]
        .iter()
        .map(|symbol| format!("{symbol} = {}", dice.real(0.0, 0.4)))
        .collect::<Vec<_>>()
        .join(", ");
    let rules = [
        "kind = \"none\"".to_owned(),
        "kind = \"hold\"".to_owned(),
        format!("kind = \"periodic\"\nevery = \"{every} steps\""),
        format!("kind = \"band\"\nwidth = {{ {table} }}\nmonitor_every = \"{watch} steps\""),
        "kind = \"band\"\nwidth = \"5%\"\nto = \"center\"".to_owned(),
        format!("kind = \"whalley_wilmott\"\nrisk_aversion = {}\ncost = \"20 bps\"", dice.real(0.1, 2.0)),
        format!("kind = \"leland\"\nevery = \"{every} steps\"\ncost = \"30 bps\""),
        format!("kind = \"time_or_band\"\nevery = \"{every} steps\"\nwidth = {{ {table} }}\nto = \"edge\""),
    ];
    text + &policies(&rules)
}

/// A basket under every basket policy, against one of the three benchmarks.
fn random_basket(draws: &[u16]) -> String {
    let dice = &mut Dice { left: draws.iter() };
    let benchmark = ["constant_mix_step", "buy_and_hold", "constant_mix_continuous"][dice.pick(3)];
    let (mut text, n, _) = head(dice, true, benchmark == "constant_mix_continuous");
    let weights: Vec<String> =
        SYMBOLS[..n].iter().map(|symbol| format!("{symbol} = {}", dice.real(0.33, 0.05))).collect();
    let _ = write!(
        text,
        "[target]\nkind = \"basket\"\nvalue = {}\nweights = {{ {} }}\nbenchmark = \"{benchmark}\"\n",
        dice.real(10000.0, 1000.0),
        weights.join(", ")
    );
    let every = 1 + dice.pick(4);
    let watch = 1 + dice.pick(3);
    let rules = [
        "kind = \"hold\"".to_owned(),
        format!("kind = \"periodic\"\nevery = \"{every} steps\""),
        format!("kind = \"band\"\nwidth = {}\nmonitor_every = \"{watch} steps\"", dice.real(0.0, 0.03)),
        format!("kind = \"relative_band\"\nwidth = {}", dice.real(0.0, 0.1)),
        format!("kind = \"time_or_band\"\nevery = \"{every} steps\"\nwidth = \"{} %\"", dice.real(0.0, 2.0)),
    ];
    text + &policies(&rules)
}

/// A column of a policy's figures by path.
fn column<'a>(policy: &'a PolicyOutcome, name: &str) -> &'a [f64] {
    let table = policy.paths.as_ref().unwrap();
    let index = table.columns.iter().position(|column| *column == name);
    &table.values[index.unwrap_or_else(|| panic!("no column {name}"))]
}

const COSTS: [&str; 5] = ["cost_fee", "cost_fixed", "cost_spread", "cost_impact", "cost_funding"];

/// What one path of every run must satisfy.
#[track_caller]
fn check_replay(text: &str, path_draw: u16, policy_draw: u16) {
    let scenario = scenario(text);
    let outcome = outcome(&scenario);
    let path = u64::from(path_draw) % outcome.n_paths;
    let k = path as usize;
    let policy = usize::from(policy_draw) % scenario.policies.len();
    let found = &outcome.policies[policy];
    let recording = record(&scenario, path, policy).unwrap();
    let same = |what: &str, replayed: f64, run: f64| {
        assert!(
            replayed.to_bits() == run.to_bits(),
            "{what} of {}: replayed {replayed:e}, run {run:e}\n{text}",
            found.name
        );
    };
    same("deviation", recording.deviation, found.deviations[k]);
    same("deviation column", recording.deviation, column(found, "deviation")[k]);
    same("trades", recording.trades, column(found, "trades")[k]);
    same("rebalances", recording.rebalances, column(found, "rebalances")[k]);
    same("turnover", recording.turnover, column(found, "turnover")[k]);
    same("oracle_updates", recording.oracle_updates, column(found, "oracle_updates")[k]);
    let costs = recording.steps.last().unwrap().costs;
    for (name, cost) in COSTS.into_iter().zip(costs) {
        same(name, cost, column(found, name)[k]);
    }
    if scenario.run.path_metrics
        && let Some(te_path) = recording.te_path
    {
        same("te_path", te_path, column(found, "te_path_mean")[k]);
    }
    let notional = recording.constants.notional;
    let off = (recording.ledger - recording.deviation).abs();
    assert!(
        off <= 1e-9 * notional,
        "{}: ledger {} for {}\n{text}",
        found.name,
        recording.ledger,
        recording.deviation
    );
    check_own_ledger(text, &recording, scenario.rate, scenario.run.grid.dt());
    for policy in &outcome.policies {
        check_parts(text, policy);
    }
}

/// The same identity from the records alone, where neither yields nor payoffs before the end are in them: change of
/// cash between two records is interest, and fills with their costs.
fn check_own_ledger(text: &str, recording: &Recording, rate: f64, dt: f64) {
    if text.contains("expiry") || text.contains("perpetual") || text.contains("type = \"spot\"") {
        return;
    }
    let yields: Vec<f64> = text
        .lines()
        .filter_map(|line| line.strip_prefix("dividend_yield = "))
        .map(|line| line.parse::<f64>().unwrap())
        .collect();
    let n = recording.steps.len() - 1;
    for (before, now) in recording.steps.iter().zip(&recording.steps[1..n]) {
        let mut cash = before.cash * (rate * dt).exp();
        for (i, price) in now.price.iter().enumerate() {
            cash += before.position[i] * price * ((yields[i] * dt).exp() - 1.0);
            cash -= now.filled.as_ref().unwrap()[i] * price;
            let held = before.position[i] + now.filled.as_ref().unwrap()[i];
            assert!(
                (held - now.position[i]).abs() <= 1e-9 * held.abs().max(1.0),
                "units at {}\n{text}",
                now.j
            );
        }
        cash -= now.costs.iter().sum::<f64>() - before.costs.iter().sum::<f64>();
        let off = (cash - now.cash).abs();
        assert!(
            off <= 1e-9 * recording.constants.notional,
            "cash at {}: {cash} for {}\n{text}",
            now.j,
            now.cash
        );
    }
}

/// Costs by name sum to the total, on every path and in the mean.
fn check_parts(text: &str, policy: &PolicyOutcome) {
    let total = column(policy, "cost_total");
    for (k, total) in total.iter().enumerate() {
        let sum: f64 = COSTS.iter().map(|name| column(policy, name)[k]).sum();
        let size: f64 = COSTS.iter().map(|name| column(policy, name)[k].abs()).sum();
        assert!((sum - total).abs() <= 1e-14 * size, "path {k}: {sum} for {total}\n{text}");
    }
    let value = |key: &str| policy.metric(key).unwrap().value.unwrap();
    let sum: f64 = COSTS.iter().map(|name| value(name)).sum();
    let size: f64 = COSTS.iter().map(|name| value(name).abs()).sum();
    assert!((sum - value("cost_total")).abs() <= 1e-12 * size, "{sum} for {}\n{text}", value("cost_total"));
}

fn draws() -> impl Strategy<Value = (Vec<u16>, u16, u16)> {
    (proptest::collection::vec(any::<u16>(), DRAWS), any::<u16>(), any::<u16>())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn replayed_option_books_are_those_of_the_run_and_balance((draws, path, policy) in draws()) {
        check_replay(&random_options(&draws), path, policy);
    }

    #[test]
    fn replayed_baskets_are_those_of_the_run_and_balance((draws, path, policy) in draws()) {
        check_replay(&random_basket(&draws), path, policy);
    }
}

/// `n + 1` prices by a fixed recipe.
fn wandering(seed: f64, spot: f64, n: usize) -> Vec<f64> {
    let mut price = spot;
    (0..=n)
        .map(|j| {
            let now = price;
            price *= 1.0
                + 0.05 * (seed + 2.3 * j as f64 * (1.0 + 0.1 * seed)).sin()
                + 0.01 * (7.1 * j as f64).cos();
            now
        })
        .collect()
}

const ALL_OPTION_POLICIES: &str = r#"
[[policies]]
name = "bare"
kind = "none"
[[policies]]
name = "once"
kind = "hold"
[[policies]]
name = "clock"
kind = "periodic"
every = "2 steps"
[[policies]]
name = "edge"
kind = "band"
width = { A = 0.3, B = 0.2 }
[[policies]]
name = "center"
kind = "band"
width = "3%"
to = "center"
monitor_every = "2 steps"
[[policies]]
name = "ww"
kind = "whalley_wilmott"
risk_aversion = 0.5
cost = "10 bps"
[[policies]]
name = "leland"
kind = "leland"
every = "3 steps"
cost = "10 bps"
[[policies]]
name = "either"
kind = "time_or_band"
every = "4 steps"
width = { A = 0.3, B = 0.2 }
"#;

/// Frictionless, every expiry a multiple of `every`: `D = Σ e^{r(T−T_i)} D_i`, `D_i` of a book that ends at `T_i`.
#[test]
fn a_book_of_several_expiries_is_the_sum_of_its_legs_grown_to_the_end() {
    let (n, rate) = (24_usize, 0.13_f64);
    let prices = wandering(1.0, 100.0, n);
    let legs = [
        ("call", 100.0, -7.0, 24_usize),
        ("put", 97.0, -3.0, 8),
        ("call", 104.0, 5.0, 16),
        ("put", 110.0, 2.5, 4),
        ("call", 90.0, -1.0, 24),
    ];
    let text = |steps: usize, legs: &[(&str, f64, f64, usize)]| {
        let legs: Vec<String> = legs
            .iter()
            .map(|(kind, strike, quantity, expiry)| {
                format!("{{ type = \"{kind}\", strike = {strike:?}, quantity = {quantity:?}, expiry = \"{expiry} steps\" }}")
            })
            .collect();
        format!(
            "version = 1\nname = \"legs\"\n[run]\nhorizon = \"{steps}d\"\nsteps = {steps}\n[market]\nrate = {rate:?}\n\
             [[assets]]\nsymbol = \"A\"\ndividend_yield = 0.04\nprocess = {{ kind = \"path\", prices = {:?} }}\n\
             [target]\nkind = \"options\"\nhedge_volatility = 0.55\npremium_volatility = 0.6\nlegs = [{}]\n\
             [[policies]]\nname = \"p\"\nkind = \"periodic\"\nevery = \"4 steps\"\n",
            &prices[..=steps],
            legs.join(", ")
        )
    };
    let whole = replay(&scenario(&text(n, &legs)), 0, "p").unwrap();
    let sum: f64 = legs
        .iter()
        .map(|leg| {
            let alone = replay(&scenario(&text(leg.3, std::slice::from_ref(leg))), 0, "p").unwrap();
            (rate * (n - leg.3) as f64 / 365.0).exp() * alone.deviation
        })
        .sum();
    assert!(whole.trades > 3.0 && whole.deviation.abs() > 1.0);
    assert!(
        (whole.deviation - sum).abs() <= 1e-9 * whole.constants.notional,
        "{} for {sum}",
        whole.deviation
    );
}

/// Two optioned assets with the draws of the market they share; legs on the assets named.
fn two_assets(legs_on: &[&str], policies: &str) -> String {
    let legs = [
        ("A", "type = \"call\", strike = 100.0, quantity = -10.0"),
        ("A", "type = \"put\", strike = 95.0, quantity = -4.0, expiry = \"9 steps\""),
        ("B", "type = \"put\", strike = 31.0, quantity = 8.0"),
        ("B", "type = \"spot\", quantity = 2.0"),
        ("B", "type = \"call\", strike = 29.0, quantity = -6.0"),
    ];
    let legs: Vec<String> = legs
        .iter()
        .filter(|(asset, _)| legs_on.contains(asset))
        .map(|(asset, keys)| format!("{{ asset = \"{asset}\", {keys} }}"))
        .collect();
    format!(
        r#"
version = 1
name = "two"
[run]
paths = 300
horizon = "14d"
steps = 14
[market]
rate = 0.07
correlation = [[1.0, 0.5], [0.5, 1.0]]
[oracle]
deviation_threshold = "1%"
latency = "1 step"
[costs]
fee = "10 bps"
funding = 0.2
[[assets]]
symbol = "A"
spot = 100.0
dividend_yield = 0.05
process = {{ kind = "heston", drift = 0.1, initial_variance = 0.3, long_run_variance = 0.4, mean_reversion = 3.0, vol_of_vol = 1.5, correlation = -0.5 }}
costs = {{ impact = {{ kind = "square_root", coefficient = 0.8, daily_volatility = 0.04, adv = 1e4 }} }}
execution = {{ delay = "2 steps" }}
[[assets]]
symbol = "B"
spot = 30.0
process = {{ kind = "gbm", drift = 0.0, volatility = 0.7 }}
oracle = "none"
execution = {{ hedge_instrument = "perpetual" }}
[target]
kind = "options"
hedge_volatility = {{ A = 0.6, B = 0.7 }}
premium_volatility = 0.65
legs = [{}]
{policies}"#,
        legs.join(", ")
    )
}

/// The book of two assets is on every path the sum of the books of one, in the same market.
///
/// No fixed fee: what is dust to the whole book, and goes unsent, may be an order to a part of it.
#[test]
fn several_optioned_assets_are_the_sum_of_single_ones() {
    // Whalley and Wilmott's width knows the last expiry of each asset alone: both books live to the horizon here
    let run = |legs_on: &[&str]| outcome(&scenario(&two_assets(legs_on, ALL_OPTION_POLICIES)));
    let (both, a, b) = (run(&["A", "B"]), run(&["A"]), run(&["B"]));
    let notional = both.constants.notional;
    for ((both, a), b) in both.policies.iter().zip(&a.policies).zip(&b.policies) {
        for (k, whole) in both.deviations.iter().enumerate() {
            let sum = a.deviations[k] + b.deviations[k];
            assert!((whole - sum).abs() <= 1e-9 * notional, "{}, path {k}: {whole} for {sum}", both.name);
        }
        let (total, _) = figure(both, "cost_total");
        let sum = figure(a, "cost_total").0 + figure(b, "cost_total").0;
        assert!((total - sum).abs() <= 1e-9 * notional, "{}: {total} for {sum}", both.name);
        assert!(both.name == "bare" || total != 0.0);
    }
}

/// The same with books of different lives: what one asset's policy does must not depend on the other asset's legs.
#[test]
fn the_legs_of_one_asset_do_not_move_the_band_of_another() {
    let text = |others: &str| {
        two_assets(&["A"], ALL_OPTION_POLICIES)
            .replace(
                "strike = 100.0, quantity = -10.0",
                "strike = 100.0, quantity = -10.0, expiry = \"10 steps\"",
            )
            .replace("legs = [", &format!("legs = [{others}"))
    };
    let later = "{ asset = \"B\", type = \"call\", strike = 29.0, quantity = -6.0 }, ";
    let (alone, among) = (scenario(&text("")), scenario(&text(later)));
    for (index, policy) in alone.policies.iter().enumerate() {
        for path in 0..20 {
            let (one, two) = (record(&alone, path, index).unwrap(), record(&among, path, index).unwrap());
            for (x, y) in one.steps.iter().zip(&two.steps) {
                let (x, y, j) = (x.position[0], y.position[0], x.j);
                assert!(
                    (x - y).abs() <= 1e-9 * 14.0,
                    "{}, path {path}, step {j}: {x} alone, {y} among others",
                    policy.name
                );
            }
        }
    }
}

fn one_asset(rate: f64, instrument: &str, policies: &str) -> String {
    format!(
        r#"
version = 1
name = "one"
[run]
paths = 400
horizon = "20d"
steps = 20
[market]
rate = {rate:?}
[oracle]
heartbeat = "3 steps"
[execution]
delay = "1 step"
hedge_instrument = "{instrument}"
[costs]
fee = "10 bps"
fixed_fee = 0.05
funding = 0.3
[[assets]]
symbol = "A"
spot = 100.0
process = {{ kind = "merton", drift = 0.1, volatility = 0.6, jumps_per_year = 30.0, jump_mean = -0.02, jump_std = 0.04 }}
[target]
kind = "options"
hedge_volatility = 0.65
premium_volatility = 0.7
legs = [
  {{ type = "call", strike = 102.0, quantity = -10.0 }},
  {{ type = "put", strike = 99.0, quantity = -5.0, expiry = "12 steps" }},
]
{policies}"#
    )
}

/// `D_perp − D_spot = Σ_j h_{j−1} S_{j−1} (e^{r·dt} − 1) e^{r(T−t_j)}`, the positions being the same.
#[test]
fn a_perpetual_earns_the_interest_on_its_margin_balance() {
    let policies = ALL_OPTION_POLICIES.replace("{ A = 0.3, B = 0.2 }", "0.3");
    let (rate, n, dt) = (0.25_f64, 20_usize, 1.0 / 365.0);
    let (spot, perpetual) =
        (scenario(&one_asset(rate, "spot", &policies)), scenario(&one_asset(rate, "perpetual", &policies)));
    let (of_spot, of_perpetual) = (outcome(&spot), outcome(&perpetual));
    let mut largest = 0.0_f64;
    for (index, (s, p)) in of_spot.policies.iter().zip(&of_perpetual.policies).enumerate() {
        for k in [0, 133, 399] {
            let recording = record(&spot, k as u64, index).unwrap();
            let carried: f64 = (1..=n)
                .map(|j| {
                    let before = &recording.steps[j - 1];
                    before.position[0]
                        * before.price[0]
                        * ((rate * dt).exp() - 1.0)
                        * (rate * (n - j) as f64 * dt).exp()
                })
                .sum();
            let found = p.deviations[k] - s.deviations[k];
            assert!(
                (found - carried).abs() <= 1e-9 * of_spot.constants.notional,
                "{}: {found} for {carried}",
                s.name
            );
            largest = largest.max(found.abs());
        }
    }
    assert!(largest > 1.0, "nothing was carried: {largest}");
}

#[test]
fn at_rate_zero_a_perpetual_is_spot_to_the_bit() {
    let policies = ALL_OPTION_POLICIES.replace("{ A = 0.3, B = 0.2 }", "0.3");
    let run = |instrument: &str| outcome(&scenario(&one_asset(0.0, instrument, &policies)));
    let (spot, perpetual) = (run("spot"), run("perpetual"));
    for (s, p) in spot.policies.iter().zip(&perpetual.policies) {
        let bits = |policy: &PolicyOutcome| policy.deviations.iter().map(|d| d.to_bits()).collect::<Vec<_>>();
        assert!(bits(s) == bits(p), "{}", s.name);
        for key in ["te_path_mean", "cost_total", "cost_funding", "turnover", "gap_rms"] {
            assert_eq!(s.metric(key), p.metric(key), "{}: {key}", s.name);
        }
    }
}

fn basket(dividend_yield: f64, benchmark: &str, policies: &str) -> Outcome {
    let text = format!(
        r#"
version = 1
name = "basket"
[run]
paths = 500
horizon = "0.5y"
steps = 40
[market]
rate = 0.08
correlation = [[1.0, 0.6, 0.0], [0.6, 1.0, 0.2], [0.0, 0.2, 1.0]]
[[assets]]
symbol = "A"
spot = 100.0
dividend_yield = {dividend_yield:?}
process = {{ kind = "gbm", drift = 0.1, volatility = 0.9 }}
[[assets]]
symbol = "B"
spot = 3.0
process = {{ kind = "kou", drift = 0.1, volatility = 0.5, jumps_per_year = 20.0, p_up = 0.4, eta_up = 15.0, eta_down = 12.0 }}
[[assets]]
symbol = "C"
spot = 1.0
dividend_yield = {:?}
process = {{ kind = "gbm", drift = 0.0, volatility = 0.2 }}
[target]
kind = "basket"
value = 1e6
weights = {{ A = 0.45, B = 0.25, C = 0.1 }}
benchmark = "{benchmark}"
{policies}"#,
        0.5 * dividend_yield
    );
    outcome(&scenario(&text))
}

/// Without friction a policy that does what the benchmark does has no deviation, on any path or at any step.
#[test]
fn a_policy_that_is_the_benchmark_has_no_deviation() {
    let every_step = "[[policies]]\nname = \"p\"\nkind = \"periodic\"\nevery = \"1 step\"\n";
    let hold = "[[policies]]\nname = \"p\"\nkind = \"hold\"\n";
    for (what, outcome) in [
        ("constant mix", basket(0.06, "constant_mix_step", every_step)),
        ("constant mix without yields", basket(0.0, "constant_mix_step", every_step)),
        ("hold", basket(0.0, "buy_and_hold", hold)),
    ] {
        let worst = outcome.policies[0].deviations.iter().fold(0.0_f64, |worst, d| worst.max(d.abs()));
        assert!(worst <= 1e-9 * 1e6, "{what}: {worst}");
        let (path, _) = figure(&outcome.policies[0], "max_abs_deviation");
        assert!(path <= 1e-9 * 1e6, "{what}: {path} on the way");
    }
    // with yields the held cash is not the benchmark's: the test can fail
    let apart = basket(0.06, "buy_and_hold", hold);
    assert!(figure(&apart.policies[0], "std").0 > 1.0);
}

/// O15: without friction, μ = r − q, sold at the true volatility: mean 0 whatever the policy, its oracle and delay.
#[test]
fn no_policy_beats_a_martingale() {
    let policies = ALL_OPTION_POLICIES.replace("{ A = 0.3, B = 0.2 }", "0.3");
    for (oracle, delay) in [
        ("", 0),
        ("[oracle]\ndeviation_threshold = \"3%\"\nheartbeat = \"6 steps\"\nlatency = \"2 steps\"", 2),
    ] {
        let text = format!(
            r#"
version = 1
name = "fair"
[run]
paths = 100_000
horizon = "0.25y"
steps = 30
path_metrics = false
[market]
rate = 0.06
[[assets]]
symbol = "A"
spot = 100.0
dividend_yield = 0.02
process = {{ kind = "gbm", drift = 0.04, volatility = 0.7 }}
{oracle}
[execution]
delay = "{delay} steps"
[target]
kind = "options"
hedge_volatility = 0.5
premium_volatility = 0.7
legs = [
  {{ type = "call", strike = 105.0, quantity = -3.0 }},
  {{ type = "put", strike = 90.0, quantity = -2.0, expiry = "20 steps" }},
  {{ type = "put", strike = 95.0, quantity = 1.0, expiry = "7 steps" }},
  {{ type = "spot", quantity = 0.5 }},
]
{policies}"#
        );
        let outcome = outcome(&scenario(&text));
        for policy in &outcome.policies {
            let (mean, error) = figure(policy, "mean");
            assert!(
                error > 0.0 && mean.abs() <= 4.0 * error,
                "{}, delay {delay}: {mean} ± {error}",
                policy.name
            );
        }
    }
}
