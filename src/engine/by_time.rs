//! One policy's deviations at the times of the timeline: the blocks as they were made, one behind the other.
use serde::{Deserialize, Serialize};

use crate::math::{B, Lanes};
use crate::stats::quantiles;

use super::outcome::{TIMELINE_LEVELS, Timeline};
use super::plan::Plan;

/// Sample paths that a fan shows.
const N_SAMPLES: usize = 12;

/// Deviations by time and path. The run's own blocks are kept and never copied: they are read once, at the end.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<f64>>", into = "Vec<Vec<f64>>")]
pub(super) struct ByTime {
    n_times: usize,
    n_paths: usize,
    /// By block, by time; of the last block not all lanes may be paths, and those that are none are 0.
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
    pub(super) fn add(&mut self, mut block: Vec<Lanes>, n_lanes: usize) {
        debug_assert!(self.n_paths.is_multiple_of(B) && block.len() == self.n_times);
        for lanes in &mut block {
            lanes[n_lanes..].fill(0.0);
        }
        self.blocks.push(block);
        self.n_paths += n_lanes;
    }

    /// Adds the paths of another one behind these.
    pub(super) fn merge(&mut self, other: &Self) {
        debug_assert!(other.n_paths == 0 || self.n_paths.is_multiple_of(B));
        self.blocks.extend_from_slice(&other.blocks);
        self.n_paths += other.n_paths;
    }

    /// Writes the deviations of all paths at one time.
    fn at(&self, time: usize, values: &mut Vec<f64>) {
        values.clear();
        self.blocks.iter().for_each(|block| values.extend_from_slice(block[time].as_slice()));
        values.truncate(self.n_paths);
    }

    /// Quantiles at every time, and a few paths.
    pub(super) fn outcome(&self, plan: &Plan) -> Timeline {
        let n_samples = self.n_paths.min(N_SAMPLES);
        let mut values = Vec::with_capacity(self.n_paths);
        let mut quantiles_at = |time| {
            self.at(time, &mut values);
            quantiles(&values, &TIMELINE_LEVELS).unwrap_or([0.0; TIMELINE_LEVELS.len()])
        };
        Timeline {
            n_paths: self.n_paths as u64,
            years: plan.times.iter().map(|j| *j as f64 * plan.dt).collect(),
            quantiles: (0..self.n_times).map(&mut quantiles_at).collect(),
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
        let at = |time| {
            let mut values = Vec::with_capacity(times.n_paths);
            times.at(time, &mut values);
            values
        };
        (0..times.n_times).map(at).collect()
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

    fn block(first: usize) -> Vec<Lanes> {
        let lanes =
            |time: usize| Lanes::from(std::array::from_fn(|lane| (1000 * time + first + lane) as f64));
        (0..3).map(lanes).collect()
    }

    #[test]
    fn what_is_written_is_read_by_time_and_by_path() {
        let mut times = ByTime::new(3);
        times.add(block(0), B);
        let mut more = ByTime::new(3);
        more.add(block(B), 5);
        times.merge(&more);
        assert_eq!((times.n_times(), times.n_paths()), (3, B + 5));
        let mut values = vec![7.0];
        times.at(2, &mut values);
        assert_eq!(values, (0..B + 5).map(|path| (2000 + path) as f64).collect::<Vec<_>>());
        assert_eq!(times.of_path(B + 4), [(B + 4) as f64, (1000 + B + 4) as f64, (2000 + B + 4) as f64]);
    }

    #[test]
    fn rows_are_what_it_is_stored_as() {
        let mut times = ByTime::new(3);
        times.add(block(0), B);
        times.add(block(B), 5);
        let rows: Vec<Vec<f64>> = times.clone().into();
        // and what is left of the last block's lanes makes no difference
        assert_eq!(ByTime::try_from(rows), Ok(times));
        let none: Vec<Vec<f64>> = ByTime::new(3).into();
        assert_eq!(ByTime::try_from(none), Ok(ByTime::new(3)));
        let ragged = ByTime::try_from(vec![vec![1.0], vec![]]);
        assert_eq!(ragged, Err("0 paths at one time and 1 at another".into()));
    }
}
