//! The best value of one parameter on common random numbers, and how well it is known.
use crate::scenario::Range;
use crate::stats::Difference;

use super::compare::Windows;
use super::objective::{Sample, difference};

mod fit;

pub use fit::{Vertex, vertex};

/// Refinements of the grid about its best point: each divides the distance of the points by three.
const ROUNDS: usize = 2;
/// Why a value was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// The first grid.
    Grid,
    /// Closer to the best so far.
    Refined,
    /// Where the fitted parabola is least.
    Fit,
    /// What theory says.
    Theory,
}

impl Stage {
    /// The word in files.
    pub fn name(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Refined => "refined",
            Self::Fit => "fit",
            Self::Theory => "theory",
        }
    }
}

/// One value of the parameter and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// The value, in the unit of the range.
    pub x: f64,
    /// The objective, and by path.
    pub sample: Sample,
    /// Why it was looked at.
    pub stage: Stage,
}

/// A finished search.
#[derive(Debug, Clone, PartialEq)]
pub struct Tuned {
    /// In the order of the parameter.
    pub points: Vec<Point>,
    /// Of every point: its objective minus that of the best.
    pub differences: Vec<Difference>,
    /// Place of the best among the points.
    pub best: usize,
    /// From where to where the objective cannot be told from the best; an open end lies beyond the range.
    pub tied: [Option<f64>; 2],
    /// Minimum of the parabola through the points near the best, where it has one.
    pub vertex: Option<Vertex>,
    /// Place of the theoretical optimum among the points, where there is one in the range.
    pub theory: Option<usize>,
}

impl Tuned {
    /// Whether the best lies at the lower or upper end of the range: then the optimum may lie beyond.
    pub fn at_end(&self) -> bool {
        self.best == 0 || self.best + 1 == self.points.len()
    }

    /// Whether a point can be told from the best; a difference without an error cannot be judged.
    pub fn is_worse(&self, point: usize) -> Option<bool> {
        judged(&self.differences[point])
    }
}

/// Whether the interval of a difference lies above zero.
fn judged(difference: &Difference) -> Option<bool> {
    Some(difference.estimate.ci?[0] > 0.0)
}

/// A grid of `n_points` over the range, twice refined about its best point, and a parabola through what lies near; each
/// batch of values is handed to `evaluate` at once, so that they can share their paths.
///
/// All points have the same random numbers, so their differences know little noise. The parabola, in the logarithm of the
/// parameter where the range is laid out so, averages over what is left of it. Where its least point cannot be told from the
/// best of those looked at, it is taken for the best.
///
/// # Errors
///
/// Those of `evaluate`.
pub fn tune<E>(
    range: &Range,
    n_points: u32,
    theory: Option<f64>,
    windows: Option<Windows>,
    evaluate: &mut impl FnMut(&[f64]) -> Result<Vec<Sample>, E>,
) -> Result<Tuned, E> {
    let mut search = Search { range, windows, points: Vec::new() };
    let grid = range.points(n_points);
    let spacing = (range.place(range.high) - range.place(range.low)) / f64::from(n_points.max(2) - 1);
    search.look(&grid, Stage::Grid, evaluate)?;
    for _ in 0..ROUNDS {
        let closer = search.closer();
        if closer.is_empty() {
            break;
        }
        search.look(&closer, Stage::Refined, evaluate)?;
    }
    let mut best = search.points[search.least()].x;
    // near the best a curve is most like a parabola; where noise hides that, farther points help
    let vertex = search.vertex(1.001 * spacing / 3.0).or_else(|| search.vertex(1.001 * spacing));
    if let Some(vertex) = &vertex {
        search.look(&[vertex.x], Stage::Fit, evaluate)?;
        let (known, fitted) = (search.at(best), search.at(range.snap(vertex.x)));
        if let (Some(known), Some(fitted)) = (known, fitted)
            && judged(&search.difference(known, fitted)) != Some(true)
            && vertex.estimate.se.is_some()
        {
            best = search.points[fitted].x;
        }
    }
    if let Some(theory) = theory.filter(|x| (range.low..=range.high).contains(x)) {
        search.look(&[theory], Stage::Theory, evaluate)?;
    }
    let best = search.at(best).unwrap_or(0);
    let differences: Vec<Difference> =
        (0..search.points.len()).map(|point| search.difference(best, point)).collect();
    let tied = [search.end(&differences, (0..best).rev(), best), {
        search.end(&differences, best + 1..search.points.len(), best)
    }];
    let theory = theory.filter(|x| (range.low..=range.high).contains(x));
    let theory = theory.and_then(|theory| search.at(range.snap(theory)));
    Ok(Tuned { points: search.points, differences, best, tied, vertex, theory })
}

