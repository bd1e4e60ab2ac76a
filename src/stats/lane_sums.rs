//! Sums of several terms over a slice in one pass, fast and in a fixed order.

/// Side-by-side partial sums: enough that no addition waits for the one before it.
const LANES: usize = 8;

/// `Σ term(x)` over the slice, term by term.
///
/// Value `i` goes to partial sum `i mod 8`, and the partial sums fold from the first to the last: the order, and so
/// every bit, depends on the slice alone. One running sum would wait four cycles for every addition.
#[inline(always)]
pub(super) fn lane_sums<const K: usize>(values: &[f64], term: impl Fn(f64) -> [f64; K]) -> [f64; K] {
    let mut partial = [[0.0; LANES]; K];
    let (chunks, rest) = values.as_chunks::<LANES>();
    for chunk in chunks {
        for (lane, value) in chunk.iter().enumerate() {
            for (sums, part) in partial.iter_mut().zip(term(*value)) {
                sums[lane] += part;
            }
        }
    }
    for (lane, value) in rest.iter().enumerate() {
        for (sums, part) in partial.iter_mut().zip(term(*value)) {
            sums[lane] += part;
        }
    }
    // a loop, not `sum`: called out of line it would not be compiled for the level of its caller
    let mut sums = [0.0; K];
    for (sum, partial) in sums.iter_mut().zip(&partial) {
        for part in partial {
            *sum += part;
        }
    }
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_whole_at_every_length() {
        for n in 0..40_u32 {
            let values: Vec<f64> = (0..n).map(f64::from).collect();
            let [count, sum, squares] = lane_sums(&values, |x| [1.0, x, x * x]);
            let wanted = (0..n).fold((0, 0), |(sum, squares), i| (sum + i, squares + i * i));
            assert_eq!((count, sum, squares), (f64::from(n), f64::from(wanted.0), f64::from(wanted.1)));
        }
    }
}
