//! Shared Black–Scholes work of a step: each valuation once, and only what someone reads.
use crate::book::valuation::{LegClock, Net, Prices, Wants, evaluate, evaluate_leland};
use crate::book::width;
use crate::policy::decision::Action;

use super::plan::{BookPlan, Method, Plan, ValuationPlan, ValuationsPlan};
use super::state::{BlockState, Sight};
use super::volatility::{self, LaneScene};

/// Most valuations whose wants fit the stack; more are legal and spill to the heap once a step.
const FEW: usize = 16;

/// Fills `state.nets` for step `j`: targets of the policies that act, and what the marks need.
///
/// `MOVES`: some volatility differs from path to path; a run in which none does is compiled without it.
#[inline(always)]
pub(super) fn legs<const MOVES: bool>(plan: &Plan, j: u64, state: &mut BlockState) {
    let BookPlan::Options(book) = &plan.book else { return };
    let valuations = &book.valuations;
    let n = valuations.list.len();
    let (mut few, mut many) = ([Wants::default(); FEW], Vec::new());
    let wants: &mut [Wants] = if n <= FEW {
        &mut few[..n]
    } else {
        many.resize(n, Wants::default());
        &mut many
    };
    ask(plan, valuations, &state.actions, wants);
    if wants.iter().all(|want| *want == Wants::default()) {
        return;
    }
    valuations.set_clocks(j, &mut state.clocks);
    for (k, valuation) in valuations.list.iter().enumerate() {
        if wants[k] == Wants::default() {
            continue;
        }
        let sight = Sight::new(plan, valuation.view, &state.market, &state.feeds);
        // what another valuation reads stands before it in the list
        let (done, rest) = state.nets.split_at_mut(k);
        let scene = LaneScene { book, j, clocks: &state.clocks, volatilities: &state.volatilities };
        run::<MOVES>(&scene, valuation, wants[k], done, &sight, &mut rest[0]);
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

/// What the policies that act, and the marks, ask of each valuation.
#[inline(always)]
fn ask(plan: &Plan, valuations: &ValuationsPlan, actions: &[Action], wants: &mut [Wants]) {
    let delta = Wants { delta: true, ..Wants::default() };
    let width = Wants { width: true, ..delta };
    for (policy, action) in plan.policies.iter().zip(actions) {
        let Some(target) = policy.target else { continue };
        if *action != Action::Rest {
            wants[target.seen] = wants[target.seen].or(delta);
            if policy.decision.follows_width() {
                wants[target.width.0] = wants[target.width.0].or(width);
            }
        }
        if plan.path_metrics {
            wants[target.truth] = wants[target.truth].or(delta);
            if policy.decision.follows_width() {
                wants[target.width.1] = wants[target.width.1].or(width);
            }
        }
    }
    if plan.path_metrics {
        wants[valuations.mark].value = true;
    }
    for (k, valuation) in valuations.list.iter().enumerate() {
        let base = valuation.method.base();
        if let (true, Some(base)) = (wants[k].delta, base) {
            wants[base] = wants[base].or(Wants { gamma: true, ..delta });
        }
        // the width of several legs is made of their common gamma
        wants[k].gamma |= wants[k].width && base.is_none() && valuations.only_leg.iter().any(Option::is_none);
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
