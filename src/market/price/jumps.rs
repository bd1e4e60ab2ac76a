//! Rare jumps of the log price, drawn off the lane path.
mod ahead;

use crate::math::{B, Lanes, exp, ln, norm_inv};
use crate::rng::{Purpose, Stream, draw, unit};

use ahead::Drawn;

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
    /// Time in steps since the start of each path's first jump that is not among the events.
    arrival: Lanes,
    /// The word that its size is made of.
    word: [u64; B],
    /// Its number.
    number: [u32; B],
    /// Jumps of the steps `from … until − 1`, step by step and on each path in their order.
    events: Vec<Event>,
    /// Where the events of each of these steps begin, and behind the last one where they end.
    starts: Vec<u32>,
    from: u64,
    until: u64,
    /// Room for them in the order in which they are drawn.
    drawn: Drawn,
}

/// A jump that is to be added to a log price.
#[derive(Debug, Clone, Copy, Default)]
struct Event {
    lane: u32,
    /// What is left of it when its step ends.
    rest: f64,
}

impl Default for JumpState {
    fn default() -> Self {
        Self {
            arrival: Lanes::ZERO,
            word: [0; B],
            number: [0; B],
            events: Vec::new(),
            starts: Vec::new(),
            from: u64::MAX,
            until: u64::MAX,
            drawn: Drawn::default(),
        }
    }
}

/// Steps are drawn ahead until a path has so many jumps in the mean: the more, the fewer vectors of draws are not full.
const JUMPS_AHEAD: f64 = 24.0;
/// Most steps that are drawn ahead.
const STEPS_AHEAD: u64 = 1024;

impl JumpClock {
    pub(super) fn new(jumps_per_step: f64, law: JumpLaw, asset: usize) -> Self {
        Self::fading(jumps_per_step, law, asset, 0.0)
    }

    /// Jumps of a price that returns to its level at the rate `fade` per step.
    pub(super) fn fading(jumps_per_step: f64, law: JumpLaw, asset: usize, fade: f64) -> Self {
        Self { jumps_per_step, law, stream: Stream::new(Purpose::JumpTime, asset as u32), fade }
    }

    /// The words of the jump of that number: those of its waiting time and of its size.
    #[inline(always)]
    fn words(&self, seed: u64, path: u64, number: u32) -> (u64, u64) {
        draw(seed, self.stream, path, number)
    }

    /// A waiting time in steps.
    #[inline(always)]
    fn wait(&self, word: u64) -> f64 {
        -ln(unit(word)) / self.jumps_per_step
    }

    /// Draws every lane's first jump, side by side.
    #[inline(always)]
    pub fn start(&self, seed: u64, first_path: u64, state: &mut JumpState) {
        (state.from, state.until) = (u64::MAX, u64::MAX);
        if self.jumps_per_step == 0.0 {
            return;
        }
        let JumpState { arrival, word, number, .. } = state;
        for lane in 0..B {
            let (wait, size) = self.words(seed, first_path.wrapping_add(lane as u64), 0);
            (arrival[lane], word[lane]) = (self.wait(wait), size);
        }
        *number = [0; B];
        (state.from, state.until) = (1, 1);
    }

    /// Whether a jump arrives on some path in (j − 1, j], or it is not known: then [`Self::land`] is called for.
    #[inline(always)]
    pub fn is_due(j: u64, state: &JumpState) -> bool {
        j >= state.until || state.events_of(j).is_some_and(|events| !events.is_empty())
    }

    /// Adds the jumps that arrive in (j − 1, j], of a run whose last step is `last`; steps come one after the other.
    #[inline(always)]
    pub fn land(
        &self,
        seed: u64,
        first_path: u64,
        (j, last): (u64, u64),
        state: &mut JumpState,
        x: &mut Lanes,
    ) {
        if j >= state.until {
            let ahead = (JUMPS_AHEAD / self.jumps_per_step).min(STEPS_AHEAD as f64) as u64;
            (state.from, state.until) = (j, (j + ahead.max(1)).min(last + 1));
            self.draw_ahead(seed, first_path, state);
            self.measure(state.from, &mut state.drawn);
            state.sort();
        }
        for event in state.events_of(j).unwrap_or_default() {
            x[event.lane as usize] += event.rest;
        }
    }
}

