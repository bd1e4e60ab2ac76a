//! A calibration for programs: one JSON object, one tidy CSV.
use serde_json::{Map, Value, json};

use crate::calibrate::{
    FeedFit, Fit, Kind, LAGS, Returns, autocorrelation, excess_kurtosis, feed_table, process_table,
};

/// Version of the layout of `calibration.json`.
pub const SCHEMA: u32 = 1;

fn finite(value: f64) -> Value {
    if value.is_finite() { json!(value) } else { Value::Null }
}

/// The fits of one column.
pub fn series(returns: &Returns, fits: &[Fit], refused: &[(&'static str, String)]) -> Value {
    let (mean, variance) = returns.moments();
    let absolute: Vec<f64> = returns.values.iter().map(|r| (r - mean).abs()).collect();
    json!({
        "column": returns.name,
        "returns": returns.len(),
        "interval_days": returns.spacing.days,
        "stretches": returns.n_stretches,
        "prices_unused": returns.n_unused,
        "last_price": returns.last_price,
        "data": {
            "mean": mean, "std": variance.sqrt(),
            "excess_kurtosis": excess_kurtosis(&returns.values),
            "clustering": by_lag(&autocorrelation(&absolute, 20)),
        },
        "fits": fits.iter().map(fit).collect::<Vec<_>>(),
        "not_fitted": refused.iter().map(|(kind, why)| json!({ "kind": kind, "reason": why })).collect::<Vec<_>>(),
    })
}

fn by_lag(values: &[f64]) -> Value {
    let at = |lag: &usize| (lag.to_string(), values.get(lag - 1).map_or(Value::Null, |v| finite(*v)));
    Value::Object(LAGS.iter().map(at).collect::<Map<_, _>>())
}

fn fit(fit: &Fit) -> Value {
    let parameters: Map<String, Value> = fit
        .parameters
        .iter()
        .map(|p| (p.key.to_owned(), json!({ "value": finite(p.value), "se": p.se, "unit": p.unit })))
        .collect();
    let good = &fit.goodness;
    json!({
        "kind": fit.model.kind(),
        "returns": fit.n_returns,
        "parameters": parameters,
        "no_errors": fit.no_errors,
        "log_likelihood": fit.log_likelihood,
        "free_parameters": fit.n_free,
        "aic": fit.aic(),
        "bic": fit.bic(),
        "ks": { "statistic": good.ks, "p": good.ks_p },
        "anderson_darling": { "statistic": good.anderson_darling, "p": good.anderson_darling_p },
        "residuals": {
            "excess_kurtosis": good.residual_kurtosis,
            "clustering": LAGS.iter().zip(good.residual_clustering)
                .map(|(lag, value)| (lag.to_string(), finite(value))).collect::<Map<_, _>>(),
        },
        "model": { "excess_kurtosis": fit.law.excess_kurtosis, "clustering": by_lag(&good.clustering) },
        "notes": fit.notes,
        "toml": process_table(fit),
    })
}

/// The rule of one feed.
pub fn feed(fit: &FeedFit) -> Value {
    json!({
        "phase": fit.phase,
        "updates": fit.n_updates,
        "days": fit.days,
        "heartbeat": fit.heartbeat.map(|beat| json!({
            "seconds": beat.seconds, "observed_seconds": beat.observed, "gaps": beat.n_gaps })),
        "deviation_threshold": fit.threshold.map(|threshold| json!({
            "value": threshold.value, "low": threshold.low, "high": threshold.high,
            "deviations": threshold.n_deviations })),
        "heartbeat_resets": fit.resets,
        "misfits": { "resetting": fit.misfits[0], "free_running": fit.misfits[1] },
        "explained": {
            "heartbeat": fit.count(Kind::Beat), "deviation": fit.count(Kind::Deviation),
            "neither": fit.count(Kind::Neither) },
        "lateness_seconds": { "median": fit.lateness(0.5), "p95": fit.lateness(0.95), "p99": fit.lateness(0.99) },
        "latency": null,
        "outages_seconds": fit.outages,
        "notes": fit.notes,
        "toml": feed_table(fit),
    })
}

/// One row a figure: series, model, parameter, value, se, unit.
///
/// # Errors
///
/// Where a row cannot be written.
pub fn csv(fits: &[Fit], feeds: &[FeedFit]) -> Result<Vec<u8>, csv::Error> {
    let mut table = csv::WriterBuilder::new().from_writer(Vec::new());
    table.write_record(["series", "model", "parameter", "value", "se", "unit"])?;
    for fit in fits {
        let (series, kind) = (fit.series.as_str(), fit.model.kind());
        let cell =
            |value: Option<f64>| value.filter(|v| v.is_finite()).map_or(String::new(), |v| v.to_string());
        for p in &fit.parameters {
            table.write_record([series, kind, p.key, &cell(Some(p.value)), &cell(p.se), p.unit])?;
        }
        let good = &fit.goodness;
        for (name, value) in [
            ("log_likelihood", Some(fit.log_likelihood)),
            ("aic", Some(fit.aic())),
            ("bic", Some(fit.bic())),
            ("ks", Some(good.ks)),
            ("ks_p", Some(good.ks_p)),
            ("anderson_darling", Some(good.anderson_darling)),
            ("anderson_darling_p", Some(good.anderson_darling_p)),
            ("model_excess_kurtosis", fit.law.excess_kurtosis),
        ] {
            table.write_record([series, kind, name, &cell(value), "", ""])?;
        }
    }
    for fit in feeds {
        let series = fit.phase.map_or_else(|| "feed".to_owned(), |phase| format!("phase {phase}"));
        let mut row = |name: &str, value: Option<f64>, unit: &str| {
            let value = value.map_or_else(String::new, |v| v.to_string());
            table.write_record([&series, "oracle", name, &value, "", unit])
        };
        row("deviation_threshold", fit.threshold.map(|t| t.value), "")?;
        row("deviation_threshold_low", fit.threshold.map(|t| t.low), "")?;
        row("deviation_threshold_high", fit.threshold.map(|t| t.high), "")?;
        row("heartbeat", fit.heartbeat.map(|beat| beat.seconds), "s")?;
        row("heartbeat_resets", fit.resets.map(|resets| f64::from(u8::from(resets))), "")?;
        row("lateness_median", fit.lateness(0.5), "s")?;
        row("lateness_p95", fit.lateness(0.95), "s")?;
    }
    table.into_inner().map_err(|error| error.into_error().into())
}
