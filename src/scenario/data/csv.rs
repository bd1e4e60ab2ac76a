//! A CSV file of prices: a `time` column and one column an asset.
use crate::scenario::walk::suggest;

/// The columns wanted of one file.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scenario) struct Prices {
    /// Nanoseconds since 1970 of every row, increasing; empty where the file has no `time`.
    pub(in crate::scenario) times: Vec<i64>,
    /// Prices by column as asked for; a missing value is NaN.
    pub(in crate::scenario) columns: Vec<Vec<f64>>,
    /// Interval between two rows in nanoseconds: the most frequent one; 0 where there is none.
    pub(in crate::scenario) interval: i64,
}

impl Prices {
    /// Number of rows.
    pub(in crate::scenario) fn n_rows(&self) -> usize {
        self.columns.first().map_or(0, Vec::len)
    }

    /// Whether every asked-for column has a price in that row.
    pub(in crate::scenario) fn is_whole(&self, row: usize) -> bool {
        self.columns.iter().all(|column| column.get(row).is_some_and(|price| price.is_finite()))
    }

    /// By row: over how many rows one can go on from it without a gap or a blank.
    pub(in crate::scenario) fn reach(&self) -> Vec<u32> {
        let n = self.n_rows();
        let mut reach = vec![0_u32; n];
        for row in (0..n.saturating_sub(1)).rev() {
            let apart = match (self.times.get(row), self.times.get(row + 1)) {
                (Some(now), Some(next)) => next - now,
                _ => self.interval,
            };
            if apart == self.interval && self.is_whole(row) && self.is_whole(row + 1) {
                reach[row] = reach[row + 1].saturating_add(1);
            }
        }
        reach
    }
}

/// Why a file cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::scenario) enum CsvFault {
    /// The file as a whole or one of its lines.
    File(String),
    /// The column asked for, by position, and the nearest one there is.
    Column(usize, String, Option<String>),
}

/// Reads the columns wanted; `needs_time` where the clock of the rows matters.
pub(in crate::scenario) fn read(bytes: &[u8], wanted: &[&str]) -> Result<Prices, CsvFault> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let mut reader = ::csv::ReaderBuilder::new().trim(::csv::Trim::All).comment(Some(b'#')).from_reader(bytes);
    let header = reader.headers().map_err(|error| CsvFault::File(format!("is no CSV: {error}")))?.clone();
    let names: Vec<&str> = header.iter().collect();
    let time = names.iter().position(|name| *name == "time");
    let mut places = Vec::with_capacity(wanted.len());
    for (index, column) in wanted.iter().enumerate() {
        let found = names.iter().position(|name| name == column).ok_or_else(|| {
            let near = suggest(column, names.iter().copied().filter(|name| *name != "time")).map(str::to_owned);
            let listed: Vec<&str> = names.iter().copied().filter(|name| *name != "time").take(20).collect();
            let what = format!("the file has no column `{column}`; it has: {}", listed.join(", "));
            CsvFault::Column(index, what, near)
        })?;
        places.push(found);
    }
    let mut prices = Prices { times: Vec::new(), columns: vec![Vec::new(); wanted.len()], interval: 0 };
    let mut record = ::csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| CsvFault::File(in_words(&error)))? {
        let line = record.position().map_or(0, ::csv::Position::line);
        let cell = |place: usize| record.get(place).unwrap_or("");
        if let Some(time) = time {
            let text = cell(time);
            let now = super::windows::instant(text)
                .ok_or_else(|| CsvFault::File(format!("line {line}: `{text}` is no ISO 8601 time")))?;
            if prices.times.last().is_some_and(|last| *last >= now) {
                return Err(CsvFault::File(format!("line {line}: the times do not increase (`{text}`)")));
            }
            prices.times.push(now);
        }
        for (column, place) in prices.columns.iter_mut().zip(&places) {
            let text = cell(*place);
            let price = match text.parse::<f64>() {
                Ok(price) if price.is_finite() && price > 0.0 => price,
                _ if text.is_empty() => f64::NAN,
                _ => return Err(CsvFault::File(format!("line {line}: `{text}` is no positive price"))),
            };
            column.push(price);
        }
    }
    prices.interval = usual_interval(&prices.times);
    Ok(prices)
}

/// The most frequent difference, the smaller one of two equally frequent.
fn usual_interval(times: &[i64]) -> i64 {
    let mut apart: Vec<i64> = times.windows(2).map(|pair| pair[1] - pair[0]).collect();
    apart.sort_unstable();
    let runs = apart.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0]));
    runs.fold((0, 0), |best, run| if run.0 > best.0 { run } else { best }).1
}

fn in_words(error: &::csv::Error) -> String {
    match error.kind() {
        ::csv::ErrorKind::Utf8 { pos, .. } => {
            format!("line {}: not UTF-8 text", pos.as_ref().map_or(0, ::csv::Position::line))
        }
        ::csv::ErrorKind::UnequalLengths { pos, expected_len, len } => {
            let line = pos.as_ref().map_or(0, ::csv::Position::line);
            format!("line {line}: {len} cells, but the header has {expected_len}")
        }
        _ => format!("is no CSV: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_and_blanks_end_a_stretch() {
        let text = b"time,A,B\n2020-01-01,1,1\n2020-01-02,2,1\n2020-01-03T00:00:00Z,3,\n2020-01-04,4,1\n2020-01-06,5,1\n2020-01-07,6,1\n";
        let both = read(text, &["A", "B"]).expect("prices");
        assert_eq!(both.interval, 86_400_000_000_000);
        assert_eq!(both.reach(), [1, 0, 0, 0, 1, 0]);
        assert_eq!(read(text, &["A"]).expect("prices").reach(), [3, 2, 1, 0, 1, 0]);
    }

    #[test]
    fn faults_name_the_line() {
        let fault = |text: &str| match read(text.as_bytes(), &["A"]) {
            Err(CsvFault::File(what)) => what,
            other => format!("{other:?}"),
        };
        assert_eq!(fault("time,A\n2020-01-01,1\n2020-01-01,2\n"), "line 3: the times do not increase (`2020-01-01`)");
        assert_eq!(fault("time,A\n2020-01-01,-1\n"), "line 2: `-1` is no positive price");
        assert_eq!(fault("time,A\nyesterday,1\n"), "line 2: `yesterday` is no ISO 8601 time");
        assert_eq!(fault("time,A\n2020-01-01,1,2\n"), "line 2: 3 cells, but the header has 2");
        assert!(matches!(read(b"time,btc\n", &["BTC"]), Err(CsvFault::Column(0, _, Some(near))) if near == "btc"));
    }
}
