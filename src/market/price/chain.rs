//! A Markov chain in continuous time, drawn stay by stay off the lane path.
use crate::math::{B, Lanes, ln};
use crate::rng::{Purpose, Stream, draw, unit};

/// The index of the stream that assets with a common chain share; no asset has it.
const COMMON: u32 = (1 << 24) - 1;

/// States, their mean durations in steps, and where each leads.
///
/// The k-th stay of a path owns one address of the stream `Variance`: first word its state, second its length.
#[derive(Debug, Clone)]
pub(super) struct Chain {
    durations: Vec<f64>,
    /// Cumulative probabilities of the next state, by state.
    next: Vec<Vec<f64>>,
    /// Cumulative probabilities of the first state.
    first: Vec<f64>,
    stream: Stream,
}

/// Where every lane's chain stands.
#[derive(Debug, Clone)]
pub(super) struct ChainState {
    at: [usize; B],
    /// Time in steps at which the stay ends.
    until: Lanes,
    number: [u32; B],
    moved: [bool; B],
    earliest: f64,
}

impl Default for ChainState {
    fn default() -> Self {
        Self {
            at: [0; B],
            until: Lanes::splat(f64::INFINITY),
            number: [0; B],
            moved: [false; B],
            earliest: f64::INFINITY,
        }
    }
}

impl ChainState {
    #[inline(always)]
    pub(super) fn earliest(&self) -> f64 {
        self.earliest
    }
    pub(super) fn until(&self, lane: usize) -> f64 {
        self.until[lane]
    }
    pub(super) fn at(&self, lane: usize) -> usize {
        self.at[lane]
    }
    pub(super) fn mark(&mut self, lane: usize) {
        self.moved[lane] = true;
    }
    pub(super) fn unmark(&mut self, lane: usize) -> bool {
        std::mem::replace(&mut self.moved[lane], false)
    }
    pub(super) fn look_ahead(&mut self) {
        self.earliest = self.until.iter().copied().fold(f64::INFINITY, f64::min);
    }
}

impl Chain {
    /// A chain that starts in `start`, or by its long-run law; `asset` owns it, or all assets do.
    pub(super) fn new(
        durations: &[f64],
        weights: &[Vec<f64>],
        start: Option<usize>,
        asset: Option<usize>,
    ) -> Self {
        let first = match start {
            Some(index) => (0..durations.len()).map(|k| f64::from(u8::from(k == index))).collect(),
            None => stationary(durations, weights),
        };
        Self {
            durations: durations.to_vec(),
            next: weights.iter().map(|row| cumulative(row)).collect(),
            first: cumulative(&first),
            stream: Stream::new(Purpose::Variance, asset.map_or(COMMON, |asset| asset as u32)),
        }
    }

    /// Draws every lane's first stay.
    pub(super) fn start(&self, seed: u64, first_path: u64, state: &mut ChainState) {
        *state = ChainState::default();
        for lane in 0..B {
            let path = first_path.wrapping_add(lane as u64);
            (state.at[lane], state.until[lane]) = self.stay(seed, path, 0, &self.first);
        }
        state.look_ahead();
    }

    /// The lane's next stay, from where the last one ends.
    pub(super) fn leave(&self, seed: u64, first_path: u64, lane: usize, state: &mut ChainState) {
        state.number[lane] += 1;
        let path = first_path.wrapping_add(lane as u64);
        let next = &self.next[state.at[lane]];
        let (at, length) = self.stay(seed, path, state.number[lane], next);
        state.at[lane] = at;
        state.until[lane] += length;
    }

    fn stay(&self, seed: u64, path: u64, number: u32, cumulative: &[f64]) -> (usize, f64) {
        let (choice, length) = draw(seed, self.stream, path, number);
        let u = unit(choice);
        let at = cumulative.iter().position(|bound| u < *bound).unwrap_or(cumulative.len() - 1);
        // a state that leads nowhere is never left
        let endless = self.next[at].last().is_none_or(|total| *total == 0.0);
        (at, if endless { f64::INFINITY } else { -ln(unit(length)) * self.durations[at] })
    }
}

