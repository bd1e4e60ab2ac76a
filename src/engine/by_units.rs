//! Figures with their errors over pairs or replicates, and what independent paths would have given in their place.
use crate::stats::{
    ErrorLaw, Estimate, Influence, MeanTally, Moments, RatioSections, SectionMoments, Units, quantile,
};

use super::columns::Column;
use super::plan::Plan;
use super::sampling::SamplingPlan;
use super::summary::Recipe;
use super::tally::PolicyTally;
use super::units::{Ratio, UnitTally};

/// What was found for one policy.
#[derive(Clone, Copy)]
pub(super) struct Facts<'a> {
    pub(super) units: Units,
    pub(super) by_unit: &'a UnitTally,
    pub(super) tally: &'a PolicyTally,
    pub(super) ascending: &'a [f64],
    pub(super) shape: &'a SectionMoments,
}

/// The standard error that as many independent paths would have, from the law of the single path; `plain` is the figure by
/// the plain rules.
pub(super) fn plain_error(facts: &Facts<'_>, recipe: Recipe, plain: &Estimate) -> Option<f64> {
    let of_root = |ratio: Ratio| {
        let value = plain.value?;
        // d√R = dR/(2√R)
        if value == 0.0 { Some(0.0) } else { Some(facts.by_unit.ratio_error(ratio)? / (2.0 * value)) }
    };
    let whole = facts.shape.whole();
    let n = whole.n() as f64;
    match recipe {
        // by sections of units already
        Recipe::Skew | Recipe::Kurtosis => {
            let influence = moment_influence(facts, recipe)?;
            MeanTally::from_slice(&influence).mean_estimate().se
        }
        Recipe::Rms => {
            let (mean, std, skew, kurtosis) =
                (whole.mean()?, whole.std()?, whole.skew()?, whole.kurtosis_excess()?);
            // Var(x²) = σ⁴(κ + 2) + 4 m σ³ γ + 4 m² σ²
            let variance =
                std.powi(4) * (kurtosis + 2.0) + 4.0 * mean * std.powi(3) * skew + 4.0 * (mean * std).powi(2);
            Some((variance / n).sqrt() / (2.0 * plain.value?))
        }
        Recipe::TeRms => of_root(Ratio::Te),
        Recipe::GapRms => of_root(Ratio::Gap),
        Recipe::OracleError => of_root(Ratio::OracleError),
        Recipe::OracleAge => facts.by_unit.ratio_error(Ratio::OracleAge),
        Recipe::Efficiency => facts.by_unit.efficiency_error(plain.value?),
        _ => plain.se,
    }
}

/// Influences of the paths on skewness or kurtosis, from the standardised deviation `z`:
/// `z³ − γ − 3z − (3/2)γ(z² − 1)` and `(z² − 1)² … = z⁴ − κ − 2κ(z² − 1) − 4γz`, κ the plain kurtosis.
///
/// Source: F. Hampel et al. (1986), "Robust Statistics", §2.1 (moments by their influence functions).
fn moment_influence(facts: &Facts<'_>, recipe: Recipe) -> Option<Vec<f64>> {
    let whole = facts.shape.whole();
    let (mean, std, skew) = (whole.mean()?, whole.std()?, whole.skew()?);
    let kurtosis = whole.kurtosis_excess()? + 3.0;
    let of = |x: &f64| {
        let z = (x - mean) / std;
        let square = z * z;
        match recipe {
            Recipe::Skew => z * square - skew - 3.0 * z - 1.5 * skew * (square - 1.0),
            _ => square * square - kurtosis - 2.0 * kurtosis * (square - 1.0) - 4.0 * skew * z,
        }
    };
    (!facts.tally.deviations.is_empty()).then(|| facts.tally.deviations.iter().map(of).collect())
}

/// The figure `plain` with its error over the units.
pub(super) fn estimate(
    facts: &Facts<'_>,
    recipe: Recipe,
    plain: &Estimate,
    moments: &Moments,
    te_scale: f64,
) -> Estimate {
    let Some(value) = plain.value else { return plain.clone() };
    let Facts { units, by_unit, tally, ascending, .. } = *facts;
    let with = |law: Option<ErrorLaw>| match law {
        Some(law) => law.estimate(value),
        None => Estimate::without_interval(value, TOO_FEW),
    };
    let kept = !tally.deviations.is_empty();
    match recipe {
        Recipe::Mean(Column::Deviation) if kept => with(units.law_of_mean(&tally.deviations)),
        Recipe::Mean(column) => with(by_unit.mean_law(units, column)),
        // over units, or their sections, already
        Recipe::Skew | Recipe::Kurtosis | Recipe::Efficiency => plain.clone(),
        Recipe::Rms if kept => plain.clone(),
        Recipe::TeRms => root(tally.ratios.te_square.as_deref(), units, plain),
        Recipe::GapRms => root(tally.ratios.gap_square.as_deref(), units, plain),
        Recipe::Rms => root(tally.ratios.deviation_square.as_deref(), units, plain),
        Recipe::OracleError => root(tally.ratios.oracle_error.as_deref(), units, plain),
        Recipe::OracleAge => {
            let sections = tally.ratios.oracle_age.as_deref();
            sections.map_or_else(|| plain.clone(), |sections| sections.ratio_over(units))
        }
        Recipe::Std | Recipe::TeCross => {
            let scale = if matches!(recipe, Recipe::Std) { 1.0 } else { te_scale };
            let (Some(mean), Some(std)) = (moments.mean(), moments.std()) else { return plain.clone() };
            if !kept {
                return match tally.paired.deviation.as_deref() {
                    Some(sections) => sections.estimate(units, value, |section| Some(scale * section.std()?)),
                    None => Estimate::without_interval(value, NOT_KEPT),
                };
            }
            let influence = Influence::Std { mean, std, scale };
            with(units.law_of_mean(&influence.by_path(&tally.deviations)))
        }
        _ if !kept => Estimate::without_interval(value, NOT_KEPT),
        Recipe::Quantile(p) => units.quantile_estimate(ascending, &tally.deviations, p),
        Recipe::Var(a) => units.quantile_estimate(ascending, &tally.deviations, 1.0 - a).negated(),
        Recipe::Cvar(a) => {
            let p = 1.0 - a;
            // a tail of less than two paths has no error
            let Some((quantile, _)) = quantile(ascending, p).zip(plain.se) else { return plain.clone() };
            let influence = Influence::Cvar { quantile, p, cvar: value };
            with(units.law_of_mean(&influence.by_path(&tally.deviations)))
        }
    }
}

fn root(sections: Option<&RatioSections>, units: Units, plain: &Estimate) -> Estimate {
    sections.map_or_else(|| plain.clone(), |sections| sections.root_over(units))
}

const TOO_FEW: &str = "there are too few units of paths for an error";
const NOT_KEPT: &str = "its error needs every deviation, which are not kept";

/// What a reader must know of paths that hang together.
pub(super) fn note(plan: &Plan) -> Option<String> {
    match plan.units {
        Units::Paths => None,
        Units::Pairs => Some("antithetic pairs of paths: errors are those over the pairs".into()),
        Units::Replicates => {
            let sobol = plan.prices.sampling.as_ref().and_then(SamplingPlan::dimensions);
            let (driven, all) = sobol.unwrap_or_default();
            Some(format!(
                "32 independently scrambled replicates of a Sobol sequence on {driven} of {all} dimensions of the prices: \
                 errors are those over the replicates"
            ))
        }
    }
}
