//! The stationary block bootstrap's tables: returns by row, where steps may begin, where blocks must end.
use super::Prices;

/// The tables; `returns` by asset, the rest shared.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::scenario) struct Blocks {
    /// Log return of a whole step that begins at a row, by asset; 0 where none begins.
    pub(in crate::scenario) returns: Vec<Vec<f64>>,
    /// Rows at which a whole step may begin.
    pub(in crate::scenario) admissible: Vec<u32>,
    /// By row: where the next step of the block begins, or `u32::MAX`.
    pub(in crate::scenario) next: Vec<u32>,
    /// Rows lost to gaps and blanks.
    pub(in crate::scenario) dropped: usize,
}

/// Cuts a series into steps of `rows_per_step` rows.
pub(in crate::scenario) fn blocks(prices: &Prices, rows_per_step: u32) -> Blocks {
    let reach = prices.reach();
    let n = reach.len();
    let step = rows_per_step as usize;
    let begins = |row: usize| reach.get(row).is_some_and(|reach| *reach >= rows_per_step);
    let admissible: Vec<u32> = (0..n).filter(|row| begins(*row)).map(|row| row as u32).collect();
    let next = (0..n).map(|row| if begins(row) && begins(row + step) { (row + step) as u32 } else { u32::MAX }).collect();
    let of_column = |column: &Vec<f64>| {
        (0..n).map(|row| if begins(row) { ln(column[row + step] / column[row]) } else { 0.0 }).collect()
    };
    let dropped = n.saturating_sub(step).saturating_sub(admissible.len());
    Blocks { returns: prices.columns.iter().map(of_column).collect(), admissible, next, dropped }
}

impl Blocks {
    /// Shifts every asset's returns by the constant that makes E[S_T] = S_0 under the bootstrap's own law.
    pub(in crate::scenario) fn demean(&mut self, asset: usize, end_probability: f64, n_steps: u64) {
        let Some(returns) = self.returns.get_mut(asset) else { return };
        let growth = expected_growth(returns, &self.admissible, &self.next, end_probability, n_steps);
        // every step is taken once: a shift by c multiplies the expectation by exp(−n c) exactly
        let shift = growth / n_steps as f64;
        for row in &self.admissible {
            returns[*row as usize] -= shift;
        }
    }
}

/// ln E[S_T/S_0] after `n_steps`, by passing the mass of every row on: the first row is drawn from `admissible`; after
/// a step the block ends with `end_probability`, or where there is no next row, and a new row is drawn.
pub(in crate::scenario) fn expected_growth(
    returns: &[f64],
    admissible: &[u32],
    next: &[u32],
    end_probability: f64,
    n_steps: u64,
) -> f64 {
    let n = admissible.len();
    if n == 0 {
        return 0.0;
    }
    let growth: Vec<f64> = admissible.iter().map(|row| exp(returns[*row as usize])).collect();
    // positions in `admissible` of the next row
    let onward: Vec<Option<usize>> =
        admissible.iter().map(|row| admissible.binary_search(&next[*row as usize]).ok()).collect();
    let mut mass = vec![1.0 / n as f64; n];
    let mut after = vec![0.0; n];
    let (mut total, mut last_factor, mut steady) = (0.0, f64::NAN, 0_u32);
    for step in 0..n_steps {
        let mut restarted = 0.0;
        after.fill(0.0);
        for i in 0..n {
            let grown = mass[i] * growth[i];
            match onward[i] {
                Some(to) => {
                    after[to] += (1.0 - end_probability) * grown;
                    restarted += end_probability * grown;
                }
                None => restarted += grown,
            }
        }
        let share = restarted / n as f64;
        after.iter_mut().for_each(|mass| *mass += share);
        let factor: f64 = after.iter().sum();
        after.iter_mut().for_each(|mass| *mass /= factor);
        std::mem::swap(&mut mass, &mut after);
        total += ln(factor);
        // once the growth of a step no longer changes, the rest is the same step again
        steady = if (factor - last_factor).abs() <= 1e-16 { steady + 1 } else { 0 };
        if steady >= 64 {
            return total + ln(factor) * (n_steps - step - 1) as f64;
        }
        last_factor = factor;
    }
    total
}

#[expect(clippy::disallowed_methods, reason = "to be crate::math::ln once it is there")]
fn ln(value: f64) -> f64 {
    value.ln()
}

#[expect(clippy::disallowed_methods, reason = "to be crate::math::exp once it is there")]
fn exp(value: f64) -> f64 {
    value.exp()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn prices() -> Prices {
        let column: Vec<f64> = [1.0, 1.1, 0.9, 1.3, 1.2, 1.7, 1.5].into();
        let times = (0..7).map(|row| row * 10 + i64::from(row > 3) * 5).collect();
        Prices { times, columns: vec![column], interval: 10 }
    }

    #[test]
    fn a_gap_ends_a_block() {
        let cut = blocks(&prices(), 1);
        assert_eq!(cut.admissible, [0, 1, 2, 4, 5]);
        assert_eq!(cut.next, [1, 2, u32::MAX, u32::MAX, 5, u32::MAX, u32::MAX]);
        assert_eq!(cut.dropped, 1);
        assert_eq!(blocks(&prices(), 2).admissible, [0, 1, 4]);
    }

    /// E[S_T/S_0] by every path there is.
    fn by_enumeration(cut: &Blocks, end: f64, n_steps: u64) -> f64 {
        fn from(cut: &Blocks, end: f64, row: u32, left: u64) -> f64 {
            let grown = exp(cut.returns[0][row as usize]);
            if left == 1 {
                return grown;
            }
            let fresh: f64 = cut.admissible.iter().map(|row| from(cut, end, *row, left - 1)).sum::<f64>()
                / cut.admissible.len() as f64;
            let next = cut.next[row as usize];
            let on = if next == u32::MAX { fresh } else { (1.0 - end) * from(cut, end, next, left - 1) + end * fresh };
            grown * on
        }
        cut.admissible.iter().map(|row| from(cut, end, *row, n_steps)).sum::<f64>() / cut.admissible.len() as f64
    }

    #[test]
    fn the_expectation_is_that_over_all_paths_and_demeaning_makes_it_one() {
        let mut cut = blocks(&prices(), 1);
        let growth = exp(expected_growth(&cut.returns[0], &cut.admissible, &cut.next, 0.3, 5));
        assert!((growth - by_enumeration(&cut, 0.3, 5)).abs() < 1e-13);
        cut.demean(0, 0.3, 5);
        assert!((by_enumeration(&cut, 0.3, 5) - 1.0).abs() < 1e-13);
    }

    #[test]
    fn the_steady_growth_stands_for_the_rest() {
        let cut = blocks(&prices(), 1);
        let of = |n| expected_growth(&cut.returns[0], &cut.admissible, &cut.next, 0.3, n);
        // far beyond the mixing time every step adds the same
        assert!((of(10_001) - of(10_000) - (of(2_001) - of(2_000))).abs() < 1e-10);
    }
}
