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
        if threshold.is_infinite() {
            return Self { high: (f64::INFINITY, 0.0), low: (f64::NEG_INFINITY, 0.0) };
        }
        let rises = |q: f64| q - 1.0 >= threshold;
        let mut high = 1.0 + threshold;
        while rises(high) {
            high = high.next_down();
        }
        while !rises(high) {
            high = high.next_up();
        }
        let falls = |q: f64| 1.0 - q >= threshold;
        let mut low = 1.0 - threshold;
        while falls(low) {
            low = low.next_up();
        }
        while !falls(low) {
            low = low.next_down();
        }
        // no price falls by more than all of itself
        let low = if low > 0.0 { (low, 0.5 * (low.next_up() - low)) } else { (f64::NEG_INFINITY, 0.0) };
        Self { high: (high, 0.5 * (high - high.next_down())), low }
    }

    /// Whether `s` has moved that far from `a`.
    #[inline(always)]
    #[expect(clippy::needless_bitwise_bool, reason = "a branch would keep the loop from vectorising")]
    pub(super) fn is_reached(&self, s: f64, a: f64) -> bool {
        let ((high, above), (low, below)) = (self.high, self.low);
        let has_risen = high.mul_add(-a, s) >= -above * a;
        let has_fallen = low.mul_add(-a, s) <= below * a;
        has_risen | has_fallen
    }
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
        let thresholds = [1e-16, 1e-12, 1e-4, 0.0025, 0.005, 0.01, 0.1, 0.5, 0.75, 1.0, 1.5, 3.0, 100.0];
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
