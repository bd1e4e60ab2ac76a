//! Prices and benchmark of a step, some lanes at a time.
use pulp::NullaryFnOnce;

use crate::market::price::Kernel;
use crate::math::{B, exp_each};

use super::super::plan::{BasketPlan, BookPlan, Plan};
use super::super::state::{BlockState, MarketState};
use super::super::step::Job;

/// Lanes side by side.
const LANES: usize = 64;

/// Moves prices and benchmark to step `j`, the normals of which are drawn: where the plan says that they are so plain.
///
/// Asset by asset a price would be written, kept and read again for its growth; here that is divided out while the next
/// exponential is worked on. The operations and their order are those of [`super::super::market`] and
/// [`super::super::marks::move_benchmark`], and so are the bits.
#[inline(never)]
pub(in super::super) fn walk(plan: &Plan, job: Job, j: u64, state: &mut BlockState) {
    let BookPlan::Basket(book) = &plan.book else { return };
    state.market.sampling.level.run(Walk { plan, book, audit: job.audit, j, state });
}

struct Walk<'a> {
    plan: &'a Plan,
    book: &'a BasketPlan,
    audit: bool,
    j: u64,
    state: &'a mut BlockState,
}

impl NullaryFnOnce for Walk<'_> {
    type Output = ();
    #[inline(always)]
    fn call(self) {
        let BlockState { market, benchmark, benchmark_return, .. } = self.state;
        let quarter = ((self.j - 1) % 4) as usize;
        if self.audit {
            for (before, price) in market.before.iter_mut().zip(&market.prices) {
                *before = price.s;
            }
        }
        for first in (0..B).step_by(LANES) {
            let growth = grow(self.plan, self.book, quarter, first, market);
            let value = &mut benchmark[first..first + LANES];
            let earned = &mut benchmark_return[first..first + LANES];
            for lane in 0..LANES {
                let before = value[lane];
                value[lane] *= growth[lane];
                earned[lane] = value[lane] / before - 1.0;
            }
        }
    }
}

/// Moves the prices of some lanes; what the benchmark grows by.
#[inline(always)]
fn grow(
    plan: &Plan,
    book: &BasketPlan,
    quarter: usize,
    first: usize,
    market: &mut MarketState,
) -> [f64; LANES] {
    let mut growth = [book.track.interest(); LANES];
    let last = first + LANES;
    for (i, (asset, factor)) in plan.prices.assets.iter().zip(book.track.factors()).enumerate() {
        let Kernel::Gbm(step) = &asset.kernel else { continue };
        let mut x = [0.0; LANES];
        match &plan.prices.mixer {
            Some(mixer) => x = mixer.mix_some(i, quarter, &market.normals, first),
            None => x.copy_from_slice(&market.normals[i][quarter][first..last]),
        }
        let price = &mut market.prices[i];
        let (before, s) = (&mut price.x[first..last], &mut price.s[first..last]);
        for lane in 0..LANES {
            x[lane] = step.moved(before[lane], x[lane]);
        }
        before.copy_from_slice(&x);
        let after = exp_each(&x);
        for lane in 0..LANES {
            growth[lane] = factor.mul_add(after[lane] / s[lane], growth[lane]);
        }
        s.copy_from_slice(&after);
    }
    growth
}
