//! What each part adds to the figures of a deviation.
use crate::stats::{
    BlockBootstrap, ErrorLaw, Estimate, Influence, MeanTally, TailWeights, Units, covariance_estimate,
    covariance_estimate_over, cvar_estimate, quantile, sorted,
};

use super::{Attribution, PolicyParts};

/// A figure that parts add up to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Figure {
    /// Mean: the mean of the part.
    Mean,
    /// Variance: the part's covariance with the deviation.
    Variance,
    /// CVaR at 95 %: minus the mean of the part over the worst 5 % of the deviation.
    Cvar95,
    /// CVaR at 99 %.
    Cvar99,
}

impl Figure {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Mean, Self::Variance, Self::Cvar95, Self::Cvar99];

    /// Key in files.
    pub fn key(self) -> &'static str {
        match self {
            Self::Mean => "mean",
            Self::Variance => "variance",
            Self::Cvar95 => "cvar_95",
            Self::Cvar99 => "cvar_99",
        }
    }

    fn level(self) -> Option<f64> {
        match self {
            Self::Mean | Self::Variance => None,
            Self::Cvar95 => Some(0.95),
            Self::Cvar99 => Some(0.99),
        }
    }
}

/// A figure of one policy and what each part adds to it.
#[derive(Debug, Clone, PartialEq)]
pub struct Split {
    /// The figure.
    pub figure: Figure,
    /// Its value.
    pub total: Estimate,
    /// By part, in the order of [`super::Part::ALL`]; empty where there are none.
    pub parts: Vec<Estimate>,
}

/// Every figure of one policy, taken apart.
pub fn split(attribution: &Attribution, policy: &PolicyParts) -> Vec<Split> {
    of_parts(attribution, &policy.deviation, policy.parts.as_deref().unwrap_or_default())
}

/// Every figure of a deviation, and what parts of it by path add.
pub(super) fn of_parts(attribution: &Attribution, whole: &[f64], parts: &[Vec<f64>]) -> Vec<Split> {
    let of = |figure: Figure| {
        let (total, parts) = match attribution.overlap {
            Some(overlap) => windows(attribution, overlap, figure, whole, parts),
            None if attribution.units == Units::Paths => paths(figure, whole, parts),
            None => units(attribution.units, figure, whole, parts),
        };
        Split { figure, total, parts }
    };
    Figure::ALL.into_iter().map(of).collect()
}

/// What parts by path add to a figure, without errors; nothing where it is undefined.
pub(super) fn values(figure: Figure, whole: &[f64], parts: &[Vec<f64>]) -> Vec<f64> {
    paths(figure, whole, parts).1.into_iter().filter_map(|part| part.value).collect()
}

/// Over independent paths.
fn paths(figure: Figure, whole: &[f64], parts: &[Vec<f64>]) -> (Estimate, Vec<Estimate>) {
    let each = |of: &dyn Fn(&[f64]) -> Estimate| parts.iter().map(|part| of(part)).collect();
    let Some(level) = figure.level() else {
        if figure == Figure::Mean {
            let mean = |values: &[f64]| MeanTally::from_slice(values).mean_estimate();
            return (mean(whole), each(&mean));
        }
        let shared = |values: &[f64]| covariance_estimate(values, whole);
        return (shared(whole), each(&shared));
    };
    let total = cvar_estimate(&sorted(whole), level);
    match TailWeights::worst(whole, level) {
        Ok(tail) => (total, each(&|part| tail.share(part))),
        Err(why) => (total, each(&|_| Estimate::undefined(why.clone()))),
    }
}

/// Over pairs or replicates: the same figures with errors over them.
fn units(units: Units, figure: Figure, whole: &[f64], parts: &[Vec<f64>]) -> (Estimate, Vec<Estimate>) {
    let with = |alone: &Estimate, law: Option<ErrorLaw>| match (alone.value, law) {
        (Some(value), Some(law)) if alone.se.is_some() => law.estimate(value),
        _ => alone.clone(),
    };
    let (total, alone) = paths(figure, whole, parts);
    let Some(level) = figure.level() else {
        let of = |values: &[f64], alone: &Estimate| match figure {
            Figure::Mean => with(alone, units.law_of_mean(values)),
            _ => covariance_estimate_over(units, values, whole),
        };
        return (of(whole, &total), parts.iter().zip(&alone).map(|(part, alone)| of(part, alone)).collect());
    };
    let (tail, p) = (TailWeights::worst(whole, level), 1.0 - level);
    let parts = parts.iter().zip(&alone).map(|(part, alone)| match &tail {
        Ok(tail) => tail.share_over(units, part),
        Err(_) => alone.clone(),
    });
    let of_whole = || {
        let influence = Influence::Cvar { quantile: quantile(&sorted(whole), p)?, p, cvar: total.value? };
        units.law_of_mean(&influence.by_path(whole))
    };
    (with(&total, of_whole()), parts.collect())
}

/// Over overlapping windows: the errors from histories resampled in blocks, the same ones for every part.
fn windows(
    attribution: &Attribution,
    overlap: usize,
    figure: Figure,
    whole: &[f64],
    parts: &[Vec<f64>],
) -> (Estimate, Vec<Estimate>) {
    let bootstrap = BlockBootstrap::of_windows(whole.len(), overlap, attribution.seed);
    let of = |values: &[f64], alone: &Estimate| {
        let picked = |from: &[f64], at: &[usize]| -> Vec<f64> { at.iter().map(|i| from[*i]).collect() };
        let found = bootstrap.estimate(whole.len(), |at| {
            let (whole, part) = (picked(whole, at), picked(values, at));
            match figure.level() {
                None if figure == Figure::Mean => MeanTally::from_slice(&part).mean(),
                None => covariance_estimate(&part, &whole).value,
                Some(level) => TailWeights::worst(&whole, level).ok()?.share(&part).value,
            }
        });
        // the value itself is that of the sample in its order, to the last bit
        alone.value.map_or_else(|| alone.clone(), |value| found.around(value))
    };
    let (total, alone) = paths(figure, whole, parts);
    (of(whole, &total), parts.iter().zip(&alone).map(|(part, alone)| of(part, alone)).collect())
}
