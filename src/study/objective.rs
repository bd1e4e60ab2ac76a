//! What is to be made small: a metric or a weighted sum of metrics, measured path by path.
use std::fmt;

use crate::engine::PolicyOutcome;
use crate::metric::{METRICS, Metric, by_key};
use crate::scenario::suggest;
use crate::stats::{BlockBootstrap, Difference, ErrorLaw, Influence, Units, difference_over};

use super::compare::{Windows, influence};

/// One summand.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Term {
    /// Its factor.
    pub weight: f64,
    /// Its figure.
    pub metric: &'static Metric,
    /// Whether the figure is squared.
    pub squared: bool,
}

/// `Σ weight · figure` or `Σ weight · figure²`; less is better.
#[derive(Debug, Clone, PartialEq)]
pub struct Objective {
    /// At least one.
    pub terms: Vec<Term>,
    text: String,
}

/// A figure of one run and what every independent unit of paths adds to it, to first order.
#[derive(Debug, Clone, PartialEq)]
pub struct Sample {
    /// The figure.
    pub value: f64,
    /// Its influence function by path, or its mean over the paths of every pair or replicate.
    pub influence: Vec<f64>,
    /// Which paths are independent of each other.
    pub units: Units,
}

impl fmt::Display for Objective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Objective {
    /// Reads `cvar_95 + 2*cost_total`, `-mean + 0.5*std^2`: terms joined by + and −, each a metric, with factors before
    /// or behind it, divisors behind it, and perhaps `^2`.
    ///
    /// # Errors
    ///
    /// Says what is wrong in words.
    pub fn parse(text: &str) -> Result<Self, String> {
        let within = |why: String| format!("`{}`: {why}", text.trim());
        let mut rest = text.trim();
        let mut terms = Vec::new();
        while !rest.is_empty() || terms.is_empty() {
            let sign = if let Some(behind) = rest.strip_prefix('-').or_else(|| rest.strip_prefix('\u{2212}'))
            {
                rest = behind.trim_start();
                -1.0
            } else if let Some(behind) = rest.strip_prefix('+') {
                rest = behind.trim_start();
                1.0
            } else if terms.is_empty() {
                1.0
            } else {
                return Err(within(format!("a + or − was expected before `{rest}`")));
            };
            let (term, behind) = term(sign, rest).map_err(within)?;
            terms.push(term);
            rest = behind;
        }
        Ok(Self { terms, text: text.trim().to_owned() })
    }

    /// The figure of a policy whose paths were kept.
    ///
    /// # Errors
    ///
    /// Says which metric is undefined, and why.
    pub fn measure(&self, policy: &PolicyOutcome) -> Result<Sample, String> {
        let n = policy.deviations.len();
        if n == 0 {
            return Err("there are too many paths to keep each: ask for fewer with --paths".into());
        }
        let mut sum = Sample { value: 0.0, influence: vec![0.0; n], units: policy.paired.units };
        for term in &self.terms {
            let (value, influence) = figure(term.metric, policy)?;
            let (value, slope) = if term.squared { (value * value, 2.0 * value) } else { (value, 1.0) };
            sum.value += term.weight * value;
            let scale = term.weight * slope;
            sum.influence.iter_mut().zip(&influence).for_each(|(sum, one)| *sum += scale * one);
        }
        if !(sum.value.is_finite() && sum.influence.iter().all(|x| x.is_finite())) {
            return Err(format!("`{self}` is not finite for policy `{}`", policy.name));
        }
        let means = sum.units.means(&sum.influence);
        sum.influence = means.ok_or("the last unit of paths is not whole: a bug")?;
        Ok(sum)
    }
}

/// Figures that are no mean of a column but have an influence function.
const OTHERS: [&str; 10] = [
    "mean",
    "std",
    "rms_deviation",
    "var_95",
    "var_99",
    "cvar_95",
    "cvar_99",
    "te_cross",
    "te_path_rms",
    "gap_rms",
];

/// Why a registered figure can be no part of an objective.
fn refused(key: &str) -> Option<&'static str> {
    match key {
        "q01" => Some("write -var_99 in its place"),
        "q05" => Some("write -var_95 in its place"),
        "q50" | "q95" | "q99" | "skew" | "kurtosis_excess" | "oracle_error_rms" | "oracle_age_at_trade" => {
            Some("it has no error that can be compared path by path")
        }
        _ => None,
    }
}

