//! Differences of one figure between samples on the same paths, by influence functions, for many pairs at once.
use super::{Difference, ErrorLaw, Estimate, Units};

/// What one path adds to a figure, to first order: the figure's influence function up to a constant.
///
/// Source: A. van der Vaart (1998), "Asymptotic Statistics", §20.1; of quantiles R. Bahadur (1966), Annals of
/// Mathematical Statistics 37; of expected shortfall R. Rockafellar and S. Uryasev (2000), Journal of Risk 2(3), whose
/// variance is that of S. Manistre and G. Hancock (2005).
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Influence {
    /// `x`, measured from the mean.
    Mean {
        /// The sample's mean.
        mean: f64,
    },
    /// `scale·((x − mean)² − s²)/(2s)`; nothing where nothing varies.
    Std {
        /// The sample's mean.
        mean: f64,
        /// Its standard deviation s.
        std: f64,
        /// What the figure is a multiple of s by.
        scale: f64,
    },
    /// `(x² − r²)/(2r)` of the root mean square r.
    Rms {
        /// The root mean square r.
        rms: f64,
    },
    /// `VaR = −q_p`: `s·(1{x ≤ q} − p)`, `s` the reciprocal of the density at q.
    ///
    /// `s = se·√(N/(p(1−p)))` from the quantile's own interval (D. Bloch and J. Gastwirth, 1968, Annals of Mathematical
    /// Statistics 39, with its order statistics), so that the difference to a constant has the figure's own error.
    Var {
        /// The quantile q.
        quantile: f64,
        /// Its level p.
        p: f64,
        /// The reciprocal density s.
        sparsity: f64,
    },
    /// `CVaR = −q + E[(q − x)⁺]/p`: `(q − x)⁺/p`, measured from its mean.
    Cvar {
        /// The quantile q.
        quantile: f64,
        /// Its level p.
        p: f64,
        /// The figure.
        cvar: f64,
    },
}

impl Influence {
    /// Of every path.
    pub fn by_path(self, values: &[f64]) -> Vec<f64> {
        let mut out = vec![0.0; values.len()];
        self.of(values, &mut out);
        out
    }

    fn of(self, values: &[f64], out: &mut [f64]) {
        let pairs = out.iter_mut().zip(values);
        match self {
            Self::Mean { mean } => pairs.for_each(|(out, x)| *out = x - mean),
            Self::Std { mean, std, scale } => {
                let (half, square) = (if std > 0.0 { 0.5 * scale / std } else { 0.0 }, std * std);
                pairs.for_each(|(out, x)| *out = half * ((x - mean) * (x - mean) - square));
            }
            Self::Rms { rms } => {
                let (half, square) = (if rms > 0.0 { 0.5 / rms } else { 0.0 }, rms * rms);
                pairs.for_each(|(out, x)| *out = half * (x * x - square));
            }
            Self::Var { quantile, p, sparsity } => pairs.for_each(|(out, x)| {
                *out = if *x <= quantile { sparsity * (1.0 - p) } else { -sparsity * p };
            }),
            Self::Cvar { quantile, p, cvar } => {
                let (per, middle) = (1.0 / p, cvar + quantile);
                pairs.for_each(|(out, x)| {
                    let short = quantile - x;
                    *out = if short > 0.0 { short * per - middle } else { -middle };
                });
            }
        }
    }
}

/// One sample and the figure's influence on it.
#[derive(Debug, Clone, Copy)]
pub struct Influenced<'a> {
    /// By path.
    pub values: &'a [f64],
    /// Of the figure.
    pub influence: Influence,
}

/// Paths looked at together: the influences of all samples on them stay in the cache.
const BLOCK: usize = 2048;

/// Standard errors of `figure(b) − figure(a)` for every pair `(a, b)` of samples: std of the difference of influences
/// over √N.
///
/// The sums run over the paths in their order, so the bits depend on the samples alone. Samples have one length; a
/// standard error that cannot be given is absent.
pub fn influence_errors(samples: &[Influenced<'_>], pairs: &[(usize, usize)]) -> Vec<Option<f64>> {
    let n = samples.first().map_or(0, |sample| sample.values.len());
    if n < 2 || samples.iter().any(|sample| sample.values.len() != n) {
        return vec![None; pairs.len()];
    }
    let mut influences = vec![[0.0; BLOCK]; samples.len()];
    let mut sums = vec![[0.0; 2]; pairs.len()];
    for start in (0..n).step_by(BLOCK) {
        let length = BLOCK.min(n - start);
        for (sample, out) in samples.iter().zip(&mut influences) {
            sample.influence.of(&sample.values[start..start + length], &mut out[..length]);
        }
        for ((a, b), sums) in pairs.iter().zip(&mut sums) {
            let [sum, square] = difference_sums(&influences[*a][..length], &influences[*b][..length]);
            sums[0] += sum;
            sums[1] += square;
        }
    }
    let n = n as f64;
    let error = |[sum, square]: &[f64; 2]| {
        let variance = (square - sum * sum / n) / (n - 1.0);
        let se = (variance.max(0.0) / n).sqrt();
        (variance.is_finite() && se.is_finite()).then_some(se)
    };
    sums.iter().map(error).collect()
}

/// How these errors are distributed over the independent units of the paths.
pub fn influence_errors_over(
    units: Units,
    samples: &[Influenced<'_>],
    pairs: &[(usize, usize)],
) -> Vec<Option<ErrorLaw>> {
    if units == Units::Paths {
        return influence_errors(samples, pairs).into_iter().map(|se| se.map(ErrorLaw::normal)).collect();
    }
    let means: Vec<Option<Vec<f64>>> =
        samples.iter().map(|sample| units.means(&sample.influence.by_path(sample.values))).collect();
    let is_share = samples.iter().all(|sample| matches!(sample.influence, Influence::Var { .. }));
    let law = |(a, b): &(usize, usize)| {
        let (a, b) = (means[*a].as_ref()?, means[*b].as_ref()?);
        let differences: Vec<f64> = a.iter().zip(b).map(|(a, b)| b - a).collect();
        let law = if is_share { units.law_of_share(&differences) } else { units.law(&differences) };
        law.filter(|_| a.len() == b.len())
    };
    pairs.iter().map(law).collect()
}

/// `Σ (b − a)` and `Σ (b − a)²` in eight partial sums, the same order on every machine.
fn difference_sums(a: &[f64], b: &[f64]) -> [f64; 2] {
    const LANES: usize = 8;
    let mut partial = [[0.0; LANES]; 2];
    let ((a, rest_a), (b, rest_b)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    for (a, b) in a.iter().zip(b) {
        for lane in 0..LANES {
            let difference = b[lane] - a[lane];
            partial[0][lane] += difference;
            partial[1][lane] += difference * difference;
        }
    }
    for (lane, (a, b)) in rest_a.iter().zip(rest_b).enumerate() {
        let difference = b - a;
        partial[0][lane] += difference;
        partial[1][lane] += difference * difference;
    }
    partial.map(|sums| sums.iter().sum())
}

/// `value` with an error found by [`influence_errors`].
pub fn difference_of(value: f64, se: Option<f64>) -> Difference {
    difference_over(value, se.map(ErrorLaw::normal))
}

/// `value` with an error found by [`influence_errors_over`] some units.
pub fn difference_over(value: f64, law: Option<ErrorLaw>) -> Difference {
    match law {
        Some(law) => Difference::with_error(value, law),
        None => Difference::without(Estimate::without_interval(
            value,
            "the error of a difference needs two paths and finite values",
        )),
    }
}
