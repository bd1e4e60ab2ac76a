//! A key and the range it may take: `"1%".."10%"` or `2h..2d`, and the values of the key inside it.
use super::studies::{bare_text, measured, short};
use crate::units::{Grid, Period};

/// From this ratio of its ends on, a positive range is laid out in equal ratios.
const LOG_FROM: f64 = 5.0;

/// Which numbers of a range a key can take.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Values {
    /// All; to six digits.
    Real,
    /// Whole ones.
    Whole,
    /// Whole steps of the grid, each so much of the unit.
    Steps { grid: Grid, per_step: f64 },
}

/// Values between two numbers with one unit.
#[derive(Debug, Clone, PartialEq)]
pub struct Range {
    /// Least value, in `unit`.
    pub low: f64,
    /// Largest value, in `unit`.
    pub high: f64,
    /// Unit of both, bare; may be empty.
    pub unit: String,
    /// The unit as it is written behind a number.
    suffix: String,
    quoted: bool,
    values: Values,
}

impl Range {
    /// Reads `LO..HI`, two numbers with one unit, or two durations: they become whole steps of `grid`.
    ///
    /// # Errors
    ///
    /// Says what is wrong in words.
    pub fn parse(text: &str, grid: &Grid) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no range: LO..HI, two numbers with the same unit, such as \"1%\"..\"10%\" or 1h..2d"
            )
        };
        let (from, to) = text.split_once("..").ok_or_else(wrong)?;
        let periods = [from, to].map(|end| Period::parse(&bare_text(end)));
        if let [Ok(low), Ok(high)] = periods {
            return Self::over_time([low, high], from, grid).ok_or_else(|| {
                format!("`{text}` is no range: there are no two whole steps of {} in it", grid.step_text())
            });
        }
        let ((low, suffix, quoted), (high, other, _)) =
            measured(from.trim()).zip(measured(to.trim())).ok_or_else(wrong)?;
        let unit = suffix.trim().to_owned();
        if unit != other.trim() || low >= high {
            return Err(wrong());
        }
        let quoted = quoted || !unit.is_empty();
        Ok(Self { low, high, unit, suffix, quoted, values: Values::Real })
    }

    /// A range in whole steps, in the unit of its lower end; none where it holds fewer than two.
    fn over_time(ends: [Period; 2], from: &str, grid: &Grid) -> Option<Self> {
        let (unit, per_step) = if let Period::Steps(_) = ends[0] {
            ("steps".to_owned(), 1.0)
        } else {
            let unit =
                measured(from.trim()).map_or_else(|| "h".to_owned(), |(_, unit, _)| unit.trim().to_owned());
            let nanos = Period::parse(&format!("1{unit}")).ok()?.nanos(grid.days_per_year)?;
            (unit, grid.horizon_nanos as f64 / (grid.n_steps as f64 * nanos as f64))
        };
        // a share of a step that rounding leaves is none
        let [low, high] = ends.map(|end| end.years(grid) / grid.dt());
        let (first, last) = ((low - 1e-6).ceil(), (high + 1e-6).floor());
        let values = Values::Steps { grid: *grid, per_step };
        (first < last).then(|| Self {
            low: first * per_step,
            high: last * per_step,
            suffix: unit.clone(),
            unit,
            quoted: true,
            values,
        })
    }

    /// The range in whole numbers, where its ends are; else none.
    pub fn whole(&self) -> Option<Self> {
        let can = self.unit.is_empty() && !self.quoted && self.low.fract() == 0.0 && self.high.fract() == 0.0;
        can.then(|| Self { values: Values::Whole, ..self.clone() })
    }

    /// Whether it is laid out in equal ratios.
    pub fn is_log(&self) -> bool {
        self.low > 0.0 && self.high >= LOG_FROM * self.low
    }

    /// The least distance of two values; 0 where there is none.
    pub fn grain(&self) -> f64 {
        match self.values {
            Values::Real => 0.0,
            Values::Whole => 1.0,
            Values::Steps { per_step, .. } => per_step,
        }
    }

    /// The nearest value that the key can take.
    pub fn snap(&self, x: f64) -> f64 {
        let x = x.clamp(self.low, self.high);
        match self.values {
            Values::Real if x == self.low || x == self.high => x,
            Values::Real => format!("{x:.5e}").parse().unwrap_or(x),
            Values::Whole => x.round(),
            Values::Steps { per_step, .. } => (x / per_step).round() * per_step,
        }
    }

    /// The value for people: with its unit.
    pub fn bare(&self, x: f64) -> String {
        match self.values {
            Values::Steps { grid, per_step } if self.unit != "steps" => {
                let n = (x / per_step).round() as u64;
                let (nanos, n_steps) =
                    (u128::from(grid.horizon_nanos) * u128::from(n), u128::from(grid.n_steps));
                match u64::try_from(nanos / n_steps) {
                    Ok(whole) if n > 0 && nanos.is_multiple_of(n_steps) => {
                        Grid { horizon_nanos: whole, n_steps: 1, ..grid }.step_text()
                    }
                    _ => format!("{n} steps"),
                }
            }
            Values::Steps { .. } => format!("{} step{}", x.round(), if x.round() == 1.0 { "" } else { "s" }),
            _ => format!("{}{}", short(x), self.suffix),
        }
    }

    /// The value as TOML.
    pub fn toml(&self, x: f64) -> String {
        if self.quoted { format!("\"{}\"", self.bare(x)) } else { self.bare(x) }
    }

    /// Where a value lies: logarithm or the number itself.
    pub fn place(&self, x: f64) -> f64 {
        if self.is_log() { crate::math::ln(x) } else { x }
    }

    /// The value at a place.
    pub fn at(&self, place: f64) -> f64 {
        if self.is_log() { crate::math::exp(place) } else { place }
    }

    /// At most `n` values equally far apart by place, both ends among them, each once.
    pub fn points(&self, n: u32) -> Vec<f64> {
        let (from, to) = (self.place(self.low), self.place(self.high));
        let last = f64::from(n.max(2) - 1);
        let mut points: Vec<f64> = (0..n.max(2))
            .map(|i| {
                if f64::from(i) == last {
                    self.high
                } else {
                    self.at(from + (to - from) * f64::from(i) / last)
                }
            })
            .map(|x| self.snap(x))
            .collect();
        points.dedup();
        points
    }
}

