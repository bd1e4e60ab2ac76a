//! A grid of runs: the product of the values of several keys.
use crate::scenario::{Overrides, Sweep};

/// Most runs of a grid.
pub const MOST_CELLS: usize = 10_000;

/// One run of a grid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its value of every axis, as TOML, in the order of the axes.
    pub values: Vec<String>,
    /// The changes that make its scenario.
    pub changes: Overrides,
}

/// The axes of a sweep: those of the scenario, an axis of the command line in place of one of the same key, further
/// ones behind.
pub fn axes(scenario: &[Sweep], given: &[Sweep]) -> Vec<Sweep> {
    let mut axes = scenario.to_vec();
    for axis in given {
        match axes.iter_mut().find(|known| known.key == axis.key) {
            Some(known) => *known = axis.clone(),
            None => axes.push(axis.clone()),
        }
    }
    axes
}

/// Every run of the product over `base`, the last axis running fastest; the seed is everybody's, so that the runs share
/// their luck.
///
/// # Errors
///
/// There is no axis, or there are too many runs.
pub fn grid(axes: &[Sweep], base: &Overrides) -> Result<Vec<Cell>, String> {
    if axes.is_empty() {
        return Err("there is nothing to sweep: give --vary KEY='[…]', or `[[sweep]]` in the scenario".into());
    }
    let n = axes.iter().try_fold(1_usize, |n, axis| n.checked_mul(axis.values.len()));
    if n.is_none_or(|n| n > MOST_CELLS) {
        let sizes: Vec<String> = axes.iter().map(|axis| axis.values.len().to_string()).collect();
        return Err(format!("a grid of {} runs is too large: at most {MOST_CELLS}", sizes.join(" × ")));
    }
    let mut cells = vec![Cell { values: Vec::new(), changes: base.clone() }];
    for axis in axes {
        cells = cells
            .iter()
            .flat_map(|cell| {
                axis.values.iter().map(|value| Cell {
                    values: cell.values.iter().chain([value]).cloned().collect(),
                    changes: cell.changes.clone().set(&axis.key, value),
                })
            })
            .collect();
    }
    Ok(cells)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(key: &str, values: &[&str]) -> Sweep {
        Sweep { key: key.into(), values: values.iter().map(|value| (*value).to_owned()).collect() }
    }

    #[test]
    fn a_grid_is_the_product_with_the_last_axis_fastest() {
        let base = Overrides::default().set("run.seed", "7");
        let cells = grid(&[axis("a", &["1", "2"]), axis("b", &["x", "y", "z"])], &base).unwrap_or_default();
        let values: Vec<String> = cells.iter().map(|cell| cell.values.join("")).collect();
        assert_eq!(values, ["1x", "1y", "1z", "2x", "2y", "2z"]);
        assert_eq!(cells[4].changes, base.set("a", "2").set("b", "y"));
    }

    #[test]
    fn the_command_line_replaces_an_axis_and_adds_one() {
        let found = axes(&[axis("a", &["1"]), axis("b", &["2"])], &[axis("c", &["4"]), axis("b", &["3"])]);
        assert_eq!(found, [axis("a", &["1"]), axis("b", &["3"]), axis("c", &["4"])]);
        assert!(grid(&[], &Overrides::default()).is_err());
        let many: Vec<&str> = vec!["1"; 101];
        assert!(grid(&[axis("a", &many), axis("b", &many)], &Overrides::default()).is_err());
    }
}
