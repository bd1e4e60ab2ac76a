//! A few order statistics of many values, found by counting: most values are never compared.
use super::ranks::{key, place, value};

/// Buckets of equal width from the least value to the greatest: so many that few values share one, so few that their
/// counts stay in the nearest cache.
const BUCKETS: usize = 1024;
/// Among fewer values selection takes no more than two or three microseconds, and counting saves little.
const FEW: usize = 512;
/// 2⁵²: a number from 0 to [`BUCKETS`] added to it is rounded to an integer, which then sits in the low bits.
const ROUND: f64 = 4_503_599_627_370_496.0;

/// The least of the values and the greatest; none where there are none, or one is not finite.
pub(super) fn ends(values: &[f64]) -> Option<(f64, f64)> {
    let (mut least, mut most, mut odd) = ([f64::INFINITY; 8], [f64::NEG_INFINITY; 8], [0.0; 8]);
    let (chunks, rest) = values.as_chunks::<8>();
    for chunk in chunks {
        for k in 0..8 {
            least[k] = if chunk[k] < least[k] { chunk[k] } else { least[k] };
            most[k] = if chunk[k] > most[k] { chunk[k] } else { most[k] };
            // stays 0 until a value is not finite
            odd[k] += chunk[k] * 0.0;
        }
    }
    let finite = odd.iter().all(|odd| *odd == 0.0) && rest.iter().all(|value| value.is_finite());
    let low = least.iter().chain(rest).copied().fold(f64::INFINITY, f64::min);
    let high = most.iter().chain(rest).copied().fold(f64::NEG_INFINITY, f64::max);
    (finite && !values.is_empty()).then_some((low, high))
}

/// The values of [`super::sorted`] at ascending places, counted from 0; `ends` are theirs.
///
/// A bucket is a monotone function of the value. So the counts tell which buckets hold the places, and these alone are
/// looked into, by selection: half the time of selection among all, or a third.
pub(super) fn order_statistics(values: &[f64], ends: (f64, f64), places: &[usize]) -> Vec<f64> {
    let buckets = if values.len() < FEW { None } else { buckets(values, ends) };
    let Some(buckets) = buckets else {
        let mut keys: Vec<i64> = values.iter().map(|value| key(*value)).collect();
        place(&mut keys, 0, places);
        return places.iter().map(|at| value(keys[*at])).collect();
    };
    let starts = starts(&buckets);
    let mut wanted = [0_u8; BUCKETS + 1];
    let mut n_wanted = 0;
    // where each place stands among the values of the wanted buckets
    let mut among = Vec::with_capacity(places.len());
    for at in places {
        let bucket = starts.partition_point(|start| *start as usize <= *at) - 1;
        if wanted[bucket] == 0 {
            wanted[bucket] = 1;
            n_wanted += (starts[bucket + 1] - starts[bucket]) as usize;
        }
        among.push(n_wanted - (starts[bucket + 1] as usize - at));
    }
    let mut keys = gather(values, &buckets, &wanted, n_wanted);
    place(&mut keys, 0, &among);
    among.iter().map(|at| value(keys[*at])).collect()
}

/// The bucket of every value; none where their range is no width that can be divided.
fn buckets(values: &[f64], (low, high): (f64, f64)) -> Option<Vec<u16>> {
    let scale = BUCKETS as f64 / (high - low);
    let sound = scale.is_finite() && scale > 0.0;
    sound.then(|| values.iter().map(|value| ((value - low) * scale + ROUND).to_bits() as u16).collect())
}

/// How many values lie in the buckets before each one; at the end, all of them.
fn starts(buckets: &[u16]) -> [u32; BUCKETS + 2] {
    // two counts, so that neighbours that are alike need not wait for each other
    let mut counts = [[0_u32; BUCKETS + 2]; 2];
    let (pairs, rest) = buckets.as_chunks::<2>();
    for [even, odd] in pairs {
        counts[0][*even as usize + 1] += 1;
        counts[1][*odd as usize + 1] += 1;
    }
    for bucket in rest {
        counts[0][*bucket as usize + 1] += 1;
    }
    let [mut starts, odd] = counts;
    let mut sum = 0;
    for (start, odd) in starts.iter_mut().zip(odd) {
        sum += *start + odd;
        *start = sum;
    }
    starts
}

