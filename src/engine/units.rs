//! Tallies over what is independent where single paths are not: pairs, or replicates.
use serde::{Deserialize, Serialize};

use crate::rng::{N_REPLICATES, Sampling};
use crate::stats::{CoMoments, ErrorLaw, Estimate, MeanTally, Units};

use super::columns::{Column, Columns, N_COLUMNS};
use super::outcome::Controlled;

/// The independent units of a way of sampling.
pub(super) fn units(sampling: Sampling) -> Units {
    match sampling {
        Sampling::Pseudo => Units::Paths,
        Sampling::Antithetic => Units::Pairs,
        Sampling::Sobol => Units::Replicates,
    }
}

/// What errors over units need of one policy besides its plain tallies.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct UnitTally {
    /// Means of the pairs, by column.
    pairs: Vec<MeanTally>,
    /// Sums over the replicates, by column.
    replicates: Vec<Vec<f64>>,
    /// Parts of the figures that are ratios, by path: what their errors would be on independent paths.
    ratios: Vec<CoMoments>,
    n_paths: u64,
}

/// A figure that is a ratio of sums, by its place among [`UnitTally::ratio_error`]'s.
#[derive(Debug, Clone, Copy)]
pub(super) enum Ratio {
    Te,
    Gap,
    OracleError,
    OracleAge,
}

/// How many of them there are; after them come tracking error squared and traded weight.
const N_RATIOS: usize = 4;

/// Standard error of `value ∝ √x̄·ȳ` by the delta method over independent pairs: that of `value·(x/(2x̄) + y/ȳ)`.
pub(super) fn product_error(joint: &CoMoments, value: f64) -> Option<f64> {
    let ([x, y], n) = (joint.means(), joint.n() as f64);
    let se = 0.5 * value / x * (joint.residual(-2.0 * x / y) / (n - 1.0) / n).sqrt();
    (joint.n() > 1 && se.is_finite()).then_some(se)
}

impl UnitTally {
    /// Of one block, whose first path is the first of a unit and whose last one the last; none for single paths.
    pub(super) fn of_block(units: Units, columns: &Columns, n_lanes: usize) -> Option<Self> {
        if units == Units::Paths {
            return None;
        }
        let of = |column: Column| columns.of(column);
        let mut tally = Self { n_paths: n_lanes as u64, ..Self::default() };
        for column in Column::ALL {
            let values = &of(*column)[..n_lanes];
            if units == Units::Pairs {
                let means = units.means(values).unwrap_or_default();
                tally.pairs.push(MeanTally::from_slice(&means));
            } else {
                let mut sums = vec![0.0; N_REPLICATES];
                for (lane, value) in values.iter().enumerate() {
                    sums[lane % N_REPLICATES] += value;
                }
                tally.replicates.push(sums);
            }
        }
        let (te, gap, error) =
            (of(Column::TrackingError), of(Column::GapSquare), of(Column::OracleErrorSquare));
        let (age, orders) = (of(Column::AgeSum), of(Column::Orders));
        let traded = of(Column::TurnoverWeight);
        tally.ratios = vec![
            CoMoments::of(te[..n_lanes].iter().map(|x| (x * x, 1.0))),
            CoMoments::of(gap[..n_lanes].iter().map(|x| (*x, 1.0))),
            CoMoments::of(error[..n_lanes].iter().map(|x| (*x, 1.0))),
            CoMoments::of(age[..n_lanes].iter().copied().zip(orders[..n_lanes].iter().copied())),
            CoMoments::of(
                te[..n_lanes].iter().zip(&traded[..n_lanes]).map(|(te, traded)| (te * te, *traded)),
            ),
        ];
        Some(tally)
    }

    /// Adds what comes next.
    pub(super) fn merge(&mut self, other: &Self) {
        if self.n_paths == 0 {
            self.clone_from(other);
            return;
        }
        self.n_paths += other.n_paths;
        for (mine, theirs) in self.pairs.iter_mut().zip(&other.pairs) {
            *mine = mine.merge(theirs);
        }
        for (mine, theirs) in self.replicates.iter_mut().zip(&other.replicates) {
            for (mine, theirs) in mine.iter_mut().zip(theirs) {
                *mine += theirs;
            }
        }
        for (mine, theirs) in self.ratios.iter_mut().zip(&other.ratios) {
            *mine = mine.merge(theirs);
        }
    }

