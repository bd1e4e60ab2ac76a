//! The grid of time: horizon, step and the length of a year.
use super::Checker;
use crate::scenario::file::RunTable;
use crate::units::{Fault, Grid, Period};

/// More steps than this are no grid but a slip.
const MOST_STEPS: u64 = 10_000_000;

impl Checker<'_> {
    /// The grid, where all it rests on can be relied on.
    pub(super) fn grid(&mut self, run: &RunTable) -> Option<Grid> {
        let days_per_year = run.days_per_year.unwrap_or(365.0);
        let horizon_nanos = self.span("run.horizon", run.horizon, days_per_year);
        let step = run.step.and_then(|step| self.span("run.step", step, days_per_year));
        let n_steps = match (run.step, run.steps) {
            (Some(_), Some(_)) => {
                let fault = Fault::new("run.step", "`step` and `steps` say the same thing twice")
                    .label("the length of a step")
                    .also("run.steps", "the number of steps")
                    .help("keep one of them");
                self.error("E009", fault);
                None
            }
            (None, None) => {
                if self.trusts("run.steps") {
                    let fault = Fault::new("run.step", "missing key `step` (or `steps`) in `run`")
                        .label("the grid of time is not given")
                        .help("step = \"10min\", or steps = 4320");
                    self.error("E002", fault);
                }
                None
            }
            (None, Some(steps)) => Some(steps),
            (Some(written), None) => horizon_nanos.zip(step).and_then(|(horizon, step)| {
                let count = horizon / step;
                let fault = Fault::new("run.step", "").also("run.horizon", format!("the horizon is {}", run.horizon));
                if horizon % step != 0 || count == 0 {
                    let what = format!("the horizon {} is not a whole number of steps of {written}", run.horizon);
                    self.error("E007", Fault { what, ..fault.label("does not divide the horizon") });
                    return None;
                }
                if count > MOST_STEPS {
                    let what = format!("{count} steps are too many");
                    let label = format!("at most {MOST_STEPS} steps");
                    self.error("E006", Fault { what, ..fault.label(label) });
                    return None;
                }
                Some(count)
            }),
        };
        let sure = ["run.horizon", "run.step", "run.steps", "run.days_per_year"].iter().all(|path| self.trusts(path));
        let grid = Grid { horizon_nanos: horizon_nanos?, n_steps: n_steps?, days_per_year };
        sure.then_some(grid)
    }

    /// A length of time in nanoseconds: not in steps, not nothing.
    fn span(&mut self, path: &str, period: Period, days_per_year: f64) -> Option<u64> {
        let what = match period {
            Period::Steps(_) => "counts steps of itself",
            Period::Time { .. } => match period.nanos(days_per_year) {
                Some(0) => "must be longer than nothing",
                Some(nanos) => return Some(nanos),
                None => "is longer than 500 years",
            },
        };
        self.error("E007", Fault::new(path, what).label("a length of time is wanted").help("\"30d\", \"1h\", \"0.25y\""));
        None
    }
}
