//! The order statistics that figures read, without sorting the rest.
use super::binomial_interval;

/// The values of [`super::sorted`] at every place that quantiles at `levels` with their intervals read, and all of the
/// lowest `tail` share in full order; the other values stand somewhere between their neighbours.
///
/// [`super::quantile_estimate`] at these levels, and the tail figures up to this share, then find what they would find
/// among sorted values. By selection (C. Hoare, 1961, Communications of the ACM 4(7), algorithm 65), a third of the
/// time of the radix sort.
pub fn ranked(values: &[f64], levels: &[f64], tail: f64) -> Vec<f64> {
    let n = values.len();
    let mut keys: Vec<i64> = values.iter().map(|value| key(*value)).collect();
    let in_order = ((n as f64 * tail) as usize + 2).min(n);
    let mut places = places(n, levels);
    places.retain(|place| *place >= in_order);
    if in_order > 0 {
        if in_order < n {
            keys.select_nth_unstable(in_order);
        }
        keys[..in_order].sort_unstable();
    }
    place(&mut keys[in_order..], in_order, &places);
    keys.into_iter().map(value).collect()
}

/// Places, counted from 0 and ascending, that quantiles at `levels` read: the ends, the two neighbours of each level,
/// the ends of its interval.
fn places(n: usize, levels: &[f64]) -> Vec<usize> {
    let Some(last) = n.checked_sub(1) else { return Vec::new() };
    let mut places = vec![0, last];
    for level in levels {
        let below = ((last as f64 * level) as usize).min(last);
        places.extend([below, (below + 1).min(last)]);
        let (low, high) = binomial_interval(n as u64, *level);
        places.extend([low, high].into_iter().flatten().map(|rank| rank as usize - 1));
    }
    places.sort_unstable();
    places.dedup();
    places
}

/// Puts what belongs to `places` there; `keys` begin at place `first`.
pub(super) fn place(keys: &mut [i64], first: usize, places: &[usize]) {
    if places.is_empty() || keys.len() < 2 {
        return;
    }
    // the one nearest the middle halves the work of both sides
    let middle = first + keys.len() / 2;
    let k = places.partition_point(|place| *place < middle).min(places.len() - 1);
    let k = if k > 0 && middle - places[k - 1] < places[k].abs_diff(middle) { k - 1 } else { k };
    let at = places[k] - first;
    keys.select_nth_unstable(at);
    let (below, above) = keys.split_at_mut(at);
    place(below, first, &places[..k]);
    place(&mut above[1..], places[k] + 1, &places[k + 1..]);
}

/// An integer in the place of a double in the total order of IEEE 754.
pub(super) fn key(value: f64) -> i64 {
    flipped(value.to_bits() as i64)
}

/// The double of a key.
pub(super) fn value(key: i64) -> f64 {
    f64::from_bits(flipped(key) as u64)
}

/// Turns the order of negative doubles round; its own inverse.
fn flipped(bits: i64) -> i64 {
    bits ^ (((bits >> 63) as u64) >> 1) as i64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::{cvar_estimate, quantile_estimate, sorted};

    const LEVELS: [f64; 7] = [0.01, 1.0 - 0.99, 0.05, 1.0 - 0.95, 0.5, 0.95, 0.99];

    /// Values without order, with ties and both zeros.
    fn sample(n: usize) -> Vec<f64> {
        let mut state = 1_u64;
        let mut next = || {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 33) as f64 / f64::from(1 << 30) - 1.0
        };
        let mut values: Vec<f64> = (0..n).map(|_| next()).collect();
        for k in (0..n).step_by(7) {
            values[k] = if k % 2 == 0 { 0.0 } else { -0.0 };
        }
        values
    }

    #[test]
    fn figures_are_those_of_the_sorted_values() {
        for n in [0, 1, 2, 3, 5, 19, 20, 64, 99, 100, 101, 1000, 4096, 65_537] {
            let values = sample(n);
            let (some, all) = (ranked(&values, &LEVELS, 0.05), sorted(&values));
            assert_eq!(some.len(), n);
            for level in LEVELS {
                assert_eq!(quantile_estimate(&some, level), quantile_estimate(&all, level), "{n} at {level}");
            }
            for level in [0.95, 0.99] {
                assert_eq!(cvar_estimate(&some, level), cvar_estimate(&all, level), "{n} at {level}");
            }
            assert_eq!(sorted(&some), all, "the same values, in another order");
        }
    }

    #[test]
    fn what_is_not_finite_stands_at_the_ends() {
        for odd in [f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let mut values = sample(1000);
            values[500] = odd;
            assert_eq!(quantile_estimate(&ranked(&values, &LEVELS, 0.05), 0.5).value, None, "{odd}");
        }
    }

    #[test]
    fn keys_stand_in_the_total_order() {
        let ascending = [-f64::NAN, f64::NEG_INFINITY, -1.0, -0.0, 0.0, f64::MIN_POSITIVE, 1.0, f64::NAN];
        assert!(ascending.map(key).is_sorted());
        assert!(ascending.iter().all(|x| value(key(*x)).to_bits() == x.to_bits()));
    }
}
