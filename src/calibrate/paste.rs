//! Fits as TOML to paste into a scenario.
use std::fmt::Write as _;

use super::feed::FeedFit;
use super::fit::{Fit, Model};

/// Significant digits of a pasted number: far beyond its error, short enough to read.
fn number(value: f64) -> String {
    if value.abs() < 1e-8 || !value.is_finite() {
        return "0.0".into();
    }
    let rounded: f64 = format!("{value:.4e}").parse().unwrap_or(value);
    let text = format!("{rounded}");
    if text.contains('.') { text } else { format!("{text}.0") }
}

fn error(se: Option<f64>) -> String {
    se.map_or_else(|| "no standard error".to_owned(), |se| format!("± {}", number_short(se)))
}

fn number_short(value: f64) -> String {
    let rounded: f64 = format!("{value:.1e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// Keys of the process table of a model, in order.
fn keys(model: Model) -> &'static [&'static str] {
    match model {
        Model::Gbm => &["drift", "volatility"],
        Model::Merton => &["drift", "volatility", "jumps_per_year", "jump_mean", "jump_std"],
        Model::Garch => &["drift", "long_run_volatility", "alpha", "beta", "gamma", "nu"],
        Model::Regime => &[],
        Model::Heston => {
            &["drift", "initial_variance", "long_run_variance", "mean_reversion", "vol_of_vol", "correlation"]
        }
    }
}

/// `process = { … }` of one fit, on one line.
pub fn process_table(fit: &Fit) -> String {
    let value = |key: &str| fit.value(key).map_or_else(|| "0.0".to_owned(), number);
    let mut entries = vec![format!("kind = \"{}\"", fit.model.kind())];
    if fit.model == Model::Regime {
        let state = |name: &str| {
            let of = |figure: &str| value(&format!("{name}_{figure}"));
            format!(
                "{{ name = \"{name}\", drift = {}, volatility = {}, mean_duration = \"{}d\" }}",
                of("drift"),
                of("volatility"),
                of("duration")
            )
        };
        entries.push(format!("states = [{}, {}]", state("calm"), state("storm")));
    }
    if fit.model == Model::Garch && (fit.days - 1.0).abs() > 1e-9 {
        entries.push(format!("period = \"{}\"", duration(fit.days * 86_400.0)));
    }
    let present = keys(fit.model).iter().filter(|key| fit.value(key).is_some());
    entries.extend(present.map(|key| format!("{key} = {}", value(key))));
    format!("process = {{ {} }}", entries.join(", "))
}

/// Every fit with its errors as comments.
pub fn process_tables(fits: &[Fit]) -> String {
    let mut text = String::new();
    let mut series = "";
    for fit in fits {
        if fit.series != series {
            // writing to a String cannot fail
            let _ = writeln!(text, "# ===== {} =====\n", comment(&fit.series));
            series = &fit.series;
        }
        let _ = writeln!(
            text,
            "# {}: {} returns of {}, log-likelihood {:.2}, AIC {:.1}, BIC {:.1}",
            fit.model.kind(),
            fit.n_returns,
            duration(fit.days * 86_400.0),
            fit.log_likelihood,
            fit.aic(),
            fit.bic()
        );
        for parameter in &fit.parameters {
            let unit = if parameter.unit.is_empty() { String::new() } else { format!(" {}", parameter.unit) };
            let (value, se) = (number(parameter.value), error(parameter.se));
            let _ = writeln!(text, "#   {} = {value} {se}{unit}", parameter.key);
        }
        for note in fit.no_errors.iter().chain(&fit.notes) {
            let _ = writeln!(text, "#   {}", comment(note));
        }
        let _ = writeln!(text, "{}\n", process_table(fit));
    }
    text
}

/// `[oracle]` of a feed with the reasons as comments.
pub fn feed_table(fit: &FeedFit) -> String {
    let mut text = String::from("[oracle]\n");
    if let Some(threshold) = fit.threshold {
        let _ = writeln!(
            text,
            "deviation_threshold = \"{}%\"   # between {:.2} and {:.2} bps; {} posts by deviation",
            number_trimmed(100.0 * threshold.value),
            1e4 * threshold.low,
            1e4 * threshold.high,
            threshold.n_deviations
        );
    }
    if let Some(beat) = fit.heartbeat {
        let _ = writeln!(
            text,
            "heartbeat = \"{}\"   # {} of {} gaps stand at {:.0} s",
            duration(beat.seconds),
            beat.n_gaps,
            fit.beats.updates.len(),
            beat.observed
        );
    }
    let [reset, free] = fit.misfits;
    let reason = format!("{reset} misfits if deviation posts reset the timer, {free} if they do not");
    match fit.resets {
        Some(resets) => {
            let _ = writeln!(text, "heartbeat_resets = {resets}   # {reason}");
        }
        None => {
            let _ = writeln!(text, "# heartbeat_resets = true   # not told: {reason}");
        }
    }
    if let (Some(median), Some(p95)) = (fit.lateness(0.5), fit.lateness(0.95)) {
        let _ = writeln!(
            text,
            "# latency = \"{}\"   # a guess: beats came {median:.0} s late in the median, {p95:.0} s at 95 %",
            duration(median.max(0.0).round())
        );
    }
    text
}

fn number_trimmed(value: f64) -> String {
    let rounded: f64 = format!("{value:.3e}").parse().unwrap_or(value);
    format!("{rounded}")
}

/// Seconds as text with units.
pub fn duration(seconds: f64) -> String {
    let mut left = seconds.round().max(0.0) as u64;
    let mut text = String::new();
    for (unit, size) in [("d", 86_400), ("h", 3600), ("min", 60), ("s", 1)] {
        if left >= size {
            let _ = write!(text, "{}{unit}", left / size);
            left %= size;
        }
    }
    if text.is_empty() { "0s".into() } else { text }
}

/// Words that cannot end a comment.
fn comment(text: &str) -> String {
    text.replace(|c: char| c.is_control(), " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_durations_are_toml() {
        assert_eq!(
            [number(0.0), number(1.0), number(0.677_234_9), number(-1234.56)],
            ["0.0", "1.0", "0.67723", "-1234.6"]
        );
        assert_eq!([duration(3600.0), duration(86_424.0), duration(0.2)], ["1h", "1d24s", "0s"]);
    }
}
