//! The least values of a long row, with where they stood in it.
use std::cmp::Ordering;

use serde::{Deserialize, Serialize};

/// The `most` least values that it has met, ascending; of equal values those that stood earlier come first.
///
/// What is kept does not depend on the order in which values and parts are added.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Least {
    most: usize,
    kept: Vec<(f64, u64)>,
}

/// By value, `−0 = 0`; then by place.
fn order(a: &(f64, u64), b: &(f64, u64)) -> Ordering {
    (a.0 + 0.0).total_cmp(&(b.0 + 0.0)).then(a.1.cmp(&b.1))
}

impl Least {
    /// Nothing yet, and room for so many.
    pub fn new(most: usize) -> Self {
        Self { most, kept: Vec::new() }
    }

    /// Adds a value that stood at `place`.
    pub fn add(&mut self, value: f64, place: u64) {
        let new = (value, place);
        let is_full = self.kept.len() >= self.most;
        if is_full && self.kept.last().is_none_or(|last| order(last, &new).is_le()) {
            return;
        }
        if is_full {
            self.kept.pop();
        }
        let at = self.kept.partition_point(|kept| order(kept, &new).is_lt());
        self.kept.insert(at, new);
    }

    /// Adds values that stand one behind the other from `first` on.
    pub fn add_row(&mut self, first: u64, values: &[f64]) {
        // once it is full hardly any gets in, and most rows hold none that would
        if let Some((bar, _)) = self.kept.last().filter(|_| self.kept.len() >= self.most)
            && values.iter().filter(|value| *value > bar).count() == values.len()
        {
            return;
        }
        for (place, value) in (first..).zip(values) {
            self.add(*value, place);
        }
    }

    /// Adds what another part of the row kept.
    pub fn merge(&mut self, other: &Self) {
        for (value, place) in &other.kept {
            self.add(*value, *place);
        }
    }

    /// Values and places, the least first.
    pub fn kept(&self) -> &[(f64, u64)] {
        &self.kept
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn they_are_the_first_of_the_sorted_row_however_it_is_cut() {
        // few different values, so that ties decide
        let row: Vec<(f64, u64)> = (0..500_u64).map(|i| (((i * 7919) % 23) as f64 - 11.0, i)).collect();
        let mut sorted = row.clone();
        sorted.sort_by(order);
        for most in [0, 1, 7, 40, 499, 500, 600] {
            let of = |part: &[(f64, u64)]| {
                let mut least = Least::new(most);
                for (value, place) in part {
                    least.add(*value, *place);
                }
                least
            };
            let whole = of(&row);
            assert_eq!(whole.kept(), &sorted[..most.min(500)], "{most}");
            let mut by_row = Least::new(most);
            for (k, part) in row.chunks(61).enumerate() {
                let values: Vec<f64> = part.iter().map(|(value, _)| *value).collect();
                by_row.add_row(61 * k as u64, &values);
            }
            assert_eq!(by_row, whole, "{most}");
            let mut backwards = Least::new(most);
            row.chunks(61).rev().for_each(|part| backwards.merge(&of(part)));
            assert_eq!(backwards, whole, "{most}");
        }
    }

    #[test]
    fn zeros_of_either_sign_are_equal() {
        let mut least = Least::new(1);
        least.add(0.0, 3);
        least.add(-0.0, 4);
        assert_eq!(least.kept(), &[(0.0, 3)]);
    }
}
