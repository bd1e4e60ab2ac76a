//! A policy's marks over a span, and the path metrics they feed.
use pulp::Simd;

use crate::math::Lanes;
use crate::policy::decision::Width;

use super::super::state::{Account, PathMetrics};
use super::{Band, Follow, SPAN, Shown, load, load_all, store_all, vectors};

/// Vectors side by side: seven sums each.
const ABREAST: usize = 2;

impl Follow<'_> {
    /// Marks the units and cash `kept` after every step: see [`super::super::marks`].
    #[inline(always)]
    pub(super) fn marks<S: Simd>(self, simd: S, kept: &[[Lanes; 2]], account: &mut Account) {
        let policy = &self.plan.policies[self.p];
        let band = match (policy.target, policy.decision.band.as_ref().map(|watch| &watch.width)) {
            (Some(_), Some(Width::Absolute(widths))) => Band::Flat(widths[0]),
            (Some(target), Some(Width::Followed(factors))) => {
                Band::Followed { factor: factors[0], valuation: target.width.1 }
            }
            _ => Band::Flat(f64::INFINITY),
        };
        let goal = policy.target.map(|target| target.truth);
        let mut rows = [self.row(&self.shown[0], goal, band); SPAN];
        for (row, shown) in rows.iter_mut().zip(self.shown) {
            *row = self.row(shown, goal, band);
        }
        let rows = &rows[..self.shown.len()];
        for first in (0..vectors::<S>()).step_by(ABREAST) {
            let mut own = Sums::load(simd, &account.path, first);
            for (row, [held, cash]) in rows.iter().zip(&kept[1..]) {
                let held = load_all(simd, held, first);
                self.mark(simd, row, first, &held, cash, &mut own);
                if let Some(goal) = row.goal {
                    gaps(simd, goal, (row.width, band.flat()), first, &held, &mut own);
                }
            }
            own.store(simd, first, &mut account.path);
        }
    }

    #[inline(always)]
    fn row<'s>(&self, shown: &'s Shown, goal: Option<usize>, band: Band) -> Row<'s> {
        Row {
            s: &shown.s,
            legs: &shown.nets[self.book.valuations.mark].value,
            goal: goal.map(|goal| &shown.nets[goal].target[0]),
            width: band.at(shown),
            growth: shown.now.growth,
            share: 1.0 / (shown.now.j - self.plan.warmup) as f64,
        }
    }

    /// Value, active return, deviation and balance of one step.
    #[inline(always)]
    fn mark<S: Simd>(
        self,
        simd: S,
        row: &Row,
        first: usize,
        held: &[S::f64s; ABREAST],
        cash: &Lanes,
        own: &mut Sums<S>,
    ) {
        let (units, scale) = (self.book.holdings[0], simd.splat_f64s(1.0 / self.plan.constants.notional));
        let (growth, share) = (simd.splat_f64s(row.growth), simd.splat_f64s(row.share));
        for v in 0..ABREAST {
            let s = load(simd, row.s, first + v);
            let nominal = simd.mul_f64s(load(simd, cash, first + v), growth);
            own.least[v] =
                simd.select_f64s(simd.less_than_f64s(nominal, own.least[v]), nominal, own.least[v]);
            let portfolio = simd.add_f64s(simd.mul_f64s(held[v], s), nominal);
            let mut mark = simd.add_f64s(portfolio, load(simd, row.legs, first + v));
            if units != 0.0 {
                mark = simd.mul_add_f64s(simd.splat_f64s(units), s, mark);
            }
            let active = simd.mul_f64s(simd.sub_f64s(mark, own.mark[v]), scale);
            own.mark[v] = mark;
            let off = simd.sub_f64s(active, own.mean[v]);
            let center = simd.mul_add_f64s(off, share, own.mean[v]);
            own.mean[v] = center;
            own.squares[v] = simd.mul_add_f64s(off, simd.sub_f64s(active, center), own.squares[v]);
            let size = simd.abs_f64s(mark);
            own.most[v] = simd.select_f64s(simd.greater_than_f64s(size, own.most[v]), size, own.most[v]);
        }
    }
}

/// What a step shows to the marks.
#[derive(Clone, Copy)]
struct Row<'a> {
    s: &'a Lanes,
    /// Value of the live legs.
    legs: &'a Lanes,
    /// Target at the true price.
    goal: Option<&'a Lanes>,
    width: Option<(f64, &'a Lanes)>,
    growth: f64,
    /// One over the number of active returns so far.
    share: f64,
}

/// Target less held at the true price, and whether a band is left.
#[inline(always)]
fn gaps<S: Simd>(
    simd: S,
    goal: &Lanes,
    (width, flat): (Option<(f64, &Lanes)>, f64),
    first: usize,
    held: &[S::f64s; ABREAST],
    own: &mut Sums<S>,
) {
    for v in 0..ABREAST {
        let gap = simd.sub_f64s(load(simd, goal, first + v), held[v]);
        own.gap[v] = simd.mul_add_f64s(gap, gap, own.gap[v]);
        let width = match width {
            Some((factor, shared)) => simd.mul_f64s(simd.splat_f64s(factor), load(simd, shared, first + v)),
            None => simd.splat_f64s(flat),
        };
        let beyond = simd.greater_than_f64s(simd.abs_f64s(gap), width);
        let more = simd.add_f64s(own.outside[v], simd.splat_f64s(1.0));
        own.outside[v] = simd.select_f64s(beyond, more, own.outside[v]);
    }
}

/// What the marks of a policy add up to, in registers.
struct Sums<S: Simd> {
    mark: [S::f64s; ABREAST],
    mean: [S::f64s; ABREAST],
    squares: [S::f64s; ABREAST],
    most: [S::f64s; ABREAST],
    gap: [S::f64s; ABREAST],
    outside: [S::f64s; ABREAST],
    least: [S::f64s; ABREAST],
}

impl<S: Simd> Sums<S> {
    #[inline(always)]
    fn load(simd: S, path: &PathMetrics, first: usize) -> Self {
        Self {
            mark: load_all(simd, &path.mark, first),
            mean: load_all(simd, &path.mean, first),
            squares: load_all(simd, &path.squares, first),
            most: load_all(simd, &path.max_abs, first),
            gap: load_all(simd, &path.gap, first),
            outside: load_all(simd, &path.outside, first),
            least: load_all(simd, &path.least_cash, first),
        }
    }

    #[inline(always)]
    fn store(self, simd: S, first: usize, path: &mut PathMetrics) {
        store_all(simd, self.mark, first, &mut path.mark);
        store_all(simd, self.mean, first, &mut path.mean);
        store_all(simd, self.squares, first, &mut path.squares);
        store_all(simd, self.most, first, &mut path.max_abs);
        store_all(simd, self.gap, first, &mut path.gap);
        store_all(simd, self.outside, first, &mut path.outside);
        store_all(simd, self.least, first, &mut path.least_cash);
    }
}
