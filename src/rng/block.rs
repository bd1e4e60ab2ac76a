//! Uniform and normal numbers for a block of consecutive paths, two steps at a time.
//!
//! One encryption makes two 64-bit words, one for each of two steps. Both functions must end up inside a
//! function compiled for the vector level in use: call them below an `#[inline(always)]`
//! `NullaryFnOnce::call` of `pulp`.
use super::philox::draw;
use super::stream::Stream;
use crate::math::{B, Lanes, norm_inv_ratio};

/// A uniform number in (0, 1) from the upper 52 bits: (k + ½) / 2⁵², exact.
///
/// Never 0 or 1, and symmetric: `unit(!bits) == 1.0 - unit(bits)` exactly, which makes antithetic paths.
#[inline(always)]
pub fn unit(bits: u64) -> f64 {
    // 1 + k/2^52 in [1, 2), then down by 1 - 2^-53
    f64::from_bits((bits >> 12) | 0x3FF0_0000_0000_0000) - (1.0 - f64::EPSILON / 2.0)
}

/// Uniforms in (0, 1) of the `B` paths from `first_path` on, for the steps `2 * pair` and `2 * pair + 1`.
#[inline(always)]
pub fn uniform_pair(seed: u64, stream: Stream, first_path: u64, pair: u32, uniforms: &mut [Lanes; 2]) {
    let [even, odd] = uniforms;
    for lane in 0..B {
        let (first, second) = draw(seed, stream, first_path.wrapping_add(lane as u64), pair);
        even[lane] = unit(first);
        odd[lane] = unit(second);
    }
}

/// Standard normals of the `B` paths from `first_path` on, for the steps `2 * pair` and `2 * pair + 1`.
///
/// The inverse distribution function of [`uniform_pair`]: one uniform makes one normal, so antithetic and
/// quasi-random points take the same way. The largest normal is ±8.13, at 2⁻⁵³.
#[inline(always)]
pub fn normal_pair(seed: u64, stream: Stream, first_path: u64, pair: u32, normals: &mut [Lanes; 2]) {
    uniform_pair(seed, stream, first_path, pair, normals);
    let [even, odd] = normals;
    // one rational at a time: fewer registers in use than both at once
    let mut below = Lanes::ZERO;
    for lane in 0..B {
        (even[lane], below[lane]) = norm_inv_ratio(even[lane]);
    }
    for lane in 0..B {
        // one division for both: a/b = a d/(b d), c/d = c b/(b d)
        let (numerator, denominator) = norm_inv_ratio(odd[lane]);
        let inverse = 1.0 / (below[lane] * denominator);
        even[lane] *= denominator * inverse;
        odd[lane] = numerator * (below[lane] * inverse);
    }
}
