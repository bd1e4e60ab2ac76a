//! Fractions as they stand in a scenario: plain, or text with bps or %.
use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, de};

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
    fn inline_schema() -> bool {
        true
    }
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
    fn inline_schema() -> bool {
        true
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_rounded_once() {
        assert_eq!(Fraction::parse("5 bps"), Ok(Fraction(0.0005)));
        assert_eq!(Fraction::parse("0.5%"), Ok(Fraction(0.005)));
        assert_eq!(Fraction::parse("-1 bp"), Ok(Fraction(-0.0001)));
        assert_eq!(Fraction::parse("1_000bps"), Ok(Fraction(0.1)));
    }

    #[test]
    fn what_is_no_fraction_says_why() {
        for (text, words) in [
            ("0.4", "needs a unit"),
            ("50 bsp", "unknown unit `bsp`"),
            ("five %", "unknown unit"),
            ("%", "not a decimal number"),
        ] {
            let error = Fraction::parse(text).expect_err(text);
            assert!(error.contains(words), "{text}: {error}");
        }
    }
}
