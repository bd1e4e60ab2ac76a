//! Durations as they stand in a scenario: time with a unit, or whole steps.
use std::borrow::Cow;
use std::fmt::{self, Write as _};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use super::Grid;

pub(super) const NANOS_PER_DAY: u64 = 86_400_000_000_000;

/// A span of time: integer nanoseconds, a number of years (whose length the scenario states), or whole steps.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Period {
    /// Text with units of time, such as `"3d6h"` or `"0.25y"`.
    Time {
        /// Everything but the years, in nanoseconds.
        nanos: u64,
        /// The part written in years.
        years: f64,
    },
    /// `"1 step"`, `"5 steps"`; also every period once it is resolved on the grid.
    Steps(u64),
}

/// `(suffix, nanoseconds)` of every unit of time but the year.
const UNITS: &[(&str, u64)] = &[
    ("ns", 1),
    ("us", 1_000),
    ("ms", 1_000_000),
    ("s", 1_000_000_000),
    ("min", 60_000_000_000),
    ("h", 3_600_000_000_000),
    ("d", NANOS_PER_DAY),
    ("w", 7 * NANOS_PER_DAY),
];

impl Period {
    /// Reads `"250ms"`, `"12s"`, `"10min"`, `"1h"`, `"3d6h"`, `"2w"`, `"0.25y"`, `"1 step"`, `"5 steps"`.
    ///
    /// # Errors
    ///
    /// Says what is wrong in words that complete "`key`: …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        if let Some(count) = text.strip_suffix("steps").or_else(|| text.strip_suffix("step")) {
            return count
                .trim()
                .replace('_', "")
                .parse()
                .map(Self::Steps)
                .map_err(|_| format!("`{text}` is not a whole number of steps"));
        }
        let (mut nanos, mut years, mut rest) = (0_u64, 0.0, text);
        if rest.is_empty() {
            return Err("an empty text is not a duration".into());
        }
        while !rest.is_empty() {
            let split = rest.find(|c: char| c.is_alphabetic()).unwrap_or(rest.len());
            let (number, tail) = rest.split_at(split);
            let end = tail.find(|c: char| !c.is_alphabetic()).unwrap_or(tail.len());
            let (unit, next) = tail.split_at(end);
            rest = next.trim_start();
            let number = number.trim().replace('_', "");
            if unit.is_empty() {
                return Err(format!(
                    "`{text}` has no unit: write ms, s, min, h, d, w, y or steps after the number"
                ));
            }
            let value: f64 =
                number.parse().map_err(|_| format!("`{number}` in `{text}` is not a decimal number"))?;
            if value < 0.0 {
                return Err(format!("`{text}` must not be negative"));
            }
            if !value.is_finite() {
                return Err(format!("`{text}` is longer than 500 years"));
            }
            if unit == "y" {
                years += value;
                continue;
            }
            let Some(&(_, size)) = UNITS.iter().find(|(name, _)| *name == unit) else {
                return Err(format!("unknown unit of time `{unit}`: use ms, s, min, h, d, w, y or steps"));
            };
            let part = whole_nanos(&number, size)
                .ok_or_else(|| format!("`{text}` is finer than a nanosecond or longer than 500 years"))?;
            nanos = nanos.checked_add(part).ok_or_else(|| format!("`{text}` is longer than 500 years"))?;
        }
        Ok(Self::Time { nanos, years })
    }

    /// Length in nanoseconds, when it is a time and not a number of steps.
    pub fn nanos(self, days_per_year: f64) -> Option<u64> {
        let Self::Time { nanos, years } = self else { return None };
        let of_years = (years * days_per_year * NANOS_PER_DAY as f64).round();
        if of_years >= 1.8e19 { None } else { nanos.checked_add(of_years as u64) }
    }

    /// Length in years, a number of steps or not.
    pub fn years(self, grid: &Grid) -> f64 {
        match self {
            Self::Steps(count) => count as f64 * grid.dt(),
            Self::Time { nanos, years } => years + nanos as f64 / (grid.days_per_year * NANOS_PER_DAY as f64),
        }
    }

    /// The number of whole steps of `grid` it spans.
    ///
    /// # Errors
    ///
    /// Names the period and the step where one is no whole multiple of the other.
    pub fn on(self, grid: &Grid) -> Result<u64, String> {
        let nanos = match self {
            Self::Steps(count) => return Ok(count),
            Self::Time { .. } => {
                self.nanos(grid.days_per_year).ok_or_else(|| format!("{self} is longer than 500 years"))?
            }
        };
        let scaled = u128::from(nanos) * u128::from(grid.n_steps);
        let horizon = u128::from(grid.horizon_nanos);
        if scaled % horizon != 0 {
            return Err(format!("{self} is not a whole number of steps of {}", grid.step_text()));
        }
        u64::try_from(scaled / horizon).map_err(|_| format!("{self} is far beyond the horizon"))
    }

    /// Number of steps of a period that is already resolved on its grid; 0 for one that is not.
    pub fn steps(self) -> u64 {
        if let Self::Steps(count) = self { count } else { 0 }
    }

    /// Replaces a time by its number of steps.
    ///
    /// # Errors
    ///
    /// As [`Period::on`].
    pub fn resolve(&mut self, grid: &Grid) -> Result<(), String> {
        *self = Self::Steps(self.on(grid)?);
        Ok(())
    }
}

