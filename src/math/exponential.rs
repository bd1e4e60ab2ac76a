//! The exponential function and the Gaussian bell that normal density and distribution share.
use super::polynomial::polynomial;

/// 1.5 · 2⁵²: a number added to it is rounded to an integer, which then sits in the low bits.
const ROUND: f64 = 6_755_399_441_055_744.0;
/// ln 2 in two parts; a whole number below 2²⁰ times the high part is exact.
const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Above ln(2¹⁰²⁴) every result is infinite, and the exponent below still fits its field.
const LARGEST: f64 = 710.0;
/// Below this the scale would leave the normal numbers.
const SMALLEST: f64 = -708.0;

/// eˣ. Relative error below 2.3e-16.
///
/// Exact at 0. Overflows to infinity above 709.78; arguments below -708 (results below 3.3e-308, all
/// subnormals among them) give 0. NaN gives NaN.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let (shifted, r) = reduce(x);
    scale(x, shifted, r, polynomial(r, &DOUBLED))
}

/// [`exp`] of many numbers, to the bit; for 64 or so of them.
///
/// Where an exponential stands between other long chains of operations, the processor cannot look far enough ahead to fill
/// the time that one waits: in three loops the chains are short.
#[inline(always)]
pub fn exp_each<const N: usize>(x: &[f64; N]) -> [f64; N] {
    let (mut shifted, mut r, mut power) = ([0.0; N], [0.0; N], [0.0; N]);
    for k in 0..N {
        (shifted[k], r[k]) = reduce(x[k]);
    }
    for k in 0..N {
        power[k] = polynomial(r[k], &DOUBLED);
    }
    for k in 0..N {
        power[k] = scale(x[k], shifted[k], r[k], power[k]);
    }
    power
}

/// Twice the coefficients of (e^r - 1) / r on |r| <= ln(2)/2 (fit of e^r 3.6e-18): with 2 e^r the scale
/// is 2^(n-1), a number even where e^x lies in the top binade, n = 1024.
const DOUBLED: [f64; 11] = [
    2.0,
    2.0 * 0.500_000_000_000_001_1,
    2.0 * 0.166_666_666_666_664_08,
    2.0 * 0.041_666_666_666_529_49,
    2.0 * 0.008_333_333_333_497_065,
    2.0 * 0.001_388_888_894_384_895_2,
    2.0 * 0.000_198_412_695_015_387_98,
    2.0 * 2.480_149_283_360_104e-5,
    2.0 * 2.755_759_034_891_264_8e-6,
    2.0 * 2.763_035_504_704_235_4e-7,
    2.0 * 2.499_897_591_095_739_2e-8,
];

/// x = n ln 2 + r with n in the low bits of the first number, and r.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64) {
    // selects, not f64::min and max: one instruction each, and NaN passes
    let bounded = if x > LARGEST { LARGEST } else { x };
    let shifted = bounded.mul_add(std::f64::consts::LOG2_E, ROUND);
    let n = shifted - ROUND;
    (shifted, n.mul_add(-LN_2_LOW, n.mul_add(-LN_2_HIGH, bounded)))
}

/// eˣ = 2ⁿ⁻¹ (2 + r P) of the polynomial at r.
#[inline(always)]
fn scale(x: f64, shifted: f64, r: f64, polynomial: f64) -> f64 {
    let scale = f64::from_bits(shifted.to_bits().wrapping_add(1022) << 52);
    // the one is added last, so that the rounding of all the rest shrinks with r
    let power = r.mul_add(polynomial, 2.0) * scale;
    if x < SMALLEST { 0.0 } else { power }
}

/// e^(-x²/2), the bell without its factor: what [`super::norm_cdf_with`] asks for. Relative error below
/// 4e-16.
///
/// The rounding of x² is carried along; it would cost 8e-14 at |x| = 37. Exactly 0 beyond |x| = 37.62, NaN
/// gives NaN.
#[inline(always)]
pub fn exp_minus_half_square(x: f64) -> f64 {
    let distance = x.abs();
    // keeps infinity out of the difference below; the result is 0 long before
    let distance = if distance > 40.0 { 40.0 } else { distance };
    let square = distance * distance;
    let lost = distance.mul_add(distance, -square);
    let bell = exp(-0.5 * square);
    (-0.5 * lost).mul_add(bell, bell)
}
