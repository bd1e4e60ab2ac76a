//! Log returns at equal spacing, cut into stretches at gaps and blanks.
use crate::math::ln;

use super::table::Table;

/// A model has at most six parameters: below this many returns their errors mean nothing.
pub(super) const FEWEST: usize = 100;
const NANOS_PER_DAY: f64 = 86_400e9;

/// How far apart the prices of a return are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interval {
    /// The most frequent interval of the file.
    Usual,
    /// So many nanoseconds; rows between are left out.
    Nanos(u64),
    /// From every row to the next, whatever the clock says, as for trading days; a return lasts the mean spacing.
    Rows,
}

/// The clock of the returns.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// Years of one return.
    pub years: f64,
    /// Days of one return.
    pub days: f64,
    /// Nanoseconds of one return; 0 where every row counts as one interval.
    pub nanos: u64,
}

/// Log returns of one column.
#[derive(Debug, Clone, PartialEq)]
pub struct Returns {
    /// Name of the column.
    pub name: String,
    /// In the order of time.
    pub values: Vec<f64>,
    /// Whether the return does not follow on the one before it.
    pub fresh: Vec<bool>,
    /// Nanoseconds since 1970 at the end of each return.
    pub times: Vec<i64>,
    /// Their clock.
    pub spacing: Spacing,
    /// Stretches that gaps and blanks make.
    pub n_stretches: usize,
    /// Prices of the column that are in no return.
    pub n_unused: usize,
    /// Last price.
    pub last_price: f64,
}

impl Returns {
    /// Returns of a column of prices.
    ///
    /// # Errors
    ///
    /// Says in words that complete "column `A`: …" why there are too few.
    pub fn of(table: &Table, name: &str, interval: Interval, days_per_year: f64) -> Result<Self, String> {
        let prices = table.column(name).ok_or("there is no such column")?;
        let whole: Vec<(i64, f64)> =
            table.times.iter().copied().zip(prices.iter().copied()).filter(|(_, p)| p.is_finite()).collect();
        let Some(&(_, last_price)) = whole.last() else { return Err("it has no price".into()) };
        let nanos = match interval {
            Interval::Usual => usual(&whole),
            Interval::Nanos(nanos) => nanos as i64,
            Interval::Rows => 0,
        };
        let kept: Vec<(i64, f64)> = match nanos {
            0 => whole.clone(),
            step => {
                let phase = whole.first().map_or(0, |(time, _)| *time);
                whole.iter().copied().filter(|(time, _)| (time - phase) % step == 0).collect()
            }
        };
        let days = match (nanos, kept.first(), kept.last()) {
            (0, Some(first), Some(last)) => {
                (last.0 - first.0) as f64 / NANOS_PER_DAY / (kept.len() - 1).max(1) as f64
            }
            _ => nanos as f64 / NANOS_PER_DAY,
        };
        let spacing = Spacing { years: days / days_per_year, days, nanos: nanos as u64 };
        let returns = Self::chained(name, &kept, spacing, whole.len(), last_price);
        returns.check(whole.len())?;
        Ok(returns)
    }

    fn chained(name: &str, kept: &[(i64, f64)], spacing: Spacing, n_prices: usize, last_price: f64) -> Self {
        let mut returns = Self {
            name: name.to_owned(),
            values: Vec::with_capacity(kept.len()),
            fresh: Vec::with_capacity(kept.len()),
            times: Vec::with_capacity(kept.len()),
            spacing,
            n_stretches: 0,
            n_unused: 0,
            last_price,
        };
        let mut fresh = true;
        for pair in kept.windows(2) {
            let (from, to) = (pair[0], pair[1]);
            if spacing.nanos > 0 && to.0 - from.0 != spacing.nanos as i64 {
                fresh = true;
                continue;
            }
            returns.values.push(ln(to.1 / from.1));
            returns.fresh.push(fresh);
            returns.times.push(to.0);
            returns.n_stretches += usize::from(fresh);
            fresh = false;
        }
        returns.n_unused = n_prices.saturating_sub(returns.values.len() + returns.n_stretches);
        returns
    }

