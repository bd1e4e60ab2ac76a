//! The Philox4x32-10 generator and the layout of its counter.
use super::stream::Stream;

/// Philox4x32-10: 128 random bits from a 128-bit counter under a 64-bit key.
///
/// The 32-bit words of the reference stand in order of significance: words 0 and 1 of the counter are
/// `counter_lo`, words 2 and 3 `counter_hi`, and the same holds for key and result.
///
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", 2011.
#[inline(always)]
pub fn philox(counter_lo: u64, counter_hi: u64, key: u64) -> (u64, u64) {
    words(rounds::<0, 10>(counter(counter_lo, counter_hi), key))
}

const LOW: u64 = 0xFFFF_FFFF;

/// The counter in 32-bit words: they live in 64-bit lanes, so the products become one vector instruction.
#[inline(always)]
fn counter(lo: u64, hi: u64) -> [u64; 4] {
    [lo & LOW, lo >> 32, hi & LOW, hi >> 32]
}

/// The counter of [`draw`].
#[inline(always)]
pub(super) fn address(stream: Stream, path: u64, index: u32) -> [u64; 4] {
    counter(path, u64::from(index) | (u64::from(stream.code()) << 32))
}

/// What comes of the last round.
#[inline(always)]
pub(super) fn words(counter: [u64; 4]) -> (u64, u64) {
    (counter[0] | (counter[1] << 32), counter[2] | (counter[3] << 32))
}

/// The rounds from `FROM` to before `TO`; all ten are from 0 to 10.
#[inline(always)]
pub(super) fn rounds<const FROM: u64, const TO: u64>(mut counter: [u64; 4], key: u64) -> [u64; 4] {
    const MULTIPLIERS: [u64; 2] = [0xD251_1F53, 0xCD9E_8D57];
    /// The golden ratio and √3 - 1.
    const KEY_STEPS: [u64; 2] = [0x9E37_79B9, 0xBB67_AE85];
    let mut keys = [((key & LOW) + FROM * KEY_STEPS[0]) & LOW, ((key >> 32) + FROM * KEY_STEPS[1]) & LOW];
    let mut round = FROM;
    while round < TO {
        let products = [MULTIPLIERS[0] * counter[0], MULTIPLIERS[1] * counter[2]];
        counter = [
            (products[1] >> 32) ^ counter[1] ^ keys[0],
            products[1] & LOW,
            (products[0] >> 32) ^ counter[3] ^ keys[1],
            products[0] & LOW,
        ];
        keys = [(keys[0] + KEY_STEPS[0]) & LOW, (keys[1] + KEY_STEPS[1]) & LOW];
        round += 1;
    }
    counter
}

/// The two 64-bit words at one address: `index` is the pair of steps, the four, or whatever the stream counts.
///
/// The same bits as lane `path` of [`super::uniform_pair`] at `pair = index` and [`super::normal_quad`] at `quad = index`.
#[inline(always)]
pub fn draw(seed: u64, stream: Stream, path: u64, index: u32) -> (u64, u64) {
    words(rounds::<0, 10>(address(stream, path, index), seed))
}
