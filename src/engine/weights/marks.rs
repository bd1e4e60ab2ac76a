//! A policy's marks and the path metrics they feed.
use pulp::Simd;

use crate::math::Lanes;

use super::super::state::{Account, PathMetrics};
use super::{ABREAST, Follow, load_all, store_all, vectors};

impl Follow<'_> {
    /// Marks the portfolio after the step's trades: see [`super::super::marks`].
    #[inline(always)]
    pub(super) fn marks<S: Simd>(
        self,
        simd: S,
        benchmark: &Lanes,
        benchmark_return: &Lanes,
        account: &mut Account,
    ) {
        for first in (0..vectors::<S>()).step_by(ABREAST) {
            let mark = self.mark(simd, first, account);
            self.returns(simd, first, &mark, benchmark_return, &mut account.path);
            let (benchmark, mut most) =
                (load_all(simd, benchmark, first), load_all(simd, &account.path.max_abs, first));
            for v in 0..ABREAST {
                let size = simd.abs_f64s(simd.sub_f64s(mark[v], benchmark[v]));
                most[v] = simd.select_f64s(simd.greater_than_f64s(size, most[v]), size, most[v]);
            }
            store_all(simd, most, first, &mut account.path.max_abs);
            self.gaps(simd, first, &mark, account);
        }
    }

    /// Cash and positions at the true price; keeps the least cash.
    #[inline(always)]
    fn mark<S: Simd>(self, simd: S, first: usize, account: &mut Account) -> [S::f64s; ABREAST] {
        let growth = simd.splat_f64s(self.now.growth);
        let mut mark = load_all(simd, &account.cash, first).map(|cash| simd.mul_f64s(cash, growth));
        let mut least = load_all(simd, &account.path.least_cash, first);
        for v in 0..ABREAST {
            least[v] = simd.select_f64s(simd.less_than_f64s(mark[v], least[v]), mark[v], least[v]);
        }
        store_all(simd, least, first, &mut account.path.least_cash);
        for (holding, price) in account.holdings.iter().zip(&self.market.prices) {
            let (held, s) = (load_all(simd, &holding.held, first), load_all(simd, &price.s, first));
            for v in 0..ABREAST {
                mark[v] = simd.add_f64s(mark[v], simd.mul_f64s(held[v], s[v]));
            }
        }
        mark
    }

    /// Simple portfolio return less simple benchmark return. Takes the mark over.
    #[inline(always)]
    fn returns<S: Simd>(
        self,
        simd: S,
        first: usize,
        mark: &[S::f64s; ABREAST],
        benchmark_return: &Lanes,
        path: &mut PathMetrics,
    ) {
        let share = 1.0 / (self.now.j - self.plan.warmup) as f64;
        let (share, rest) = (simd.splat_f64s(share), simd.splat_f64s(1.0 - share));
        let (zero, one, nan) = (simd.splat_f64s(0.0), simd.splat_f64s(1.0), simd.splat_f64s(f64::NAN));
        let (before, benchmark) =
            (load_all(simd, &path.mark, first), load_all(simd, benchmark_return, first));
        let (mut mean, mut squares) =
            (load_all(simd, &path.mean, first), load_all(simd, &path.squares, first));
        for v in 0..ABREAST {
            // nothing is earned on a portfolio without value: the figure is then undefined, and says so
            let solvent = simd.greater_than_f64s(before[v], zero);
            let earned = simd.select_f64s(solvent, simd.div_f64s(mark[v], before[v]), nan);
            let active = simd.sub_f64s(simd.sub_f64s(earned, one), benchmark[v]);
            let off = simd.sub_f64s(active, mean[v]);
            mean[v] = simd.mul_add_f64s(off, share, mean[v]);
            squares[v] = simd.mul_add_f64s(simd.mul_f64s(off, off), rest, squares[v]);
        }
        store_all(simd, *mark, first, &mut path.mark);
        store_all(simd, mean, first, &mut path.mean);
        store_all(simd, squares, first, &mut path.squares);
    }

    /// Weight gaps at the true price, and whether a band is left.
    #[inline(always)]
    fn gaps<S: Simd>(self, simd: S, first: usize, mark: &[S::f64s; ABREAST], account: &mut Account) {
        let Account { holdings, path, .. } = account;
        let inverse = mark.map(|mark| simd.div_f64s(simd.splat_f64s(1.0), mark));
        let mut outside = mark.map(|mark| simd.less_than_f64s(mark, mark));
        let mut sum = load_all(simd, &path.gap, first);
        for ((holding, price), (weight, width)) in holdings.iter().zip(&self.market.prices).zip(self.bands())
        {
            let (held, s) = (load_all(simd, &holding.held, first), load_all(simd, &price.s, first));
            let (weight, width) = (simd.splat_f64s(-weight), simd.splat_f64s(width));
            for v in 0..ABREAST {
                let gap = simd.mul_add_f64s(simd.mul_f64s(held[v], s[v]), inverse[v], weight);
                sum[v] = simd.mul_add_f64s(gap, gap, sum[v]);
                outside[v] = simd.or_m64s(outside[v], simd.greater_than_f64s(simd.abs_f64s(gap), width));
            }
        }
        store_all(simd, sum, first, &mut path.gap);
        let mut steps = load_all(simd, &path.outside, first);
        for v in 0..ABREAST {
            let more = simd.add_f64s(steps[v], simd.splat_f64s(1.0));
            steps[v] = simd.select_f64s(outside[v], more, steps[v]);
        }
        store_all(simd, steps, first, &mut path.outside);
    }
}
