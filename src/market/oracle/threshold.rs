//! A move of the price against a threshold, without a division and to the bit.

/// Decides `|s/a − 1| ≥ threshold` for prices `s`, `a` > 0 exactly as doubles would.
///
/// A rounded quotient is at least the double `high` where the true one is at least half way from the double below it,
/// which is `s − high·a ≥ −half·a`. Near that bound the fused multiply-add is exact, since `s` and `high·a` are within a
/// rounding of each other (P. Sterbenz, 1974, "Floating-Point Computation", 4.3); elsewhere rounding does not turn the
/// sign. No quotient of two doubles lies half way (J.-M. Muller et al., 2018, "Handbook of Floating-Point Arithmetic",
/// chapter 4).
#[derive(Debug, Clone, Copy)]
pub(super) struct Threshold {
    /// The least quotient that has risen by the threshold, and half the step to the double below.
    high: (f64, f64),
    /// The greatest that has fallen by it, and half the step to the double above.
    low: (f64, f64),
}

impl Threshold {
    /// Of a relative move above 0; infinite: no price ever moves so far.
    pub(super) fn new(threshold: f64) -> Self {
        // a larger quotient has risen by no less, a smaller one fallen by no less
        let high = first(1.0, f64::INFINITY, |q| q - 1.0 >= threshold);
        let above_low = first(0.0, 1.0, |q| 1.0 - q < threshold);
        let low = if above_low > 0.0 { above_low.next_down() } else { f64::NEG_INFINITY };
        let half_step =
            |from: f64, to: f64| if to.is_finite() && from.is_finite() { 0.5 * (to - from) } else { 0.0 };
        Self { high: (high, half_step(high.next_down(), high)), low: (low, half_step(low, above_low)) }
    }

    /// Whether `s` has moved that far from `a`.
    #[inline(always)]
    pub(super) fn is_reached(&self, s: f64, a: f64) -> bool {
        let ((high, above), (low, below)) = (self.high, self.low);
        let has_risen = high.mul_add(-a, s) >= -above * a;
        let has_fallen = low.mul_add(-a, s) <= below * a;
        has_risen | has_fallen
    }
}

/// The first of the doubles from `low` ≥ 0 to `high` for which something holds that, once it does, holds for all larger ones;
/// `high` where it holds for none.
fn first(low: f64, high: f64, holds: impl Fn(f64) -> bool) -> f64 {
    // doubles that are not negative stand in the order of their bits
    let (mut from, mut to) = (low.to_bits(), high.to_bits());
    while from < to {
        let middle = from + (to - from) / 2;
        if holds(f64::from_bits(middle)) {
            to = middle;
        } else {
            from = middle + 1;
        }
    }
    f64::from_bits(to)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers between two, without order.
    fn numbers(n: usize, low: f64, high: f64) -> impl Iterator<Item = f64> {
        let mut state = 9_u64;
        (0..n).map(move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            low + (high - low) * ((state >> 11) as f64 / (1_u64 << 53) as f64)
        })
    }

    fn moved(s: f64, a: f64, threshold: f64) -> bool {
        (s / a - 1.0).abs() >= threshold
    }

    #[test]
    fn it_decides_as_the_rounded_quotient_does() {
        let thresholds =
            [1e-16, 1e-12, 1e-4, 0.0025, 0.005, 0.01, 0.1, 0.5, 0.75, 1.0, 1.5, 3.0, 100.0, 1e300];
        for threshold in thresholds {
            let exact = Threshold::new(threshold);
            let mut both = [0, 0];
            for a in numbers(20_000, 1e-6, 1e5) {
                // around each bound every price of the next few, and one somewhere
                for bound in [a * (1.0 + threshold), a * (1.0 - threshold), a] {
                    let mut s = bound.max(f64::MIN_POSITIVE);
                    (0..4).for_each(|_| s = s.next_down().max(f64::MIN_POSITIVE));
                    for _ in 0..9 {
                        let wanted = moved(s, a, threshold);
                        both[usize::from(wanted)] += 1;
                        assert_eq!(exact.is_reached(s, a), wanted, "{s} from {a} by {threshold}");
                        s = s.next_up();
                    }
                }
            }
            assert!(both[0] > 1000 && both[1] > 1000, "{threshold}: {both:?}");
            for (s, a) in numbers(50_000, 0.1, 300.0).zip(numbers(50_001, 0.1, 300.0).skip(1)) {
                assert_eq!(exact.is_reached(s, a), moved(s, a, threshold), "{s} from {a} by {threshold}");
            }
        }
    }

    #[test]
    fn without_a_threshold_no_price_moves_far_enough() {
        let none = Threshold::new(f64::INFINITY);
        for s in [f64::MIN_POSITIVE, 1.0, f64::MAX] {
            assert!(!none.is_reached(s, 1.0) && !none.is_reached(1.0, s));
        }
    }
}
