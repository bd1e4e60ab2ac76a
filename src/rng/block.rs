//! Uniform numbers for a block of consecutive paths, two steps at a time, and normal ones, four.
//!
//! One encryption makes two 64-bit words: a uniform number each, or two normal ones. Both functions must end up inside a
//! function compiled for the vector level in use: call them below an `#[inline(always)]`
//! `NullaryFnOnce::call` of `pulp`.
use super::philox::draw;
use super::stream::Stream;
use crate::math::{B, Lanes, box_muller};

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

/// Standard normals of the `B` paths from `first_path` on, for the steps `4 * quad` to `4 * quad + 3`.
///
/// Every word of one encryption makes the normals of two steps: its upper 44 bits the radius, 18 bits an angle within a
/// quarter of the circle, one bit a sign and one which comes first (see [`box_muller`]). The largest radius is 7.9; a
/// normal beyond that has a probability of 3e-15. The 2²⁰ angles are evenly spaced, so every moment of the two of order
/// less than 2²⁰ is that of the even circle. Mirror images are antithetic paths, exactly.
#[inline(always)]
pub fn normal_quad(seed: u64, stream: Stream, first_path: u64, quad: u32, normals: &mut [Lanes; 4]) {
    let [a, b, c, d] = normals;
    // encrypted all, then turned into normals: fewer registers in use than both at once
    for lane in 0..B {
        let (first, second) = draw(seed, stream, first_path.wrapping_add(lane as u64), quad);
        (a[lane], c[lane]) = (f64::from_bits(first), f64::from_bits(second));
    }
    for lane in 0..B {
        (a[lane], b[lane]) = two_normals(a[lane].to_bits());
    }
    for lane in 0..B {
        (c[lane], d[lane]) = two_normals(c[lane].to_bits());
    }
}

#[inline(always)]
fn two_normals(bits: u64) -> (f64, f64) {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    const TWO_45: f64 = 35_184_372_088_832.0;
    const TWO_19: f64 = 524_288.0;
    // (k + ½)/2⁴⁴ and (k + ½)/2¹⁸ − ½, exact
    let radius = f64::from_bits((bits >> 12) & !0xFF | ONE) - (1.0 - 1.0 / TWO_45);
    let angle = f64::from_bits((bits & 0x3_FFFF) << 34 | ONE) - (1.5 - 1.0 / TWO_19);
    let (along, across) = box_muller(radius, angle);
    let along = f64::from_bits(along.to_bits() ^ (bits << 44 & 1 << 63));
    if bits & 1 << 18 == 0 { (along, across) } else { (across, along) }
}
