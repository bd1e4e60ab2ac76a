//! What a fit is, and which models there are.
use crate::math::ln;

use super::goodness::{Goodness, absolutes, autocorrelation};
use super::law::Law;
use super::optimum::Optimum;
use super::returns::Returns;
use super::{garch, gbm, heston, merton, regime};

/// Lags of a model's autocorrelations.
const MOST_LAG: usize = 60;

/// A process that can be fitted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Model {
    /// Constant volatility.
    Gbm,
    /// Constant volatility and normal jumps.
    Merton,
    /// GJR-GARCH(1,1).
    Garch,
    /// Two states that alternate.
    Regime,
    /// Heston's stochastic variance.
    Heston,
}

impl Model {
    /// Every model, in the order of the report.
    pub const ALL: [Self; 5] = [Self::Gbm, Self::Merton, Self::Garch, Self::Regime, Self::Heston];

    /// The `kind` of its process table.
    pub const fn kind(self) -> &'static str {
        match self {
            Self::Gbm => "gbm",
            Self::Merton => "merton",
            Self::Garch => "garch",
            Self::Regime => "regime",
            Self::Heston => "heston",
        }
    }
}

/// One figure of a fit.
#[derive(Debug, Clone, PartialEq)]
pub struct Parameter {
    /// Its key in the process table, or its name where it is none.
    pub key: &'static str,
    /// Value.
    pub value: f64,
    /// Standard error; absent where there is none.
    pub se: Option<f64>,
    /// Unit.
    pub unit: &'static str,
}

/// A fitted process.
#[derive(Debug, Clone, PartialEq)]
pub struct Fit {
    /// Which process.
    pub model: Model,
    /// Column it was fitted to.
    pub series: String,
    /// Returns behind it.
    pub n_returns: usize,
    /// Days of one return.
    pub days: f64,
    /// Figures in the order of the process table, then derived ones.
    pub parameters: Vec<Parameter>,
    /// Why there are no standard errors, where there are none.
    pub no_errors: Option<String>,
    /// Log-likelihood of the returns.
    pub log_likelihood: f64,
    /// Parameters that were free.
    pub n_free: usize,
    /// How well it describes the returns.
    pub goodness: Goodness,
    /// The law of one return.
    pub law: Law,
    /// What to know before using it.
    pub notes: Vec<String>,
    /// Probability of the wilder state after all returns, return by return; empty where there are no states.
    pub wild: Vec<f64>,
    /// The returns it was fitted to, where they were summed first.
    pub summed: Option<Returns>,
}

impl Fit {
    /// Akaike's criterion: smaller is better.
    pub fn aic(&self) -> f64 {
        2.0 * self.n_free as f64 - 2.0 * self.log_likelihood
    }

    /// Schwarz's criterion: smaller is better.
    pub fn bic(&self) -> f64 {
        ln(self.n_returns as f64) * self.n_free as f64 - 2.0 * self.log_likelihood
    }

    /// Value of a figure.
    pub fn value(&self, key: &str) -> Option<f64> {
        self.parameters.iter().find(|parameter| parameter.key == key).map(|parameter| parameter.value)
    }

    /// Standard error of a figure.
    pub fn error(&self, key: &str) -> Option<f64> {
        self.parameters.iter().find(|parameter| parameter.key == key)?.se
    }
}

/// What a model hands over to become a fit.
pub(super) struct Parts<'a> {
    pub(super) model: Model,
    pub(super) optimum: &'a Optimum,
    /// Keys and units of the figures.
    pub(super) keys: &'a [(&'static str, &'static str)],
    /// The figures of a point.
    pub(super) outputs: &'a dyn Fn(&[f64]) -> Vec<f64>,
    /// `F(r_t | past)`.
    pub(super) transforms: &'a [f64],
    pub(super) law: Law,
    pub(super) notes: Vec<String>,
}

pub(super) fn assemble(returns: &Returns, parts: Parts<'_>) -> Fit {
    let Parts { model, optimum, keys, outputs, transforms, law, notes } = parts;
    let (values, errors) = ((outputs)(&optimum.x), optimum.errors(outputs));
    let parameters = keys
        .iter()
        .zip(values.iter().zip(&errors))
        .map(|(&(key, unit), (&value, &se))| Parameter { key, value, se, unit })
        .collect();
    let clustering = if law.path.is_empty() {
        vec![0.0; MOST_LAG]
    } else {
        autocorrelation(&absolutes(&law.path), MOST_LAG)
    };
    let no_errors = optimum.covariances.is_empty().then(|| {
        "the likelihood is flat in some direction: the data do not tell all parameters apart, or one lies at the \
         edge of its range"
            .to_owned()
    });
    Fit {
        model,
        series: returns.name.clone(),
        n_returns: returns.len(),
        days: returns.spacing.days,
        parameters,
        no_errors,
        log_likelihood: optimum.log_likelihood,
        n_free: optimum.x.len(),
        goodness: Goodness::of(transforms, clustering),
        law,
        notes,
        wild: Vec::new(),
        summed: None,
    }
}

/// Fits one model.
///
/// # Errors
///
/// Says why it cannot be fitted to these returns, in words that complete "`heston`: …".
pub fn fit(model: Model, returns: &Returns) -> Result<Fit, String> {
    match model {
        Model::Gbm => Ok(gbm::fit(returns)),
        Model::Merton => merton::fit(returns),
        Model::Garch => garch::fit(returns),
        Model::Regime => regime::fit(returns),
        Model::Heston => heston::fit(returns),
    }
}
