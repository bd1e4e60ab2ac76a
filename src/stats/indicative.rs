//! Which 95 % intervals hold the truth less than nine times in ten: what thousands of runs with known truth have shown.

/// What decides how far an interval can be trusted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Paths.
    pub n: u64,
    /// Excess kurtosis of the terminal deviation.
    pub kurtosis: f64,
}

/// How a figure and its error are made.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A mean over paths, or an order statistic with its exact interval.
    Mean,
    /// A standard deviation of the deviation.
    Std,
    /// The root mean square of the deviation, by sections.
    Rms,
    /// Another ratio of sums, by sections.
    Ratio,
    /// Skewness, by sections.
    Skew,
    /// Kurtosis, by sections.
    Kurtosis,
    /// Mean of a tail of that share.
    Tail(f64),
}

/// Whether the measured coverage of such an interval is below 90 %.
///
/// | figure | indicative where |
/// |---|---|
/// | CVaR | fewer than 50 paths in the tail |
/// | std | `κ²/N > 0.1` |
/// | root mean square of the deviation | `κ²/N > 0.05`, or fewer than 1000 paths |
/// | other figures by sections | fewer than 1000 paths |
/// | skewness | fewer than 20 000 paths, or `κ > 4` |
/// | kurtosis | fewer than 50 000 paths, or `κ > 4` |
///
/// κ is the excess kurtosis of the sample. Measured by `tests/coverage.rs`; the tables stand in `docs/methods/precision.md`.
pub fn indicative(kind: Kind, sample: Sample) -> bool {
    let (n, heavy) = (sample.n as f64, sample.kurtosis.max(0.0) * sample.kurtosis.max(0.0) / sample.n as f64);
    match kind {
        Kind::Mean => false,
        Kind::Tail(share) => super::few_tail_paths(sample.n, 1.0 - share),
        Kind::Std => heavy > 0.1,
        Kind::Rms => heavy > 0.05 || n < 1000.0,
        Kind::Ratio => n < 1000.0,
        Kind::Skew => n < 20_000.0 || sample.kurtosis > 4.0,
        Kind::Kurtosis => n < 50_000.0 || sample.kurtosis > 4.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cases_of_the_tables_stand_on_their_sides() {
        let of = |kind: Kind, n: u64, kurtosis: f64| indicative(kind, Sample { n, kurtosis });
        // measured at 93 % and more
        assert!(!of(Kind::Std, 500, 3.0) && !of(Kind::Tail(0.01), 5000, 3.6) && !of(Kind::Skew, 20_000, 3.6));
        assert!(!of(Kind::Std, 20_000, 40.0) && !of(Kind::Rms, 2000, 4.0) && !of(Kind::Mean, 100, 60.0));
        assert!(!of(Kind::Std, 32_768, 40.0) && !of(Kind::Rms, 32_768, 40.0) && !of(Kind::Skew, 32_768, 3.6));
        // and below 90 %
        assert!(of(Kind::Std, 2000, 25.0) && of(Kind::Rms, 20_000, 40.0) && of(Kind::Rms, 500, 3.0));
        assert!(
            of(Kind::Tail(0.01), 2000, 25.0) && of(Kind::Skew, 5000, 3.0) && of(Kind::Kurtosis, 20_000, 1.0)
        );
    }
}
