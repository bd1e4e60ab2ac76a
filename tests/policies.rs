//! Rules of options cut into slices, and a leverage that is drawn back, step by step against what a hand would do.
#![expect(clippy::unwrap_used, reason = "what is missing fails the test")]
use driftband::engine::Recording;
use driftband::study::replay::replay;

mod simulate;

use simulate::{figure, outcome, scenario};

/// Two optioned assets without costs or oracle.
fn options(execution: &str, rule: &str) -> String {
    let asset = |symbol: &str| {
        format!(
            "[[assets]]\nsymbol = \"{symbol}\"\nspot = 100.0\nprocess = {{ kind = \"gbm\", drift = 0.0, volatility = 0.6 }}\n"
        )
    };
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 200\nseed = 4\nhorizon = \"40d\"\nsteps = 40\n{}{}\
         [execution]\n{execution}\n[target]\nkind = \"options\"\nhedge_volatility = 0.6\npremium_volatility = 0.6\nlegs = [\n\
         {{ asset = \"A\", type = \"call\", strike = 100.0, quantity = -50.0 }},\n\
         {{ asset = \"B\", type = \"put\", strike = 105.0, quantity = -30.0, expiry = \"31d\" }}]\n\
         [[policies]]\nname = \"p\"\nkind = \"rule\"\n{rule}\n",
        asset("A"),
        asset("B")
    )
}

fn recording(text: &str, path: u64) -> Recording {
    replay(&scenario(text), path, "p").unwrap()
}

/// Target less held and in flight, as the policy meets it at step `j`.
fn gap(run: &Recording, j: usize, asset: usize) -> f64 {
    let before = &run.steps[j - 1];
    run.steps[j].target.as_ref().unwrap()[asset] - before.position[asset] - before.in_flight[asset]
}

#[track_caller]
fn assert_near(found: f64, expected: f64, what: &str) {
    assert!((found - expected).abs() < 1e-9, "{what}: {found}, not {expected}");
}

#[test]
fn an_order_in_slices_is_frozen_and_sent_in_equal_parts() {
    // the clock fires at 4, 6, 8 …: those of 6 fall into the three slices of 4
    for delay in ["", "delay = \"2 steps\""] {
        let text = options(delay, "trigger = [{ kind = \"clock\", every = \"2d\" }]\nslices = 3");
        for path in 0..5 {
            let run = recording(&text, path);
            for first in (2..34).step_by(4) {
                for asset in 0..2 {
                    let whole = gap(&run, first, asset);
                    for (part, left) in [(0, 2), (1, 1), (2, 0)] {
                        let step = &run.steps[first + part];
                        assert_near(
                            step.order[asset],
                            whole / 3.0,
                            &format!("step {} asset {asset}", step.j),
                        );
                        assert_eq!(step.slices_left, left, "step {}", step.j);
                    }
                    assert_eq!(run.steps[first + 3].order[asset].to_bits(), 0.0_f64.to_bits());
                }
            }
        }
    }
}

#[test]
fn what_lots_keep_back_goes_out_with_the_next_slice() {
    let text = options("lot = 1.0", "trigger = [{ kind = \"clock\", every = \"5d\" }]\nslices = 4");
    let mut uneven = 0;
    for path in 0..10 {
        let run = recording(&text, path);
        for first in (5..35).step_by(5) {
            let (whole, mut sent) = (gap(&run, first, 0), 0.0);
            for part in 1..=4 {
                let wanted = whole * f64::from(part) / 4.0 - sent;
                let lots = wanted.signum() * (wanted.abs() + 1e-9).floor();
                let order = run.steps[first + part as usize - 1].order[0];
                assert_near(order, lots, &format!("path {path} step {first} part {part}"));
                sent += order;
                uneven += usize::from((order - whole / 4.0).abs() > 1e-9);
            }
            assert!((sent - whole).abs() < 1.0, "{sent} of {whole}");
        }
    }
    assert!(uneven > 100);
}