impl JumpState {
    /// The jumps of step `j`; none where it is not known.
    #[inline(always)]
    fn events_of(&self, j: u64) -> Option<&[Event]> {
        let k = j.checked_sub(self.from)? as usize;
        let (from, to) = (*self.starts.get(k)?, *self.starts.get(k + 1)?);
        self.events.get(from as usize..to as usize)
    }

    /// Brings what was drawn into the order of the steps, by counting.
    fn sort(&mut self) {
        let Self { events, starts, drawn, from, until, .. } = self;
        let Drawn { n, lane, step, rest, .. } = drawn;
        let (lane, step, rest) = (&lane[..*n], &step[..*n], &rest[..*n]);
        starts.clear();
        starts.resize((*until - *from) as usize + 2, 0);
        // one place further on, so that filling a step moves its start to its end
        for step in step {
            starts[*step as usize + 2] += 1;
        }
        for k in 2..starts.len() {
            starts[k] += starts[k - 1];
        }
        events.clear();
        events.resize(*n, Event::default());
        for ((lane, rest), step) in lane.iter().zip(rest).zip(step) {
            let at = &mut starts[*step as usize + 1];
            events[*at as usize] = Event { lane: *lane, rest: *rest };
            *at += 1;
        }
        starts.pop();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Sums of the jumps of one path up to every step, one jump after the other.
    fn one_by_one(clock: &JumpClock, seed: u64, path: u64, n_steps: u64) -> Vec<f64> {
        let next = |number| {
            let (wait, size) = clock.words(seed, path, number);
            (clock.wait(wait), size)
        };
        let (mut number, (mut arrival, mut word), mut x) = (0, next(0), 0.0);
        let step = |j: u64| {
            while arrival <= j as f64 {
                let left = if clock.fade == 0.0 { 1.0 } else { exp(-clock.fade * (j as f64 - arrival)) };
                x += clock.law.sample(unit(word)) * left;
                number += 1;
                let (wait, new) = next(number);
                (arrival, word) = (arrival + wait, new);
            }
            x
        };
        (1..=n_steps).map(step).collect()
    }

    #[test]
    fn jumps_drawn_ahead_are_those_drawn_one_by_one() {
        let laws = [
            JumpLaw::Normal { mean: -0.1, std: 0.3 },
            JumpLaw::DoubleExponential { p_up: 0.4, eta_up: 10.0, eta_down: 5.0 },
        ];
        for (rate, n_steps) in [(1e-4, 3000), (0.01, 2500), (0.3, 400), (5.0, 40), (60.0, 7)] {
            for (law, fade) in [(laws[0], 0.0), (laws[1], 0.0), (laws[0], 0.2)] {
                let clock = JumpClock::fading(rate, law, 3, fade);
                let (mut state, mut x, mut n_due) = (JumpState::default(), Lanes::ZERO, 0);
                // a state is used for one block after the other
                for first_path in [0, 128 * 77] {
                    clock.start(5, first_path, &mut state);
                    let wanted: Vec<Vec<f64>> =
                        (0..B as u64).map(|lane| one_by_one(&clock, 5, first_path + lane, n_steps)).collect();
                    x = Lanes::ZERO;
                    for j in 1..=n_steps {
                        if JumpClock::is_due(j, &state) {
                            clock.land(5, first_path, (j, n_steps), &mut state, &mut x);
                            n_due += 1;
                        }
                        for lane in 0..B {
                            let wanted = wanted[lane][j as usize - 1];
                            assert_eq!(
                                x[lane].to_bits(),
                                wanted.to_bits(),
                                "step {j}, path {lane}, {rate} a step"
                            );
                        }
                    }
                }
                assert!(x.iter().any(|x| *x != 0.0) && n_due > 0, "nothing jumps at {rate} a step");
                // where jumps are rare most steps have none on any path
                assert!(rate > 1e-3 || n_due < n_steps / 5, "{n_due} of {n_steps} steps");
            }
        }
    }

    #[test]
    fn without_jumps_no_step_is_due() {
        let clock = JumpClock::new(0.0, JumpLaw::Normal { mean: 0.0, std: 1.0 }, 0);
        let mut state = JumpState::default();
        clock.start(1, 0, &mut state);
        assert!((1..100).all(|j| !JumpClock::is_due(j, &state)));
    }
}