/// `KEY=LO..HI` in its two parts.
///
/// # Errors
///
/// Says what is wrong in words.
pub fn key_and_range(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, range)) if !key.trim().is_empty() && range.contains("..") => {
            Ok((key.trim().to_owned(), range.trim().to_owned()))
        }
        _ => Err(format!("`{text}` is not KEY=LO..HI, such as policies.NAME.width=\"1%\"..\"10%\"")),
    }
}

/// A range about a value that is written: a tenth of it to ten times it; none about zero or what is no number.
pub fn about(value: &str) -> Option<String> {
    let (number, suffix, _) = measured(value)?;
    (number > 0.0).then(|| {
        let quote = if suffix.is_empty() { "" } else { "\"" };
        let end = |x: f64| format!("{quote}{}{suffix}{quote}", short(x));
        format!("{}..{}", end(0.1 * number), end(10.0 * number))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid() -> Grid {
        // ten days of 20 min
        Grid { horizon_nanos: 864_000_000_000_000, n_steps: 720, days_per_year: 365.0 }
    }

    #[test]
    fn a_range_knows_its_unit_and_its_values() {
        let range = Range::parse("\"1%\"..\"10%\"", &grid()).expect("a range");
        assert!(range.is_log() && range.grain() == 0.0);
        assert_eq!(range.toml(range.snap(2.718_141_592_6)), "\"2.71814%\"");
        let points = range.points(3);
        assert_eq!((points.len(), points[0], points[2]), (3, 1.0, 10.0));
        assert!((points[1] - 3.162_28).abs() < 1e-9, "{points:?}");
        let linear = Range::parse("0..4", &grid()).expect("a range");
        assert_eq!((linear.points(5), linear.toml(1.5)), (vec![0.0, 1.0, 2.0, 3.0, 4.0], "1.5".to_owned()));
        assert_eq!(linear.whole().map(|whole| whole.snap(2.6)), Some(3.0));
        assert_eq!(range.whole(), None);
        let small = Range::parse("1e-5..1e-1", &grid()).expect("a range");
        assert_eq!((small.low, small.high, small.toml(1e-3)), (1e-5, 0.1, "0.001".to_owned()));
    }

    #[test]
    fn durations_are_whole_steps() {
        let range = Range::parse("30min..2h", &grid()).expect("a range");
        assert_eq!((range.bare(range.low), range.bare(range.high)), ("40min".into(), "2h".into()));
        assert_eq!(range.toml(range.snap(61.0)), "\"1h\"");
        assert_eq!(range.points(100).len(), 5, "40, 60, 80, 100 and 120 minutes");
        let steps = Range::parse("\"1 step\"..\"12 steps\"", &grid()).expect("a range");
        assert_eq!((steps.toml(steps.snap(3.2)), steps.grain()), ("\"3 steps\"".into(), 1.0));
        let mixed = Range::parse("1h30min..1d", &grid()).expect("a range");
        assert_eq!((mixed.bare(mixed.low), mixed.high, mixed.unit.as_str()), ("1h40min".into(), 24.0, "h"));
        assert!(Range::parse("1min..25min", &grid()).is_err_and(|why| why.contains("no two whole steps")));
    }

    #[test]
    fn what_is_no_range_is_said() {
        for wrong in ["5", "1..0", "1%..2 bps", "x..y", "2h..1h", "1..1", "inf..nan"] {
            assert!(Range::parse(wrong, &grid()).is_err_and(|why| why.contains("no range")), "{wrong}");
        }
        assert!(key_and_range("=1..2").is_err() && key_and_range("a=1").is_err());
        assert_eq!(key_and_range(" a.b = 1..2 "), Ok(("a.b".into(), "1..2".into())));
        assert_eq!(about("\"5 bps\"").as_deref(), Some("\"0.5 bps\"..\"50 bps\""));
        assert_eq!((about("0.0"), about("\"x\"")), (None, None));
    }
}
