//! The programs in `examples/` run, and what they print is what theory expects of it.
#![expect(clippy::unwrap_used, reason = "a test may stop where it stands")]

#[path = "../examples/chance_of_loss.rs"]
mod chance_of_loss;
#[path = "../examples/dearer_fees.rs"]
mod dearer_fees;
#[path = "../examples/how_often.rs"]
mod how_often;

/// The numbers of every line.
fn numbers(table: &str) -> Vec<Vec<f64>> {
    table.lines().map(|line| line.split_whitespace().filter_map(|word| word.parse().ok()).collect()).collect()
}

#[test]
fn seldom_hedging_is_cheap_and_loose() {
    how_often::main().unwrap();
    let rows = numbers(&how_often::answer().unwrap());
    assert_eq!(rows.len(), 5);
    for pair in rows.windows(2) {
        let [cost, _, std, se] = pair[1][..] else { panic!("{pair:?}") };
        assert!(cost < pair[0][0] && std > pair[0][2] - 4.0 * se, "{pair:?}");
    }
    // the error of hedging grows with the root of the interval: from 12 h to 3 d by √6, less what fees add to both
    let ratio = rows[4][2] / rows[2][2];
    assert!((ratio / 6_f64.sqrt() - 1.0).abs() < 0.15, "{ratio}");
}

#[test]
fn a_paired_change_is_sharper_than_the_figure() {
    dearer_fees::main().unwrap();
    for row in numbers(&dearer_fees::answer().unwrap()) {
        let [_, own_se, change, se] = row[..] else { panic!("{row:?}") };
        assert!(change < -4.0 * se && se < own_se, "{row:?}");
    }
}

#[test]
fn hedging_makes_large_losses_rare() {
    chance_of_loss::main().unwrap();
    let rows = numbers(&chance_of_loss::answer().unwrap());
    let [often, band, unhedged] = [0, 1, 2].map(|place: usize| rows[place][0]);
    assert!(often < 0.7 * unhedged && band < 0.7 * unhedged, "{rows:?}");
}
