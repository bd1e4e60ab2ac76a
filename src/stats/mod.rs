//! Estimators with their errors.

/// A figure with its error; an undefined one says why.
#[derive(Debug, Clone, PartialEq, Default, serde::Serialize)]
pub struct Estimate {
    /// The figure.
    pub value: Option<f64>,
    /// Standard error.
    pub se: Option<f64>,
    /// 95 % interval.
    pub ci: Option<[f64; 2]>,
    /// Why something is missing.
    pub reason: Option<String>,
}
