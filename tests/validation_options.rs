//! Options, prices and estimators against quadratures, published values and closed forms.
mod validation;

use validation::assert_holds;

#[test]
fn hedges_err_and_cost_what_the_quadrature_says() {
    assert_holds(&["O1", "O2", "O3", "O4", "O5", "O6", "O7", "O8", "O9", "L"], true);
}

#[test]
#[ignore = "slow: 2400 steps of 200 000 paths, ten years of Heston"]
fn long_hedges_and_heston_prices_are_those_published() {
    assert_holds(&["O"], false);
}

#[test]
fn estimators_and_normals_are_what_they_claim() {
    assert_holds(&["S"], true);
}

#[test]
#[ignore = "slow: 4096 samples of 4000"]
fn intervals_cover_what_they_claim() {
    assert_holds(&["S"], false);
}
