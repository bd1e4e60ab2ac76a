//! Which paths leave their band.
use pulp::Simd;

use super::super::state::Account;
use super::{ABREAST, Follow, load, load_all, vectors};

impl Follow<'_> {
    /// Vectors in which some path has left its band, by bits.
    #[inline(always)]
    pub(super) fn fires<S: Simd>(self, simd: S, account: &Account) -> u128 {
        let growth = simd.splat_f64s(self.now.growth);
        let mut vectors_that_fire = 0;
        for first in (0..vectors::<S>()).step_by(ABREAST) {
            let mut value = load_all(simd, &account.cash, first).map(|cash| simd.mul_f64s(cash, growth));
            for (i, holding) in account.holdings.iter().enumerate() {
                let (held, p) = (load_all(simd, &holding.held, first), load_all(simd, self.seen(i), first));
                for v in 0..ABREAST {
                    value[v] = simd.mul_add_f64s(held[v], p[v], value[v]);
                }
            }
            // one division for all weights
            let inverse = value.map(|value| simd.div_f64s(simd.splat_f64s(1.0), value));
            let mut fires = value.map(|value| simd.less_than_f64s(value, value));
            for (i, (holding, (weight, width))) in account.holdings.iter().zip(self.bands()).enumerate() {
                let (held, p) = (load_all(simd, &holding.held, first), load_all(simd, self.seen(i), first));
                let (weight, width) = (simd.splat_f64s(-weight), simd.splat_f64s(width));
                for v in 0..ABREAST {
                    let gap = simd.mul_add_f64s(simd.mul_f64s(held[v], p[v]), inverse[v], weight);
                    let beyond = simd.greater_than_f64s(simd.abs_f64s(gap), width);
                    fires[v] = simd.or_m64s(fires[v], beyond);
                }
            }
            for v in 0..ABREAST {
                vectors_that_fire |= u128::from(any(simd, fires[v])) << (first + v);
            }
        }
        vectors_that_fire
    }

    /// The paths of one vector that have left their band, given its value.
    #[inline(always)]
    pub(super) fn beyond<S: Simd>(
        self,
        simd: S,
        vector: usize,
        value: S::f64s,
        account: &Account,
    ) -> S::m64s {
        let inverse = simd.div_f64s(simd.splat_f64s(1.0), value);
        let mut fires = simd.less_than_f64s(value, value);
        for (i, (holding, (weight, width))) in account.holdings.iter().zip(self.bands()).enumerate() {
            let worth = simd.mul_f64s(load(simd, &holding.held, vector), load(simd, self.seen(i), vector));
            let gap = simd.mul_add_f64s(worth, inverse, simd.splat_f64s(-weight));
            let beyond = simd.greater_than_f64s(simd.abs_f64s(gap), simd.splat_f64s(width));
            fires = simd.or_m64s(fires, beyond);
        }
        fires
    }

    /// Target weight and half-width of every asset.
    #[inline(always)]
    pub(super) fn bands(&self) -> impl Iterator<Item = (f64, f64)> {
        self.book.weights.iter().copied().zip(self.policy.weight_bands.iter().copied())
    }
}

/// Whether a mask holds on some path.
#[inline(always)]
fn any<S: Simd>(simd: S, mask: S::m64s) -> bool {
    simd.first_true_m64s(mask) < S::F64_LANES
}
