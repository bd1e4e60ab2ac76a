//! Baskets against closed forms: growth, clocks, bands, lag, efficiency.
mod validation;

use validation::assert_holds;

#[test]
fn growth_is_that_of_the_mix() {
    assert_holds(&["A"], true);
}

#[test]
fn clocks_track_and_trade_as_they_should() {
    assert_holds(&["B", "I"], true);
}

#[test]
#[ignore = "slow: a hundred thousand paths of fine steps"]
fn clocks_track_and_trade_as_they_should_sharply() {
    assert_holds(&["B", "I"], false);
}

#[test]
fn bands_trade_as_they_should() {
    assert_holds(&["C"], true);
}

#[test]
#[ignore = "slow: bands watched 20 000 times a year"]
fn bands_track_and_trade_as_they_should() {
    assert_holds(&["C"], false);
}

#[test]
#[ignore = "slow: years of costs on five bands"]
fn the_width_that_costs_least_is_the_papers() {
    assert_holds(&["D"], false);
}

#[test]
fn lag_costs_what_it_should() {
    assert_holds(&["G"], true);
}

#[test]
fn proportional_trading_is_an_ornstein_uhlenbeck_gap() {
    assert_holds(&["H", "K3"], true);
}
