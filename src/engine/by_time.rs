//! One policy's deviations at the times of the timeline: the blocks as they were made, one behind the other.
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes};
use crate::stats::quantiles;

use super::outcome::{TIMELINE_LEVELS, Timeline};
use super::plan::Plan;

/// Sample paths that a fan shows.
const N_SAMPLES: usize = 12;
/// Times that are read together.
const TOGETHER: usize = 8;

/// Deviations by time and path. The run's own blocks are kept and never copied: they are read once, at the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")]
pub(super) struct ByTime {
    n_times: usize,
    n_paths: usize,
    /// By block, by time; of the last block not all lanes may be paths.
    blocks: Vec<Vec<Lanes>>,
}

/// Room for what a block of that plan notes of every policy, time after time.
pub(super) fn room(plan: &Plan) -> Vec<Vec<Lanes>> {
    plan.policies.iter().map(|_| Vec::with_capacity(plan.times.len())).collect()
}

impl ByTime {
    /// No path yet.
    pub(super) fn new(n_times: usize) -> Self {
        Self { n_times, n_paths: 0, blocks: Vec::new() }
    }

    /// Times that are noted.
    pub(super) fn n_times(&self) -> usize {
        self.n_times
    }

    /// Paths so far.
    pub(super) fn n_paths(&self) -> usize {
        self.n_paths
    }

    /// Adds the next block, of which the first `n_lanes` lanes are paths; the one before it was full.
    pub(super) fn add(&mut self, block: Vec<Lanes>, n_lanes: usize) {
        debug_assert!(self.n_paths.is_multiple_of(B) && block.len() == self.n_times);
        self.blocks.push(block);
        self.n_paths += n_lanes;
    }

    /// Adds the paths of another one behind these.
    pub(super) fn merge(&mut self, other: &Self) {
        debug_assert!(other.n_paths == 0 || self.n_paths.is_multiple_of(B));
        self.blocks.extend_from_slice(&other.blocks);
        self.n_paths += other.n_paths;
    }

    /// What `read` makes of the deviations of all paths at each time.
    ///
    /// A block's times stand one behind the other: some are read together, so that memory is read in long pieces.
    fn each<T>(&self, read: impl Fn(&[f64]) -> T) -> Vec<T> {
        let mut rows: [Vec<f64>; TOGETHER] =
            std::array::from_fn(|_| Vec::with_capacity(self.blocks.len() * B));
        let mut found = Vec::with_capacity(self.n_times);
        for first in (0..self.n_times).step_by(TOGETHER) {
            let times = first..self.n_times.min(first + TOGETHER);
            rows.iter_mut().for_each(Vec::clear);
            for block in &self.blocks {
                for (row, lanes) in rows.iter_mut().zip(&block[times.clone()]) {
                    row.extend_from_slice(lanes.as_slice());
                }
            }
            found.extend(rows[..times.len()].iter().map(|row| read(&row[..self.n_paths])));
        }
        found
    }

    /// Quantiles at every time, and a few paths.
    pub(super) fn outcome(&self, plan: &Plan) -> Timeline {
        let n_samples = self.n_paths.min(N_SAMPLES);
        let quantiles =
            |values: &[f64]| quantiles(values, &TIMELINE_LEVELS).unwrap_or([0.0; TIMELINE_LEVELS.len()]);
        Timeline {
            n_paths: self.n_paths as u64,
            years: plan.times.iter().map(|j| *j as f64 * plan.dt).collect(),
            quantiles: self.each(quantiles),
            // evenly spread: neighbouring windows of a history are nearly one path
            samples: (0..n_samples).map(|k| self.of_path(k * self.n_paths / n_samples)).collect(),
        }
    }

    /// One path's deviations at all times.
    fn of_path(&self, path: usize) -> Vec<f64> {
        self.blocks[path / B].iter().map(|lanes| lanes[path % B]).collect()
    }
}

impl From<ByTime> for Vec<Vec<f64>> {
    /// By time, by path.
    fn from(times: ByTime) -> Self {
        times.each(<[f64]>::to_vec)
    }
}

impl TryFrom<Vec<Vec<f64>>> for ByTime {
    type Error = String;

    fn try_from(rows: Vec<Vec<f64>>) -> Result<Self, String> {
        let n_paths = rows.first().map_or(0, Vec::len);
        if let Some(row) = rows.iter().find(|row| row.len() != n_paths) {
            return Err(format!("{} paths at one time and {n_paths} at another", row.len()));
        }
        let block = |first: usize| {
            let lanes = |row: &Vec<f64>| {
                let mut lanes = Lanes::ZERO;
                for (lane, value) in lanes.iter_mut().zip(&row[first..]) {
                    *lane = *value;
                }
                lanes
            };
            rows.iter().map(lanes).collect()
        };
        Ok(Self { n_times: rows.len(), n_paths, blocks: (0..n_paths).step_by(B).map(block).collect() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// More times than are read together, and no multiple.
    const N: usize = 2 * TOGETHER + 3;

    fn block(first: usize) -> Vec<Lanes> {
        let lanes =
            |time: usize| Lanes::from(std::array::from_fn(|lane| (1000 * time + first + lane) as f64));
        (0..N).map(lanes).collect()
    }

    #[test]
    fn what_is_written_is_read_by_time_and_by_path() {
        let mut times = ByTime::new(N);
        times.add(block(0), B);
        let mut more = ByTime::new(N);
        more.add(block(B), 5);
        times.merge(&more);
        assert_eq!((times.n_times(), times.n_paths()), (N, B + 5));
        let rows = times.each(<[f64]>::to_vec);
        let row = |time: usize| (0..B + 5).map(|path| (1000 * time + path) as f64).collect::<Vec<_>>();
        assert_eq!(rows, (0..N).map(row).collect::<Vec<_>>());
        let path: Vec<f64> = (0..N).map(|time| (1000 * time + B + 4) as f64).collect();
        assert_eq!(times.of_path(B + 4), path);
    }

    #[test]
    fn rows_are_what_it_is_stored_as() {
        let mut times = ByTime::new(N);
        times.add(block(0), B);
        times.add(block(B), 5);
        let rows: Vec<Vec<f64>> = times.clone().into();
        let back = ByTime::try_from(rows.clone()).expect("rows of one length");
        assert_eq!(Vec::<Vec<f64>>::from(back), rows);
        let none: Vec<Vec<f64>> = ByTime::new(N).into();
        assert_eq!(ByTime::try_from(none), Ok(ByTime::new(N)));
        let ragged = ByTime::try_from(vec![vec![1.0], vec![]]);
        assert_eq!(ragged, Err("0 paths at one time and 1 at another".into()));
    }
}