    fn check(&self, n_prices: usize) -> Result<(), String> {
        let n = self.values.len();
        if n < FEWEST {
            return Err(format!(
                "{n} returns from {n_prices} prices: a fit needs {FEWEST}. Rows that are not one interval apart \
                 make no return; `--interval` states another one, `--interval rows` takes every row as one"
            ));
        }
        let first = self.values[0];
        if self.values.iter().all(|value| *value == first) {
            return Err("all returns are equal: there is no volatility to fit".into());
        }
        Ok(())
    }

    /// Number of returns.
    pub fn len(&self) -> usize {
        self.values.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Mean and variance of one return (divisor n).
    pub fn moments(&self) -> (f64, f64) {
        let n = self.values.len() as f64;
        let mean = self.values.iter().sum::<f64>() / n;
        (mean, self.values.iter().map(|r| (r - mean) * (r - mean)).sum::<f64>() / n)
    }

    /// Sums of `k` neighbouring returns that follow on each other.
    #[must_use]
    pub fn summed(&self, k: usize) -> Self {
        let spacing = Spacing {
            years: self.spacing.years * k as f64,
            days: self.spacing.days * k as f64,
            nanos: self.spacing.nanos * k as u64,
        };
        let mut sums = Self {
            values: Vec::new(),
            fresh: Vec::new(),
            times: Vec::new(),
            spacing,
            n_stretches: 0,
            ..self.clone()
        };
        let (mut start, mut fresh) = (0, true);
        while start < self.values.len() {
            let end = start + k;
            match (start + 1..end.min(self.values.len())).rev().find(|i| self.fresh[*i]) {
                Some(gap) => (start, fresh) = (gap, true),
                None if end > self.values.len() => break,
                None => {
                    sums.values.push(self.values[start..end].iter().sum());
                    let fresh_now = fresh || self.fresh[start];
                    sums.fresh.push(fresh_now);
                    sums.times.push(self.times[end - 1]);
                    sums.n_stretches += usize::from(fresh_now);
                    (start, fresh) = (end, false);
                }
            }
        }
        sums
    }
}

/// The most frequent distance of two prices, the smaller one of two equally frequent.
fn usual(prices: &[(i64, f64)]) -> i64 {
    let mut apart: Vec<i64> = prices.windows(2).map(|pair| pair[1].0 - pair[0].0).collect();
    apart.sort_unstable();
    let runs = apart.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0]));
    runs.fold((0, 1), |best, run| if run.0 > best.0 { run } else { best }).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(days: &[i64]) -> Table {
        Table {
            names: vec!["A".into()],
            times: days.iter().map(|day| day * 86_400_000_000_000).collect(),
            columns: vec![days.iter().map(|day| 100.0 + (day * 7 % 11) as f64).collect()],
            n_repeated: 0,
        }
    }

    #[test]
    fn a_gap_ends_a_stretch() {
        let days: Vec<i64> = (0..80).chain(90..140).collect();
        let returns = Returns::of(&table(&days), "A", Interval::Usual, 365.0).expect("returns");
        assert_eq!((returns.len(), returns.n_stretches, returns.n_unused), (128, 2, 0));
        assert!(returns.fresh[0] && returns.fresh[79] && !returns.fresh[80]);
        assert_eq!(returns.spacing.years, 1.0 / 365.0);
        let weekly = returns.summed(7);
        assert_eq!((weekly.len(), weekly.n_stretches), (11 + 7, 2));
        let rows = Returns::of(&table(&days), "A", Interval::Rows, 365.0).expect("returns");
        assert_eq!((rows.len(), rows.n_stretches), (129, 1));
    }

    #[test]
    fn too_few_say_what_to_do() {
        let days: Vec<i64> = (0..300).filter(|day| day % 7 < 2).collect();
        let error = Returns::of(&table(&days), "A", Interval::Usual, 365.0).expect_err("too few");
        assert!(
            error.starts_with("43 returns from 86 prices") && error.contains("--interval rows"),
            "{error}"
        );
    }
}
