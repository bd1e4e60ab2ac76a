//! From a simulated run to its folder: what the engine makes fits what the report reads.
use driftband::engine::{Execution, run};
use driftband::policy::band::Band;
use driftband::policy::none::NoTrade;
use driftband::policy::periodic::Periodic;
use driftband::policy::whalley_wilmott::WhalleyWilmott;
use driftband::policy::{Destination, Policy, Rule};
use driftband::report::chart::replay::{ReplayData, draw};
use driftband::report::folder::{Inputs, Provenance, finished, write};
use driftband::report::style::Theme;
use driftband::report::summary::ENGINE_VERSION;
use driftband::report::table::{relative_line, render};
use driftband::scenario::Scenario;
use driftband::study::replay::replay;
use driftband::units::{Amount, Fraction, Grid, PerAsset, Period};

use crate::synthetic;

fn policy(name: &str, rule: Rule) -> Policy {
    Policy { name: name.into(), rule, hedge_volatility: None, minimum_variance: None }
}

fn every(steps: u64) -> Rule {
    Rule::Periodic(Periodic { every: Period::Steps(steps) })
}

fn scenario() -> Scenario {
    let mut scenario = synthetic::scenario(&synthetic::outcome(&[], 2000), vec![]);
    scenario.run.grid = Grid { n_steps: 720, ..scenario.run.grid };
    if let driftband::book::Target::Options(strategy) = &mut scenario.target {
        strategy.legs[0].expiry = 720;
    }
    scenario.assets[0].costs.fee = 5e-4;
    scenario.assets[0].costs.half_spread = 1e-4;
    scenario.assets[0].costs.fixed_fee = 2.0;
    let width = PerAsset::One(Amount::Plain(5.0));
    let ww = WhalleyWilmott {
        risk_aversion: 1e-4,
        cost: PerAsset::One(Fraction(6e-4)),
        to: Some(Destination::Edge),
        monitor_every: Some(Period::Steps(1)),
    };
    scenario.policies = vec![
        policy("none", Rule::NoTrade(NoTrade {})),
        policy("hourly", every(1)),
        policy("daily", every(24)),
        policy(
            "band-5",
            Rule::Band(Band { width, to: Some(Destination::Edge), monitor_every: Some(Period::Steps(1)) }),
        ),
        policy("whalley-wilmott", Rule::WhalleyWilmott(ww)),
    ];
    scenario
}

#[test]
fn a_simulated_run_has_a_whole_folder() {
    let scenario = scenario();
    let outcome = run(&scenario, &Execution { keep_paths: true, ..Execution::default() }).unwrap();
    let place = tempfile::tempdir().unwrap();
    let dir = place.path().join("run");
    let provenance = Provenance { paths_asked: 2000, ..Provenance::default() };
    let inputs = Inputs {
        scenario: &scenario,
        text: "",
        hash: "cafe",
        outcome: &outcome,
        worst: &[],
        provenance: &provenance,
        png_scale: Some(1.5),
    };
    let written = write(&dir, &inputs).unwrap();
    assert_eq!(written.charts_left_out, []);
    assert!(dir.join("paths.csv").is_file());
    let summary = finished(&dir, "cafe", ENGINE_VERSION).unwrap().unwrap();
    assert!(summary == written.summary);
    let table = render(&summary);
    assert_eq!(table.lines().count(), 7, "{table}");
    let line = relative_line(&summary).unwrap();
    assert!(line.contains(" times tighter than none"), "{line}");

    let recording = replay(&scenario, 3, "band-5").unwrap();
    let data = ReplayData::of(&scenario, &recording, 3, "band-5", 0);
    let last = data.deviation.last().copied().unwrap() * outcome.constants.notional / 1e4;
    assert!((last - outcome.policies[3].deviations[3]).abs() < 1e-6 * outcome.constants.notional);
    let svg = draw(&scenario, &data, &Theme::light()).unwrap();

    if let Some(gallery) = std::env::var_os("DRIFTBAND_GALLERY") {
        let gallery = std::path::Path::new(&gallery);
        for entry in std::fs::read_dir(dir.join("charts")).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            std::fs::copy(&path, gallery.join(format!("real-{name}"))).unwrap();
        }
        std::fs::write(gallery.join("real-table.txt"), format!("{table}\n{line}\n")).unwrap();
        crate::charts::leave("real-replay", &svg);
        for name in ["distribution.csv", "timeline.csv", "summary.csv", "paths.csv", "manifest.json"] {
            std::fs::copy(dir.join(name), gallery.join(format!("real-{name}"))).unwrap();
        }
    }
}
