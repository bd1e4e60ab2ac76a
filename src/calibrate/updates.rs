//! The updates of a price feed: time and answer, one row an update.
use super::table::{FileFault, Repeats, Table, read};

/// Names the answer may have, most telling first.
const ANSWERS: [&str; 4] = ["answer", "price", "value", "current"];

/// One update.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Update {
    /// Seconds since 1970.
    pub time: f64,
    /// Posted price.
    pub answer: f64,
}

/// The updates of one feed, one generation of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Updates {
    /// Generation of the aggregator, where the file names one.
    pub phase: Option<u64>,
    /// In the order of time.
    pub list: Vec<Update>,
    /// Rows that shared their time with the row before; the last one stands.
    pub n_repeated: usize,
}

impl Updates {
    /// Whether the header is that of updates rather than of prices.
    pub fn recognises(header: &[String]) -> bool {
        header.iter().any(|name| name == "answer" || name == "round")
    }

    /// Reads `time, answer` (or `time, phase, round, price`), one value for each phase, in their order.
    ///
    /// # Errors
    ///
    /// Every fault of the file.
    pub fn read(bytes: &[u8], column: Option<&str>) -> Result<Vec<Self>, Vec<FileFault>> {
        let header = Table::header(bytes);
        let named = |name: &str| header.iter().skip(1).any(|candidate| candidate == name);
        let answer = match column {
            Some(name) => name.to_owned(),
            None => ANSWERS.iter().find(|name| named(name)).map_or("answer", |name| *name).to_owned(),
        };
        let mut wanted = vec![answer];
        if named("phase") {
            wanted.push("phase".into());
        }
        let table = read(bytes, &wanted, Repeats::LastStands)?;
        let phases = table.columns.get(1);
        let mut feeds: Vec<Self> = Vec::new();
        for (row, (time, answer)) in table.times.iter().zip(&table.columns[0]).enumerate() {
            if !answer.is_finite() {
                continue;
            }
            let phase = phases.and_then(|column| column.get(row)).map(|phase| *phase as u64);
            if feeds.last().is_none_or(|feed| feed.phase != phase) {
                feeds.push(Self { phase, list: Vec::new(), n_repeated: 0 });
            }
            if let Some(feed) = feeds.last_mut() {
                feed.list.push(Update { time: *time as f64 * 1e-9, answer: *answer });
            }
        }
        if let Some(feed) = feeds.last_mut() {
            feed.n_repeated = table.n_repeated;
        }
        Ok(feeds)
    }
}
