//! Orders and fills of one vector of paths.
use pulp::Simd;

use crate::math::Lanes;
use crate::policy::decision::Action;

use super::super::plan::FillCost;
use super::super::state::{Account, Holding};
use super::{Follow, load, store};

/// What of the paths an order changes beside the asset's own account.
struct Paid<S: Simd> {
    cash: S::f64s,
    impact: S::f64s,
    any: S::m64s,
}

impl<'a> Follow<'a> {
    /// Trades all assets to target where a path fires: see [`super::super::decide`].
    #[inline(always)]
    pub(super) fn fill<S: Simd>(self, simd: S, action: Action, vector: usize, account: &mut Account) {
        let value = self.value(simd, vector, account, |i| self.seen(i));
        let before = if self.plan.prices.any_oracle {
            self.value(simd, vector, account, |i| &self.market.prices[i].s)
        } else {
            value
        };
        let fires = match action {
            Action::Trade => simd.equal_f64s(simd.splat_f64s(0.0), simd.splat_f64s(0.0)),
            _ => self.beyond(simd, vector, value, account),
        };
        let traded_before = turnover(simd, vector, account);
        let mut paid = Paid::<S> {
            cash: load(simd, &account.cash, vector),
            impact: load(simd, &account.impact, vector),
            any: simd.less_than_f64s(value, value),
        };
        for (i, holding) in account.holdings.iter_mut().enumerate() {
            self.order(simd, i, vector, (value, fires), holding, &mut paid);
        }
        store(simd, paid.cash, vector, &mut account.cash);
        store(simd, paid.impact, vector, &mut account.impact);
        let count = load(simd, &account.rebalances, vector);
        let count = add(simd, paid.any, count, simd.splat_f64s(1.0));
        store(simd, count, vector, &mut account.rebalances);
        let traded = simd.sub_f64s(turnover(simd, vector, account), traded_before);
        // a portfolio without value has no weights: the figure is then undefined, and says so
        let zero = simd.splat_f64s(0.0);
        let (solvent, share) = (simd.greater_than_f64s(before, zero), simd.div_f64s(traded, before));
        let weight = simd.select_f64s(solvent, share, simd.splat_f64s(f64::NAN));
        let sum = load(simd, &account.turnover_weight, vector);
        let sum = add(simd, simd.greater_than_f64s(traded, zero), sum, weight);
        store(simd, sum, vector, &mut account.turnover_weight);
    }

    /// Value at some prices.
    #[inline(always)]
    fn value<S: Simd>(
        self,
        simd: S,
        vector: usize,
        account: &Account,
        price: impl Fn(usize) -> &'a Lanes,
    ) -> S::f64s {
        let mut value = simd.mul_f64s(load(simd, &account.cash, vector), simd.splat_f64s(self.now.growth));
        for (i, holding) in account.holdings.iter().enumerate() {
            value = simd.mul_add_f64s(load(simd, &holding.held, vector), load(simd, price(i), vector), value);
        }
        value
    }

    /// Order and fill of one asset: see [`super::super::fill`].
    #[inline(always)]
    fn order<S: Simd>(
        self,
        simd: S,
        asset: usize,
        vector: usize,
        (value, fires): (S::f64s, S::m64s),
        holding: &mut Holding,
        paid: &mut Paid<S>,
    ) {
        let (zero, one) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0));
        let (p, s) = (load(simd, self.seen(asset), vector), load(simd, &self.market.prices[asset].s, vector));
        let held = load(simd, &holding.held, vector);
        let target = simd.div_f64s(simd.mul_f64s(simd.splat_f64s(self.book.weights[asset]), value), p);
        let gap = simd.sub_f64s(target, held);
        let seen = simd.mul_f64s(simd.abs_f64s(gap), p);
        let sent = simd.and_m64s(fires, simd.greater_than_f64s(seen, simd.splat_f64s(self.plan.dust)));
        let worth = simd.mul_f64s(gap, s);
        let notional = simd.abs_f64s(worth);
        let fills = simd.and_m64s(sent, simd.greater_than_f64s(notional, zero));
        let cost = self.cost(simd, asset, (notional, fills), paid);
        let owed = simd.splat_f64s(-self.now.discount);
        let left = simd.mul_add_f64s(owed, simd.add_f64s(worth, cost), paid.cash);
        paid.cash = simd.select_f64s(fills, left, paid.cash);
        paid.any = simd.or_m64s(paid.any, sent);
        store(simd, add(simd, fills, held, gap), vector, &mut holding.held);
        for (sum, more) in [(&mut holding.turnover, notional), (&mut holding.trades, one)] {
            store(simd, add(simd, fills, load(simd, sum, vector), more), vector, sum);
        }
        if self.plan.prices.any_oracle {
            let posted = load(simd, &self.feeds[asset].seen_at, vector);
            let age = simd.sub_f64s(simd.splat_f64s(self.now.j as f64), posted);
            let sum = load(simd, &holding.age, vector);
            store(simd, add(simd, sent, sum, age), vector, &mut holding.age);
        }
    }

    /// What fills of some notional cost; notes the impact's part.
    #[inline(always)]
    fn cost<S: Simd>(
        self,
        simd: S,
        asset: usize,
        (notional, fills): (S::f64s, S::m64s),
        paid: &mut Paid<S>,
    ) -> S::f64s {
        let FillCost { proportional, fixed, impact, linear, .. } = self.plan.prices.assets[asset].cost;
        let cost = simd.mul_add_f64s(simd.splat_f64s(proportional), notional, simd.splat_f64s(fixed));
        if impact == 0.0 {
            return cost;
        }
        let share = if linear { notional } else { simd.sqrt_f64s(notional) };
        let of_impact = simd.mul_f64s(simd.mul_f64s(simd.splat_f64s(impact), share), notional);
        paid.impact = add(simd, fills, paid.impact, of_impact);
        simd.add_f64s(cost, of_impact)
    }
}

/// Notional traded so far.
#[inline(always)]
fn turnover<S: Simd>(simd: S, vector: usize, account: &Account) -> S::f64s {
    let mut sum = simd.splat_f64s(0.0);
    for holding in &account.holdings {
        sum = simd.add_f64s(sum, load(simd, &holding.turnover, vector));
    }
    sum
}

/// Adds where it fills.
#[inline(always)]
fn add<S: Simd>(simd: S, fills: S::m64s, sum: S::f64s, more: S::f64s) -> S::f64s {
    simd.select_f64s(fills, simd.add_f64s(sum, more), sum)
}
