//! Who acts at which step, and what that asks of the valuations: known before the first price, so made once for all
//! blocks.
use crate::book::valuation::Wants;
use crate::policy::decision::Action;

use super::{BookPlan, Plan, ValuationsPlan};

/// Most entries that are kept; steps behind them are asked for one by one.
const KEPT: usize = 1 << 20;

/// Actions by step and policy and wants by step and valuation, of the first steps.
#[derive(Debug, Clone, Default)]
pub(super) struct Schedule {
    actions: Vec<Action>,
    wants: Vec<Wants>,
}

impl Schedule {
    /// The schedule of a plan that is whole but for it.
    pub(super) fn new(plan: &Plan) -> Self {
        let (n_policies, n_valuations) = (plan.policies.len(), n_valuations(plan));
        let kept = plan.n_steps.min((KEPT / (n_policies + n_valuations).max(1)) as u64);
        let mut schedule = Self::default();
        let (mut actions, mut wants) = (vec![Action::Rest; n_policies], vec![Wants::default(); n_valuations]);
        for j in 0..kept {
            decide(plan, j, &mut actions, &mut wants);
            schedule.actions.extend_from_slice(&actions);
            schedule.wants.extend_from_slice(&wants);
        }
        schedule
    }

    /// Sets what every policy does at step `j`, and what every valuation must give.
    #[inline(always)]
    pub(super) fn set(&self, plan: &Plan, j: u64, actions: &mut [Action], wants: &mut [Wants]) {
        let row = |n: usize| j as usize * n..(j as usize + 1) * n;
        match (self.actions.get(row(actions.len())), self.wants.get(row(wants.len()))) {
            (Some(kept), Some(wanted)) => {
                actions.copy_from_slice(kept);
                wants.copy_from_slice(wanted);
            }
            _ => decide(plan, j, actions, wants),
        }
    }
}

fn n_valuations(plan: &Plan) -> usize {
    match &plan.book {
        BookPlan::Options(book) => book.valuations.list.len(),
        BookPlan::Basket(_) => 0,
    }
}

/// [`Schedule::set`] by the policies' own words.
fn decide(plan: &Plan, j: u64, actions: &mut [Action], wants: &mut [Wants]) {
    for (action, policy) in actions.iter_mut().zip(&plan.policies) {
        *action = match j {
            0 if policy.decision.opens => Action::Trade,
            0 => Action::Rest,
            _ => policy.decision.at(j),
        };
    }
    if let BookPlan::Options(book) = &plan.book {
        wants.fill(Wants::default());
        ask(plan, &book.valuations, actions, wants);
    }
}

/// What the policies that act, and the marks, ask of each valuation.
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{Disk, parse};

    const TEXT: &str = r#"
version = 1
name = "schedule"
[run]
paths = 128
horizon = "30d"
step = "1d"
path_metrics = false
[[assets]]
symbol = "ETH"
spot = 100.0
process = { kind = "gbm", drift = 0.0, volatility = 0.8 }
[target]
kind = "options"
hedge_volatility = 0.8
premium_volatility = 0.8
legs = [{ type = "call", strike = 100.0, quantity = -1.0 }]
[[policies]]
name = "weekly"
kind = "periodic"
every = "7d"
[[policies]]
name = "wide"
kind = "whalley_wilmott"
risk_aversion = 1.0
cost = "10 bps"
[[policies]]
name = "once"
kind = "hold"
"#;

    #[test]
    fn a_kept_schedule_is_what_the_policies_say() {
        let scenario = parse(TEXT, &Disk::new("")).expect("the scenario is sound").scenario;
        let plan = Plan::new(&scenario).expect("it compiles");
        let n = n_valuations(&plan);
        let ask = |schedule: &Schedule, j: u64| {
            let (mut actions, mut wants) = ([Action::Watch; 3], vec![Wants::default(); n]);
            schedule.set(&plan, j, &mut actions, &mut wants);
            (actions, wants)
        };
        for j in 0..30 {
            let (actions, wants) = ask(&plan.schedule, j);
            assert_eq!((actions, wants.clone()), ask(&Schedule::default(), j), "step {j}");
            let weekly = if j % 7 == 0 { Action::Trade } else { Action::Rest };
            let watched = if j == 0 { Action::Trade } else { Action::Watch };
            let once = if j == 0 { Action::Trade } else { Action::Rest };
            assert_eq!(actions, [weekly, watched, once], "step {j}");
            assert!(wants.iter().any(|want| want.delta && want.width), "step {j}");
        }
    }
}
