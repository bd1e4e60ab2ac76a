//! A CSV file as columns of positive numbers by time; every fault of it at once.
use crate::scenario::{instant, suggest};

/// Faults beyond this many are counted, not listed.
const MOST_FAULTS: usize = 20;

/// What is wrong with one line of a file, or with the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileFault {
    /// Line, counted from 1; absent where it is the whole file.
    pub line: Option<u64>,
    /// What is wrong, in one sentence.
    pub what: String,
    /// What would be right.
    pub help: Option<String>,
}

impl FileFault {
    /// A fault of the file as a whole.
    pub(super) fn whole(what: impl Into<String>, help: impl Into<String>) -> Self {
        Self { line: None, what: what.into(), help: Some(help.into()) }
    }
}

/// Named columns over increasing times.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Names of the columns, the time left out.
    pub names: Vec<String>,
    /// Nanoseconds since 1970, row by row.
    pub times: Vec<i64>,
    /// Values by column, row by row; a blank is NaN.
    pub columns: Vec<Vec<f64>>,
    /// Rows that repeat the time of the row before: of those the last one stands.
    pub n_repeated: usize,
}

/// Whether two rows may have the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Repeats {
    /// No: a price has one time.
    Refused,
    /// The last of them stands: two updates of a feed may land in one block.
    LastStands,
}

impl Table {
    /// Reads prices; `wanted` names columns, none means all.
    ///
    /// # Errors
    ///
    /// Every fault of the file, up to the twentieth.
    pub fn prices(bytes: &[u8], wanted: &[String]) -> Result<Self, Vec<FileFault>> {
        read(bytes, wanted, Repeats::Refused)
    }

    /// Names in the header of a file; none where it has no header that can be read.
    pub fn header(bytes: &[u8]) -> Vec<String> {
        reader(bytes).headers().map(|names| names.iter().map(str::to_owned).collect()).unwrap_or_default()
    }

    /// The column of that name.
    pub fn column(&self, name: &str) -> Option<&[f64]> {
        let place = self.names.iter().position(|candidate| candidate == name)?;
        self.columns.get(place).map(Vec::as_slice)
    }
}

fn reader(bytes: &[u8]) -> csv::Reader<&[u8]> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    csv::ReaderBuilder::new().trim(csv::Trim::All).comment(Some(b'#')).from_reader(bytes)
}

pub(super) fn read(bytes: &[u8], wanted: &[String], repeats: Repeats) -> Result<Table, Vec<FileFault>> {
    let mut reader = reader(bytes);
    let header = match reader.headers() {
        Ok(header) => header.clone(),
        Err(error) => return Err(vec![in_words(&error)]),
    };
    let mut faults = Vec::new();
    let (names, places) = columns(&header, wanted, &mut faults);
    let mut table = Table { columns: vec![Vec::new(); names.len()], names, times: Vec::new(), n_repeated: 0 };
    let mut record = csv::StringRecord::new();
    let mut more = 0_usize;
    loop {
        let before = faults.len();
        match reader.read_record(&mut record) {
            Ok(false) => break,
            Ok(true) => row(&record, &places, repeats, &mut table, &mut faults),
            Err(error) => faults.push(in_words(&error)),
        }
        if faults.len() > MOST_FAULTS {
            more += faults.len() - before.max(MOST_FAULTS);
            faults.truncate(MOST_FAULTS);
        }
    }
    if more > 0 {
        faults.push(FileFault { line: None, what: format!("… and {more} more"), help: None });
    }
    if faults.is_empty() && table.times.is_empty() {
        faults.push(FileFault::whole("the file has no rows", "a header line, then one row a time"));
    }
    if faults.is_empty() { Ok(table) } else { Err(faults) }
}

/// Names and places of the columns asked for; the first column is the time.
fn columns(
    header: &csv::StringRecord,
    wanted: &[String],
    faults: &mut Vec<FileFault>,
) -> (Vec<String>, Vec<usize>) {
    let names: Vec<&str> = header.iter().collect();
    let mut seen = std::collections::BTreeSet::new();
    for name in &names {
        if !seen.insert(*name) {
            let what = format!("two columns are named `{name}`");
            faults.push(FileFault { line: Some(1), what, help: Some("a name for each column".into()) });
        }
    }
    let values = names.get(1..).unwrap_or_default();
    if values.is_empty() {
        let what = "the header has fewer than two columns".to_owned();
        let help = "a first column with the time, then a column for each price: `time,ETH`".to_owned();
        faults.push(FileFault { line: Some(1), what, help: Some(help) });
    }
    if wanted.is_empty() {
        return (values.iter().map(|name| (*name).to_owned()).collect(), (1..names.len()).collect());
    }
    let mut found = (Vec::new(), Vec::new());
    for name in wanted {
        if let Some(place) = values.iter().position(|candidate| candidate == name) {
            found.0.push(name.clone());
            found.1.push(place + 1);
            continue;
        }
        let help = match suggest(name, values.iter().copied()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("it has: {}", values.join(", ")),
        };
        let what = format!("there is no column `{name}`");
        faults.push(FileFault { line: Some(1), what, help: Some(help) });
    }
    found
}