fn cumulative(weights: &[f64]) -> Vec<f64> {
    let mut sum = 0.0;
    let mut bounds: Vec<f64> = weights
        .iter()
        .map(|weight| {
            sum += weight;
            sum
        })
        .collect();
    // rounding must not open a gap before 1; states of weight 0 at the end stay out of reach
    if sum > 0.0 {
        bounds.iter_mut().filter(|bound| **bound == sum).for_each(|bound| *bound = 1.0);
    }
    bounds
}

/// Whether some state is reached from every state: then the long-run law is one, whatever the start.
pub(crate) fn has_one_long_run(weights: &[Vec<f64>]) -> bool {
    let n = weights.len();
    let reached_by_all = |target: usize| {
        let mut reaches: Vec<bool> = (0..n).map(|k| k == target).collect();
        for _ in 0..n {
            for k in 0..n {
                reaches[k] |= (0..n).any(|other| reaches[other] && weights[k][other] > 0.0);
            }
        }
        reaches.into_iter().all(|reach| reach)
    };
    (0..n).any(reached_by_all)
}

/// Long-run shares of time: `π_k Σ_i q_ki = Σ_i π_i q_ik`, `q_ik = weight_ik / duration_i`.
pub(super) fn stationary(durations: &[f64], weights: &[Vec<f64>]) -> Vec<f64> {
    let n = durations.len();
    // rows: balance of each state but the last, then the sum; right side in the last column
    let mut a: Vec<Vec<f64>> = (0..n)
        .map(|k| {
            let flow = |i: usize| {
                let leaves = if i == k { weights[k].iter().sum::<f64>() } else { 0.0 };
                (weights[i][k] - leaves) / durations[i]
            };
            let mut row: Vec<f64> = (0..n).map(|i| if k + 1 == n { 1.0 } else { flow(i) }).collect();
            row.push(f64::from(u8::from(k + 1 == n)));
            row
        })
        .collect();
    for column in 0..n {
        let pivot = (column..n).max_by(|x, y| a[*x][column].abs().total_cmp(&a[*y][column].abs()));
        a.swap(column, pivot.unwrap_or(column));
        for row in 0..n {
            if row != column && a[row][column] != 0.0 {
                let factor = a[row][column] / a[column][column];
                for k in column..=n {
                    a[row][k] -= factor * a[column][k];
                }
            }
        }
    }
    (0..n).map(|k| (a[k][n] / a[k][k]).max(0.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_is_shared_by_durations_and_by_ways() {
        let two = stationary(&[5.0, 3.0], &[vec![0.0, 1.0], vec![1.0, 0.0]]);
        assert!((two[0] - 0.625).abs() < 1e-15 && (two[1] - 0.375).abs() < 1e-15);
        // a ring visits all alike; a shortcut 0 → 2 skips the middle one half of the times
        let ring = [vec![0.0, 0.5, 0.5], vec![0.0, 0.0, 1.0], vec![1.0, 0.0, 0.0]];
        let three = stationary(&[1.0, 2.0, 4.0], &ring);
        for (found, wanted) in three.iter().zip([1.0 / 6.0, 1.0 / 6.0, 4.0 / 6.0]) {
            assert!((found - wanted).abs() < 1e-15, "{three:?}");
        }
    }

    #[test]
    fn a_chain_that_falls_apart_has_no_one_long_run() {
        let apart = [vec![0.0, 1.0, 0.0], vec![1.0, 0.0, 0.0], vec![0.0, 0.0, 0.0]];
        assert!(!has_one_long_run(&apart));
        let sink = [vec![0.0, 1.0], vec![0.0, 0.0]];
        assert!(has_one_long_run(&sink));
        assert_eq!(stationary(&[1.0, 1.0], &sink), [0.0, 1.0]);
    }
}