#[test]
fn every_asset_has_its_own_slices_unless_all_trade_together() {
    let rule = "trigger = [{ kind = \"band\", width = \"6%\" }]\nslices = 3\nscope = ";
    let own = recording(&options("", &format!("{rule}\"drifted\"")), 3);
    let mut staggered = 0;
    for asset in 0..2 {
        let (mut parts, mut whole) = (0, 0.0);
        for j in 1..40 {
            let order = own.steps[j].order[asset];
            if parts == 0 {
                let (gap, width) = (gap(&own, j, asset), if asset == 0 { 3.0 } else { 1.8 });
                whole = if gap.abs() > width { gap } else { 0.0 };
                parts = if whole == 0.0 { 0 } else { 3 };
            }
            assert_near(order, if parts > 0 { whole / 3.0 } else { 0.0 }, &format!("asset {asset} step {j}"));
            parts = if parts > 0 { parts - 1 } else { 0 };
            staggered += usize::from((own.steps[j].order[0] == 0.0) != (own.steps[j].order[1] == 0.0));
        }
    }
    assert!(staggered > 5, "the assets never part");
    let together = recording(&options("", &format!("{rule}\"all\"\ndestination = \"edge\"")), 3);
    assert!(together.steps.iter().any(|step| step.slices_left == 2));
}

#[test]
fn one_slice_is_no_slice() {
    let rule = "trigger = [{ kind = \"band\", width = \"5%\" }, { kind = \"move\", size = \"8%\" }]\nmin_interval = \"2d\"\n";
    let bits = |slices: &str| {
        let found = outcome(&scenario(&options("delay = \"1 step\"", &format!("{rule}{slices}"))));
        format!("{:?}", found.policies)
    };
    assert_eq!(bits(""), bits("slices = 1"));
    assert_ne!(bits(""), bits("slices = 2"));
}

/// A leveraged basket without rate or costs.
fn leveraged(process: &str, policy: &str) -> String {
    format!(
        "version = 1\nname = \"x\"\n[run]\npaths = 300\nseed = 2\nhorizon = \"60d\"\nsteps = 60\n\
         [[assets]]\nsymbol = \"A\"\nspot = 100.0\nprocess = {process}\n\
         [[assets]]\nsymbol = \"B\"\nspot = 10.0\nprocess = {process}\n\
         [target]\nkind = \"basket\"\nvalue = 1000.0\nleverage = true\nweights = {{ A = 1.5, B = 0.5 }}\n\
         [[policies]]\nname = \"p\"\nkind = \"leverage_target\"\n{policy}\n"
    )
}

#[test]
fn leverage_is_drawn_back_as_a_hand_would() {
    let text = leveraged(
        "{ kind = \"gbm\", drift = 0.0, volatility = 0.9 }",
        "min = 1.7\nmax = 2.3\nspeed = \"20%\"\nevery = \"4d\"\nmonitor_every = \"2d\"",
    );
    let (mut inside, mut above, mut below) = (0, 0, 0);
    for path in 0..80 {
        let run = recording(&text, path);
        for pair in run.steps[..60].windows(2) {
            let [before, now] = pair else { unreachable!() };
            if now.mark <= 1.0 {
                break;
            }
            let exposure: f64 = before.position.iter().zip(&now.price).map(|(h, s)| h * s).sum();
            // without costs a trade leaves the value as it was
            let leverage = exposure / now.mark;
            let aim = if now.j.is_multiple_of(2) && leverage > 2.3 {
                above += 1;
                2.3
            } else if now.j.is_multiple_of(2) && leverage < 1.7 {
                below += 1;
                1.7
            } else if now.j.is_multiple_of(4) {
                inside += 1;
                (0.8 * leverage + 0.2 * 2.0).clamp(1.7, 2.3)
            } else {
                assert_eq!(before.position, now.position, "step {}", now.j);
                continue;
            };
            for (asset, weight) in [1.5, 0.5].into_iter().enumerate() {
                let expected = weight * aim / 2.0 * now.mark / now.price[asset];
                assert_near(
                    now.position[asset],
                    expected,
                    &format!("path {path} step {} asset {asset}", now.j),
                );
            }
        }
    }
    eprintln!("{inside} inside, {above} above, {below} below");
    assert!(inside > 20 && above > 20 && below > 20);
}

#[test]
fn a_whole_step_at_every_step_is_the_clock_and_a_crash_takes_all() {
    let gbm = "{ kind = \"gbm\", drift = 0.0, volatility = 0.6 }";
    let whole = leveraged(gbm, "min = -50.0\nmax = 50.0\nspeed = 1.0\nevery = \"1 step\"");
    let clock = leveraged(gbm, "every = \"1 step\"").replace("leverage_target", "periodic");
    let std = [&whole, &clock].map(|text| outcome(&scenario(text)).policies.remove(0).deviations);
    for (one, two) in std[0].iter().zip(&std[1]) {
        assert_near(*one, *two, "deviation");
    }
    // nothing in a step's reach rescues a basket of leverage 2 from a fall of 65 %
    let crash = format!(
        "{}[[shocks]]\nkind = \"gap\"\nat = \"30d\"\nsize = -0.65\n",
        leveraged(gbm, "min = 1.7\nmax = 2.3\nspeed = \"5%\"\nevery = \"1d\"")
    );
    let found = outcome(&scenario(&crash));
    let (wiped, _) = figure(&found.policies[0], "wiped_out");
    assert!(wiped > 0.95, "{wiped}");
    let run = recording(&crash, 0);
    assert!(run.steps[29].position[0] > 0.0 && run.steps[31].position == [0.0, 0.0]);
}