/// The `n` values in the wanted buckets, as keys.
fn gather(values: &[f64], buckets: &[u16], wanted: &[u8; BUCKETS + 1], n: usize) -> Vec<i64> {
    // one place more, for the values that are written behind the last wanted one
    let mut keys = vec![0; n + 1];
    let mut kept = 0;
    let mut keep = |values: &[f64], buckets: &[u16]| {
        for (value, bucket) in values.iter().zip(buckets) {
            // each is written, and kept where it is wanted: no branch on data
            keys[kept] = key(*value);
            kept += usize::from(wanted[*bucket as usize]);
        }
    };
    let ((chunks, rest), (ours, others)) = (values.as_chunks::<8>(), buckets.as_chunks::<8>());
    for (values, buckets) in chunks.iter().zip(ours) {
        // most have none
        if buckets.iter().fold(0, |any, bucket| any | wanted[*bucket as usize]) != 0 {
            keep(values, buckets);
        }
    }
    keep(rest, others);
    keys.truncate(n);
    keys
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ln;
    use crate::stats::sorted;

    /// Numbers in (0, 1) without order.
    fn uniforms(n: usize) -> impl Iterator<Item = f64> {
        let mut state = 3_u64;
        (0..n).map(move |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            ((state >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
        })
    }

    fn check(values: &[f64], what: &str) {
        let all = sorted(values);
        let last = values.len() - 1;
        let places: Vec<usize> =
            [0.0, 0.01, 0.05, 0.25, 0.5, 0.501, 0.75, 0.95, 0.99].map(|p| (p * last as f64) as usize).into();
        let mut both: Vec<usize> = places.iter().flat_map(|at| [*at, (at + 1).min(last)]).collect();
        both.push(last);
        both.sort_unstable();
        both.dedup();
        let found = order_statistics(values, ends(values).expect("finite values"), &both);
        for (at, found) in both.iter().zip(found) {
            assert_eq!(found.to_bits(), all[*at].to_bits(), "{what}: place {at} of {}", values.len());
        }
    }

    #[test]
    fn they_are_those_of_the_sorted_values() {
        for n in [1, 2, 511, 512, 513, 4096, 10_007] {
            let flat: Vec<f64> = uniforms(n).collect();
            check(&flat, "uniform");
            check(&flat.iter().map(|u| 3.0 * ln(1.0 - u)).collect::<Vec<_>>(), "exponential");
            check(&flat.iter().map(|u| 1.0 / u).collect::<Vec<_>>(), "no mean");
            check(&flat.iter().map(|u| (u * 5.0).floor() - 2.0).collect::<Vec<_>>(), "ties");
            check(&flat.iter().map(|u| (u - 0.5) * 1e308 * 2.0).collect::<Vec<_>>(), "as wide as doubles go");
            check(&flat.iter().map(|u| (u - 0.5) * 1e308 * 3.5).collect::<Vec<_>>(), "wider");
            check(&flat.iter().map(|u| u * f64::MIN_POSITIVE).collect::<Vec<_>>(), "subnormal");
            check(&vec![-7.25; n], "one value");
            let zeros: Vec<f64> = flat.iter().map(|u| if *u < 0.5 { 0.0 } else { -0.0 }).collect();
            check(&zeros, "both zeros");
            let mut far = flat.clone();
            far[n / 2] = 1e12;
            check(&far, "one far away");
            assert_eq!(ends(&far).map(|ends| ends.1), Some(1e12));
            for odd in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
                far[n / 3] = odd;
                assert_eq!(ends(&far), None, "{odd}");
            }
        }
        assert_eq!(ends(&[]), None);
    }
}
