//! Rare jumps of the log price, drawn off the lane path.
use crate::math::{B, Lanes, exp, ln, norm_inv};
use crate::rng::{Purpose, Stream, draw, unit};

/// Law of one jump of the log price.
#[derive(Debug, Clone, Copy)]
pub(super) enum JumpLaw {
    /// Normal (Merton).
    Normal { mean: f64, std: f64 },
    /// Up or down, exponentially distributed (Kou).
    DoubleExponential { p_up: f64, eta_up: f64, eta_down: f64 },
}

/// Mean relative move of the price at a normal jump of its logarithm: `exp(m + δ²/2) − 1`.
pub(super) fn compensator(mean: f64, std: f64) -> f64 {
    exp(mean + 0.5 * std * std) - 1.0
}

impl JumpLaw {
    /// The jump that belongs to the uniform `u` in (0, 1).
    #[inline(always)]
    fn sample(self, u: f64) -> f64 {
        match self {
            Self::Normal { mean, std } => std.mul_add(norm_inv(u), mean),
            Self::DoubleExponential { p_up, eta_up, eta_down } => {
                if u < p_up {
                    -ln(u / p_up) / eta_up
                } else {
                    // u → 1 is the largest fall: the map is monotone on either side
                    ln((1.0 - u) / (1.0 - p_up)) / eta_down
                }
            }
        }
    }
}

/// A Poisson clock of jumps: exponential waiting times in steps, so that several may fall into one step.
///
/// The k-th jump of a path owns one address of the stream `JumpTime`: first word its waiting time, second its size.
#[derive(Debug, Clone, Copy)]
pub struct JumpClock {
    jumps_per_step: f64,
    law: JumpLaw,
    stream: Stream,
    /// Rate per step at which a jump is taken back (0: never), so that only its rest is left when the step ends.
    fade: f64,
}

/// Coming jumps of a block.
#[derive(Debug, Clone)]
pub struct JumpState {
    /// Time of the next jump in steps since the start.
    arrival: Lanes,
    /// Its size.
    size: Lanes,
    /// Its number.
    number: [u32; B],
    /// The earliest arrival of the block.
    earliest: f64,
}

impl Default for JumpState {
    fn default() -> Self {
        Self { arrival: Lanes::ZERO, size: Lanes::ZERO, number: [0; B], earliest: f64::INFINITY }
    }
}

impl JumpClock {
    pub(super) fn new(jumps_per_step: f64, law: JumpLaw, asset: usize) -> Self {
        Self::fading(jumps_per_step, law, asset, 0.0)
    }

    /// Jumps of a price that returns to its level at the rate `fade` per step.
    pub(super) fn fading(jumps_per_step: f64, law: JumpLaw, asset: usize, fade: f64) -> Self {
        Self { jumps_per_step, law, stream: Stream::new(Purpose::JumpTime, asset as u32), fade }
    }

    /// Draws the jump of that number: waiting time in steps, and size.
    #[inline(always)]
    fn next(&self, seed: u64, path: u64, number: u32) -> (f64, f64) {
        let (wait, size) = draw(seed, self.stream, path, number);
        (-ln(unit(wait)) / self.jumps_per_step, self.law.sample(unit(size)))
    }

    /// Draws every lane's first jump, side by side.
    #[inline(always)]
    pub fn start(&self, seed: u64, first_path: u64, state: &mut JumpState) {
        *state = JumpState::default();
        if self.jumps_per_step == 0.0 {
            return;
        }
        let JumpState { arrival, size, .. } = state;
        for lane in 0..B {
            (arrival[lane], size[lane]) = self.next(seed, first_path.wrapping_add(lane as u64), 0);
        }
        state.earliest = earliest(&state.arrival);
    }

    /// Whether a jump arrives on some path in (j − 1, j]: then [`Self::land`] is called for.
    #[inline(always)]
    pub fn is_due(j: u64, state: &JumpState) -> bool {
        state.earliest <= j as f64
    }

    /// Adds the jumps that arrive in (j − 1, j] and draws the next ones.
    #[inline(always)]
    pub fn land(&self, seed: u64, first_path: u64, j: u64, state: &mut JumpState, x: &mut Lanes) {
        let now = j as f64;
        for first in (0..B).step_by(ABREAST) {
            let some = &state.arrival[first..first + ABREAST];
            if some.iter().filter(|arrival| **arrival <= now).count() == 0 {
                continue;
            }
            for lane in first..first + ABREAST {
                while state.arrival[lane] <= now {
                    self.land_one(seed, first_path, now, lane, state, x);
                }
            }
        }
        state.earliest = earliest(&state.arrival);
    }

    /// One jump of one lane; draws its next.
    #[inline(always)]
    fn land_one(
        &self,
        seed: u64,
        first_path: u64,
        now: f64,
        lane: usize,
        state: &mut JumpState,
        x: &mut Lanes,
    ) {
        let left = if self.fade == 0.0 { 1.0 } else { exp(-self.fade * (now - state.arrival[lane])) };
        x[lane] += state.size[lane] * left;
        state.number[lane] += 1;
        let path = first_path.wrapping_add(lane as u64);
        let (wait, size) = self.next(seed, path, state.number[lane]);
        state.arrival[lane] += wait;
        state.size[lane] = size;
    }
}

/// Lanes that are looked at together: one after the other, each would wait for the one before.
const ABREAST: usize = 16;

#[inline(always)]
fn earliest(arrival: &Lanes) -> f64 {
    let mut least = [f64::INFINITY; ABREAST];
    for some in arrival.chunks_exact(ABREAST) {
        for (least, arrival) in least.iter_mut().zip(some) {
            *least = if *arrival < *least { *arrival } else { *least };
        }
    }
    least.into_iter().fold(f64::INFINITY, |least, arrival| if arrival < least { arrival } else { least })
}