/// Two optioned assets with costs, a feed, and the policies `short` and `rule`.
fn followed(more: &str, short: &str, rule: &str) -> String {
    let head = options("delay = \"1 steps\"", "");
    let head = head.split("[[policies]]").next().unwrap().to_owned();
    format!(
        "{head}[oracle]\ndeviation_threshold = \"1%\"\nheartbeat = \"2 steps\"\n[costs]\nfee = \"10 bps\"\nfixed_fee = 0.5\n{more}\n\
         [[policies]]\nname = \"short\"\n{short}\n[[policies]]\nname = \"rule\"\nkind = \"rule\"\n{rule}\n"
    )
}

#[test]
fn a_rule_with_one_followed_band_is_the_short_kind_to_the_bit() {
    for kind in ["whalley_wilmott", "zakamouline"] {
        for cost in ["\"20 bps\"", "{ A = \"20 bps\", B = \"1%\" }"] {
            for (to, every) in [("edge", 1), ("center", 1), ("edge", 3)] {
                let keys = format!(
                    "kind = \"{kind}\", risk_aversion = 0.02, cost = {cost}, monitor_every = \"{every}d\""
                );
                let short = keys.replace(", ", "\n").replace("\"20 bps\"\nB", "\"20 bps\", B");
                let text = followed(
                    "",
                    &format!("{short}\nto = \"{to}\""),
                    &format!("trigger = [{{ {keys} }}]\ndestination = \"{to}\""),
                );
                let found = outcome(&scenario(&text));
                let [short, rule] = &found.policies[..] else { panic!("two policies") };
                assert_eq!(short.deviations, rule.deviations, "{kind} {to} {every}");
                for key in ["trades", "turnover", "cost_total", "time_out_of_band", "gap_rms"] {
                    assert_eq!(figure(short, key), figure(rule, key), "{kind} {to} {every}: {key}");
                }
                assert!(figure(short, "trades").0 > 5.0 && figure(short, "time_out_of_band").0 > 0.0);
            }
        }
    }
}

#[test]
fn a_followed_band_goes_with_clocks_and_other_bands() {
    let band = "kind = \"whalley_wilmott\", risk_aversion = 0.02, cost = \"20 bps\"";
    let run = |rule: &str| {
        let found = outcome(&scenario(&followed(
            "",
            "kind = \"whalley_wilmott\"\nrisk_aversion = 0.02\ncost = \"20 bps\"",
            rule,
        )));
        let [short, rule] = <[_; 2]>::try_from(found.policies).unwrap();
        (short, rule)
    };
    // a band that is never left adds nothing
    let (short, wide) = run(&format!(
        "trigger = [{{ {band} }}, {{ kind = \"band\", width = \"200%\" }}]\ndestination = \"edge\""
    ));
    assert_eq!(short.deviations, wide.deviations);
    assert_eq!(figure(&short, "time_out_of_band"), figure(&wide, "time_out_of_band"));
    // one of no width is left by every gap, and is the narrowest: the whole gap at every step
    let (_, none) =
        run(&format!("trigger = [{{ kind = \"band\", width = 0 }}, {{ {band} }}]\ndestination = \"edge\"")
            .replace("width = 0", "width = { A = 0.0, B = 0.0 }"));
    let (_, clock) = run("trigger = [{ kind = \"clock\", every = \"1d\" }]");
    assert_eq!(none.deviations, clock.deviations);
    // with a clock of a week it trades more than the band alone, and less than every day
    let (short, both) = run(&format!(
        "trigger = [{{ {band} }}, {{ kind = \"clock\", every = \"8d\" }}]\ndestination = \"edge\""
    ));
    let trades = [&short, &both, &clock].map(|policy| figure(policy, "trades").0);
    assert!(trades[0] < trades[1] && trades[1] < trades[2], "{trades:?}");
}