/// `number × size` nanoseconds where that is a whole number, by decimal arithmetic.
fn whole_nanos(number: &str, size: u64) -> Option<u64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let whole: u64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let fraction = fraction.trim_end_matches('0');
    let mut nanos = u128::from(whole) * u128::from(size);
    if !fraction.is_empty() {
        let scale = 10_u128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
        let part = fraction.parse::<u128>().ok()?.checked_mul(u128::from(size))?;
        if part % scale != 0 {
            return None;
        }
        nanos += part / scale;
    }
    u64::try_from(nanos).ok()
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Steps(1) => write!(f, "1 step"),
            Self::Steps(count) => write!(f, "{count} steps"),
            Self::Time { nanos, years } => {
                if years != 0.0 {
                    write!(f, "{years}y")?;
                }
                if nanos != 0 || years == 0.0 {
                    write!(f, "{}", nanos_text(nanos))?;
                }
                Ok(())
            }
        }
    }
}

/// `90 000 000 000` as `1min30s`.
pub(super) fn nanos_text(mut nanos: u64) -> String {
    if nanos == 0 {
        return "0s".into();
    }
    let mut text = String::new();
    for &(unit, size) in UNITS.iter().rev() {
        // weeks read worse than days
        if unit != "w" && nanos >= size {
            // writing to a String cannot fail
            let _ = write!(text, "{}{unit}", nanos / size);
            nanos %= size;
        }
    }
    text
}

impl Serialize for Period {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Period {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = Cow::<str>::deserialize(from)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

impl JsonSchema for Period {
    fn schema_name() -> Cow<'static, str> {
        "Duration".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": "string", "format": "x-duration",
            "description": "A duration with its unit: \"250ms\", \"12s\", \"10min\", \"1h\", \"3d6h\", \"2w\", \"0.25y\" or \"5 steps\".",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRID: Grid = Grid { horizon_nanos: 30 * NANOS_PER_DAY, n_steps: 4320, days_per_year: 365.0 };

    #[test]
    fn every_documented_form_reads() {
        let nanos = |text: &str| Period::parse(text).ok().and_then(|period| period.nanos(365.0));
        assert_eq!(nanos("250ms"), Some(250_000_000));
        assert_eq!(nanos("12s"), Some(12_000_000_000));
        assert_eq!(nanos("10min"), Some(600_000_000_000));
        assert_eq!(nanos("3d6h"), Some(78 * 3_600_000_000_000));
        assert_eq!(nanos("3d 6h"), nanos("3d6h"));
        assert_eq!(nanos("2w"), Some(14 * NANOS_PER_DAY));
        assert_eq!(nanos("0.25y"), Some(91 * NANOS_PER_DAY + NANOS_PER_DAY / 4));
        assert_eq!(nanos("1.5h"), nanos("90min"));
        assert_eq!(Period::parse("5 steps"), Ok(Period::Steps(5)));
        assert_eq!(Period::parse("1 step"), Ok(Period::Steps(1)));
    }

    #[test]
    fn what_is_no_duration_says_why() {
        for (text, words) in [
            ("3600", "no unit"),
            ("1 hour", "unknown unit of time `hour`"),
            ("-5s", "negative"),
            ("", "empty"),
            ("1.5 steps", "whole number of steps"),
            ("0.1ns", "finer than a nanosecond"),
            ("9000000y9000000w", "longer than 500 years"),
            ("h", "not a decimal number"),
        ] {
            let error = Period::parse(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
        assert_eq!(Period::parse("900y").map(|period| period.nanos(365.0)), Ok(None));
    }

    #[test]
    fn steps_are_whole_or_an_error_that_names_both() {
        assert_eq!(Period::parse("1h").and_then(|period| period.on(&GRID)), Ok(6));
        let error = Period::parse("15min").and_then(|period| period.on(&GRID)).expect_err("not whole");
        assert_eq!(error, "15min is not a whole number of steps of 10min");
        // an inexact step is an exact rational
        let thirds = Grid { n_steps: 7, ..GRID };
        assert_eq!(Period::parse("30d").and_then(|period| period.on(&thirds)), Ok(7));
    }
}
