//! Shared Black–Scholes work of a step: each valuation once, and only what someone reads.
use crate::book::leland::evaluate_leland;
use crate::book::valuation::{LegClock, Net, Prices, Wants, evaluate};
use crate::book::width;

use super::plan::{BookPlan, Method, Plan, ValuationPlan, ValuationsPlan};
use super::state::{BlockState, Sight};
use super::volatility::{self, LaneScene};

/// Fills `state.nets` for step `j`: targets of the policies that act, and what the marks need.
///
/// `MOVES`: some volatility differs from path to path; a run in which none does is compiled without it.
#[inline(always)]
pub(super) fn legs<const MOVES: bool>(plan: &Plan, j: u64, state: &mut BlockState) {
    let BookPlan::Options(book) = &plan.book else { return };
    let valuations = &book.valuations;
    if state.wants.iter().all(|want| *want == Wants::default()) {
        return;
    }
    valuations.set_clocks(j, &mut state.clocks);
    for (k, valuation) in valuations.list.iter().enumerate() {
        let wants = state.wants[k];
        if wants == Wants::default() {
            continue;
        }
        let sight = Sight::new(plan, valuation.view, &state.market, &state.feeds);
        // what another valuation reads stands before it in the list
        let (done, rest) = state.nets.split_at_mut(k);
        let scene = LaneScene { book, j, clocks: &state.clocks, volatilities: &state.volatilities };
        run::<MOVES>(&scene, valuation, wants, done, &sight, &mut rest[0]);
    }
}

/// One valuation by its method; `done` are those before it.
#[inline(always)]
fn run<const MOVES: bool>(
    scene: &LaneScene,
    valuation: &ValuationPlan,
    wants: Wants,
    done: &[Net],
    sight: &Sight,
    net: &mut Net,
) {
    let LaneScene { book, j, clocks, .. } = *scene;
    let valuations = &book.valuations;
    match &valuation.method {
        Method::Plain(volatility) => {
            evaluate(&valuations.legs, clocks, volatility, &book.holdings, sight, wants, net);
            if wants.width {
                widths(valuations, j, valuation, volatility, clocks, sight, net);
            }
        }
        Method::Leland(base, volatility) => {
            let (legs, gamma) = (&valuations.legs, &done[*base].gamma);
            evaluate_leland(legs, clocks, volatility, &book.holdings, sight, gamma, &mut net.target);
        }
        Method::ByLane(terms) if MOVES => {
            let gamma = terms.adjustment.as_ref().map(|(base, _)| done[*base].gamma.as_slice());
            volatility::evaluate(scene, terms, gamma, sight, wants, net);
        }
        Method::ByLane(_) => {}
    }
}

/// Whalley–Wilmott half-widths of every asset, without the policies' factors.
#[inline(always)]
fn widths<P: Prices>(
    valuations: &ValuationsPlan,
    j: u64,
    valuation: &ValuationPlan,
    volatility: &[f64],
    clocks: &[LegClock],
    sight: &P,
    net: &mut Net,
) {
    for (i, only_leg) in valuations.only_leg.iter().enumerate() {
        let x = sight.x(i);
        match *only_leg {
            Some(k) => {
                let terms = match valuation.kept_width(j, i, valuations.only_leg.len()) {
                    Some(terms) => *terms,
                    None => valuations.width(j, i, k, volatility[k], &clocks[k]),
                };
                terms.widths(x, &mut net.width[i]);
            }
            None => width::of_gamma(valuations.log_discount(i, j), x, &net.gamma[i], &mut net.width[i]),
        }
    }
}
