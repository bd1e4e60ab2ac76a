//! Jumps of a window of steps, drawn for all paths of a block side by side.
use crate::math::{B, Lanes, exp};
use crate::rng::unit;

use super::{JumpClock, JumpState};

/// Paths of which the next jumps are drawn side by side.
const WAVE: usize = 32;

/// Jumps in the order in which they are drawn, one array a figure; those behind the first `n` are none.
#[derive(Debug, Clone, Default)]
pub(super) struct Drawn {
    pub(super) n: usize,
    pub(super) lane: Vec<u32>,
    arrival: Vec<f64>,
    word: Vec<u64>,
    /// Step, counted from the first one of the window.
    pub(super) step: Vec<u32>,
    pub(super) rest: Vec<f64>,
}

/// Paths that have another jump in the window, in ascending order; those behind the first `n` are copies of the last.
struct Open {
    n: usize,
    lanes: [u32; B],
}

impl JumpClock {
    /// Draws all jumps that arrive before the window of known steps ends: the next one of every path that has another, side
    /// by side, until no path has.
    #[inline(always)]
    pub(super) fn draw_ahead(&self, seed: u64, first_path: u64, state: &mut JumpState) {
        let end = (state.until - 1) as f64;
        state.drawn.n = 0;
        let mut open = Open::due(&state.arrival, end);
        while open.n > 0 {
            state.drawn.make_room(open.n);
            let n = std::mem::take(&mut open.n);
            for first in (0..n).step_by(WAVE) {
                let count = WAVE.min(n - first);
                let lanes = open.lanes.as_chunks().0[first / WAVE];
                let arrivals = self.wave(seed, first_path, state, &lanes, count);
                for k in 0..count {
                    open.keep(lanes[k], arrivals[k] <= end);
                }
            }
            open.fill_up();
        }
    }

    /// Notes the jumps that come on these paths, of which the first `count` are no copies, and draws the ones behind them; when
    /// these arrive.
    #[inline(always)]
    fn wave(
        &self,
        seed: u64,
        first_path: u64,
        state: &mut JumpState,
        lanes: &[u32; WAVE],
        count: usize,
    ) -> [f64; WAVE] {
        let JumpState { arrival, word, number, drawn, .. } = state;
        let (mut arrivals, mut numbers) = ([0.0; WAVE], [0; WAVE]);
        let (mut waits, mut words) = ([0; WAVE], [0; WAVE]);
        for k in 0..WAVE {
            let at = lanes[k] as usize % B;
            numbers[k] = number[at].wrapping_add(1);
            (arrivals[k], words[k]) = (arrival[at], word[at]);
        }
        drawn.push(lanes, &arrivals, &words, count);
        // short loops: the processor sees the next paths while it waits for these
        for k in 0..WAVE {
            let path = first_path.wrapping_add(u64::from(lanes[k]));
            (waits[k], words[k]) = self.words(seed, path, numbers[k]);
        }
        for k in 0..WAVE {
            arrivals[k] += self.wait(waits[k]);
        }
        // copies of a path are alike, so that it does not matter which of them is written last
        for k in 0..WAVE {
            let at = lanes[k] as usize % B;
            (arrival[at], word[at], number[at]) = (arrivals[k], words[k], numbers[k]);
        }
        arrivals
    }

    /// Steps of the jumps that were drawn, counted from step `from`, and what is left of them when these end.
    #[inline(always)]
    pub(super) fn measure(&self, from: u64, drawn: &mut Drawn) {
        let Drawn { n, arrival, word, step, rest, .. } = drawn;
        let first = from as f64;
        let (arrival, word) = (&arrival[..*n], &word[..*n]);
        let (step, rest) = (&mut step[..*n], &mut rest[..*n]);
        for k in 0..arrival.len() {
            step[k] = (arrival[k].ceil() - first) as u32;
        }
        for k in 0..arrival.len() {
            rest[k] = self.law.sample(unit(word[k]));
        }
        if self.fade != 0.0 {
            for k in 0..arrival.len() {
                rest[k] *= exp(-self.fade * (arrival[k].ceil() - arrival[k]));
            }
        }
    }
}

impl Open {
    /// The paths on which a jump comes until `end`.
    #[inline(always)]
    fn due(arrival: &Lanes, end: f64) -> Self {
        let mut open = Self { n: 0, lanes: [0; B] };
        for lane in 0..B as u32 {
            open.keep(lane, arrival[lane as usize] <= end);
        }
        open.fill_up();
        open
    }

    /// Keeps a path if a jump comes on it: it is written, and stays where it is due, without a branch on lane data.
    #[inline(always)]
    fn keep(&mut self, lane: u32, due: bool) {
        self.lanes[self.n % B] = lane;
        self.n += usize::from(due);
    }

    /// Makes what is behind the last path copies of it, as far as a wave may reach.
    #[inline(always)]
    fn fill_up(&mut self) {
        let Some(last) = self.n.checked_sub(1) else { return };
        let end = self.n.next_multiple_of(WAVE).min(B);
        let last = self.lanes[last];
        self.lanes[self.n..end].fill(last);
    }
}

impl Drawn {
    /// Room for so many more, and the copies behind them.
    fn make_room(&mut self, more: usize) {
        let n = self.n + more.next_multiple_of(WAVE);
        if self.lane.len() < n {
            self.lane.resize(n, 0);
            self.arrival.resize(n, 0.0);
            self.word.resize(n, 0);
            self.step.resize(n, 0);
            self.rest.resize(n, 0.0);
        }
    }

    /// Adds a wave, of which the first `count` are no copies.
    #[inline(always)]
    fn push(&mut self, lanes: &[u32; WAVE], arrivals: &[f64; WAVE], words: &[u64; WAVE], count: usize) {
        let to = self.n..self.n + WAVE;
        self.lane[to.clone()].copy_from_slice(lanes);
        self.arrival[to.clone()].copy_from_slice(arrivals);
        self.word[to].copy_from_slice(words);
        self.n += count;
    }
}