/// Value and influence by path of one figure.
fn figure(metric: &Metric, policy: &PolicyOutcome) -> Result<(f64, Vec<f64>), String> {
    let undefined = |why: &str| format!("`{}` of policy `{}`: {why}", metric.key, policy.name);
    let estimate = policy.metric(metric.key).ok_or_else(|| undefined("the run did not make it"))?;
    let Some(value) = estimate.value else {
        return Err(undefined(estimate.reason.as_deref().unwrap_or("it is undefined")));
    };
    let column = |name: &str| {
        let paths = policy.paths.as_ref().and_then(|paths| paths.column(name));
        paths.ok_or_else(|| undefined("its paths were not kept"))
    };
    let influence = match metric.key {
        "efficiency_constant" => {
            let (te, traded) = (column("te_path_mean")?, column("turnover_weight")?);
            let n = te.len() as f64;
            let te_square = te.iter().map(|te| te * te).sum::<f64>() / n;
            let mean = traded.iter().sum::<f64>() / n;
            let one = |(te, traded): (&f64, &f64)| {
                value * (0.5 * (te * te / te_square - 1.0) + (traded / mean - 1.0))
            };
            te.iter().zip(traded).map(one).collect()
        }
        "te_path_rms" => Influence::Rms { rms: value }.by_path(column("te_path_mean")?),
        "gap_rms" => {
            let per = if value > 0.0 { 0.5 / value } else { 0.0 };
            column("gap_square")?.iter().map(|x| per * (x - value * value)).collect()
        }
        key if OTHERS.contains(&key) => match influence(key, policy) {
            Some(influence) => influence.by_path(&policy.deviations),
            // one path, or nothing in the tail: no error of its own
            None => vec![f64::NAN; policy.deviations.len()],
        },
        key => Influence::Mean { mean: value }.by_path(column(key)?),
    };
    if influence.iter().any(|x| x.is_nan()) {
        return Err(undefined("it has no standard error with so few paths"));
    }
    Ok((value, influence))
}

/// One term, its sign read already, and what stands behind it.
fn term(sign: f64, text: &str) -> Result<(Term, &str), String> {
    let (mut weight, mut metric, mut squared) = (sign, None, false);
    let (mut rest, mut divides) = (text, false);
    loop {
        let end = word_end(rest);
        let (word, behind) = rest.split_at(end);
        rest = behind.trim_start();
        if word.is_empty() {
            return Err(format!("a metric or a number was expected, not `{behind}`"));
        }
        if let Ok(number) = word.parse::<f64>() {
            weight = if divides { weight / number } else { weight * number };
        } else if divides {
            return Err(format!("only a number can divide, not `{word}`"));
        } else if metric.is_some() {
            return Err(format!("a term has one metric, and `{word}` is a second"));
        } else {
            metric = Some(known(word)?);
            if let Some(behind) = rest.strip_prefix('^') {
                let behind = behind.trim_start();
                let two = behind.strip_prefix('2').filter(|next| word_end(next) == 0);
                rest = two.ok_or("the only power is ^2")?.trim_start();
                squared = true;
            }
        }
        match rest.chars().next() {
            Some(sign @ ('*' | '/')) => {
                divides = sign == '/';
                rest = rest[1..].trim_start();
            }
            _ => break,
        }
    }
    let metric = metric.ok_or("a term without a metric changes nothing")?;
    if !weight.is_finite() || weight == 0.0 {
        return Err(format!("the weight of `{}` must be finite and not zero", metric.key));
    }
    Ok((Term { weight, metric, squared }, rest))
}

/// Where a number or a name ends; the sign of an exponent belongs to its number.
fn word_end(text: &str) -> usize {
    let numeric = text.starts_with(|c: char| c.is_ascii_digit() || c == '.');
    let mut before = ' ';
    for (at, c) in text.char_indices() {
        let exponent = numeric && matches!(c, '+' | '-') && matches!(before, 'e' | 'E');
        if !(c.is_alphanumeric() || matches!(c, '_' | '.') || exponent) {
            return at;
        }
        before = c;
    }
    text.len()
}

fn known(word: &str) -> Result<&'static Metric, String> {
    let Some(metric) = by_key(word) else {
        let near = suggest(word, METRICS.iter().map(|metric| metric.key));
        let near = near.map_or_else(String::new, |near| format!(": did you mean `{near}`?"));
        return Err(format!("`{word}` is no metric{near}"));
    };
    match refused(word) {
        Some(why) => Err(format!("`{word}` cannot be searched by: {why}")),
        None => Ok(metric),
    }
}

