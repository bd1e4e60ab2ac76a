//! Every chart in every situation draws, draws the same bytes twice, and stays on its sheet.
//!
//! `DRIFTBAND_GALLERY=dir cargo test --test report gallery` leaves the pictures in `dir`.
use driftband::engine::Outcome;
use driftband::report::chart::replay::{self, ReplayData};
use driftband::report::chart::{CHARTS, ChartInput, NoChart};
use driftband::report::drawing::png;
use driftband::report::style::Theme;

use crate::synthetic::{self, Made, made};

fn situations() -> Vec<(&'static str, Outcome)> {
    let n = 20_000;
    let mut negative = synthetic::four();
    for (i, policy) in negative.iter_mut().enumerate() {
        policy.funding = [-30.0, 4.0, -2.0, 1.0][i];
    }
    let long = "a-policy-name-of-sixty-letters-that-no-margin-can-ever-hold-x";
    let scaled = |factor: f64| -> Vec<Made> {
        let scale = |policy: Made| Made {
            mean: policy.mean * factor,
            std: policy.std * factor,
            fee: policy.fee * factor,
            spread: policy.spread * factor,
            ..policy
        };
        synthetic::four().into_iter().map(scale).collect()
    };
    let mut wild = synthetic::four();
    wild.insert(0, made("none", "none", 2.0, 700.0, 0.0));
    let constant = vec![made("flat", "hold", -12.0, 0.0, 3.0), made("zero", "none", 0.0, 0.0, 0.0)];
    let mut mixed = synthetic::four();
    mixed.push(made("flat", "hold", -12.0, 0.0, 3.0));
    vec![
        ("four", synthetic::outcome(&synthetic::four(), n)),
        ("wild", synthetic::outcome(&wild, n)),
        ("twelve", synthetic::outcome(&synthetic::twelve(), n)),
        ("fifty", synthetic::outcome(&synthetic::fifty(), 2000)),
        ("one", synthetic::outcome(&synthetic::four()[..1], n)),
        ("negative", synthetic::outcome(&negative, n)),
        (
            "long",
            synthetic::outcome(
                &[made(long, "band", -3.0, 4.0, 2.0), made(&long.replace('x', "y"), "band", -3.0, 5.0, 1.0)],
                n,
            ),
        ),
        ("huge", synthetic::outcome(&scaled(1e7), n)),
        ("tiny", synthetic::outcome(&scaled(1e-6), n)),
        ("constant", synthetic::outcome(&constant, n)),
        ("mixed", synthetic::outcome(&mixed, n)),
        ("few-paths", synthetic::outcome(&synthetic::four(), 60)),
        ("one-path", synthetic::outcome(&synthetic::four(), 1)),
        ("no-policies", synthetic::outcome(&[], 10)),
    ]
}

pub(crate) fn leave(name: &str, svg: &str) {
    let Some(dir) = std::env::var_os("DRIFTBAND_GALLERY") else { return };
    let dir = std::path::Path::new(&dir);
    std::fs::create_dir_all(dir).unwrap();
    std::fs::write(dir.join(format!("{name}.svg")), svg).unwrap();
    std::fs::write(dir.join(format!("{name}.png")), png(svg, 1.5).unwrap()).unwrap();
}

/// Every coordinate of the SVG lies on the sheet, so nothing was left to the backend to clamp.
fn on_sheet(svg: &str) -> bool {
    let (_, rest) = svg.split_once("viewBox=\"0 0 ").unwrap();
    let (size, _) = rest.split_once('"').unwrap();
    let size: Vec<f64> = size.split(' ').map(|text| text.parse().unwrap()).collect();
    let points =
        svg.split("points=\"").skip(1).flat_map(|rest| rest.split('"').next().unwrap().split_whitespace());
    points.map(|point| point.split_once(',').unwrap()).all(|(x, y)| {
        let (x, y): (f64, f64) = (x.parse().unwrap(), y.parse().unwrap());
        (0.0..=size[0]).contains(&x) && (0.0..=size[1]).contains(&y)
    })
}

#[test]
fn gallery_of_all_situations() {
    for (situation, outcome) in situations() {
        let scenario = synthetic::scenario(&outcome, vec![]);
        let input = ChartInput::new(&scenario, &outcome);
        for chart in CHARTS {
            for (theme, look) in [(Theme::light(), ""), (Theme::dark(), "-dark")] {
                match (chart.draw)(&input, &theme) {
                    Ok(svg) => {
                        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{situation} {}", chart.name);
                        assert!(on_sheet(&svg), "{situation} {}", chart.name);
                        assert!(svg.len() < 700_000, "{situation} {}: {} bytes", chart.name, svg.len());
                        if look.is_empty() || situation == "four" {
                            leave(&format!("{situation}-{}{look}", chart.name), &svg);
                        }
                    }
                    Err(NoChart::NotApplicable(reason)) => {
                        let expected = ["one-path", "no-policies", "constant"].contains(&situation);
                        assert!(expected && !reason.is_empty(), "{situation} {}: {reason}", chart.name);
                    }
                    // drawn by `an_efficiency_chart_has_a_row_a_policy`
                    Err(NoChart::NotMeant) => assert_eq!(chart.name, "efficiency", "{situation}"),
                    Err(NoChart::Failed(error)) => panic!("{situation} {}: {error}", chart.name),
                }
            }
        }
    }
}

