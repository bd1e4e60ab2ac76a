//! Figures as people read them: no more digits than the standard error supports, a true minus.

/// The sign U+2212, as wide as a plus.
pub const MINUS: char = '\u{2212}';
/// Between groups of three digits; never breaks a line.
const GROUP: char = '\u{a0}';

/// Power of ten of the leading digit; 0 for zero. Read off the shortest decimal, so it is exact.
pub fn exponent(value: f64) -> i32 {
    let text = format!("{value:e}");
    text.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0)
}

/// The value rounded to `decimals` places (negative: to tens, hundreds, …).
pub fn fixed(value: f64, decimals: i32) -> String {
    if !value.is_finite() {
        return "–".into();
    }
    if value != 0.0 && long(value) {
        return scientific(value, decimals);
    }
    let text = if decimals >= 0 {
        format!("{:.*}", decimals as usize, value.abs())
    } else {
        let unit = 10_f64.powi(-decimals);
        format!("{:.0}", (value.abs() / unit).round() * unit)
    };
    let zero = text.bytes().all(|b| matches!(b, b'0' | b'.'));
    let text = grouped(&text);
    if value < 0.0 && !zero { format!("{MINUS}{text}") } else { text }
}

/// Whether a plain decimal of that magnitude is a row of zeros.
fn long(value: f64) -> bool {
    !(-9..7).contains(&exponent(value))
}

/// The value with that many significant digits.
pub fn significant(value: f64, digits: i32) -> String {
    if value == 0.0 {
        return "0".into();
    }
    // rounding may carry into the next power of ten: 9.96 is 10.0 with three digits
    let carried = format!("{value:.*e}", (digits - 1).max(0) as usize);
    let power = carried.split_once('e').and_then(|(_, power)| power.parse().ok()).unwrap_or(0);
    fixed(value, digits - 1 - power)
}

/// How many decimal places an error leaves: one digit of it, two where it begins with 1.
pub fn decimals_of_error(se: f64) -> i32 {
    let text = format!("{se:.0e}");
    let (digit, power) = text.split_once('e').unwrap_or(("0", "0"));
    let power: i32 = power.parse().unwrap_or(0);
    if digit == "1" { 1 - power } else { -power }
}

/// Value and error as text, both to the last place the error supports.
///
/// A known figure (error 0) and one without an error have no error; whole ones are written whole, others with four significant
/// digits.
pub fn with_error(value: f64, se: Option<f64>) -> (String, Option<String>) {
    match se {
        Some(se) if se > 0.0 && se.is_finite() => {
            // a value far below its error is nothing but its error
            let decimals = decimals_of_error(se);
            // both in one form
            let error =
                if long(value) && value != 0.0 { scientific(se, decimals) } else { fixed(se, decimals) };
            (fixed(value, decimals), Some(error))
        }
        // a count that is known is whole
        _ if value.fract() == 0.0 && !long(value) => (fixed(value, 0), None),
        _ => (significant(value, 4), None),
    }
}

/// `value ± error`, or the value alone.
pub fn plus_minus(value: f64, se: Option<f64>) -> String {
    match with_error(value, se) {
        (value, Some(error)) => format!("{value} ± {error}"),
        (value, None) => value,
    }
}

/// An amount of money: whole where it is.
pub fn amount(value: f64) -> String {
    if value.abs() >= 1000.0 && value.abs() < 1e15 {
        let text = grouped(&format!("{:.0}", value.abs()));
        return if value < 0.0 { format!("{MINUS}{text}") } else { text };
    }
    significant(value, 4)
}

/// A number that somebody chose: four significant digits at most, none of them a trailing zero behind the point.
pub fn plain(value: f64) -> String {
    let text = significant(value, 4);
    if text.contains('.') && !text.contains('e') {
        return text.trim_end_matches('0').trim_end_matches('.').to_owned();
    }
    text
}

/// A count with its groups of three.
pub fn count(n: u64) -> String {
    grouped(&n.to_string())
}

fn scientific(value: f64, decimals: i32) -> String {
    let digits = (exponent(value) + decimals).clamp(0, 3) as usize;
    format!("{value:.digits$e}").replace('-', "\u{2212}")
}

/// Groups of three digits from five digits on: four read well without.
fn grouped(text: &str) -> String {
    let (whole, fraction) = text.split_once('.').map_or((text, ""), |(whole, fraction)| (whole, fraction));
    let mut out = String::with_capacity(text.len() + 4);
    for (place, digit) in whole.chars().enumerate() {
        if whole.len() > 4 && place > 0 && (whole.len() - place).is_multiple_of(3) {
            out.push(GROUP);
        }
        out.push(digit);
    }
    if !fraction.is_empty() {
        out.push('.');
        out.push_str(fraction);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_stop_where_the_error_begins() {
        assert_eq!(plus_minus(12.345, Some(0.23)), "12.3 ± 0.2");
        assert_eq!(plus_minus(-12.345, Some(0.14)), "−12.35 ± 0.14");
        assert_eq!(plus_minus(12.345, Some(0.096)), "12.35 ± 0.10");
        assert_eq!(plus_minus(12_345.6, Some(234.0)), "12\u{a0}300 ± 200");
        assert_eq!(plus_minus(-0.01, Some(0.5)), "0.0 ± 0.5");
        assert_eq!(plus_minus(1.0 / 3.0, None), "0.3333");
        assert_eq!(plus_minus(5.0, Some(0.0)), "5");
        assert_eq!(plus_minus(12_345.0, None), "12\u{a0}345");
        assert_eq!(plus_minus(0.25, Some(0.0)), "0.2500");
        assert_eq!(plus_minus(1.5e7, Some(7e6)), "1.5e7 ± 7e6");
        assert_eq!(plus_minus(-2.34e7, Some(1.2e5)), "−2.340e7 ± 1.2e5");
    }

    #[test]
    fn magnitudes_stay_readable() {
        assert_eq!(significant(9.996, 3), "10.0");
        assert_eq!(significant(0.0, 3), "0");
        assert_eq!(fixed(1.234e18, -16), "1.23e18");
        assert_eq!(fixed(-3e-12, 13), "−3.0e−12");
        assert_eq!(amount(600_000.0), "600\u{a0}000");
        assert_eq!([400.0, 0.25, 1234.5, -0.1].map(plain), ["400", "0.25", "1234", "−0.1"]);
        assert_eq!(count(1_234_567), "1\u{a0}234\u{a0}567");
        assert_eq!(exponent(0.000_123), -4);
    }
}