/// What is known so far.
struct Search<'r> {
    range: &'r Range,
    windows: Option<Windows>,
    points: Vec<Point>,
}

impl Search<'_> {
    /// Looks at values that are not known yet.
    fn look<E>(
        &mut self,
        values: &[f64],
        stage: Stage,
        evaluate: &mut impl FnMut(&[f64]) -> Result<Vec<Sample>, E>,
    ) -> Result<(), E> {
        let mut values: Vec<f64> = values.iter().map(|x| self.range.snap(*x)).collect();
        values.retain(|x| self.at(*x).is_none());
        values.dedup();
        if values.is_empty() {
            return Ok(());
        }
        let samples = evaluate(&values)?;
        self.points.extend(values.iter().zip(samples).map(|(x, sample)| Point { x: *x, sample, stage }));
        self.points.sort_by(|a, b| a.x.total_cmp(&b.x));
        Ok(())
    }

    fn at(&self, x: f64) -> Option<usize> {
        self.points.iter().position(|point| point.x == x)
    }

    fn least(&self) -> usize {
        let by_value =
            |a: &usize, b: &usize| self.points[*a].sample.value.total_cmp(&self.points[*b].sample.value);
        (0..self.points.len()).min_by(by_value).unwrap_or(0)
    }

    fn difference(&self, from: usize, to: usize) -> Difference {
        difference(&self.points[from].sample, &self.points[to].sample, self.windows)
    }

    /// Two values in each gap beside the best, where the key can take them.
    fn closer(&self) -> Vec<f64> {
        let best = self.least();
        let place = |point: usize| self.range.place(self.points[point].x);
        let gaps = [best.checked_sub(1).map(|low| (low, best)), Some((best, best + 1))];
        let mut values: Vec<f64> = gaps
            .into_iter()
            .flatten()
            .filter(|(_, high)| *high < self.points.len())
            .flat_map(|(low, high)| {
                let (from, to) = (place(low), place(high));
                [1.0, 2.0].map(|third| self.range.snap(self.range.at(from + (to - from) * third / 3.0)))
            })
            .filter(|x| self.at(*x).is_none())
            .collect();
        values.dedup();
        values
    }

    /// The parabola through the points within `reach` of the best.
    fn vertex(&self, reach: f64) -> Option<Vertex> {
        let middle = self.range.place(self.points[self.least()].x);
        let near: Vec<(f64, &Sample)> = self
            .points
            .iter()
            .map(|point| (self.range.place(point.x) - middle, &point.sample))
            .filter(|(place, _)| place.abs() <= reach)
            .collect();
        vertex(&near, self.windows, |place| self.range.at(place + middle))
            .filter(|vertex| (self.range.low..=self.range.high).contains(&vertex.x))
    }

    /// How far from the best the points, in the order given, cannot be told from it: to where the difference would be 1.96
    /// of its errors between the last that cannot and the first that can.
    fn end(
        &self,
        differences: &[Difference],
        order: impl Iterator<Item = usize>,
        best: usize,
    ) -> Option<f64> {
        let excess = |point: usize| Some(differences[point].estimate.ci?[0]);
        let place = |point: usize| self.range.place(self.points[point].x);
        let mut inside: Option<(usize, f64)> = None;
        for point in order {
            let now = excess(point)?;
            if now > 0.0 {
                let (from, share) = match inside {
                    Some((last, before)) => (last, -before / (now - before)),
                    // beside the best the difference grows with the square of the distance, its error with the distance
                    None => (best, 1.0 - now / differences[point].estimate.value?),
                };
                let share = share.clamp(0.0, 1.0);
                return Some(self.range.at(place(from) + (place(point) - place(from)) * share));
            }
            inside = Some((point, now));
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ln;
    use crate::stats::Units;
    use crate::units::Grid;

    fn range(text: &str) -> Range {
        let grid = Grid { horizon_nanos: 864_000_000_000_000, n_steps: 720, days_per_year: 365.0 };
        Range::parse(text, &grid).unwrap_or_else(|why| panic!("{why}"))
    }

    /// 400 paths whose noise differs from point to point by `noise` times a bounded function of the place.
    fn sample(value: f64, place: f64, noise: f64) -> Sample {
        let wave = |path: u32| {
            let phase = f64::from(path) * 0.618_033_988_75 + place * 0.9;
            4.0 * (phase - phase.floor() - 0.5).abs() - 1.0
        };
        let paths: Vec<f64> = (0..400).map(|path| noise * wave(path)).collect();
        let mean = paths.iter().sum::<f64>() / 400.0;
        Sample {
            value: value + mean,
            influence: paths.iter().map(|x| x - mean).collect(),
            units: Units::Paths,
        }
    }

    #[test]
    fn a_known_minimum_is_found_between_the_points() {
        // a·h² + b/h has its least at (b/2a)^{1/3} = 3
        let range = range("1..12");
        let mut batches = Vec::new();
        let tuned = tune(&range, 9, Some(3.0), None, &mut |xs: &[f64]| -> Result<_, ()> {
            batches.push(xs.len());
            Ok(xs.iter().map(|x| sample(x * x + 54.0 / x, ln(*x), 1.0)).collect())
        })
        .unwrap_or_else(|()| panic!("it cannot fail"));
        assert_eq!(batches, [9, 4, 4, 1, 1], "each batch shares its paths");
        let best = tuned.points[tuned.best].x;
        assert!((best / 3.0 - 1.0).abs() < 0.01, "{best}");
        let vertex = tuned.vertex.as_ref().expect("a parabola");
        assert!((vertex.x / 3.0 - 1.0).abs() < 0.01, "{}", vertex.x);
        let [low, high] = tuned.tied.map(|end| end.expect("an end"));
        assert!(low < 3.0 && 3.0 < high && high - low < 0.5, "{low} {high}");
        assert_eq!(tuned.theory.map(|at| tuned.points[at].x), Some(3.0));
        assert!(tuned.is_worse(0) == Some(true) && !tuned.at_end());
    }

    #[test]
    fn noise_widens_the_interval_and_a_slope_ends_at_the_range() {
        let run = |noise: f64, curve: fn(f64) -> f64| {
            tune(&range("1..12"), 9, None, None, &mut |xs: &[f64]| -> Result<_, ()> {
                Ok(xs.iter().map(|x| sample(curve(*x), ln(*x), noise)).collect())
            })
            .unwrap_or_else(|()| panic!("it cannot fail"))
        };
        let (quiet, loud) = (run(0.1, |x| x * x + 54.0 / x), run(20.0, |x| x * x + 54.0 / x));
        let width = |tuned: &Tuned| tuned.tied[1].unwrap_or(12.0) - tuned.tied[0].unwrap_or(1.0);
        assert!(width(&loud) > 3.0 * width(&quiet), "{} {}", width(&loud), width(&quiet));
        let slope = run(0.1, |x| x);
        assert!(slope.at_end() && slope.best == 0 && slope.tied[0].is_none());
    }

    #[test]
    fn steps_are_looked_at_once_each() {
        let mut seen = Vec::new();
        let tuned =
            tune(&range("\"1 step\"..\"9 steps\""), 5, None, None, &mut |xs: &[f64]| -> Result<_, ()> {
                seen.extend_from_slice(xs);
                Ok(xs.iter().map(|x| sample((x - 4.0) * (x - 4.0), *x, 0.0)).collect())
            })
            .unwrap_or_else(|()| panic!("it cannot fail"));
        assert_eq!(tuned.points[tuned.best].x, 4.0);
        let n = seen.len();
        seen.sort_by(f64::total_cmp);
        seen.dedup();
        assert_eq!(seen.len(), n);
        assert!(seen.iter().all(|x| x.fract() == 0.0));
    }
}
