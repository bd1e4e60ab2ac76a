//! The table of what disagrees, printed once, whole.
use std::fmt::Write as _;

/// Rows of one entry that are printed; the rest is counted.
const ROWS_OF_AN_ENTRY: usize = 12;

/// One disagreement.
#[derive(Debug, Clone)]
struct Row {
    entry: String,
    field: String,
    found: String,
    wanted: String,
    /// How far off, in tolerances; infinite where something is missing.
    off: f64,
}

/// Everything that was compared, and what disagreed.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    compared: usize,
    rows: Vec<Row>,
}

impl Findings {
    /// Compares a number; NaN never passes.
    pub(crate) fn number(&mut self, entry: &str, field: &str, found: f64, wanted: f64, tolerance: f64) {
        self.compared += 1;
        let off = (found - wanted).abs();
        if off <= tolerance {
            return;
        }
        self.push(entry, field, format!("{found:?}"), format!("{wanted:?}"), off / tolerance);
    }

    /// Says that something is missing or is not of the kind wanted.
    pub(crate) fn fault(
        &mut self,
        entry: &str,
        field: &str,
        found: impl Into<String>,
        wanted: impl Into<String>,
    ) {
        self.compared += 1;
        self.push(entry, field, found.into(), wanted.into(), f64::INFINITY);
    }

    fn push(&mut self, entry: &str, field: &str, found: String, wanted: String, off: f64) {
        self.rows.push(Row { entry: entry.to_owned(), field: field.to_owned(), found, wanted, off });
    }

    /// Numbers compared so far.
    pub(crate) fn compared(&self) -> usize {
        self.compared
    }

    /// Takes over what another table found.
    pub(crate) fn absorb(&mut self, other: Self) {
        self.compared += other.compared;
        self.rows.extend(other.rows);
    }

    /// Entry and field of every disagreement.
    pub(crate) fn disagreements(&self) -> Vec<(String, String)> {
        self.rows.iter().map(|row| (row.entry.clone(), row.field.clone())).collect()
    }

    /// Forgets the disagreements that `is_noise`.
    pub(crate) fn forgive(&mut self, is_noise: impl Fn(&str, &str) -> bool) {
        self.rows.retain(|row| !is_noise(&row.entry, &row.field));
    }

    /// The table of disagreements; empty where there is none.
    pub(crate) fn table(&self) -> String {
        let mut text = String::new();
        let mut shown = 0;
        let mut entry = "";
        for row in &self.rows {
            shown = if row.entry == entry { shown + 1 } else { 1 };
            entry = &row.entry;
            if shown == ROWS_OF_AN_ENTRY + 1 {
                let more =
                    self.rows.iter().filter(|other| other.entry == row.entry).count() - ROWS_OF_AN_ENTRY;
                let _ = writeln!(text, "{entry:44} … and {more} more");
            }
            if shown <= ROWS_OF_AN_ENTRY {
                let Row { entry, field, found, wanted, off } = row;
                let _ = writeln!(
                    text,
                    "{entry:44} {field:28} {found:>24} wanted {wanted:>24}  {off:.2} tolerances off"
                );
            }
        }
        text
    }

    /// Fails with the whole table.
    #[track_caller]
    pub(crate) fn assert_none(&self) {
        let (rows, compared) = (self.rows.len(), self.compared);
        assert!(rows == 0, "{rows} of {compared} comparisons disagree\n{}", self.table());
        assert!(compared > 0, "nothing was compared");
    }
}
