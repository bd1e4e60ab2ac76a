//! Uniform numbers for a block of consecutive paths, two steps at a time, and normal ones, four.
//!
//! One encryption makes two 64-bit words: a uniform number each, or two normal ones. Both functions must end up inside a
//! function compiled for the vector level in use: call them below an `#[inline(always)]`
//! `NullaryFnOnce::call` of `pulp`.
use super::philox::{address, draw, rounds, words};
use super::stream::Stream;
use crate::math::{B, Lanes, radius, turned};

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
/// quarter of the circle, one bit a sign and one which comes first (see [`crate::math::box_muller`]). The largest radius is 7.9; a
/// normal beyond that has a probability of 3e-15. The 2²⁰ angles are evenly spaced, so every moment of the two of order
/// less than 2²⁰ is that of the even circle. Mirror images are antithetic paths, exactly.
#[inline(always)]
pub fn normal_quad(seed: u64, stream: Stream, first_path: u64, quad: u32, normals: &mut [Lanes; 4]) {
    encrypt(seed, stream, first_path, quad, normals);
    let [a, b, c, d] = normals;
    two_normals(a, b);
    two_normals(c, d);
}

/// The two words of every path, left in the first and the third of `kept`.
///
/// A chain of ten rounds is longer than the processor looks ahead: in three loops, what they hand over kept where the
/// normals will be, twice as many are in work at once.
#[inline(always)]
fn encrypt(seed: u64, stream: Stream, first_path: u64, quad: u32, kept: &mut [Lanes; 4]) {
    let [a, b, c, d] = kept;
    for lane in 0..B {
        let counter = rounds::<0, 4>(address(stream, first_path.wrapping_add(lane as u64), quad), seed);
        (a[lane], b[lane], c[lane], d[lane]) = floats(counter);
    }
    for lane in 0..B {
        let counter = bits(a[lane], b[lane], c[lane], d[lane]);
        let counter = rounds::<4, 7>(counter, seed);
        (a[lane], b[lane], c[lane], d[lane]) = floats(counter);
    }
    for lane in 0..B {
        let counter = bits(a[lane], b[lane], c[lane], d[lane]);
        let (first, second) = words(rounds::<7, 10>(counter, seed));
        (a[lane], c[lane]) = (f64::from_bits(first), f64::from_bits(second));
    }
}

/// Words as they are kept in lanes.
#[inline(always)]
fn floats([a, b, c, d]: [u64; 4]) -> (f64, f64, f64, f64) {
    (f64::from_bits(a), f64::from_bits(b), f64::from_bits(c), f64::from_bits(d))
}

/// Words that were kept in lanes.
#[inline(always)]
fn bits(a: f64, b: f64, c: f64, d: f64) -> [u64; 4] {
    [a.to_bits(), b.to_bits(), c.to_bits(), d.to_bits()]
}

/// Turns the words in `first` into the normals of two steps; in two loops, for the same reason.
#[inline(always)]
fn two_normals(first: &mut Lanes, second: &mut Lanes) {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    const TWO_45: f64 = 35_184_372_088_832.0;
    const TWO_19: f64 = 524_288.0;
    for lane in 0..B {
        // (k + ½)/2⁴⁴, exact
        let u = f64::from_bits((first[lane].to_bits() >> 12) & !0xFF | ONE) - (1.0 - 1.0 / TWO_45);
        second[lane] = radius(u);
    }
    for lane in 0..B {
        let bits = first[lane].to_bits();
        // (k + ½)/2¹⁸ − ½, exact
        let angle = f64::from_bits((bits & 0x3_FFFF) << 34 | ONE) - (1.5 - 1.0 / TWO_19);
        let (along, across) = turned(second[lane], angle);
        let along = f64::from_bits(along.to_bits() ^ (bits << 44 & 1 << 63));
        (first[lane], second[lane]) = if bits & 1 << 18 == 0 { (along, across) } else { (across, along) };
    }
}