#[test]
fn the_same_outcome_makes_the_same_bytes() {
    let outcome = synthetic::outcome(&synthetic::twelve(), 2000);
    let scenario = synthetic::scenario(&outcome, vec![]);
    for chart in CHARTS.iter().filter(|chart| chart.name != "efficiency") {
        let draw = || (chart.draw)(&ChartInput::new(&scenario, &outcome), &Theme::light()).unwrap();
        let (first, second) = (draw(), draw());
        assert_eq!(first, second, "{}", chart.name);
        assert_eq!(png(&first, 1.0).unwrap(), png(&second, 1.0).unwrap());
    }
}

#[test]
fn gallery_of_replays() {
    let n = 4321;
    let mut price = 3000.0;
    let mut data =
        ReplayData { policy: "hourly".into(), symbol: "ETH".into(), path: 17, ..ReplayData::default() };
    let (mut seen, mut held, mut deviation) = (price, 0.0, 0.0);
    for i in 0..n {
        price *= 1.0 + 0.0025 * synthetic::normal(i);
        if (price / seen - 1.0_f64).abs() > 0.01 {
            seen = price;
        }
        let target = 50.0 + 0.05 * (seen - 3000.0);
        let fill = if i % 60 == 0 { target - held } else { 0.0 };
        held += fill;
        deviation += 0.4 * synthetic::normal(i + 100_000);
        data.days.push(i as f64 / 144.0);
        data.true_price.push(price);
        data.seen_price.push(seen);
        data.target.push(target);
        data.position.push(held);
        data.filled.push(fill);
        data.deviation.push(deviation);
    }
    let outcome = synthetic::outcome(&synthetic::four(), 10);
    let scenario = synthetic::scenario(&outcome, vec![]);
    let svg = replay::draw(&scenario, &data, &Theme::light()).unwrap();
    assert!(on_sheet(&svg));
    leave("replay", &svg);
    let still = ReplayData {
        days: vec![0.0, 1.0],
        true_price: vec![5.0; 2],
        seen_price: vec![5.0; 2],
        target: vec![0.0; 2],
        position: vec![0.0; 2],
        filled: vec![0.0; 2],
        deviation: vec![0.0; 2],
        ..data
    };
    let svg = replay::draw(&scenario, &still, &Theme::light()).unwrap();
    assert!(on_sheet(&svg) && !svg.contains("NaN"));
    leave("replay-still", &svg);
    assert!(matches!(
        replay::draw(&scenario, &ReplayData::default(), &Theme::light()),
        Err(NoChart::NotApplicable(_))
    ));
}

#[test]
fn an_efficiency_chart_has_a_row_a_policy() {
    let text = "version = 1\nname = \"x\"\n[run]\npaths = 512\nhorizon = \"1y\"\nstep = \"1d\"\n[[assets]]\nsymbol = \"A\"\nspot = 1.0\n\
                process = { kind = \"gbm\", drift = 0.0, volatility = 0.6 }\n[target]\nkind = \"basket\"\nvalue = 1000.0\n\
                weights = { A = 0.5 }\n[[policies]]\nname = \"monthly\"\nkind = \"periodic\"\nevery = \"30d\"\n\
                [[policies]]\nname = \"held\"\nkind = \"hold\"\n[[policies]]\nname = \"both\"\nkind = \"time_or_band\"\nevery = \"30d\"\nwidth = \"5%\"\n";
    let scenario =
        driftband::scenario::parse(text, &driftband::scenario::Memory::default()).unwrap().scenario;
    let outcome = driftband::engine::run(&scenario, &driftband::engine::Execution::default()).unwrap();
    let input = ChartInput::new(&scenario, &outcome);
    let svg = driftband::report::chart::efficiency::draw(&input, &Theme::light()).unwrap();
    // a policy that never trades has no constant, one of two triggers no theory
    assert!(
        svg.contains("data-policy=\"monthly\"")
            && svg.contains("data-policy=\"both\"")
            && !svg.contains("data-policy=\"held\"")
    );
    assert!(svg.contains("in theory 0.564") && svg.contains("no closed form") && on_sheet(&svg));
    leave("efficiency", &svg);
}
