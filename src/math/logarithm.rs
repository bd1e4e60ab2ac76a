//! The natural logarithm: accurate for everybody, without a division for the inverse normal distribution.
use super::polynomial::polynomial;

const LN_2_HIGH: f64 = 6.931_471_803_691_238e-1;
const LN_2_LOW: f64 = 1.908_214_929_270_587_7e-10;

/// Splits a positive normal number into an exponent and a fraction in [√½, √2).
#[inline(always)]
fn split(x: f64) -> (f64, f64) {
    const SQRT_HALF: u64 = 0x3FE6_A09E_667F_3BCD;
    /// The bits of 2⁵²: a small integer put below them is the float 2⁵² + integer.
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    let bits = x.to_bits();
    let power = bits.wrapping_sub(SQRT_HALF) & 0xFFF0_0000_0000_0000;
    let fraction = f64::from_bits(bits.wrapping_sub(power));
    // AVX2 cannot turn 64-bit integers into floats; 2048 makes the exponent positive first
    let positive = (power >> 52).wrapping_add(2048) & 0xFFF;
    let exponent = f64::from_bits(positive | TWO_52) - (4_503_599_627_370_496.0 + 2048.0);
    (exponent, fraction)
}

/// ln x. Relative error below 2.3e-16, subnormal arguments and arguments near 1 included.
///
/// ln 0 = -∞, negative numbers and NaN give NaN, ln ∞ = ∞.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    // (2 artanh(s) / s - 2) / s² in s²; fit of the logarithm 1.2e-18
    const COEFFICIENTS: [f64; 7] = [
        0.666_666_666_666_673_5,
        0.399_999_999_994_131_2,
        0.285_714_287_428_151_14,
        0.222_221_985_208_955_59,
        0.181_835_674_648_819_97,
        0.153_139_599_697_720_12,
        0.147_969_541_499_939_7,
    ];
    const TWO_54: f64 = 18_014_398_509_481_984.0;
    let subnormal = x < f64::MIN_POSITIVE;
    let (exponent, fraction) = split(if subnormal { x * TWO_54 } else { x });
    let exponent = if subnormal { exponent - 54.0 } else { exponent };
    // ln(1 + f) = f - s (f - R(s²)) with s = f / (2 + f): f is exact, what is rounded is small beside it
    let f = fraction - 1.0;
    let s = f / (fraction + 1.0);
    let square = s * s;
    let bend = square.mul_add(-polynomial(square, &COEFFICIENTS), f);
    let small = s.mul_add(-bend, f);
    let finite = exponent.mul_add(LN_2_HIGH, exponent.mul_add(LN_2_LOW, small));
    let positive = if x < f64::INFINITY { finite } else { x };
    let outside = if x == 0.0 { f64::NEG_INFINITY } else { f64::NAN };
    if x > 0.0 { positive } else { outside }
}

/// ln x for positive normal x without a division, from the coefficients of ln(1 + f) / f on [√½ - 1, √2 -
/// 1].
///
/// Divisions are what the inverse normal distribution waits for, and it already has one of its own.
#[inline(always)]
pub(super) fn ln_by_polynomial<const N: usize>(x: f64, coefficients: &[f64; N]) -> f64 {
    let (exponent, fraction) = split(x);
    let f = fraction - 1.0;
    exponent.mul_add(std::f64::consts::LN_2, f * polynomial(f, coefficients))
}
