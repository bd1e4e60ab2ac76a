//! The market's own models against closed forms: pools and arbitrage, feeds and their errors.
mod validation;

use validation::assert_holds;

#[test]
fn pools_lose_what_arbitrage_takes() {
    assert_holds(&["E"], true);
}

#[test]
#[ignore = "slow: fifty million blocks"]
fn pools_with_fees_lose_what_arbitrage_takes() {
    assert_holds(&["E"], false);
}

#[test]
fn feeds_post_and_err_as_they_should() {
    assert_holds(&["F"], true);
}

#[test]
#[ignore = "slow: half a minute of paths at fine steps"]
fn a_wide_feed_posts_and_errs_as_it_should() {
    assert_holds(&["F"], false);
}

#[test]
#[ignore = "slow: half a minute of paths at fine steps"]
fn the_error_of_a_feed_costs_what_it_should() {
    assert_holds(&["J"], false);
}