/// How the error of a figure is distributed that moves with its units by these influences: over the units; of overlapping
/// windows with the standard error of a circular block bootstrap's mean, `√(Σ_start (Σ_block x)² / (b n²))`, which needs no
/// resampling. Absent where there is none.
pub fn error_law(influence: &[f64], units: Units, windows: Option<Windows>) -> Option<ErrorLaw> {
    let n = influence.len();
    let Some(Windows { overlap, seed }) = windows else {
        return units.law(influence);
    };
    let bootstrap = BlockBootstrap::of_windows(n, overlap, seed);
    if bootstrap.fault(n).is_some() {
        return None;
    }
    let mean = influence.iter().sum::<f64>() / n as f64;
    let block = bootstrap.block;
    let mut sum: f64 = influence[..block].iter().map(|x| x - mean).sum();
    let mut square = 0.0;
    for start in 0..n {
        square += sum * sum;
        sum += influence[(start + block) % n] - influence[start];
    }
    let se = (square / (block as f64 * n as f64 * n as f64)).sqrt();
    se.is_finite().then(|| ErrorLaw::normal(se))
}

/// `b − a` of one figure on the same paths.
pub fn difference(a: &Sample, b: &Sample, windows: Option<Windows>) -> Difference {
    let between: Vec<f64> = a.influence.iter().zip(&b.influence).map(|(a, b)| b - a).collect();
    let paired = a.influence.len() == b.influence.len();
    let law = paired.then(|| error_law(&between, a.units, windows)).flatten();
    difference_over(b.value - a.value, law)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<(f64, &'static str, bool)> {
        let objective = Objective::parse(text).unwrap_or_else(|why| panic!("{text}: {why}"));
        objective.terms.iter().map(|term| (term.weight, term.metric.key, term.squared)).collect()
    }

    #[test]
    fn sums_are_read() {
        assert_eq!(read("cvar_95 + 2*cost_total"), [(1.0, "cvar_95", false), (2.0, "cost_total", false)]);
        assert_eq!(read(" -mean+0.5*std^2 "), [(-1.0, "mean", false), (0.5, "std", true)]);
        assert_eq!(
            read("1e-3*turnover_weight/4 - te_path_rms ^2 * 2"),
            [(2.5e-4, "turnover_weight", false), (-2.0, "te_path_rms", true)]
        );
        assert_eq!(read("2e+1*std"), [(20.0, "std", false)]);
    }

    #[test]
    fn what_is_no_sum_is_said() {
        for (text, why) in [
            ("", "a metric or a number was expected"),
            ("std +", "a metric or a number was expected"),
            ("std 2", "a + or − was expected before `2`"),
            ("sdt", "`sdt` is no metric: did you mean `std`?"),
            ("std*mean", "a term has one metric, and `mean` is a second"),
            ("2", "a term without a metric"),
            ("1/std", "only a number can divide"),
            ("std^3", "the only power is ^2"),
            ("std^22", "the only power is ^2"),
            ("0*std", "must be finite and not zero"),
            ("q05", "write -var_95 in its place"),
            ("skew", "`skew` cannot be searched by"),
        ] {
            let told = Objective::parse(text).expect_err(text);
            assert!(told.contains(why), "{text}: {told}");
        }
    }

    #[test]
    fn overlapping_windows_have_the_error_of_their_blocks() {
        // each draw twice: pairs are independent, so the error is √2 of that of independent values
        let draws: Vec<f64> = (0..4000_u64)
            .map(|i| ((i.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40) as f64) / f64::from(1 << 24) - 0.5)
            .collect();
        let twice: Vec<f64> = draws.iter().flat_map(|x| [*x, *x]).collect();
        let error =
            |influence: &[f64], windows| error_law(influence, Units::Paths, windows).map(|law| law.se);
        let plain = error(&twice, None).unwrap_or(0.0);
        let windows = Windows { overlap: 40, seed: 1 };
        let blocks = error(&twice, Some(windows)).unwrap_or(0.0);
        assert!(blocks > 0.0 && plain > 0.0);
        let constant = error(&vec![1.0; 8000], Some(windows));
        assert_eq!(constant, Some(0.0));
        // against the definition with the blocks summed anew
        let n = twice.len();
        let block = BlockBootstrap::of_windows(n, 40, 1).block;
        let mean = twice.iter().sum::<f64>() / n as f64;
        let sums = (0..n).map(|s| (0..block).map(|k| twice[(s + k) % n] - mean).sum::<f64>());
        let direct = (sums.map(|x| x * x).sum::<f64>() / (block * n) as f64 / n as f64).sqrt();
        assert!((blocks / direct - 1.0).abs() < 1e-9, "{blocks} {direct}");
        assert_eq!(error(&twice[..100], Some(windows)), None, "too few blocks");
    }
}
