//! Windows of a series: where a whole run fits without a gap.
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use super::Prices;

/// Where the windows begin.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::scenario) enum Window {
    /// At that time only.
    At(i64),
    /// At every multiple of so many nanoseconds from the first row on.
    Every(i64),
}

/// Rows at which a window of `span` rows begins, and the number of starts lost to gaps and blanks.
pub(in crate::scenario) fn windows(prices: &Prices, span: u32, wanted: Window) -> (Vec<usize>, usize) {
    let reach = prices.reach();
    let first = prices.times.first().copied().unwrap_or(0);
    let asked = |time: i64| match wanted {
        Window::At(start) => time == start,
        Window::Every(stride) => stride <= 0 || time.saturating_sub(first) % stride == 0,
    };
    let rows: Vec<usize> = (0..prices.times.len()).filter(|row| asked(prices.times[*row])).collect();
    let inside = rows.iter().filter(|row| **row + span as usize <= reach.len().saturating_sub(1)).count();
    let starts: Vec<usize> = rows.into_iter().filter(|row| reach[*row] >= span).collect();
    let lost = inside.saturating_sub(starts.len());
    (starts, lost)
}

/// Nanoseconds since 1970 of an ISO 8601 time; without an offset it is UTC.
pub(crate) fn instant(text: &str) -> Option<i64> {
    let stamp = text.parse::<Timestamp>().ok().or_else(|| {
        let civil = text.parse::<DateTime>().ok()?;
        civil.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
    })?;
    i64::try_from(stamp.as_nanosecond()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000_000_000;

    #[test]
    fn windows_avoid_gaps_and_keep_their_phase() {
        let days = [0, 1, 2, 3, 4, 6, 7, 8, 9];
        let prices = Prices {
            times: days.iter().map(|day| day * DAY).collect(),
            columns: vec![vec![1.0; days.len()]],
            interval: DAY,
        };
        assert_eq!(windows(&prices, 2, Window::Every(DAY)), (vec![0, 1, 2, 5, 6], 2));
        assert_eq!(windows(&prices, 2, Window::Every(3 * DAY)), (vec![0, 5], 1));
        assert_eq!(windows(&prices, 2, Window::At(6 * DAY)), (vec![5], 0));
    }

    #[test]
    fn times_with_and_without_an_offset() {
        assert_eq!(instant("1970-01-02"), Some(DAY));
        assert_eq!(instant("1970-01-02T00:00:00Z"), Some(DAY));
        assert_eq!(instant("1970-01-02T02:00:00+02:00"), Some(DAY));
        assert_eq!(instant("1970-01-02 00:00"), Some(DAY));
        assert_eq!(instant("soon"), None);
    }
}
