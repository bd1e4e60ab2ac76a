//! Quantities with units as they stand in a scenario, and the grid of time they resolve to.
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

const NANOS_PER_DAY: u64 = 86_400_000_000_000;

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
            if !value.is_finite() || value < 0.0 {
                return Err(format!("`{text}` must not be negative"));
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
fn nanos_text(mut nanos: u64) -> String {
    if nanos == 0 {
        return "0s".into();
    }
    let mut text = String::new();
    for &(unit, size) in UNITS.iter().rev() {
        // weeks read worse than days
        if unit != "w" && nanos >= size {
            text.push_str(&format!("{}{unit}", nanos / size));
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

/// A plain fraction; text carries its unit: `"10 bps"`, `"0.5%"`.
#[derive(Debug, Clone, Copy, PartialEq, PartialOrd, Default, Serialize)]
pub struct Fraction(pub f64);

impl Fraction {
    /// Reads `"10 bps"` or `"0.5%"`.
    ///
    /// # Errors
    ///
    /// Says what is wrong in words that complete "`key`: …".
    pub fn parse(text: &str) -> Result<Self, String> {
        let text = text.trim();
        let split = text.find(|c: char| c.is_alphabetic() || c == '%').unwrap_or(text.len());
        let (number, unit) = text.split_at(split);
        let scale = match unit.trim() {
            "bps" | "bp" => 1e4,
            "%" => 1e2,
            "" => return Err(format!("`{text}` in quotes needs a unit: \"10 bps\" or \"0.1%\"")),
            other => return Err(format!("unknown unit `{other}`: use bps or %")),
        };
        let number = number.trim().replace('_', "");
        match number.parse::<f64>() {
            // dividing rounds once: "5 bps" is the double nearest 0.0005
            Ok(value) if value.is_finite() => Ok(Self(value / scale)),
            _ => Err(format!("`{number}` in `{text}` is not a decimal number")),
        }
    }
}

struct FractionVisitor;
impl de::Visitor<'_> for FractionVisitor {
    type Value = Fraction;
    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a number or text with bps or %")
    }
    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Fraction, E> {
        Ok(Fraction(value))
    }
    fn visit_i64<E: de::Error>(self, value: i64) -> Result<Fraction, E> {
        Ok(Fraction(value as f64))
    }
    fn visit_u64<E: de::Error>(self, value: u64) -> Result<Fraction, E> {
        Ok(Fraction(value as f64))
    }
    fn visit_str<E: de::Error>(self, text: &str) -> Result<Fraction, E> {
        Fraction::parse(text).map_err(E::custom)
    }
}

impl<'de> Deserialize<'de> for Fraction {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(FractionVisitor)
    }
}

impl JsonSchema for Fraction {
    fn schema_name() -> Cow<'static, str> {
        "Fraction".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"], "format": "x-fraction",
            "description": "A fraction (0.001), or text with its unit: \"10 bps\", \"0.1%\".",
        })
    }
}

/// A number of units (plain) or a share (`"5%"`, `"50 bps"`).
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub enum Amount {
    /// A plain number.
    Plain(f64),
    /// Text with a unit, as a fraction.
    Share(f64),
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either;
        impl de::Visitor<'_> for Either {
            type Value = Amount;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                FractionVisitor.expecting(f)
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Amount, E> {
                Ok(Amount::Plain(value))
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Amount, E> {
                Ok(Amount::Plain(value as f64))
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<Amount, E> {
                Ok(Amount::Plain(value as f64))
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<Amount, E> {
                Fraction::parse(text).map(|f| Amount::Share(f.0)).map_err(E::custom)
            }
        }
        from.deserialize_any(Either)
    }
}

impl JsonSchema for Amount {
    fn schema_name() -> Cow<'static, str> {
        "Amount".into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["number", "string"], "format": "x-fraction",
            "description": "A plain number in the unit of the key, or a share: \"5%\", \"50 bps\".",
        })
    }
}

/// One value for all assets, or a table by symbol.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum PerAsset<T> {
    /// The same for every asset.
    One(T),
    /// By symbol.
    BySymbol(BTreeMap<String, T>),
}

impl<T: Copy> PerAsset<T> {
    /// The value for one asset.
    pub fn of(&self, symbol: &str) -> Option<T> {
        match self {
            Self::One(value) => Some(*value),
            Self::BySymbol(table) => table.get(symbol).copied(),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for PerAsset<T> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Either<T>(std::marker::PhantomData<T>);
        impl<'de, T: Deserialize<'de>> de::Visitor<'de> for Either<T> {
            type Value = PerAsset<T>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a value, or a table of values by symbol")
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::F64Deserializer::new(value)).map(PerAsset::One)
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::I64Deserializer::new(value)).map(PerAsset::One)
            }
            fn visit_u64<E: de::Error>(self, value: u64) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::U64Deserializer::new(value)).map(PerAsset::One)
            }
            fn visit_str<E: de::Error>(self, text: &str) -> Result<PerAsset<T>, E> {
                T::deserialize(de::value::StrDeserializer::new(text)).map(PerAsset::One)
            }
            fn visit_map<A: de::MapAccess<'de>>(self, map: A) -> Result<PerAsset<T>, A::Error> {
                BTreeMap::deserialize(de::value::MapAccessDeserializer::new(map)).map(PerAsset::BySymbol)
            }
        }
        from.deserialize_any(Either(std::marker::PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for PerAsset<T> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> Cow<'static, str> {
        format!("PerAsset_{}", T::schema_name()).into()
    }
    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "object", "additionalProperties": one, "x-by-symbol": true }] })
    }
}

/// What is wrong with a value, said by whoever owns it; it knows no file and no position.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("`{path}`: {what}")]
pub struct Fault {
    /// Key path below the speaker's own table (`volatility`, `outages.0.to`); the caller puts its own path before it.
    pub path: String,
    /// What is wrong, in one sentence without the key.
    pub what: String,
    /// What stands under the underlined value.
    pub label: String,
    /// What would be right.
    pub help: Option<String>,
    /// Other places that matter: path and label.
    pub also: Vec<(String, String)>,
}

impl Fault {
    /// A fault of the value at `path`.
    pub fn new(path: impl Into<String>, what: impl Into<String>) -> Self {
        Self { path: path.into(), what: what.into(), label: "here".into(), help: None, also: Vec::new() }
    }
    /// With the words that stand under the value.
    #[must_use]
    pub fn label(mut self, label: impl Into<String>) -> Self {
        self.label = label.into();
        self
    }
    /// With what would be right.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
    /// With another place.
    #[must_use]
    pub fn also(mut self, path: impl Into<String>, label: impl Into<String>) -> Self {
        self.also.push((path.into(), label.into()));
        self
    }
    /// The same fault seen from the table above.
    #[must_use]
    pub fn under(mut self, prefix: &str) -> Self {
        let join = |path: &str| if path.is_empty() { prefix.to_owned() } else { format!("{prefix}.{path}") };
        self.path = join(&self.path);
        for (path, _) in &mut self.also {
            *path = join(path);
        }
        self
    }
}