fn row(
    record: &csv::StringRecord,
    places: &[usize],
    repeats: Repeats,
    table: &mut Table,
    faults: &mut Vec<FileFault>,
) {
    let line = record.position().map(csv::Position::line);
    let mut fault =
        |what: String, help: &str| faults.push(FileFault { line, what, help: Some(help.to_owned()) });
    let text = record.get(0).unwrap_or("");
    let Some(now) = instant(text) else {
        fault(
            format!("`{text}` is no time"),
            "an ISO 8601 instant such as 2024-05-01T12:00:00Z; without an offset it is UTC",
        );
        return;
    };
    let last = table.times.last().copied();
    if last.is_some_and(|last| last > now || (last == now && repeats == Repeats::Refused)) {
        fault(
            format!("`{text}` is not later than the row before"),
            "rows in the order of time, one for each time",
        );
    }
    let mut values = Vec::with_capacity(places.len());
    for (name, place) in table.names.iter().zip(places) {
        let text = record.get(*place).unwrap_or("");
        values.push(match text.parse::<f64>() {
            Ok(value) if value.is_finite() && value > 0.0 => value,
            _ if text.is_empty() => f64::NAN,
            _ => {
                fault(
                    format!("`{text}` in column `{name}` is no positive number"),
                    "a decimal number above 0, or nothing where there is no value",
                );
                f64::NAN
            }
        });
    }
    if last == Some(now) {
        table.n_repeated += 1;
        for (column, value) in table.columns.iter_mut().zip(values) {
            if let Some(end) = column.last_mut() {
                *end = value;
            }
        }
        return;
    }
    table.times.push(now);
    for (column, value) in table.columns.iter_mut().zip(values) {
        column.push(value);
    }
}

fn in_words(error: &csv::Error) -> FileFault {
    let (pos, what, help) = match error.kind() {
        csv::ErrorKind::Utf8 { pos, .. } => (pos, "not UTF-8 text".to_owned(), "a text file in UTF-8"),
        csv::ErrorKind::UnequalLengths { pos, expected_len, len } => (
            pos,
            format!("{len} cells, but the header has {expected_len}"),
            "as many cells in every row as in the header",
        ),
        _ => (&None, format!("not a CSV file: {error}"), "comma-separated values with a header line"),
    };
    FileFault { line: pos.as_ref().map(csv::Position::line), what, help: Some(help.to_owned()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_told_with_its_line() {
        let text = b"time,A,B\n2020-01-01,1,2\nsoon,1,2\n2020-01-02,x,-1\n2020-01-02,1,\n2020-01-03,1\n";
        let faults = Table::prices(text, &[]).expect_err("faults");
        let told: Vec<(Option<u64>, &str)> = faults.iter().map(|f| (f.line, f.what.as_str())).collect();
        assert_eq!(
            told,
            [
                (Some(3), "`soon` is no time"),
                (Some(4), "`x` in column `A` is no positive number"),
                (Some(4), "`-1` in column `B` is no positive number"),
                (Some(5), "`2020-01-02` is not later than the row before"),
                (Some(6), "2 cells, but the header has 3"),
            ]
        );
        assert!(faults.iter().all(|fault| fault.help.is_some()));
    }

    #[test]
    fn a_column_that_is_not_there_has_a_neighbour() {
        let faults = Table::prices(b"time,BTC\n2020-01-01,1\n", &["btc".into()]).expect_err("fault");
        assert_eq!(faults[0].help.as_deref(), Some("did you mean `BTC`?"));
        let many = "soon,1\n".repeat(40);
        let faults = Table::prices(format!("time,A\n{many}").as_bytes(), &[]).expect_err("faults");
        assert_eq!((faults.len(), faults[20].what.as_str()), (21, "… and 20 more"));
    }
}
