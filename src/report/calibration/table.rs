//! The terminal tables of a calibration.
use std::fmt::Write as _;

use crate::calibrate::{FeedFit, Fit, Kind, Returns, autocorrelation, duration, excess_kurtosis};

use super::super::number;

/// Models side by side: likelihood, tests of the residuals, kurtosis and clustering of data and model.
pub fn models(returns: &Returns, fits: &[Fit]) -> String {
    let (mean, _) = returns.moments();
    let absolute: Vec<f64> = returns.values.iter().map(|r| (r - mean).abs()).collect();
    let clustering = autocorrelation(&absolute, 20);
    let at = |values: &[f64], lag: usize| values.get(lag - 1).map_or("–".into(), |v| fixed(*v, 2));
    let mut rows = vec![
        ["", "logL", "AIC", "BIC", "KS p", "A²", "A² p", "kurtosis", "ACF|r| 1", "10", "20"]
            .map(str::to_owned)
            .to_vec(),
        vec![
            "data".into(),
            "–".into(),
            "–".into(),
            "–".into(),
            "–".into(),
            "–".into(),
            "–".into(),
            fixed(excess_kurtosis(&returns.values), 1),
            at(&clustering, 1),
            at(&clustering, 10),
            at(&clustering, 20),
        ],
    ];
    for fit in fits {
        let good = &fit.goodness;
        rows.push(vec![
            fit.model.kind().into(),
            fixed(fit.log_likelihood, 1),
            fixed(fit.aic(), 1),
            fixed(fit.bic(), 1),
            p_value(good.ks_p),
            fixed(good.anderson_darling, 2),
            p_value(good.anderson_darling_p),
            fit.law.excess_kurtosis.map_or_else(|| "∞".into(), |k| fixed(k, 1)),
            at(&good.clustering, 1),
            at(&good.clustering, 10),
            at(&good.clustering, 20),
        ]);
    }
    format!(
        "{}: {} returns of {}{}\n{}",
        returns.name,
        returns.len(),
        duration(returns.spacing.days * 86_400.0),
        cut(returns),
        aligned(&rows)
    )
}

fn cut(returns: &Returns) -> String {
    let mut text = String::new();
    if returns.n_stretches > 1 {
        // writing to a String cannot fail
        let _ = write!(text, " in {} stretches between gaps", returns.n_stretches);
    }
    if returns.n_unused > 0 {
        let _ = write!(text, ", {} prices unused", returns.n_unused);
    }
    text
}

/// What the updates of a feed show, in lines.
pub fn feed(fit: &FeedFit) -> String {
    let phase = fit.phase.map_or_else(String::new, |phase| format!(" (phase {phase})"));
    let share = |n: usize| 100.0 * n as f64 / fit.beats.updates.len() as f64;
    let mut text = format!(
        "{} updates in {:.1} days{phase}: {:.2} a day\n",
        fit.n_updates,
        fit.days,
        fit.n_updates as f64 / fit.days
    );
    let quantiles = [0.01, 0.25, 0.5, 0.75, 0.99].map(|p| duration(fit.gap(p))).join("  ");
    let _ = writeln!(text, "gaps at 1, 25, 50, 75, 99 %: {quantiles}");
    let explained = [(Kind::Beat, "heartbeat"), (Kind::Deviation, "deviation"), (Kind::Neither, "neither")]
        .map(|(kind, name)| format!("{name} {} ({:.1} %)", fit.count(kind), share(fit.count(kind))));
    let _ = writeln!(text, "explained by: {}", explained.join(", "));
    if let (Some(median), Some(p95)) = (fit.lateness(0.5), fit.lateness(0.95)) {
        let _ = writeln!(text, "beats late by: median {median:.0} s, 95 % {p95:.0} s");
    }
    if let Some(longest) = fit.outages.first() {
        let n = fit.outages.len();
        let _ = writeln!(text, "gaps far beyond the heartbeat: {n}, the longest {}", duration(*longest));
    }
    for note in &fit.notes {
        let _ = writeln!(text, "note: {note}");
    }
    text
}

fn fixed(value: f64, decimals: i32) -> String {
    number::fixed(value, decimals).replace('\u{a0}', "")
}

fn p_value(p: f64) -> String {
    if p < 0.001 { "<0.001".into() } else { fixed(p, 3) }
}

/// First column to the left, the others to the right.
fn aligned(rows: &[Vec<String>]) -> String {
    let n = rows.iter().map(Vec::len).max().unwrap_or(0);
    let width =
        |k: usize| rows.iter().filter_map(|row| row.get(k)).map(|c| c.chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..n).map(width).collect();
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).enumerate().map(|(k, (cell, width))| {
            if k == 0 { format!("{cell:<width$}") } else { format!("{cell:>width$}") }
        });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}
