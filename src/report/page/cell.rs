//! A figure of `summary.json` as a cell of the page: the words for people, the exact values for sorting and checking.
use serde::Serialize;

use super::super::number;
use super::super::summary::{Figure, PolicySummary};

/// A figure of one policy.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Cell {
    /// Whose.
    policy: String,
    /// Its key.
    metric: String,
    /// Value, standard error and ends of the interval as they stand in `summary.json`.
    value: Option<f64>,
    se: Option<f64>,
    low: Option<f64>,
    high: Option<f64>,
    /// What the figures are multiplied by to be shown.
    scale: f64,
    /// Rounded to what the error supports; a dash where it is undefined.
    text: String,
    /// The error, where there is one.
    error: Option<String>,
    /// The 95 % interval in words.
    interval: Option<String>,
    /// Why something is missing.
    reason: Option<String>,
    /// Whether its interval promises too much.
    indicative: bool,
}

/// What a shown figure is multiplied by, and its unit: currency in basis points of notional, shares in percent.
pub(in super::super) fn shown(key: &str, unit: &str, notional: f64) -> (f64, &'static str) {
    match key {
        "oracle_error_rms" | "oracle_error" => return (1e4, "bps"),
        "time_out_of_band" | "largest_gap" => return (100.0, "%"),
        _ => {}
    }
    match unit {
        "currency" => (1e4 / notional, "bps"),
        "per_sqrt_year" => (100.0, "% a year"),
        "seconds" => (1.0, "s"),
        "notionals" => (1.0, "× notional"),
        _ => (1.0, ""),
    }
}

impl Cell {
    /// The cell of a figure.
    pub(super) fn of(name: &str, metric: &str, figure: Option<&Figure>, notional: f64) -> Self {
        let missing = Figure::default();
        let figure = figure.unwrap_or(&missing);
        let (scale, _) = shown(metric.rsplit('.').next().unwrap_or(metric), &figure.unit, notional);
        // what rounding leaves of sums that cancel is no figure
        let quiet =
            |x: f64| if figure.unit == "currency" && (x * scale).abs() < 1e-8 { 0.0 } else { x * scale };
        let (text, error) = match figure.value {
            Some(value) => number::with_error(quiet(value), figure.se.map(quiet)),
            None => ("–".into(), None),
        };
        let decimals = figure.se.map(quiet).filter(|se| *se > 0.0).map(number::decimals_of_error);
        let interval = figure.ci.zip(decimals).map(|(ci, decimals)| {
            let [low, high] = ci.map(|end| number::fixed(quiet(end), decimals));
            format!("{low} to {high}")
        });
        Self {
            policy: name.into(),
            metric: metric.into(),
            value: figure.value,
            se: figure.se,
            low: figure.ci.map(|ci| ci[0]),
            high: figure.ci.map(|ci| ci[1]),
            scale,
            text,
            error,
            interval,
            reason: figure.reason.clone(),
            indicative: figure.indicative,
        }
    }

    /// The cell of a policy's figure of that key.
    pub(super) fn metric(policy: &PolicySummary, key: &str) -> Self {
        Self::of(&policy.name, key, policy.metric(key), policy.constants.notional)
    }

    /// Whether it holds a figure other than zero.
    pub(super) fn tells(&self) -> bool {
        self.value.is_some_and(|value| value != 0.0)
    }
}