    /// How the error of a column's mean is distributed.
    pub(super) fn mean_law(&self, units: Units, column: Column) -> Option<ErrorLaw> {
        if units == Units::Pairs {
            return self.pairs.get(column as usize)?.mean_estimate().se.map(ErrorLaw::normal);
        }
        let per = self.n_paths as f64 / N_REPLICATES as f64;
        let means: Vec<f64> = self.replicates.get(column as usize)?.iter().map(|sum| sum / per).collect();
        units.law(&means)
    }

    /// What the standard error of `Σ numerator/Σ denominator` would be on independent paths.
    pub(super) fn ratio_error(&self, ratio: Ratio) -> Option<f64> {
        self.ratios.get(ratio as usize)?.ratio_error()
    }

    /// What the standard error of an efficiency constant would be on independent paths.
    pub(super) fn efficiency_error(&self, value: f64) -> Option<f64> {
        product_error(self.ratios.get(N_RATIOS)?, value)
    }

    /// What is not as a policy of that run has it.
    pub(super) fn misfit(&self, units: Units, n_paths: u64) -> bool {
        let lengths = (self.pairs.len(), self.replicates.len());
        let wanted = if units == Units::Pairs { (N_COLUMNS, 0) } else { (0, N_COLUMNS) };
        lengths != wanted || self.n_paths != n_paths || self.ratios.len() != N_RATIOS + 1
    }
}

/// Deviation and control of one policy, by section: one for single paths and for pairs (of their means), 32 for replicates.
pub(super) type ControlTally = Vec<CoMoments>;

/// The same of one block.
pub(super) fn control_of_block(units: Units, deviations: &[f64], controls: &[f64]) -> ControlTally {
    let pairs = || deviations.iter().copied().zip(controls.iter().copied());
    match units {
        Units::Paths => vec![CoMoments::of(pairs())],
        Units::Pairs => {
            let means = [deviations, controls].map(|values| units.means(values).unwrap_or_default());
            vec![CoMoments::of(means[0].iter().copied().zip(means[1].iter().copied()))]
        }
        Units::Replicates => {
            (0..N_REPLICATES).map(|r| CoMoments::of(pairs().skip(r).step_by(N_REPLICATES))).collect()
        }
    }
}

/// Adds what comes next.
pub(super) fn merge_control(mine: &mut ControlTally, theirs: &ControlTally) {
    if mine.is_empty() {
        mine.clone_from(theirs);
        return;
    }
    for (mine, theirs) in mine.iter_mut().zip(theirs) {
        *mine = mine.merge(theirs);
    }
}

/// The mean deviation with the control, `plain` being the one without; none where nothing was tallied.
///
/// `mean − β·c̄` with the least-squares β of the deviation on the control; `se = √(Σ residual²/(n − 2)/n)` over paths or
/// pairs, and the spread of the replicates' own values over √32.
pub(super) fn controlled(
    units: Units,
    tally: &ControlTally,
    plain: &Estimate,
    mean: f64,
) -> Option<Controlled> {
    let whole = tally.iter().fold(CoMoments::default(), |sum, part| sum.merge(part));
    if whole.n() == 0 {
        return None;
    }
    let slope = whole.slope();
    let adjusted = mean - slope * whole.means()[1];
    let n = whole.n() as f64;
    let law = if units == Units::Replicates {
        let means: Vec<f64> =
            tally.iter().map(CoMoments::means).map(|[d, control]| d - slope * control).collect();
        units.law(&means)
    } else {
        (n > 2.0).then(|| ErrorLaw::normal((whole.residual(slope) / (n - 2.0) / n).sqrt()))
    };
    let estimate = match law {
        Some(law) => law.estimate(adjusted),
        None => Estimate::without_interval(adjusted, "the error of a controlled mean needs three units"),
    };
    // where the control is the deviation, what is left is rounding and no ratio
    let rounding = whole.residual(slope) <= 1e-12 * whole.sum_of_squares();
    let variance_ratio = if rounding { None } else { super::summary::variance_ratio(plain.se, estimate.se) };
    Some(Controlled { mean: estimate, slope, variance_ratio })
}
