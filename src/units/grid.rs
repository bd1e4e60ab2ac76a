//! The grid of time that periods resolve to.
use serde::Serialize;

use super::period::{NANOS_PER_DAY, nanos_text};

/// The grid of time: `n_steps` equal steps over the horizon.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Grid {
    /// Length of the whole in nanoseconds.
    pub horizon_nanos: u64,
    /// Number of steps.
    pub n_steps: u64,
    /// Days of a year, the unit of every annual figure.
    pub days_per_year: f64,
}

impl Grid {
    /// Horizon in years.
    pub fn years(&self) -> f64 {
        self.horizon_nanos as f64 / (self.days_per_year * NANOS_PER_DAY as f64)
    }
    /// One step in years.
    pub fn dt(&self) -> f64 {
        self.years() / self.n_steps as f64
    }
    /// Years from step `j` to the horizon.
    pub fn years_left(&self, j: u64) -> f64 {
        (self.n_steps - j) as f64 * self.dt()
    }
    /// One step in seconds.
    pub fn step_seconds(&self) -> f64 {
        self.horizon_nanos as f64 / self.n_steps as f64 * 1e-9
    }
    /// The step in words; exact where it is a whole number of nanoseconds.
    pub fn step_text(&self) -> String {
        if self.horizon_nanos.is_multiple_of(self.n_steps) {
            nanos_text(self.horizon_nanos / self.n_steps)
        } else {
            format!("{}/{}", nanos_text(self.horizon_nanos), self.n_steps)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_is_what_the_scenario_says() {
        let grid = Grid { horizon_nanos: 73 * NANOS_PER_DAY, n_steps: 73, days_per_year: 365.0 };
        assert!((grid.years() - 0.2).abs() < 1e-15);
        assert_eq!(grid.step_text(), "1d");
        assert!((grid.step_seconds() - 86_400.0).abs() < 1e-9);
        assert_eq!(Grid { n_steps: 11, ..grid }.step_text(), "73d/11");
    }
}
